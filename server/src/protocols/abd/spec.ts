/** What a document may say after `protocol abd`. */
import type { ProtocolSpec } from '../../model/catalogue.ts';
import { choice, quorumSize } from '../knobs.ts';
import { apart } from '../quorums.ts';

const ONE_BY_ONE = [['as-quorum', 'What `quorum` says.'], ['majority', 'More than half of all nodes.']] as const;

export const ABD: ProtocolSpec = {
  name: 'abd',
  about: 'A register that every node stores and any node serves, without a leader (Attiya, Bar-Noy and Dolev 1995).',
  available: true, singleKeys: true, apart: apart(['read-quorum', 'write-quorum']), defaultPreset: '', presets: [], synonyms: [],
  knobs: [
    choice('write-back', 'Whether a read stores what it found before it answers.', [
      ['on', 'It does: whoever reads later finds at least this.'],
      ['off', 'It answers at once: a later read may miss the newer value and return the older one.'],
    ], 'on', { safe: ['on'], permits: ['not-linearizable', 'stale-read'] }),
    choice('write-query', 'Whether a write asks for the newest tag before it chooses its own.', [
      ['on', 'It asks a quorum: many nodes may write.'],
      ['off', 'It counts on from its own copy, as the paper’s single writer does: with several writers a newer write can lose to an older one.'],
    ], 'on', { safe: ['on'], permits: ['not-linearizable', 'stale-read', 'diverged'] }),
    quorumSize('quorum', 'How many nodes an operation waits for in each of its rounds, itself included; `read-quorum` and `write-quorum` set them one by one.', [
      ['majority', 'More than half of all nodes: any two quorums share one.'],
      ['half', 'Half of the nodes, rounded down and at least one: two operations may meet nowhere.'],
    ]),
    quorumSize('read-quorum', 'How many nodes tell their tags (the first round). With `write-quorum` it must exceed the number of nodes.', ONE_BY_ONE, { safe: ['majority', 'as-quorum'] }),
    quorumSize('write-quorum', 'How many nodes keep a register (the second round). With `read-quorum` it must exceed the number of nodes.', ONE_BY_ONE, { safe: ['majority', 'as-quorum'] }),
    choice('persist', 'What is on disk before a node answers.', [
      ['none', 'Nothing: a restart forgets what the node had promised to keep.'],
      ['all', 'Every register that it stores, and whose write each request is.'],
    ], 'all', { safe: ['all'], permits: ['not-linearizable', 'stale-read', 'diverged', 'lost-write'] }),
    choice('sessions', 'Whether nodes recognise a write that another node has begun for the same request.', [
      ['on', 'A write has one tag, however often its client asks.'],
      ['off', 'Asked again, it is written again under a newer tag, over whatever came between.'],
    ], 'on', { safe: ['on'], permits: ['not-linearizable', 'stale-read'] }),
    choice('updates', 'What becomes of add, cas and append, which a register cannot do in one step.', [
      ['refused', 'They fail: nothing happened.'],
      ['read-then-write', 'The node reads, works out the new value, and writes it: two at once lose one.'],
    ], 'refused', { safe: ['refused'], permits: ['not-linearizable'] }),
  ],
  messages: [
    { word: 'query', about: 'Which tag, and which value, do you hold for this key?' },
    { word: 'tags', about: 'The tag and the value that the node holds.' },
    { word: 'store', about: 'Keep this value under this tag, unless you hold a newer one.' },
    { word: 'stored', about: 'The node holds that tag, or a newer one.' },
  ],
};
