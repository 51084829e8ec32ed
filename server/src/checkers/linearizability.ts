/** Whether calls on one object have a linearization: by a rule where one decides it, by search otherwise. */
import type { Interval } from './intervals.ts';
import { linearize, type Budget, type Linearizability } from './linearize.ts';
import { REGISTER, type ObjectModel } from './models.ts';
import { contradiction, writesAreDistinct } from './zones.ts';

/** Some calls that contradict each other by a rule; null: they do not; undefined: no rule decides these calls. */
export function decidedByRule(model: ObjectModel, intervals: readonly Interval[]): readonly Interval[] | null | undefined {
  if (model === REGISTER && writesAreDistinct(intervals)) return contradiction(intervals) ?? null;
  return undefined;
}

export function linearizability(model: ObjectModel, intervals: readonly Interval[], budget: Budget): Linearizability {
  const decided = decidedByRule(model, intervals);
  if (decided === undefined) return linearize(model, intervals, budget).verdict;
  return decided === null ? 'linearizable' : 'not-linearizable';
}
