/** The replicated state machine that all protocols of logs share: keys and values, and what each action does to them. */
import type { PersistentMap } from '../engine/persistent.ts';
import { contentOf, operationText } from '../engine/words.ts';
import type { ActionModel } from '../model/scenario.ts';

export type Values = PersistentMap<string, string>;

/** What a client hears. */
export interface Result {
  readonly outcome: 'ok' | 'failed';
  readonly value: string;
}

/** One number for a client's request: the same however often it is asked. Sessions are processes, of which there are few. */
export const requestKey = (of: { readonly session: number; readonly sequence: number }): number => of.sequence * 65_536 + of.session;

/** A key that was never written reads `nil`. */
export const readValue = (values: Values, key: string): string => values.get(key) ?? 'nil';

/** The values after an action, and what its client hears. `cas` on another value than expected changes nothing. */
export function execute(values: Values, action: ActionModel): { values: Values; result: Result } {
  const done = (next: Values, value = ''): { values: Values; result: Result } => ({ values: next, result: { outcome: 'ok', value } });
  switch (action.kind) {
    case 'read': return done(values, readValue(values, action.key));
    case 'write': return done(values.set(action.key, action.value));
    case 'delete': return done(values.delete(action.key));
    case 'add': return done(values.set(action.key, String(numberAt(values, action.key) + action.amount)));
    case 'append': return done(values.set(action.key, values.has(action.key) ? `${values.get(action.key)!} ${action.value}` : action.value));
    case 'cas':
      if (readValue(values, action.key) !== action.from) return { values, result: { outcome: 'failed', value: '' } };
      return done(values.set(action.key, action.to));
  }
}

/** `nil`, and anything that is no number, counts as 0. */
function numberAt(values: Values, key: string): number {
  const number = Number(values.get(key) ?? 0);
  return Number.isFinite(number) ? number : 0;
}

/** An action as it stands in messages and logs: `k = 1`, `add 5 to k`, `read k`. */
export function entryText(action: ActionModel): string {
  return action.kind === 'write' ? contentOf(action) : operationText(action);
}
