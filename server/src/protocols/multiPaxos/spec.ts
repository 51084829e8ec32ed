/** What a document may say after `protocol multi-paxos`. */
import type { KnobSpec, MessageSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, commitTimeout, count, quantity, quorumSize } from '../knobs.ts';
import { FOLLOWER_WAIT, LEASE_KNOBS, leaseBound } from '../leases.ts';
import { apart } from '../quorums.ts';

const KNOBS: readonly KnobSpec[] = [
  choice('persist', 'What an acceptor has on disk before it answers.', [
    ['all', 'What it promised and what it accepted.'],
    ['promise', 'What it promised: a restart forgets what it accepted, and with it values that were chosen.'],
    ['acceptance', 'What it accepted: a restart forgets a promise, and lets an older leader through.'],
    ['none', 'Nothing.'],
  ], 'all', { safe: ['all'], permits: ['epoch-regression', 'diverged', 'lost-write', 'under-replicated', 'not-linearizable', 'stale-read'] }),
  choice('adopt-highest', 'Whether a new leader is bound by what its quorum has accepted.', [
    ['on', 'In each slot it proposes the value with the highest ballot among the promises.'],
    ['off', 'It begins after the last slot that it knows to be chosen, whatever was accepted there.'],
  ], 'on', { safe: ['on'], permits: ['lost-write', 'diverged', 'not-linearizable', 'stale-read'] }),
  choice('holes', 'What a new leader does with a slot in which nobody has accepted anything, below one in which somebody has.', [
    ['no-op', 'It proposes to do nothing there.'],
    ['leave', 'It leaves the hole: nothing after it is ever executed.'],
  ], 'no-op', { safe: ['no-op'], permits: ['no-progress'] }),
  choice('ratchet', 'Whether an acceptor keeps its promise.', [
    ['on', 'It refuses every ballot that is lower than one it has promised.'],
    ['off', 'It obeys an older leader too.'],
  ], 'on', { safe: ['on'], permits: ['stale-epoch', 'split-brain', 'diverged', 'lost-write', 'not-linearizable', 'stale-read'] }),
  choice('read-path', 'How a read is answered.', [
    ['log', 'As a value of a slot, like a write.'],
    ['leader-local', 'By whoever believes to lead, asking nobody.'],
    ['lease', 'By the leader alone while its lease runs (acceptors refuse to elect another), else as `log`.'],
  ], 'log', { safe: ['log', 'lease'], permits: ['stale-read', 'not-linearizable'] }),
  choice('sessions', 'Whether nodes recognise a request that they have already executed.', [
    ['on', 'A repeated request gets its first answer again.'],
    ['off', 'A repeated request is executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution'] }),
  choice('backoff', 'Whether a candidate that lost waits twice as long before the next round (at most eight times).', [['on', 'It does.'], ['off', 'It does not.']], 'on',
    { safe: ['on'], permits: ['no-progress'] }),
  choice('commit-prop', 'How the others learn that a slot is chosen.', [
    ['explicit', 'By `chosen` for each slot.'],
    ['piggyback', 'By the next `accept`, or after `commit-timeout` by `chosen` for all slots at once.'],
  ], 'explicit', { safe: ['explicit', 'piggyback'], permits: [] }),
  commitTimeout('How long a leader waits before it says by itself how far everything is chosen, which is also its sign of life.'),
  choice('chosen-guard', 'What an acceptor takes for chosen that hears that all slots up to some number are.', [
    ['on', 'What it accepted in the leader’s own ballot; it asks for the rest.'],
    ['off', 'Whatever it has accepted there, in an older ballot too.'],
  ], 'on', { safe: ['on'], permits: ['diverged', 'lost-write', 'not-linearizable', 'stale-read'] }),
  count('window', 'How many slots a leader may propose beyond the last one that is executed; other requests wait.', '16'),
  quantity('base', 'duration', 'How long the first node would wait for its leader; each further rank waits one stagger more.', '150000'),
  quantity('stagger', 'duration', 'How much longer each rank waits than the one before it.', '50000'),
  ...LEASE_KNOBS,
  quorumSize('q1', 'How many acceptors must promise (phase 1). With `q2` it must exceed the number of nodes.'),
  quorumSize('q2', 'How many acceptors must accept (phase 2). With `q1` it must exceed the number of nodes.'),
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'prepare', about: '1a: a candidate asks for a promise to accept nothing of a lower ballot, in any slot.' },
  { word: 'promise', about: '1b: the promise, with what the acceptor has accepted in each slot from the asked one on.' },
  { word: 'accept', about: '2a: the leader asks to accept a value for a slot.' },
  { word: 'accepted', about: '2b: the acceptor has accepted it.' },
  { word: 'chosen', about: 'The slot’s value is chosen. Without a slot: the leader is alive, and how far everything is chosen; or what a node asked for.' },
  { word: 'grant', about: 'The node has heard the leader’s sign of life, and promises nothing to others for a while.' },
  { word: 'nack', about: 'No: the acceptor has promised a higher ballot.' },
  { word: 'learn', about: 'A node asks its leader for what it lacks.' },
];

export const MULTI_PAXOS: ProtocolSpec = {
  name: 'multi-paxos', about: 'Paxos for a sequence of slots (Lamport 2001, §3): a leader runs phase 1 once for all of them.',
  available: true, apart: apart(['q1', 'q2']), defaultPreset: '', knobs: KNOBS, presets: [], relations: [leaseBound(FOLLOWER_WAIT)], messages: MESSAGES, synonyms: [],
};
