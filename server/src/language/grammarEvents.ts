/** Names of processes, message patterns, events, and the clauses that say when. language.md, "When". */
import type { EventPattern, MessagePattern, NumberWord, Quantity, When, Word } from './syntax.ts';
import type { Cursor } from './cursor.ts';
import { wordsOf } from './cursor.ts';
import { ARROW, BOTH_WAYS, COMMA, HASH, LEFT_BRACE, MEASURE, NUMBER, RIGHT_BRACE, STAR, WORD } from './lexer.ts';

const HAPPENINGS = wordsOf({
  sends: 'as it sends a message',
  leads: 'as it begins to lead',
  times: 'as its failure timer fires (times out)',
  acked: 'as the operation is acknowledged',
  answered: 'as the operation gets any answer but a redirect',
});

/** A node, a client, or `*` for any of them. */
export function process(cursor: Cursor): Word {
  cursor.noteName('node');
  cursor.noteName('client');
  cursor.noteWord('*', 'wildcard', 'any node or client');
  return nameOrStar(cursor, 'node');
}

/** A node, or `*` for each of them. */
export function node(cursor: Cursor): Word {
  cursor.noteName('node');
  cursor.noteWord('*', 'wildcard', 'every node');
  return nameOrStar(cursor, 'node');
}

function nameOrStar(cursor: Cursor, role: 'node' | 'message'): Word {
  if (cursor.kind() === STAR) return cursor.takeWord('wildcard');
  return cursor.kind() === WORD ? cursor.takeWord(role) : cursor.fail();
}

export function messageWord(cursor: Cursor): Word {
  cursor.what = 'a message';
  cursor.noteName('message');
  cursor.noteWord('*', 'wildcard', 'any message');
  return nameOrStar(cursor, 'message');
}

/** `#2`: the second one only. */
export function nth(cursor: Cursor): NumberWord | undefined {
  return cursor.sign(HASH, '#', 'only the N-th one, counted from 1') ? cursor.number() : undefined;
}

export function arrow(cursor: Cursor): void {
  cursor.needSign(ARROW, '->', 'from one to the other');
}

/** `A -> B`, or with `both` also `A <-> B`. */
export function link(cursor: Cursor, both: boolean): { from: Word; to: Word; both: boolean } {
  const from = process(cursor);
  if (both && cursor.sign(BOTH_WAYS, '<->', 'both ways')) return { from, to: process(cursor), both: true };
  arrow(cursor);
  return { from, to: process(cursor), both: false };
}

/** `A -> B commit #2`, `A -> B commit {2,7}` */
export function messages(cursor: Cursor): MessagePattern {
  const from = process(cursor);
  arrow(cursor);
  return messagesFrom(cursor, from);
}

function messagesFrom(cursor: Cursor, from: Word): MessagePattern { return messagesOn(cursor, from, process(cursor)); }

/** `commit {2,7} #2`, where the link was said before. */
export function messagesOn(cursor: Cursor, from: Word, to: Word): MessagePattern {
  const message = messageWord(cursor);
  return { from, to, message, ...epochMeant(cursor), nth: nth(cursor) };
}

/** `A -> B commit`, `A sends commit to B`, `B leads`, `B times out`, `w1 acked`, `w1 answered`. */
export function event(cursor: Cursor): EventPattern {
  cursor.what = 'an event';
  cursor.noteName('label');
  const subject = process(cursor);
  if (cursor.sign(ARROW, '->', 'as the message is about to be handled')) return { kind: 'delivery', ...messagesFrom(cursor, subject) };
  const happening = cursor.needChoice(HAPPENINGS);
  switch (happening) {
    case 'sends': return sending(cursor, subject);
    case 'leads': return { kind: 'leads', node: subject, nth: nth(cursor) };
    case 'times':
      cursor.needKeyword('out', 'its failure timer fires');
      return { kind: 'times-out', node: subject, nth: nth(cursor) };
    default: return { kind: happening, op: subject };
  }
}

function sending(cursor: Cursor, from: Word): EventPattern {
  const message = messageWord(cursor);
  const about = epochMeant(cursor);
  const before = nth(cursor);
  cursor.needKeyword('to', 'whom it is sent to');
  const to = process(cursor);
  return { kind: 'send', from, to, message, ...about, nth: before ?? nth(cursor) };
}

export const WHEN_WORDS = wordsOf({
  at: 'at this time',
  when: 'once, at the first such event',
  every: 'again and again',
});

/** The rest of a clause after its first word. */
export function whenAfter(cursor: Cursor, word: 'at' | 'when' | 'every'): When {
  switch (word) {
    case 'at': return { kind: 'at', time: cursor.quantity('time') };
    case 'when': return { kind: 'when', event: event(cursor) };
    case 'every': return every(cursor);
  }
}

function every(cursor: Cursor): When {
  const period = cursor.quantity('duration');
  const from = limit(cursor, 'from', 'the first time');
  return { kind: 'every', period, from, to: limit(cursor, 'to', 'no later than this') };
}

/** `from 100ms`: with a time after it, or it is a client's name. */
function limit(cursor: Cursor, word: 'from' | 'to', about: string): Quantity | undefined {
  const next = cursor.kind(1);
  const isName = cursor.is(word) && next !== MEASURE && next !== NUMBER && next !== 0;
  return !isName && cursor.keyword(word, about) ? cursor.quantity('time') : undefined;
}

/** `50ms after B leads`: seen by its beginning, which is a duration. */
export function delayed(cursor: Cursor): When {
  const delay = cursor.quantity('duration');
  cursor.needKeyword('after', 'so long after the event');
  return { kind: 'after', delay, event: event(cursor) };
}

const NO_EPOCH = { leader: -1, request: -1 } as const;

/** `{2}` or `{2,7}`: only messages of that epoch, about that request; where something else may follow. */
function epochMeant(cursor: Cursor): { readonly leader: number; readonly request: number } {
  if (cursor.kind() === LEFT_BRACE) return epoch(cursor);
  cursor.noteName('epoch');
  return NO_EPOCH;
}

/** `{leader,request}`, `{leader}`, or nothing: then both are -1, as is a request that is not there. */
export function epoch(cursor: Cursor): { readonly leader: number; readonly request: number } {
  cursor.noteName('epoch');
  cursor.mayEnd = true;
  if (cursor.kind() !== LEFT_BRACE) return NO_EPOCH;
  const pair = cursor.kind(2) === COMMA;
  const closes = pair ? 4 : 2;
  const isEpoch = cursor.kind(1) === NUMBER && (!pair || cursor.kind(3) === NUMBER) && cursor.kind(closes) === RIGHT_BRACE;
  if (!isEpoch) wrongEpoch(cursor);
  const leader = count(cursor, 1);
  const request = pair ? count(cursor, 3) : -1;
  cursor.take('epoch', undefined, closes + 1);
  return { leader, request };
}

function count(cursor: Cursor, ahead: number): number {
  const value = Number(cursor.text(ahead));
  if (Number.isInteger(value) && value >= 0) return value;
  cursor.moveTo(cursor.index + ahead);
  return cursor.failWith(`expected a whole number in an epoch, found '${cursor.text()}'`);
}

/** Stops at the first word that does not fit `{leader,request}`. */
function wrongEpoch(cursor: Cursor): never {
  cursor.take('epoch');
  cursor.number();
  if (cursor.sign(COMMA, ',', 'and the request')) cursor.number();
  cursor.sign(RIGHT_BRACE, '}', 'the end of the epoch', 'brace');
  return cursor.fail();
}
