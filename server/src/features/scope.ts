/** Where a position is: its block, its word, and the names that hold there. Everything here works on half-typed text. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, Role, Statement, Token, Word } from '../language/syntax.ts';
import type { Place } from '../model/diagnostic.ts';
import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import { tokensOfLine } from '../language/tokens.ts';

/** A cursor: line and column from 0, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface LineToken {
  readonly line: number;
  readonly token: Token;
}

/** Nodes and clients share one space of names; labels and keys have their own. */
export type Family = 'process' | 'label' | 'key';

/** A name a block declares. `place` is undefined for the nodes that `nodes 5` counts. */
export interface Declared {
  readonly name: string;
  readonly role: 'node' | 'client' | 'label';
  readonly place: Place | undefined;
  /** Of a resource, which is named like a client: whether it is fenced. */
  readonly fenced?: boolean | undefined;
}

export interface Scope {
  readonly block: BlockRange;
  readonly declared: readonly Declared[];
}

export function blockAt(document: PawlDocument, line: number): BlockRange | undefined {
  return document.blocks.find((block) => block.start <= line && line <= block.end);
}

export function resultAt(analysis: Analysis, line: number): BlockResult | undefined {
  return analysis.blocks.find((block) => block.line <= line && line <= block.endLine);
}

export function statementAt(document: PawlDocument, line: number): Statement | undefined {
  return document.lines[line]?.statement;
}

/** The word under the cursor, or the one that ends at it. */
export function tokenAt(document: PawlDocument, position: Position): Token | undefined {
  if (document.lines[position.line] === undefined) return undefined;
  const tokens = tokensOfLine(document, position.line);
  return tokens.find((token) => token.start <= position.column && position.column < token.end)
    ?? tokens.findLast((token) => token.end === position.column);
}

export function placeOf(line: number, word: { readonly start: number; readonly end: number }): Place {
  return { line, start: word.start, end: word.end };
}

export function familyOf(role: Role): Family | undefined {
  switch (role) {
    case 'node': case 'node-definition': case 'client': case 'client-definition': return 'process';
    case 'label': case 'label-definition': return 'label';
    case 'key': return 'key';
    default: return undefined;
  }
}

/** Every name that `block` declares, in document order. A history declares its clients by using them. */
export function scopeOf(document: PawlDocument, block: BlockRange): Scope {
  const declared: Declared[] = [];
  const known = new Set<string>();
  const declare: Declare = (name, role, place, fenced) => {
    const key = `${role === 'label' ? 'label' : 'process'} ${name}`;
    if (known.has(key)) return;
    known.add(key);
    declared.push({ name, role, place, fenced });
  };
  for (let line = block.start; line <= block.end; line++) {
    const statement = document.lines[line]?.statement;
    if (statement !== undefined) declareNames(document, statement, line, declare);
  }
  return { block, declared };
}

type Declare = (name: string, role: Declared['role'], place: Place | undefined, fenced?: boolean) => void;

function declareNames(document: PawlDocument, statement: Statement, line: number,
  declare: Declare): void {
  const words = (names: readonly Word[], role: Declared['role']): void => {
    names.forEach((word) => declare(word.text, role, placeOf(line, word)));
  };
  switch (statement.kind) {
    case 'nodes':
      words(statement.names, 'node');
      words(statement.spare, 'node');
      countedNames(statement.count?.value).forEach((name) => declare(name, 'node', undefined));
      return;
    case 'clients':
      words(statement.names, 'client');
      return;
    case 'resource':
      declare(statement.name.text, 'client', placeOf(line, statement.name), statement.fenced);
      return;
    case 'operation':
      if (statement.label !== undefined) words([statement.label], 'label');
      if (statement.action.kind === 'members') declare(statement.client.text, 'client', undefined);
      return;
    case 'history-operation': {
      const token = tokensOfLine(document, line).find((each) => familyOf(each.role) === 'process' && each.text === statement.client);
      declare(statement.client, 'client', token && placeOf(line, token));
      return;
    }
    default:
  }
}

/** `nodes 5` names them n1 … n5; nonsense counts (the model says so) name none. */
function countedNames(count: number | undefined): string[] {
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > 100) return [];
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}

/** Every occurrence of a name in a block (or in some lines of it), in document order. */
export function occurrences(document: PawlDocument, block: BlockRange, family: Family, name: string,
  lines: { readonly start: number; readonly end: number } = block): LineToken[] {
  const found: LineToken[] = [];
  for (let line = lines.start; line <= lines.end; line++) {
    if (document.lines[line]?.text.includes(name) !== true) continue;
    for (const token of tokensOfLine(document, line)) {
      if (token.text === name && belongs(document, block, line, token, family)) found.push({ line, token });
    }
  }
  return found;
}

/** `expect r1 = 5` may be about a label or a key: it is about the label where there is one. */
function belongs(document: PawlDocument, block: BlockRange, line: number, token: Token, family: Family): boolean {
  return effectiveFamily(document, block, line, token) === family;
}

/** The family of a word where it stands, with `expect r1 = 5` resolved. */
export function effectiveFamily(document: PawlDocument, block: BlockRange, line: number, token: Token): Family | undefined {
  const family = familyOf(token.role);
  const statement = document.lines[line]?.statement;
  const expectation = statement?.kind === 'expect' ? statement.expectation : undefined;
  if (expectation?.kind !== 'value' || expectation.subject.start !== token.start) return family;
  return hasLabel(document, block, token.text) ? 'label' : 'key';
}

export function hasLabel(document: PawlDocument, block: BlockRange, name: string): boolean {
  for (let line = block.start; line <= block.end; line++) {
    const statement = document.lines[line]?.statement;
    if (statement?.kind === 'operation' && statement.label?.text === name) return true;
  }
  return false;
}

/** The keys a block mentions, in order of first mention. */
export function keysOf(document: PawlDocument, block: BlockRange): string[] {
  const keys = new Set<string>();
  for (let line = block.start; line <= Math.min(block.end, block.start + KEY_LINES); line++) {
    if (document.lines[line]?.statement === undefined) continue;
    for (const token of tokensOfLine(document, line)) if (token.role === 'key') keys.add(token.text);
  }
  return [...keys];
}

/** Completion of keys looks at the first lines only: a long trace names its keys early. */
const KEY_LINES = 2000;
