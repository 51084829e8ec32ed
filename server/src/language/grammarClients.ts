/** What clients ask. language.md, "Clients". */
import type { Action, NumberWord, Quantity, ScenarioStatement, When, Word } from './syntax.ts';
import type { Cursor, Words } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { ARROW, COLON, END, EQUALS, LEFT_BRACE, NUMBER, PATH, RIGHT_BRACE, SEMICOLON, STRING, WORD } from './lexer.ts';
import { isMultiVerb, isSessionVerb, MULTI_VERBS, multiStep, sessionAction, SESSION_VERBS } from './grammarSessions.ts';

const SIMPLE_VERBS = {
  writes: 'sets a key to a value: writes k = 1',
  reads: 'asks for the value of a key: reads k',
  adds: 'adds a number to a key: adds 5 to k',
  cas: 'sets a key if it has a value: cas k 1 -> 2',
  deletes: 'removes a key: deletes k',
  appends: 'appends a value to a key: appends 1 to k',
};
const STEP_VERBS = wordsOf(SIMPLE_VERBS);
const MULTI_STEP_VERBS = wordsOf(MULTI_VERBS);
const FIRST_STEP_VERBS = wordsOf({ ...SIMPLE_VERBS, ...MULTI_VERBS });
export const VERBS = wordsOf({
  ...SIMPLE_VERBS,
  moves: 'takes from one key and gives to another: moves 5 from x to y',
  does: 'several at once, keys or znodes: does { reads x; writes y = 2 }, or does { creates /a = 1; removes /b }',
  ...SESSION_VERBS,
});
type Verb = typeof VERBS extends ReadonlyMap<infer K, string> ? K : never;

/** What an administrator asks: who the members are. */
export const MEMBERSHIP = wordsOf({
  add: 'nodes become members: add D',
  remove: 'nodes are members no longer: remove C',
  replace: 'one node takes the place of another: replace C by D',
  change: 'these are the members from then on: change members to A B D',
});
type Change = typeof MEMBERSHIP extends ReadonlyMap<infer K, string> ? K : never;
/** The client that asks for changes of membership; it needs no declaration. */
export const ADMINISTRATOR = 'admin';

/** `add D`, and not a client of that name: `add writes k = 1`. */
export function membershipAhead(cursor: Cursor): boolean {
  return cursor.kind() === WORD && MEMBERSHIP.has(cursor.text() as Change) && !(cursor.kind(1) === WORD && VERBS.has(cursor.text(1) as Verb));
}

/** That one of its words may stand here. */
export function noteMembership(cursor: Cursor): void {
  if (cursor.expected !== undefined) for (const [word, about] of MEMBERSHIP) cursor.noteWord(word, 'keyword', about);
}

/** Whether an operation comes next, with a label or without. */
export function operationAhead(cursor: Cursor, isFaultWord: boolean): boolean {
  if (cursor.kind() !== WORD) return false;
  if (cursor.kind(1) === COLON) return true;
  if (cursor.kind(1) !== WORD || !VERBS.has(cursor.text(1) as Verb)) return false;
  if (!isFaultWord) return true;
  const next = cursor.kind(2);
  return next === WORD || next === NUMBER || next === STRING || next === LEFT_BRACE || next === PATH;
}

export function operation(cursor: Cursor, when: When): ScenarioStatement {
  cursor.noteName('client');
  cursor.noteName('label-definition');
  const label = cursor.kind(1) === COLON ? cursor.takeWord('label-definition') : undefined;
  if (label !== undefined) cursor.take('operator');
  if (label !== undefined) noteMembership(cursor);
  if (membershipAhead(cursor)) return membership(cursor, when, label);
  const client = cursor.name('client');
  cursor.what = `what ${client.text} does`;
  if (label === undefined && cursor.kind() === END) {
    cursor.noteWord('lies', 'keyword', 'a node says something else: A lies to B: propose k = 9');
    cursor.noteWord('forges', 'keyword', 'a node speaks in another\'s name: A forges C to B: accept');
  }
  const verb = cursor.needChoice(VERBS);
  const asked = action(cursor, verb);
  return { kind: 'operation', when, label, client, action: asked, ...options(cursor) };
}

/** A change of membership; the administrator asks. */
function membership(cursor: Cursor, when: When, label: Word | undefined): ScenarioStatement {
  const at = cursor.lexer.start(cursor.index);
  const client = { text: ADMINISTRATOR, start: at, end: at };
  const change = cursor.needChoice(MEMBERSHIP);
  if (change === 'change') {
    cursor.needKeyword('members', 'of all nodes, those that count');
    cursor.needKeyword('to', 'the members from then on');
  }
  const nodes = change === 'replace' ? [cursor.name('node')] : members(cursor);
  if (change === 'replace') cursor.needKeyword('by', 'the node that takes its place');
  const by = change === 'replace' ? cursor.name('node') : undefined;
  return { kind: 'operation', when, label, client, action: { kind: 'members', change, nodes, by }, ...options(cursor, true) };
}

