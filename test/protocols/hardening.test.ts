/** The preset `hardened`: storms of crashes, damage and lies find nothing; with a guard taken away they do. */
import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../server/src/model/scenario.ts';
import { echoQuorumOf } from '../../server/src/protocols/primaryBackup/hardening.ts';
import { at, errorsOf, findingsOf, runOf, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { damagedStormOf, lyingOf } from './hardenedStorm.ts';
import { randomOf } from './storm.ts';

type Knobs = Readonly<Record<string, string>>;

const HARDENED: Under = { protocol: 'primary-backup', like: 'hardened' }, PLAIN: Under = { protocol: 'primary-backup', like: 'quorum-reads' };

/** Five nodes, of which two, cut off with the leader or alone, speak in others' names; elections now and then. */
function forgingOf(knobs: Knobs, seed: number): Scenario {
  const random = randomOf(seed), forger = random(5), entries: ScriptEntry[] = [];
  const split = [[0, 1, 5], [2, 3, 4, 6]];
  for (const message of ['accept', 'promise', 'lead', 'heartbeat', 'commit'].filter(() => random(2) === 0)) {
    const as = (forger + 1 + random(4)) % 5;
    entries.push({ trigger: { kind: 'always' }, fault: { kind: 'lies', messages: { from: forger, to: -1, message, nth: undefined }, as } });
  }
  if (random(2) === 0) entries.push({ trigger: { kind: 'always' }, fault: { kind: 'lies', messages: { from: forger, to: -1, message: ['heartbeat', 'lead', 'commit'][random(3)]!, nth: undefined }, epoch: 2 + random(8) } });
  entries.push({ trigger: at(random(200)), fault: { kind: 'partition', groups: random(2) === 0 ? split : [[forger, 5], [0, 1, 2, 3, 4].filter((node) => node !== forger)] } });
  for (let index = 0; index < 10; index++) {
    const action = random(3) === 0 ? { kind: 'read', key: 'k' } as const : { kind: 'write', key: 'k', value: String(index) } as const;
    entries.push({ trigger: at(random(1500)), operation: { client: 5 + random(2), action, target: random(5) } });
  }
  if (random(2) === 0) entries.push({ trigger: at(random(1500)), fault: { kind: 'heal' } });
  return scenarioOf('quorum-reads', knobs, ['A', 'B', 'C', 'D', 'E'], ['c1', 'c2'], entries, { seed, runToUs: 3_000_000 });
}

/** Three nodes whose disks decay, now and then, before they crash and come back. */
function decayingOf(knobs: Knobs, seed: number): Scenario {
  const random = randomOf(seed), entries: ScriptEntry[] = [];
  for (let index = 0; index < 8; index++) {
    const action = random(3) === 0 ? { kind: 'read', key: 'k' } as const : { kind: 'write', key: 'k', value: String(index) } as const;
    entries.push({ trigger: at(random(2000)), operation: { client: 3 + random(2), action } });
  }
  // One node at a time: a majority of damaged disks has lost what no protocol brings back.
  for (let from = random(300), node = random(3); from < 2000; from += 700, node = random(3)) {
    const other = (node + 1 + random(2)) % 3, third = 3 - node - other;
    if (random(2) === 0) entries.push({ trigger: at(Math.max(0, from - 200)), fault: { kind: 'isolate', node: third } }, { trigger: at(from + 2), fault: { kind: 'heal' } });
    if (random(2) === 0) entries.push({ trigger: at(from + random(20)), fault: { kind: 'pause', node: other, durationUs: 1000 * (200 + random(1000)) } });
    entries.push({ trigger: at(from), fault: { kind: 'disk-corrupts', node } });
    entries.push({ trigger: at(from + 1), fault: { kind: 'crash', node, losing: undefined, point: undefined } });
    entries.push({ trigger: at(from + 1 + random(400)), fault: { kind: 'restart', node } });
  }
  return scenarioOf('quorum-reads', knobs, ['A', 'B', 'C'], ['c1', 'c2'], entries, { seed, runToUs: 5_000_000 });
}

/** The schedule, from 1, of the first storm with that violation; more than `atMost` for none. */
function caughtAfter(stormed: (seed: number) => Scenario, code: string, atMost = 1000): number {
  let seed = 1;
  while (seed <= atMost && !errorsOf(stormed(seed)).includes(code)) seed++;
  return seed;
}

describe('hardened', () => {
  test.each<Knobs>([{}, { order: 'unordered' }, { dup: 'on' }, { authentication: 'off' }, { checksum: 'off' }])('%j takes neither crashes nor damage for a lie', (knobs) => {
    for (let seed = 1; seed <= 40; seed++) {
      const storm = damagedStormOf(HARDENED, knobs, seed);
      expect(runOf(storm).finalViews.map(({ role }) => role), `seed ${seed}`).not.toContain('stopped');
    }
  });
});

describe('without', () => {
  test('checksums and signatures damage is believed', () => {
    expect(caughtAfter((seed) => damagedStormOf(PLAIN, {}, seed), 'diverged')).toBeLessThanOrEqual(1000);
    expect(caughtAfter((seed) => damagedStormOf(PLAIN, { checksum: 'on' }, seed), 'diverged', 120)).toBeGreaterThan(120);
    expect(caughtAfter((seed) => damagedStormOf(PLAIN, { authentication: 'on' }, seed), 'diverged', 120)).toBeGreaterThan(120);
  });

  test('echoes a lie is applied', () => {
    expect(caughtAfter((seed) => lyingOf(HARDENED, { 'echo': 'off', 'hash-chain': 'off' }, seed), 'diverged')).toBeLessThanOrEqual(1000);
  });

  test('hash chains a second slot differs too', () => {
    const entries: ScriptEntry[] = [
      { trigger: { kind: 'always' }, fault: { kind: 'lies', messages: { from: 0, to: 1, message: 'propose', nth: undefined }, key: 'k', value: 'lie' } },
      ...[0, 100, 200].map((ms) => ({ trigger: at(ms), operation: { client: 3, action: { kind: 'write', key: 'k', value: String(ms) } as const } })),
    ];
    const slots = (knobs: Knobs): number => new Set(findingsOf(scenarioOf('quorum-reads', knobs, ['A', 'B', 'C'], ['c1'], entries)).filter(({ code }) => code === 'diverged').flatMap((finding) => finding.slots)).size;
    expect(slots({})).toBe(3);
    expect(slots({ 'hash-chain': 'on' })).toBe(1);
  });
});

describe('names', () => {
  test('that are not signed are believed', () => {
    expect(caughtAfter((seed) => forgingOf({}, seed), 'split-brain')).toBeLessThanOrEqual(1000);
    for (let seed = 1; seed <= 150; seed++) expect(errorsOf(forgingOf({ authentication: 'on' }, seed)), `seed ${seed}`).toEqual([]);
  });
});

describe('disks that decay', () => {
  test('are believed without checksums, and cost what they held where it counts as never written', () => {
    expect(caughtAfter((seed) => decayingOf({}, seed), 'not-linearizable')).toBeLessThanOrEqual(1000);
    expect(caughtAfter((seed) => decayingOf({ checksum: 'truncate' }, seed), 'lost-write')).toBeLessThanOrEqual(1000);
    for (let seed = 1; seed <= 150; seed++) expect(errorsOf(decayingOf({ checksum: 'on' }, seed)), `seed ${seed}`).toEqual([]);
  });
});

test('any two echo quorums share more nodes than may lie', () => {
  for (let n = 1; n <= 40; n++) {
    const f = Math.floor((n - 1) / 3), quorum = echoQuorumOf(n);
    expect(2 * quorum - n, `${n}`).toBeGreaterThan(f);
    expect(quorum, `${n}`).toBeLessThanOrEqual(n - f);
  }
});
