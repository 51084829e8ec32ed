/** Whether calls on one object have a linearization: by a rule where one decides it, part by part where it has parts, by search otherwise. */
import { clientsTouch, type Interval } from './intervals.ts';
import { linearize, type Budget, type Linearizability } from './linearize.ts';
import { QUEUE, REGISTER, SET, STACK, type ObjectModel } from './models.ts';
import { passesAreDistinct, queueContradiction } from './monitorQueue.ts';
import { contradiction, writesAreDistinct } from './monitorRegister.ts';
import { onlyGrows, setContradiction } from './monitorSet.ts';
import { stackContradiction } from './monitorStack.ts';

/** A rule decides some calls without a search: some of them that contradict each other, or none. */
interface Rule {
  readonly model: ObjectModel;
  decides(intervals: readonly Interval[]): boolean;
  contradiction(intervals: readonly Interval[]): readonly Interval[] | undefined;
}

const RULES: readonly Rule[] = [
  { model: REGISTER, decides: writesAreDistinct, contradiction },
  { model: QUEUE, decides: passesAreDistinct, contradiction: queueContradiction },
  { model: STACK, decides: passesAreDistinct, contradiction: stackContradiction },
  { model: SET, decides: onlyGrows, contradiction: setContradiction },
];

/** Some calls that contradict each other by a rule; null: they do not; undefined: no rule decides these calls. */
export function decidedByRule(model: ObjectModel, intervals: readonly Interval[]): readonly Interval[] | null | undefined {
  const rule = RULES.find((each) => each.model === model && each.decides(intervals));
  // Rules know only times. Calls of one client that touch are in order all the same.
  return rule === undefined || clientsTouch(intervals) ? undefined : rule.contradiction(intervals) ?? null;
}

export function linearizability(model: ObjectModel, intervals: readonly Interval[], budget: Budget): Linearizability {
  const decided = decidedByRule(model, intervals);
  if (decided !== undefined) return decided === null ? 'linearizable' : 'not-linearizable';
  const answers = partsOf(model, intervals).map((part) => linearize(model, part, budget).verdict);
  return answers.find((answer) => answer === 'not-linearizable') ?? answers.find((answer) => answer === 'unknown') ?? 'linearizable';
}

/** Calls that have nothing to do with each other, apart. */
export function partsOf(model: ObjectModel, intervals: readonly Interval[]): readonly (readonly Interval[])[] {
  if (model.part === undefined) return [intervals];
  const parts = new Map<string, Interval[]>();
  for (const one of intervals) {
    const name = model.part(one.call);
    if (name === undefined) return [intervals];
    const part = parts.get(name) ?? [];
    parts.set(name, part);
    part.push(one);
  }
  return [...parts.values()];
}
