/** A history's objects, each to be explained by one order, and the orders that explain them. */
import type { History } from '../model/history.ts';
import { intervalsOfHistory, type Interval } from './intervals.ts';
import { linearize } from './linearize.ts';
import { beginning } from './minimalSet.ts';
import { MODELS, together, type ObjectModel } from './models.ts';

export interface HistoryObject {
  readonly keys: readonly string[];
  readonly model: ObjectModel;
  readonly intervals: readonly Interval[];
}

/** What the history says that a key is. */
export function modelIn({ models }: History, key: string): ObjectModel { return MODELS[models.get(key) ?? models.get('') ?? 'register']; }

/** Keys that transactions connect come last. */
export function objectsOfHistory(history: History): readonly HistoryObject[] {
  const { byKey, connected } = intervalsOfHistory(history);
  const alone = [...byKey].map(([key, intervals]): HistoryObject => ({ keys: [key], model: modelIn(history, key), intervals }));
  return [...alone, ...connected.map(({ keys, intervals }): HistoryObject => ({ keys, model: together(keys, (key) => modelIn(history, key)), intervals }))];
}

/** States spent on an order that is only shown: a history that took more to decide has none. */
const SHOWN_STATES = 100_000;
/** Histories longer than this are not ordered only to show it. */
const MOST = 20_000;

/** Indexes of operations in an order that explains them all; undefined: none was found in a moment. */
export function orderOf({ model, intervals }: HistoryObject): readonly number[] | undefined {
  if (intervals.length > MOST) return undefined;
  const { verdict, order } = linearize(model, intervals.filter(({ call }) => model.calls.has(call.kind)), { states: SHOWN_STATES });
  return verdict === 'linearizable' ? order.map(({ id }) => id) : undefined;
}

/** The same for what had ended before a time; what had begun may be among it. */
export function orderBefore({ keys, model, intervals }: HistoryObject, time: number): readonly number[] | undefined {
  const end = intervals.reduce((latest, one) => (one.end < time ? Math.max(latest, one.end) : latest), -Infinity);
  return orderOf({ keys, model, intervals: beginning(intervals, end) });
}
