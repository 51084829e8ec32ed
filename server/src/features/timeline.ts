/**
 * A run as a picture needs it: who there is, what was sent and how it fared, who led, what broke, what the clients saw.
 * Plain data, so that it crosses to the editor's panel as JSON. Absent numbers are -1 and absent texts '', as in the log.
 */
import type { Analysis, BlockResult, Verdict } from '../analysis/analysis.ts';
import type { Execution } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
import type { EventLog } from '../engine/events.ts';
import type { RunEnd } from '../engine/run.ts';
import type { BlockKind } from '../language/syntax.ts';
import { faultsOf } from './timelineFaults.ts';
import { messagesOf } from './timelineMessages.ts';

export interface TimelineBlock {
  readonly kind: BlockKind;
  readonly name: string;
  readonly line: number;
}

export interface TimelineProcess {
  readonly name: string;
  readonly role: 'node' | 'client';
}

export type MessageFate = 'delivered' | 'discarded' | 'lost' | 'in-flight';

export interface TimelineMessage {
  readonly from: number;
  readonly to: number;
  readonly word: string;
  /** What it is about: `k = 1`. */
  readonly content: string;
  readonly epoch: number;
  readonly slot: number;
  /** Index in `operations` of what it is about. */
  readonly op: number;
  readonly sentUs: number;
  /** When it arrived or was lost; for one still under way, when the run ended. */
  readonly endUs: number;
  readonly fate: MessageFate;
  /** Why it was lost or ignored. */
  readonly why: string;
  /** The statement it stems from, and the statement that lost or held it. */
  readonly line: number;
  readonly faultLine: number;
  /** Stretches of time in which it was held, pairs of from and to, µs. */
  readonly held: readonly number[];
  /** One of many alike that say nothing but "I am here": heartbeats. */
  readonly faint: boolean;
}

export interface TimelineReign {
  readonly node: number;
  readonly epoch: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** It still led when the run ended. */
  readonly open: boolean;
  readonly votes: number;
  readonly line: number;
}

/** A node that is down, or paused. */
export interface TimelineSpan {
  readonly kind: 'down' | 'paused';
  readonly node: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly open: boolean;
  readonly line: number;
}

/** Something done to the links, clocks or disks. `fromUs` = `toUs`: it has no duration of its own. */
export interface TimelineFault {
  readonly text: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly open: boolean;
  /** Sides that cannot hear each other; empty where the fault is not a partition. */
  readonly groups: readonly (readonly number[])[];
  readonly line: number;
}

export type MarkKind = 'timeout' | 'candidate' | 'vote' | 'promise' | 'accept' | 'commit' | 'apply' | 'abort' | 'truncate' | 'steps-down' | 'doubt'
  | 'settled';

export interface TimelineMark {
  readonly kind: MarkKind;
  readonly node: number;
  readonly timeUs: number;
  readonly peer: number;
  readonly epoch: number;
  readonly slot: number;
  readonly content: string;
  readonly why: string;
  readonly line: number;
}

export interface TimelineOperation {
  readonly client: number;
  readonly label: string;
  /** `write k = 1` */
  readonly content: string;
  readonly fromUs: number;
  readonly toUs: number;
  /** 'open': it was never answered. */
  readonly outcome: 'ok' | 'failed' | 'unknown' | 'open';
  /** What came back: a read's value. */
  readonly value: string;
  readonly line: number;
}

export interface TimelineViolation {
  readonly code: string;
  readonly message: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly expected: boolean;
  readonly timeUs: number;
  readonly nodes: readonly number[];
  readonly line: number;
  /** Codes of what followed from it. */
  readonly folded: readonly string[];
  /** Indexes of messages and operations among its witnesses. */
  readonly messages: readonly number[];
  readonly operations: readonly number[];
}

export interface TimelineData {
  readonly kind: BlockKind;
  readonly name: string;
  /** First and last line of the block. */
  readonly line: number;
  readonly endLine: number;
  /** Index of the block among `blocks`, the document's. */
  readonly block: number;
  readonly blocks: readonly TimelineBlock[];
  readonly verdict: Verdict;
  /** The block cannot run as it now stands: this is its run before. */
  readonly beforeEdit?: boolean;
  /** 'errors': the block cannot run until `problems` are gone; 'cancelled': a newer edit overtook the run. */
  readonly state: 'ready' | 'errors' | 'cancelled';
  readonly problems: readonly { readonly line: number; readonly message: string }[];
  /** A history's times are bare numbers. */
  readonly unit: 'us' | 'number';
  readonly end: RunEnd;
  readonly endUs: number;
  readonly processes: readonly TimelineProcess[];
  readonly messages: readonly TimelineMessage[];
  readonly reigns: readonly TimelineReign[];
  readonly spans: readonly TimelineSpan[];
  readonly faults: readonly TimelineFault[];
  readonly marks: readonly TimelineMark[];
  readonly operations: readonly TimelineOperation[];
  readonly violations: readonly TimelineViolation[];
  /** Events at the end of a very long run that are left out of the picture. */
  readonly omittedEvents: number;
}

