/** What goes wrong. language.md, "Faults"; protocols.md §D says what each does. */
import type { CrashPoint, Fault, HoldEnd, InFlight, NumberWord, Word } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { ARROW, BAR, COLON, COMMA, END, EQUALS, LEFT_BRACE, MEASURE, NUMBER, RIGHT_BRACE, STAR, WORD } from './lexer.ts';
import { epoch, event, link, messages, messagesOn, messageWord, node, process } from './grammarEvents.ts';
import { nearestWord } from './nearest.ts';
import { measureNumber, measureSuffix } from './values.ts';

export const FAULTS = wordsOf({
  crash: 'a node stops; what was not on its disk is gone',
  restart: 'a crashed node starts again, from its disk or blank: restart B blank',
  pause: 'a node does nothing for a while, and messages wait (a garbage collection)',
  suspend: 'a pause in which its clock stands still too, as of a virtual machine: suspend A for 2s',
  resume: 'a paused node goes on',
  timeout: "a node's failure timer fires now",
  transfer: 'a leader hands its leadership over: transfer A to B',
  partition: 'groups of nodes that hear each other only within: partition {A B} | {C}',
  isolate: 'a node that hears nobody and is heard by nobody',
  cut: 'a link that delivers nothing: cut A -> B, or both ways: cut A <-> B',
  heal: 'links work again: all, or heal A <-> B',
  slow: 'a link takes longer: slow A -> B by 50ms',
  drop: 'messages are lost: drop A -> B commit',
  swap: 'two messages change places: swap A -> B propose #1 and commit #1',
  hold: 'messages wait: hold A -> B commit until 2s',
  release: 'held messages go on: release A -> B commit',
  duplicate: 'messages arrive twice: duplicate A -> B commit',
  replay: 'a node sends again what it sent before: replay A -> B propose #1',
  corrupt: 'messages arrive changed: corrupt A -> B propose',
  clock: 'a clock that runs or jumps: clock A runs 0.5x',
  disk: 'a disk that is slow, lies or decays: disk A slow 20ms',
});
export type FaultWord = typeof FAULTS extends ReadonlyMap<infer K, string> ? K : never;

/** What follows a fault's first word. */
export function faultAfter(cursor: Cursor, word: FaultWord): Fault {
  switch (word) {
    case 'crash': return crash(cursor);
    case 'restart': {
      const restarted = node(cursor), blank = cursor.keyword('blank', 'with nothing on its disk');
      const as = blank && cursor.keyword('as', 'under the name of a spare node') ? cursor.name('node') : undefined;
      return { kind: 'restart', node: restarted, blank, as };
    }
    case 'timeout': return { kind: word, node: node(cursor) };
    case 'resume': return { kind: word, node: node(cursor), messagesFirst: messagesFirst(cursor) };
    case 'isolate': return { kind: word, node: process(cursor), inFlight: inFlight(cursor) };
    case 'transfer': {
      const leader = node(cursor);
      cursor.needKeyword('to', 'the node that takes over');
      return { kind: 'transfer', node: leader, to: node(cursor) };
    }
    case 'pause': case 'suspend': {
      const paused = node(cursor), duration = cursor.keyword('for', 'how long') ? cursor.quantity('duration') : undefined;
      return { kind: word, node: paused, duration, messagesFirst: duration !== undefined && messagesFirst(cursor) };
    }
    case 'partition': return { kind: 'partition', groups: groups(cursor), inFlight: inFlight(cursor) };
    case 'cut': return { kind: 'cut', ...link(cursor, true), inFlight: inFlight(cursor) };
    case 'heal': return heal(cursor);
    case 'slow': {
      const { from, to } = link(cursor, false);
      cursor.needKeyword('by', 'how much longer it takes');
      return { kind: 'slow', from, to, by: cursor.quantity('duration') };
    }
    case 'drop': case 'duplicate': case 'replay': case 'corrupt': case 'release': return { kind: word, messages: messages(cursor) };
    case 'swap': return swap(cursor);
    case 'hold': return hold(cursor);
    case 'clock': return clock(cursor);
    case 'disk': return disk(cursor);
  }
}

