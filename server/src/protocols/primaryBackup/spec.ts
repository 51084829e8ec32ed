/** The knobs of the road, its presets and its words: what a document may say after `protocol primary-backup`. */
import type { KnobSpec, MessageSpec, PresetSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, count, elsewhere, quantity, quorumSize } from '../knobs.ts';
import { FOLLOWER_WAIT, LEASE_KNOBS, leaseBound } from '../leases.ts';
import { REMEDY_RELATIONS } from './remedies.ts';
import { apart } from '../quorums.ts';

const KNOBS: readonly KnobSpec[] = [
  choice('phases', 'How many rounds a write takes: propose and commit, or with a pre-commit between them.', [
    ['2', 'Two-phase commit: a participant that voted waits for the outcome.'],
    ['3', 'Three-phase commit: nobody commits before everybody knows that all voted yes. Not safe when the network splits.'],
  ], '2', { safe: ['2'], permits: ['diverged'] }),
  quorumSize('commit-quorum', 'Whose accepts a leader waits for before it commits. A number must with `votes` exceed the number of nodes.', [
    ['majority', 'More than half of all nodes, heard or not.'],
    ['all', 'Every node: one that is down stops all writes.'],
    ['reachable', 'A majority of the nodes it can hear: both halves of a split network find one.'],
    ['f-plus-1', 'f+1 of n with f = ⌊(n−1)/2⌋: no majority when n is even.'],
  ], { safe: ['majority', 'all'], permits: ['split-brain', 'diverged', 'lost-write', 'under-replicated', 'not-linearizable', 'stale-read'] }),
  choice('reply-at', 'When the client hears ok.', [
    ['commit-sent', 'As soon as the commits are sent: nobody may have received them.'],
    ['first-commit-ack', 'When one participant has acknowledged the commit.'],
    ['all-commit-acks', 'When every participant has acknowledged the commit.'],
  ], 'commit-sent', { safe: ['all-commit-acks', 'first-commit-ack'], permits: [] }),
  choice('order', 'Whether a link keeps the order of its messages.', [
    ['unordered', 'Messages overtake each other and arrive twice.'],
    ['fifo', 'Like TCP: in order, without duplicates, until the connection breaks.'],
  ], 'fifo', { safe: ['fifo'], permits: ['diverged', 'duplicate-execution'] }),
  choice('dup', 'Whether nodes send every message twice (a fifo link drops the second).', [['off', 'Each message once.'], ['on', 'Each message twice.']], 'off',
    { safe: ['off'], permits: ['duplicate-execution'] }),
  choice('retry', 'Whether a node asks again, every 100 ms, until it is answered.', [
    ['none', 'A lost message is lost.'],
    ['rto', 'Every unanswered message is sent again.'],
  ], 'rto', { safe: ['rto'], permits: ['no-progress', 'commit-lag'] }),
  choice('sessions', 'Whether nodes recognise a request that they have already executed.', [
    ['on', 'A repeated request gets its first answer again.'],
    ['off', 'A repeated request is executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution'] }),
  choice('in-doubt', 'What a participant does that voted and hears nothing.', [
    ['block', 'It waits for the coordinator.'],
    ['abort', 'It gives up after 300 ms, asking nobody: unsound.'],
    ['commit', 'It goes ahead after 300 ms, asking nobody: unsound.'],
    ['ask-peers', 'It asks the others; it still waits if all of them are in doubt.'],
  ], 'block', { safe: ['block', 'ask-peers'], permits: ['diverged', 'lost-write'] }),
  choice('fd', 'The failure detector of the followers.', [
    ['none', 'A dead leader is waited for.'],
    ['timer', 'A follower that hears nothing for long enough suspects its leader.'],
  ], 'timer', { safe: ['timer'], permits: ['blocked', 'no-progress'] }),
  { ...quantity('base', 'duration', 'How long the first node would wait for its leader; each further rank waits one stagger more.', '150000'), atLeastUs: 1 },
  quantity('stagger', 'duration', 'How much longer each rank waits than the one before it.', '50000'),
  quantity('jitter', 'duration', 'A random addition to each wait, up to this much.', '0'),
  choice('backoff', 'Whether a candidate that lost waits twice as long before the next round (at most eight times).', [['on', 'It does.'], ['off', 'It does not.']], 'on',
    { safe: ['on'], permits: ['no-progress'] }),
  choice('succession', 'How the next leader is found.', [
    ['election', 'Whoever suspects the leader asks the others for their votes.'],
    ['sorted-live', 'The first node of the list that a node believes alive; nobody is asked.'],
    ['view-mod-n', 'The nodes take turns by epoch, as in Viewstamped Replication, and the one whose turn it is gathers votes.'],
  ], 'election', { safe: ['election', 'view-mod-n'], permits: ['split-brain', 'epoch-collision', 'diverged'] }),
  quorumSize('votes', 'How many votes make a leader. A number must be more than half of all nodes, and with `commit-quorum` exceed their number.', [
    ['majority', 'More than half of all nodes, its own vote included.'],
    ['reachable', 'A majority of the nodes it can hear.'],
    ['f-plus-1', 'f+1 of n with f = ⌊(n−1)/2⌋: no majority when n is even.'],
  ], { permits: ['split-brain', 'dual-leader', 'epoch-collision', 'diverged', 'lost-write', 'not-linearizable', 'stale-read'] }),
  choice('catch-up', 'What a new leader learns before it leads.', [
    ['none', 'Nothing: it keeps its own log, and may lack what was acknowledged.'],
    ['up-to-date-vote', 'Voters refuse a candidate whose log is older than theirs (Raft 5.4.1).'],
    ['pull-highest', 'It adopts the highest log among its voters and proposes again what is not committed.'],
  ], 'pull-highest', { safe: ['pull-highest', 'up-to-date-vote'], permits: ['lost-write', 'diverged', 'not-linearizable', 'stale-read'] }),
  choice('ratchet', 'Whether epochs only move forward.', [
    ['none', 'Messages carry no epoch: whoever speaks is followed.'],
    ['leader-epoch', 'A message of an older leader is refused; a newer one is a promise.'],
    ['naive-tuple', 'As leader-epoch, but an older request of the same leader is refused too: a late one is lost for good.'],
  ], 'leader-epoch', { safe: ['leader-epoch'], permits: ['stale-epoch', 'split-brain', 'diverged', 'not-linearizable', 'stale-read', 'lost-write'] }),
  choice('ratchet-scope', 'Who obeys the ratchet.', [
    ['all', 'Leaders too: one that hears of a newer epoch steps down.'],
    ['followers', 'Only followers: a leader takes no notice.'],
  ], 'all', { safe: ['all'], permits: ['dual-leader', 'stale-read'] }),
  choice('read-path', 'How a read is answered.', [
    ['any-local', 'By any node, from what it has applied: it may be old.'],
    ['leader-local', 'By whoever believes to lead, asking nobody.'],
    ['quorum-abd', 'By a quorum, newest tag first, written back. Needs ABD’s writes.', 'later'],
    ['leader-confirmed', 'By the leader, once a majority has confirmed that it still leads.'],
    ['log', 'As an entry of the log, like a write.'],
    ['lease', 'By the leader alone while its lease runs, else as `leader-confirmed`.'],
  ], 'leader-local', { safe: ['leader-confirmed', 'log', 'lease'], permits: ['stale-read', 'not-linearizable'] }),
  choice('persist', 'What is on disk before a node answers.', [
    ['none', 'Nothing: a restart forgets everything.'],
    ['log', 'The log, but not the promise: a restart may go back to an older epoch.'],
    ['all', 'The log and the promise.'],
  ], 'all', { safe: ['all'], permits: ['epoch-regression', 'lost-write', 'under-replicated'] }),
  choice('fsync', 'Whether a node waits for its disk before it answers.', [['first', 'It waits.'], ['late', 'It answers first: a crash may forget what it promised.']], 'first',
    { safe: ['first'], permits: ['lost-write', 'epoch-regression', 'under-replicated'] }),
  choice('commit-prop', 'How followers learn of commits.', [
    ['explicit', 'By a message of its own for each.'],
    ['piggyback', 'The next proposal carries the number up to which all is committed; an idle leader sends it alone.'],
  ], 'explicit', { safe: ['explicit', 'piggyback'], permits: [] }),
  { ...quantity('commit-timeout', 'duration', 'How long a piggybacked commit waits for a proposal to ride on.', '50000'),
    values: [{ value: 'never', about: 'An idle leader says nothing: followers learn of the last commits with the next write, or never.', available: true }],
    safe: ['50ms'], permits: ['commit-lag', 'stale-read'] },
  count('batch', 'How many operations share a slot at most; 1: each has its own.', '1'),
  quantity('batch-linger', 'duration', 'How long an operation waits for others to share its slot.', '5000'),
  ...LEASE_KNOBS,
  choice('multi-key', 'How an operation over keys of several `shards` is done.', [
    ['unsafe', 'Each shard does its part by itself: somebody may see one done and the other not.'],
    ['2pc', 'In two phases: every shard locks its keys and is prepared, then all are told the outcome.'],
    ['forbid', 'It is refused.'],
  ], 'unsafe', { safe: ['2pc', 'forbid'], permits: ['not-atomic', 'not-linearizable', 'stale-read'] }),
  elsewhere('conflict-detect', 'Whether leaderless replicas order what interferes.', '`primary-backup` has a leader, which orders everything; `conflict-detect` is a knob of `protocol epaxos`.'),
  elsewhere('mode', 'Leaderless operation.', '`primary-backup` always has a leader; write `protocol epaxos` for operation without one.'),
  choice('checksum', 'Whether a message that was damaged on its way is recognised, and so is a damaged entry on a disk.', [
    ['off', 'Whatever arrives is believed.'],
    ['on', 'A digest over the message travels with it; one that does not match is ignored. A node whose disk is damaged does not vote before its leader has told it the rest.'],
    ['truncate', 'As on, but a damaged entry on a disk, and what follows it, counts as never written: unsound.'],
  ], 'off', { safe: ['on', 'off'], permits: ['lost-write'] }),
  choice('authentication', 'Whether messages are signed by who sends them.', [
    ['off', 'A message is from whom it says.'],
    ['on', 'Nobody speaks for another, a leader shows the votes that made it one, and a lie can be shown to others.'],
  ], 'off', { safe: ['on'] }),
  choice('hash-chain', 'Whether proposals and their answers carry a digest of the log before their slot.', [
    ['off', 'Logs are not compared.'],
    ['on', 'Logs that differ show at the next message; what was applied by then stays.'],
  ], 'off', { safe: ['on'] }),
  {
    ...quantity('echo', 'number', 'How many nodes must have been told the same about a slot, itself included, before it is applied.', 'off'),
    values: [
      { value: 'off', about: 'Nobody asks what the others were told.', available: true },
      { value: 'quorum', about: '⌈(n+f+1)/2⌉ with f = ⌊(n−1)/3⌋: two such sets share a node that does not lie.', available: true },
      { value: 'all', about: 'Every node: a single one that is down, or lies, stops all writes.', available: true },
    ],
    safe: ['quorum'], range: { least: 1, most: 'nodes' },
  },
  choice('stop-on-evidence', 'What a node does that can tell that somebody lies.', [
    ['off', 'It ignores the message and goes on.'],
    ['on', 'It stops, for good: no more damage, and no more progress.'],
  ], 'off', { safe: ['on'] }),
];