/** Beyond this many events a picture is cut off: it has to cross to the editor, and nobody reads that far. */
export const MOST_EVENTS = 200_000;

/** The timeline of one block of a document, with the names of the others; undefined: there is no such block. */
export function timelineAt(analysis: Analysis, block: number): TimelineData | undefined {
  const result = analysis.blocks[block];
  if (result === undefined) return undefined;
  const blocks = analysis.blocks.map(({ kind, name, line }) => ({ kind, name, line }));
  return { ...timelineOf(result), block, blocks };
}

export function timelineOf(block: BlockResult): TimelineData {
  const { kind, name, line, endLine, verdict, execution } = block;
  const beforeEdit = block.beforeEdit === true ? { beforeEdit: true } : {};
  const frame = { ...EMPTY, kind, name, line, endLine, verdict, ...beforeEdit, blocks: [{ kind, name, line }] };
  if (block.history !== undefined) return { ...frame, unit: 'number', ...historyParts(block) };
  if (execution === undefined) return { ...frame, state: 'errors', problems: errorsOf(block) };
  if (execution.end === 'cancelled') return { ...frame, state: 'cancelled' };
  return { ...frame, ...executionParts(block, execution) };
}

const EMPTY: TimelineData = {
  kind: 'scenario', name: '', line: 0, endLine: 0, block: 0, blocks: [], verdict: 'unknown', state: 'ready', problems: [], unit: 'us', end: 'done',
  endUs: 0, processes: [], messages: [], reigns: [], spans: [], faults: [], marks: [], operations: [], violations: [], omittedEvents: 0,
};

function errorsOf(block: BlockResult): TimelineData['problems'] {
  return block.diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
    .map(({ place, message }) => ({ line: place.line, message })).slice(0, 20);
}

function executionParts(block: BlockResult, execution: Execution): Partial<TimelineData> {
  const { log, names, nodeCount, endUs } = execution;
  const length = Math.min(log.length, MOST_EVENTS);
  const sent = messagesOf(log, length, nodeCount, endUs);
  const indexOfOperation = new Map(execution.operations.map((operation, index) => [operation.op, index]));
  const operationIndex = (op: number): number => indexOfOperation.get(op) ?? -1;
  return {
    end: execution.end,
    endUs,
    processes: names.map((processName, index) => ({ name: processName, role: index < nodeCount ? 'node' : 'client' })),
    messages: sent.messages.map((message) => (message.op < 0 ? message : { ...message, op: operationIndex(message.op) })),
    reigns: reignsOf(log, length, endUs),
    spans: spansOf(log, length, endUs),
    faults: faultsOf(block, log, length, endUs, names),
    marks: marksOf(log, length),
    operations: operationsOf(execution, length),
    violations: violationsOf(block, log, sent.messageOfEvent, operationIndex),
    omittedEvents: log.length - length,
  };
}

function reignsOf(log: EventLog, length: number, endUs: number): TimelineReign[] {
  const reigns: TimelineReign[] = [];
  /** By group and node. */
  const current = new Map<string, number>();
  const close = (group: number, node: number, toUs: number): void => {
    const index = current.get(`${group} ${node}`);
    if (index === undefined) return;
    reigns[index] = { ...reigns[index]!, toUs, open: false };
    current.delete(`${group} ${node}`);
  };
  for (let i = 0; i < length; i++) {
    const kind = log.kind(i), node = log.node(i), group = log.group(i), timeUs = log.timeUs(i);
    if (kind === EVENT.stepsDown) close(group, node, timeUs);
    if (kind === EVENT.crash) for (let each = 0; each <= log.groups; each++) close(each, node, timeUs);
    if (kind !== EVENT.leads) continue;
    close(group, node, timeUs);
    current.set(`${group} ${node}`, reigns.length);
    reigns.push({ node, epoch: log.epoch(i), fromUs: timeUs, toUs: Math.max(timeUs, endUs), open: true, votes: log.a(i), line: log.line(i) });
  }
  return reigns;
}

function spansOf(log: EventLog, length: number, endUs: number): TimelineSpan[] {
  const spans: TimelineSpan[] = [];
  const current = new Map<string, number>();
  const close = (kind: TimelineSpan['kind'], node: number, toUs: number): void => {
    const key = `${kind} ${node}`, index = current.get(key);
    if (index === undefined) return;
    spans[index] = { ...spans[index]!, toUs, open: false };
    current.delete(key);
  };
  const open = (kind: TimelineSpan['kind'], node: number, fromUs: number, line: number): void => {
    if (current.has(`${kind} ${node}`)) return;
    current.set(`${kind} ${node}`, spans.length);
    spans.push({ kind, node, fromUs, toUs: Math.max(fromUs, endUs), open: true, line });
  };
  for (let i = 0; i < length; i++) {
    const kind = log.kind(i), node = log.node(i), timeUs = log.timeUs(i);
    if (kind === EVENT.resume || kind === EVENT.crash) close('paused', node, timeUs);
    if (kind === EVENT.restart) close('down', node, timeUs);
    if (kind === EVENT.crash) open('down', node, timeUs, log.line(i));
    if (kind === EVENT.pause) open('paused', node, timeUs, log.line(i));
  }
  return spans;
}

