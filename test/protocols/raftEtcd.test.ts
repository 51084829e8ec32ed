/**
 * The interaction tests of etcd-io/raft (`testdata/NAME.txt`), as far as they are about the protocol: who votes for whom, in
 * which term, which index is where. Theirs begin at index 10 and let nobody lead; here the first server leads term 1.
 */
import { expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { cluster, disk, termsOf } from './raftCluster.ts';
import { ran } from './raftRun.ts';

test('campaign: the others vote, and the new leader’s first entry is committed everywhere', () => {
  const { all, run, sent } = ran(['at 100ms timeout S2', 'run to 300ms']);
  expect(all('vote')).toEqual(['S2 2', 'S1 2', 'S3 2']);
  expect(sent('vote')).toEqual(['S1 -> S2 granted', 'S3 -> S2 granted']);
  expect(run.finalViews.map(({ log }) => log.map(({ epoch, state }) => `${epoch} ${state}`))).toEqual(Array.from({ length: 3 }, () => ['1 applied', '2 applied']));
});

test('prevote: a server that is behind gets no pre-vote and raises no term; one that is not is elected', () => {
  const servers = cluster({ 'pre-vote': 'on' }, [disk(1, [1, 1]), disk(1, [1, 1]), disk(1, [1])]);
  servers.timeout(2);
  expect([0, 1, 2].map((node) => servers.state(node).disk.currentTerm)).toEqual([1, 1, 1]);
  servers.timeout(1);
  expect(servers.state(1)).toMatchObject({ role: 'leader', disk: { currentTerm: 2 } });
  expect([0, 2].map((node) => servers.state(node).disk.votedFor)).toEqual([1, 1]);
});

test('checkquorum: servers that hear their leader ignore a candidate, whose term deposes the leader all the same', () => {
  const { all, log, run } = ran(['timeouts S1=400ms S2=200ms S3=600ms', 'at 300ms timeout S2', 'run to 800ms'], 'check-quorum on');
  const ignored = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.discard && log.detail(i) === 'it hears a leader' && log.epoch(i) === 2);
  expect(ignored.map((i) => run.names[log.node(i)])).toEqual(['S1', 'S3']);
  expect(all('stepsDown')).toEqual(['S1 1']);
  expect(all('leads')).toEqual(['S1 1', 'S2 3']);
});

test('checkquorum: a leader that nobody answers for an election timeout gives up', () => {
  expect(ran(['at 100ms cut * -> S1', 'run to 600ms'], 'check-quorum on').all('stepsDown')[0]).toBe('S1 1');
});

test('prevote_checkquorum: a server that hears its leader changes nothing by asking', () => {
  const { all, sent } = ran(['at 300ms timeout S2', 'run to 800ms'], 'pre-vote on, check-quorum on');
  expect(sent('pre-vote-reply')).toEqual(['S1 -> S2 refused', 'S3 -> S2 refused']);
  expect([all('candidate'), all('leads')]).toEqual([[], ['S1 1']]);
});

test('prevote_checkquorum: one that has not heard it for an election timeout lets another stand', () => {
  const lines = ['timeouts S1=200ms S2=5s S3=400ms', 'at 100ms cut S1 -> S2', 'at 411ms timeout S3', 'run to 500ms'];
  const { all, sent } = ran(lines, 'pre-vote on, check-quorum on');
  expect(sent('pre-vote-reply')).toEqual(['S1 -> S3 refused', 'S2 -> S3 granted']);
  expect(all('vote')).toEqual(['S3 2', 'S2 2']);
  expect(all('leads')).toEqual(['S1 1', 'S3 2']);
  expect(all('stepsDown')).toEqual(['S1 1']);
});

test('probe_and_replicate: almost Figure 7; four of six vote, and each conflict is found where it is', () => {
  const logs = [[1, 1, 1, 4, 4, 5, 5, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 6], [1, 1, 1, 4], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 7, 7, 7, 7],
    [1, 1, 1, 4, 4, 4, 4], [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]];
  const servers = cluster({}, logs.map((terms) => disk(7, terms)));
  servers.timeout(0);
  servers.heartbeat(0);
  expect(logs.map((_, node) => servers.state(node).disk.votedFor)).toEqual([0, 0, 0, undefined, undefined, 0, 0]);
  expect(servers.truncated).toEqual([[], [], [], [11], [9], [6], [4]]);
  for (const node of logs.keys()) expect(termsOf(servers.state(node)), `n${node + 1}`).toEqual([...logs[0]!, 8]);
});

test('snapshot_succeed_via_app_resp: a snapshot at the leader’s last index, once answered, leaves nothing to send', () => {
  const { sent, run, codes } = ran(['at 5ms crash S3', 'at 100ms w1: c1 writes k = 1', 'at 240ms restart S3', 'run to 600ms'], 'snapshot-every 1');
  const toNewcomer = (word: string): readonly string[] => sent(word).filter((words) => words.startsWith('S1 -> S3'));
  expect(toNewcomer('install-snapshot').at(-1)).toBe('S1 -> S3 up to 2');
  expect(toNewcomer('append-entries').at(-1)).toBe('S1 -> S3');
  expect(run.finalViews.map(({ log }) => log.map(({ content }) => content))).toEqual(Array.from({ length: 3 }, () => ['snapshot up to 2']));
  expect(codes).toEqual([]);
});

test('slow_follower_after_compaction: what it lacks is gone, and a snapshot catches it up', () => {
  const { sent, run, codes } = ran(['every 20ms from 20ms to 60ms c1 adds 1 to k', 'at 200ms cut S1 -> S3', 'timeouts S3=5s', 'every 20ms from 210ms to 270ms c1 adds 1 to k', 'at 400ms heal', 'run to 800ms'],
    'snapshot-every 7');
  expect(sent('install-snapshot').at(-1)).toMatch(/^S1 -> S3 up to 7$/);
  expect(run.finalViews.map(({ values }) => values.get('k'))).toEqual(['7', '7', '7']);
  expect(codes).toEqual([]);
});
