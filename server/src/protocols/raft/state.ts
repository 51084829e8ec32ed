/** What a Raft server says, knows, and keeps on stable storage (Ongaro and Ousterhout 2014, Figure 2). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import type { Result, Values } from '../keyValue.ts';
import { adopting, readConfigurations, type Configuration, type LoggedConfiguration } from './configuration.ts';
import type { LeaseChoice, LeaseState } from '../leases.ts';

/** One entry of the log: a command for the state machine and the term in which the leader received it. */
export interface Entry {
  readonly term: number;
  /** undefined: the no-op with which a leader begins its term. */
  readonly action: ActionModel | undefined;
  /** Who the servers are from this entry on; its action is what asked for it, where that is done with it. */
  readonly configuration?: Configuration;
  readonly content: string;
  readonly op: number;
  readonly session: number;
  readonly sequence: number;
}

/** By index, from 1. */
export type Log = PersistentMap<number, Entry>;

type Typed<T extends string, Fields> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Fields }[T];

/** What has become of the entries up to `lastIndex` (§7). Of no entries: `NO_SNAPSHOT`. */
export interface Snapshot {
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly values: Values;
  /** The client table (§8). */
  readonly results: PersistentMap<number, Result>;
  /** Who the servers are (§7: "the latest configuration in the log as of last included index"); undefined: as at the start. */
  readonly configuration: LoggedConfiguration | undefined;
  /**
   * The entries that it stands for. No rule reads them: a server that takes over a snapshot tells those who watch, checkers and
   * timelines, what it has taken over.
   */
  readonly covered: Log;
}

export const NO_SNAPSHOT: Snapshot = {
  lastIndex: 0, lastTerm: 0, values: PersistentMap.empty(), results: PersistentMap.empty(), configuration: undefined, covered: PersistentMap.empty(),
};

/** `epoch` of every message is its sender's currentTerm. */
export type RaftMessage =
  /** The two RPCs of Figure 2, and their results. */
  | Typed<'request-vote', {
    readonly lastLogIndex: number; readonly lastLogTerm: number;
    /** The leader has asked for this election (thesis 4.2.3). */
    readonly wished: boolean;
  }>
  | Typed<'vote', { readonly granted: boolean }>
  | Typed<'append-entries', {
    readonly prevLogIndex: number; readonly prevLogTerm: number; readonly entries: readonly Entry[]; readonly leaderCommit: number;
    /** Numbers the leader's rounds of heartbeats, so that an answer tells which of them it answers (thesis 6.4). */
    readonly round: number;
  }>
  | Typed<'append-reply', {
    readonly success: boolean;
    /** success: the follower's log agrees with the leader's up to here. */
    readonly matchIndex: number;
    /** No success: where the leader should try next (§5.3, the optimization). */
    readonly conflictIndex: number;
    readonly round: number;
  }>
  /** Figure 13. It is small enough to go in one message. */
  | Typed<'install-snapshot', { readonly snapshot: Snapshot; readonly round: number }>
  /** "Stand for election now" (thesis 3.10). */
  | Typed<'timeout-now', object>
  /** "Would you vote for me in this term?" (thesis 9.6). */
  | Typed<'pre-vote', { readonly nextTerm: number; readonly lastLogIndex: number; readonly lastLogTerm: number }>
  | Typed<'pre-vote-reply', { readonly nextTerm: number; readonly granted: boolean }>;

/** The message of one type. */
export type Of<T extends RaftMessage['type']> = Extract<RaftMessage, { readonly type: T }>;

export type RaftContext = Context<RaftMessage>;

/** Persistent state on all servers: on stable storage before any answer that depends on it. */
export interface Disk {
  readonly currentTerm: number;
  /** The candidate that received this server's vote in the current term. */
  readonly votedFor: ProcessId | undefined;
  /** From the snapshot's last entry on, that one included; from 1 where there is none. */
  readonly log: Log;
  readonly snapshot: Snapshot;
}

/** A read that waits for its leader to be confirmed (thesis 6.4). */
export interface PendingRead {
  readonly request: Request;
  /** It is answered when this index is applied… */
  readonly readIndex: number;
  /** …and a quorum has answered a heartbeat of this round or a later one. */
  readonly round: number;
}

/** A change of membership that the leader has been asked for. */
export interface Change {
  readonly request: Request;
  /** The round of catching up of the new servers: its number, the index they need, and when it began. */
  readonly rounds: number;
  readonly goal: number;
  readonly sinceUs: number;
}

export interface RaftState extends NodeState {
  disk: Disk;
  role: 'leader' | 'follower' | 'candidate' | 'pre-candidate';
  /** The leader of the current term, as far as this server has heard. */
  leader: ProcessId | undefined;
  // Volatile state on all servers.
  commitIndex: number;
  lastApplied: number;
  values: Values;
  /** Those of the log, and before them what it began with. */
  configurations: readonly LoggedConfiguration[];
  /** What each request's client heard, by `requestKey` (§8). */
  results: PersistentMap<number, Result>;
  /** When it last heard a leader of its term, its own clock, µs; -Infinity for never. */
  heardLeaderUs: number;
  // Candidates: who granted the vote, or the pre-vote.
  votes: readonly ProcessId[];
  // Leaders, reinitialized after election. By follower.
  nextIndex: PersistentMap<ProcessId, number>;
  matchIndex: PersistentMap<ProcessId, number>;
  /** Up to where entries have been sent at least once. */
  sentIndex: PersistentMap<ProcessId, number>;
  /** The requests to answer when an index is applied. */
  waiting: PersistentMap<number, readonly Request[]>;
  /** The index of the first entry that it appended in its term. */
  firstOfTerm: number;
  round: number;
  /** The newest round that each follower has answered. */
  answered: PersistentMap<ProcessId, number>;
  reads: PersistentMap<number, PendingRead>;
  /** Whom it hands its leadership over to: until that is done, it takes no commands. */
  transferee: ProcessId | undefined;
  lease: LeaseState;
  /** In this term it has been asked to hand its leadership over. */
  handedOver: boolean;
  /** Check-quorum: who has answered since it last counted. */
  heardFrom: PersistentMap<ProcessId, true>;
  /** Changes of membership that it was asked for and has not begun, or not ended; and the servers that the first one adds. */
  changes: readonly Change[];
  learners: readonly ProcessId[];
}

