/** The first line of a block: `scenario "name" {`. It opens its block even where something about it is wrong. */
import type { BlockKind, BlockMark, SyntaxProblem } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { END, LEFT_BRACE, OPEN_STRING, STRING, WORD } from './lexer.ts';
import { nearestWord } from './nearest.ts';
import { problemAt } from './problems.ts';

export const BLOCKS = wordsOf<BlockKind>({
  scenario: 'an experiment: nodes, a protocol, what clients ask, what goes wrong',
  trace: 'an execution that has happened: messages and events with their times',
  history: 'what the clients saw: operations with their times and outcomes',
});

/** Whether a block begins here. Inside another block only what cannot be a statement counts: a name in quotes, or a brace. */
export function headerAhead(cursor: Cursor, outside: boolean): boolean {
  if (cursor.kind() !== WORD) return false;
  const isKind = BLOCKS.has(cursor.text() as BlockKind);
  if (isKind && outside) return true;
  if (!isKind && !(outside && looksLikeHeader(cursor))) return false;
  return isKind ? looksLikeHeader(cursor) : nearestWord(cursor.text(), BLOCKS.keys()) !== undefined;
}

function looksLikeHeader(cursor: Cursor): boolean {
  const next = cursor.kind(1);
  if (next === STRING || next === OPEN_STRING) return true;
  if (next === LEFT_BRACE) return cursor.kind(2) === END;
  return next === WORD && cursor.kind(2) === LEFT_BRACE && cursor.kind(3) === END;
}

export interface Header {
  readonly open: Extract<BlockMark, { kind: 'open' }>;
  /** Whether its brace is there. */
  readonly braced: boolean;
  readonly problem: SyntaxProblem | undefined;
}

/** Takes everything up to and with the opening brace, or the whole line where there is none. */
export function readHeader(cursor: Cursor): Header {
  const { lexer } = cursor;
  const start = lexer.start(cursor.index);
  const end = lexer.end(cursor.index);
  const written = cursor.text();
  const block = BLOCKS.has(written as BlockKind) ? written as BlockKind : nearestWord(written, BLOCKS.keys()) as BlockKind;
  let problem: SyntaxProblem | undefined;
  if (written !== block) problem = { start, end, message: `expected scenario, trace or history, found '${written}'. Did you mean '${block}'?`, suggestion: block };
  cursor.take(written === block ? 'keyword' : 'error');
  const named = nameOf(cursor);
  problem ??= named.problem;
  const braced = brace(cursor, named.problem === undefined);
  problem ??= braced.problem;
  return { open: { kind: 'open', block, name: named.name, start, end }, braced: braced.found || named.braced, problem };
}

interface Named {
  readonly name: string;
  /** A brace was swallowed by a string that is not closed. */
  readonly braced: boolean;
  readonly problem: SyntaxProblem | undefined;
}

function nameOf(cursor: Cursor): Named {
  cursor.noteName('string');
  const kind = cursor.kind();
  const text = cursor.text();
  if (kind === STRING) {
    cursor.take('string');
    return { name: text.slice(1, -1), braced: false, problem: undefined };
  }
  const problem = problemFor(cursor, 'a name in quotes');
  if (kind === OPEN_STRING) {
    cursor.take('error');
    const inner = text.slice(1).trimEnd();
    const braced = inner.endsWith('{');
    return { name: (braced ? inner.slice(0, -1) : inner).trim(), braced, problem };
  }
  if (kind !== WORD) return { name: '', braced: false, problem };
  cursor.take('error');
  return { name: text, braced: false, problem };
}

function brace(cursor: Cursor, isNamed: boolean): { found: boolean; problem: SyntaxProblem | undefined } {
  if (isNamed) cursor.noteWord('{', 'brace', 'the statements of the block');
  if (cursor.kind() === LEFT_BRACE) {
    cursor.takeBlockBrace();
    return { found: true, problem: undefined };
  }
  const problem = problemFor(cursor, "'{'");
  while (!cursor.atEnd && cursor.kind() !== LEFT_BRACE) cursor.take('error');
  if (cursor.atEnd) return { found: false, problem };
  cursor.takeBlockBrace();
  return { found: true, problem };
}

function problemFor(cursor: Cursor, what: string): SyntaxProblem {
  return problemAt(cursor, [], what);
}
