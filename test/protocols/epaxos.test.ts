/** Egalitarian Paxos, by the figures of the paper (Moraru, Andersen and Kaminsky 2013), and in storms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { executionOfRun } from '../../server/src/analysis/execution.ts';
import { checkExecution, type ExecutionVerdict } from '../../server/src/checkers/index.ts';
import { traceOfRun } from '../../server/src/interchange/trace.ts';
import { fastPeers, proposalText, slowQuorum, type Config } from '../../server/src/protocols/epaxos/state.ts';
import { runOf } from './scenarios.ts';
import { turmoilOf } from './turmoil.ts';
import { GALE } from './weather.ts';

const EPAXOS = { protocol: 'epaxos' };

/** One scenario after its header; three replicas (or others) and two clients. */
function ran(lines: readonly string[], knobs = '', nodes = 'A B C') {
  const header = ['scenario "test" {', `  protocol epaxos { ${knobs} }`, `  nodes ${nodes}`, '  clients c1 c2'];
  const { blocks, diagnostics } = analyseNow([...header, ...lines.map((line) => `  ${line}`), '}'].join('\n'));
  const block = blocks[0]!, run = block.run!, { log, names, nodeCount } = run;
  const events = Array.from({ length: log.length }, (_, i) => i);
  const between = (i: number): boolean => log.node(i) < nodeCount && log.peer(i) < nodeCount;
  return {
    run, diagnostics,
    codes: block.violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter(({ severity }) => severity === 'error').map(({ code }) => code),
    unmet: block.expectations.filter(({ met }) => !met).map(({ text, message }) => `${text}: ${message}`),
    /** What replicas sent each other, without the acknowledgements of commits. */
    said: events.filter((i) => log.kind(i) === EVENT.send && between(i) && log.word(i) !== 'commit-ok')
      .map((i) => `${names[log.node(i)]} -> ${names[log.peer(i)]} ${log.word(i)} ${log.text(i)}`.trim()),
    /** `A: what` for each event of a kind. */
    all: (kind: keyof typeof EVENT) => events.filter((i) => log.kind(i) === EVENT[kind]).map((i) => `${names[log.node(i)]}: ${log.text(i) || log.detail(i)}`),
    /** The events of one node, of some kinds, in order. */
    story: (node: string, ...kinds: readonly (keyof typeof EVENT)[]) => events.filter((i) => names[log.node(i)] === node)
      .flatMap((i) => kinds.filter((kind) => log.kind(i) === EVENT[kind]).map((kind) => `${kind} ${log.text(i)}`)),
    logs: run.finalViews.map((view) => view.log.map(({ content }) => content)),
    values: (key: string) => run.finalViews.map((view) => view.values.get(key) ?? 'nil'),
  };
}

const configOf = (nodeCount: number, fastQuorum: Config['fastQuorum'] = 'basic'): Config =>
  ({ nodeCount, fastQuorum, names: Array.from({ length: nodeCount }, (_, node) => `n${node + 1}`) }) as unknown as Config;

describe('quorums (the basic protocol)', () => {
  test('a fast quorum is 2F of 2F+1, and always the same for an owner', () => {
    expect([1, 3, 5, 7].map((n) => fastPeers(configOf(n), 0).length + 1)).toEqual([1, 2, 4, 6]);
    expect(fastPeers(configOf(3), 0)).toEqual([2]);
    expect(fastPeers(configOf(5), 1)).toEqual([0, 4, 3]);
  });

  test('two of them share a node, and a recovery without the owner meets ⌊n/2⌋ answers, which with the owner are a majority', () => {
    for (let n = 1; n <= 9; n++) {
      const config = configOf(n), majority = slowQuorum(config), fast = fastPeers(config, 0).length + 1;
      expect(fast).toBeGreaterThanOrEqual(majority);
      if (n < 3) continue;
      // n - 1 others, of which a recovery may miss all but a majority.
      expect(fast - 1 - (n - 1 - majority)).toBeGreaterThanOrEqual(Math.floor(n / 2));
      expect(Math.floor(n / 2) + 1).toBeGreaterThanOrEqual(majority);
      // More than half of the answers: two different sets cannot both be there.
      expect(2 * Math.floor(n / 2)).toBeGreaterThan(fast - 1);
    }
  });

  test('attributes are written with the names of instances, runs of them in short', () => {
    const command = { op: 0, session: 3, sequence: 1, action: { kind: 'write', key: 'k', value: '1' } } as const;
    expect(proposalText(configOf(3), { command, seq: 4, deps: [1, 2, 3, 4, 6, 7, 10] })).toBe('k = 1, seq 4, deps n1.1..n1.4 n2.1 n3.1 n3.2');
    expect(proposalText(configOf(3), { command: undefined, seq: 0, deps: [] })).toBe('no-op');
  });
});