const LOSSES = wordsOf({
  disk: 'everything on its disk',
  unsynced: 'what was written but not synced',
});
const POINTS = wordsOf({
  before: 'before it writes to its disk',
  after: 'after it wrote, or after some of its sends',
});

function crash(cursor: Cursor): Fault {
  const crashed = node(cursor);
  let losing: 'disk' | 'unsynced' | undefined;
  let but: NumberWord | undefined;
  let point: CrashPoint | undefined;
  for (;;) {
    if (losing === undefined && cursor.keyword('losing', 'what the crash takes with it')) {
      losing = cursor.needChoice(LOSSES);
      if (losing === 'unsynced' && cursor.keyword('but', 'what is on the disk all the same')) but = firstWrites(cursor);
      continue;
    }
    const side = point === undefined ? cursor.choice(POINTS) : undefined;
    if (side === undefined) return { kind: 'crash', node: crashed, losing, but, point };
    point = crashPoint(cursor, side);
  }
}

/** `the first 2`: writes reach a disk in their order, so what is kept of them is their beginning. */
function firstWrites(cursor: Cursor): NumberWord {
  cursor.needKeyword('the', 'the first of those writes');
  cursor.needKeyword('first', 'so many of those writes');
  return cursor.number();
}

const IN_FLIGHT = wordsOf({
  losing: 'what was sent before is lost (as without these words)',
  delivering: 'what was sent before still arrives',
  holding: 'what was sent before waits until the link heals',
});

/** `delivering what is on its way` */
function inFlight(cursor: Cursor): InFlight {
  const found = cursor.choice(IN_FLIGHT);
  if (found === undefined) return undefined;
  for (const word of ['what', 'is', 'on', 'its', 'way']) cursor.needKeyword(word, 'what is on its way: messages sent before');
  return found;
}

/** `, messages first`: as the node goes on, before timers that were due too. */
function messagesFirst(cursor: Cursor): boolean {
  if (!cursor.sign(COMMA, ',', 'and what it handles first')) return false;
  cursor.needKeyword('messages', 'messages first: before the timers that were due in the pause');
  cursor.needKeyword('first', 'before the timers that were due in the pause');
  return true;
}

/** `A -> B propose #1 and commit #1`, or in full, `A -> B propose #1 and C -> B commit #1`. */
function swap(cursor: Cursor): Fault {
  const one = messages(cursor);
  cursor.needKeyword('and', 'the message that it changes places with');
  if (cursor.kind(1) === ARROW) return { kind: 'swap', messages: one, other: messages(cursor) };
  cursor.noteName('node');
  return { kind: 'swap', messages: one, other: messagesOn(cursor, one.from, one.to) };
}

function crashPoint(cursor: Cursor, side: 'before' | 'after'): CrashPoint {
  if (side === 'after' && cursor.kind() === NUMBER) {
    const count = cursor.number();
    if (!cursor.keyword('sends', 'of the messages that the step sends')) cursor.needKeyword('send', 'of the messages that the step sends');
    return { kind: 'after-sends', count };
  }
  if (side === 'after') cursor.noteName('number');
  cursor.needKeyword('fsync', 'its disk has what the step writes');
  return { kind: side === 'before' ? 'before-fsync' : 'after-fsync' };
}

/** `{A B C} | {D E F}`: two groups at least, or nothing would be apart. */
function groups(cursor: Cursor): readonly (readonly Word[])[] {
  const found = [group(cursor)];
  cursor.needSign(BAR, '|', 'and another group');
  do found.push(group(cursor)); while (cursor.sign(BAR, '|', 'and another group'));
  return found;
}

function group(cursor: Cursor): readonly Word[] {
  cursor.needSign(LEFT_BRACE, '{', 'a group of nodes', 'brace');
  const names = [process(cursor)];
  while (!cursor.sign(RIGHT_BRACE, '}', 'the end of the group', 'brace')) names.push(process(cursor));
  return names;
}

