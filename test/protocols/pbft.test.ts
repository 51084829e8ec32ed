/** PBFT, section by section: the three phases, view changes, one node that lies, and storms. */
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import type { Run } from '../../server/src/engine/run.ts';
import type { ActionModel, FaultModel, Scenario } from '../../server/src/model/scenario.ts';
import { at, errorsOf, runOf, scenarioOf, type ScriptEntry } from './scenarios.ts';

const PBFT = { protocol: 'pbft' };
type Knobs = Readonly<Record<string, string>>;

const write = (value: string, key = 'k'): ActionModel => ({ kind: 'write', key, value });
const read: ActionModel = { kind: 'read', key: 'k' };
const op = (ms: number, action: ActionModel, target?: number, client = 4): ScriptEntry => ({ trigger: at(ms), operation: { client, action, target } });
const fault = (ms: number, what: FaultModel): ScriptEntry => ({ trigger: at(ms), fault: what });
const crash = (ms: number, node: number): ScriptEntry => fault(ms, { kind: 'crash', node, losing: undefined, point: undefined });
const always = (what: FaultModel): ScriptEntry => ({ trigger: { kind: 'always' }, fault: what });
const lie = (from: number, to: number, message: string): ScriptEntry => always({ kind: 'lies', messages: { from, to, message, nth: undefined }, key: 'k', value: '9' });
const drop = (from: number, to: number, message: string): ScriptEntry => always({ kind: 'drop', messages: { from, to, message, nth: undefined } });

/** Four nodes (0 to 3), two clients (4, 5). */
function four(entries: readonly ScriptEntry[], knobs: Knobs = {}, rest: Partial<Scenario> = {}): Scenario {
  return scenarioOf(PBFT, knobs, ['A', 'B', 'C', 'D'], ['c1', 'c2'], entries, { runToUs: 4_000_000, ...rest });
}

const eventsOf = ({ log }: Run, ...kinds: readonly (keyof typeof EVENT)[]): readonly number[] =>
  Array.from({ length: log.length }, (_, i) => i).filter((i) => kinds.some((kind) => log.kind(i) === EVENT[kind]));

function answersOf(run: Run, operations: number): readonly (string | undefined)[] {
  const ends = eventsOf(run, 'ok', 'fail');
  return Array.from({ length: operations }, (_, id) => {
    const end = ends.find((i) => run.log.op(i) === id);
    return end === undefined ? undefined : run.log.kind(end) === EVENT.fail ? 'failed' : run.log.text(end) || 'ok';
  });
}

const valuesOf = (run: Run, key = 'k'): readonly (string | undefined)[] => run.finalViews.map((view) => view.values.get(key));
const sentBy = (run: Run, word: string): number => eventsOf(run, 'send').filter((i) => run.log.word(i) === word).length;

