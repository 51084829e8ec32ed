/** Operations over several keys, in every protocol that has a log; and what they take to be atomic. */
import { describe, expect, test } from 'vitest';
import type { ActionModel, Scenario } from '../../server/src/model/scenario.ts';
import { moveOf } from '../../server/src/model/actions.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { at, errorsOf, runOf, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { bankOf, together } from './bank.ts';

const LOGS: readonly Under[] = [
  { protocol: 'primary-backup', like: 'quorum-reads' }, { protocol: 'primary-backup', like: 'naive' }, { protocol: 'raft' }, { protocol: 'viewstamped-replication' },
  { protocol: 'zab' }, { protocol: 'multi-paxos' }, { protocol: 'epaxos' }, { protocol: 'pbft' },
];

const ask = (ms: number, action: ActionModel): ScriptEntry => ({ trigger: at(ms), operation: { client: 4, action, target: 0 } });

/** What the client heard, in order: `failed`, or the value of an ok. */
function answers(scenario: Scenario): readonly string[] {
  const { log } = runOf(scenario);
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.ok || log.kind(i) === EVENT.fail)
    .map((i) => (log.kind(i) === EVENT.fail ? 'failed' : log.text(i)));
}

describe.each(LOGS)('$protocol $like', (under) => {
  test('does all of a transaction or nothing, each step after the one before', () => {
    const scenario = scenarioOf(under, {}, ['A', 'B', 'C', 'D'], ['c1'], [
      ask(0, { kind: 'write', key: 'x', value: '10' }),
      ask(200, moveOf(5, 'x', 'y')),
      ask(400, together({ kind: 'read', key: 'x' }, { kind: 'write', key: 'x', value: '7' }, { kind: 'read', key: 'x' }, { kind: 'read', key: 'y' })),
      ask(600, together({ kind: 'write', key: 'y', value: '9' }, { kind: 'cas', key: 'x', from: '5', to: '6' })),
      ask(800, together({ kind: 'delete', key: 'x' }, { kind: 'append', key: 'y', value: '1' }, { kind: 'read', key: 'y' }, { kind: 'read', key: 'x' })),
    ], { runToUs: 2_000_000 });
    expect(answers(scenario)).toEqual(['', '', 'x = 5; x = 7; y = 5', 'failed', 'y = 5 1; x = nil']);
    expect(errorsOf(scenario)).toEqual([]);
    const [first, ...others] = runOf(scenario).finalViews.map(({ values }) => [...values]);
    expect(first).toEqual([['y', '5 1']]);
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('transactions in a storm', () => {
  test.each(LOGS.filter(({ like, protocol }) => like !== 'naive' && protocol !== 'pbft'))('$protocol survives', (under) => {
    for (let seed = 1; seed <= 60; seed++) expect(errorsOf(bankOf(under, {}, seed)), `replay: errorsOf(bankOf(${JSON.stringify(under)}, {}, ${seed}))`).toEqual([]);
  });

  test.each([
    [{ protocol: 'epaxos' }, { 'conflict-detect': 'off' }],
    [{ protocol: 'primary-backup', like: 'quorum-reads' }, { 'catch-up': 'none' }],
  ] as const)('%j with %j is caught', (under, knobs) => {
    let seed = 1;
    while (seed <= 1000 && errorsOf(bankOf(under, knobs, seed)).length === 0) seed++;
    expect(seed).toBeLessThanOrEqual(1000);
  });
});
