/** What a document may say after `protocol paxos`. */
import type { KnobSpec, MessageSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, quorumSize } from '../knobs.ts';
import { apart } from '../quorums.ts';

const KNOBS: readonly KnobSpec[] = [
  choice('persist', 'What an acceptor has on disk before it answers.', [
    ['all', 'What it promised and what it accepted.'],
    ['promise', 'What it promised: a restart forgets what it accepted, and with it a value that was chosen.'],
    ['acceptance', 'What it accepted: a restart forgets a promise, and lets an older proposal through.'],
    ['none', 'Nothing.'],
  ], 'all', { safe: ['all'], permits: ['epoch-regression', 'diverged', 'lost-write', 'under-replicated', 'not-linearizable', 'stale-read'] }),
  choice('adopt-highest', 'Whether a proposer is bound by what its quorum has accepted.', [
    ['on', 'It proposes the value with the highest ballot among the promises, and its own only if there is none.'],
    ['off', 'It proposes its own value, whatever was accepted before.'],
  ], 'on', { safe: ['on'], permits: ['diverged', 'lost-write', 'not-linearizable', 'stale-read'] }),
  choice('ratchet', 'Whether an acceptor keeps its promise.', [
    ['on', 'It refuses every ballot that is lower than one it has promised.'],
    ['off', 'It answers every `prepare` and accepts every proposal.'],
  ], 'on', { safe: ['on'], permits: ['stale-epoch', 'diverged', 'lost-write', 'not-linearizable', 'stale-read'] }),
  choice('unique-ballots', 'Whether a ballot’s number tells whose it is.', [
    ['on', 'A ballot is a round and its proposer: no two proposers share a number.'],
    ['off', 'A ballot is a round alone: two proposers can get a quorum for different values of the same ballot.'],
  ], 'on', { safe: ['on'], permits: ['diverged', 'lost-write', 'not-linearizable', 'stale-read'] }),
  choice('backoff', 'What a proposer does that hears of a higher ballot.', [
    ['on', 'It waits before it tries again, each node differently long, and twice as long each time (at most eight times).'],
    ['off', 'It tries again at once: two proposers can overtake each other for ever.'],
  ], 'on', { safe: ['on'], permits: ['no-progress'] }),
  quorumSize('q1', 'How many acceptors must promise (phase 1). With `q2` it must exceed the number of nodes.'),
  quorumSize('q2', 'How many acceptors must accept (phase 2). With `q1` it must exceed the number of nodes.'),
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'prepare', about: '1a: a proposer asks for a promise to accept nothing of a lower ballot.' },
  { word: 'promise', about: '1b: the promise, with the proposal of the highest ballot that the acceptor has accepted.' },
  { word: 'accept', about: '2a: the proposer asks to accept its ballot’s one value.' },
  { word: 'accepted', about: '2b: the acceptor has accepted it.' },
  { word: 'nack', about: 'No: the acceptor has promised a higher ballot.' },
  { word: 'chosen', about: 'A quorum has accepted this value: it is chosen.' },
];

export const PAXOS: ProtocolSpec = {
  name: 'paxos', about: 'Single-decree Paxos (Lamport 2001), once for each key: the first value chosen is the key’s value for good.',
  available: true, apart: apart(['q1', 'q2']), singleKeys: true, defaultPreset: '', knobs: KNOBS, presets: [], messages: MESSAGES, synonyms: [],
};
