/** Everything in the picture, in words: for those who hear it, for the card that pointing at something shows, for the table. */
import type {
  MarkKind, TimelineData, TimelineFault, TimelineMark, TimelineMessage, TimelineOperation, TimelineReign, TimelineSpan, TimelineViolation,
} from '../features/timeline.ts';
import { timeText } from './axis.ts';

export type ItemKind = 'message' | 'reign' | 'span' | 'fault' | 'mark' | 'operation' | 'violation';

/** One thing that can be pointed at. `key`: a letter for its kind and its index in the data. */
export interface Item {
  readonly key: string;
  readonly kind: ItemKind;
  readonly index: number;
  readonly timeUs: number;
  /** The lane it is on (a message: its sender's), or -1. */
  readonly process: number;
  readonly line: number;
}

const LETTERS: Readonly<Record<ItemKind, string>> = { message: 'm', reign: 'r', span: 's', fault: 'f', mark: 'k', operation: 'o', violation: 'v' };
const KINDS = new Map(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind as ItemKind]));

export const keyOf = (kind: ItemKind, index: number): string => LETTERS[kind] + index;

/** Everything in order of time; heartbeats only where asked for. */
export function itemsOf(data: TimelineData, withFaint: boolean): Item[] {
  const items: Item[] = [];
  const add = (kind: ItemKind, index: number, timeUs: number, process: number, line: number): void => {
    items.push({ key: keyOf(kind, index), kind, index, timeUs, process, line });
  };
  data.faults.forEach((fault, i) => add('fault', i, fault.fromUs, -1, fault.line));
  data.spans.forEach((span, i) => add('span', i, span.fromUs, span.node, span.line));
  data.reigns.forEach((reign, i) => add('reign', i, reign.fromUs, reign.node, reign.line));
  data.operations.forEach((operation, i) => add('operation', i, operation.fromUs, operation.client, operation.line));
  data.messages.forEach((message, i) => { if (withFaint || !message.faint) add('message', i, message.sentUs, message.from, message.line); });
  data.marks.forEach((mark, i) => add('mark', i, mark.timeUs, mark.node, mark.line));
  data.violations.forEach((violation, i) => add('violation', i, violation.timeUs, violation.nodes[0] ?? -1, violation.line));
  return items.sort((a, b) => a.timeUs - b.timeUs);
}

/** The item behind a key, whether or not it is drawn. */
export function itemOf(data: TimelineData, key: string): Item | undefined {
  const kind = KINDS.get(key[0] ?? ''), index = Number(key.slice(1));
  if (kind === undefined) return undefined;
  switch (kind) {
    case 'message': { const it = data.messages[index]; return it && { key, kind, index, timeUs: it.sentUs, process: it.from, line: it.line }; }
    case 'reign': { const it = data.reigns[index]; return it && { key, kind, index, timeUs: it.fromUs, process: it.node, line: it.line }; }
    case 'span': { const it = data.spans[index]; return it && { key, kind, index, timeUs: it.fromUs, process: it.node, line: it.line }; }
    case 'fault': { const it = data.faults[index]; return it && { key, kind, index, timeUs: it.fromUs, process: -1, line: it.line }; }
    case 'mark': { const it = data.marks[index]; return it && { key, kind, index, timeUs: it.timeUs, process: it.node, line: it.line }; }
    case 'operation': { const it = data.operations[index]; return it && { key, kind, index, timeUs: it.fromUs, process: it.client, line: it.line }; }
    case 'violation': { const it = data.violations[index]; return it && { key, kind, index, timeUs: it.timeUs, process: it.nodes[0] ?? -1, line: it.line }; }
  }
}

/** `{2}`, `{2,7}`, or nothing. */
export function epochText(epoch: number, slot = -1): string {
  if (epoch < 0) return '';
  return slot < 0 ? `{${epoch}}` : `{${epoch},${slot}}`;
}

const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

/** `propose k = 1 {1,1}` */
export function messageText(message: TimelineMessage): string {
  const content = message.content === message.word || message.content.startsWith(`${message.word} `) ? message.content : words(message.word, message.content);
  return words(content, epochText(message.epoch, message.slot));
}

/** `w1: write k = 1` */
export const operationText = (operation: TimelineOperation): string => (operation.label === '' ? operation.content : `${operation.label}: ${operation.content}`);

/** How it ended, short: `ok`, `5`, `failed`, `?`. */
export function outcomeText(operation: TimelineOperation): string {
  switch (operation.outcome) {
    case 'ok': return operation.value === '' ? 'ok' : operation.value;
    case 'failed': return 'failed';
    case 'unknown': return '? gave up';
    case 'open': return '? no answer';
  }
}

export const MARK_WORDS: Readonly<Record<MarkKind, string>> = {
  timeout: 'times out', candidate: 'stands for election', vote: 'votes', promise: 'promises', accept: 'accepts', commit: 'commits', apply: 'applies',
  abort: 'aborts', truncate: 'drops entries', 'steps-down': 'stops leading', doubt: 'is in doubt', settled: 'is no longer in doubt',
};

/** One sentence or two. */
export function describe(data: TimelineData, { kind, index }: Item): string {
  switch (kind) {
    case 'message': return describeMessage(data, data.messages[index]!);
    case 'reign': return describeReign(data, data.reigns[index]!);
    case 'span': return describeSpan(data, data.spans[index]!);
    case 'fault': return describeFault(data, data.faults[index]!);
    case 'mark': return describeMark(data, data.marks[index]!);
    case 'operation': return describeOperation(data, data.operations[index]!);
    case 'violation': return describeViolation(data, data.violations[index]!);
  }
}