function heal(cursor: Cursor): Fault {
  if (cursor.kind() === END) {
    cursor.noteName('node');
    cursor.noteName('client');
  }
  if (cursor.kind() !== WORD && cursor.kind() !== STAR) return { kind: 'heal', from: undefined, to: undefined, both: false };
  return { kind: 'heal', ...link(cursor, true) };
}

function hold(cursor: Cursor): Fault {
  const held = messages(cursor);
  cursor.needKeyword('until', 'when it goes on: a time, an event, or released');
  return { kind: 'hold', messages: held, until: holdEnd(cursor) };
}

function holdEnd(cursor: Cursor): HoldEnd {
  const kind = cursor.kind();
  if (kind === MEASURE || kind === NUMBER) return { kind: 'time', time: cursor.quantity('time') };
  cursor.noteName('time');
  const isName = cursor.kind(1) === WORD || cursor.kind(1) === ARROW;
  if (!isName && cursor.keyword('released', 'a release statement sets it free')) return { kind: 'released' };
  if (kind === WORD && cursor.kind(1) === END && nearestWord(cursor.text(), ['released']) !== undefined) cursor.fail();
  return { kind: 'event', event: event(cursor) };
}

const CLOCK_WORDS = wordsOf({
  runs: 'faster or slower than true time: runs 0.5x',
  jumps: 'to another time: jumps -1s',
});

function clock(cursor: Cursor): Fault {
  const owner = node(cursor);
  if (cursor.needChoice(CLOCK_WORDS) === 'jumps') return { kind: 'clock-jumps', node: owner, by: cursor.quantity('duration') };
  return { kind: 'clock-runs', node: owner, rate: rate(cursor) };
}

/** `0.5x` */
function rate(cursor: Cursor): NumberWord {
  cursor.what = 'a rate (such as 0.5x)';
  if (cursor.kind() !== MEASURE || measureSuffix(cursor.text()) !== 'x') cursor.fail();
  const { text, start, end } = cursor.takeWord('number');
  return { value: measureNumber(text), start, end };
}

const DISK_WORDS = wordsOf({
  slow: 'each sync takes so long: slow 20ms',
  lies: 'says it has synced, and has not',
  corrupts: 'what it wrote last is not what it will read',
});

function disk(cursor: Cursor): Fault {
  const owner = node(cursor);
  const how = cursor.needChoice(DISK_WORDS);
  if (how !== 'slow') return { kind: `disk-${how}`, node: owner };
  return { kind: 'disk-slow', node: owner, by: cursor.quantity('duration') };
}

/** Whether `A lies to` or `A forges C to` comes next. */
export function liesAhead(cursor: Cursor): boolean {
  if (cursor.kind() !== WORD && cursor.kind() !== STAR) return false;
  return (cursor.is('lies', 1) && cursor.is('to', 2)) || (cursor.is('forges', 1) && cursor.kind(2) === WORD && cursor.is('to', 3));
}

/** `A lies to B: propose k = 9`, `A lies to B: heartbeat {9}`, `A forges C to B: accept` */
export function lies(cursor: Cursor): Fault {
  const liar = node(cursor), forges = cursor.is('forges');
  cursor.take('keyword', undefined, 1);
  const as = forges ? cursor.name('node') : undefined;
  cursor.take('keyword', undefined, 1);
  const to = process(cursor);
  cursor.needSign(COLON, ':', forges ? 'what it says in that name' : 'what it says instead');
  const message = messageWord(cursor);
  if (cursor.kind() !== WORD) cursor.noteName('key');
  const about = cursor.kind() === WORD ? assigned(cursor) : { key: undefined, value: undefined };
  return { kind: 'lies', node: liar, as, to, message, ...about, ...epoch(cursor) };
}

function assigned(cursor: Cursor): { readonly key: Word; readonly value: Word } {
  const key = cursor.key();
  cursor.needSign(EQUALS, '=', 'the value it says');
  return { key, value: cursor.value() };
}
