/** The statements of a history. language.md, "History". */
import type { HistoryConsistency, HistoryModel, HistoryPart, HistoryStatement } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { END, LEFT_BRACE, LEFT_BRACKET, MEASURE, NUMBER, RANGE, RIGHT_BRACE, RIGHT_BRACKET, SEMICOLON, STRING, WORD } from './lexer.ts';
import { SCENARIO_ONLY, scenarioOnly } from './grammarScenario.ts';
import { assignment, beginSteps, exchange, keyAfter } from './grammarClients.ts';
import { nearestWord } from './nearest.ts';

const MODELS = wordsOf<HistoryModel>({
  register: 'one value a key, with compare-and-set (the default)',
  list: 'values in the order they were appended',
  set: 'values that are in it, or not',
  queue: 'first in, first out',
  mutex: 'held by one at a time',
  counter: 'a number that is added to',
  stack: 'last in, first out',
  text: 'a string that appends make longer, with nothing between them',
});

const CONSISTENCIES = wordsOf<HistoryConsistency>({
  linearizable: 'one order that keeps real time; of transactions, strictly serializable (the default)',
  sequential: 'one order over all keys that keeps each client\'s own order, and no real time',
  serializable: 'any order of whole operations, one after another',
});

const VERBS = wordsOf({
  writes: 'writes k = 1',
  reads: 'reads k, and the value it got after it',
  adds: 'adds 5 to k',
  cas: 'cas k 1 -> 2',
  deletes: 'deletes k',
  appends: 'appends 1 to k',
  removes: 'of a set: removes 1 from s',
  contains: 'of a set: contains 1 in s',
  enqueues: 'of a queue: enqueues 1 to q',
  dequeues: 'of a queue: dequeues q, and the value it got after it',
  acquires: 'of a mutex: acquires m',
  releases: 'of a mutex: releases m',
  locks: 'of a mutex, as acquires',
  unlocks: 'of a mutex, as releases',
  pushes: 'of a stack (or a queue): pushes 1 to s',
  pops: 'of a stack (or a queue): pops s, and the value it got after it',
  moves: 'from one key to another: moves 5 from x to y',
  does: 'several at once: does { reads x 1; writes y = 2 }, and how all of it ended',
});
/** What a transaction may do. */
const STEPS = wordsOf({
  writes: 'writes k = 1',
  reads: 'reads k, and the value it got after it',
  adds: 'adds 5 to k',
  cas: 'cas k 1 -> 2',
  deletes: 'deletes k',
  appends: 'appends 1 to k',
});
type Verb = typeof VERBS extends ReadonlyMap<infer K, string> ? K : never;

interface Asked {
  readonly key: string;
  readonly argument: string;
  readonly argument2: string;
}

export function historyStatement(cursor: Cursor): HistoryStatement {
  cursor.what = 'an operation';
  if (cursor.kind(1) !== NUMBER && cursor.kind(1) !== RANGE && cursor.keyword('model', 'what the keys are: model list')) return model(cursor);
  if (cursor.kind(1) !== NUMBER && cursor.kind(1) !== RANGE && cursor.keyword('consistency', 'what it must be: consistency serializable')) {
    return { kind: 'consistency', consistency: cursor.needChoice(CONSISTENCIES) };
  }
  if (SCENARIO_ONLY.has(cursor.text()) && cursor.kind(1) !== NUMBER) scenarioOnly(cursor, 'a history has operations (B 4..11 writes k = 1 ok)');
  if (cursor.kind() === WORD && cursor.kind(1) === WORD && nearestWord(cursor.text(), ['model', 'consistency']) !== undefined) cursor.fail();
  const client = cursor.internedName('client');
  const start = time(cursor);
  cursor.needSign(RANGE, '..', 'until; nothing after it where no answer came');
  if (cursor.kind() === END) cursor.noteName('number');
  const end = cursor.kind() === NUMBER || cursor.kind() === MEASURE || isNoVerb(cursor) ? time(cursor) : undefined;
  if (cursor.expected !== undefined) cursor.what = `what ${client} did`;
  const verb = cursor.needChoice(VERBS);
  const parts = verb === 'moves' ? move(cursor) : verb === 'does' ? steps(cursor) : undefined;
  const { key, argument, argument2 } = verb === 'moves' || verb === 'does' ? parts![0]! : asked(cursor, verb);
  const { outcome, result } = outcomeOf(cursor, end !== undefined, verb);
  return { kind: 'history-operation', client, start, end, action: verb, key, argument, argument2, outcome, result, parts };
}

