/**
 * Sets that only grow, each element added once, and read whole: what the reads found must be one inside the other, which puts
 * reads and additions into an order of steps. There is a linearization if each step can come after the one before it.
 */
import type { Interval } from './intervals.ts';
import { elements } from './models.ts';

/** Whether the calls are what this can decide. */
export function onlyGrows(intervals: readonly Interval[]): boolean {
  const added = new Set<string>();
  return intervals.every(({ call }) => {
    if (call.kind === 'read') return true;
    const words = elements(call.argument);
    if ((call.kind !== 'add' && call.kind !== 'append' && call.kind !== 'write') || words.length !== 1 || added.has(words[0]!)) return false;
    return added.add(words[0]!);
  });
}

interface Read {
  readonly interval: Interval;
  readonly found: ReadonlySet<string>;
}

/** Some calls that contradict each other, whatever the others did; undefined where all can be ordered. */
export function setContradiction(intervals: readonly Interval[]): readonly Interval[] | undefined {
  const added = new Map<string, Interval>();
  for (const one of intervals) if (one.call.kind !== 'read') added.set(elements(one.call.argument)[0]!, one);
  const reads = intervals.filter(({ call }) => call.kind === 'read' && call.result !== undefined)
    .map((interval): Read => ({ interval, found: new Set(elements(interval.call.result!)) })).sort((a, b) => a.found.size - b.found.size);
  return misread(reads, added) ?? outOfStep(stepsOf(reads, added));
}

/** A read of what nobody added, or two reads of which each lacks something of the other. */
function misread(reads: readonly Read[], added: ReadonlyMap<string, Interval>): readonly Interval[] | undefined {
  for (const [at, { interval, found }] of reads.entries()) {
    for (const word of found) if (!added.has(word)) return [interval];
    const before = reads[at - 1];
    const missing = before === undefined ? undefined : [...before.found].find((word) => !found.has(word));
    if (missing === undefined) continue;
    const other = [...found].find((word) => !before!.found.has(word));
    return [added.get(missing)!, ...(other === undefined ? [] : [added.get(other)!]), before!.interval, interval];
  }
  return undefined;
}

/** The additions that a read is the first to find, then all reads that found the same, and so on; at last what no read found. */
function stepsOf(reads: readonly Read[], added: ReadonlyMap<string, Interval>): readonly (readonly Interval[])[] {
  const steps: Interval[][] = [], seen = new Set<string>();
  for (const [at, { interval, found }] of reads.entries()) {
    if (at > 0 && reads[at - 1]!.found.size === found.size) { steps.at(-1)!.push(interval); continue; }
    const fresh = [...found].filter((word) => !seen.has(word));
    for (const word of fresh) seen.add(word);
    steps.push(fresh.map((word) => added.get(word)!), [interval]);
  }
  return [...steps, [...added].filter(([word, { end }]) => !seen.has(word) && end !== Infinity).map(([, one]) => one)];
}

/** A call of a later step that had ended before one of an earlier step began, with a read between the two. */
function outOfStep(steps: readonly (readonly Interval[])[]): readonly Interval[] | undefined {
  let latest: Interval | undefined, readAfter: Interval | undefined;
  for (const step of steps) {
    for (const one of step) {
      if (latest !== undefined && one.end < latest.start) return [...new Set([latest, one, ...(readAfter === undefined ? [] : [readAfter])])];
    }
    for (const one of step) {
      if (latest !== undefined && one.start <= latest.start) continue;
      latest = one;
      readAfter = undefined;
    }
    readAfter ??= step.find(({ call }) => call.kind === 'read');
  }
  return undefined;
}
