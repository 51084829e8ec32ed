/**
 * The times that a written trace gives. Read back, what has the same time comes in the order of the lines, and a delivery
 * stands with its sending. Where that would put a delivery that decides something before what had preceded it in the same
 * instant, it and all after it are written a microsecond later.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import { within } from './traceKnown.ts';
import type { Row } from './traceWriter.ts';

/** By event (a send, its receive, a node's own): the time to write, µs. */
export function writtenTimes(log: EventLog, rows: readonly Row[], nodeCount: number): ReadonlyMap<number, number> {
  const rowOf = new Map<number, number>();
  rows.forEach(({ event, receive }, at) => {
    rowOf.set(event, at);
    if (receive >= 0) rowOf.set(receive, at);
  });
  const times = new Map<number, number>();
  const promised = new Map<number, number>();
  /** What each node had promised when this instant began: in it, a delivery that comes earlier when read would promise the rest. */
  let before = new Map<number, number>();
  /** The last line written so far in this instant, by node; clients, whose order in time matters to each other, are one. */
  const lastRow = new Map<number, number>();
  let written = -1;
  for (let i = 0; i < log.length; i++) {
    const row = rowOf.get(i);
    if (row !== undefined) {
      const place = Math.min(log.node(i), nodeCount);
      const late = row < (lastRow.get(place) ?? -1) && log.kind(i) === EVENT.receive && decides(log, i, nodeCount, before);
      const next = Math.max(log.timeUs(i), late ? written + 1 : written);
      if (next > written) {
        lastRow.clear();
        before = new Map(promised);
      }
      written = next;
      lastRow.set(place, Math.max(lastRow.get(place) ?? -1, row));
      times.set(i, written);
    }
    if (log.kind(i) === EVENT.promise || (log.kind(i) === EVENT.receive && !promised.has(placeOf(log, i)))) promised.set(placeOf(log, i), log.epoch(i));
  }
  return times;
}

/** A delivery whose place among the events of its instant matters: it makes a promise, or it ends or begins something for a client. */
function decides(log: EventLog, i: number, nodeCount: number, promised: ReadonlyMap<number, number>): boolean {
  return log.node(i) >= nodeCount || log.peer(i) >= nodeCount || log.epoch(i) > (promised.get(placeOf(log, i)) ?? -1);
}

/** A node of a group. */
const placeOf = (log: EventLog, i: number): number => within(log.group(i), log.node(i));
