/**
 * The order of what a trace shows. Where it gives times, they tell; where it does not, order in the file is each node's
 * own order and a message ties its two ends. Every line has its ends in file order, so file order is always a possible
 * order, and what has no time is put as early as that allows.
 */
import type { Trace, TraceItem } from '../model/trace.ts';

/** One end of a line: a sending or an event (`delivery` false), or a delivery. */
export interface Moment {
  /** Index in `Trace.items`. */
  readonly item: number;
  readonly delivery: boolean;
  /** As the trace says, or -1. */
  readonly timeUs: number;
  /** Where it stands among the others: its time, or that of what it must come after. */
  readonly rank: number;
}

/** All moments of a trace, in order. Equal ranks keep the order of the file, a sending before its delivery. */
export function momentsOf(trace: Trace): readonly Moment[] {
  const moments: Moment[] = [];
  /** By process: the latest rank of what the file has shown of it so far. */
  const latest = new Float64Array(trace.nodes.length + trace.clients.length);
  trace.items.forEach((item, index) => {
    if (item.kind === 'event') {
      moments.push(moment(latest, index, false, item.timeUs, item.node, 0));
      return;
    }
    const sent = moment(latest, index, false, item.sentUs, item.from, 0);
    moments.push(sent);
    if (!item.lost && !item.open) moments.push(moment(latest, index, true, deliveryTime(item), item.to, sent.rank));
  });
  return moments.map((each, order) => ({ each, order })).sort((a, b) => a.each.rank - b.each.rank || a.order - b.order).map(({ each }) => each);
}

/** One moment alone is both: that of the sending and that of the delivery. */
function deliveryTime(item: Extract<TraceItem, { kind: 'message' }>): number | undefined {
  return item.deliveredUs ?? item.sentUs;
}

function moment(latest: Float64Array, item: number, delivery: boolean, timeUs: number | undefined, process: number, after: number): Moment {
  const rank = timeUs ?? Math.max(latest[process]!, after);
  latest[process] = Math.max(latest[process]!, rank);
  return { item, delivery, timeUs: timeUs ?? -1, rank };
}
