/**
 * What several checkers read off a log: its events without the messages, who led when, which operations write, and how
 * things are called in messages to a person. Nothing here judges.
 */
import { EVENT, type EventKind, type EventLog } from '../engine/events.ts';
import { operationText } from '../engine/words.ts';
import { onlyReads } from '../model/actions.ts';
import type { ActionModel } from '../model/scenario.ts';
import type { CheckResult, Execution, Finding, NotCheckable, ObservedOperation } from './checker.ts';

const MESSAGE_KINDS: ReadonlySet<EventKind> = new Set<EventKind>([EVENT.send, EVENT.receive, EVENT.lost, EVENT.discard, EVENT.hold, EVENT.release]);

interface Index {
  readonly length: number;
  readonly state: readonly number[];
  /** Events by kind. */
  readonly counts: readonly number[];
  /** Every event has a time. */
  readonly timed: boolean;
}

const indexes = new WeakMap<EventLog, Index>();

/** Most events of a run are messages, which few checkers read: sorted out once per log and remembered. */
function indexOf(log: EventLog): Index {
  const known = indexes.get(log);
  if (known !== undefined && known.length === log.length) return known;
  const state: number[] = [];
  const counts = new Array<number>(Object.keys(EVENT).length).fill(0);
  let timed = true;
  for (let i = 0; i < log.length; i++) {
    const kind = log.kind(i);
    if (!(log.timeUs(i) >= 0)) timed = false;
    counts[kind] = counts[kind]! + 1;
    if (!MESSAGE_KINDS.has(kind)) state.push(i);
  }
  const index = { length: log.length, state, counts, timed };
  indexes.set(log, index);
  return index;
}

/** Indexes of all events but those of messages (send, receive, lost, discard, hold, release), in order. */
export function stateEvents(log: EventLog): readonly number[] { return indexOf(log).state; }

/** Whether the log has an event of any of these kinds. */
export function hasAny(log: EventLog, ...kinds: readonly EventKind[]): boolean {
  const { counts } = indexOf(log);
  return kinds.some((kind) => counts[kind]! > 0);
}

/** A node's belief that it leads, from `leads` up to (excluding) the event `end`; being paused or cut off does not end it. */
export interface Reign {
  readonly node: number;
  readonly epoch: number;
  readonly start: number;
  /** Index of the event that ended it, or the log's length. */
  readonly end: number;
}

/** All reigns, by their start. */
export function reignsOf(log: EventLog): readonly Reign[] {
  const open = new Map<number, { epoch: number; start: number }>();
  const reigns: Reign[] = [];
  const close = (node: number, end: number): void => {
    const reign = open.get(node);
    if (reign === undefined) return;
    open.delete(node);
    reigns.push({ node, ...reign, end });
  };
  for (const i of stateEvents(log)) {
    const kind = log.kind(i), node = log.node(i);
    if (kind === EVENT.leads) {
      if (open.get(node)?.epoch === log.epoch(i)) continue;
      close(node, i);
      open.set(node, { epoch: log.epoch(i), start: i });
    } else if (kind === EVENT.stepsDown || kind === EVENT.crash || (kind === EVENT.follows && log.peer(i) !== node)) {
      close(node, i);
    }
  }
  for (const node of [...open.keys()]) close(node, log.length);
  return reigns.sort((a, b) => a.start - b.start);
}

/** Pairs of reigns of different nodes that overlap, the one that began earlier first. */
export function overlappingReigns(log: EventLog): readonly (readonly [Reign, Reign])[] {
  const pairs: (readonly [Reign, Reign])[] = [];
  let active: Reign[] = [];
  for (const reign of reignsOf(log)) {
    active = active.filter((other) => other.end > reign.start);
    for (const other of active) if (other.node !== reign.node) pairs.push([other, reign]);
    active.push(reign);
  }
  return pairs;
}

/** Strict majority of n nodes. */
export function majorityOf(n: number): number { return Math.floor(n / 2) + 1; }

/** The operations of a slot's event, those included that it tells to have no effect any more. */
export function operationsOf(log: EventLog, i: number): readonly number[] {
  return log.operations(i).map((op) => (op < 0 ? -1 - op : op));
}

/** Whether two slot events have the same content: same text, and same operation where both know one. */
export function sameContent(log: EventLog, i: number, j: number): boolean {
  const aborts = log.kind(i) === EVENT.abort;
  if (aborts || log.kind(j) === EVENT.abort) return aborts && log.kind(j) === EVENT.abort;
  if (log.textId(i) !== log.textId(j)) return false;
  return log.op(i) === log.op(j) || log.op(i) < 0 || log.op(j) < 0;
}

