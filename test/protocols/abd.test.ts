/** ABD, section by section: the two rounds, many writers, what each guard is for, and storms. */
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import type { Run } from '../../server/src/engine/run.ts';
import type { ActionModel, FaultModel, Scenario } from '../../server/src/model/scenario.ts';
import { at, errorsOf, runOf, scenarioOf, type ScriptEntry } from './scenarios.ts';

const ABD = { protocol: 'abd' };
type Knobs = Readonly<Record<string, string>>;

const write = (value: string, key = 'k'): ActionModel => ({ kind: 'write', key, value });
const read: ActionModel = { kind: 'read', key: 'k' };
const op = (ms: number, client: number, action: ActionModel, target?: number): ScriptEntry => ({ trigger: at(ms), operation: { client, action, target } });
const fault = (ms: number, what: FaultModel): ScriptEntry => ({ trigger: at(ms), fault: what });
const always = (what: FaultModel): ScriptEntry => ({ trigger: { kind: 'always' }, fault: what });

/** Three nodes (0, 1, 2) and two clients (3, 4). */
function three(entries: readonly ScriptEntry[], knobs: Knobs = {}, rest: Partial<Scenario> = {}): Scenario {
  return scenarioOf(ABD, knobs, ['A', 'B', 'C'], ['c1', 'c2'], entries, { runToUs: 2_000_000, ...rest });
}

/** What each operation heard, in their order; undefined: nothing. */
function answersOf({ log }: Run, operations: number): readonly (string | undefined)[] {
  return Array.from({ length: operations }, (_, id) => {
    for (let i = 0; i < log.length; i++) {
      if (log.op(i) !== id) continue;
      if (log.kind(i) === EVENT.ok) return log.text(i) || 'ok';
      if (log.kind(i) === EVENT.fail) return 'failed';
    }
    return undefined;
  });
}

function wordsBetween({ log }: Run, from: number, to: number): readonly string[] {
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.send && log.node(i) === from && log.peer(i) === to).map((i) => log.word(i));
}

describe('two rounds', () => {
  test('a write asks for the newest tag, then stores', () => {
    const run = runOf(three([op(0, 3, write('1'), 0)]));
    expect(wordsBetween(run, 0, 1)).toEqual(['query', 'store']);
    expect(wordsBetween(run, 1, 0)).toEqual(['tags', 'stored']);
    expect(run.finalViews.map((view) => view.values.get('k'))).toEqual(['1', '1', '1']);
  });

  test('a read stores what it found before it answers', () => {
    const run = runOf(three([op(0, 3, write('1'), 0), op(100, 4, read, 2)]));
    expect(wordsBetween(run, 2, 1)).toEqual(['query', 'store']);
    expect(answersOf(run, 2)).toEqual(['ok', '1']);
  });

  test('a minority down makes no difference, a majority down stops everything', () => {
    const entries = (...down: number[]): ScriptEntry[] => [...down.map((node) => fault(0, { kind: 'crash', node, losing: undefined, point: undefined })), op(10, 3, write('1'), 0), op(200, 4, read, 0)];
    expect(answersOf(runOf(three(entries(2))), 2)).toEqual(['ok', '1']);
    expect(answersOf(runOf(three(entries(1, 2))), 2)).toEqual([undefined, undefined]);
  });

  test('lost messages are sent again', () => {
    const drop = (word: string): ScriptEntry => always({ kind: 'drop', messages: { from: 0, to: -1, message: word, nth: 1 } });
    const run = runOf(three([drop('query'), drop('store'), fault(0, { kind: 'crash', node: 2, losing: undefined, point: undefined }), op(10, 3, write('1'), 0)]));
    expect(answersOf(run, 1)).toEqual(['ok']);
    expect(wordsBetween(run, 0, 1)).toEqual(['query', 'query', 'store', 'store']);
  });

  test('what was stored survives the restart of every node', () => {
    const all = (kind: 'crash' | 'restart', ms: number): ScriptEntry[] => [0, 1, 2].map((node) => fault(ms, kind === 'crash' ? { kind, node, losing: undefined, point: undefined } : { kind, node }));
    const entries = [op(0, 3, write('1'), 0), ...all('crash', 100), ...all('restart', 200), op(300, 4, read, 1)];
    expect(answersOf(runOf(three(entries)), 2)).toEqual(['ok', '1']);
    expect(answersOf(runOf(three(entries, { persist: 'none' })), 2)).toEqual(['ok', 'nil']);
  });
});

