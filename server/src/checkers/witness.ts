/** Orders that explain a history, to be shown: of each of its objects, or of what came before one operation. */
import type { History } from '../model/history.ts';
import { modelIn, type HistoryObject } from './historyObjects.ts';
import { intervalsOfHistory } from './intervals.ts';
import { linearize, type Order } from './linearize.ts';
import { beginning } from './minimalSet.ts';
import { together } from './models.ts';
import { searchable, weakerObjects } from './weakerOrders.ts';

/** Keys that transactions connect come last. */
export function objectsOfHistory(history: History): readonly HistoryObject[] {
  const { consistency = 'linearizable' } = history;
  if (consistency !== 'linearizable') return weakerObjects(history, consistency).objects.map((object) => searchable(history, object));
  const { byKey, connected } = intervalsOfHistory(history);
  const alone = [...byKey].map(([key, intervals]): HistoryObject => ({ keys: [key], model: modelIn(history, key), intervals }));
  return [...alone, ...connected.map(({ keys, intervals }): HistoryObject => ({ keys, model: together(keys, (key) => modelIn(history, key)), intervals }))];
}

/** States spent on an order that is only shown: a history that took more to decide has none. */
const SHOWN_STATES = 20_000;
/** Histories longer than this are not ordered only to show it. */
const MOST = 5_000;

/** Indexes of operations in an order that explains them all; undefined: none was found in a moment. */
export function orderOf({ model, intervals }: HistoryObject, keeping: Order): readonly number[] | undefined {
  if (intervals.length > MOST) return undefined;
  const { verdict, order } = linearize(model, intervals.filter(({ call }) => model.calls.has(call.kind)), { states: SHOWN_STATES }, keeping);
  return verdict === 'linearizable' ? order.map(({ id }) => id) : undefined;
}

/** In real time, of what had ended before a moment; what had begun may be among it. */
export function orderBefore({ keys, model, intervals }: HistoryObject, time: number): readonly number[] | undefined {
  const end = intervals.reduce((latest, one) => (one.end < time ? Math.max(latest, one.end) : latest), -Infinity);
  return orderOf({ keys, model, intervals: beginning(intervals, end) }, 'linearizable');
}
