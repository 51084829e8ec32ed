/** Single-decree Paxos, by the sections of Paxos Made Simple (Lamport 2001), and in a storm. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { ballotAfter } from '../../server/src/protocols/ballots.ts';

/** Whose ballot it is. */
const proposerOf = (ballot: number, nodeCount: number): number => (ballot - 1) % nodeCount;

/** Analyses one scenario of nodes A B C (or others) and two clients. */
function analysed(script: string, knobs = '', nodes = 'A B C') {
  const text = `scenario "s" {\n  protocol paxos {${knobs === '' ? '' : ` ${knobs} `}}\n  nodes ${nodes}\n  clients c1 c2\n\n${script}\n}\n`;
  const { blocks, diagnostics } = analyseNow(text);
  const block = blocks[0]!, log = block.execution!.log, { names } = block.execution!;
  const events: string[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) === EVENT.send && log.node(i) < nodes.split(' ').length && log.peer(i) < nodes.split(' ').length) {
      events.push(`${names[log.node(i)]} -> ${names[log.peer(i)]} ${log.word(i)} ${log.text(i)}`.trim());
    }
  }
  return { block, diagnostics, events, unmet: block.expectations.filter((each) => !each.met).map((each) => `${each.text}: ${each.message}`) };
}

describe('ballots (§2.2: different proposers choose from disjoint sets of numbers)', () => {
  test('are the next own number above any seen', () => {
    for (const n of [1, 3, 4, 5]) {
      for (let node = 0; node < n; node++) {
        for (let seen = 0; seen < 40; seen++) {
          let next = seen + 1;
          while (proposerOf(next, n) !== node) next++;
          expect(ballotAfter(seen, node, n)).toBe(next);
        }
      }
    }
  });
});

describe('choosing a value (§2.2)', () => {
  test('takes two rounds', () => {
    const { events, unmet } = analysed('  at 0ms w1: c1 writes k = 1 to A\n  expect w1 acked by 60ms\n  expect k = 1 on A B C\n  expect no violations');
    expect(unmet).toEqual([]);
    expect(events).toEqual([
      'A -> B prepare k', 'A -> C prepare k', 'B -> A promise nothing', 'C -> A promise nothing', 'A -> B accept k = 1', 'A -> C accept k = 1',
      'B -> A accepted k = 1', 'C -> A accepted k = 1', 'A -> B chosen k = 1', 'A -> C chosen k = 1',
    ]);
  });

  test('P2c: a proposer takes the value of the highest ballot among its promises, not the first or the most common', () => {
    // Ballot 1 is accepted by A alone, ballot 7 (B's) by B alone; C hears of both.
    const { unmet } = analysed([
      '  drop A -> * accept', '  drop B -> * accept', '  drop B -> A prepare', '  drop C -> * prepare #1',
      '  at 0ms c1 writes k = 1 to A', '  at 35ms crash A', '  at 40ms c1 writes k = 2 to B', '  at 95ms crash B', '  at 100ms restart A', '  at 100ms restart B',
      '  at 120ms r: c2 reads k from C', '  expect r = 2', '  expect no violations',
    ].join('\n'));
    expect(unmet).toEqual([]);
  });

  test('an acceptor refuses what is older than its promise, aloud, and says so to the proposer', () => {
    const { events, block } = analysed('  cut A <-> C\n  at 0ms w1: c1 writes k = 1 to A\n  at 5ms w2: c2 writes k = 2 to C');
    expect(events).toContain('B -> A nack promised {3}');
    const log = block.execution!.log;
    const ignored = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.discard && log.word(i) === 'accept');
    expect(ignored.map((i) => log.detail(i))).toContain('it has promised {3}');
  });

  test('acceptances of different ballots do not add up', () => {
    // Ballot 1 of A is accepted by A, ballot 3 of C by C: two acceptances, and nothing is chosen.
    const { block } = analysed('  hold A -> * accept until released\n  hold C -> * accept until released\n  at 0ms w1: c1 writes k = 1 to A\n  at 1ms w2: c2 writes k = 1 to C\n  run to 55ms');
    const log = block.execution!.log;
    const kinds = Array.from({ length: log.length }, (_, i) => log.kind(i));
    expect(kinds.filter((kind) => kind === EVENT.accept).length).toBeGreaterThan(0);
    expect(kinds).not.toContain(EVENT.commit);
  });
});

