/** The statements of a scenario. language.md, "Header" and "When". */
import type { NumberWord, Quantity, ScenarioStatement, When, Word } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { ARROW, COLON, COMMA, END, EQUALS, LEFT_BRACE, MEASURE, NUMBER, PERCENT, RANGE, RIGHT_BRACE, SEMICOLON, WORD } from './lexer.ts';
import { expectationAfter } from './grammarExpectations.ts';
import { FAULTS, faultAfter, lies, liesAhead, type FaultWord } from './grammarFaults.ts';
import { MEMBERSHIP, membershipAhead, noteMembership, operation, operationAhead, VERBS } from './grammarClients.ts';
import { delayed, link, whenAfter, WHEN_WORDS } from './grammarEvents.ts';
import { nearestWord } from './nearest.ts';

const HEADERS = wordsOf({
  protocol: 'what the nodes speak: protocol primary-backup like timers',
  nodes: 'the nodes, in rank order: nodes A B C, or nodes A B C, spare D E',
  clients: 'who asks: clients c1 c2',
  resource: 'what clients use that stands outside: resource R, or resource R fenced',
  network: 'how messages travel: network delay 2ms..5ms',
  shards: 'keys apart, each part with a leader of its own: shards {x a} on A, {y} on B',
  timeouts: 'when failure timers fire: timeouts B=200ms C=300ms',
  seed: 'the number that decides chance',
  run: 'how long: run to 2s',
  stable: 'from when on nothing more goes wrong: stable from 2s',
  expect: 'what should happen: expect no violations',
  explore: 'leave the schedule open',
});
export type HeaderWord = typeof HEADERS extends ReadonlyMap<infer K, string> ? K : never;

/** Words that begin a statement of a scenario and are no knob's name. */
export const RESUMES_SCENARIO: ReadonlySet<string> = new Set(['nodes', 'clients', 'resource', 'shards', 'timeouts', 'run', 'stable', 'expect', 'explore', 'at', 'when', 'every']);

/** Words that begin statements of scenarios only. */
export const SCENARIO_ONLY: ReadonlySet<string> = new Set(['network', 'timeouts', 'seed', 'run', 'stable', 'expect', 'explore', 'at', 'when', 'every']);

/** Leaves a statement that stands in the wrong kind of block. */
export function scenarioOnly(cursor: Cursor, instead: string): never {
  return cursor.failWith(`'${cursor.text()}' stands in scenarios only; ${instead}`);
}

/** A scenario statement that does not go on in braces. `protocol` and `explore` are read where braces are kept. */
export function scenarioStatement(cursor: Cursor, headerWord: (word: 'protocol' | 'explore') => ScenarioStatement): ScenarioStatement {
  cursor.what = 'a statement';
  if (liesAhead(cursor)) return { kind: 'fault', when: { kind: 'always' }, fault: lies(cursor) };
  const isHeader = cursor.kind(1) !== ARROW;
  const header = isHeader ? cursor.choice(HEADERS) : undefined;
  if (header === 'protocol' || header === 'explore') return headerWord(header);
  if (header !== undefined) return headerAfter(cursor, header);
  const when = cursor.choice(WHEN_WORDS);
  if (when !== undefined) return effect(cursor, whenAfter(cursor, when));
  if (cursor.kind() === MEASURE || cursor.kind() === NUMBER) return effect(cursor, delayed(cursor));
  cursor.noteName('duration');
  return effect(cursor, { kind: 'always' });
}

function headerAfter(cursor: Cursor, word: Exclude<HeaderWord, 'protocol' | 'explore'>): ScenarioStatement {
  switch (word) {
    case 'nodes': return nodesAfter(cursor);
    case 'clients': return clientsAfter(cursor);
    case 'resource': return resourceAfter(cursor);
    case 'network': return network(cursor);
    case 'shards': return shardsAfter(cursor);
    case 'timeouts': return { kind: 'timeouts', entries: timeouts(cursor) };
    case 'seed': return { kind: 'seed', seed: cursor.number() };
    case 'run':
      cursor.needKeyword('to', 'the time where it ends');
      return { kind: 'run', to: cursor.quantity('time') };
    case 'stable':
      cursor.needKeyword('from', 'the time from which on');
      return { kind: 'stable', from: cursor.quantity('time') };
    case 'expect': return { kind: 'expect', expectation: expectationAfter(cursor) };
  }
}

