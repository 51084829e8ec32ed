/** Several leaders on one group of nodes: each key is as safe as before, and an operation over two of them as the knob has it. */
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import type { ActionModel, Scenario } from '../../server/src/model/scenario.ts';
import { moveOf } from '../../server/src/model/actions.ts';
import { BANK, sharded, together } from './bank.ts';
import { at, errorsOf, findingsOf, runOf, scenarioOf, type ScriptEntry } from './scenarios.ts';

type Knobs = Readonly<Record<string, string>>;


const ask = (ms: number, action: ActionModel, target?: number): ScriptEntry => ({ trigger: at(ms), operation: { client: 3, action, target } });
const world = (knobs: Knobs, entries: readonly ScriptEntry[]): Scenario => sharded(scenarioOf('sharded', knobs, ['A', 'B', 'C'], ['c1'], entries, { runToUs: 3_000_000 }));

function answers(scenario: Scenario): readonly string[] {
  const { log } = runOf(scenario);
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.ok || log.kind(i) === EVENT.fail)
    .map((i) => (log.kind(i) === EVENT.fail ? 'failed' : log.text(i)));
}

describe('keys apart', () => {
  test('have leaders, epochs and slots of their own', () => {
    const { log, finalViews } = runOf(world({}, [ask(0, { kind: 'write', key: 'x', value: '1' }), ask(0, { kind: 'write', key: 'y', value: '2' })]));
    const leads = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.leads);
    expect(leads.map((i) => [log.node(i), log.epoch(i), log.group(i)])).toEqual([[0, 1, 1], [1, 1, 2]]);
    const applied = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.apply && log.node(i) === 2);
    expect(applied.map((i) => [log.slot(i), log.group(i), log.text(i)]).sort()).toEqual([[1, 1, 'x = 1'], [1, 2, 'y = 2']]);
    for (const { values } of finalViews) expect([...values].sort()).toEqual([['x', '1'], ['y', '2']]);
  });

  test.each(['unsafe', '2pc'])('multi-key %s: what is asked of both is answered with what both found', (multiKey) => {
    const scenario = world({ 'multi-key': multiKey }, [
      ask(0, together({ kind: 'write', key: 'x', value: '10' }, { kind: 'write', key: 'y', value: '0' })), ask(400, moveOf(4, 'x', 'y')),
      ask(800, together({ kind: 'read', key: 'y' }, { kind: 'add', key: 'x', amount: 1 }, { kind: 'read', key: 'x' }, { kind: 'read', key: 'k' })),
    ]);
    expect(answers(scenario)).toEqual(['', '', 'y = 4; x = 7; k = nil']);
    for (const { values } of runOf(scenario).finalViews) expect([...values].sort()).toEqual([['x', '7'], ['y', '4']]);
    expect(errorsOf(scenario)).toEqual([]);
  });

  test('2pc undoes everything where one shard cannot do its part', () => {
    const scenario = world({ 'multi-key': '2pc' }, [
      ask(0, { kind: 'write', key: 'y', value: '1' }), ask(300, together({ kind: 'write', key: 'x', value: '5' }, { kind: 'cas', key: 'y', from: '2', to: '3' })),
      ask(700, together({ kind: 'read', key: 'x' }, { kind: 'read', key: 'y' })), ask(1100, { kind: 'write', key: 'x', value: '6' }),
    ]);
    expect(answers(scenario)).toEqual(['', 'failed', 'x = nil; y = 1', '']);
  });

  test('two transfers in opposite directions do not wait for each other for ever', () => {
    const scenario = world({ 'multi-key': '2pc' }, [ask(0, moveOf(1, 'x', 'y')), ask(0, moveOf(2, 'y', 'x')), ask(1, moveOf(3, 'x', 'y'))]);
    expect(answers(scenario)).toEqual(['', '', '']);
    expect(runOf(scenario).finalViews[0]!.values.get('x')).toBe('-2');
  });

  test('forbid refuses what spans two shards, and nothing else', () => {
    expect(answers(world({ 'multi-key': 'forbid' }, [ask(0, moveOf(1, 'x', 'y')), ask(100, moveOf(1, 'x', 'k'))]))).toEqual(['failed', '']);
  });

  test.each(['prepare', 'commit'])('a coordinator that dies once its own log has the %s is replaced, and its client answered', (step) => {
    for (const node of [0, 1]) {
      const scenario = world({ 'multi-key': '2pc' }, [
        ask(0, { kind: 'write', key: 'x', value: '10' }), ask(300, moveOf(5, 'x', 'y')),
        { trigger: { kind: 'when', event: { kind: 'delivery', from: 2, to: 0, message: 'accept', nth: step === 'prepare' ? 2 : 3 } }, fault: { kind: 'crash', node, losing: undefined, point: undefined } },
        ask(1800, together({ kind: 'read', key: 'x' }, { kind: 'read', key: 'y' })),
      ]);
      expect(answers(scenario).slice(-2)).toEqual(['', 'x = 5; y = 5']);
      expect(errorsOf(scenario)).toEqual([]);
    }
  });
});

test('what is found in a shard names it, and its own events', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const scenario = BANK.schedule({ protocol: 'primary-backup', like: 'sharded' }, { 'multi-key': '2pc', votes: 'reachable' }, seed), found = findingsOf(scenario).find(({ code }) => code === 'diverged');
    if (found === undefined) continue;
    const { log } = runOf(scenario);
    expect(found.witnesses.map((event) => log.group(event))).toEqual(found.witnesses.map(() => found.group));
    return;
  }
  throw new Error('nothing diverged');
});
