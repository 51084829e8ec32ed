/**
 * The statements of a trace. language.md, "Trace". A trace may be long: its statements carry no columns, and equal
 * names and contents are one string.
 */
import type { Role, ScenarioStatement, TraceStatement, TraceTimes, TraceVerb } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { ARROW, AT, COMMA, END, EQUALS, JUNK, LEFT_BRACE, MEASURE, NUMBER, OPEN_STRING, PATH, RANGE, RIGHT_BRACE, SEMICOLON, STRING, WORD } from './lexer.ts';
import { epoch } from './grammarEvents.ts';
import { nearestOrPlural } from './nearest.ts';
import { clientsAfter, nodesAfter, resourceAfter, shardsAfter, SCENARIO_ONLY, scenarioOnly } from './grammarScenario.ts';

const HEADERS = wordsOf({
  protocol: 'what the nodes spoke',
  nodes: 'the nodes, in rank order: nodes A B C',
  clients: 'who asked: clients c1 c2',
  resource: 'what clients use that stands outside: resource R',
  shards: 'which keys had leaders of their own: shards {x a} on A, {y} on B',
});

export const TRACE_VERBS = wordsOf<TraceVerb>({
  leads: 'begins to lead, in the epoch at the end: A leads {1,0}',
  follows: 'follows a leader: B follows A {1}',
  promises: 'will obey no older epoch: B promises {2}',
  votes: 'grants its vote: B votes A {2}',
  accepts: 'accepts a proposal: B accepts k = 1 {1,1}',
  applies: 'executes what was committed: B applies k = 1 {1,1}',
  commits: 'knows it to be committed',
  discards: 'throws a message or a value away',
  crashes: 'stops; what was not on its disk is gone',
  restarts: 'starts again from its disk',
  pauses: 'does nothing for a while',
  resumes: 'goes on after a pause',
  'times-out': 'its failure timer fires',
  aborts: 'gives a proposal up for good',
  persists: 'has it on its disk',
  'steps-down': 'leads no longer',
  stands: 'stands for election: B stands {2}',
  leases: 'trusts a lease: A leases 0ms..100ms {1}',
  truncates: 'drops the end of its log',
  doubts: 'has accepted and does not know how it was decided',
  settles: 'knows again how it was decided',
  skips: 'applies without effect what it had executed before',
  'commit-index': 'knows everything up to here to be committed',
  'gives-up': 'a client waits no longer',
  asks: 'a client begins an operation of several messages: c1 asks lock /lock #1',
  ends: 'and has its answer: c1 ends ok /lock/n-0000000000 #1',
  adopts: 'counts these as the members from now on: B adopts A B D {2,4}',
  serves: 'a resource takes what a client asks: R serves c1 token 5',
  hears: 'is reached by these from now on, and by no others: A hears B C',
});

/** Verbs of two words, as they may also be written. */
const TWO_WORDS: ReadonlyMap<string, readonly [string, TraceVerb]> = new Map([
  ['times', ['out', 'times-out']], ['steps', ['down', 'steps-down']], ['gives', ['up', 'gives-up']],
]);

/** A trace statement; `protocol` is read where braces are kept. */
export function traceStatement(cursor: Cursor, protocol: () => ScenarioStatement): TraceStatement | ScenarioStatement {
  cursor.what = 'a message or an event';
  if (cursor.kind() === WORD && cursor.kind(1) !== ARROW) {
    const header = cursor.choice(HEADERS);
    if (header === 'protocol') return protocol();
    if (header === 'nodes') return nodesAfter(cursor);
    if (header === 'resource') return resourceAfter(cursor);
    if (header !== undefined) return header === 'shards' ? shardsAfter(cursor) : clientsAfter(cursor);
  } else if (cursor.kind() !== WORD) {
    cursor.choice(HEADERS);
  }
  if (headerMeant(cursor)) cursor.fail();
  if (SCENARIO_ONLY.has(cursor.text()) && cursor.kind(1) !== ARROW) scenarioOnly(cursor, 'a trace has messages (A -> B propose) and events (A leads)');
  if (cursor.kind() === MEASURE) cursor.failWith(`expected '@' before a time, found '${cursor.text()}'. Did you mean '@${cursor.text()}'?`, `@${cursor.text()}`);
  const first = cursor.index;
  const times = cursor.sign(AT, '@', 'when it was sent, and when delivered: @1ms..2ms') ? traceTimes(cursor) : undefined;
  const subject = process(cursor);
  if (cursor.sign(ARROW, '->', 'a message to')) return message(cursor, times, subject);
  if (times !== undefined && (times.lost || times.deliveredUs !== undefined)) onlyAMoment(cursor, first);
  return event(cursor, times, subject);
}

