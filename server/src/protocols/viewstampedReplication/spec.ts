/** The knobs, presets and words of `viewstamped-replication`: what a document may say after its name. */
import type { KnobSpec, MessageSpec, PresetSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, commitTimeout, quorumSize } from '../knobs.ts';
import { apart } from '../quorums.ts';

const LOST = ['lost-write', 'diverged', 'not-linearizable', 'stale-read'];

const KNOBS: readonly KnobSpec[] = [
  choice('persistence', 'What of a replica survives a crash.', [
    ['view-log', 'View-number and log are on disk before a message depends on them: it comes back with what it knew.'],
    ['view-floor', 'Only the view-number: it recovers from the others, but not into an older view. It may wait for good.'],
    ['none', 'Nothing, as in the paper: it recovers from the others, and has forgotten what it promised.'],
  ], 'view-log', { safe: ['view-log', 'view-floor'], permits: [...LOST, 'split-brain', 'epoch-regression', 'commit-regression'] }),
  choice('crash-vector', 'Whether messages that a replica sent before it last recovered are refused.', [
    ['off', 'They count, although their sender has forgotten them.'],
    ['on', 'Messages carry the incarnations that their sender knows of; those of an older one are refused.'],
  ], 'off', { safe: ['on', 'off'], permits: [] }),
  choice('state-transfer', 'What a replica does that hears of a later view and lacks its log.', [
    ['safe', 'It waits for the log before it takes part in the view.'],
    ['paper', 'It drops what it does not know to be committed, and is in the view at once: its short log then passes for a newer one.'],
  ], 'safe', { safe: ['safe'], permits: [...LOST, 'commit-regression'] }),
  choice('view-guard', 'Whether a replica ignores messages of normal operation that belong to an older view.', [
    ['on', 'Only its own view counts.'],
    ['off', 'It prepares what an older primary sends, too.'],
  ], 'on', { safe: ['on'], permits: [...LOST, 'stale-epoch', 'split-brain'] }),
  choice('start-view-guard', 'Whether a late StartView is ignored.', [
    ['on', 'It counts only for a later view, or in a view change to that very view.'],
    ['off', 'It always counts: a replica may go back to an older view.'],
  ], 'on', { safe: ['on'], permits: [...LOST, 'split-brain', 'stale-epoch', 'epoch-regression', 'commit-regression'] }),
  choice('start-view-change-guard', 'Whether StartViewChanges count only while the view changes.', [
    ['on', 'Once the view has begun they are late.'],
    ['off', 'A replica that is normal in the view may answer them by a DoViewChange. No harm is done: its log is the view’s own.'],
  ], 'on', { safe: ['on', 'off'], permits: [] }),
  choice('do-view-change-guard', 'Whether DoViewChanges count only for their own view.', [
    ['on', 'Those of an older view are late.'],
    ['off', 'The new primary counts late ones of an older view as well: their senders have promised it nothing.'],
  ], 'on', { safe: ['on'], permits: [...LOST, 'commit-regression', 'split-brain'] }),
  choice('epoch-state', 'When a replica takes part that a reconfiguration adds (§7.1.1).', [
    ['wait', 'Once it has all that the epochs before decided.'],
    ['at-once', 'At once: a new group of which enough know nothing begins with nothing.'],
  ], 'wait', { safe: ['wait'], permits: [...LOST, 'commit-regression'] }),
  choice('log-choice', 'Which log a new primary takes.', [
    ['last-normal-view', 'That of the latest view in which its sender was normal, and of those the longest.'],
    ['longest', 'The longest of all, although a later view may have replaced what it holds.'],
  ], 'last-normal-view', { safe: ['last-normal-view'], permits: [...LOST, 'commit-regression'] }),
  choice('recovery-primary', 'Whether a recovering replica needs the answer of the latest view’s primary.', [
    ['on', 'It waits for the primary, whose log holds all that this replica has prepared.'],
    ['off', 'Any f+1 answers will do: the longest log of the latest view is taken.'],
  ], 'on', { safe: ['on'], permits: [...LOST, 'split-brain'] }),
  quorumSize('view-change-quorum', 'How many replicas leave a view and begin the next. With `commit-quorum` it must exceed the number of replicas.'),
  quorumSize('commit-quorum', 'How many replicas prepare an operation before it is committed, and how many answer one that recovers. With `view-change-quorum` it must exceed the number of replicas.'),
  choice('client-table', 'Whether a replica knows the requests that it has executed.', [
    ['on', 'A repeated request gets its answer again.'],
    ['off', 'A repeated request is executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution', 'not-linearizable'] }),
  choice('read-path', 'How a read is answered.', [
    ['log', 'As an operation of the log, like a write.'],
    ['primary-local', 'By whoever believes to be the primary, asking nobody.'],
  ], 'log', { safe: ['log'], permits: ['stale-read', 'not-linearizable'] }),
  commitTimeout('How long a primary that has nothing to prepare waits before it says Commit.'),
];

const PRESETS: readonly PresetSpec[] = [
  {
    name: 'paper', about: 'To the letter: nothing on disk, and a replica that fell behind cuts its log.', available: true,
    knobs: { persistence: 'none', 'state-transfer': 'paper' },
  },
  {
    name: 'diskless', about: 'Nothing on disk, and safe all the same: crash vectors, and a state transfer that waits.', available: true,
    knobs: { persistence: 'none', 'crash-vector': 'on' },
  },
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'prepare', about: 'The primary asks a backup to put an operation into its log. It tells what is committed, too.' },
  { word: 'prepare-ok', about: 'The backup has the operation, and all before it.' },
  { word: 'commit', about: 'An idle primary tells up to where operations are committed, and that it is alive.' },
  { word: 'start-view-change', about: 'A replica has left its view for a later one.' },
  { word: 'do-view-change', about: 'To the new primary: this replica’s log, and the last view in which it was normal.' },
  { word: 'start-view', about: 'The new primary’s log: the view begins.' },
  { word: 'get-state', about: 'A replica asks for the operations that it lacks.' },
  { word: 'new-state', about: 'The operations asked for.' },
  { word: 'start-epoch', about: 'Another group takes over: who they are, and the operation with which the last epoch ended.' },
  { word: 'epoch-started', about: 'To a replica that is replaced: this one has all that was decided.' },
  { word: 'recovery', about: 'A replica that has lost its memory asks for it.' },
  { word: 'recovery-response', about: 'The view-number, and from its primary the log.' },
];

const named = (knob: string, means: string, values: readonly string[]): ProtocolSpec['synonyms'] =>
  values.map((value) => ({ knob, value, means: { knob: means, value } }));

const SYNONYMS: ProtocolSpec['synonyms'] = [
  ...['vrr-persist', 'persist'].flatMap((knob) => named(knob, 'persistence', ['none', 'view-floor', 'view-log'])),
];

export const VIEWSTAMPED_REPLICATION: ProtocolSpec = {
  name: 'viewstamped-replication',
  about: 'Viewstamped Replication Revisited (Liskov and Cowling 2012): the nodes take turns as primary, view by view.',
  available: true, apart: apart(['view-change-quorum', 'commit-quorum']), membership: true, defaultPreset: '', knobs: KNOBS, presets: PRESETS, messages: MESSAGES, synonyms: SYNONYMS,
};