/** How the run ended. */
export function describeEnd(data: TimelineData): string {
  const at = when(data, data.endUs);
  const omitted = data.omittedEvents === 0 ? '' : ` The last ${data.omittedEvents} events are not drawn; a shorter run, with “run to”, shows everything.`;
  if (data.kind === 'history') return 'What the clients saw; an open end was never answered.';
  if (data.kind === 'trace') return `The trace ends at ${at}.${omitted}`;
  const ends = {
    stuck: `Nothing is left to happen after ${at}, and something still waits.`,
    done: `Nothing is left to happen after ${at}.`,
    cycling: `From ${at} on everything repeats for ever.`,
    horizon: `The simulated time is up at ${at}.`,
    budget: `The budget of events is used up at ${at}: what comes after is unknown.`,
    cancelled: `The run was stopped at ${at}.`,
  };
  return ends[data.end] + omitted;
}

const nameOf = (data: TimelineData, process: number): string => data.processes[process]?.name ?? '?';
const when = (data: TimelineData, timeUs: number): string => timeText(timeUs, data.unit);
const until = (data: TimelineData, toUs: number, open: boolean): string => (open ? 'until the end' : `until ${when(data, toUs)}`);

function describeMessage(data: TimelineData, message: TimelineMessage): string {
  const to = nameOf(data, message.to), end = when(data, message.endUs);
  const why = message.why === '' ? '' : `: ${message.why}`;
  const fates = {
    delivered: `arrives at ${end}`,
    discarded: `arrives at ${end}, and ${to} ignores it${why}`,
    lost: `lost at ${end}${why}`,
    'in-flight': data.kind === 'trace' ? 'not delivered when the record ends' : 'had not arrived when the run ended',
  };
  const held = pairs(message.held).map(([from, till]) => `held from ${when(data, from)} to ${when(data, till)}, `).join('');
  return `${messageText(message)} from ${nameOf(data, message.from)} to ${to}, sent at ${when(data, message.sentUs)}, ${held}${fates[message.fate]}.`;
}

export function pairs(flat: readonly number[]): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) out.push([flat[i]!, flat[i + 1]!]);
  return out;
}

function describeReign(data: TimelineData, reign: TimelineReign): string {
  const votes = reign.votes > 0 ? `, with ${reign.votes} ${reign.votes === 1 ? 'vote' : 'votes'}` : '';
  return `${words(nameOf(data, reign.node), 'leads', epochText(reign.epoch))} from ${when(data, reign.fromUs)} ${until(data, reign.toUs, reign.open)}${votes}.`;
}

function describeSpan(data: TimelineData, span: TimelineSpan): string {
  const state = span.kind === 'down' ? 'is down' : 'is paused';
  return `${nameOf(data, span.node)} ${state} from ${when(data, span.fromUs)} ${until(data, span.toUs, span.open)}.`;
}

function describeFault(data: TimelineData, fault: TimelineFault): string {
  if (fault.fromUs === fault.toUs && !fault.open) return `${fault.text}, at ${when(data, fault.fromUs)}.`;
  return `${fault.text}, from ${when(data, fault.fromUs)} ${until(data, fault.toUs, fault.open)}.`;
}

/** What a mark says, without who and when: `votes B {2}`. */
export function markText(data: TimelineData, mark: TimelineMark): string {
  const peer = (mark.kind === 'vote' || mark.kind === 'doubt') && mark.peer >= 0 ? nameOf(data, mark.peer) : '';
  return words(MARK_WORDS[mark.kind], mark.kind === 'vote' && peer !== '' ? `for ${peer}` : '', mark.content, epochText(mark.epoch, mark.slot));
}

function describeMark(data: TimelineData, mark: TimelineMark): string {
  const heard = mark.kind === 'promise' && mark.peer >= 0 && mark.peer !== mark.node ? `, heard from ${nameOf(data, mark.peer)}` : '';
  const why = mark.why === '' ? '' : `: ${mark.why}`;
  return `${nameOf(data, mark.node)} ${markText(data, mark)} at ${when(data, mark.timeUs)}${heard}${why}.`;
}

function describeOperation(data: TimelineData, operation: TimelineOperation): string {
  const ends = {
    ok: `answered ${operation.value === '' ? 'ok' : `with ${operation.value}`} at ${when(data, operation.toUs)}`,
    failed: `failed at ${when(data, operation.toUs)}: it did not happen`,
    unknown: `given up at ${when(data, operation.toUs)}: it may have happened, or not`,
    open: 'never answered: it may have happened, or not',
  };
  return `${nameOf(data, operation.client)} asks ${operationText(operation)} at ${when(data, operation.fromUs)}, ${ends[operation.outcome]}.`;
}

function describeViolation(data: TimelineData, violation: TimelineViolation): string {
  const expected = violation.expected ? ', as expected' : '';
  const folded = violation.folded.length === 0 ? '' : ` It leads to ${violation.folded.join(', ')}.`;
  const time = data.kind === 'history' ? '' : ` at ${when(data, violation.timeUs)}`;
  const message = /[.!?]$/.test(violation.message) ? violation.message : `${violation.message}.`;
  return `${violation.code} (${violation.severity}${expected})${time}: ${message}${folded}`;
}
