/** Multi-Paxos, by the steps of Paxos Made Simple §3 (Lamport 2001; protocols.md B6), and in a storm. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import type { BlockResult } from '../../server/src/analysis/analysis.ts';
import { EVENT } from '../../server/src/engine/events.ts';


interface Analysed { readonly block: BlockResult; readonly unmet: readonly string[] }

function analysed(lines: readonly string[], knobs = '', nodes = 'A B C', protocol = 'multi-paxos'): Analysed {
  const text = `scenario "s" {\n  protocol ${protocol} {${knobs === '' ? '' : ` ${knobs} `}}\n  nodes ${nodes}\n  clients c1 c2\n\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
  const block = analyseNow(text).blocks[0]!;
  return { block, unmet: block.expectations.filter((each) => !each.met).map((each) => `${each.text}: ${each.message}`) };
}

/** Messages between nodes as `A -> B accept k = 1`, without signs of life. */
function messages({ block }: Analysed): readonly string[] {
  const { log, names, nodeCount } = block.execution!;
  const found: string[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.send || log.node(i) >= nodeCount || log.peer(i) >= nodeCount || (log.word(i) === 'chosen' && log.slot(i) < 0)) continue;
    found.push(`${names[log.node(i)]} -> ${names[log.peer(i)]} ${log.word(i)} ${log.text(i)}`.trim());
  }
  return found;
}

/** Events of one kind as `B {2,1} k = 1`. */
function events({ block }: Analysed, kind: number): readonly string[] {
  const { log, names } = block.execution!;
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === kind)
    .map((i) => `${names[log.node(i)]} {${log.epoch(i)}${log.slot(i) < 0 ? '' : `,${log.slot(i)}`}} ${log.text(i)}`.trim());
}

