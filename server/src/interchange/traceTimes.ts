/**
 * The times that a written trace gives. Read back, what has the same time comes in the order of the lines, and a delivery
 * stands with its sending. Where that would put a delivery that decides something before what had preceded it in the same
 * instant, it and all after it are written a nanosecond later.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { Row } from './traceWriter.ts';

const NANOSECOND_US = 0.001;

/** By event (a send, its receive, a node's own): the time to write, µs. */
export function writtenTimes(log: EventLog, rows: readonly Row[], nodeCount: number): ReadonlyMap<number, number> {
  const rowOf = new Map<number, number>();
  rows.forEach(({ event, receive }, at) => {
    rowOf.set(event, at);
    if (receive >= 0) rowOf.set(receive, at);
  });
  const times = new Map<number, number>();
  const promised = new Map<number, number>();
  let instant = -1, shift = 0, lastRow = -1;
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) === EVENT.promise) promised.set(log.node(i), log.epoch(i));
    const row = rowOf.get(i);
    if (row === undefined) continue;
    if (log.timeUs(i) !== instant) {
      instant = log.timeUs(i);
      shift = 0;
      lastRow = -1;
    }
    if (row < lastRow && log.kind(i) === EVENT.receive && decides(log, i, nodeCount, promised)) {
      shift++;
      lastRow = -1;
    }
    lastRow = Math.max(lastRow, row);
    times.set(i, instant + shift * NANOSECOND_US);
  }
  return times;
}

/** A delivery whose place among the events of its instant matters: it makes a promise, or it ends or begins something for a client. */
function decides(log: EventLog, i: number, nodeCount: number, promised: ReadonlyMap<number, number>): boolean {
  return log.node(i) >= nodeCount || log.peer(i) >= nodeCount || log.epoch(i) > (promised.get(log.node(i)) ?? -1);
}