/** One node or more, up to what else may be said. */
function members(cursor: Cursor): readonly Word[] {
  const found = [cursor.name('node')];
  for (;;) {
    cursor.noteName('node');
    if (cursor.kind() !== WORD || ((cursor.is('via') || cursor.is('within')) && cursor.kind(1) !== END)) return found;
    found.push(cursor.takeWord('node'));
  }
}

/** What follows a verb. */
function action(cursor: Cursor, verb: Verb): Action {
  if (isSessionVerb(verb)) return sessionAction(cursor, verb);
  switch (verb) {
    case 'writes': return { kind: 'write', ...assignment(cursor) };
    case 'reads': return { kind: 'read', key: cursor.key() };
    case 'adds': return { kind: 'add', amount: cursor.number(), key: keyAfter(cursor, 'to', 'the key it is added to') };
    case 'cas': return { kind: 'cas', ...exchange(cursor) };
    case 'deletes': return { kind: 'delete', key: cursor.key() };
    case 'appends': return { kind: 'append', value: cursor.value(), key: keyAfter(cursor, 'to', 'the key it is appended to') };
    case 'moves': return move(cursor);
    case 'does': return steps(cursor);
  }
}

export function assignment(cursor: Cursor): { key: Word; value: Word } {
  const key = cursor.key();
  cursor.needSign(EQUALS, '=', 'the value it gets');
  return { key, value: cursor.value() };
}

export function exchange(cursor: Cursor): { key: Word; from: Word; to: Word } {
  const key = cursor.key();
  const from = cursor.value();
  cursor.needSign(ARROW, '->', 'the value it gets');
  return { key, from, to: cursor.value() };
}

export function keyAfter(cursor: Cursor, word: string, about: string): Word {
  cursor.needKeyword(word, about);
  return cursor.key();
}

function move(cursor: Cursor): Action {
  const amount: NumberWord = cursor.number();
  const from = keyAfter(cursor, 'from', 'the key it is taken from');
  return { kind: 'move', amount, from, to: keyAfter(cursor, 'to', 'the key it is given to') };
}

/** The brace before what a transaction does. */
export function beginSteps(cursor: Cursor): void {
  cursor.noteWord('{', 'brace', 'what it does, separated by ;');
  if (cursor.kind() !== LEFT_BRACE) cursor.fail();
  cursor.takeBlockBrace();
}

/** `{ reads x; writes y = 2 }`, `{ creates /a = 1; removes /b }`: of keys, or of znodes. */
function steps(cursor: Cursor): Action {
  beginSteps(cursor);
  const first = stepVerb(cursor, FIRST_STEP_VERBS);
  if (!isMultiVerb(first)) return { kind: 'does', actions: stepsAfter(cursor, action(cursor, first), () => action(cursor, stepVerb(cursor, STEP_VERBS))) };
  return { kind: 'session', call: { kind: 'multi', steps: stepsAfter(cursor, multiStep(cursor, first), () => multiStep(cursor, stepVerb(cursor, MULTI_STEP_VERBS))) } };
}

function stepVerb<K extends string>(cursor: Cursor, verbs: Words<K>): K {
  cursor.what = 'what it does';
  const found = cursor.choice(verbs), said = cursor.text();
  if (found !== undefined) return found;
  if (FIRST_STEP_VERBS.has(said as 'writes')) cursor.failWith(`'${said}' does not go with the step before it: a transaction is of keys or of znodes; ask for two`);
  if (isSessionVerb(said)) cursor.failWith(`'${said}' cannot stand in a transaction, which creates, sets, removes and checks znodes; ask for it by itself, before or after`);
  return cursor.fail();
}

function stepsAfter<T>(cursor: Cursor, first: T, next: () => T): readonly T[] {
  const found = [first];
  while (cursor.sign(SEMICOLON, ';', 'and another step') && cursor.kind() !== RIGHT_BRACE) found.push(next());
  cursor.needSign(RIGHT_BRACE, '}', 'no more steps', 'brace');
  return found;
}

/** `to A`, `from A` (an administrator: `via A`), `within 300ms [retrying]`, in any order, each at most once. */
function options(cursor: Cursor, administrator = false): { target: Word | undefined; within: Quantity | undefined; retrying: boolean } {
  let target: Word | undefined;
  let within: Quantity | undefined;
  let retrying = false;
  for (;;) {
    const about = 'the node it asks, and stays with';
    if (target === undefined && (administrator ? cursor.keyword('via', about) : cursor.keyword('to', about) || cursor.keyword('from', about))) {
      target = cursor.name('node');
    } else if (within === undefined && cursor.keyword('within', 'when it gives up')) {
      within = cursor.quantity('duration');
      retrying = cursor.keyword('retrying', 'asks again after each such time, and never gives up');
    } else {
      return { target, within, retrying };
    }
  }
}
