/** Raft, by the sections of the paper (Ongaro and Ousterhout 2014) and of Ongaro's thesis; then storms, and the storms' canaries. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { errorsOf } from './scenarios.ts';
import { ran } from './raftRun.ts';
import { cluster, disk, termsOf } from './raftCluster.ts';
import { NO_SNAPSHOT } from '../../server/src/protocols/raft/state.ts';
import { stormOf } from './storm.ts';

type Knobs = Readonly<Record<string, string>>;
const RAFT = { protocol: 'raft' };

describe('§5.1 terms', () => {
  test('a leader that hears of a newer term becomes a follower', () => {
    const { all, run } = ran(['at 100ms partition {S1} | {S2 S3}', 'at 500ms heal', 'run to 1s']);
    expect(all('stepsDown')).toEqual(['S1 1']);
    expect(run.finalViews.map(({ role, epoch }) => `${role} ${epoch}`)).toEqual(['follower 2', 'leader 2', 'follower 2']);
  });

  test('entries of an older term are refused, and their sender learns of the newer one', () => {
    const { sent, codes } = ran(['at 100ms pause S1 for 400ms', 'at 300ms c1 writes k = 1 to S1 within 300ms', 'run to 1s']);
    expect(sent('append-reply').filter((words) => words.endsWith('stale term'))[0]).toBe('S2 -> S1 stale term');
    expect(codes).toEqual([]);
  });

  test('a server that restarts is in the term it was in, and has voted for whom it voted', () => {
    const { all, codes } = ran(['at 100ms crash S1', 'when S2 -> S3 request-vote crash S3 after 1 sends', 'at 300ms restart S3', 'run to 1s']);
    expect(all('vote').filter((vote) => vote === 'S3 2')).toHaveLength(1);
    expect(codes).toEqual([]);
  });
});

describe('§5.2 leader election', () => {
  test('one vote a term, for the first who asks', () => {
    const { all } = ran(['at 100ms crash S1', 'at 110ms timeout S2', 'at 110ms timeout S3', 'run to 300ms']);
    expect(all('candidate').slice(0, 2)).toEqual(['S2 2', 'S3 2']);
    expect(all('leads')).not.toContain('S2 2');
    expect(all('leads')).not.toContain('S3 2');
  });

  test('more than half: three of five elect, two do not', () => {
    const five = 'S1 S2 S3 S4 S5';
    expect(ran(['at 100ms partition {S1 S2} | {S3 S4 S5}', 'run to 1s'], '', five).all('leads')).toEqual(['S1 1', 'S3 2']);
    expect(ran(['at 100ms crash S1', 'at 100ms partition {S2 S3} | {S4 S5}', 'run to 1s'], '', five).all('leads')).toEqual(['S1 1']);
  });

  test('one server alone is a majority', () => {
    const { run, codes } = ran(['at 10ms w1: c1 writes k = 1', 'at 100ms crash S1', 'at 200ms restart S1', 'at 600ms r1: c1 reads k', 'expect r1 = 1', 'run to 1s'], '', 'S1');
    expect(run.finalViews[0]!.values.get('k')).toBe('1');
    expect(codes).toEqual([]);
  });

  test('a candidate that hears the leader of its term follows', () => {
    const lines = ['network S2 -> S4 delay 1ms', 'network S2 -> S5 delay 1ms', 'at 100ms crash S1', 'at 110ms timeout S2', 'at 110ms timeout S3', 'run to 160ms'];
    const { all } = ran(lines, '', 'S1 S2 S3 S4 S5');
    expect(all('candidate')).toEqual(['S2 2', 'S3 2']);
    expect(all('follows')).toContain('S3 2');
  });
});

describe('§5.3 log replication', () => {
  test('a write in one round trip, and committed at the followers with the next message', () => {
    const { sent, logs, log, run } = ran(['at 5ms c1 writes k = 1', 'run to 120ms']);
    expect(sent('append-entries').slice(0, 4)).toEqual(['S1 -> S2 no-op', 'S1 -> S3 no-op', 'S1 -> S2 k = 1', 'S1 -> S3 k = 1']);
    expect(logs()).toEqual(['no-op, k = 1', 'no-op, k = 1', 'no-op, k = 1']);
    const applied = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.apply && log.slot(i) === 2);
    expect(applied.map((i) => `${run.names[log.node(i)]} ${log.timeUs(i) / 1000}`)).toEqual(['S1 35', 'S2 60', 'S3 60']);
  });

  /** Figure 7: a leader of term 8 and what followers may hold when it comes to power. */
  const LEADER = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  const FOLLOWERS: Readonly<Record<string, readonly number[]>> = {
    a: [1, 1, 1, 4, 4, 5, 5, 6, 6], b: [1, 1, 1, 4], c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    e: [1, 1, 1, 4, 4, 4, 4], f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
  };

  test('Figure 7: the leader of term 8 makes all logs like its own', () => {
    const servers = cluster({}, [disk(7, LEADER), ...Object.values(FOLLOWERS).map((terms) => disk(7, terms))]);
    servers.timeout(0);
    expect(servers.state(0).role).toBe('leader');
    servers.heartbeat(0);
    for (let node = 0; node < 7; node++) expect(termsOf(servers.state(node)), `server ${node}`).toEqual([...LEADER, 8]);
    expect(servers.state(0).commitIndex).toBe(LEADER.length + 1);
  });

  test('Figure 7: (c) and (d) do not vote for it, the others do, and that is enough', () => {
    const servers = cluster({}, [disk(7, LEADER), ...Object.values(FOLLOWERS).map((terms) => disk(7, terms))]);
    servers.timeout(0);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].filter((_, node) => servers.state(node + 1).disk.votedFor === 0)).toEqual(['a', 'b', 'e', 'f']);
  });

  test('an old message deletes nothing', () => {
    const [mended, broken] = ['on-conflict', 'always'].map((truncate) => ran([
      'network unordered', 'hold S1 -> S2 append-entries #2 until 55ms', 'cut S1 -> S3',
      'at 12ms w1: c1 writes k = 1', 'at 14ms w2: c1 writes k = 2', 'at 50ms crash S1', 'at 60ms heal', 'at 800ms r1: c2 reads k', 'run to 1s',
    ], `truncate ${truncate}`));
    expect(mended!.codes).toEqual([]);
    expect(broken!.codes).toContain('lost-write');
  });

  test('a follower that was away is caught up', () => {
    const { logs, codes } = ran(['at 50ms crash S3', 'every 20ms from 60ms to 200ms c1 writes k = 1', 'at 300ms restart S3', 'run to 1s']);
    expect(new Set(logs()).size).toBe(1);
    expect(codes).toEqual([]);
  });
});

