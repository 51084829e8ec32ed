/**
 * Two-phase commit over several logs (Gray 1978), as far as one log is concerned: its part of a transaction is prepared, which locks
 * its keys, and then committed or aborted, which unlocks them. Locks are values of keys that nobody can name, so that every
 * node that executes the log holds the same.
 */
import { answerText, effectOf, keysOf } from '../model/actions.ts';
import type { Transaction, TransactionStage } from '../model/scenario.ts';
import { readValue, requestKey, type Result, type Values } from './keyValue.ts';

export type Staged = Extract<Transaction, { kind: 'do' }> & { readonly stage: TransactionStage };

const MARK = '#';
const lockOf = (key: string): string => MARK + key;

/** Whether a name is that of a lock rather than of a key. */
export const isLock = (name: string): boolean => name.startsWith(MARK);

/** What a lock holds: whose it is. */
export const ownerOf = (stage: TransactionStage): string => String(requestKey(stage));

/** Who holds a key, as far as these values tell. */
export const holderIn = (values: Values, key: string): string | undefined => values.get(lockOf(key));

/** `failed`: a key is held by another, or a `cas` finds another value; nothing is locked then. */
export function executeStage(values: Values, action: Staged): { values: Values; result: Result } {
  const { stage } = action, owner = ownerOf(stage), keys = keysOf(action);
  const holders = keys.map((key) => holderIn(values, key));
  if (stage.step === 'prepare') {
    const { stage: _, ...plain } = action, effect = effectOf(plain, (key) => readValue(values, key));
    if (effect === undefined || holders.some((holder) => holder !== undefined && holder !== owner)) return { values, result: { outcome: 'failed', value: '' } };
    return { values: keys.reduce((next, key) => next.set(lockOf(key), owner), values), result: { outcome: 'ok', value: answerText(plain, effect.found) } };
  }
  const done: Result = { outcome: 'ok', value: '' };
  if (holders.some((holder) => holder !== owner)) return { values, result: done };
  let next = keys.reduce((left, key) => left.delete(lockOf(key)), values);
  effectOf(action, (key) => readValue(values, key))?.changes.forEach((value, key) => { next = value === 'nil' ? next.delete(key) : next.set(key, value); });
  return { values: next, result: done };
}
