/**
 * Protocols with the same service give the same clients the same answers and leave the same values on every node. What a
 * service can do differs: single-decree Paxos keeps the first value of a key for good, and a register cannot count.
 */
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import type { ActionModel } from '../../server/src/model/scenario.ts';
import { at, runOf, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { randomOf } from './storm.ts';

const NODES = ['A', 'B', 'C', 'D'], CLIENTS = ['c1', 'c2'], SPACING_MS = 300;

const STORES: readonly Under[] = [
  { protocol: 'primary-backup', like: 'tcp' }, { protocol: 'primary-backup', like: 'quorum-reads' }, { protocol: 'viewstamped-replication' }, { protocol: 'multi-paxos' },
  { protocol: 'zab' }, { protocol: 'raft' }, { protocol: 'epaxos' }, { protocol: 'pbft' },
];
const REGISTERS: readonly Under[] = [...STORES, { protocol: 'abd' }];
const ONCE: readonly Under[] = [...REGISTERS, { protocol: 'paxos' }];
/** Those that go on without their first leader, and have it catch up when it comes back. */
const SURVIVORS = STORES.filter(({ like }) => like !== 'tcp');

type Act = (random: (bound: number) => number, index: number) => ActionModel;

const register: Act = (random, index) => {
  const key = random(2) === 0 ? 'k' : 'j';
  return ([{ kind: 'write', key, value: String(index) }, { kind: 'write', key, value: String(index) }, { kind: 'read', key }, { kind: 'delete', key }] as const)[random(4)]!;
};
const store: Act = (random, index) => ([
  { kind: 'add', key: 'n', amount: index }, { kind: 'append', key: 'l', value: String(index) }, { kind: 'cas', key: 'k', from: 'nil', to: String(index) },
  { kind: 'cas', key: 'n', from: '1', to: '7' }, register(random, index), register(random, index),
] as const)[random(6)]!;
const once: Act = (random, index) => (random(2) === 0 ? { kind: 'read', key: `k${random(index + 1)}` } : { kind: 'write', key: `k${index}`, value: String(random(9)) });

function scriptOf(act: Act, seed: number): ScriptEntry[] {
  const random = randomOf(seed);
  return Array.from({ length: 12 }, (_, index) => ({ trigger: at(20 + SPACING_MS * index), operation: { client: NODES.length + random(2), action: act(random, index) } }));
}

/** How each operation ended, in order, and what each node holds at the end. */
function endOf(under: Under, entries: readonly ScriptEntry[]): { readonly answers: readonly string[]; readonly values: readonly string[] } {
  const { log, finalViews } = runOf(scenarioOf(under, {}, NODES, CLIENTS, entries, { runToUs: 6_000_000 }));
  const ends = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.ok || log.kind(i) === EVENT.fail);
  expect(ends.length, 'every operation is answered').toBe(12);
  return {
    answers: ends.map((i) => `${log.op(i)} ${log.kind(i) === EVENT.ok ? log.text(i) : 'failed'}`),
    values: finalViews.map(({ values }) => [...values].map(([key, value]) => `${key} = ${value}`).sort().join(', ')),
  };
}

const named = (unders: readonly Under[]): readonly (readonly [string, Under])[] => unders.slice(1).map((under) => [`${under.protocol}${under.like === undefined ? '' : ` like ${under.like}`}`, under]);
const SEEDS = [1, 2, 3, 4, 5];

describe('a register', () => {
  test.each(named(REGISTERS))('%s', (_name, under) => {
    for (const seed of SEEDS) expect(endOf(under, scriptOf(register, seed)), `seed ${seed}`).toEqual(endOf(REGISTERS[0]!, scriptOf(register, seed)));
  });
});

describe('a store that counts, compares and appends', () => {
  test.each(named(STORES))('%s', (_name, under) => {
    for (const seed of SEEDS) expect(endOf(under, scriptOf(store, seed)), `seed ${seed}`).toEqual(endOf(STORES[0]!, scriptOf(store, seed)));
  });
});

describe('keys that are written once', () => {
  test.each(named(ONCE))('%s', (_name, under) => {
    for (const seed of SEEDS) expect(endOf(under, scriptOf(once, seed)), `seed ${seed}`).toEqual(endOf(ONCE[0]!, scriptOf(once, seed)));
  });
});

describe('a store whose first node is away for a while', () => {
  const away = (seed: number): ScriptEntry[] => [
    ...scriptOf(store, seed), { trigger: at(1250), fault: { kind: 'crash', node: 0, losing: undefined, point: undefined } }, { trigger: at(2450), fault: { kind: 'restart', node: 0 } },
  ];
  test.each(named(SURVIVORS))('%s', (_name, under) => {
    for (const seed of SEEDS) {
      const own = endOf(under, away(seed)), other = endOf(SURVIVORS[0]!, away(seed));
      expect({ answers: [...own.answers].sort(), values: own.values }, `seed ${seed}`).toEqual({ answers: [...other.answers].sort(), values: other.values });
    }
  });
});
