/**
 * Stacks whose values are all different, without a search. A stack is taken apart from the outside:
 *
 * - at a moment at which no value is certainly in, it may as well be empty: what belongs before and after is decided apart, and
 *   what may come and go at that very moment is in nobody's way (so are the pops that found nothing);
 * - else some value was pushed first and popped last: any for which nothing must come before its push or after its pop may be
 *   taken for it, since what is left of a linearization without one value is one of the others.
 *
 * Where neither is possible there is no linearization. The problem: Abdulla et al. 2025, quadratic as this is at worst (values
 * deep in each other, with others beside them at every depth); Lee and Mathur 2025 need n log n. Here that is one level.
 */
import type { Interval } from './intervals.ts';
import { callsOf, inside, taken, trafficOf, wronglyEmpty, type Passage } from './monitorQueue.ts';

/** Some calls that contradict each other, whatever the others did; undefined where all can be ordered. */
export function stackContradiction(intervals: readonly Interval[]): readonly Interval[] | undefined {
  const traffic = trafficOf(intervals);
  if ('wrong' in traffic) return traffic.wrong;
  const stuck = stuckPart(traffic.passages);
  return stuck === undefined ? wronglyEmpty(traffic) : callsOf(...fewest(stuck));
}

/** Its two ends: a value that nobody took leaves after everything. */
const gone = ({ dequeue }: Passage): number => dequeue?.end ?? Infinity;
const lastStart = (one: Passage): number => Math.max(one.enqueue.start, taken(one));

/** Values that cannot be ordered among themselves; undefined: there are none. */
function stuckPart(passages: readonly Passage[]): readonly Passage[] | undefined {
  const parts = [passages];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const inner = withoutOutermost(part);
    if (inner.length === 0) continue;
    const apart = splitWhereEmpty(inner);
    if (apart === undefined) return inner;
    parts.push(...apart);
  }
  return undefined;
}

/** Takes away values that may be the first in and the last out of what is left, one by one. */
function withoutOutermost(part: readonly Passage[]): readonly Passage[] {
  const left = new Set(part), ready: Passage[] = [], half = new Set<Passage>();
  const meets = (one: Passage): void => { if (half.has(one)) ready.push(one); else half.add(one); };
  const byEnd = [...part].sort((a, b) => inside(a) - inside(b)), byStart = [...part].sort((a, b) => lastStart(b) - lastStart(a));
  const firstIn = [...part].sort((a, b) => a.enqueue.start - b.enqueue.start), lastOut = [...part].sort((a, b) => gone(b) - gone(a));
  let end = 0, start = 0, first = 0, last = 0;
  for (;;) {
    while (end < byEnd.length && !left.has(byEnd[end]!)) end++;
    while (start < byStart.length && !left.has(byStart[start]!)) start++;
    if (end === byEnd.length) return [];
    // Only what ends before the push must precede it, only what starts after the pop must follow it.
    for (const firstEnd = inside(byEnd[end]!); first < part.length && firstIn[first]!.enqueue.start <= firstEnd; first++) meets(firstIn[first]!);
    for (const latestStart = lastStart(byStart[start]!); last < part.length && gone(lastOut[last]!) >= latestStart; last++) meets(lastOut[last]!);
    const outermost = ready.pop();
    if (outermost === undefined) return part.filter((one) => left.has(one));
    left.delete(outermost);
  }
}

/** The parts before, between and after the moments at which it may be empty; undefined if that parts nothing. */
function splitWhereEmpty(part: readonly Passage[]): readonly (readonly Passage[])[] | undefined {
  const moments = emptyMoments(part), parts = new Map<number, Passage[]>();
  let fewer = false;
  for (const one of part) {
    const at = firstFrom(moments, lastStart(one));
    if (at < moments.length && moments[at]! <= inside(one)) { fewer = true; continue; }
    const own = parts.get(at);
    if (own === undefined) parts.set(at, [one]);
    else own.push(one);
  }
  return fewer || parts.size > 1 ? [...parts.values()] : undefined;
}

/** The starts of calls at which no value is certainly in. */
function emptyMoments(part: readonly Passage[]): readonly number[] {
  const starts = part.flatMap((one) => [one.enqueue.start, taken(one)]).filter((time) => time !== Infinity).sort((a, b) => a - b);
  const byEntry = [...part].sort((a, b) => inside(a) - inside(b));
  let at = 0, until = -Infinity;
  return starts.filter((time) => {
    for (; at < byEntry.length && inside(byEntry[at]!) < time; at++) until = Math.max(until, taken(byEntry[at]!));
    return until <= time;
  });
}

function firstFrom(times: readonly number[], time: number): number {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A minimal set of values that cannot be ordered, out of some that cannot: whatever contains such a set cannot either. */
function fewest(stuck: readonly Passage[]): readonly Passage[] {
  const needed: Passage[] = [];
  for (let rest = stuck; stuckPart(needed) === undefined;) {
    let low = 1, high = rest.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (stuckPart([...needed, ...rest.slice(0, middle)]) !== undefined) high = middle;
      else low = middle + 1;
    }
    needed.push(rest[low - 1]!);
    rest = rest.slice(0, low - 1);
  }
  return needed;
}