/** The scenario's choices, read once. Durations µs. */
export interface Config {
  readonly names: readonly string[];
  readonly membersAtStart: readonly ProcessId[];
  /** How many of so many servers elect a leader, how many commit an entry. */
  readonly votes: (members: number) => number;
  readonly commitQuorum: (members: number) => number;
  /** Whether `votes` is a number. */
  readonly votesCounted: boolean;
  readonly membership: 'single' | 'joint' | 'at-once';
  readonly confchangeGuard: boolean;
  readonly useConfiguration: 'appended' | 'committed';
  readonly learners: 'first' | 'off' | 'counted';
  readonly oneVote: boolean;
  readonly electionRestriction: boolean;
  readonly consistencyCheck: boolean;
  readonly truncateAlways: boolean;
  readonly commitBound: 'last-new-entry' | 'own-log';
  readonly commitOldTerms: boolean;
  readonly obeyStaleTerms: boolean;
  readonly readNoOp: boolean;
  readonly readPath: 'log' | 'read-index' | 'leader-local' | 'lease';
  /** With `read-path lease` only. */
  readonly lease: LeaseChoice | undefined;
  readonly sessions: boolean;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** After how many applied entries a server takes a snapshot; undefined: never. */
  readonly snapshotEvery: number | undefined;
  readonly snapshotSessions: boolean;
  /** A snapshot is installed whatever is committed already. */
  readonly snapshotAlways: boolean;
  /** Who is told to take over leads at once, without an election. */
  readonly transferAppoints: boolean;
  readonly persist: 'all' | 'log' | 'none';
  readonly fsyncLate: boolean;
  /** Election timeout by server, without the jitter. */
  readonly timeoutUs: readonly number[];
  /** The shortest of them: for so long after hearing a leader nobody may take its place (thesis 4.2.3, 9.6). */
  readonly baselineUs: number;
  readonly jitterUs: number;
}

export const HEARTBEAT_US = 50_000;

/** One handler at work: the choices, the world as the server sees it, and the server's state. */
export interface Step {
  readonly config: Config;
  readonly context: RaftContext;
  readonly state: RaftState;
  /** fsync late: the entries that this handler has still to put on disk. */
  readonly late: number[];
  /** The term or the vote has changed in this handler and is not on its way to the disk. */
  unsaved: boolean;
}

export const lastIndex = (log: Log): number => log.max() ?? 0;
/** The term of the entry at an index; 0 where there is none. */
export const termAt = (log: Log, index: number): number => log.get(index)?.term ?? 0;
export const lastTerm = (log: Log): number => termAt(log, lastIndex(log));

/** What a message shows to the outside: about the entry at `index`, or (-1) about none. */
export function about(step: Step, index = -1, entry?: Entry, content = ''): Omit<Message, 'type'> {
  return { epoch: step.state.disk.currentTerm, slot: index, op: entry?.op ?? -1, content: entry?.content ?? content };
}

// --- Stable storage -------------------------------------------------------------------------------------------------

/** Appends one entry, obeying a message of `term` (or leading it). */
export function append(step: Step, index: number, entry: Entry, term: number): void {
  const { context, state } = step;
  adopting(step, () => {
    state.disk = { ...state.disk, log: state.disk.log.set(index, entry) };
    if (entry.configuration !== undefined) readConfigurations(step, index);
  });
  context.emit('accept', { epoch: term, slot: index, op: entry.op, text: entry.content });
  store(step, index);
}

/** Puts an entry that this server now has on disk: at once, or (fsync late) at the end of this handler. */
export function store(step: Step, index: number): void {
  if (step.config.fsyncLate) step.late.push(index);
  else persistEntry(step, index);
}

function persistEntry(step: Step, index: number): void {
  const { context, config, state } = step;
  const entry = state.disk.log.get(index) ?? state.disk.snapshot.covered.get(index);
  if (config.persist === 'none' || entry === undefined) return;
  context.persist(state.disk.currentTerm, index, entry.op, entry.content);
  step.unsaved = false;
}

/**
 * Everything that the server knows is on disk before it says anything that rests on it (Figure 2: "updated on stable storage
 * before responding to RPCs"), also where an earlier handler began to write it and the disk is slow.
 */
export function save(step: Step): void {
  const { context, config, state } = step;
  if (config.persist !== 'all' || (!step.unsaved && context.durable)) return;
  step.unsaved = false;
  context.persist(state.disk.currentTerm, -1, -1, '');
}

/** Answers a message. With `fsync late` it answers first. */
export function answer(step: Step, to: ProcessId, message: RaftMessage): void {
  if (!step.config.fsyncLate) save(step);
  step.context.send(to, message);
}

/** At the end of each handler: whatever is not on its way to the disk yet. */
export function finish(step: Step): void {
  for (const index of step.late) persistEntry(step, index);
  if (step.unsaved) save(step);
}
