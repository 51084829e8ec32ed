/** Weather for leases. */
import type { FaultModel, ProcessId, Scenario } from '../../server/src/model/scenario.ts';
import { at, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { randomOf } from './storm.ts';
import type { Knobs, Weather } from './weather.ts';

/**
 * A storm about leases: again and again one node is cut off together with a client that reads from it, while the others are made
 * impatient and take writes. Some of them restart just before; pauses, slow answers, clocks that are set, and rates from 1−rho to 1+rho.
 */
function leaseStormOf(under: Under, knobs: Knobs, seed: number, rho: number): Scenario {
  const random = randomOf(seed), n = 3 + 2 * random(2), entries: ScriptEntry[] = [];
  const nodes = Array.from({ length: n }, (_, node): ProcessId => node), reader = n, writer = n + 1;
  const fault = (ms: number, what: FaultModel): void => { entries.push({ trigger: at(Math.max(0, ms)), fault: what }); };
  for (const node of nodes) fault(0, { kind: 'clock-runs', node, rate: Math.round(1000 * (1 + rho * (random(3) - 1))) / 1000 });
  for (let from = 60 + random(100), leader = 0; from < 2400; from += 500 + random(300), leader = random(n)) {
    const others = nodes.filter((node) => node !== leader);
    if (random(3) > 0) {
      fault(from, { kind: 'partition', groups: [[leader, reader], [...others, writer]] });
    } else for (const other of others) {
      fault(from - 150, { kind: 'slow', from: other, to: leader, byUs: 1000 * (50 + random(100)) });
      fault(from, { kind: 'cut', from: leader, to: other, both: false });
    }
    fault(from + 250 + random(200), { kind: 'heal' });
    for (const node of others) for (let ms = from; ms < from + 240; ms += 15 + random(20)) fault(ms, { kind: 'timeout', node });
    if (random(3) === 0) for (const node of others) { fault(from - 10, { kind: 'crash', node, losing: undefined, point: undefined }); fault(from - random(10), { kind: 'restart', node }); }
    if (under.protocol === 'raft' && random(4) === 0) fault(from - 20, { kind: 'transfer', node: leader, to: others[random(n - 1)]! });
    if (random(3) === 0) fault(from + random(40), { kind: 'pause', node: leader, durationUs: 1000 * (100 + random(200)) });
    if (random(3) === 0) fault(from + random(100), { kind: 'clock-jumps', node: random(n), byUs: 1000 * (random(1000) - 500) });
    for (const ms of [40, 120, 200]) entries.push({ trigger: at(from + ms + random(40)), operation: { client: writer, action: { kind: 'write', key: 'k', value: String(entries.length) }, withinUs: 200_000 } });
    for (let ms = 0; ms < 300; ms += 40) entries.push({ trigger: at(from + ms + random(20)), operation: { client: reader, action: { kind: 'read', key: 'k' }, target: leader, withinUs: 200_000 } });
  }
  return scenarioOf(under, knobs, nodes.map((node) => `n${node + 1}`), ['c1', 'c2'], entries, {
    seed, runToUs: 3_000_000, network: { delays: [{ from: -1, to: -1, minUs: 1000, maxUs: 1000 * (3 + random(30)) }], loss: 0, duplicates: 0, order: undefined, line: undefined },
  });
}

/** Clocks that run at different rates, within the `rho` of 0.2 that leases reckon with. */
export const LEASES: Weather = { name: 'lease storm', schedule: (under, knobs, seed) => leaseStormOf(under, knobs, seed, 0.2) };
/** Clocks that are further off than any lease reckons with. */
export const WILD_CLOCKS: Weather = { name: 'wild clocks', schedule: (under, knobs, seed) => leaseStormOf(under, knobs, seed, 0.7) };
