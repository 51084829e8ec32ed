/**
 * Queues whose values are all different: four rules tell whether there is a linearization (Henzinger, Sezgin and Vafeiadis 2013;
 * in log-linear time: Abdulla et al. 2025, Lee and Mathur 2025). A dequeue finds what was enqueued and not yet taken; nobody
 * takes a value twice; what was enqueued before another is taken before it; and a dequeue that found nothing had a moment at
 * which nothing was certainly there.
 */
import type { Interval } from './intervals.ts';

/** A value's way through a queue or a stack. */
export interface Passage {
  readonly enqueue: Interval;
  dequeue: Interval | undefined;
}

/** What went through, and the dequeues that found nothing. */
interface Traffic {
  readonly passages: readonly Passage[];
  readonly empty: readonly Interval[];
}

const isEmpty = ({ call }: Interval): boolean => call.result === 'nil' || call.result === 'empty';

/** Whether the calls are what this can decide: no value twice, and of each dequeue it is known what it took. */
export function passesAreDistinct(intervals: readonly Interval[]): boolean {
  const values = new Set<string>();
  return intervals.every(({ call, end }) => {
    if (call.kind === 'dequeue') return call.result !== undefined && end !== Infinity;
    if (call.kind !== 'enqueue' || values.has(call.argument) || /[\s,]/.test(call.argument)) return false;
    return values.add(call.argument);
  });
}

/** Some calls that contradict each other, whatever the others did; undefined where all can be ordered. */
export function queueContradiction(intervals: readonly Interval[]): readonly Interval[] | undefined {
  const traffic = trafficOf(intervals);
  return 'wrong' in traffic ? traffic.wrong : overtaken(traffic.passages) ?? wronglyEmpty(traffic);
}

/** The values' ways; or calls that are wrong whatever the order of taking: a value from nowhere, taken twice, or before it came. */
export function trafficOf(intervals: readonly Interval[]): Traffic | { readonly wrong: readonly Interval[] } {
  const passages = new Map<string, Passage>();
  for (const one of intervals) if (one.call.kind === 'enqueue') passages.set(one.call.argument, { enqueue: one, dequeue: undefined });
  const empty: Interval[] = [];
  for (const one of intervals) {
    if (one.call.kind !== 'dequeue') continue;
    if (isEmpty(one)) { empty.push(one); continue; }
    const passage = passages.get(one.call.result!);
    if (passage === undefined) return { wrong: [one] };
    if (passage.dequeue !== undefined) return { wrong: [passage.enqueue, passage.dequeue, one] };
    if (one.end < passage.enqueue.start) return { wrong: [passage.enqueue, one] };
    passage.dequeue = one;
  }
  // What nobody is known to have enqueued or dequeued may as well not have been.
  return { passages: [...passages.values()].filter(({ enqueue, dequeue }) => enqueue.end !== Infinity || dequeue !== undefined), empty };
}

export const taken = ({ dequeue }: Passage): number => dequeue?.start ?? Infinity;
/** From when on a value is certainly in, unless it is out already. */
export const inside = ({ enqueue, dequeue }: Passage): number => Math.min(enqueue.end, dequeue?.end ?? Infinity);
export const callsOf = (...passages: readonly Passage[]): readonly Interval[] => passages.flatMap(({ enqueue, dequeue }) => (dequeue === undefined ? [enqueue] : [enqueue, dequeue]));

/** A value that was in before another came, and was still in when that one was out. */
function overtaken(passages: readonly Passage[]): readonly Interval[] | undefined {
  const byEntry = [...passages].sort((a, b) => inside(a) - inside(b)), byStart = [...passages].sort((a, b) => a.enqueue.start - b.enqueue.start);
  let latest: Passage | undefined, at = 0;
  for (const passage of byStart) {
    for (; at < byEntry.length && inside(byEntry[at]!) < passage.enqueue.start; at++) {
      if (latest === undefined || taken(byEntry[at]!) > taken(latest)) latest = byEntry[at];
    }
    if (latest !== undefined && passage.dequeue !== undefined && passage.dequeue.end < taken(latest)) return callsOf(latest, passage);
  }
  return undefined;
}

/** A dequeue that found nothing, while at each moment of it some value was certainly in. */
export function wronglyEmpty({ passages, empty }: Traffic): readonly Interval[] | undefined {
  const byEntry = passages.filter((one) => inside(one) < taken(one)).sort((a, b) => inside(a) - inside(b));
  // By how many have entered: the one among them that stays longest.
  const longest: Passage[] = [];
  for (const one of byEntry) {
    const before = longest.at(-1);
    longest.push(before !== undefined && taken(before) >= taken(one) ? before : one);
  }
  for (const one of empty) {
    const around: Passage[] = [];
    let time = one.start;
    for (let stays = longestAt(byEntry, longest, time); stays !== undefined && taken(stays) > time; stays = longestAt(byEntry, longest, time)) {
      around.push(stays);
      time = taken(stays);
      if (time > one.end) return [...callsOf(...around), one];
    }
  }
  return undefined;
}

/** Of those that entered before a time, the one that stays longest. */
function longestAt(byEntry: readonly Passage[], longest: readonly Passage[], time: number): Passage | undefined {
  let low = 0, high = byEntry.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inside(byEntry[middle]!) < time) low = middle + 1;
    else high = middle;
  }
  return longest[low - 1];
}