const NAIVE: Record<string, string> = {
  phases: '2', 'commit-quorum': 'all', 'reply-at': 'commit-sent', order: 'unordered', retry: 'none', sessions: 'off', 'in-doubt': 'block', fd: 'none',
  succession: 'election', votes: 'reachable', 'catch-up': 'none', ratchet: 'none', 'read-path': 'leader-local', persist: 'none',
};
const TCP = { ...NAIVE, order: 'fifo', retry: 'rto', sessions: 'on', persist: 'all' };
const TIMERS = { ...TCP, fd: 'timer', 'commit-quorum': 'reachable' };
const MAJORITY = { ...TIMERS, votes: 'majority', 'commit-quorum': 'majority' };
const CATCH_UP = { ...MAJORITY, 'catch-up': 'pull-highest' };
const RATCHET = { ...CATCH_UP, ratchet: 'leader-epoch' };
const QUORUM_READS = { ...RATCHET, 'read-path': 'leader-confirmed' };
const PIGGYBACK = { ...QUORUM_READS, 'commit-prop': 'piggyback' };
const LEASES = { ...PIGGYBACK, 'read-path': 'lease' };
const HARDENED = { ...LEASES, 'checksum': 'on', 'authentication': 'on', 'hash-chain': 'on', 'echo': 'quorum', 'stop-on-evidence': 'on' };