describe('the commit protocol (Figure 2)', () => {
  test('fast path: one round trip to the fast quorum', () => {
    const { said, unmet, codes } = ran(['at 0ms w1: c1 writes k = 1 to A', 'expect w1 acked by 40ms']);
    expect(said).toEqual(['A -> C pre-accept k = 1, seq 1', 'C -> A pre-accept-ok k = 1, seq 1', 'A -> B commit k = 1, seq 1', 'A -> C commit k = 1, seq 1']);
    expect(unmet).toEqual([]);
    expect(codes).toEqual([]);
  });

  test('commands on different keys, and reads of one key, do not depend on each other', () => {
    const { logs } = ran(['at 0ms c1 writes j = 1 to A', 'at 0ms c2 reads k from B', 'at 100ms c1 reads k from C', 'at 200ms c1 writes k = 1 to A']);
    expect(logs[0]).toEqual(['j = 1, seq 1', 'read k, seq 1', 'read k, seq 1', 'k = 1, seq 2, deps B.1 C.1']);
    expect(logs[1]).toEqual(logs[0]);
    expect(logs[2]).toEqual(logs[0]);
  });

  test('the answers need only equal each other: what the leader did not know does not cost a round trip', () => {
    const { said, all } = ran(['at 0ms c1 writes k = 1 to C', 'at 0ms c2 writes k = 2 to A']);
    expect(said).toContain('C -> A pre-accept-ok k = 2, seq 2, deps C.1');
    expect(said.filter((line) => line.includes(' accept '))).toEqual([]);
    expect(all('commit')).toContain('A: k = 2, seq 2, deps C.1');
  });

  test('slow path: five replicas, answers that differ, and the union of what a majority knows', () => {
    const { said, logs, values, codes } = ran(['at 0ms c1 writes k = 1 to A', 'at 5ms c2 writes k = 2 to C'], '', 'A B C D E');
    // A asks E, D, C; C asks B, A, E. A's answers: C has its own, E and D have none.
    expect(said.filter((line) => line.startsWith('A -> B accept'))).toEqual(['A -> B accept k = 1, seq 2, deps C.1']);
    expect(said.filter((line) => / -> A pre-accept-ok/.test(line)).sort()).toEqual([
      'C -> A pre-accept-ok k = 1, seq 2, deps C.1', 'D -> A pre-accept-ok k = 1, seq 1', 'E -> A pre-accept-ok k = 1, seq 1',
    ]);
    for (const log of logs) expect(log).toEqual(logs[0]);
    expect(new Set(values('k')).size).toBe(1);
    expect(codes).toEqual([]);
  });

  test('a fast quorum that is not there: the others are asked, and a majority will do', () => {
    const { said, unmet } = ran(['at 0ms crash C', 'at 0ms w1: c1 writes k = 1 to A', 'expect w1 acked by 300ms', 'expect no violations']);
    expect(said.indexOf('A -> B pre-accept k = 1, seq 1')).toBeGreaterThan(1);
    expect(said).toContain('A -> B accept k = 1, seq 1');
    expect(unmet).toEqual([]);
  });

  test('any minority down makes no difference, a majority down stops everything safely', () => {
    const down = (nodes: string) => ran([...nodes.split(' ').map((node) => `at 0ms crash ${node}`), 'at 0ms w1: c1 writes k = 1 to B', 'run to 2s'], '', 'A B C D E');
    for (const pair of ['A C', 'C D', 'D E', 'A E']) expect(down(pair).all('ok')).toEqual(['c1: ']);
    expect(down('A C D').all('ok')).toEqual([]);
    expect(down('A C D').codes).toEqual([]);
  });

  test('a commit is told until it is acknowledged', () => {
    const { values, unmet } = ran(['at 0ms isolate B', 'at 0ms c1 writes k = 1 to A', 'at 100ms c1 adds 1 to k to C', 'at 1s heal', 'expect no violations']);
    expect(values('k')).toEqual(['2', '2', '2']);
    expect(unmet).toEqual([]);
  });

  test('with `reply-at commit` a write is answered before it can be executed, and a read is not', () => {
    // C's instance, on which both depend, is known and not committed: C is cut off from its own fast quorum.
    const lines = ['cut B -> C', 'at 0ms c2 writes k = 0 to C', 'at 30ms w1: c1 writes k = 1 to B', 'at 31ms r1: c1 reads k from B'];
    expect(ran([...lines, 'expect w1 acked by 80ms', 'expect r1 = 1', 'expect no violations'], 'reply-at commit').unmet).toEqual([]);
    expect(ran([...lines, 'expect w1 acked by 80ms']).unmet).toHaveLength(1);
  });
});