describe('§5.4 safety', () => {
  test('5.4.1: terms of the last entries first, then lengths', () => {
    const asks = (candidate: readonly number[], voter: readonly number[]): boolean => {
      const servers = cluster({}, [disk(9, candidate), disk(9, voter), disk(9, voter)]);
      servers.timeout(0);
      return servers.state(0).role === 'leader';
    };
    expect(asks([1, 2], [1, 1, 1])).toBe(true);
    expect(asks([1, 1, 1], [1, 2])).toBe(false);
    expect(asks([1, 1], [1, 1, 1])).toBe(false);
    expect(asks([1, 1], [1, 1])).toBe(true);
  });

  test('5.4.2: an entry of an older term is committed with one of the own term, not before', () => {
    const committed = (knobs: Knobs): number => {
      const servers = cluster({ 'read-noop': 'off', ...knobs }, [disk(3, [1, 2]), disk(3, [1]), disk(3, [1])]);
      servers.timeout(0);
      servers.heartbeat(0);
      return servers.state(0).commitIndex;
    };
    expect(committed({})).toBe(0);
    expect(committed({ 'commit-old-terms': 'on' })).toBe(2);
    expect(committed({ 'read-noop': 'on' })).toBe(3);
  });

  test('Figure 2: a follower commits no further than the message vouches for', () => {
    const storm = (bound: string): readonly string[] => errorsOf(stormOf(RAFT, { 'commit-bound': bound }, 138));
    expect(storm('last-new-entry')).toEqual([]);
    expect(storm('own-log')).toContain('diverged');
  });
});