/** `nodes A B C[, spare D E]`, `nodes 5`. Without the comma too: a node named spare stands last, or before a comma. */
export function nodesAfter(cursor: Cursor): ScenarioStatement {
  cursor.noteName('number');
  if (cursor.kind() === NUMBER) return { kind: 'nodes', names: [], count: cursor.number(), spare: [] };
  const names = [cursor.name('node-definition')];
  while (cursor.kind() === WORD && !(cursor.is('spare') && cursor.kind(1) === WORD)) names.push(cursor.takeWord('node-definition'));
  return { kind: 'nodes', names, count: undefined, spare: spareAfter(cursor) };
}

function spareAfter(cursor: Cursor): readonly Word[] {
  const about = 'nodes that run and are no members yet: nodes A B C, spare D E';
  if (cursor.sign(COMMA, ',', about)) {
    if (cursor.kind() === WORD && !cursor.is('spare')) cursor.failWith('names of nodes stand side by side, without commas: nodes A B C; a comma goes before the spare ones: nodes A B C, spare D E');
    cursor.needKeyword('spare', about);
  } else if (cursor.is('spare')) {
    cursor.take('keyword');
  } else {
    return [];
  }
  const spare = [cursor.name('node-definition')];
  while (cursor.kind() === WORD) spare.push(cursor.takeWord('node-definition'));
  return spare;
}

export function clientsAfter(cursor: Cursor): ScenarioStatement {
  const names = [cursor.name('client-definition')];
  while (cursor.kind() === WORD) names.push(cursor.takeWord('client-definition'));
  return { kind: 'clients', names };
}

/** `resource R [fenced]` */
export function resourceAfter(cursor: Cursor): ScenarioStatement {
  const name = cursor.name('client-definition');
  return { kind: 'resource', name, fenced: cursor.keyword('fenced', 'it refuses tokens older than one that it has seen') };
}

/** `shards {x a b} on A, {y} on B` */
export function shardsAfter(cursor: Cursor): ScenarioStatement {
  const shards: { keys: readonly Word[]; leader: Word }[] = [];
  do {
    cursor.noteWord('{', 'brace', 'the keys of a part: {x a b}');
    if (cursor.kind() !== LEFT_BRACE) cursor.fail();
    cursor.take('brace');
    const keys = [cursor.key()];
    while (!cursor.sign(RIGHT_BRACE, '}', 'no more keys', 'brace')) keys.push(cursor.key());
    cursor.needKeyword('on', 'the node that leads it at the start');
    shards.push({ keys, leader: cursor.name('node') });
  } while (cursor.sign(COMMA, ',', 'and another part'));
  return { kind: 'shards', shards };
}

const NETWORK = wordsOf({
  delay: 'how long a message travels: delay 10ms, or delay 2ms..5ms',
  loss: 'how many messages are lost: loss 5%',
  duplicates: 'how many messages arrive twice: duplicates 1%',
  unordered: 'messages overtake each other',
  fifo: 'on each link messages arrive in order',
});

function network(cursor: Cursor): ScenarioStatement {
  cursor.noteName('node');
  cursor.noteName('client');
  if (cursor.kind(1) === ARROW || linkMeant(cursor)) {
    const { from, to } = link(cursor, false);
    cursor.needKeyword('delay', 'how long a message travels there');
    return { kind: 'network-delay', from, to, ...range(cursor) };
  }
  const word = cursor.needChoice(NETWORK);
  switch (word) {
    case 'delay': return { kind: 'network-delay', from: undefined, to: undefined, ...range(cursor) };
    case 'loss': return { kind: 'network-loss', percent: percent(cursor) };
    case 'duplicates': return { kind: 'network-duplicates', percent: percent(cursor) };
    default: return { kind: 'network-order', order: word };
  }
}

