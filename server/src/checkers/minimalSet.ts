/**
 * Why a set of calls has no linearization: the shortest beginning that has none, and in it a minimal set of calls that
 * cannot be ordered, whatever the others did.
 */
import { unanswered, type Interval } from './intervals.ts';
import { linearizability, type Budget } from './linearize.ts';
import type { ObjectModel } from './models.ts';

/** States spent on each question whether a call can go; an answer that costs more is a no. */
const QUESTION_STATES = 20_000;

export interface Conflict {
  /** The call whose end made it irrevocable. */
  readonly last: Interval;
  /** A minimal set, `last` among them, in order of start. */
  readonly calls: readonly Interval[];
  /** The others of that beginning: they may have happened at any time, or not at all, without explaining it. */
  readonly others: readonly Interval[];
}

/** For calls that have no linearization. `budget` is used up before the set gets larger than minimal, never wrong. */
export function minimalConflict(model: ObjectModel, intervals: readonly Interval[], budget: Budget): Conflict {
  const ends = [...new Set(intervals.map((one) => one.end).filter((end) => end !== Infinity))].sort((a, b) => a - b);
  let low = 0, high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (linearizability(model, beginning(intervals, ends[middle]!), budget) === 'not-linearizable') high = middle;
    else low = middle + 1;
  }
  const { calls, others } = shrink(model, beginning(intervals, ends[high]!), budget);
  // Without any call that ends at that moment there is a linearization, so one of them is left.
  return { last: calls.filter((one) => one.end === ends[high]).at(-1)!, calls, others };
}

/** What is known at a time: calls that end later may still do anything, reads among them have shown nothing. */
function beginning(intervals: readonly Interval[], end: number): readonly Interval[] {
  return intervals.filter((one) => one.start <= end).flatMap((one) => {
    if (one.end <= end) return [one];
    return one.call.kind === 'read' ? [] : [{ ...one, end: Infinity, call: unanswered(one.call) }];
  });
}

/** Drops calls, in halves, quarters and so on down to single ones, as long as what is left has no linearization. */
function shrink(model: ObjectModel, prefix: readonly Interval[], budget: Budget): Pick<Conflict, 'calls' | 'others'> {
  let kept = [...prefix].sort((a, b) => a.start - b.start || a.id - b.id);
  let dropped: readonly Interval[] = [];
  const tryWithout = (part: readonly Interval[]): boolean => {
    if (budget.states <= 0) return false;
    const rest = kept.filter((one) => !part.includes(one));
    const question = { states: Math.min(QUESTION_STATES + 4 * prefix.length, budget.states) }, before = question.states;
    const answer = linearizability(...relaxed(model, rest, [...dropped, ...part]), question);
    budget.states -= before - Math.max(0, question.states);
    if (answer !== 'not-linearizable') return false;
    kept = rest;
    dropped = [...dropped, ...part];
    return true;
  };
  for (let size = Math.max(1, kept.length >> 1); ; size = Math.max(1, size >> 1)) {
    for (let from = 0; from < kept.length;) {
      const part = kept.slice(from, from + size);
      if (!tryWithout(part)) from += size;
    }
    if (size === 1) return { calls: kept, others: dropped };
  }
}

/**
 * The question without some calls: they may have happened at any time, or not at all, so that leaving out a write does
 * not make a read wrong that it explains. Reads just go. A register's writes become values that it may take at any
 * moment, any number of times, which asks for no further search; of other objects the calls float freely.
 */
function relaxed(model: ObjectModel, rest: readonly Interval[], without: readonly Interval[]): [ObjectModel, readonly Interval[]] {
  const free = without.filter((one) => one.call.kind !== 'read');
  const values = free.map((one) => settableValue(one));
  const readsOnly = rest.every((one) => one.call.kind === 'read' || settableValue(one) !== undefined);
  if (!model.calls.has('cas') || !readsOnly || values.some((value) => value === undefined)) {
    return [model, [...rest, ...free.map(floating)]];
  }
  return [withFreeValues(model, new Set(values)), rest];
}

export function floating(one: Interval): Interval {
  return { ...one, client: `${one.client} ${one.id}`, start: -Infinity, end: Infinity, call: unanswered(one.call) };
}

/** The value that a register has right after the call, where that does not depend on the one before. */
function settableValue({ call }: Interval): string | undefined {
  switch (call.kind) {
    case 'write': return call.argument;
    case 'cas': return call.argument2;
    case 'delete': case 'remove': return 'nil';
    default: return undefined;
  }
}

/** The register that may change to one of these values before any call. */
function withFreeValues(model: ObjectModel, values: ReadonlySet<string | undefined>): ObjectModel {
  return {
    ...model,
    step(state, call) {
      const direct = model.step(state, call);
      if (direct !== undefined) return direct;
      if (call.kind === 'read') return values.has(call.result) ? call.result : undefined;
      return call.kind === 'cas' && values.has(call.argument) ? call.argument2 : undefined;
    },
  };
}