/** `moves 5 from x to y`: its two adds. */
function move(cursor: Cursor): readonly HistoryPart[] {
  const { value } = cursor.number();
  const part = (amount: number, word: string, about: string): HistoryPart => (
    { action: 'adds', key: keyAfter(cursor, word, about).text, argument: String(amount), argument2: '', result: '' });
  return [part(-value, 'from', 'the key it is taken from'), part(value, 'to', 'the key it is given to')];
}

/** `{ reads x 1; writes y = 2 }`, `{ reads x [1 2]; appends 3 to y }` */
function steps(cursor: Cursor): readonly HistoryPart[] {
  const parts: HistoryPart[] = [];
  beginSteps(cursor);
  do {
    if (parts.length > 0 && cursor.kind() === RIGHT_BRACE) break;
    cursor.what = 'what it did';
    const action = cursor.needChoice(STEPS);
    const about = asked(cursor, action);
    parts.push({ action, ...about, result: action === 'reads' ? found(cursor) : '' });
  } while (cursor.sign(SEMICOLON, ';', 'and another step'));
  cursor.needSign(RIGHT_BRACE, '}', 'no more steps', 'brace');
  return parts;
}

/** What a read found, where it says so. */
function found(cursor: Cursor): string {
  cursor.noteName('value');
  const kind = cursor.kind();
  if (kind === LEFT_BRACKET) return list(cursor, RIGHT_BRACKET, '[', ']');
  return kind === WORD || kind === NUMBER || kind === STRING ? cursor.value().text : '';
}

/** `6..x writes k = 1`: a word stands where the end should, and the verb after it. */
function isNoVerb(cursor: Cursor): boolean {
  return cursor.kind() === WORD && !VERBS.has(cursor.text() as Verb) && cursor.kind(1) === WORD && VERBS.has(cursor.text(1) as Verb);
}

/** `model list`, `model list k`, `model list of k` */
function model(cursor: Cursor): HistoryStatement {
  const chosen = cursor.needChoice(MODELS);
  if (cursor.is('of') && cursor.kind(1) !== END) cursor.take('keyword');
  cursor.noteName('key');
  const key = cursor.kind() === WORD || cursor.kind() === STRING ? cursor.key().text : undefined;
  return { kind: 'model', model: chosen, key };
}

/** A bare number. */
function time(cursor: Cursor): number {
  if (cursor.kind() === MEASURE) cursor.failWith(`times in a history are bare numbers, without a unit; found '${cursor.text()}'`);
  cursor.noteName('number');
  if (cursor.kind() !== NUMBER) cursor.fail();
  const value = Number(cursor.text());
  cursor.take('time');
  return value;
}

function asked(cursor: Cursor, verb: Exclude<Verb, 'moves' | 'does'>): Asked {
  switch (verb) {
    case 'writes': {
      const { key, value } = assignment(cursor);
      return { key: key.text, argument: value.text, argument2: '' };
    }
    case 'cas': {
      const { key, from, to } = exchange(cursor);
      return { key: key.text, argument: from.text, argument2: to.text };
    }
    case 'adds': case 'appends': case 'enqueues': case 'pushes': return valueAndKey(cursor, 'to', 'where it goes');
    case 'removes': return valueAndKey(cursor, 'from', 'where it is taken from');
    case 'contains': return valueAndKey(cursor, 'in', 'where it is looked for');
    case 'dequeues': case 'pops':
      if (cursor.is('from') && cursor.kind(1) === WORD) cursor.take('keyword');
      return { key: cursor.key().text, argument: '', argument2: '' };
    default: return { key: cursor.key().text, argument: '', argument2: '' };
  }
}

