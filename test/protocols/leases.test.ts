/** Leases survive storms of crashes, partitions and clocks within their bounds; without any one of their rules the storms break them. */
import { describe, expect, test } from 'vitest';
import type { FaultModel, ProcessId, Scenario } from '../../server/src/model/scenario.ts';
import { at, errorsOf, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { randomOf } from './storm.ts';

type Knobs = Readonly<Record<string, string>>;

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

const ROAD: Under = { protocol: 'primary-backup', like: 'leases' }, RAFT: Under = { protocol: 'raft' }, PAXOS: Under = { protocol: 'multi-paxos' };
const IN_PAXOS: Knobs = { 'read-path': 'lease' };
const IN_RAFT: Knobs = { 'read-path': 'lease', 'check-quorum': 'on' };

/** As long as the wait allows: 450ms · 0.8 / 1.2. */
const LONG: Knobs = { lease: '300000', 'follower-wait': '450000' };

const SAFE: readonly (readonly [Under, Knobs])[] = [
  [ROAD, {}], [ROAD, LONG], [ROAD, { succession: 'view-mod-n' }], [ROAD, { 'catch-up': 'up-to-date-vote' }],
  [ROAD, { 'commit-prop': 'piggyback', batch: '4' }], [RAFT, IN_RAFT], [RAFT, { ...IN_RAFT, 'pre-vote': 'on', 'snapshot-every': '3' }],
  [PAXOS, { ...IN_PAXOS, 'commit-prop': 'piggyback' }], [PAXOS, { ...IN_PAXOS, q1: '3', q2: '3', ...LONG }],
];

/** A rule of leases, what replaces it, how far off clocks are, and within how many schedules (a few times what it took) somebody trusts a lease too long. */
const CANARIES: readonly (readonly [rule: string, under: Under, without: Knobs, rho: number, within: number])[] = [
  ['a lease within the bound', ROAD, { lease: '1000000' }, 0.2, 20],
  ['clocks within rho', ROAD, {}, 0.7, 200],
  ['a clock that nobody sets', ROAD, { clock: 'wall' }, 0.2, 60],
  ['a clock that goes on in a pause', ROAD, { clock: 'ticks' }, 0.2, 30],
  ['waiting after a restart', ROAD, { ...LONG, 'lease-restart': 'vote' }, 0.2, 60],
  ['reckoning from the question', ROAD, { 'lease-start': 'answered' }, 0.2, 80],
  ['a lease within the bound', RAFT, { ...IN_RAFT, lease: '1000000' }, 0.2, 20],
  ['clocks within rho', RAFT, IN_RAFT, 0.7, 200],
  ['check-quorum', RAFT, { 'read-path': 'lease' }, 0.2, 80],
  ['a clock that nobody sets', RAFT, { ...IN_RAFT, clock: 'wall' }, 0.2, 100],
  ['a clock that goes on in a pause', RAFT, { ...IN_RAFT, clock: 'ticks' }, 0.2, 30],
  ['waiting after a restart', RAFT, { ...IN_RAFT, 'lease-restart': 'vote' }, 0.2, 60],
  ['reckoning from the question', RAFT, { ...IN_RAFT, 'lease-start': 'answered' }, 0.2, 80],
  ['a lease within the bound', PAXOS, { ...IN_PAXOS, lease: '1000000' }, 0.2, 20],
  ['clocks within rho', PAXOS, IN_PAXOS, 0.7, 60],
  ['a clock that nobody sets', PAXOS, { ...IN_PAXOS, clock: 'wall' }, 0.2, 100],
  ['a clock that goes on in a pause', PAXOS, { ...IN_PAXOS, clock: 'ticks' }, 0.2, 30],
  ['waiting after a restart', PAXOS, { ...IN_PAXOS, ...LONG, 'lease-restart': 'vote' }, 0.2, 60],
  ['reckoning from the question', PAXOS, { ...IN_PAXOS, 'lease-start': 'answered' }, 0.2, 30],
];

const SCHEDULES = 100;

describe('leases in a storm', () => {
  test.each(SAFE)('%j %j survives', (under, knobs) => {
    for (let seed = 1; seed <= SCHEDULES; seed++) expect(errorsOf(leaseStormOf(under, knobs, seed, 0.2)), `seed ${seed}`).toEqual([]);
  });

  test.each(CANARIES)('without %s (%j) it is caught', (_rule, under, knobs, rho, within) => {
    let schedules = 1;
    while (schedules <= within && !errorsOf(leaseStormOf(under, knobs, schedules, rho)).includes('lease-overlap')) schedules++;
    expect(schedules, `lease-overlap within ${within} schedules`).toBeLessThanOrEqual(within);
  });
});
