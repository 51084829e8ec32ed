/** The knobs of Zab and its words: what a document may say after `protocol zab`. */
import type { KnobSpec, MessageSpec, ProtocolSpec } from '../../model/catalogue.ts';
import { choice, quantity, quorumSize } from '../knobs.ts';
import { apart } from '../quorums.ts';

const LOST: readonly string[] = ['lost-write', 'diverged', 'not-linearizable', 'stale-read', 'split-brain', 'commit-regression'];

const KNOBS: readonly KnobSpec[] = [
  choice('sync-order', 'In which order a follower writes down what NEWLEADER brings (ZOOKEEPER-4643).', [
    ['history-first', 'The history, then the epoch that it is now of.'],
    ['epoch-first', 'The epoch, then the history: a crash between them leaves a new epoch on an old history, which is believed.'],
  ], 'history-first', { safe: ['history-first'], permits: LOST }),
  choice('ack-ld', 'When a follower acknowledges NEWLEADER (ZOOKEEPER-4646).', [
    ['after-history', 'When the history is on disk.'],
    ['before-history', 'At once: the leader counts a copy that a crash takes back.'],
  ], 'after-history', { safe: ['after-history'], permits: [...LOST, 'under-replicated'] }),
  choice('truncate', 'Whether a follower drops what its new leader’s history does not have (ZOOKEEPER-1154, 2832).', [
    ['on', 'It does.'],
    ['off', 'It only adds what it lacks: a transaction that was never committed stays, in the place of another.'],
  ], 'on', { safe: ['on'], permits: LOST }),
  choice('late-joiner', 'From when on a follower that joins a working leader is sent proposals.', [
    ['from-ack-e', 'From the moment that the history is sent to it: nothing is missing in between.'],
    ['from-ack-ld', 'From its ACK-LD on: it never gets what was proposed in between, and does not notice.'],
  ], 'from-ack-e', { safe: ['from-ack-e'], permits: [...LOST, 'duplicate-execution'] }),
  choice('accepted-epoch', 'Which epochs a follower accepts (phase 1, step f.1.2).', [
    ['newer-only', 'Only one that is newer than all it has accepted: an epoch has one leader at most.'],
    ['any', 'The epoch of whom it follows: two leaders may lead one epoch, or an old leader goes on.'],
  ], 'newer-only', { safe: ['newer-only'], permits: [...LOST, 'epoch-collision', 'epoch-regression', 'stale-epoch', 'dual-leader'] }),
  choice('adopt', 'Which history a new leader begins with (phase 1, step l.1.2).', [
    ['epoch-then-zxid', 'That of the last epoch synchronised, and of those the longest.'],
    ['zxid', 'The one whose last transaction is newest, of whatever epoch its holder is.'],
  ], 'epoch-then-zxid', { safe: ['epoch-then-zxid'], permits: LOST }),
  // One size for all phases: synchronisation commits, so what elects must share a process with what elects next.
  quorumSize('quorum', 'How many processes elect a leader, and commit. A number must be more than half of all.', [
    ['majority', 'More than half of all.'],
    ['f-plus-1', 'f+1 of n with f = ⌊(n−1)/2⌋: no majority when n is even.'],
  ], { permits: [...LOST, 'epoch-collision', 'dual-leader', 'under-replicated'] }),
  choice('read-path', 'How a read is answered.', [
    ['log', 'As a transaction, like a write.'],
    ['leader-local', 'By whoever believes to lead, asking nobody.'],
    ['any-local', 'By whoever is asked, as in ZooKeeper: it may be old.'],
  ], 'log', { safe: ['log'], permits: ['stale-read', 'not-linearizable'] }),
  choice('sessions', 'Whether processes recognise a request that they have already executed.', [
    ['on', 'A repeated request gets its first answer again.'],
    ['off', 'A repeated request is executed again.'],
  ], 'on', { safe: ['on'], permits: ['duplicate-execution', 'not-linearizable'] }),
  choice('persist', 'What is on stable storage before a process answers.', [
    ['all', 'The epoch accepted, the current epoch and the history.'],
    ['history', 'The history alone: a restart forgets which epochs were accepted.'],
    ['none', 'Nothing: a restart forgets everything.'],
  ], 'all', { safe: ['all'], permits: [...LOST, 'epoch-regression', 'epoch-collision', 'stale-epoch', 'under-replicated'] }),
  quantity('session-timeout', 'duration', 'How long the leader waits to hear of a session before it closes it. Clients say that they live three times as often.', '300000'),
  choice('reconnect', 'Which servers take a client that has been at another one.', [
    ['not-behind', 'Only one that has all that the client has seen.'],
    ['anywhere', 'Any: what the client reads may be older than what it has read.'],
  ], 'not-behind', { safe: ['not-behind'], permits: ['stale-read'] }),
  choice('sync', 'How a server catches up when a client syncs.', [
    ['leader', 'It asks the leader that it follows, as in ZooKeeper: one that leads no more, and does not know it, answers too.'],
    ['quorum', 'By a transaction, which only a leader that leads can commit.'],
  ], 'leader', { safe: ['quorum', 'leader'], permits: ['stale-read'] }),
  quantity('base', 'duration', 'How long the first process waits for its leader (and a leader for its quorum); each further rank waits one stagger more.', '150000'),
  quantity('stagger', 'duration', 'How much longer each rank waits than the one before it.', '50000'),
  quantity('jitter', 'duration', 'A random addition to each wait, up to this much.', '0'),
];