function valueAndKey(cursor: Cursor, word: string, about: string): Asked {
  const argument = cursor.value().text;
  return { key: keyAfter(cursor, word, about).text, argument, argument2: '' };
}

type Outcome = { readonly outcome: 'ok' | 'failed' | 'unknown'; readonly result: string };

const FIXED_OUTCOMES = wordsOf({
  ok: 'it was done',
  failed: 'it certainly did not happen',
  unknown: 'it may have happened, or not',
});

/** Actions that return a value; the others are done, failed, or unknown. */
const RETURNS_VALUE: ReadonlySet<Verb> = new Set<Verb>(['reads', 'contains', 'dequeues', 'pops']);

/** Other words for an outcome, from the right one, as people write them. */
const MEANT: ReadonlyMap<string, 'ok' | 'failed' | 'unknown'> = new Map([
  ['okay', 'ok'], ['true', 'ok'], ['done', 'ok'], ['yes', 'ok'], ['success', 'ok'], ['succeeded', 'ok'], ['acked', 'ok'],
  ['failed', 'failed'], ['fail', 'failed'], ['false', 'failed'], ['error', 'failed'], ['refused', 'failed'], ['rejected', 'failed'],
  ['unknown', 'unknown'], ['timeout', 'unknown'], ['pending', 'unknown'], ['maybe', 'unknown'], ['unanswered', 'unknown'],
]);

/** Leaves an action that returns no value and has one. */
function wrongOutcome(cursor: Cursor, verb: Verb): never {
  const text = cursor.text();
  const near = /^(o|k|oks|ko|okk)$/i.test(text) ? 'ok' : MEANT.get(nearestWord(text, MEANT.keys()) ?? '');
  const hint = near === undefined ? '' : `. Did you mean '${near}'?`;
  return cursor.failWith(`expected an outcome (ok, failed or unknown), found '${text}'; '${verb}' returns no value${hint}`, near);
}

/** `ok`, `failed`, `unknown`, or the value that came back; nothing only where the end is open. */
function outcomeOf(cursor: Cursor, ended: boolean, verb: Verb): Outcome {
  cursor.mayEnd = !ended;
  if (ended) cursor.what = 'an outcome';
  const outcome = cursor.choice(FIXED_OUTCOMES, 'outcome');
  if (outcome !== undefined) return { outcome, result: outcome === 'ok' ? 'ok' : '' };
  const valued = RETURNS_VALUE.has(verb);
  if (valued) cursor.noteName('value');
  const kind = cursor.kind();
  if ((kind === END || kind === RIGHT_BRACE) && !ended) return { outcome: 'unknown', result: '' };
  if (!valued && (kind === WORD || kind === NUMBER || kind === STRING)) wrongOutcome(cursor, verb);
  if (!valued) cursor.fail();
  if (kind === LEFT_BRACKET) return { outcome: 'ok', result: list(cursor, RIGHT_BRACKET, '[', ']') };
  if (kind === LEFT_BRACE) return { outcome: 'ok', result: list(cursor, RIGHT_BRACE, '{', '}') };
  return { outcome: 'ok', result: cursor.interned(cursor.value().text) };
}

/** `[1 2 3]`: what a list or set held. */
function list(cursor: Cursor, closing: number, open: string, close: string): string {
  cursor.take('brace');
  const values: string[] = [];
  while (!cursor.sign(closing, close, 'the end of the values', 'brace')) values.push(cursor.value().text);
  return `${open}${values.join(' ')}${close}`;
}