describe('normal case (§4.2)', () => {
  test('pre-prepare from the primary, prepare from the backups, commit from all, a reply from each', () => {
    const run = runOf(four([op(0, write('1'))]));
    expect(['pre-prepare', 'prepare', 'commit', 'ok'].map((word) => sentBy(run, word))).toEqual([3, 9, 12, 4]);
    const [ok] = eventsOf(run, 'ok');
    expect(run.log.timeUs(ok!)).toBe(50_000);
    expect(valuesOf(run)).toEqual(['1', '1', '1', '1']);
  });

  test('a backup passes a request to the primary', () => {
    const run = runOf(four([op(0, write('1'), 2)]));
    expect(sentBy(run, 'request')).toBe(1);
    expect(answersOf(run, 1)).toEqual(['ok']);
  });

  test('the client waits for f+1 equal answers', () => {
    const run = runOf(four([op(0, write('1')), drop(0, 4, 'ok'), drop(1, 4, 'ok')]));
    expect(answersOf(run, 1)).toEqual(['ok']);
    const alone = four([op(0, write('1')), ...[0, 1, 2].map((node) => drop(node, 4, 'ok'))], {}, { runToUs: 300_000 });
    expect(answersOf(runOf(alone), 1)).toEqual([undefined]);
    expect(answersOf(runOf({ ...alone, knobs: new Map([...alone.knobs, ['replies', { value: 'one', line: 0, written: true }]]) }), 1)).toEqual(['ok']);
  });

  test('f nodes down make no difference, f+1 stop everything', () => {
    expect(answersOf(runOf(four([crash(0, 3), op(10, write('1'))])), 1)).toEqual(['ok']);
    expect(answersOf(runOf(four([crash(0, 3), crash(0, 2), op(10, write('1'))])), 1)).toEqual([undefined]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 10])('%i nodes serve, with f of them down', (n) => {
    const f = Math.floor((n - 1) / 3);
    const down = Array.from({ length: f }, (_, index) => crash(0, n - 1 - index));
    const scenario = scenarioOf(PBFT, {}, Array.from({ length: n }, (_, index) => `n${index + 1}`), ['c1'], [...down, op(10, write('1'), undefined, n), op(400, read, undefined, n)], { runToUs: 2_000_000 });
    expect(answersOf(runOf(scenario), 2)).toEqual(['ok', '1']);
  });

  test('a request asked again is executed once', () => {
    const again: ScriptEntry = { trigger: at(0), operation: { client: 4, action: { kind: 'add', key: 'k', amount: 1 }, target: 1, withinUs: 20_000, retrying: true } };
    const scenario = four([again], {}, { runToUs: 1_000_000 });
    expect(valuesOf(runOf(scenario))).toEqual(['1', '1', '1', '1']);
    expect(errorsOf(scenario)).toEqual([]);
  });

  test('what was missed is made up for', () => {
    const groups = [[0, 1, 2, 4], [3]];
    const run = runOf(four([fault(0, { kind: 'partition', groups }), op(10, write('1')), op(100, write('2')), fault(500, { kind: 'heal' })]));
    expect(valuesOf(run)).toEqual(['2', '2', '2', '2']);
  });
});

describe('view change (§4.4)', () => {
  const failover = [op(0, write('1')), crash(100, 0), op(200, write('2')), fault(2000, { kind: 'restart', node: 0 })];

  test('who waits too long for a request leaves the view; f+1 are followed; the next primary begins with a quorum', () => {
    const run = runOf(four(failover)), { log } = run;
    expect(answersOf(run, 2)).toEqual(['ok', 'ok']);
    expect(eventsOf(run, 'timeout').map((i) => log.node(i))).toEqual([1, 2]);
    expect(eventsOf(run, 'leads').map((i) => `${log.node(i)} ${log.epoch(i)} ${log.a(i)}`)).toEqual(['0 0 4', '1 1 3', '0 0 3']);
    expect(valuesOf(run)).toEqual(['2', '2', '2', '2']);
    expect(errorsOf(four(failover))).toEqual([]);
  });

  test('nobody suspects a primary that nobody waits for', () => {
    const run = runOf(four([op(0, write('1')), crash(100, 0)]));
    expect(eventsOf(run, 'timeout')).toEqual([]);
  });

  test('one node that suspects the primary by itself changes nothing for the others', () => {
    const run = runOf(four([fault(0, { kind: 'timeout', node: 1 }), op(50, write('1'))]));
    expect(answersOf(run, 1)).toEqual(['ok']);
    expect(eventsOf(run, 'leads').length).toBe(1);
  });

  test('two primaries down, one after the other: f is one, so the second stops everything until one is back', () => {
    const run = runOf(four([crash(0, 0), op(10, write('1')), crash(1000, 1), op(1100, write('2')), fault(2000, { kind: 'restart', node: 0 })], {}, { runToUs: 8_000_000 }));
    expect(answersOf(run, 2)).toEqual(['ok', 'ok']);
  });

  test('what one quorum committed the next view has, whoever begins it', () => {
    const entries = [fault(0, { kind: 'partition', groups: [[0, 2, 3, 4], [1]] }), op(10, write('1')), crash(100, 0), fault(100, { kind: 'heal' }), op(200, write('2', 'j'))];
    expect(valuesOf(runOf(four(entries))).slice(1)).toEqual(['1', '1', '1']);
    expect(errorsOf(four(entries))).toEqual([]);
    expect(errorsOf(four(entries, { 'carry-over': 'nothing' }))).toContain('lost-write');
  });
});

describe('one node that lies', () => {
  const codes = (scenario: Scenario): readonly string[] => [...new Set(errorsOf(scenario))];

  test('a primary that tells two stories is found out, and nothing follows', () => {
    const scenario = four([lie(0, 1, 'pre-prepare'), op(0, write('1')), crash(500, 0), op(600, read)], { 'request-signatures': 'off' });
    expect(codes(scenario)).toEqual(['equivocation']);
    expect(answersOf(runOf(scenario), 2)).toEqual(['ok', '1']);
  });

  test('a primary that makes up a request is not believed, and replaced', () => {
    const scenario = four([lie(0, -1, 'pre-prepare'), op(0, write('1')), op(2000, read)]);
    expect(codes(scenario)).toEqual([]);
    expect(answersOf(runOf(scenario), 2)).toEqual(['ok', '1']);
    expect(codes(four([lie(0, -1, 'pre-prepare'), op(0, write('1')), crash(500, 0), op(600, read)], { 'request-signatures': 'off' }))).toContain('not-linearizable');
  });

  test.each(['prepare', 'commit', 'data', 'request'])('a backup that lies in %s to everybody harms nobody', (word) => {
    const scenario = four([lie(3, -1, word), op(0, write('1')), crash(300, 3), op(400, read), op(450, write('2'))]);
    expect(codes(scenario).filter((code) => code !== 'equivocation')).toEqual([]);
    expect(answersOf(runOf(scenario), 3)).toEqual(['ok', '1', 'ok']);
  });

  test('a client does not believe one node alone', () => {
    const entries = [lie(3, -1, 'ok'), op(0, write('1')), op(100, read)];
    const network = { delays: [{ from: 3, to: 4, minUs: 1000, maxUs: 1000 }], loss: 0, duplicates: 0, order: undefined, line: undefined };
    expect(answersOf(runOf(four(entries, {}, { network })), 2)).toEqual(['ok', '1']);
    expect(codes(four(entries, { replies: 'one' }, { network }))).toContain('not-linearizable');
  });

  test('without prepare the two stories of one primary are two proofs for the next', () => {
    const entries = (ms: number): ScriptEntry[] => [lie(0, 1, 'pre-prepare'), drop(-1, 1, 'data'), op(0, write('1')), crash(ms, 0), op(200, write('2', 'j'))];
    expect(codes(four(entries(45), { 'request-signatures': 'off' }))).toEqual(['equivocation']);
    expect(codes(four(entries(35), { 'request-signatures': 'off', prepare: 'off' }))).toContain('diverged');
  });

  test('a majority is not enough: what two of five share may be the liar', () => {
    // A tells B and C one story, D and E the other, and says of each that it is its own.
    const entries = [lie(0, 1, 'pre-prepare'), lie(0, 2, 'pre-prepare'), lie(0, 1, 'commit'), lie(0, 2, 'commit'), op(0, write('1'), undefined, 5)];
    const scenario = (knobs: Knobs): Scenario => scenarioOf(PBFT, { 'request-signatures': 'off', ...knobs }, ['A', 'B', 'C', 'D', 'E'], ['c1'], entries, { runToUs: 1_000_000 });
    expect(codes(scenario({}))).toEqual(['equivocation']);
    expect(codes(scenario({ quorum: 'majority' }))).toContain('diverged');
  });
});
