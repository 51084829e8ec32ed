/** Leases on the road survive storms of crashes, partitions and clocks within their bounds; without any one of their rules the storms break them. */
import { describe, expect, test } from 'vitest';
import type { FaultModel, Scenario } from '../../server/src/model/scenario.ts';
import { at, errorsOf, type Under } from './scenarios.ts';
import { randomOf, stormOf } from './storm.ts';

type Knobs = Readonly<Record<string, string>>;

/** A storm in which every clock has a rate of its own, from 1−rho to 1+rho, and is set back and forth. */
function clockStormOf(under: Under, knobs: Knobs, seed: number, rho: number): Scenario {
  const storm = stormOf(under, knobs, seed), random = randomOf(seed * 7919);
  const faults: FaultModel[] = storm.nodes.flatMap((_, node): FaultModel[] => {
    const rate = 1 + rho * (random(3) - 1);
    return rate === 1 ? [] : [{ kind: 'clock-runs', node, rate: Math.round(rate * 1000) / 1000 }];
  });
  const jump = { trigger: at(random(2500)), fault: { kind: 'clock-jumps', node: random(storm.nodes.length), byUs: 1000 * (random(2000) - 1000) } as FaultModel };
  const script = [...faults.map((fault) => ({ trigger: at(0), fault })), jump].map((entry, index) => ({ kind: 'fault' as const, line: 1000 + index, ...entry }));
  return { ...storm, script: [...storm.script, ...script] };
}

const ROAD: Under = { protocol: 'primary-backup', like: 'leases' };
const SAFE: readonly Knobs[] = [{}, { lease: '60000', 'follower-wait': '400000' }, { succession: 'view-mod-n' }, { 'catch-up': 'up-to-date-vote' }];

/** A rule of leases, what replaces it, and how many schedules at most it takes until somebody reads what is old. */
const CANARIES: readonly (readonly [rule: string, without: Knobs, rho: number])[] = [
  ['a lease within the bound', { lease: '1000000' }, 0.2],
  ['clocks within rho', { lease: '100000', 'follower-wait': '150000' }, 0.7],
  ['a clock that nobody sets', { clock: 'wall' }, 0.2],
  ['a clock that goes on in a pause', { clock: 'ticks' }, 0.2],
  ['waiting after a restart', { 'lease-restart': 'vote' }, 0.2],
  ['reckoning from the question', { 'lease-start': 'answered' }, 0.2],
];

const SCHEDULES = 300, AT_MOST = 4000;

describe('leases in a storm', () => {
  test.each(SAFE)('%j survives', (knobs) => {
    for (let seed = 1; seed <= SCHEDULES; seed++) expect(errorsOf(clockStormOf(ROAD, knobs, seed, 0.2)), `seed ${seed}`).toEqual([]);
  });

  test.each(CANARIES)('without %s it is caught', (_rule, knobs, rho) => {
    let schedules = 1;
    while (schedules <= AT_MOST && !errorsOf(clockStormOf(ROAD, knobs, schedules, rho)).includes('lease-overlap')) schedules++;
    expect(schedules, `lease-overlap within ${AT_MOST} schedules`).toBeLessThanOrEqual(AT_MOST);
  });
});
