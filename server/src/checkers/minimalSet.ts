/**
 * Why a set of calls has no linearization: the shortest beginning that has none, and in it a minimal set of calls that
 * cannot be ordered, whatever the others did.
 */
import { unanswered, type Call, type Interval } from './intervals.ts';
import { decidedByRule, linearizability } from './linearizability.ts';
import type { Budget } from './linearize.ts';
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
  const prefix = beginning(intervals, ends[high]!);
  const { calls, others } = shrink(model, decidedByRule(model, prefix) ?? prefix, budget);
  // Without any call that ends at that moment there is a linearization, so one of them is left.
  return { last: calls.filter((one) => one.end === ends[high]).at(-1)!, calls, others };
}

/** What is known at a time: calls that end later may still do anything, reads among them have shown nothing. */
export function beginning(intervals: readonly Interval[], end: number): readonly Interval[] {
  return intervals.filter((one) => one.start <= end).flatMap((one) => {
    if (one.end <= end) return [one];
    return one.call.kind === 'read' ? [] : [{ ...one, end: Infinity, call: unanswered(one.call) }];
  });
}

/** What is still asked for, and what of the rest is left to chance. */
interface Question {
  readonly model: ObjectModel;
  /** Appends that can be told from all else in what is read, by id. */
  readonly distinct: ReadonlySet<number>;
  /** As asked: what a read found may have been shortened. */
  readonly kept: readonly Interval[];
  readonly dropped: readonly Interval[];
}

/** Drops calls, in halves, quarters and so on down to single ones, as long as what is left has no linearization: reads first, which is cheap. */
function shrink(model: ObjectModel, prefix: readonly Interval[], budget: Budget): Pick<Conflict, 'calls' | 'others'> {
  let question: Question = { model, distinct: distinctAppends(model, prefix), kept: [...prefix].sort((a, b) => a.start - b.start || a.id - b.id), dropped: [] };
  const tryWithout = (part: ReadonlySet<Interval>): boolean => {
    if (budget.states <= 0) return false;
    const less = without(question, part);
    if (less === undefined) return false;
    const spent = { states: Math.min(QUESTION_STATES + 4 * prefix.length, budget.states) }, before = spent.states;
    const answer = linearizability(...relaxed(less), spent);
    budget.states -= before - Math.max(0, spent.states) + 1;
    if (answer === 'not-linearizable') question = less;
    return answer === 'not-linearizable';
  };
  // Mostly one read is wrong by itself.
  const last = prefix.reduce((latest, { end }) => (end === Infinity ? latest : Math.max(latest, end)), -Infinity);
  tryWithout(new Set(prefix.filter(({ call, end }) => call.kind === 'read' && end !== last)));
  for (const isRead of [true, false]) {
    const candidates = (): readonly Interval[] => question.kept.filter(({ call }) => (call.kind === 'read') === isRead);
    for (let size = Math.max(1, candidates().length >> 1); ; size = Math.max(1, size >> 1)) {
      for (let from = 0, all = candidates(); from < all.length; all = candidates()) {
        if (!tryWithout(new Set(all.slice(from, from + size)))) from += size;
      }
      if (size === 1) break;
    }
  }
  const left = new Set(question.kept.map(({ id }) => id));
  const ordered = [...prefix].sort((a, b) => a.start - b.start || a.id - b.id);
  return { calls: ordered.filter(({ id }) => left.has(id)), others: ordered.filter(({ id }) => !left.has(id)) };
}

function distinctAppends(model: ObjectModel, calls: readonly Interval[]): ReadonlySet<number> {
  if (model.erase === undefined) return new Set();
  const changes = calls.filter(({ call }) => call.kind !== 'read');
  return new Set(changes.filter((one) => one.call.kind === 'append' &&
    !changes.some((other) => other !== one && model.erase!(other.call.argument, one.call.argument) !== other.call.argument)).map(({ id }) => id));
}

/** The question without some calls; undefined if what that would leave cannot be said. */
function without({ model, distinct, kept, dropped }: Question, part: ReadonlySet<Interval>): Question | undefined {
  const rest: Interval[] = [], gone = [...part].filter(({ id }) => distinct.has(id));
  for (const one of kept) {
    if (part.has(one)) continue;
    const call = one.call.kind === 'read' ? withoutElements(model, one.call, gone) : one.call;
    if (call === undefined) return undefined;
    rest.push(call === one.call ? one : { ...one, call });
  }
  return { model, distinct, kept: rest, dropped: [...dropped, ...part] };
}

/** What a read finds where some appends are left out: what they appended goes from it. undefined: nobody can tell which part that is. */
function withoutElements(model: ObjectModel, call: Call, gone: readonly Interval[]): Call | undefined {
  if (gone.length === 0 || call.result === undefined) return call;
  let result: string | undefined = call.result;
  for (const { call: append } of gone) if (result !== undefined) result = model.erase!(result, append.argument);
  return result === undefined ? undefined : { ...call, result };
}

/**
 * Dropped calls may have happened at any time, or not at all, so that leaving out a write does not make a read wrong that it
 * explains. Reads just go, and what was appended is gone from what was read. A register's writes become values that it may
 * take at any moment, any number of times, which asks for no further search; of other objects the calls float freely.
 */
function relaxed({ model, distinct, kept, dropped }: Question): [ObjectModel, readonly Interval[]] {
  const free = dropped.filter(({ id, call }) => call.kind !== 'read' && !distinct.has(id));
  const values = free.map((one) => settableValue(one));
  const readsOnly = kept.every((one) => one.call.kind === 'read' || settableValue(one) !== undefined);
  if (!model.calls.has('cas') || !readsOnly || values.some((value) => value === undefined)) {
    return [model, [...kept, ...free.map(floating)]];
  }
  return [withFreeValues(model, new Set(values)), kept];
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
