/**
 * What each node's log holds, read off its accept, commit, apply, abort, truncate and restart events, and which
 * acknowledged writes a leader lacks when it begins to lead.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { Execution, ObservedOperation } from './checker.ts';
import { hasAny, operationsOf, stateEvents } from './facts.ts';

/** One node's log: the operations in each slot, and how many slots hold each operation. */
class NodeLog {
  private readonly slots = new Map<number, readonly number[]>();
  private readonly counts = new Map<number, number>();
  private readonly durable = new Map<number, readonly number[]>();

  put(slot: number, ops: readonly number[]): void {
    this.remove(slot);
    this.slots.set(slot, ops);
    for (const op of ops) this.counts.set(op, (this.counts.get(op) ?? 0) + 1);
  }

  remove(slot: number): void {
    const ops = this.slots.get(slot) ?? [];
    this.slots.delete(slot);
    for (const op of ops) this.counts.set(op, this.counts.get(op)! - 1);
  }

  truncate(from: number): void {
    for (const slot of [...this.slots.keys()]) if (slot >= from) this.remove(slot);
    for (const slot of [...this.durable.keys()]) if (slot >= from) this.durable.delete(slot);
  }

  persist(slot: number, ops: readonly number[]): void { this.durable.set(slot, ops); }

  /** Back from a crash with what is on disk, which is nothing if the disk is lost. */
  restart(diskLost: boolean): void {
    if (diskLost) this.durable.clear();
    this.slots.clear();
    this.counts.clear();
    for (const [slot, ops] of this.durable) this.put(slot, ops);
  }

  has(op: number): boolean { return (this.counts.get(op) ?? 0) > 0; }
}

/** Writes whose fate is followed: decided somewhere, and acknowledged at some time. */
interface Tracked { readonly write: ObservedOperation; readonly decided: number; readonly epoch: number; lacking: number }

export interface Lacking {
  /** The leader's `leads` event. */
  readonly leads: number;
  /** Where the write had been decided before. */
  readonly decided: number;
}

/**
 * By operation: the first leader of a later epoch that began to lead without an acknowledged write which had been
 * decided before. In a recorded trace only writes whose acceptance it shows somewhere are known to be absent.
 */
export function leadersWithout(execution: Execution, writes: readonly ObservedOperation[]): ReadonlyMap<number, Lacking> {
  const { log } = execution;
  // An operation that is asked again and again (`every`) is followed from its first request on.
  const acked = new Map([...writes].reverse().map((write) => [write.op, write]));
  const logs = Array.from({ length: execution.nodeCount }, () => new NodeLog());
  const forgets = execution.source === 'simulation' || hasAny(log, EVENT.persist);
  const shown = execution.source === 'simulation' ? undefined : acceptedOperations(log);
  const open = new Map<number, Tracked>();
  const diskLost = new Set<number>(), found = new Map<number, Lacking>();
  for (const i of stateEvents(log)) {
    const node = log.node(i), own = logs[node];
    if (own === undefined) continue;
    switch (log.kind(i)) {
      case EVENT.commit: case EVENT.apply:
        own.put(log.slot(i), operationsOf(log, i));
        track(log, i, acked, open, shown);
        break;
      case EVENT.accept: own.put(log.slot(i), operationsOf(log, i)); break;
      case EVENT.abort: own.remove(log.slot(i)); break;
      case EVENT.truncate: own.truncate(log.slot(i)); break;
      case EVENT.persist: if (log.slot(i) >= 0) own.persist(log.slot(i), operationsOf(log, i)); break;
      case EVENT.crash:
        if (/losing disk/.test(`${log.text(i)} ${log.detail(i)}`)) diskLost.add(node);
        break;
      case EVENT.restart:
        if (forgets) own.restart(diskLost.delete(node));
        break;
      case EVENT.leads:
        for (const tracked of open.values()) {
          if (tracked.lacking >= 0 || tracked.epoch >= log.epoch(i) || own.has(tracked.write.op)) continue;
          tracked.lacking = i;
        }
        break;
      default:
    }
  }
  for (const [op, tracked] of open) if (tracked.lacking >= 0) found.set(op, { leads: tracked.lacking, decided: tracked.decided });
  return found;
}

/** Follows an acknowledged write from its first decision on. */
function track(log: EventLog, i: number, acked: ReadonlyMap<number, ObservedOperation>, open: Map<number, Tracked>,
  shown: ReadonlySet<number> | undefined): void {
  for (const op of operationsOf(log, i)) {
    const write = acked.get(op);
    if (write === undefined || open.has(op) || i > write.endEvent || shown?.has(op) === false) continue;
    open.set(op, { write, decided: i, epoch: log.epoch(i), lacking: -1 });
  }
}

function acceptedOperations(log: EventLog): ReadonlySet<number> {
  const operations = new Set<number>();
  for (const i of stateEvents(log)) if (log.kind(i) === EVENT.accept) for (const op of operationsOf(log, i)) operations.add(op);
  return operations;
}