describe('several writers', () => {
  test('tags order by number, then by writer', () => {
    const run = runOf(three([op(0, 3, write('1'), 0), op(0, 4, write('2'), 1)]));
    expect(run.finalViews.map((view) => view.values.get('k'))).toEqual(['2', '2', '2']);
  });

  test('two writes that one node coordinates at once get a tag each', () => {
    const scenario = three([op(0, 3, write('1'), 0), op(0, 4, write('2'), 0), op(100, 3, read, 1)]);
    const { log } = runOf(scenario);
    const slots = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.commit).map((i) => log.slot(i));
    expect(new Set(slots).size).toBe(2);
    expect(errorsOf(scenario)).toEqual([]);
  });

  test('add, cas and append are refused, and certainly did not happen', () => {
    const run = runOf(three([op(0, 3, { kind: 'add', key: 'k', amount: 1 }, 0), op(0, 3, { kind: 'cas', key: 'k', from: 'nil', to: '1' }, 0), op(0, 3, { kind: 'append', key: 'k', value: '1' }, 0), op(50, 3, read, 0)]));
    expect(answersOf(run, 4)).toEqual(['failed', 'failed', 'failed', 'nil']);
  });

  test('a deletion is a write of nil', () => {
    expect(answersOf(runOf(three([op(0, 3, write('1'), 0), op(100, 3, { kind: 'delete', key: 'k' }, 1), op(200, 4, read, 2)])), 3)).toEqual(['ok', 'ok', 'nil']);
  });
});

describe('a write has one coordinator', () => {
  /** A is paused as c1 asks it; c1 asks B, which completes the write; c2 writes; A comes to. */
  const late = [fault(0, { kind: 'pause', node: 0, durationUs: undefined }), op(0, 3, write('1')), op(300, 4, write('2'), 1), fault(400, { kind: 'resume', node: 0 }), op(600, 4, read, 2)];

  test('who comes late finds the tag that the write has', () => {
    expect(answersOf(runOf(three(late)), 3)).toEqual(['ok', 'ok', '2']);
  });

  test('without that it is written twice', () => {
    expect(errorsOf(three(late, { sessions: 'off' }))).toContain('not-linearizable');
  });

  test('of two that claim it and hear each other, the one of lower rank goes on', () => {
    // C is down, A and B hear each other only after both have claimed the write.
    const entries = [
      fault(0, { kind: 'crash', node: 2, losing: undefined, point: undefined }), fault(0, { kind: 'cut', from: 0, to: 1, both: true }),
      op(0, 3, write('1')), fault(250, { kind: 'heal' }), op(1000, 4, read, 1),
    ];
    const scenario = three(entries), run = runOf(scenario);
    expect(answersOf(run, 2)).toEqual(['ok', '1']);
    const { log } = run;
    const writers = new Set(Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.accept).map((i) => log.slot(i)));
    expect(writers.size).toBe(1);
  });

  test('another finishes what a dead coordinator chose, and nobody chooses again for it', () => {
    const crash: ScriptEntry = { trigger: { kind: 'when', event: { kind: 'delivery', from: 0, to: 1, message: 'store', nth: 1 } }, fault: { kind: 'crash', node: 0, losing: undefined, point: undefined } };
    const scenario = three([always({ kind: 'drop', messages: { from: 0, to: 2, message: 'store', nth: undefined } }), op(0, 3, write('1')), crash, op(1000, 4, read, 2)]);
    expect(answersOf(runOf(scenario), 2)).toEqual(['ok', '1']);
  });

  test('a coordinator that restarts before it chose goes on when it is asked again', () => {
    const crash: ScriptEntry = { trigger: { kind: 'when', event: { kind: 'delivery', from: 0, to: 1, message: 'query', nth: 1 } }, fault: { kind: 'crash', node: 0, losing: undefined, point: undefined } };
    const scenario = three([op(0, 3, write('1')), crash, fault(500, { kind: 'restart', node: 0 })]);
    expect(answersOf(runOf(scenario), 1)).toEqual(['ok']);
  });
});

/** E7: the write is at A alone; the first reader asks A, the second does not. */
const e7 = (knobs: Knobs): Scenario => three([
  always({ kind: 'drop', messages: { from: 0, to: -1, message: 'store', nth: undefined } }), op(0, 3, write('1'), 0), op(100, 4, read, 1), op(200, 4, read, 2),
], knobs, { network: { delays: [{ from: 0, to: 2, minUs: 100_000, maxUs: 100_000 }], loss: 0, duplicates: 0, order: undefined, line: undefined } });

test('without write-back a read that follows another finds less (E7)', () => {
  expect(answersOf(runOf(e7({})), 3)).toEqual([undefined, '1', '1']);
  expect(errorsOf(e7({}))).toEqual([]);
  expect(answersOf(runOf(e7({ 'write-back': 'off' })), 3)).toEqual([undefined, '1', 'nil']);
  expect(errorsOf(e7({ 'write-back': 'off' }))).toEqual(['not-linearizable']);
});