describe('§7 log compaction', () => {
  const BEHIND = ['at 50ms crash S3', 'every 20ms from 60ms to 200ms c1 adds 1 to k', 'at 300ms restart S3', 'run to 1s'];

  test('a follower that lacks what is gone gets the state instead, and goes on from there', () => {
    const { sent, logs, run, codes } = ran([...BEHIND, 'at 600ms c1 adds 1 to k'], 'snapshot-every 3');
    expect(new Set(sent('install-snapshot'))).toEqual(new Set(['S1 -> S3 up to 3', 'S1 -> S3 up to 6', 'S1 -> S3 up to 9']));
    expect(run.finalViews.map(({ values }) => values.get('k'))).toEqual(['9', '9', '9']);
    expect(logs()).toEqual(Array.from({ length: 3 }, () => 'snapshot up to 9, add 1 to k'));
    expect(codes).toEqual([]);
  });

  test('without a snapshot it gets the entries', () => {
    expect(ran(BEHIND).sent('install-snapshot')).toEqual([]);
  });

  test('entries that follow the snapshot are kept', () => {
    const terms = [1, 1, 1, 1], leader = disk(2, terms), { log } = leader;
    const covered = log.before(4), snapshot = { ...NO_SNAPSHOT, lastIndex: 3, lastTerm: 1, covered };
    const kept = (follower: readonly number[]): readonly number[] => {
      const servers = cluster({ 'read-noop': 'off' }, [{ ...leader, log: log.after(2), snapshot }, disk(2, follower), disk(2, terms)]);
      servers.deliver(0, 1, { type: 'install-snapshot', epoch: 2, slot: -1, op: -1, content: '', snapshot, round: 0 });
      return [...servers.state(1).disk.log.keys()];
    };
    expect(kept([1, 1, 1, 1])).toEqual([3, 4]);
    expect(kept([1, 1, 2, 2, 2])).toEqual([3]);
    expect(kept([1])).toEqual([3]);
  });

  test('a server that restarts begins with its snapshot', () => {
    const { run, codes } = ran(['every 20ms from 10ms to 130ms c1 adds 1 to k', 'at 300ms crash S2', 'at 310ms crash S1', 'at 310ms crash S3', 'at 320ms restart S2', 'run to 340ms'], 'snapshot-every 2');
    expect(run.finalViews[1]!.values.get('k')).toBe('7');
    expect(codes).toEqual([]);
  });

  test('a damaged snapshot is a divergence', () => {
    expect(ran([...BEHIND, 'corrupt S1 -> S3 install-snapshot'], 'snapshot-every 3').codes).toContain('diverged');
  });
});

describe('§8 clients', () => {
  test('a follower names the leader; a server that knows none is silent', () => {
    const { sent, unmet } = ran(['at 20ms w1: c1 writes k = 1 to S2 within 100ms', 'at 50ms crash S1', 'at 260ms w2: c1 writes k = 2 to S3 within 100ms', 'run to 400ms', 'expect w1 unanswered']);
    expect(sent('redirect').filter((words) => words.startsWith('S2'))).toEqual(['S2 -> c1 S1']);
    expect(unmet).toEqual([]);
  });

  test('a command repeated after its leader died is executed once', () => {
    // S1 has committed it, told S2 so, and dies before its answer arrives.
    const lines = ['hold S1 -> c1 ok until released', 'at 10ms w1: c1 adds 5 to k', 'at 75ms crash S1', 'at 1s r1: c2 reads k', 'run to 2s', 'expect w1 acked'];
    expect(ran([...lines, 'expect r1 = 5']).unmet).toEqual([]);
    expect(ran([...lines, 'expect r1 = 10', 'expect duplicate-execution'], 'sessions off').unmet).toEqual([]);
  });

  test('a new leader that has not committed in its term answers no read by read-index until it has', () => {
    const { unmet } = ran(['at 100ms w1: c1 writes k = 1', 'at 145ms crash S1', 'at 150ms timeout S2', 'at 175ms r1: c2 reads k from S2', 'run to 1s', 'expect r1 = 1', 'expect no violations']);
    expect(unmet).toEqual([]);
  });
});

