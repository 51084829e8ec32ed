/** The entries of `explore { … }`. language.md, "Exploration". */
import type { ScenarioStatement } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { COMMA, NUMBER, RANGE, STRING, WORD } from './lexer.ts';
import { FAULTS } from './grammarFaults.ts';
import { VERBS } from './grammarClients.ts';

const ENTRIES = wordsOf({
  operations: 'what clients may ask: operations c1 writes 2..3',
  faults: 'what may go wrong, and how often: faults crash 3, drop 4',
  steps: 'how many steps a schedule has at most',
  schedules: 'how many schedules are tried',
  exhaustively: 'every schedule is tried',
});

export function explorationEntry(cursor: Cursor): ScenarioStatement {
  cursor.what = 'what to explore';
  const { lexer, index } = cursor;
  const keyword = { text: cursor.text(), start: lexer.start(index), end: lexer.end(index) };
  switch (cursor.needChoice(ENTRIES)) {
    case 'operations': list(cursor, operations); break;
    case 'faults': list(cursor, faults); break;
    case 'steps': case 'schedules': cursor.number(); break;
    case 'exhaustively':
  }
  return { kind: 'explore-entry', keyword };
}

function list(cursor: Cursor, each: (cursor: Cursor) => void): void {
  do each(cursor); while (cursor.sign(COMMA, ',', 'and another'));
}

/** `c1 writes 2..3`, `c1 writes k 2`: whose, what, on which key if it matters, and how many. */
function operations(cursor: Cursor): void {
  cursor.name('client');
  cursor.needChoice(VERBS);
  if (cursor.kind() === WORD || cursor.kind() === STRING) cursor.key();
  cursor.number();
  if (cursor.sign(RANGE, '..', 'up to')) cursor.number();
}

/** `crash 3`: at most so many of them. */
function faults(cursor: Cursor): void {
  cursor.needChoice(FAULTS);
  cursor.noteName('number');
  if (cursor.kind() !== NUMBER) cursor.fail();
  cursor.number();
}
