/** Roles of the words of a line, and what could stand at a cursor: the grammar run once more over one line. */
import type { Expected, Role, Token } from './syntax.ts';
import type { PawlDocument } from './document.ts';
import type { Cursor } from './cursor.ts';
import {
  isBlank, JUNK, LEFT_BRACE, LEFT_BRACKET, MEASURE, NUMBER, OPEN_STRING, PATH, RIGHT_BRACE, RIGHT_BRACKET, STAR, STRING, WORD,
} from './lexer.ts';
import { LineParser } from './line.ts';
import { blockOfLine, namesAround, type BlockNames } from './names.ts';
import { statesOf } from './states.ts';

/** Reads one line after another; it keeps nothing between them. */
const reader = new LineParser('roles');

/** Every word of a line with its role, from left to right, the comment last. Only blanks lie between them. */
export function tokensOfLine(document: PawlDocument, line: number): readonly Token[] {
  const text = document.lines[line]?.text ?? '';
  if (text === '') return [];
  const parsed = reader.parse(text, statesOf(document)[line] ?? 0);
  const { cursor, wrongWord } = reader;
  if (cursor.lexer.text !== text) return [{ start: 0, end: text.length, text, role: 'error' }];
  const names = namesAround(document, line);
  const tokens: Token[] = [];
  const { lexer } = cursor;
  for (let index = 0; index < lexer.count;) {
    const mark = index === wrongWord ? undefined : cursor.marks?.[index];
    const last = index + (mark?.tokens ?? 1) - 1;
    const start = lexer.start(index);
    const end = lexer.end(last);
    const role = mark === undefined ? plainRole(cursor, index, wrongWord, names) : roleAmong(mark.role, lexer.slice(index), names);
    tokens.push(token(start, end, text.slice(start, end), role, mark?.owner ?? (role === 'preset' ? names.protocol : undefined)));
    index = last + 1;
  }
  if (lexer.commentStart >= 0) tokens.push(token(lexer.commentStart, text.length, text.slice(lexer.commentStart), 'comment', undefined));
  return parsed.statement?.kind === 'expect' ? tokens.map((each) => expectationRole(each, names)) : tokens;
}

function token(start: number, end: number, text: string, role: Role, owner: string | undefined): Token {
  return owner === undefined ? { start, end, text, role } : { start, end, text, role, owner };
}

/** The role of a word that the grammar did not reach. */
function plainRole({ lexer }: Cursor, index: number, wrongWord: number, names: BlockNames): Role {
  if (index === wrongWord) return 'error';
  switch (lexer.kind(index)) {
    case WORD: return wrongWord >= 0 ? 'error' : knownRole(lexer.slice(index), names);
    case NUMBER: return 'number';
    case MEASURE: return 'duration';
    case STRING: return 'string';
    case OPEN_STRING: case JUNK: return 'error';
    case PATH: return 'key';
    case LEFT_BRACE: case RIGHT_BRACE: case LEFT_BRACKET: case RIGHT_BRACKET: return 'brace';
    case STAR: return 'wildcard';
    default: return 'operator';
  }
}

function knownRole(text: string, names: BlockNames): Role {
  return names.clients.has(text) ? 'client' : names.nodes.has(text) ? 'node' : 'value';
}

/** Messages go between nodes and clients alike: which of the two a name is, its block says. */
function roleAmong(role: Role, text: string, names: BlockNames): Role {
  if (role === 'node' && !names.nodes.has(text)) return names.clients.has(text) ? 'client' : names.labels.has(text) ? 'label' : role;
  if (role === 'client' && !names.clients.has(text) && names.nodes.has(text)) return 'node';
  return role;
}

/** `r1 = 5` is about a label, `k = 1` about a key. */
function expectationRole(each: Token, names: BlockNames): Token {
  if (each.role !== 'label' || names.labels.has(each.text) || names.nodes.has(each.text)) return each;
  return { ...each, role: 'key' };
}

/**
 * What could stand at a column, in place of the word that ends there, as far as the words before say. Empty inside
 * comments and strings, and after a wrong word.
 */
export function expectedAt(document: PawlDocument, line: number, column: number): readonly Expected[] {
  const before = (document.lines[line]?.text ?? '').slice(0, Math.max(0, column));
  const parser = new LineParser('expected');
  const { lexer } = parser.cursor;
  lexer.scan(before);
  if (lexer.commentStart >= 0) return [];
  const last = lexer.count - 1;
  if (lexer.kind(last) === OPEN_STRING) return [];
  const isTyping = last >= 0 && lexer.end(last) === before.length && (lexer.kind(last) === WORD || lexer.kind(last) === PATH) && !isBlank(before.charCodeAt(before.length - 1));
  const complete = isTyping ? before.slice(0, lexer.start(last)) : before;
  const expected = parser.expectedAfter(complete, statesOf(document)[line] ?? 0);
  const protocol = blockOfLine(document, line) === undefined ? undefined : namesAround(document, line).protocol;
  return distinct(expected).map((each) => (each.kind === 'name' && each.role === 'knob' && each.owner === undefined && protocol !== undefined ? { ...each, owner: protocol } : each));
}

function distinct(expected: readonly Expected[]): readonly Expected[] {
  const seen = new Set<string>();
  return expected.filter((each) => {
    const key = each.kind === 'word' ? `word ${each.text}` : `name ${each.role} ${each.owner ?? ''}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