/** `noodes A B`: a header's first word with a slip, and no event of a process of that name. */
function headerMeant(cursor: Cursor): boolean {
  if (cursor.kind() !== WORD || (cursor.kind(1) !== WORD && cursor.kind(1) !== NUMBER)) return false;
  const verb = cursor.text(1);
  return !TRACE_VERBS.has(verb as TraceVerb) && !TWO_WORDS.has(verb) && nearestOrPlural(cursor.text(), [...HEADERS.keys()]) !== undefined;
}

/** Leaves an event with two times, at the sign between them; that it names a verb is seen to first, since it may be a message without its arrow. */
function onlyAMoment(cursor: Cursor, first: number): void {
  if (cursor.kind() !== WORD || !(TRACE_VERBS.has(cursor.text() as TraceVerb) || TWO_WORDS.has(cursor.text()))) return;
  const verb = cursor.text();
  let at = first;
  while (cursor.lexer.kind(at) !== RANGE) at++;
  cursor.moveTo(at);
  cursor.failWith(`expected one time, found '..': '${verb}' happens at one moment; only messages take from one time to another`);
}

/** `@1ms..2ms`, `@1ms..lost`, `@1ms`, and `@1ms..` for a message on its way as the record ends; also `@..lost` where the time of sending is not known. */
function traceTimes(cursor: Cursor): TraceTimes {
  const sentUs = cursor.kind() === RANGE ? undefined : time(cursor);
  if (!cursor.sign(RANGE, '..', 'delivered at')) return { sentUs, deliveredUs: undefined, lost: false, open: false };
  if (cursor.keyword('lost', 'it never arrived')) return { sentUs, deliveredUs: undefined, lost: true, open: false };
  if (cursor.kind() === WORD && cursor.kind(1) === ARROW) return { sentUs, deliveredUs: undefined, lost: false, open: true };
  return { sentUs, deliveredUs: time(cursor), lost: false, open: false };
}

function time(cursor: Cursor): number {
  const us = cursor.microseconds('time');
  cursor.take('time');
  return us;
}

function process(cursor: Cursor): string {
  cursor.noteName('client');
  return cursor.internedName('node');
}

function message(cursor: Cursor, times: TraceTimes | undefined, from: string): TraceStatement {
  const to = process(cursor);
  cursor.what = 'a message';
  const word = cursor.internedName('message');
  const content = contentOf(cursor);
  const { leader, request } = epoch(cursor);
  return { kind: 'message', times, from, to, word, content, leader, request, shard: shard(cursor) };
}

function event(cursor: Cursor, times: TraceTimes | undefined, node: string): TraceStatement {
  if (cursor.expected !== undefined) cursor.what = `'->' or what ${node} does`;
  const verb = eventVerb(cursor);
  const peer = verb === 'votes' || verb === 'follows' || verb === 'serves' ? peerOf(cursor) : '';
  const content = contentOf(cursor);
  const { leader, request } = epoch(cursor);
  return { kind: 'event', times, node, verb, peer, content, leader, request, shard: shard(cursor) };
}

function eventVerb(cursor: Cursor): TraceVerb {
  const two = cursor.kind() === WORD && cursor.kind(1) === WORD ? TWO_WORDS.get(cursor.text()) : undefined;
  if (two === undefined || !cursor.is(two[0], 1)) return cursor.needChoice(TRACE_VERBS);
  cursor.take('keyword');
  cursor.take('keyword');
  return two[1];
}

