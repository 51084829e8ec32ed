/** The replicated state machine that all protocols of logs share: keys and values, and what each action does to them. */
import type { PersistentMap } from '../engine/persistent.ts';
import { contentOf, operationText } from '../engine/words.ts';
import { answerText, effectOf, isOnOneKey, valueAfter } from '../model/actions.ts';
import { executeStage } from './stages.ts';
import type { ActionModel, KeyAction } from '../model/scenario.ts';

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

/** The values after an action, and what its client hears. Where a `cas` finds another value than expected, nothing changes. */
export function execute(values: Values, action: ActionModel): { values: Values; result: Result } {
  if (isOnOneKey(action)) return executeOne(values, action);
  if (action.kind === 'do' && action.stage !== undefined) return executeStage(values, { ...action, stage: action.stage });
  const effect = effectOf(action, (key) => readValue(values, key));
  if (effect === undefined) return { values, result: { outcome: 'failed', value: '' } };
  let next = values;
  effect.changes.forEach((value, key) => { next = withValue(next, key, value); });
  return { values: next, result: { outcome: 'ok', value: answerText(action, effect.found) } };
}

const DONE: Result = { outcome: 'ok', value: '' };

function executeOne(values: Values, action: KeyAction): { values: Values; result: Result } {
  const before = readValue(values, action.key);
  if (action.kind === 'read') return { values, result: { outcome: 'ok', value: before } };
  if (action.kind === 'cas' && before !== action.from) return { values, result: { outcome: 'failed', value: '' } };
  return { values: withValue(values, action.key, valueAfter(action, before)), result: DONE };
}

const withValue = (values: Values, key: string, value: string): Values => (value === 'nil' ? values.delete(key) : values.set(key, value));

/** What a read of one key or of several answers. */
export const answerOf = (values: Values, action: ActionModel): string => execute(values, action).result.value;

/** An action as it stands in messages and logs: `k = 1`, `add 5 to k`, `read k`. */
export function entryText(action: ActionModel): string {
  return action.kind === 'write' ? contentOf(action) : operationText(action);
}
