/** Quorums of chosen sizes (Howard, Malkhi and Spiegelman 2016), in every protocol that has them. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { helpfulFixes } from '../../server/src/analysis/helpfulFixes.ts';
import { permittingKnobs } from '../../server/src/analysis/knobs.ts';
import { RAFT } from '../../server/src/protocols/raft/spec.ts';
import { sizeOf } from '../../server/src/protocols/quorums.ts';
import { agreementOf } from './agreement.ts';
import { errorsIn, runOf } from './scenarios.ts';
import { turmoilOf } from './turmoil.ts';

function documentOf(protocol: string, knobs: readonly string[], nodes = 'A B C D E', script = '  at 10ms w1: c1 writes k = 1'): string {
  return ['scenario "s" {', `  protocol ${protocol} {`, ...knobs.map((knob) => `    ${knob}`), '  }', `  nodes ${nodes}`, '  clients c1 c2', script, '}', ''].join('\n');
}

const errorsOf = (text: string): readonly string[] => analyseNow(text).diagnostics.filter(({ severity }) => severity === 'error')
  .map(({ code, message, place }) => `${place.line - 1} ${code}: ${message.split(':')[0]!}`);

describe('a size is a word or a number', () => {
  test.each([['majority', 4, 3], ['f-plus-1', 4, 2], ['all', 4, 4], ['reachable', 4, -1], ['2', 4, 2]])('%s of %i is %i', (value, n, size) => {
    expect(sizeOf(value, n)).toBe(size);
  });
});

describe('sizes that need not meet are an error on the later line, whatever the run shows', () => {
  test.each([
    ['raft', ['votes 3', 'commit-quorum 2'], 2, '3 + 2'],
    ['raft', ['commit-quorum 4', 'votes 2'], 2, '2 + 2'],
    ['raft', ['votes 2', 'commit-quorum 4'], 1, '2 + 2'],
    ['raft', ['commit-quorum 2'], 1, '3 + 2'],
    ['primary-backup', ['commit-quorum 1', 'votes 4'], 2, '4 + 1'],
    ['primary-backup', ['commit-quorum all', 'votes 2'], 2, '2 + 2'],
    ['viewstamped-replication', ['view-change-quorum 1', 'commit-quorum 4'], 2, '1 + 4'],
    ['zab', ['quorum 2'], 1, '2 + 2'],
    ['abd', ['read-quorum 2', 'write-quorum 3'], 2, '2 + 3'],
    ['abd', ['quorum 2'], 1, '2 + 2'],
    ['multi-paxos', ['q2 1', 'q1 4'], 2, '4 + 1'],
  ])('%s %j', (protocol, knobs, line, sizes) => {
    expect(errorsOf(documentOf(protocol, knobs))).toEqual([`${line} disjoint-quorums: ${sizes} of 5 nodes need not share one`]);
  });

  test.each([
    ['raft', ['votes 4', 'commit-quorum 2']],
    ['primary-backup', ['votes 4', 'commit-quorum 2']],
    ['primary-backup', ['succession sorted-live', 'votes 1']],
    ['viewstamped-replication', ['view-change-quorum 2', 'commit-quorum 4']],
    ['zab', ['quorum 4']],
    ['abd', ['read-quorum 1', 'write-quorum 5']],
    ['abd', ['quorum 4', 'read-quorum 2']],
    ['multi-paxos', ['q1 5', 'q2 1']],
  ])('and those that must are fine: %s %j', (protocol, knobs) => {
    expect(errorsOf(documentOf(protocol, knobs))).toEqual([]);
  });

  test('spare nodes do not count, and no number stands beside a change of members', () => {
    expect(errorsOf(documentOf('raft', ['votes 2', 'commit-quorum 2'], 'A B C spare D E'))).toEqual([]);
    expect(errorsOf(documentOf('raft', ['votes 2', 'commit-quorum 2'], 'A B C spare D E', '  at 10ms add D'))).toEqual([
      '6 statement: `votes 2` counts members, and this changes how many there are; write `votes majority`, which goes with the members, or leave them as they are.',
    ]);
    expect(errorsOf(documentOf('viewstamped-replication', ['commit-quorum 4'], 'A B C spare D'))).toEqual(['1 quantity: `commit-quorum` counts nodes, and there are 3; write `3` or `majority`.']);
  });

  test('sizes that meet are not blamed for what something else lets happen', () => {
    const script = '  at 10ms w1: c1 writes k = 1 to A\n  at 100ms w2: c1 writes k = 1 to A\n  at 200ms timeout B';
    const places = (knobs: readonly string[]): readonly string[] => {
      const { scenario } = analyseNow(documentOf('raft', knobs, 'A B C D E', script)).blocks[0]!;
      return permittingKnobs(RAFT, scenario!, 'lost-write').map(({ knob }) => knob.name);
    };
    expect(places(['election-restriction off', 'votes 4', 'commit-quorum 2'])).toEqual(['election-restriction']);
    expect(places(['election-restriction off', 'votes 3', 'commit-quorum 2'])).toEqual(['votes', 'commit-quorum', 'election-restriction']);
  });

  test('a quick fix mends it: one knob where that is enough, else both', () => {
    const fixes = (knobs: readonly string[]): readonly string[] => {
      const analysis = analyseNow(documentOf('raft', knobs));
      return helpfulFixes(analysis, analysis.diagnostics.find(({ code }) => code === 'disjoint-quorums')!).map(({ title }) => title);
    };
    expect(fixes(['votes 3', 'commit-quorum 2'])).toEqual(['Set commit-quorum to majority']);
    expect(fixes(['commit-quorum 4', 'votes 2'])).toEqual(['Set votes to majority']);
    expect(fixes(['votes 2', 'commit-quorum 2'])).toEqual(['Set votes and commit-quorum to safe values']);
  });
});

describe('a decision waits for as many as the knob says', () => {
  const NEAR = '  cut A <-> C\n  cut A <-> D\n  cut A <-> E\n  at 10ms w1: c1 writes k = 1 to A\n  expect w1 acked by 60ms';
  test.each([['raft', ['votes 4', 'commit-quorum 2']], ['primary-backup', ['votes 4', 'commit-quorum 2']], ['viewstamped-replication', ['view-change-quorum 4', 'commit-quorum 2']],
    ['multi-paxos', ['q1 4', 'q2 2']]])('%s: two of five', (protocol, knobs) => {
    const unmet = (settings: readonly string[]): readonly string[] => analyseNow(documentOf(protocol, settings, 'A B C D E', NEAR)).blocks[0]!.expectations.filter(({ met }) => !met).map(({ text }) => text);
    expect(unmet(knobs)).toEqual([]);
    expect(unmet([])).toEqual(['w1 acked by 60ms']);
  });

  test('one of five: the leader alone', () => {
    for (const [protocol, knobs] of [['raft', ['votes 5', 'commit-quorum 1']], ['primary-backup', ['votes 5', 'commit-quorum 1']],
      ['viewstamped-replication', ['view-change-quorum 5', 'commit-quorum 1']]] as const) {
      const { blocks } = analyseNow(documentOf(protocol, knobs, 'A B C D E', '  partition {A c1} | {B C D E}\n  at 10ms w1: c1 writes k = 1 to A\n  expect w1 acked by 40ms'));
      expect(blocks[0]!.expectations.map(({ met, message }) => [protocol, met, message])).toEqual([[protocol, true, expect.anything()]]);
    }
  });

  test('abd: a read of one, where writes are kept by all', () => {
    const script = '  at 10ms w1: c1 writes k = 1 to A\n  at 100ms isolate B\n  at 100ms heal B <-> c2\n  at 110ms r1: c2 reads k from B\n  expect w1 acked\n  expect r1 = 1 by 130ms';
    const { blocks } = analyseNow(documentOf('abd', ['read-quorum 1', 'write-quorum 5', 'write-back off'], 'A B C D E', script));
    expect(blocks[0]!.expectations.filter(({ met }) => !met)).toEqual([]);
  });
});

test.each([
  ['raft', { votes: '4', 'commit-quorum': '2' }], ['primary-backup', { votes: '4', 'commit-quorum': '2' }], ['multi-paxos', { q1: '2', q2: '4' }],
  ['viewstamped-replication', { 'view-change-quorum': '2', 'commit-quorum': '4' }], ['viewstamped-replication', { 'view-change-quorum': '4', 'commit-quorum': '2' }],
  ['viewstamped-replication', { 'view-change-quorum': '4', 'commit-quorum': '2', persistence: 'none', 'crash-vector': 'on' }],
  ['zab', { quorum: '4' }], ['abd', { 'read-quorum': '2', 'write-quorum': '4' }], ['abd', { 'read-quorum': '4', 'write-quorum': '2' }],
] as const)('five nodes survive turmoil where sizes meet: %s %j', (protocol, knobs) => {
  const under = protocol === 'primary-backup' ? { protocol, like: 'quorum-reads' } : { protocol };
  for (let seed = 1; seed <= 25; seed++) {
    const scenario = turmoilOf(under, knobs, seed, 5), run = runOf(scenario);
    expect([...errorsIn(scenario, run), ...agreementOf(run).broken], `seed ${seed}`).toEqual([]);
  }
});

test('harden names the checks one by one', () => {
  const { blocks, diagnostics } = analyseNow(documentOf('primary-backup', ['harden checksum', 'harden auth', 'harden hash-chain', 'harden echo', 'harden stop-on-evidence']));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const knobs = blocks[0]!.scenario!.knobs;
  expect(['checksum', 'authentication', 'hash-chain', 'echo', 'stop-on-evidence'].map((name) => knobs.get(name)!.value)).toEqual(['on', 'on', 'on', 'quorum', 'on']);
});
