/** Weather for protocols that check what they are told: damage, and one node that lies. */
import type { FaultModel, Scenario, ScriptStep } from '../../server/src/model/scenario.ts';
import { at, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { randomOf, stormOf } from './storm.ts';
import { LIAR, type Knobs, type Weather } from './weather.ts';

const WORDS = ['propose', 'accept', 'commit', 'echo', 'lead', 'promise', 'state', undefined];

/** A storm in which some links damage, from a moment on, every message of a word (or any). */
export function damagedStormOf(under: Under, knobs: Knobs, seed: number): Scenario {
  const scenario = stormOf(under, knobs, seed), random = randomOf(seed + 7), n = scenario.nodes.length;
  const damage = Array.from({ length: 3 }, (_, index): ScriptStep => {
    const from = random(n), to = (from + 1 + random(n - 1)) % n;
    const fault: FaultModel = { kind: 'corrupt', messages: { from, to, message: WORDS[random(WORDS.length)], nth: undefined } };
    return { kind: 'fault', trigger: at(random(2500)), fault, line: scenario.script.length + index };
  });
  return { ...scenario, script: [...scenario.script, ...damage] };
}

/** Four nodes, one of which tells one other something else, from the start, in one kind of message. */
export function lyingOf(under: Under, knobs: Knobs, seed: number): Scenario {
  const random = randomOf(seed), liar = random(4), entries: ScriptEntry[] = [];
  const to = (liar + 1 + random(3)) % 4, message = ['propose', 'propose', 'accept', 'commit', 'echo'][random(5)]!;
  entries.push({ trigger: { kind: 'always' }, fault: { kind: 'lies', messages: { from: liar, to, message, nth: undefined }, key: 'k', value: 'lie' } });
  for (let index = 0; index < 8; index++) {
    const action = random(3) === 0 ? { kind: 'read', key: 'k' } as const : { kind: 'write', key: 'k', value: String(index) } as const;
    entries.push({ trigger: at(random(1500)), operation: { client: 4 + random(2), action } });
  }
  if (random(2) === 0) entries.push({ trigger: at(random(1000)), fault: { kind: 'timeout', node: liar } });
  const network = { delays: [{ from: -1, to: -1, minUs: 1000, maxUs: 1000 * (5 + random(30)) }], loss: 0, duplicates: 0, order: undefined, line: undefined };
  return scenarioOf(under, knobs, ['A', 'B', 'C', 'D'], ['c1', 'c2'], entries, { seed, runToUs: 3_000_000, network });
}

export const DAMAGE: Weather = { name: 'damage', schedule: damagedStormOf };
export const ONE_LIE: Weather = { ...LIAR, name: 'one lie', schedule: lyingOf };