describe('learning a chosen value (§2.3)', () => {
  test('the proposer tells the others; whoever misses it asks when it is asked', () => {
    const { unmet, events } = analysed('  drop A -> C chosen\n  at 0ms w1: c1 writes k = 1 to A\n  at 200ms r1: c2 reads k from C\n  expect r1 = 1\n  expect k = 1 on A B C\n  expect no violations');
    expect(unmet).toEqual([]);
    expect(events).toContain('C -> A prepare k');
  });

  test('a read proposes nothing where nothing was accepted', () => {
    const { unmet, events } = analysed('  at 0ms r1: c1 reads k from B\n  expect r1 = nil\n  expect no violations');
    expect(unmet).toEqual([]);
    expect(events.filter((event) => event.includes('accept'))).toEqual([]);
  });

  test('a losing proposal hears failed, the same request asked again hears its first answer', () => {
    const { unmet } = analysed([
      '  drop A -> c1 ok #1', '  at 0ms w1: c1 writes k = 1 to A within 100ms retrying', '  at 300ms w2: c2 writes k = 1', '  at 400ms w3: c2 cas k nil -> 3',
      '  at 500ms w4: c2 cas j 1 -> 2', '  at 600ms w5: c2 adds 5 to i', '  expect w1 acked', '  expect w2 failed', '  expect w3 failed', '  expect w4 failed',
      '  expect i = 5 on A B C', '  expect no violations',
    ].join('\n'));
    expect(unmet).toEqual([]);
  });
});

describe('progress (§2.4)', () => {
  const duel = '  at 0ms w1: c1 writes k = 1 to A\n  at 5ms w2: c2 writes k = 2 to C\n';

  test('two proposers that try again at once never get anywhere, and that is proved', () => {
    const { block, unmet } = analysed(`${duel}  expect no-progress`, 'backoff off');
    expect(unmet).toEqual([]);
    expect(block.execution!.end).toBe('cycling');
  });

  test('two that wait differently long do', () => {
    expect(analysed(`${duel}  expect progress by 1s\n  expect no violations`).unmet).toEqual([]);
  });

  test('timeout makes a proposer take its next ballot', () => {
    const { events } = analysed('  hold B -> A promise\n  hold C -> A promise\n  at 0ms w1: c1 writes k = 1 to A\n  at 20ms timeout A\n  run to 60ms');
    expect(events.filter((event) => event === 'A -> B prepare k')).toHaveLength(2);
  });
});

describe('stable storage (§2.4)', () => {
  test('a proposer that restarts takes a new ballot', () => {
    const { block } = analysed('  at 0ms c1 writes k = 1 to A\n  at 15ms crash A\n  at 50ms restart A\n  at 60ms c1 writes k = 2 to A');
    const log = block.execution!.log;
    const stood = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.candidate).map((i) => log.epoch(i));
    expect(new Set(stood).size).toBe(stood.length);
    expect(stood.length).toBeGreaterThan(1);
  });

  test.each([['all', 'failed', 0], ['promise', 'acked', 1]])('an acceptor that forgets what it accepted lets it be chosen away (persist %s)', (persist, second, found) => {
    const { block, unmet } = analysed([
      '  cut A <-> C', '  at 0ms w1: c1 writes k = 1 to A', '  at 45ms crash B', '  at 70ms restart B', '  at 100ms w2: c2 writes k = 2 to C', `  expect w2 ${second}`,
    ].join('\n'), `persist ${persist}`);
    expect(unmet).toEqual([]);
    expect(block.violations.filter(({ finding }) => finding.code === 'lost-write')).toHaveLength(Number(found));
  });
});

describe('flexible quorums', () => {
  test('sizes that need not meet are an error on the later line, whatever the run shows', () => {
    const text = 'scenario "s" {\n  protocol paxos {\n    q2 2\n    q1 3\n  }\n  nodes A B C D E\n  clients c1\n  at 0ms w1: c1 writes k = 1\n}\n';
    expect(analyseNow(text).diagnostics.map(({ code, severity, place }) => `${place.line + 1} ${severity} ${code}`)).toContain('4 error disjoint-quorums');
    expect(analyseNow(text.replace('q1 3', 'q1 4')).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('a smaller quorum of phase 2 waits for fewer', () => {
    const { unmet } = analysed('  cut A -> C\n  cut A -> D\n  at 0ms w1: c1 writes k = 1 to A\n  expect w1 unanswered by 90ms', 'q1 4 q2 2', 'A B C D E');
    expect(unmet).toEqual([]);
    const split = analysed('  at 0ms w1: c1 writes k = 1 to A\n  at 35ms partition {A B c1} | {C D E}\n  expect w1 acked by 60ms', 'q1 4 q2 2', 'A B C D E');
    expect(split.unmet).toEqual([]);
  });
});