describe('leading', () => {
  test('a write takes one round', () => {
    const run = analysed(['at 10ms w1: c1 writes k = 1', 'expect w1 acked by 50ms', 'expect k = 1 on A B C', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(messages(run)).toEqual([
      'A -> B accept k = 1', 'A -> C accept k = 1', 'B -> A accepted k = 1', 'C -> A accepted k = 1', 'A -> B chosen k = 1', 'A -> C chosen k = 1',
    ]);
  });

  test('slots are chosen in any order and executed in theirs', () => {
    const run = analysed(['hold A -> B accept #1 until released', 'hold A -> C accept #1 until released', 'at 10ms w1: c1 writes k = 1', 'at 11ms w2: c2 writes k = 2',
      'at 80ms release A -> * accept', 'expect w2 acked', 'expect k = 2 on A B C', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(events(run, EVENT.commit).filter((event) => event.startsWith('A'))).toEqual(['A {1,2} k = 2', 'A {1,1} k = 1']);
    expect(events(run, EVENT.apply).filter((event) => event.startsWith('A'))).toEqual(['A {1,1} k = 1', 'A {1,2} k = 2']);
  });

  test('no more than the window is under way', () => {
    const lines = ['hold * -> A accepted until released', ...[1, 2, 3, 4, 5].map((n) => `at 1${n}ms c1 writes k = ${n}`), 'at 70ms release * -> A accepted', 'run to 60ms'];
    expect(events(analysed(lines.filter((line) => !line.includes('release ')), 'window 2'), EVENT.accept).filter((event) => event.startsWith('A'))).toHaveLength(2);
    const { unmet } = analysed([...lines.filter((line) => !line.startsWith('run')), 'expect k = 5 on A B C', 'expect no violations'], 'window 2');
    expect(unmet).toEqual([]);
  });

  test('one that lacks something asks, whether it was down or missed an accept', () => {
    const run = analysed(['drop A -> C accept #1', 'at 10ms c1 writes k = 1', 'at 60ms crash B', 'at 80ms c1 writes j = 1', 'at 150ms restart B',
      'expect k = 1 on A B C', 'expect j = 1 on A B C', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(messages(run)).toContain('C -> A learn');
    expect(messages(run)).toContain('B -> A learn');
  });

  test('a request asked again is executed once', () => {
    const lines = ['drop A -> c1 ok #1', 'at 10ms w1: c1 adds 1 to k within 60ms retrying', 'expect w1 acked', 'expect k = 1 on A B C', 'expect no violations'];
    expect(analysed(lines).unmet).toEqual([]);
    expect(analysed([...lines.slice(0, 3), 'expect duplicate-execution'], 'sessions off').unmet).toEqual([]);
  });
});

describe('a new leader', () => {
  test('is bound, slot by slot, to the highest ballot that its quorum has accepted', () => {
    // Ballot 1 put k = 1 into slot 1 of A alone, ballot 2 k = 2 into slot 1 of B alone; C hears of both, and A answers first.
    const run = analysed(['timeouts B=100ms C=5s D=5s E=5s', 'drop A -> * accept', 'drop B -> * accept', 'drop D -> C promise', 'drop E -> C promise', 'at 10ms c1 writes k = 1 to A within 50ms', 'at 60ms crash A',
      'at 250ms c2 writes k = 2 to B within 50ms', 'at 300ms crash B', 'at 310ms restart A', 'at 310ms restart B', 'at 320ms timeout C',
      'expect C leads epoch 3', 'expect k = 2 on A B C D E', 'expect no violations'], '', 'A B C D E');
    expect(run.unmet).toEqual([]);
  });

  test('fills a hole with a no-op', () => {
    const run = analysed(['drop A -> B accept #1', 'drop A -> C accept #1', 'at 10ms c1 writes k = 1 to A', 'at 11ms w2: c2 writes j = 2', 'at 45ms crash A',
      'expect w2 acked', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(events(run, EVENT.apply).filter((event) => event.startsWith('B'))).toEqual(['B {2,1} no-op', 'B {2,2} j = 2']);
  });

  test('need not propose what an acceptor knows to be chosen', () => {
    const run = analysed(['drop A -> B chosen', 'at 10ms c1 writes k = 1', 'at 45ms crash A', 'at 300ms r1: c2 reads k from B', 'expect r1 = 1', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(messages(run).filter((message) => message.startsWith('B ->') && message.includes('accept k = 1'))).toEqual([]);
  });

  test('finishes what its predecessor began, and answers its client', () => {
    const run = analysed(['drop A -> B chosen', 'drop A -> C chosen', 'at 10ms w1: c1 writes k = 1 within 100ms', 'at 35ms crash A', 'at 300ms w2: c2 cas k 1 -> 2', 'expect w2 acked', 'expect no violations']);
    expect(run.unmet).toEqual([]);
  });

  test('makes the old one step down, whose requests are redirected', () => {
    const run = analysed(['at 100ms isolate A', 'at 600ms heal', 'at 900ms w1: c1 writes k = 1', 'expect B leads epoch 2', 'expect w1 acked', 'expect k = 1 on A B C', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(events(run, EVENT.stepsDown)).toEqual(['A {1}']);
  });

  test('a follower tells an old leader so', () => {
    const run = analysed(['hold A -> * accept until released', 'at 10ms c1 writes k = 1 within 100ms', 'at 30ms crash A', 'at 600ms release A -> * accept']);
    expect(messages(run).filter((message) => message.includes('nack'))).toEqual(['B -> A nack', 'C -> A nack']);
  });
});

describe('learning (B6, steps 4 and 7)', () => {
  test('with piggyback the next accept tells what is chosen: six messages a write, the client\'s two included', () => {
    const run = analysed(['at 0ms c1 writes k = 1 to A', 'at 40ms c1 writes k = 2 to A', 'run to 70ms', 'expect k = 2 on A', 'expect k = 1 on B C'], 'commit-prop piggyback');
    expect(run.unmet).toEqual([]);
    expect(messages(run)).toEqual([1, 2].flatMap((value) => ['A -> B accept', 'A -> C accept', 'B -> A accepted', 'C -> A accepted'].map((message) => `${message} k = ${value}`)));
  });

  test('an idle leader says it by itself, after a while', () => {
    const run = (timeout: string): Analysed => analysed(['at 0ms c1 writes k = 1 to A', 'run to 135ms', 'expect k = 1 on B C'], `commit-prop piggyback commit-timeout ${timeout}`);
    expect(run('100ms').unmet).toEqual([]);
    expect(run('150ms').unmet).toHaveLength(1);
  });

  test('one that was cut off learns the whole log', () => {
    const writes = Array.from({ length: 12 }, (_, i) => `at ${100 + 30 * i}ms c1 writes k${i} = ${i} to A`);
    const run = analysed(['at 50ms isolate C', ...writes, 'at 600ms heal', ...writes.map((_, i) => `expect k${i} = ${i} on A B C`), 'expect no violations'], 'commit-prop piggyback');
    expect(run.unmet).toEqual([]);
    expect(messages(run).filter((message) => message.includes('learn')).length).toBeGreaterThan(0);
  });

  test.each([['on', []], ['off', ['diverged']]])('what was accepted in an older ballot is not taken for chosen (chosen-guard %s)', (guard, found) => {
    // C alone has accepted k = 1 of A. B leads without having heard of it, and has k = 2 chosen in that slot with D and E.
    const { block } = analysed([...['B', 'D', 'E'].map((node) => `drop A -> ${node} accept`), 'drop B -> C prepare', 'drop B -> C accept', 'at 0ms c1 writes k = 1 to A within 50ms',
      'at 25ms isolate A', 'at 100ms timeout B', 'at 200ms c2 writes k = 2 to B'], `chosen-guard ${guard}`, 'A B C D E');
    expect(block.violations.map(({ finding }) => finding.code).filter((code) => code === 'diverged')).toEqual(found);
  });
});

describe('progress', () => {
  const timed = (ms: number): readonly string[] => ['network delay 50ms', `timeouts B=${ms}ms C=${ms}ms`, 'at 120ms crash A', 'at 150ms w1: c1 writes k = 1'];

  test('candidates that wait for less than a round trip never get anywhere, and that is proved', () => {
    const { block, unmet } = analysed([...timed(70), 'expect no-progress', 'expect w1 unanswered'], 'backoff off');
    expect(unmet).toEqual([]);
    expect(block.execution!.end).toBe('cycling');
  });

  test('those that wait for longer do', () => {
    expect(analysed([...timed(250), 'expect w1 acked', 'expect no violations'], 'backoff off').unmet).toEqual([]);
  });

  test('of two with equal timers the higher ballot wins', () => {
    expect(analysed(['timeouts B=150ms C=150ms', 'at 60ms crash A', 'at 100ms w1: c1 writes k = 1', 'expect C leads epoch 3', 'expect w1 acked', 'expect no violations'], 'backoff off').unmet).toEqual([]);
  });
});

describe('flexible quorums', () => {
  test('sizes that need not meet are an error, and the run names the quorums', () => {
    const { block } = analysed(['at 10ms w1: c1 writes k = 1 to A', 'at 25ms partition {A B c1} | {C D E c2}', 'at 500ms w2: c2 writes k = 2'], 'q1 3 q2 2', 'A B C D E');
    const [first] = block.violations;
    expect(first?.finding.code).toBe('disjoint-quorums');
    expect(first?.finding.message).toContain('{A B}, which decided k = 1 in slot 1, and {C D E}');
  });

  test('a small quorum of phase 2 goes on with half the nodes down; a new leader needs more', () => {
    const { unmet } = analysed(['at 10ms crash C', 'at 10ms crash D', 'at 100ms w1: c1 writes k = 1', 'at 200ms crash A', 'at 300ms w2: c1 writes k = 2', 'expect w1 acked', 'expect w2 unanswered'],
      'q1 3 q2 2', 'A B C D');
    expect(unmet).toEqual([]);
  });
});

describe('stable storage', () => {
  test.each([['all', 0], ['acceptance', 1]])('a promise survives a restart, or not (persist %s)', (persist, found) => {
    // B promises C and restarts; then A's old accept arrives.
    const { block } = analysed(['hold A -> B accept until released', 'cut A <-> C', 'at 10ms c1 writes k = 1 to A', 'at 25ms timeout C', 'at 50ms crash B', 'at 60ms restart B', 'at 70ms release A -> B accept'],
      `persist ${persist}`);
    expect(block.violations.filter(({ finding }) => finding.code === 'epoch-regression')).toHaveLength(Number(found));
  });
});