const MESSAGES: readonly MessageSpec[] = [
  { word: 'notification', about: 'Whom its sender votes for in this round of election, or that it leads or follows already.' },
  { word: 'cepoch', about: 'A follower tells its leader the last epoch that it accepted.' },
  { word: 'newepoch', about: 'The leader proposes an epoch newer than all of those.' },
  { word: 'ack-e', about: 'The follower accepts the epoch, and sends its history and the epoch that is of.' },
  { word: 'newleader', about: 'The leader sends the history with which its epoch begins.' },
  { word: 'ack-ld', about: 'The follower’s history is the leader’s.' },
  { word: 'commit-ld', about: 'The leader leads: everything up to there is committed.' },
  { word: 'propose', about: 'The leader proposes the next transaction.' },
  { word: 'ack', about: 'The follower has it on disk.' },
  { word: 'commit', about: 'A quorum has it: deliver it.' },
  { word: 'ping', about: 'The leader is alive, and says how far it has proposed and committed.' },
  { word: 'pong', about: 'The follower is alive, and says how far its history goes.' },
  { word: 'connect', about: 'A client opens a session, or comes with the one that it has; with what it has seen.', clients: 'say' },
  { word: 'connected', about: 'The session is at this server from now on.', clients: 'hear' },
  { word: 'refused', about: 'The server is behind what the client has seen: it may try another.', clients: 'hear' },
  { word: 'expired', about: 'The session is over, and its ephemerals are gone.', clients: 'hear' },
  { word: 'touch', about: 'A session’s client is alive; followers tell their leader.', clients: 'say' },
  { word: 'touched', about: 'The server is alive.', clients: 'hear' },
  { word: 'create', about: 'A client makes a znode.', clients: 'say' },
  { word: 'set', about: 'A client gives a znode other data.', clients: 'say' },
  { word: 'remove', about: 'A client removes a znode.', clients: 'say' },
  { word: 'multi', about: 'A client changes several znodes at once: all of it happens, or none.', clients: 'say' },
  { word: 'get', about: 'A client asks for a znode’s data.', clients: 'say' },
  { word: 'list', about: 'A client asks for a znode’s children.', clients: 'say' },
  { word: 'check', about: 'A client asks whether there is a znode, and in which version.', clients: 'say' },
  { word: 'sync', about: 'A client has its server catch up with the leader.', clients: 'say' },
  { word: 'close', about: 'A client ends its session.', clients: 'say' },
  { word: 'use', about: 'A client asks a resource, with the token of its lock.', clients: 'say' },
  { word: 'event', about: 'What the client watched has changed. It is told once.', clients: 'hear' },
  { word: 'forward', about: 'A server hands a client’s change on to the leader.' },
  { word: 'flush', about: 'A server asks how far the leader’s history goes.' },
  { word: 'flushed', about: 'The leader says so, behind all that it has sent before.' },
];

export const ZAB: ProtocolSpec = {
  name: 'zab',
  about: 'ZooKeeper’s atomic broadcast (Junqueira, Reed and Serafini 2011): a primary whose history a quorum takes over before it goes on.',
  available: true, apart: apart(['quorum', 'quorum']), sessions: true, defaultPreset: '', knobs: KNOBS, presets: [], messages: MESSAGES, synonyms: [],
};
