/** What the keys of a history are. */
import type { History } from '../model/history.ts';
import type { Interval } from './intervals.ts';
import { MODELS, type ObjectModel } from './models.ts';

/** Keys that one order explains. */
export interface HistoryObject {
  readonly keys: readonly string[];
  readonly model: ObjectModel;
  readonly intervals: readonly Interval[];
}

/** What the history says that a key is. */
export function modelIn({ models }: History, key: string): ObjectModel { return MODELS[models.get(key) ?? models.get('') ?? 'register']; }