const PRESETS: readonly PresetSpec[] = [
  { name: 'naive', about: 'Two-phase commit as first drawn: no retries, no timers, nothing on disk.', available: true, knobs: NAIVE },
  { name: 'tcp', about: 'naive over ordered channels, with retries, client sessions and a disk.', available: true, knobs: TCP },
  { name: '3pc', about: 'tcp with a pre-commit round: does not block on a crash, breaks when the network splits.', available: true, knobs: { ...TCP, phases: '3' } },
  { name: 'timers', about: 'tcp with failure timers and elections among the nodes that can be heard.', available: true, knobs: TIMERS },
  { name: 'sorted', about: 'timers, but the first live node of the list leads and nobody votes.', available: true, knobs: { ...TIMERS, succession: 'sorted-live' } },
  { name: 'majority', about: 'timers, with votes and commits by more than half of all nodes.', available: true, knobs: MAJORITY },
  { name: 'catch-up', about: 'majority, and a new leader adopts the highest log among its voters.', available: true, knobs: CATCH_UP },
  { name: 'ratchet', about: 'catch-up, and every message carries its epoch: older ones are refused.', available: true, knobs: RATCHET },
  { name: 'quorum-reads', about: 'ratchet, and a leader confirms that it still leads before it answers a read.', available: true, knobs: QUORUM_READS },
  { name: 'piggyback', about: 'quorum-reads, and commits ride on the next proposal.', available: true, knobs: PIGGYBACK },
  { name: 'leases', about: 'piggyback, and a leader answers reads alone while its lease runs.', available: true, knobs: LEASES },
  { name: 'sharded', about: 'leases, for keys that `shards` parts, each part with a leader of its own.', available: true, knobs: LEASES },
  { name: 'hardened', about: 'sharded with checksums, signatures, hash chains and echoes: it stops rather than believe a lie.', available: true, knobs: HARDENED },
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'propose', about: 'The leader asks a node to accept an entry for a slot. With piggybacked commits it also tells what is committed.' },
  { word: 'accept', about: 'The node has the entry and votes for it.' },
  { word: 'echo', about: 'What the node was told about a slot.' },
  { word: 'reject', about: 'The node votes against it.' },
  { word: 'pre-commit', about: 'Everybody voted yes (three phases only).' },
  { word: 'ack-pre', about: 'The node knows that everybody voted yes.' },
  { word: 'commit', about: 'The slot is decided: apply it. With piggybacked commits: so are all slots before it.' },
  { word: 'abort', about: 'The slot is decided: forget it.' },
  { word: 'ack', about: 'The node has done what was decided.' },
  { word: 'query', about: 'A node in doubt asks how a slot ended.' },
  { word: 'decision', about: 'How the slot ended, as far as the node knows.' },
  { word: 'state', about: 'How far a node has come: with a slot, or with its whole log.' },
  { word: 'propose-leader', about: 'A candidate asks for a vote in a new epoch.' },
  { word: 'promise', about: 'The vote, with what the voter’s log holds.' },
  { word: 'refuse', about: 'No vote, and the newest epoch that the node has promised.' },
  { word: 'lead', about: 'The new leader says so.' },
  { word: 'heartbeat', about: 'The leader is alive; its slot is the newest committed one.' },
  { word: 'catch-up', about: 'A node asks its leader for what it lacks.' },
  { word: 'nack', about: 'Your epoch is older than one I have promised.' },
  { word: 'grant', about: 'The node has heard the heartbeat, and helps nobody else to lead for a while.' },
  { word: 'confirm', about: 'The leader asks whether it still leads, before it answers a read.' },
  { word: 'part', about: 'The leader of a shard is asked to do its part of an operation over several.' },
  { word: 'part-done', about: 'The part is prepared, or done; or it cannot be.' },
  { word: 'confirmed', about: 'It does, as far as this node has heard.' },
];