/** `A => B delay 5ms`: the sign is the wrong word. */
function linkMeant(cursor: Cursor): boolean {
  if (cursor.kind() !== WORD || NETWORK.has(cursor.text() as 'delay')) return false;
  for (let ahead = 1; cursor.kind(ahead) !== END; ahead++) if (cursor.is('delay', ahead)) return ahead > 1;
  return false;
}

function range(cursor: Cursor): { min: Quantity; max: Quantity | undefined } {
  const min = cursor.quantity('duration');
  return { min, max: cursor.sign(RANGE, '..', 'up to') ? cursor.quantity('duration') : undefined };
}

function percent(cursor: Cursor): NumberWord {
  const number = cursor.number();
  cursor.needSign(PERCENT, '%', 'of all messages');
  return number;
}

function timeouts(cursor: Cursor): readonly { node: Word; time: Quantity }[] {
  const entries: { node: Word; time: Quantity }[] = [];
  do {
    const node = cursor.name('node');
    cursor.needSign(EQUALS, '=', 'when its timer fires');
    entries.push({ node, time: cursor.quantity('duration') });
    cursor.noteName('node');
  } while (cursor.kind() === WORD);
  return entries;
}

/** An operation or a fault, after it is said when. */
function effect(cursor: Cursor, when: When): ScenarioStatement {
  if (when.kind !== 'always') cursor.what = 'an operation or a fault';
  if (liesAhead(cursor)) return { kind: 'fault', when, fault: lies(cursor) };
  const isFaultWord = cursor.kind() === WORD && FAULTS.has(cursor.text() as FaultWord);
  if (operationAhead(cursor, isFaultWord) || membershipAhead(cursor)) return operation(cursor, when);
  const word = cursor.choice(FAULTS);
  if (word !== undefined) return { kind: 'fault', when, fault: faultAfter(cursor, word) };
  noteMembership(cursor);
  if (labelMeant(cursor)) {
    cursor.takeWord('label-definition');
    cursor.needSign(COLON, ':', 'after the label');
  }
  if (operationMeant(cursor, when)) return operation(cursor, when);
  cursor.noteName('client');
  cursor.noteName('label-definition');
  cursor.noteName('node');
  return cursor.fail();
}

/** `w1 c1 writes …`, `w1; c1 writes …`: the colon after the label is what is missing or wrong. */
function labelMeant(cursor: Cursor): boolean {
  if (cursor.kind() !== WORD) return false;
  const sign = cursor.kind(1);
  const client = sign === SEMICOLON || sign === COMMA || sign === EQUALS ? 2 : 1;
  return cursor.kind(client) === WORD && cursor.kind(client + 1) === WORD && VERBS.has(cursor.text(client + 1) as 'writes');
}

/** Which of two words is the wrong one: in `c1 wrote k` the verb, in `crsh A` the fault, in `c1 k = 1` the missing verb. */
function operationMeant(cursor: Cursor, when: When): boolean {
  if (cursor.kind() !== WORD || (cursor.kind(1) !== WORD && cursor.kind(1) !== LEFT_BRACE)) return onlyAClient(cursor, when);
  if (nearestWord(cursor.text(1), VERBS.keys()) !== undefined) return true;
  if (when.kind === 'always') return false;
  return nearestWord(cursor.text(), [...FAULTS.keys(), ...MEMBERSHIP.keys()]) === undefined;
}

/** `at 5ms c1` and the end of the line: the verb is what is missing. */
function onlyAClient(cursor: Cursor, when: When): boolean {
  return when.kind !== 'always' && cursor.kind() === WORD && cursor.kind(1) === 0 && nearestWord(cursor.text(), [...FAULTS.keys(), ...MEMBERSHIP.keys()]) === undefined;
}