export function isDecision(kind: EventKind): boolean {
  return kind === EVENT.commit || kind === EVENT.apply || kind === EVENT.abort;
}

export function isWrite(action: ActionModel): boolean { return !onlyReads(action); }

/** An acknowledged operation that changes something. */
export function isAckedWrite(operation: ObservedOperation): boolean {
  return operation.outcome === 'ok' && operation.endEvent >= 0 && isWrite(operation.action);
}

export function operationsById(execution: Execution): ReadonlyMap<number, ObservedOperation> {
  return new Map(execution.operations.map((operation) => [operation.op, operation]));
}

/** How a message calls an operation: its label, or whose it is and what it asks. */
export function operationName(execution: Execution, operation: ObservedOperation): string {
  return operation.label ?? `${nameOf(execution, operation.client)}'s ${operationText(operation.action)}`;
}

export function nameOf(execution: Execution, process: number): string { return execution.names[process] ?? `process ${process}`; }

/** `640ms`, `1.5ms`, `20us`: as the language writes durations. */
export function duration(us: number): string {
  if (us !== 0 && Math.abs(us) < 1000) return `${Math.round(us)}us`;
  return `${Math.round(us) / 1000}ms`;
}

/** A finding whose order among events the log itself proves; the lists default to empty. */
export function finding(execution: Execution, code: string, severity: Finding['severity'], message: string,
  about: Partial<Pick<Finding, 'witnesses' | 'operations' | 'slots' | 'epochs' | 'nodes' | 'certainty' | 'timeUs'>>): Finding {
  const witnesses = (about.witnesses ?? []).filter((index) => index >= 0);
  const first = witnesses[0];
  return {
    code, severity, message,
    certainty: about.certainty ?? 'proved',
    timeUs: about.timeUs ?? (first === undefined ? execution.endUs : execution.log.timeUs(first)),
    witnesses: [...new Set(witnesses)],
    operations: known(about.operations), slots: known(about.slots), epochs: known(about.epochs), nodes: known(about.nodes),
  };
}

/** Without -1 and repetitions, in order. */
function known(ids: readonly number[] | undefined): readonly number[] { return [...new Set((ids ?? []).filter((id) => id >= 0))]; }

export function result(findings: readonly Finding[], notCheckable: readonly NotCheckable[] = [], unknown: readonly string[] = [], reached?: string): CheckResult {
  return reached === undefined ? { findings, notCheckable, unknown } : { findings, notCheckable, unknown, reached };
}

/** Kinds of event any of which will do, and what they are called. */
type Need = readonly [words: string, ...kinds: EventKind[]];

/**
 * For a recorded trace: which of the needed kinds of event it has none of. A simulation records everything, so that an
 * absent kind there means that it did not happen.
 */
export function missingFrom(execution: Execution, code: string, needs: readonly Need[]): readonly NotCheckable[] {
  if (execution.source === 'simulation') return [];
  const missing = needs.filter(([, ...kinds]) => !hasAny(execution.log, ...kinds)).map(([words]) => words);
  return missing.length === 0 ? [] : [{ code, missing: missing.join(' and ') }];
}

/** Whether times tell the order of different nodes' events: always in a simulation, and in a trace where every event has one. */
export function orderIsKnown(execution: Execution): boolean {
  return execution.source === 'simulation' || indexOf(execution.log).timed;
}

/** Nodes that will not act any more at the end: down, or paused and never resumed. */
export function unavailableAtEnd(execution: Execution): readonly ('down' | 'paused' | undefined)[] {
  const { log } = execution;
  const state = new Array<'down' | 'paused' | undefined>(execution.nodeCount).fill(undefined);
  for (const i of stateEvents(log)) {
    const kind = log.kind(i), node = log.node(i);
    if (node < 0 || node >= state.length) continue;
    if (kind === EVENT.pause) state[node] = 'paused';
    else if (kind === EVENT.resume || kind === EVENT.restart || kind === EVENT.crash) state[node] = undefined;
  }
  return state.map((word, node) => (execution.aliveAtEnd[node] === false ? 'down' : word));
}

/** Whether messages go through both ways between two processes at the end. */
export function connectedAtEnd(execution: Execution, p: number, q: number): boolean {
  return p === q || (execution.reachableAtEnd[p]?.[q] !== false && execution.reachableAtEnd[q]?.[p] !== false);
}
