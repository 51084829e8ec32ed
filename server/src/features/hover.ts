/** What a person wants to know about the word under the cursor: what it means, and what the run made of it. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, Role, Statement, Token } from '../language/syntax.ts';
import type { Place } from '../model/diagnostic.ts';
import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import { expectedAt } from '../language/tokens.ts';
import { catalogueHover, violationHover } from './hoverCatalogue.ts';
import { patternHover, traceEventHover, traceMessageHover } from './hoverMessages.ts';
import { clientHover, epochHover, labelHover, nodeHover } from './hoverNames.ts';
import { blockHover, expectationHover, faultHover, historyHover, operationHover } from './hoverStatements.ts';
import { code, paragraphs, withExample } from './markdown.ts';
import type { Page } from './links.ts';
import { blockAt, effectiveFamily, placeOf, resultAt, scopeOf, statementAt, tokenAt } from './scope.ts';
import type { Position } from './scope.ts';

/** Markdown, the words it is about, and the page of docs/ that says more. */
export interface Hover {
  readonly markdown: string;
  readonly place: Place;
  readonly page?: Page | undefined;
}

/** Where the cursor is. `result` is undefined while a block has not been analysed yet. */
export interface HoverTarget {
  readonly document: PawlDocument;
  readonly block: BlockRange;
  readonly result: BlockResult | undefined;
  readonly statement: Statement | undefined;
  readonly line: number;
  readonly token: Token;
}

export interface HoverText {
  readonly markdown: string;
  readonly page?: Page | undefined;
}

export function hover(analysis: Analysis, position: Position): Hover | undefined {
  const { document } = analysis;
  const token = tokenAt(document, position), block = blockAt(document, position.line);
  if (token === undefined || block === undefined || token.role === 'comment') return undefined;
  const target: HoverTarget = {
    document, block, token, line: position.line,
    result: resultAt(analysis, position.line), statement: statementAt(document, position.line),
  };
  const text = textFor(target);
  if (text === undefined || text.markdown === '') return undefined;
  const note = target.result?.beforeEdit === true && !CATALOGUED.has(token.role) ? BEFORE : undefined;
  return { ...text, markdown: paragraphs(text.markdown, note), place: placeOf(position.line, token) };
}

const BEFORE = '_As it ran before this edit: the block cannot run as it stands._';
/** What is said of these does not come from a run. */
const CATALOGUED: ReadonlySet<Role> = new Set(['protocol', 'preset', 'knob', 'knob-value']);

function textFor(target: HoverTarget): HoverText | undefined {
  switch (target.token.role) {
    case 'protocol': case 'preset': case 'knob': case 'knob-value': return catalogueHover(target);
    case 'violation': return violationHover(target);
    case 'node': case 'node-definition': case 'client': case 'client-definition': return processHover(target);
    case 'label': case 'label-definition': return labelHover(target);
    case 'message': return target.statement?.kind === 'message' ? traceMessageHover(target) : patternHover(target);
    case 'epoch': return withEpoch(target);
    default: return statementHover(target);
  }
}

/** Whether a name is a node's or a client's is what its declaration says: a partition may name either. */
function processHover(target: HoverTarget): HoverText | undefined {
  const declared = scopeOf(target.document, target.block).declared.find((each) => each.name === target.token.text && each.role !== 'label');
  const role = declared?.role ?? (target.token.role.startsWith('node') ? 'node' : 'client');
  return role === 'node' ? nodeHover(target) : clientHover(target);
}

function withEpoch(target: HoverTarget): HoverText | undefined {
  const about = epochHover(target);
  const statement = statementHover(target);
  return { markdown: paragraphs(statement?.markdown, about?.markdown) };
}

function statementHover(target: HoverTarget): HoverText | undefined {
  const { statement, token, document, block, line } = target;
  if (effectiveFamily(document, block, line, token) === 'label') return labelHover(target);
  switch (statement?.kind) {
    case 'operation': return withKeyword(target, operationHover(target));
    case 'fault': case 'stable': return withKeyword(target, faultHover(target));
    case 'expect': return withKeyword(target, expectationHover(target));
    case 'message': return traceMessageHover(target);
    case 'event': return withKeyword(target, traceEventHover(target));
    case 'history-operation': return withKeyword(target, historyHover(target));
    default: return line === block.start ? withKeyword(target, blockHover(target)) : withKeyword(target, undefined);
  }
}

function withKeyword(target: HoverTarget, text: HoverText | undefined): HoverText | undefined {
  const about = keywordAbout(target);
  if (about === undefined) return text;
  const word = target.token.text;
  return { ...text, markdown: paragraphs(text?.markdown, `${code(word)} – ${withExample(about, word)}`) };
}

/** What the language says about a fixed word, from the same table that completion shows. */
function keywordAbout({ document, line, token }: HoverTarget): string | undefined {
  if (token.role !== 'keyword' && token.role !== 'outcome') return undefined;
  const expected = expectedAt(document, line, token.start).find((each) => each.kind === 'word' && each.text === token.text);
  return expected?.kind === 'word' && expected.about !== '' ? expected.about : undefined;
}