const SYNONYMS: ProtocolSpec['synonyms'] = [
  { knob: 'epochs', value: 'on', means: { knob: 'ratchet', value: 'leader-epoch' } },
  { knob: 'epochs', value: 'off', means: { knob: 'ratchet', value: 'none' } },
  { knob: 'auth', value: 'on', means: { knob: 'authentication', value: 'on' } },
  { knob: 'auth', value: 'off', means: { knob: 'authentication', value: 'off' } },
  ...[['checksum', 'checksum'], ['auth', 'authentication'], ['hash-chain', 'hash-chain'], ['echo', 'echo', 'quorum'], ['stop-on-evidence', 'stop-on-evidence']].map(
    ([value, knob, setting = 'on']) => ({ knob: 'harden', value: value!, means: { knob: knob!, value: setting } })),
  { knob: 'read-path', value: 'read-index', means: { knob: 'read-path', value: 'leader-confirmed' } },
  ...['votes', 'commit-quorum'].flatMap((knob) => [
    { knob, value: 'all-majority', means: { knob, value: 'majority' } },
    { knob, value: 'reachable-majority', means: { knob, value: 'reachable' } },
  ]),
];

export const PRIMARY_BACKUP: ProtocolSpec = {
  name: 'primary-backup',
  about: 'A leader that replicates writes to its followers: the road from two-phase commit to Paxos, one knob at a time.',
  available: true, apart: apart(['votes', 'commit-quorum'], ['votes', 'votes']), shards: true, defaultPreset: 'ratchet', knobs: KNOBS, presets: PRESETS, relations: [leaseBound(FOLLOWER_WAIT), ...REMEDY_RELATIONS], messages: MESSAGES, synonyms: SYNONYMS,
};
