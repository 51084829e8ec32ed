/** Storms in which about half of what is asked is about two keys at once. */
import type { ActionModel, KeyAction, Scenario, ShardModel } from '../../server/src/model/scenario.ts';
import type { Under } from './scenarios.ts';
import { randomOf, stormOf } from './storm.ts';
import type { Weather } from './weather.ts';

export const together = (...actions: readonly KeyAction[]): ActionModel => ({ kind: 'do', actions });

export function bankOf(under: Under, knobs: Readonly<Record<string, string>>, seed: number): Scenario {
  const scenario = stormOf(under.like ?? under, knobs, seed), random = randomOf(seed + 1);
  const changed = (action: ActionModel): ActionModel => {
    if (action.kind === 'read' && random(2) === 0) return together({ kind: 'read', key: 'j' }, { kind: 'read', key: 'k' });
    if (action.kind === 'write' && random(2) === 0) return together({ kind: 'write', key: 'j', value: action.value }, { kind: 'write', key: 'k', value: action.value });
    return action;
  };
  const operations = scenario.operations.map((operation) => ({ ...operation, action: changed(operation.action) }));
  const script = scenario.script.map((step) => (step.kind === 'operation' ? { ...step, operation: operations[step.operation.id]! } : step));
  return { ...scenario, operations, script };
}

const APART: readonly ShardModel[] = [{ keys: ['k', 'x'], leader: 0 }, { keys: ['j', 'y'], leader: 1 }];

/** Each of a storm's two keys in a shard of its own. */
export const sharded = (scenario: Scenario): Scenario => ({ ...scenario, shards: APART });

export const SHARDS: Weather = { name: 'shards', schedule: (under, knobs, seed) => sharded(stormOf(under, knobs, seed)) };
/** Half of what is asked is about both shards. */
export const BANK: Weather = { name: 'transactions over shards', schedule: (under, knobs, seed) => sharded(bankOf(under, { 'multi-key': '2pc', ...knobs }, seed)) };
