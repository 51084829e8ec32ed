/**
 * What each protocol is trusted for, and why: the weather it survives, the variants that survive it as well, and its guards,
 * each taken away by a knob and then caught. Guards name the section or figure of the paper.
 */
import type { Under } from './scenarios.ts';
import { TRUSTED_BESIDES } from './trustedBesides.ts';
import { GALE, HALVES, type Knobs, LIAR, SNAPSHOTS, STORM, TRANSFERS, TURMOIL, type Weather } from './weather.ts';

export interface Trusted {
  readonly under: Under & { readonly protocol: string };
  /** What it is besides its protocol. */
  readonly what?: string;
  /** Knobs that all of it has. */
  readonly base?: Knobs;
  /** Schedules of each weather, where the usual number takes too long. */
  readonly schedules?: number;
  readonly weathers: readonly Weather[];
  /** Knobs set otherwise that cost no safety. */
  readonly safe: readonly Knobs[];
  /** A guard, what replaces it, and one violation that this must lead to; in which weather, if not in that which it survives. */
  readonly guards: readonly (readonly [guard: string, without: Knobs, caught: string, weather?: Weather])[];
}

const TRUSTED_PROTOCOLS: readonly Trusted[] = [
  {
    under: { protocol: 'primary-backup', like: 'quorum-reads' },
    weathers: [STORM, TURMOIL, HALVES],
    safe: [
      { 'catch-up': 'up-to-date-vote' }, { succession: 'view-mod-n' }, { 'read-path': 'log' }, { order: 'unordered' }, { dup: 'on' }, { retry: 'none' },
      { 'reply-at': 'first-commit-ack' }, { jitter: '40000' }, { stagger: '0' },
      { 'commit-prop': 'piggyback' }, { 'commit-prop': 'piggyback', 'commit-timeout': 'never', batch: '4', 'batch-linger': '200000' },
    ],
    guards: [
      ['votes of a majority', { votes: 'reachable' }, 'diverged'],
      ['a majority, not half', { votes: 'f-plus-1' }, 'epoch-collision'],
      ['commits by a majority', { 'commit-quorum': 'reachable' }, 'lost-write'],
      ['sizes that meet', { votes: '3', 'commit-quorum': '1' }, 'lost-write'],
      ['elections that meet', { votes: '2', 'commit-quorum': '4' }, 'epoch-collision'],
      ['asking anyone at all', { succession: 'sorted-live' }, 'lost-write'],
      ['learning from the voters', { 'catch-up': 'none' }, 'lost-write'],
      ['epochs on messages', { ratchet: 'none' }, 'stale-epoch'],
      ['the ratchet on epochs, not on slots', { ratchet: 'naive-tuple' }, 'diverged'],
      ['confirming a read', { 'read-path': 'leader-local' }, 'stale-read'],
      ['reading at the leader', { 'read-path': 'any-local' }, 'not-linearizable'],
      ['the promise on disk', { persist: 'log' }, 'epoch-regression'],
      ['anything on disk', { persist: 'none' }, 'lost-write'],
      ['sessions', { sessions: 'off' }, 'duplicate-execution'],
      ['not guessing', { 'in-doubt': 'abort' }, 'diverged'],
    ],
  },
  {
    under: { protocol: 'viewstamped-replication' },
    weathers: [STORM, TURMOIL],
    safe: [{ persistence: 'none', 'crash-vector': 'on' }, { persistence: 'view-floor' }, { 'start-view-change-guard': 'off' }],
    guards: [
      ['its own view alone (§4.2)', { 'view-guard': 'off' }, 'lost-write'],
      ['no late StartView (§4.2)', { 'start-view-guard': 'off' }, 'epoch-regression'],
      ['v′ before length (§4.2)', { 'log-choice': 'longest' }, 'lost-write'],
      ['quorums that meet (§4)', { 'view-change-quorum': '2', 'commit-quorum': '2' }, 'lost-write'],
      ['the client table (§4.1)', { 'client-table': 'off' }, 'duplicate-execution'],
      ['anything on disk', { persistence: 'none' }, 'epoch-regression'],
      ['reads through the log', { 'read-path': 'primary-local' }, 'stale-read'],
    ],
  },
  {
    under: { protocol: 'paxos' },
    weathers: [STORM, TURMOIL],
    safe: [{ backoff: 'off' }, { q1: '3', q2: '3' }],
    guards: [
      ['the value of the highest ballot (§2.2)', { 'adopt-highest': 'off' }, 'lost-write'],
      ['keeping promises (§2.2)', { ratchet: 'off' }, 'diverged'],
      ['ballots of one’s own (§2.2)', { 'unique-ballots': 'off' }, 'diverged'],
      ['the promise on disk (§2.4)', { persist: 'acceptance' }, 'epoch-regression'],
      ['the acceptance on disk (§2.4)', { persist: 'promise' }, 'lost-write'],
      ['anything on disk (§2.4)', { persist: 'none' }, 'diverged'],
      ['quorums that meet', { q1: '2', q2: '2' }, 'lost-write'],
    ],
  },
  {
    under: { protocol: 'multi-paxos' },
    weathers: [STORM, TURMOIL],
    safe: [{ window: '1' }, { backoff: 'off' }, { stagger: '0' }, { q1: '3', q2: '3' }, { 'commit-prop': 'piggyback' }],
    guards: [
      ['the values of the highest ballots (§3)', { 'adopt-highest': 'off' }, 'lost-write'],
      ['keeping promises (§2.2)', { ratchet: 'off' }, 'stale-epoch'],
      ['keeping promises (§2.2)', { ratchet: 'off' }, 'split-brain'],
      ['the promise on disk (§2.4)', { persist: 'acceptance' }, 'epoch-regression'],
      ['the acceptance on disk (§2.4)', { persist: 'promise' }, 'lost-write'],
      ['anything on disk (§2.4)', { persist: 'none' }, 'epoch-regression'],
      ['the leader’s own ballot in what is chosen (§3)', { 'chosen-guard': 'off' }, 'diverged'],
      ['quorums that meet', { q1: '2', q2: '2' }, 'lost-write'],
      ['reading from the log', { 'read-path': 'leader-local' }, 'stale-read'],
      ['sessions', { sessions: 'off' }, 'duplicate-execution'],
    ],
  },
  {
    under: { protocol: 'zab' },
    weathers: [STORM, TURMOIL],
    safe: [{ jitter: '40000' }, { stagger: '0' }],
    guards: [
      ['truncation (phase 2)', { truncate: 'off' }, 'diverged'],
      ['proposals to late joiners (phase 3)', { 'late-joiner': 'from-ack-ld' }, 'commit-regression'],
      ['accepting newer epochs only (phase 1)', { 'accepted-epoch': 'any' }, 'epoch-regression'],
      ['quorums that meet', { quorum: 'f-plus-1' }, 'diverged'],
      ['more than half', { quorum: '2' }, 'epoch-collision'],
      ['reads through the broadcast', { 'read-path': 'any-local' }, 'stale-read'],
      ['recognising repeated requests', { sessions: 'off' }, 'duplicate-execution'],
      ['epochs on stable storage', { persist: 'history' }, 'epoch-regression'],
      ['stable storage', { persist: 'none' }, 'epoch-regression'],
    ],
  },
  {
    under: { protocol: 'raft' },
    weathers: [STORM, TURMOIL, SNAPSHOTS, TRANSFERS],
    safe: [
      { 'read-path': 'log' }, { 'pre-vote': 'on' }, { 'check-quorum': 'on' }, { 'pre-vote': 'on', 'check-quorum': 'on', jitter: '40000' }, { stagger: '0' },
      { 'commit-quorum': 'f-plus-1' }, { 'snapshot-every': '5', 'check-quorum': 'on', 'pre-vote': 'on' },
    ],
    guards: [
      ['the first entry of the term (§8)', { 'read-noop': 'off' }, 'stale-read'],
      ['asking a majority before reading (§8)', { 'read-path': 'leader-local' }, 'stale-read'],
      ['one vote a term (§5.2)', { 'one-vote': 'off' }, 'epoch-collision'],
      ['votes and copies that meet', { votes: '3', 'commit-quorum': '1' }, 'lost-write'],
      ['elections that meet', { votes: '2', 'commit-quorum': '4' }, 'epoch-collision'],
      ['the election restriction (§5.4.1)', { 'election-restriction': 'off' }, 'lost-write'],
      ['the consistency check (§5.3)', { 'consistency-check': 'off' }, 'diverged'],
      ['the bound of the commit index (Figure 2)', { 'commit-bound': 'own-log' }, 'diverged'],
      ['refusing older terms (§5.1)', { 'stale-terms': 'obey' }, 'stale-epoch'],
      ['recognising repeated commands (§8)', { sessions: 'off' }, 'duplicate-execution'],
      ['term and vote on stable storage (Figure 2)', { persist: 'log' }, 'epoch-regression'],
      ['the log on stable storage (Figure 2)', { persist: 'none' }, 'lost-write'],
      ['stable storage before the answer (Figure 2)', { fsync: 'late' }, 'epoch-regression'],
      ['the clients in a snapshot (§8)', { 'snapshot-sessions': 'off' }, 'duplicate-execution'],
      ['keeping what is newer than a snapshot (§7)', { 'snapshot-install': 'always' }, 'lost-write'],
      ['an election after a transfer (thesis 3.10)', { transfer: 'appointment' }, 'epoch-collision'],
    ],
  },
  {
    under: { protocol: 'epaxos' },
    weathers: [STORM, TURMOIL, GALE],
    safe: [{ 'fast-path': 'off' }, { 'reply-at': 'commit' }, { stagger: '0' }],
    guards: [
      ['the ballot of the vote (Sutra 2020)', { ballots: 'one' }, 'diverged'],
      ['interference (§4.3)', { 'conflict-detect': 'off' }, 'diverged'],
      ['equal answers (Figure 2)', { 'fast-path': 'any-replies' }, 'diverged'],
      ['2F replicas on the fast path (Figure 2)', { 'fast-quorum': 'majority' }, 'diverged'],
      ['keeping what may be committed (Figure 3)', { recovery: 'restart' }, 'diverged'],
      ['executing in the order of dependencies (§4.3.2)', { execution: 'arrival' }, 'not-linearizable'],
      ['anything on disk', { persist: 'none' }, 'lost-write'],
      ['promises on disk', { persist: 'none' }, 'epoch-regression'],
      ['sessions', { sessions: 'off' }, 'duplicate-execution'],
    ],
  },
  {
    under: { protocol: 'abd' },
    weathers: [STORM, TURMOIL],
    safe: [],
    guards: [
      ['asking before a write', { 'write-query': 'off' }, 'not-linearizable'],
      ['a majority', { quorum: 'half' }, 'not-linearizable'],
      ['rounds that meet', { 'read-quorum': '1', 'write-quorum': '3' }, 'not-linearizable'],
      ['the disk', { persist: 'none' }, 'not-linearizable'],
      ['refusing what a register cannot do', { updates: 'read-then-write' }, 'not-linearizable'],
    ],
  },
  {
    under: { protocol: 'pbft' },
    weathers: [STORM, TURMOIL, LIAR],
    safe: [],
    guards: [
      ['quorums that share more than f (§4.1)', { quorum: 'f-plus-1' }, 'diverged'],
      ['what was prepared in older views (§4.4)', { 'carry-over': 'nothing' }, 'lost-write'],
      ['the signatures of clients (§2)', { 'request-signatures': 'off' }, 'not-linearizable'],
      ['the disk', { persist: 'none' }, 'epoch-regression'],
      ['sessions', { sessions: 'off' }, 'duplicate-execution'],
    ],
  },
];

export const TRUSTED: readonly Trusted[] = [...TRUSTED_PROTOCOLS, ...TRUSTED_BESIDES];
