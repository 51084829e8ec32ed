/** The knobs of Raft and its words: what a document may say after `protocol raft`. */
import type { KnobSpec, MessageSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, count, quantity, quorumSize } from '../knobs.ts';
import { LEASE_KNOBS } from '../leases.ts';
import { apart } from '../quorums.ts';
import { RAFT_RELATIONS } from './leases.ts';

const LOST: readonly string[] = ['lost-write', 'diverged', 'not-linearizable', 'stale-read', 'split-brain'];

const KNOBS: readonly KnobSpec[] = [
  choice('commit-old-terms', 'Whether a leader commits an entry of an older term by counting its copies (§5.4.2).', [
    ['off', 'Only entries of its own term are counted; older ones are committed with them.'],
    ['on', 'Any entry on a majority counts as committed: the mistake that Figure 8 shows.'],
  ], 'off', { safe: ['off'], permits: LOST }),
  choice('read-noop', 'Whether a leader begins its term with a no-op and lets no read pass before it is committed (§8).', [
    ['on', 'It does: from then on it knows what is committed.'],
    ['off', 'It does neither: a new leader may answer reads from a state older than what was acknowledged.'],
  ], 'on', { safe: ['on'], permits: ['stale-read', 'not-linearizable', 'no-progress'] }),
  choice('read-path', 'How a read is answered.', [
    ['read-index', 'By the leader, once a majority has answered a heartbeat sent after the read came.'],
    ['log', 'As an entry of the log, like a write.'],
    ['leader-local', 'By whoever believes to lead, asking nobody.'],
    ['lease', 'By the leader alone while its lease runs, else as `read-index`. It needs check-quorum (thesis 6.4.1; etcd’s ReadOnlyLeaseBased).'],
  ], 'read-index', { safe: ['read-index', 'log', 'lease'], permits: ['stale-read', 'not-linearizable'] }),
  choice('pre-vote', 'Whether a server asks, before it raises its term, if it would be elected (thesis 9.6).', [
    ['off', 'It stands for election at once: one that comes back from behind a partition deposes a leader that works.'],
    ['on', 'It asks first; nobody says yes who hears a leader.'],
  ], 'off', { safe: ['on'], permits: ['no-progress'] }),
  choice('check-quorum', 'Whether a leader gives up that has not heard from a majority for an election timeout (thesis 6.2).', [
    ['off', 'It leads until it hears of a newer term.'],
    ['on', 'It gives up, and a server that hears a leader disregards candidates, as in etcd.'],
  ], 'off', { safe: ['on'], permits: ['no-progress', 'dual-leader'] }),
  quorumSize('votes', 'How many votes make a leader. A number must be more than half of all servers, and with `commit-quorum` exceed their number.', [
    ['majority', 'More than half of all servers, its own vote included.'],
    ['f-plus-1', 'f+1 of n with f = ⌊(n−1)/2⌋: no majority when n is even.'],
  ], { permits: [...LOST, 'epoch-collision', 'dual-leader'] }),
  quorumSize('commit-quorum', 'On how many servers an entry must be before it is committed. With `votes` it must exceed the number of servers.', [
    ['majority', 'More than half of all servers, the leader included.'],
    ['f-plus-1', 'f+1 of n with f = ⌊(n−1)/2⌋: half when n is even. Enough as long as leaders have the votes of a majority, which meets every half.'],
  ], { safe: ['majority', 'f-plus-1'], permits: LOST }),
  choice('one-vote', 'Whether a server votes only once in a term (§5.2).', [
    ['on', 'For the first candidate that asks.'],
    ['off', 'For every candidate that asks: a term may have two leaders.'],
  ], 'on', { safe: ['on'], permits: [...LOST, 'epoch-collision', 'dual-leader'] }),
  choice('election-restriction', 'Whether a server refuses its vote to a candidate whose log is less up-to-date than its own (§5.4.1).', [
    ['on', 'It does: a leader holds everything that is committed.'],
    ['off', 'It does not: a leader may lack what was acknowledged.'],
  ], 'on', { safe: ['on'], permits: LOST }),
  choice('consistency-check', 'Whether a follower refuses entries where its log differs just before them (§5.3).', [
    ['on', 'It does, and the leader goes further back.'],
    ['off', 'It takes them as they come: logs get holes and differ.'],
  ], 'on', { safe: ['on'], permits: LOST }),
  choice('truncate', 'When a follower deletes entries from its log (§5.3).', [
    ['on-conflict', 'Only if an entry of its leader conflicts with one of its own.'],
    ['always', 'Whatever follows the entries of a message: one that comes late deletes what was acknowledged.'],
  ], 'on-conflict', { safe: ['on-conflict'], permits: [...LOST, 'commit-regression'] }),
  choice('commit-bound', 'How far a follower commits when its leader has committed further (Figure 2, AppendEntries, 5).', [
    ['last-new-entry', 'Up to the last entry that the message shows to be the leader’s.'],
    ['own-log', 'Up to the end of its own log, whoever put those entries there.'],
  ], 'last-new-entry', { safe: ['last-new-entry'], permits: LOST }),
  choice('stale-terms', 'What a follower does with the entries of a leader of an older term (§5.1).', [
    ['refuse', 'It refuses them, and the old leader learns of the new term.'],
    ['obey', 'It takes them.'],
  ], 'refuse', { safe: ['refuse'], permits: [...LOST, 'stale-epoch'] }),
  choice('sessions', 'Whether servers recognise a command that they have already executed (§8).', [
    ['on', 'A repeated command gets its first answer again.'],
    ['off', 'A repeated command is executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution', 'not-linearizable'] }),
  {
    ...count('snapshot-every', 'After how many applied entries a server takes a snapshot and forgets them (§7).', 'never'),
    values: [{ value: 'never', about: 'Logs only grow.', available: true }],
  },
  choice('snapshot-sessions', 'Whether a snapshot holds what clients were told (§7, §8).', [
    ['on', 'It does: who starts from it recognises a repeated command.'],
    ['off', 'It holds the keys alone: a command from before it may be executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution', 'diverged', 'not-linearizable'] }),
  choice('snapshot-install', 'When a follower takes over a snapshot (§7).', [
    ['newer', 'If it goes further than what is committed there; entries that follow it are kept.'],
    ['always', 'Whatever it has: a snapshot that comes late takes back what was acknowledged.'],
  ], 'newer', { safe: ['newer'], permits: [...LOST, 'commit-regression'] }),
  choice('transfer', 'How a server takes over that its leader has chosen (thesis 3.10).', [
    ['election', 'It stands for election at once, and needs its votes.'],
    ['appointment', 'It leads the next term at once, whatever it has missed.'],
  ], 'election', { safe: ['election'], permits: [...LOST, 'epoch-collision', 'dual-leader', 'disjoint-quorums'] }),
  choice('persist', 'What is on stable storage before a server answers (Figure 2).', [
    ['all', 'The term, the vote and the log.'],
    ['log', 'The log alone: a server that restarts may vote twice in a term.'],
    ['none', 'Nothing: a restart forgets everything.'],
  ], 'all', { safe: ['all'], permits: [...LOST, 'epoch-regression', 'epoch-collision', 'under-replicated'] }),
  choice('fsync', 'Whether a server waits for its disk before it answers.', [
    ['first', 'It waits.'],
    ['late', 'It answers first: a crash may take back what it said.'],
  ], 'first', { safe: ['first'], permits: [...LOST, 'epoch-regression', 'under-replicated'] }),
  choice('membership', 'How servers are added and removed.', [
    ['single', 'One at a time: majorities before and after a step share a server (thesis 4.1).'],
    ['joint', 'Any number at once, through a configuration in which the majorities of both old and new servers decide (§6).'],
    ['at-once', 'Any number at once and without that: two majorities may share no server.'],
  ], 'single', { safe: ['single', 'joint'], permits: [...LOST, 'disjoint-quorums'] }),
  choice('confchange-guard', 'Whether a leader changes the membership only after an entry of its own term is committed (Ongaro 2015).', [
    ['on', 'Only then.'],
    ['off', 'At once: two leaders may each change a configuration that the other does not know of.'],
  ], 'on', { safe: ['on'], permits: [...LOST, 'disjoint-quorums'] }),
  choice('use-config', 'From when on a server goes by a new configuration (§6).', [
    ['appended', 'As soon as it is in its log.'],
    ['committed', 'Once it knows that it is committed: servers may be several configurations apart.'],
  ], 'appended', { safe: ['appended'], permits: [...LOST, 'disjoint-quorums', 'epoch-collision'] }),
  choice('learners', 'Whether new servers first learn the log (thesis 4.2.1).', [
    ['first', 'They do, without a vote, and are members once they have caught up.'],
    ['off', 'They are members at once: nothing may be committed until they have caught up.'],
    ['counted', 'They do, and count as members meanwhile, where nobody else knows of it.'],
  ], 'first', { safe: ['first'], permits: [...LOST, 'disjoint-quorums', 'under-replicated', 'no-progress'] }),
  quantity('base', 'duration', 'The election timeout of the first server; each further rank waits one stagger more.', '150000'),
  quantity('stagger', 'duration', 'How much longer each rank waits than the one before it.', '50000'),
  quantity('jitter', 'duration', 'A random addition to each election timeout, up to this much (§5.2).', '0'),
  // How long the others wait is check-quorum's: the shortest election timeout.
  ...LEASE_KNOBS.filter((knob) => knob.name !== 'follower-wait'),
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'request-vote', about: 'A candidate asks for a vote in its term, and says how far its log goes.' },
  { word: 'vote', about: 'The vote, granted or refused.' },
  { word: 'append-entries', about: 'The leader sends entries, or none (a heartbeat), and says what comes before them and what is committed.' },
  { word: 'append-reply', about: 'The follower’s log agrees with the leader’s up to there, or it does not.' },
  { word: 'install-snapshot', about: 'The leader sends its state in place of entries that it no longer has.' },
  { word: 'timeout-now', about: 'A leader that hands over tells another to stand for election at once.' },
  { word: 'pre-vote', about: 'A server asks whether it would get the vote in the next term.' },
  { word: 'pre-vote-reply', about: 'It would, or it would not.' },
];

export const RAFT: ProtocolSpec = {
  name: 'raft',
  about: 'Raft (Ongaro and Ousterhout 2014): a leader with the most complete log, elected by a majority, whose log the others copy.',
  available: true, apart: apart(['votes', 'commit-quorum'], ['votes', 'votes']), membership: true, defaultPreset: '', knobs: KNOBS, presets: [], relations: RAFT_RELATIONS, messages: MESSAGES, transfers: true, synonyms: [],
};
