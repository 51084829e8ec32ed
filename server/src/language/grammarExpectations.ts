/** What an author expects of a run. language.md, "Expectations". */
import type { Expectation, OperationOutcome, Quantity, Word } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { EQUALS, MEASURE, NUMBER, PATH, STRING, WORD } from './lexer.ts';
import { nearestWord } from './nearest.ts';

const OUTCOMES = wordsOf<OperationOutcome>({
  acked: 'the client heard that it was done',
  failed: 'the client heard that it was not done',
  unanswered: 'the client heard nothing, or never for certain',
});
const PREDICATES = ['leads', ...OUTCOMES.keys()];

/** After the word `expect`. */
export function expectationAfter(cursor: Cursor): Expectation {
  cursor.what = 'an expectation';
  for (const role of ['violation', 'node', 'label', 'key'] as const) cursor.noteName(role);
  if (cursor.kind(1) === EQUALS || (cursor.kind(2) === EQUALS && isKey(cursor.kind(1)))) return value(cursor);
  if (cursor.kind() === PATH) { cursor.take('key'); cursor.needSign(EQUALS, '=', 'the data that it has at the end'); }
  if (cursor.is('leads', 1)) return leads(cursor);
  if (isOutcomeAhead(cursor)) return outcome(cursor);
  if (cursor.keyword('no', 'what must not happen')) return negated(cursor);
  if (membersAhead(cursor)) return members(cursor);
  if (cursor.keyword('progress', 'operations that can complete do')) return { kind: 'progress', by: by(cursor) };
  if (cursor.kind() !== WORD) cursor.fail();
  checkPredicate(cursor);
  return violation(cursor, false);
}

function membersAhead(cursor: Cursor): boolean {
  cursor.noteWord('members', 'keyword', 'who is a member then, or at the end');
  return cursor.is('members');
}

/** `members A B D [by T]` */
function members(cursor: Cursor): Expectation {
  cursor.take('keyword');
  return { kind: 'members', nodes: names(cursor), by: by(cursor) };
}

function isOutcomeAhead(cursor: Cursor): boolean {
  return cursor.kind() === WORD && cursor.kind(1) === WORD && OUTCOMES.has(cursor.text(1) as OperationOutcome)
    && !cursor.is('no') && !cursor.text().includes('-');
}

/** `expect B lead`: the second word is nearly one that says what B does. */
function checkPredicate(cursor: Cursor): void {
  if (cursor.kind(1) !== WORD || cursor.text().includes('-')) return;
  const meant = nearestWord(cursor.text(1), PREDICATES);
  if (meant === undefined) return;
  const found = cursor.text(1);
  cursor.take('node');
  cursor.failWith(`expected leads, acked, failed or unanswered, found '${found}'. Did you mean '${meant}'?`, meant);
}

const isKey = (kind: number): boolean => kind === WORD || kind === STRING;

function value(cursor: Cursor): Expectation {
  const subject = cursor.takeWord(cursor.kind() === PATH ? 'key' : 'label');
  const key = cursor.kind() === EQUALS ? undefined : cursor.key();
  cursor.take('operator');
  const expected = cursor.value();
  return { kind: 'value', subject, key, value: expected, on: cursor.keyword('on', 'the nodes that have it at the end') ? names(cursor) : [] };
}

function names(cursor: Cursor): readonly Word[] {
  const found = [cursor.name('node')];
  for (;;) {
    cursor.noteName('node');
    if (cursor.kind() !== WORD || isTimeLimit(cursor)) return found;
    found.push(cursor.takeWord('node'));
  }
}

function leads(cursor: Cursor): Expectation {
  const node = cursor.name('node');
  cursor.take('keyword');
  const epoch = cursor.keyword('epoch', 'in this epoch') ? cursor.number() : undefined;
  return { kind: 'leads', node, epoch, by: by(cursor) };
}

function outcome(cursor: Cursor): Expectation {
  const op = cursor.takeWord('label');
  return { kind: 'outcome', op, outcome: cursor.needChoice(OUTCOMES, 'outcome'), by: by(cursor) };
}

function negated(cursor: Cursor): Expectation {
  if (cursor.keyword('violations', 'nothing of severity error')) return { kind: 'no-violations' };
  if (cursor.keyword('leader', 'no node leads')) return { kind: 'no-leader', by: by(cursor) };
  return violation(cursor, true);
}

/** `VIOLATION [[on] NODE… | OP] [by T]` */
function violation(cursor: Cursor, isNegated: boolean): Expectation {
  const code = cursor.name('violation');
  if (!isNegated && cursor.expected !== undefined) notePredicates(cursor);
  const on = subjects(cursor);
  return { kind: 'violation', negated: isNegated, code, on, by: by(cursor) };
}

/** After one name it may still become another kind of expectation. */
function notePredicates(cursor: Cursor): void {
  cursor.noteWord('leads', 'keyword', 'the node leads');
  for (const [word, about] of OUTCOMES) cursor.noteWord(word, 'outcome', about);
  cursor.noteWord('=', 'operator', 'the value an operation got, or a key has at the end');
}

function subjects(cursor: Cursor): readonly Word[] {
  cursor.noteName('label');
  if (!(cursor.is('on') && cursor.kind(1) !== WORD && cursor.kind(1) !== 0) && cursor.keyword('on', 'the nodes or the operation it is about')) return names(cursor);
  cursor.noteName('node');
  return cursor.kind() === WORD && !isTimeLimit(cursor) ? names(cursor) : [];
}

function isTimeLimit(cursor: Cursor): boolean {
  const next = cursor.kind(1);
  return cursor.is('by') && (next === MEASURE || next === NUMBER || next === 0);
}

function by(cursor: Cursor): Quantity | undefined {
  return cursor.keyword('by', 'no later than this') ? cursor.quantity('time') : undefined;
}
