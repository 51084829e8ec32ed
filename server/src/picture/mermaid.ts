/**
 * A block's timeline as a sequence diagram of Mermaid. Such a diagram knows no time, only an order: a message stands where it
 * arrived (a lost one, where it was sent), and heartbeats are left out.
 */
import type { MarkKind, MessageFate, TimelineData, TimelineMessage } from '../features/timeline.ts';
import { timeText } from './axis.ts';
import { epochText, MARK_WORDS, markText, messageText, operationText, outcomeText } from './describe.ts';

/** One line of the diagram, at its moment. */
interface Step {
  readonly timeUs: number;
  readonly text: string;
}

const ARROWS: Readonly<Record<MessageFate, readonly [arrow: string, remark: string]>> = {
  delivered: ['->>', ''], discarded: ['-->>', ' (ignored)'], lost: ['-x', ''], 'in-flight': ['-)', ' (still under way)'],
};

/** Marks that no arrow tells of. */
const TOLD: ReadonlySet<MarkKind> = new Set<MarkKind>(['timeout', 'candidate', 'truncate', 'abort', 'steps-down']);

export function sequenceOf(data: TimelineData): string {
  const participants = data.processes.map(({ name, role }, process) => `  ${role === 'node' ? 'participant' : 'actor'} p${process} as ${safe(name)}`);
  // At one moment: what was done to the nodes, what reached them, what they did, what they sent, what came of it.
  const steps = [...faults(data), ...spans(data), ...messages(data, true), ...marks(data), ...reigns(data), ...messages(data, false), ...operations(data), ...violations(data)]
    .sort((a, b) => a.timeUs - b.timeUs);
  return ['---', `title: ${JSON.stringify(data.name)}`, '---', 'sequenceDiagram', ...participants, ...steps.map(({ text }) => `  ${text}`), ''].join('\n');
}

/** Characters that the diagram's own syntax would read as something else, by their numbers. */
const safe = (words: string): string => words.replace(/[#;<>"\\`%:]/g, (letter) => `#${letter.charCodeAt(0)};`);

const note = (over: string, words: string): string => `Note over ${over}: ${safe(words)}`;
const at = (data: TimelineData, timeUs: number): string => timeText(timeUs, data.unit);

/** From the first process to the last, or to the last node. */
const everybody = (data: TimelineData): string => {
  const last = data.processes.length - 1;
  return last > 0 ? `p0,p${last}` : 'p0';
};

/** Those that arrived, or those that did not. */
function messages(data: TimelineData, arrived: boolean): readonly Step[] {
  const hasArrived = ({ fate }: TimelineMessage): boolean => fate === 'delivered' || fate === 'discarded';
  return data.messages.filter((message) => !message.faint && hasArrived(message) === arrived).map((message) => {
    const [arrow, remark] = ARROWS[message.fate];
    return { timeUs: arrived ? message.endUs : message.sentUs, text: `p${message.from}${arrow}p${message.to}: ${safe(messageText(message) + remark)}` };
  });
}

function reigns(data: TimelineData): readonly Step[] {
  return data.reigns.map((reign) => ({ timeUs: reign.fromUs, text: note(`p${reign.node}`, `leads ${epochText(reign.epoch)}, ${at(data, reign.fromUs)}`) }));
}

function spans(data: TimelineData): readonly Step[] {
  return data.spans.flatMap(({ kind, node, fromUs, toUs, open }) => {
    const [begins, ends] = kind === 'down' ? ['crashes', 'restarts'] : ['pauses', 'goes on'];
    const begin = { timeUs: fromUs, text: note(`p${node}`, `${begins}, ${at(data, fromUs)}`) };
    return open ? [begin] : [begin, { timeUs: toUs, text: note(`p${node}`, `${ends}, ${at(data, toUs)}`) }];
  });
}

function faults(data: TimelineData): readonly Step[] {
  return data.faults.flatMap(({ text, fromUs, toUs, open }) => {
    const begin = { timeUs: fromUs, text: note(everybody(data), `${text}, ${at(data, fromUs)}`) };
    return open || toUs === fromUs ? [begin] : [begin, { timeUs: toUs, text: note(everybody(data), `no more ${text}, ${at(data, toUs)}`) }];
  });
}

function marks(data: TimelineData): readonly Step[] {
  return data.marks.filter(({ kind }) => TOLD.has(kind)).map((mark) => (
    { timeUs: mark.timeUs, text: note(`p${mark.node}`, mark.kind === 'timeout' ? `${MARK_WORDS.timeout}, ${at(data, mark.timeUs)}` : markText(data, mark)) }));
}

/** What messages do not tell: that an operation was never answered; in a history, which has none, all of it. */
function operations(data: TimelineData): readonly Step[] {
  return data.operations.filter(({ outcome }) => data.messages.length === 0 || outcome === 'open' || outcome === 'unknown').map((operation) => {
    const ends = `${operationText(operation)} → ${outcomeText(operation)}`;
    const span = data.unit === 'number' ? `, ${operation.fromUs} to ${operation.outcome === 'open' ? 'open' : operation.toUs}` : '';
    return { timeUs: data.messages.length === 0 ? operation.fromUs : operation.toUs, text: note(`p${operation.client}`, ends + span) };
  });
}

function violations(data: TimelineData): readonly Step[] {
  return data.violations.map(({ code, message, timeUs, nodes, expected }) => {
    const low = Math.min(...nodes), high = Math.max(...nodes);
    const over = nodes.length === 0 ? everybody(data) : low === high ? `p${low}` : `p${low},p${high}`;
    return { timeUs, text: note(over, `${code}${expected ? ' (expected)' : ''}. ${message}`) };
  });
}
