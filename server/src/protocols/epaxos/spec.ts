/** The knobs of `epaxos` and its words: what a document may say after `protocol epaxos`. */
import type { KnobSpec, MessageSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, quantity } from '../knobs.ts';

const DISORDER = ['diverged', 'not-linearizable', 'stale-read', 'lost-write'];

const KNOBS: readonly KnobSpec[] = [
  choice('ballots', 'How many ballot variables a replica keeps for an instance.', [
    ['two', 'The ballot joined and the ballot last voted in, as Paxos has it.'],
    ['one', 'One for both, as published: a promise makes an old vote look new (Sutra 2020).'],
  ], 'two', { safe: ['two'], permits: DISORDER }),
  choice('conflict-detect', 'Whether commands that interfere depend on each other.', [
    ['on', 'Two commands on one key are ordered, unless both only read.'],
    ['off', 'Nothing depends on anything: every replica executes as it hears.'],
  ], 'on', { safe: ['on'], permits: DISORDER }),
  choice('fast-path', 'When a command is committed after one round trip.', [
    ['equal-replies', 'When the whole fast quorum answers with the same attributes.'],
    ['any-replies', 'When the fast quorum answers, whatever it answers: a recovery may find something else.'],
    ['off', 'Never: each command takes two round trips.'],
  ], 'equal-replies', { safe: ['equal-replies', 'off'], permits: DISORDER }),
  // Words, not numbers: a recovery tells what the fast path may have decided by counting ⌊n/2⌋ equal answers, which is right for 2F only.
  choice('fast-quorum', 'How many replicas agree on the fast path, the command leader included.', [
    ['basic', '2F of 2F+1: a recovery always meets enough of them.'],
    ['majority', 'F+1: with five nodes a recovery may meet only one of them.'],
  ], 'basic', { safe: ['basic'], permits: DISORDER }),
  choice('recovery', 'What a recovery does with pre-accepts that may be part of a fast quorum.', [
    ['identical', 'As many identical ones as a fast quorum must have left behind are kept as they are.'],
    ['restart', 'Phase 1 starts again, as if nothing could have been committed.'],
  ], 'identical', { safe: ['identical'], permits: DISORDER }),
  choice('execution', 'When a committed command is executed.', [
    ['components', 'After all it depends on, component by component, each in the order of seq.'],
    ['arrival', 'As soon as the replica hears of the commit.'],
  ], 'components', { safe: ['components'], permits: DISORDER }),
  choice('reply-at', 'When the client hears ok.', [
    ['execution', 'When its command has been executed.'],
    ['commit', 'When its command is committed, if it returns no value; otherwise when it has been executed.'],
  ], 'execution', { safe: ['execution', 'commit'], permits: [] }),
  choice('sessions', 'Whether replicas recognise a request that they have already executed.', [
    ['on', 'A repeated request has no second effect.'],
    ['off', 'A repeated request is executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution'] }),
  choice('persist', 'What is on disk before a replica answers.', [
    ['all', 'Votes, promises and commits.'],
    ['none', 'Nothing: a restart forgets everything, even which instances it has used.'],
  ], 'all', { safe: ['all'], permits: [...DISORDER, 'epoch-regression', 'under-replicated'] }),
  quantity('base', 'duration', 'How long the first node waits for an instance before it recovers it; doubled after each attempt that was overtaken.', '150000'),
  quantity('stagger', 'duration', 'How much longer each node waits than the one before it.', '50000'),
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'pre-accept', about: 'A command with the instances it depends on, as its leader knows them.' },
  { word: 'pre-accept-ok', about: 'The replica has it; with what else it depends on here.' },
  { word: 'accept', about: 'The attributes that the slow path has settled on.' },
  { word: 'accept-ok', about: 'The replica has voted for them.' },
  { word: 'commit', about: 'The instance is decided.' },
  { word: 'commit-ok', about: 'The replica knows it.' },
  { word: 'prepare', about: 'A replica takes an instance over in a new ballot.' },
  { word: 'prepare-ok', about: 'What the replica knows of the instance.' },
];

export const EPAXOS: ProtocolSpec = {
  name: 'epaxos', about: 'Egalitarian Paxos (Moraru et al. 2013): no leader; commands that interfere depend on each other.',
  available: true, defaultPreset: '', knobs: KNOBS, presets: [], messages: MESSAGES, synonyms: [],
};