/** Whom a node votes for or follows, if it says. */
function peerOf(cursor: Cursor): string {
  if (cursor.is('for') && cursor.kind(1) === WORD) cursor.take('keyword');
  cursor.noteName('node');
  return cursor.kind() === WORD ? cursor.internedName('node') : '';
}

/** The free words up to the epoch, the end of the block or the end of the line, with single spaces, none before a comma or semicolon. */
function contentOf(cursor: Cursor): string {
  const { lexer, index: first } = cursor;
  let single = true;
  for (let kind = cursor.kind(); kind !== END && kind !== LEFT_BRACE && kind !== RIGHT_BRACE && !shardAhead(cursor); kind = cursor.kind()) {
    if (kind === JUNK || kind === OPEN_STRING || kind === AT) cursor.fail();
    if (cursor.index > first && !isSpacedAsUsual(cursor, kind)) single = false;
    cursor.take(cursor.marks === undefined ? 'value' : contentRole(cursor, kind, first));
  }
  const end = cursor.index;
  if (end === first) return '';
  if (single) return cursor.interned(lexer.text.slice(lexer.start(first), lexer.end(end - 1)));
  const words: string[] = [];
  for (let index = first; index < end; index++) {
    const word = lexer.slice(index);
    if ((word === ',' || word === ';') && words.length > 0) words[words.length - 1] += word;
    else words.push(word);
  }
  return cursor.interned(words.join(' '));
}

/** `shard 2` at the end: whose epoch it is. */
function shardAhead(cursor: Cursor): boolean {
  return cursor.kind() === WORD && cursor.is('shard') && cursor.kind(1) === NUMBER && (cursor.kind(2) === END || cursor.kind(2) === RIGHT_BRACE);
}

/** Its number, from 1, where the line names one. */
function shard(cursor: Cursor): number | undefined {
  cursor.mayEnd = true;
  if (!shardAhead(cursor)) return undefined;
  const number = Number(cursor.text(1));
  if (!Number.isInteger(number) || number < 1) {
    cursor.take('keyword');
    cursor.failWith(`shards are numbered from 1; found '${cursor.text()}'`);
  }
  cursor.take('keyword');
  cursor.take('number');
  return number;
}

function isSpacedAsUsual({ lexer, index }: Cursor, kind: number): boolean {
  const before = lexer.end(index - 1);
  if (kind === COMMA || kind === SEMICOLON) return lexer.start(index) === before;
  return lexer.start(index) === before + 1 && lexer.text.charCodeAt(before) === SPACE;
}

/** Contents are about a key where a value follows it (`k = 1`), and where it is all that a request names (`read k`). */
function contentRole(cursor: Cursor, kind: number, first: number): Role {
  if (kind === STRING) return 'string';
  if (kind === NUMBER) return 'number';
  if (kind === PATH) return 'key';
  if (kind === EQUALS || kind === ARROW) return 'operator';
  if (kind !== WORD) return 'value';
  if (NODES_AFTER.has(cursor.lexer.slice(first - 1)) && cursor.text() !== 'nobody') return 'node';
  return cursor.kind(1) === EQUALS || isWholeOfStep(cursor, first) ? 'key' : 'value';
}

/** `k` of `read k`, which is said in the message's word and the content, or in a step of a transaction. */
function isWholeOfStep({ lexer, index }: Cursor, first: number): boolean {
  return KEY_FIRST.has(lexer.slice(index - 1)) && (index === first || lexer.kind(index - 2) === SEMICOLON || lexer.is(index - 2, 'do'));
}

const KEY_FIRST: ReadonlySet<string> = new Set(['read', 'delete', 'cas']);

/** Verbs whose content is names. */
const NODES_AFTER: ReadonlySet<string> = new Set(['hears', 'adopts']);

const SPACE = 32;
