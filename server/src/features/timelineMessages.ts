/** The messages of a run, joined from their events: sent, held, released, then received, ignored or lost. */
import { EVENT } from '../engine/events.ts';
import type { EventLog } from '../engine/events.ts';
import type { TimelineMessage } from './timeline.ts';

type Draft = { -readonly [Field in keyof TimelineMessage]: TimelineMessage[Field] } & { held: number[]; sendEvent: number };

export interface SentMessages {
  readonly messages: readonly TimelineMessage[];
  /** The index in `messages` of what an event sent, received, lost or ignored. */
  readonly messageOfEvent: ReadonlyMap<number, number>;
}

export function messagesOf(log: EventLog, length: number, nodeCount: number, endUs: number): SentMessages {
  const drafts: Draft[] = [];
  const byId = new Map<number, number>(), messageOfEvent = new Map<number, number>();
  for (let i = 0; i < length; i++) {
    const kind = log.kind(i);
    if (kind === EVENT.send) {
      byId.set(log.message(i), drafts.length);
      messageOfEvent.set(i, drafts.length);
      drafts.push(sent(log, i, endUs));
    } else if (isFate(kind)) {
      const index = byId.get(log.message(i));
      if (index !== undefined) messageOfEvent.set(i, fares(log, i, drafts, index));
    }
  }
  const heartbeats = heartbeatWords(log, drafts, nodeCount);
  const messages = drafts.map(({ sendEvent: _sendEvent, held, ...message }) => ({
    ...message, held: closed(held, message.endUs), faint: message.op < 0 && heartbeats.has(message.word) }));
  return { messages, messageOfEvent };
}

const isFate = (kind: number): boolean =>
  kind === EVENT.receive || kind === EVENT.lost || kind === EVENT.discard || kind === EVENT.hold || kind === EVENT.release;

function sent(log: EventLog, i: number, endUs: number): Draft {
  return {
    from: log.node(i), to: log.peer(i), word: log.word(i), content: log.text(i), epoch: log.epoch(i), slot: log.slot(i), op: log.op(i),
    sentUs: log.timeUs(i), endUs: Math.max(endUs, log.timeUs(i)), fate: 'in-flight', why: '', line: log.line(i), faultLine: -1, held: [],
    faint: false, sendEvent: i,
  };
}

/** Notes what became of a message; returns its index, a new one where a duplicate arrived as well. */
function fares(log: EventLog, i: number, drafts: Draft[], index: number): number {
  const kind = log.kind(i), timeUs = log.timeUs(i);
  let message = drafts[index]!;
  if (kind === EVENT.hold || kind === EVENT.release) {
    const isOpen = message.held.length % 2 === 1;
    if (isOpen === (kind === EVENT.release)) message.held.push(timeUs);
    if (kind === EVENT.hold) message.faultLine = log.line(i);
    return index;
  }
  if (kind !== EVENT.discard && message.fate !== 'in-flight') {
    message = { ...message, held: [...message.held] };
    index = drafts.push(message) - 1;
  }
  message.endUs = timeUs;
  message.fate = kind === EVENT.receive ? 'delivered' : kind === EVENT.lost ? 'lost' : 'discarded';
  message.why = kind === EVENT.receive ? '' : log.detail(i);
  if (kind === EVENT.lost) message.faultLine = log.line(i);
  return index;
}

const closed = (held: readonly number[], endUs: number): readonly number[] => (held.length % 2 === 1 ? [...held, endUs] : held);

/**
 * Words of messages that a node repeats to another at a steady beat, in one and the same epoch, about no operation and not
 * as an answer; and the words of the answers to those. No protocol is known here, only the beat.
 */
function heartbeatWords(log: EventLog, drafts: readonly Draft[], nodeCount: number): ReadonlySet<string> {
  const series = new Map<string, { word: string; times: number[] }>();
  const total = new Map<string, number>(), steady = new Map<string, number>();
  const between = drafts.filter((message) => message.from < nodeCount && message.to < nodeCount && message.op < 0);
  for (const message of between) {
    const { word } = message;
    total.set(word, (total.get(word) ?? 0) + 1);
    if (answers(log, message) !== undefined) continue;
    const key = `${message.from} ${message.to} ${message.epoch} ${word}`;
    let entry = series.get(key);
    if (entry === undefined) series.set(key, (entry = { word, times: [] }));
    entry.times.push(message.sentUs);
  }
  for (const { word, times } of series.values()) {
    if (isSteady(times)) steady.set(word, (steady.get(word) ?? 0) + times.length);
  }
  const words = new Set([...steady].filter(([word, count]) => count >= 0.6 * total.get(word)!).map(([word]) => word));
  for (const word of answerWords(log, between, total, words)) words.add(word);
  return words;
}

function answerWords(log: EventLog, between: readonly Draft[], total: ReadonlyMap<string, number>, beats: ReadonlySet<string>): string[] {
  const answered = new Map<string, number>();
  for (const message of between) {
    const word = answers(log, message);
    if (word !== undefined && beats.has(word)) answered.set(message.word, (answered.get(message.word) ?? 0) + 1);
  }
  return [...answered].filter(([word, count]) => count >= 8 && count >= 0.9 * total.get(word)!).map(([word]) => word);
}

/** The word of the message whose receipt made a node send this one, if any. */
function answers(log: EventLog, message: Draft): string | undefined {
  const cause = log.cause(message.sendEvent);
  return cause >= 0 && log.kind(cause) === EVENT.receive ? log.word(cause) : undefined;
}

/** At least four times, and most gaps within a tenth of the middle one. */
function isSteady(times: readonly number[]): boolean {
  if (times.length < 4) return false;
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const middle = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
  const regular = gaps.filter((gap) => Math.abs(gap - middle) <= middle / 10).length;
  return middle > 0 && regular >= 0.7 * gaps.length;
}
