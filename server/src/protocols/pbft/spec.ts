/** What a document may say after `protocol pbft`. */
import type { ProtocolSpec } from '../../model/catalogue.ts';
import { choice, quantity } from '../knobs.ts';

export const PBFT: ProtocolSpec = {
  name: 'pbft',
  about: 'A replicated log that tolerates f nodes of 3f+1 which do anything at all, lying included (Castro and Liskov 1999).',
  available: true, defaultPreset: '', presets: [], synonyms: [],
  knobs: [
    // Words, not numbers: f+1 nodes in common are what counts, and f is of n, so there is one smallest size and none to trade it for.
    choice('quorum', 'How many nodes must have said the same in a round.', [
      ['byzantine', 'So many that any two such sets share more than f nodes, an honest one among them: 2f+1 of 3f+1.'],
      ['majority', 'More than half: enough against crashes. What two majorities share may be one liar.'],
      ['f-plus-1', 'f+1: one honest node among them, and two such sets that share nobody.'],
    ], 'byzantine', { safe: ['byzantine'], permits: ['diverged', 'lost-write', 'split-brain', 'not-linearizable', 'stale-read'] }),
    choice('prepare', 'Whether nodes tell each other what the primary told them before they commit to it.', [
      ['on', 'They do: no two different requests can be prepared for one number in one view.'],
      ['off', 'Pre-prepare, then commit: a primary that tells two stories leaves a trace of each, and the next one may pick the wrong one.'],
    ], 'on', { safe: ['on'], permits: ['lost-write', 'diverged', 'not-linearizable', 'stale-read'] }),
    choice('request-signatures', 'Whether a node checks that a request is what its client asked.', [
      ['on', 'It does: a primary can hold requests back or order them, but not make them up.'],
      ['off', 'The primary is taken at its word.'],
    ], 'on', { safe: ['on'], permits: ['diverged', 'lost-write', 'not-linearizable'] }),
    choice('replies', 'How many equal answers from different nodes a client waits for.', [
      ['f-plus-1', 'f+1: one of them comes from an honest node.'],
      ['one', 'The first will do, whoever gave it.'],
    ], 'f-plus-1', { safe: ['f-plus-1'], permits: ['not-linearizable', 'stale-read'] }),
    choice('carry-over', 'What a new view takes over from the views before it.', [
      ['prepared', 'Whatever 2f+1 view-change messages prove prepared, under its old number.'],
      ['nothing', 'Nothing: the new primary numbers on from what it has executed itself.'],
    ], 'prepared', { safe: ['prepared'], permits: ['lost-write', 'diverged', 'not-linearizable', 'stale-read'] }),
    choice('persist', 'What is on disk before a node says it.', [
      ['all', 'Its view, and what it has accepted, prepared and committed.'],
      ['none', 'Nothing: a node that restarts counts as faulty, and there may be only f of those, ever.'],
    ], 'all', { safe: ['all'], permits: ['lost-write', 'diverged', 'epoch-regression', 'not-linearizable', 'stale-read'] }),
    choice('sessions', 'Whether nodes recognise a request that they have already executed.', [
      ['on', 'A repeated request gets its first answer again.'],
      ['off', 'A repeated request is executed again.'],
    ], 'on', { safe: ['on'], permits: ['duplicate-execution'] }),
    quantity('base', 'duration', 'How long the first node waits for a request to be executed before it suspects the primary.', '150000'),
    quantity('stagger', 'duration', 'How much longer each rank waits than the one before it.', '50000'),
  ],
  messages: [
    { word: 'request', about: 'A node passes on what a client asked of it.' },
    { word: 'pre-prepare', about: 'The primary gives a request its number in this view.' },
    { word: 'prepare', about: 'The node was told that this request has this number.' },
    { word: 'commit', about: 'The node knows that a quorum was told the same.' },
    { word: 'view-change', about: 'The node has given up on the primary; here is what it knows prepared.' },
    { word: 'new-view', about: 'The new primary shows a quorum of view-change messages, and numbers what they prove prepared.' },
    { word: 'fetch', about: 'The node asks what has been executed from a number on, and in which view the others are.' },
    { word: 'data', about: 'The request that this node has committed under a number.' },
  ],
};