const MARKS: ReadonlyMap<number, MarkKind> = new Map<number, MarkKind>([
  [EVENT.timeout, 'timeout'], [EVENT.candidate, 'candidate'], [EVENT.vote, 'vote'], [EVENT.promise, 'promise'], [EVENT.accept, 'accept'],
  [EVENT.commit, 'commit'], [EVENT.apply, 'apply'], [EVENT.abort, 'abort'], [EVENT.truncate, 'truncate'], [EVENT.stepsDown, 'steps-down'],
  [EVENT.doubt, 'doubt'], [EVENT.settled, 'settled'],
]);

function marksOf(log: EventLog, length: number): TimelineMark[] {
  const marks: TimelineMark[] = [];
  for (let i = 0; i < length; i++) {
    const kind = MARKS.get(log.kind(i));
    if (kind === undefined) continue;
    marks.push({ kind, node: log.node(i), timeUs: log.timeUs(i), peer: log.peer(i), epoch: log.epoch(i), slot: log.slot(i), content: log.text(i),
      why: log.detail(i), line: log.line(i) });
  }
  return marks;
}

function operationsOf(execution: Execution, length: number): TimelineOperation[] {
  const { log } = execution;
  return execution.operations.map((operation) => {
    const { invokeEvent, endEvent } = operation;
    const fromUs = invokeEvent >= 0 ? log.timeUs(invokeEvent) : 0;
    const ended = endEvent >= 0 && endEvent < length;
    return {
      client: operation.client,
      label: operation.label ?? '',
      content: invokeEvent >= 0 ? log.text(invokeEvent) : operation.action.kind,
      fromUs,
      toUs: ended ? log.timeUs(endEvent) : Math.max(fromUs, execution.endUs),
      outcome: ended ? operation.outcome : 'open',
      value: operation.value ?? '',
      line: invokeEvent >= 0 ? log.line(invokeEvent) : -1,
    };
  });
}

function violationsOf(block: BlockResult, log: EventLog | undefined, messageOfEvent: ReadonlyMap<number, number>,
  operationIndex: (op: number) => number): TimelineViolation[] {
  // A witness is a message's event, or what a message made a node do.
  const messageBehind = (event: number): number => messageOfEvent.get(event) ?? messageOfEvent.get(log?.cause(event) ?? -1) ?? -1;
  return block.violations.map(({ finding, line, expected, folded }) => ({
    code: finding.code,
    message: finding.message,
    severity: finding.severity,
    expected,
    timeUs: finding.timeUs,
    nodes: finding.nodes,
    line,
    folded: [...new Set(folded.map((other) => other.code))].filter((code) => code !== finding.code),
    messages: unique(log === undefined ? [] : finding.witnesses.map(messageBehind)),
    operations: unique(finding.operations.map(operationIndex)),
  }));
}

const unique = (indexes: readonly number[]): number[] => [...new Set(indexes)].filter((index) => index >= 0);

/** A history has no nodes, messages or events: only what its clients saw. */
function historyParts(block: BlockResult): Partial<TimelineData> {
  const operations = block.history?.operations ?? [];
  const names = [...new Set(operations.map((operation) => operation.client))];
  const latest = operations.reduce((most, { start, end }) => Math.max(most, end ?? start + 1), 0);
  return {
    endUs: latest,
    processes: names.map((name) => ({ name, role: 'client' })),
    operations: operations.map((operation) => ({
      client: names.indexOf(operation.client),
      label: '',
      content: historyContent(operation.kind, operation.key, operation.argument, operation.argument2),
      fromUs: operation.start,
      toUs: operation.end ?? latest,
      outcome: operation.end === undefined ? 'open' : operation.outcome,
      value: operation.result,
      line: operation.line,
    })),
    violations: violationsOf(block, undefined, new Map(), (op) => (op < operations.length ? op : -1))
      .map((violation) => ({ ...violation, timeUs: operations[violation.operations[0] ?? -1]?.start ?? latest })),
  };
}

function historyContent(kind: string, key: string, argument: string, argument2: string): string {
  if (kind === 'cas') return `cas ${key} ${argument} -> ${argument2}`;
  if (argument === '') return `${kind} ${key}`.trim();
  return kind === 'write' || kind === 'writes' ? `${kind} ${key} = ${argument}` : `${kind} ${argument} ${key}`.trim();
}