describe('execution (§4.3.2)', () => {
  test('waits for what a command depends on', () => {
    const { story } = ran(['hold C -> B pre-accept until 140ms', 'at 0ms c1 writes k = 1 to C', 'at 50ms c2 adds 1 to k to A']);
    expect(story('A', 'commit', 'apply')).toEqual([
      'commit add 1 to k, seq 2, deps C.1', 'commit k = 1, seq 3, deps A.1', 'apply add 1 to k, seq 2, deps C.1', 'apply k = 1, seq 3, deps A.1',
    ]);
  });

  test('takes a cycle as a whole, by seq, then by replica', () => {
    // Each is pre-accepted before it is heard of elsewhere: A's depends on C's, C's on B's, B's on A's.
    const { logs, all, values } = ran(['at 0ms c1 appends 1 to k to A', 'at 0ms c1 appends 2 to k to B', 'at 0ms c2 appends 3 to k to C']);
    expect(logs[0]).toEqual(['append 1 to k, seq 2, deps C.1', 'append 2 to k, seq 2, deps A.1', 'append 3 to k, seq 2, deps B.1']);
    expect(all('apply').filter((line) => line.startsWith('B: '))).toEqual(logs[0]!.map((content) => `B: ${content}`));
    expect(values('k')).toEqual(['1 2 3', '1 2 3', '1 2 3']);
  });

  test('a command that is in two instances has an effect once', () => {
    const { values, codes } = ran(['cut B -> C', 'cut C -> B', 'hold A -> B pre-accept until 400ms', 'at 0ms c1 adds 1 to k', 'at 700ms heal']);
    expect(values('k')).toEqual(['1', '1', '1']);
    expect(codes).toEqual([]);
  });
});