describe('thesis', () => {
  test('6.2: a leader without a majority gives up', () => {
    const lines = ['at 100ms isolate S1', 'run to 1s'];
    expect(ran(lines).all('stepsDown')).toEqual([]);
    expect(ran(lines, 'check-quorum on').all('stepsDown')).toEqual(['S1 1']);
  });

  test('9.6: a server that comes back from behind a partition deposes nobody', () => {
    const lines = ['at 100ms isolate S3', 'at 1s heal', 'run to 2s'];
    expect(ran(lines).all('stepsDown')).not.toEqual([]);
    expect(ran(lines, 'pre-vote on').all('stepsDown')).toEqual([]);
    expect(ran(lines, 'pre-vote on').all('candidate')).toEqual([]);
  });

  test('4.2.3: with check-quorum a server that hears its leader disregards a candidate', () => {
    const lines = ['at 300ms timeout S3', 'run to 1s'];
    expect(ran(lines).all('leads')).toEqual(['S1 1', 'S3 2']);
    expect(ran(lines, 'check-quorum on').log.strings).toContain('it hears a leader');
  });

  test('3.10: who takes over is brought up to date first, and stands for election', () => {
    const { sent, all, codes } = ran(['cut S1 -> S2', 'at 60ms c1 writes k = 1', 'at 120ms heal', 'at 121ms transfer S1 to S2', 'run to 1s'], '', 'S1 S2 S3');
    const words = sent('timeout-now');
    expect(words[0]).toBe('S1 -> S2');
    expect(all('leads')).toEqual(['S1 1', 'S2 2']);
    expect(codes).toEqual([]);
  });

  test('3.10: meanwhile the leader takes no commands, and if nothing comes of it, it goes on', () => {
    const { all, log, unmet } = ran(['cut S1 -> S2', 'timeouts S2=5s', 'at 100ms transfer S1 to S2', 'at 120ms w1: c1 writes k = 1 to S1 within 100ms retrying', 'run to 1s', 'expect w1 acked']);
    expect(log.strings).toContain('it hands its leadership over');
    expect(all('leads')).toEqual(['S1 1']);
    expect(unmet).toEqual([]);
  });

  test('3.10: a transfer is nothing that goes wrong: it may come when all is stable', () => {
    const { all, unmet } = ran(['stable from 50ms', 'at 100ms transfer S1 to S2', 'at 200ms w1: c1 writes k = 1', 'run to 1s', 'expect progress', 'expect w1 acked']);
    expect(all('leads')).toEqual(['S1 1', 'S2 2']);
    expect(unmet).toEqual([]);
  });

  test('§7: a snapshot is taken after a whole number of entries', () => {
    const problems = (value: string): readonly string[] => analyseNow(`scenario "t" {\n  protocol raft { snapshot-every ${value} }\n  nodes A\n  run to 10ms\n}\n`).diagnostics
      .filter(({ severity }) => severity === 'error').map(({ message }) => message);
    expect(problems('2')).toEqual([]);
    expect(problems('never')).toEqual([]);
    for (const value of ['0', '1.5', 'often']) expect(problems(value), value).toHaveLength(1);
  });

  test('3.10: only a leader hands over', () => {
    const { all, log } = ran(['at 100ms transfer S2 to S3', 'at 150ms transfer * to S3', 'run to 500ms']);
    expect(log.strings).toContain('it does not lead');
    expect(all('leads')).toEqual(['S1 1', 'S3 2']);
  });

  test('3.10, 4.2.3: neither a pre-vote nor check-quorum stands in the way', () => {
    const { all, sent, codes } = ran(['at 100ms transfer S1 to S3', 'run to 500ms'], 'pre-vote on, check-quorum on');
    expect(all('leads')).toEqual(['S1 1', 'S3 2']);
    expect(sent('pre-vote')).toEqual([]);
    expect(codes).toEqual([]);
  });

  test('6.4: a leader that has been replaced confirms nothing', () => {
    const lines = ['at 10ms w1: c1 writes k = 1', 'at 100ms partition {S1 c1} | {S2 S3 c2}', 'at 600ms w2: c2 writes k = 2', 'at 900ms r1: c1 reads k within 200ms', 'run to 2s'];
    expect(ran(lines).codes).toEqual([]);
    expect(ran(lines, 'read-path leader-local').codes).toContain('stale-read');
  });
});

// --- Storms -----------------------------------------------------------------------------------------------------------

/** Four servers in two halves. Quorums of commits need not meet each other, only those of elections; half and half meet nobody. */
test('flexible quorums: half of four may commit, but not elect as well', () => {
  const lines = ['at 20ms partition {S1 S2 c1} | {S3 S4 c2}', 'at 30ms w1: c1 writes k = 1', 'at 100ms timeout S3', 'at 130ms w2: c2 writes k = 2 to S3 within 1s', 'at 1s heal', 'at 1500ms r1: c1 reads k', 'run to 3s'];
  const codes = (knobs: string): readonly string[] => ran(lines, knobs, 'S1 S2 S3 S4').codes;
  expect(codes('')).toEqual([]);
  expect(codes('commit-quorum f-plus-1')).toEqual([]);
  expect(codes('commit-quorum f-plus-1, votes f-plus-1')).toContain('lost-write');
  expect(ran(['at 100ms crash S1', 'at 105ms partition {S2 S3} | {S4 S5 S6}', 'at 110ms timeout S2', 'at 110ms timeout S4', 'run to 200ms'], 'votes f-plus-1', 'S1 S2 S3 S4 S5 S6').all('leads')).toEqual(['S1 1', 'S4 2']);
  expect(ran(['at 105ms partition {S1 S2} | {S3 S4}', 'at 110ms timeout S2', 'at 110ms timeout S3', 'run to 200ms'], 'votes f-plus-1', 'S1 S2 S3 S4').codes).toContain('epoch-collision');
});
