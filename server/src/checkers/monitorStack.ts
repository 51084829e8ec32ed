/**
 * Stacks whose values are all different, without a search, in time n log n (that it can be: Lee and Mathur 2025; Abdulla et al.
 * 2025 need n squared). A stack is taken apart from the outside, value by value:
 *
 * - At a moment at which no value is certainly in, it may as well be empty: what belongs before and after it is decided apart. By
 *   when a value's later call starts, each side is a range. Such a moment can be moved to such a start.
 * - What may come and go at that very moment is in nobody's way. The last such start of a part is always such a moment.
 * - Else some value was pushed first and popped last: any for which nothing must come before its push or after its pop may be
 *   taken for it, since what is left of a linearization without one value is one of the others.
 *
 * Where none of this is possible there is no linearization.
 */
import type { Interval } from './intervals.ts';
import { callsOf, inside, taken, trafficOf, wronglyEmpty, type Passage } from './monitorQueue.ts';
import { Counts, Peaks } from './rangeTrees.ts';

/** Some calls that contradict each other, whatever the others did; undefined where all can be ordered. */
export function stackContradiction(intervals: readonly Interval[]): readonly Interval[] | undefined {
  const traffic = trafficOf(intervals);
  if ('wrong' in traffic) return traffic.wrong;
  const stuck = new Stack(traffic.passages).stuck();
  return stuck === undefined ? wronglyEmpty(traffic) : callsOf(...fewest(stuck));
}

/** When its later call starts. A value that nobody took leaves after everything. */
const lastStart = (one: Passage): number => Math.max(one.enqueue.start, taken(one));
/** Of -Infinity trees make nothing, and no time is this late: Infinity as a value that can be looked for. */
const finite = (time: number): number => (time === Infinity ? Number.MAX_VALUE : time);

class Stack {
  /** In order of `lastStart`; a part is a range of them. */
  private readonly values: readonly Passage[];
  private readonly starts: Float64Array;
  /** Those left: by place, by when the earlier call must have ended (latest and earliest first), by when the pop must have, and by start of the push. */
  private readonly left: Peaks;
  private readonly latestEnd: Peaks;
  private readonly firstEnd: Peaks;
  private readonly lastOut: Peaks;
  /** Of those that may be popped last of their part. That stays so, since parts only get smaller. */
  private readonly firstIn: Peaks;
  /** At each `lastStart`: how many values are certainly in. */
  private readonly certain: Counts;

  constructor(passages: readonly Passage[]) {
    this.values = [...passages].sort((a, b) => lastStart(a) - lastStart(b));
    const by = (value: (one: Passage, at: number) => number): Float64Array => Float64Array.from(this.values, value);
    this.starts = by(lastStart);
    this.left = new Peaks(by((_, at) => at));
    this.latestEnd = new Peaks(by((one) => finite(inside(one))));
    this.firstEnd = new Peaks(by((one) => -finite(inside(one))));
    this.lastOut = new Peaks(by(({ dequeue }) => finite(dequeue?.end ?? Infinity)));
    this.firstIn = new Peaks(by(() => -Infinity));
    this.certain = new Counts(passages.length);
    for (const one of this.values) this.count(one, 1);
  }

  /** Values that cannot be ordered among themselves; undefined: there are none. */
  stuck(): readonly Passage[] | undefined {
    const parts: (readonly [from: number, to: number])[] = [[0, this.values.length]];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const [from, to] = part, last = this.left.highest(from, to);
      if (last < 0) continue;
      const removable = this.removable(from, to, finite(this.starts[last]!));
      if (removable >= 0) {
        this.remove(removable);
        parts.push(part);
        continue;
      }
      // Values with the same start are on the same side.
      const empty = this.certain.zero(from, this.placeOf((start) => start >= this.starts[last]!));
      if (empty < 0) return this.values.slice(from, to).filter((_, at) => this.left.at(from + at) !== -Infinity);
      const after = this.placeOf((start) => start > this.starts[empty]!);
      parts.push([from, after], [after, to]);
    }
    return undefined;
  }

  /** What may come and go after all others of its part have come to their ends, or around them all; -1: nothing. */
  private removable(from: number, to: number, lastStarts: number): number {
    const late = this.latestEnd.highest(from, to);
    if (this.latestEnd.at(late) >= lastStarts) return late;
    for (let out = this.lastOut.highest(from, to); this.lastOut.at(out) >= lastStarts; out = this.lastOut.highest(from, to)) {
      this.lastOut.set(out, -Infinity);
      this.firstIn.set(out, -this.values[out]!.enqueue.start);
    }
    const outermost = this.firstIn.highest(from, to), firstEnds = -this.firstEnd.at(this.firstEnd.highest(from, to));
    return outermost >= 0 && -this.firstIn.at(outermost) <= firstEnds ? outermost : -1;
  }

  private remove(at: number): void {
    for (const tree of [this.left, this.latestEnd, this.firstEnd, this.lastOut, this.firstIn]) tree.set(at, -Infinity);
    this.count(this.values[at]!, -1);
    this.certain.add(at, at + 1, Infinity);
  }

  /** A value is certainly in after its push has ended and until its pop starts. */
  private count(one: Passage, amount: 1 | -1): void {
    const from = this.placeOf((start) => start > one.enqueue.end), to = this.placeOf((start) => start >= taken(one));
    if (from < to) this.certain.add(from, to, amount);
  }

  /** The first place at which it holds: it holds at all later ones. */
  private placeOf(holds: (start: number) => boolean): number {
    let low = 0, high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.starts[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** A minimal set of values that cannot be ordered, out of some that cannot: whatever contains such a set cannot either. */
function fewest(stuck: readonly Passage[]): readonly Passage[] {
  const needed: Passage[] = [], isStuck = (some: readonly Passage[]): boolean => new Stack(some).stuck() !== undefined;
  for (let rest = stuck; !isStuck(needed);) {
    let low = 1, high = rest.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isStuck([...needed, ...rest.slice(0, middle)])) high = middle;
      else low = middle + 1;
    }
    needed.push(rest[low - 1]!);
    rest = rest.slice(0, low - 1);
  }
  return needed;
}
