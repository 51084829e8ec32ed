/**
 * Registers whose writes are all different (Gibbons and Korach 1997, §4.3): a read tells which write it saw, and then whether
 * there is a linearization takes sorting, not search.
 *
 * A write and the reads that saw it are a cluster. All of it lies together in any order, so of two clusters one comes
 * first, and it cannot be that each has a call which ended before one of the other began. With the earliest end and the latest start of each,
 * that is all there is to ask.
 */
import type { Interval } from './intervals.ts';

/** What a register holds before any write. */
const NOTHING = 'nil';

interface Cluster {
  /** undefined: what was there at the start. */
  readonly write: Interval | undefined;
  /** The calls that end first and start last; undefined for the start itself. */
  first: Interval | undefined;
  last: Interval | undefined;
  firstEnd: number;
  lastStart: number;
}

/** Whether the calls are what this can decide: reads and writes, and no value written twice. */
export function writesAreDistinct(intervals: readonly Interval[]): boolean {
  const written = new Set<string>([NOTHING]);
  for (const { call } of intervals) {
    if (call.kind === 'read') continue;
    if (call.kind !== 'write' || written.has(call.argument)) return false;
    written.add(call.argument);
  }
  return true;
}

/** Some calls that contradict each other, whatever the others did; undefined where all can be ordered. Only for distinct writes. */
export function contradiction(intervals: readonly Interval[]): readonly Interval[] | undefined {
  const clusters = new Map<string, Cluster>([[NOTHING, { write: undefined, first: undefined, last: undefined, firstEnd: -Infinity, lastStart: -Infinity }]]);
  for (const one of intervals) {
    if (one.call.kind !== 'read') clusters.set(one.call.argument, { write: one, first: one, last: one, firstEnd: one.end, lastStart: one.start });
  }
  for (const one of intervals) {
    if (one.call.kind !== 'read' || one.call.result === undefined) continue;
    const cluster = clusters.get(one.call.result);
    if (cluster === undefined) return [one];
    if (cluster.write !== undefined && one.end < cluster.write.start) return [cluster.write, one];
    if (one.end < cluster.firstEnd) { cluster.firstEnd = one.end; cluster.first = one; }
    if (one.start > cluster.lastStart) { cluster.lastStart = one.start; cluster.last = one; }
  }
  return conflictOf([...clusters.values()]);
}

/** Two clusters of which each has a call that ended before one of the other began. At least one is spread out: `firstEnd` before `lastStart`. */
function conflictOf(clusters: readonly Cluster[]): readonly Interval[] | undefined {
  const spread = clusters.filter(({ firstEnd, lastStart }) => firstEnd < lastStart).sort((a, b) => a.firstEnd - b.firstEnd || a.lastStart - b.lastStart);
  for (let i = 1; i < spread.length; i++) if (spread[i]!.firstEnd < spread[i - 1]!.lastStart) return callsOf(spread[i - 1]!, spread[i]!);
  for (const cluster of clusters) {
    if (cluster.firstEnd < cluster.lastStart) continue;
    const around = lastBefore(spread, cluster.lastStart);
    if (around !== undefined && cluster.firstEnd < around.lastStart) return callsOf(around, cluster);
  }
  return undefined;
}

/** The last of them that begins before a time. */
function lastBefore(spread: readonly Cluster[], time: number): Cluster | undefined {
  let low = 0, high = spread.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spread[middle]!.firstEnd < time) low = middle + 1;
    else high = middle;
  }
  return spread[low - 1];
}

function callsOf(...clusters: readonly Cluster[]): readonly Interval[] {
  return [...new Set(clusters.flatMap(({ write, first, last }) => [write, first, last]).filter((one) => one !== undefined))];
}
