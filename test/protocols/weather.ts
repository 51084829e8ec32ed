/** The weather that protocols are put out in: storms and turmoil, and what single protocols claim to survive besides. */
import { ANY, type Scenario, type ScriptStep } from '../../server/src/model/scenario.ts';
import { at, errorsIn, findingsIn, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import type { Run } from '../../server/src/engine/run.ts';
import { randomOf, stormOf } from './storm.ts';
import { turmoilOf } from './turmoil.ts';

export type Knobs = Readonly<Record<string, string>>;

export interface Weather {
  readonly name: string;
  schedule(under: Under, knobs: Knobs, seed: number): Scenario;
  /** What of the findings counts as harm; by default every error. */
  harm?(scenario: Scenario, run: Run): readonly string[];
  /** Nodes whose word counts for nothing. */
  liars?(scenario: Scenario): readonly number[];
}

export const STORM: Weather = { name: 'storm', schedule: stormOf };
export const TURMOIL: Weather = { name: 'turmoil', schedule: (under, knobs, seed) => turmoilOf(under, knobs, seed) };
/** Turmoil of four nodes, which partitions split in halves. */
export const HALVES: Weather = { name: 'halves', schedule: (under, knobs, seed) => turmoilOf(under, knobs, seed, 4) };

/** A storm in a sixth of the time: requests meet on their way. */
export const GALE: Weather = {
  name: 'gale',
  schedule(under, knobs, seed) {
    const scenario = stormOf(under, knobs, seed);
    const script = scenario.script.map((step) => (step.trigger.kind === 'at' ? { ...step, trigger: { ...step.trigger, timeUs: Math.round(step.trigger.timeUs / 6) } } : step));
    return { ...scenario, script };
  },
};

/** Turmoil leaves followers behind again and again; old snapshots come late where the network keeps no order. */
export const SNAPSHOTS: Weather = {
  name: 'snapshots',
  schedule(under, knobs, seed) {
    const scenario = turmoilOf(under, { 'snapshot-every': '2', ...knobs }, seed);
    return { ...scenario, network: { ...scenario.network, order: 'unordered', duplicates: 0.2, loss: 0.05 } };
  },
};

/** A storm in which leaders hand over again and again. */
export const TRANSFERS: Weather = {
  name: 'transfers',
  schedule(under, knobs, seed) {
    const scenario = stormOf(under, knobs, seed), random = randomOf(seed + 7919), { script, nodes } = scenario;
    const asked = Array.from({ length: 8 }, (_, index): ScriptStep => (
      { kind: 'fault', trigger: at(random(3000)), fault: { kind: 'transfer', node: ANY, to: random(nodes.length) }, line: script.length + index }));
    return { ...scenario, script: [...script, ...asked] };
  },
};

/** Four nodes, one of which lies, whatever it says to whom; then nobody crashes. The liar's own state is its own affair. */
export const LIAR: Weather = {
  name: 'a liar',
  schedule(under, knobs, seed) {
    const random = randomOf(seed * 7919), liar = random(4), words = ['pre-prepare', 'prepare', 'commit', 'data', 'request'];
    const lie = (): ScriptEntry => {
      const to = [-1, 0, 1, 2, 3].filter((node) => node !== liar)[random(4)]!, message = words[random(words.length)]!;
      return { trigger: { kind: 'always' }, fault: { kind: 'lies', messages: { from: liar, to, message, nth: undefined }, key: 'k', value: '9' } };
    };
    const entries = Array.from({ length: 2 + random(4) }, lie);
    for (let index = 0; index < 4 + random(6); index++) {
      const when = at(random(1500)), action = random(3) === 0 ? { kind: 'read', key: 'k' } as const : { kind: 'write', key: 'k', value: String(index) } as const;
      const target = random(2) === 0 ? random(4) : undefined;
      entries.push({ trigger: when, operation: { client: 4 + random(2), action, target } });
    }
    if (random(2) === 0) {
      entries.push({ trigger: at(200 + random(300)), fault: { kind: 'partition', groups: [[0, 1, 4], [2, 3, 5]] } }, { trigger: at(800 + random(400)), fault: { kind: 'heal' } });
    }
    const network = { delays: [{ from: -1, to: -1, minUs: 2000, maxUs: 20_000 }], loss: 0, duplicates: 0, order: undefined, line: undefined };
    return scenarioOf(under, knobs, ['A', 'B', 'C', 'D'], ['c1', 'c2'], entries, { seed, runToUs: 4_000_000, network });
  },
  liars(scenario) {
    const first = scenario.script[0]!;
    return first.kind === 'fault' && first.fault.kind === 'lies' ? [first.fault.messages.from] : [];
  },
  harm(scenario, run) {
    const liars = this.liars!(scenario);
    return findingsIn(scenario, run).filter(({ severity, code, nodes }) => severity === 'error' && code !== 'equivocation' && !nodes.some((node) => liars.includes(node))).map(({ code }) => code);
  },
};

export const harmIn = (weather: Weather, scenario: Scenario, run: Run): readonly string[] => weather.harm?.(scenario, run) ?? errorsIn(scenario, run);