describe('explicit prepare (Figure 3)', () => {
  test('what was committed is told', () => {
    const { all, unmet } = ran(['drop A -> B commit #1', 'at 0ms c1 writes k = 1 to A', 'when A sends commit to C crash A after 2 sends', 'at 60ms c2 writes k = 2 to B', 'expect k = 2 on B C']);
    expect(unmet).toEqual([]);
    expect(all('commit')).toContain('B: k = 1, seq 1');
  });

  test('the value accepted in the newest ballot is kept', () => {
    const { logs, unmet, codes } = ran([
      'at 0ms w1: c1 writes k = 1 to A', 'at 0ms c2 writes k = 2 to C', 'when A -> D accept crash A', 'expect k = 2 on B C D E', 'run to 2s',
    ], '', 'A B C D E');
    expect(unmet).toEqual([]);
    expect(logs[1]).toContain('k = 1, seq 2, deps C.1');
    expect(codes).toEqual([]);
  });

  test('⌊n/2⌋ identical pre-accepts are kept: they may be part of a commit', () => {
    const lines = ['at 0ms w1: c1 writes k = 1 to A', 'when A sends commit to C partition {A c1} | {B C}', 'at 60ms c2 writes k = 2 to B', 'at 75ms timeout C'];
    expect(ran([...lines, 'expect w1 acked', 'expect no violations']).unmet).toEqual([]);
    expect(ran(lines, 'recovery restart').codes).toContain('diverged');
  });

  test('if the owner answers and has not committed, phase 1 begins again', () => {
    const { logs, codes } = ran(['hold C -> A pre-accept-ok until 500ms', 'at 0ms c1 writes k = 1 to A', 'at 30ms c2 writes k = 2 to B', 'at 60ms timeout B', 'at 60ms timeout C']);
    expect(codes).toEqual([]);
    for (const log of logs) expect(log).toEqual(logs[0]);
  });

  test('nobody has heard of it: a no-op, and the command gets another instance', () => {
    const { logs, all, unmet } = ran([
      'drop A -> C pre-accept #1', 'at 0ms w1: c1 writes j = 1 to A', 'at 10ms c1 writes k = 2 to A', 'at 55ms pause A', 'at 700ms resume A',
      'expect w1 acked', 'expect j = 1 on A B C', 'expect no violations',
    ]);
    expect(unmet).toEqual([]);
    expect(all('apply')).toContain('B: no-op');
    expect(logs[2]).toEqual(['no-op', 'k = 2, seq 1', 'j = 1, seq 1']);
  });

  test('an older ballot is refused, and the replica that was refused waits', () => {
    const { all, codes } = ran(['at 0ms c1 writes k = 1 to A', 'hold C -> A pre-accept-ok until 400ms', 'at 100ms timeout B', 'at 100ms timeout C']);
    expect(all('discard').some((line) => /older than ballot/.test(line) || /overtaken/.test(line) || /k = 1/.test(line))).toBe(true);
    expect(codes).toEqual([]);
  });

  test('a restarted owner recovers what it had begun', () => {
    const { unmet } = ran(['at 0ms w1: c1 writes k = 1 to A within 200ms retrying', 'when C -> A pre-accept-ok crash A', 'at 100ms restart A', 'expect w1 acked', 'expect k = 1 on A B C', 'expect no violations']);
    expect(unmet).toEqual([]);
  });

  test('a fast commit counts when it is on disk: a crash before that takes back nothing that anybody knows', () => {
    const lines = (delay: string) => [`at 0ms disk A slow ${delay}`, 'at 0ms w1: c1 writes k = 1 to A', 'at 75ms crash A', 'at 80ms restart A', 'at 85ms c2 writes k = 2 to B'];
    for (const delay of ['0ms', '20ms', '30ms', '50ms']) expect(ran([...lines(delay), 'expect no violations']).unmet, delay).toEqual([]);
  });

  test('equal timers, and every replica at once: somebody gets through', () => {
    const { all, codes } = ran(['timeouts A=200ms B=200ms C=200ms', 'drop C -> A pre-accept-ok #1', 'at 0ms c1 writes k = 1 to A', 'at 20ms crash A', 'run to 2s']);
    expect(all('commit').filter((line) => line.startsWith('B: ') || line.startsWith('C: '))).toHaveLength(2);
    expect(codes).toEqual([]);
  });
});

describe('E1, one ballot variable (Sutra 2020)', () => {
  const text = readFileSync(join(import.meta.dirname, '../../examples/bugs/e01-epaxos-one-ballot.pawl'), 'utf8');
  const broken = text.slice(text.indexOf('scenario'));
  const codesOf = (document: string): readonly string[] => analyseNow(document).blocks.flatMap(({ violations }) =>
    violations.flatMap(({ finding, folded }) => [finding, ...folded])).filter(({ severity }) => severity === 'error').map(({ code }) => code);

  test('diverges, and nothing else', () => {
    expect(new Set(codesOf(broken))).toEqual(new Set(['diverged']));
    expect(codesOf(broken.replace('ballots one', 'ballots two'))).toEqual([]);
  });

  test.each(['at 50ms  timeout p3', 'at 90ms  timeout p2', 'at 150ms timeout p3', 'at 165ms timeout p1', 'hold p3 -> p2 pre-accept until released'])('not without `%s`', (step) => {
    expect(broken).toContain(step);
    const without = broken.split('\n').filter((line) => !line.includes(step)).join('\n');
    expect(codesOf(without)).toEqual([]);
  });
});

describe('written as a trace and read back', () => {
  const errors = ({ chains }: ExecutionVerdict): readonly string[] =>
    [...new Set(chains.flatMap(({ primary, folded }) => [primary, ...folded]).filter(({ severity }) => severity === 'error').map(({ code }) => code))].sort();

  test.each([{}, { 'conflict-detect': 'off' }, { recovery: 'restart' }, { execution: 'arrival' }])('a run under %j finds the same', (knobs) => {
    for (let seed = 1; seed <= 25; seed++) {
      for (const scenario of [turmoilOf(EPAXOS, knobs, seed), GALE.schedule(EPAXOS, knobs, seed)]) {
        const run = runOf(scenario), block = analyseNow(traceOfRun(scenario, run)).blocks[0]!;
        expect(errors(checkExecution(block.execution!)), `seed ${seed}`).toEqual(errors(checkExecution(executionOfRun(scenario, run))));
      }
    }
  });
});
