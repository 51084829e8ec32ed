/** What a Zab process says, knows, and keeps on stable storage (Junqueira, Reed and Serafini 2011, section V). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import type { SessionCall } from '../../model/sessions.ts';
import type { Result, Values } from '../keyValue.ts';
import type { Flush } from './sessions.ts';
import type { Watches } from './watches.ts';
import type { Change, Tree } from './znodes.ts';

/** A transaction. Its identifier, zxid = (epoch, counter), is the epoch of the leader that proposed it and its place in the history. */
export interface Transaction {
  readonly epoch: number;
  readonly action: ActionModel;
  readonly content: string;
  readonly op: number;
  /** Of a request about keys: the client and its number. Of a call about znodes: the session, negated, and its number (-1: the
   *  leader closes it); of the opening of a session 0, and the client. */
  readonly session: number;
  readonly sequence: number;
}

/** By counter, from 1, without holes. */
export type History = PersistentMap<number, Transaction>;

/** What a process knows of its place when it stands for election: the higher one is to lead. */
export interface Vote {
  readonly leader: ProcessId;
  readonly currentEpoch: number;
  readonly lastEpoch: number;
  readonly lastCounter: number;
}

export type Role = 'looking' | 'following' | 'leading';
/** Phases 0 to 3 of the paper. */
export type Phase = 'election' | 'discovery' | 'synchronisation' | 'broadcast';

type Typed<T extends string, Fields = unknown> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Fields }[T];

/** `epoch` is e′, the epoch of the leader that sends or is answered; in `cepoch` the epoch accepted, in `notification` -1. */
export type ZabMessage =
  /** Phase 0: the vote of its sender in this round of election, or whom it leads or follows. */
  | Typed<'notification', { readonly role: Role; readonly round: number; readonly vote: Vote }>
  /** Phase 1. */
  | Typed<'cepoch' | 'newepoch'>
  /** `fresh`: the epoch is newer than what the follower had accepted, and so this is its one answer in it. */
  | Typed<'ack-e', { readonly currentEpoch: number; readonly history: History; readonly fresh: boolean }>
  /** Phase 2. `slot` of ack-ld: how far the history goes that it acknowledges; of commit-ld: what is committed. */
  | Typed<'newleader', { readonly history: History }>
  | Typed<'ack-ld' | 'commit-ld'>
  /** Phase 3. An ack, like a commit, speaks for all transactions up to its own. */
  | Typed<'propose', { readonly transaction: Transaction }>
  | Typed<'ack' | 'commit'>
  /** `last`: how far the leader’s history goes; `slot`: how far it is committed. */
  | Typed<'ping', { readonly last: number }>
  /** `slot`: how far the follower’s history goes, of the `last` in the ping. */
  | Typed<'pong', { readonly last: number }>
  /** Sessions, from here on. `seen`: the last zxid that the client has seen, or how far the server is that answers. */
  | Typed<'connect', { readonly session: number; readonly seen: number; readonly watches: readonly string[]; readonly name: string }>
  | Typed<'touch', { readonly session: number }>
  | Typed<SessionCall['kind'], { readonly session: number; readonly xid: number; readonly call: SessionCall }>
  | Typed<'event', Change & { readonly seen: number }>
  | Typed<'connected' | 'expired', { readonly seen: number; readonly session: number }>
  | Typed<'refused' | 'touched', { readonly seen: number }>
  /** `made`: the zxid that made the znode (czxid), -1 where there is none. */
  | Typed<'ok' | 'failed', { readonly seen: number; readonly xid: number; readonly value: string; readonly made: number }>
  /** Between servers: a change for the leader; a sync, and how far the leader's history went when it heard of it (`slot`). */
  | Typed<'forward', { readonly transaction: Omit<Transaction, 'epoch'> }>
  | Typed<'flush' | 'flushed', { readonly session: number; readonly xid: number }>;

/** A client's call. */
export type CallMessage = Of<SessionCall['kind']>;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What a server tells a client, without what it says in every message. */
export type ToClient = Without<Of<'connected' | 'refused' | 'expired' | 'touched' | 'ok' | 'failed'>, 'epoch' | 'slot' | 'op' | 'content' | 'seen'>;

/** The message of one type. */
export type Of<T extends ZabMessage['type']> = Extract<ZabMessage, { readonly type: T }>;

export type ZabContext = Context<ZabMessage>;

/** The variables that survive a crash (section V, "persistent state"). */
export interface Disk {
  /** f.p: the last epoch whose NEWEPOCH it accepted. */
  readonly acceptedEpoch: number;
  /** f.a: the last epoch whose NEWLEADER it accepted. */
  readonly currentEpoch: number;
  readonly history: History;
}

export interface ZabState extends NodeState {
  disk: Disk;
  role: Role;
  phase: Phase;
  /** Whom it follows (or itself); undefined while it is looking. */
  leader: ProcessId | undefined;
  /** e′ of its leader; 0 while that is not chosen. */
  epoch: number;
  // Phase 0.
  round: number;
  vote: Vote;
  votes: PersistentMap<ProcessId, Vote>;
  // The state machine. Counters up to which transactions are committed, and delivered.
  committed: number;
  applied: number;
  values: Values;
  /** What each request's client heard, by `requestKey`. */
  results: PersistentMap<number, Result>;
  tree: Tree;
  // Clients at this server: whose sessions are here, who waits for a new one, who watches, and who waits for a sync.
  connections: PersistentMap<number, ProcessId>;
  opening: PersistentMap<ProcessId, true>;
  watches: Watches;
  flushes: readonly Flush[];
  // Leaders only. The epochs its followers had accepted; their answers to NEWEPOCH, its own included.
  cepochs: PersistentMap<ProcessId, number>;
  ackEs: PersistentMap<ProcessId, { readonly currentEpoch: number; readonly history: History }>;
  /** Who is sent proposals. */
  proposedTo: PersistentMap<ProcessId, true>;
  /** Who has acknowledged its NEWLEADER, itself included. */
  ackLds: PersistentMap<ProcessId, true>;
  /** How far each follower has acknowledged. */
  acked: PersistentMap<ProcessId, number>;
  /** The requests to answer when a transaction is delivered. */
  waiting: PersistentMap<number, readonly Request[]>;
  /** Who has been heard since it last counted. */
  heard: PersistentMap<ProcessId, true>;
}

/** The scenario's choices, read once. Durations µs. */
export interface Config {
  readonly nodeCount: number;
  readonly quorum: number;
  /** Quorums whose sizes are numbers. */
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly epochFirst: boolean;
  readonly ackBeforeHistory: boolean;
  readonly truncate: boolean;
  /** Proposals go to a follower only from its ACK-LD on, and followers trust that none is missing. */
  readonly lateJoinersMiss: boolean;
  readonly acceptAnyEpoch: boolean;
  readonly adopt: 'epoch-then-zxid' | 'zxid';
  readonly readPath: 'log' | 'leader-local' | 'any-local';
  readonly sessions: boolean;
  readonly persist: 'all' | 'history' | 'none';
  /** The failure timer, by process, without the jitter. */
  readonly timeoutUs: readonly number[];
  readonly jitterUs: number;
  readonly sessionTimeoutUs: number;
  /** A server takes a client that has seen more than it has itself. */
  readonly reconnectAnywhere: boolean;
  readonly syncByQuorum: boolean;
}

export const HEARTBEAT_US = 50_000;
/** How long a vote that has a quorum waits for a better one (ZooKeeper: 200 ms). */
export const DECIDE_US = 30_000;
/** A process that is looking says so again after this; one that has decided asks its leader again. */
export const RESEND_US = 100_000, JOIN_US = 50_000;

/** One handler at work: the choices, the world as the process sees it, and its state. */
export interface Step {
  readonly config: Config;
  readonly context: ZabContext;
  readonly state: ZabState;
}

export const lastCounter = (history: History): number => history.max() ?? 0;
export const epochAt = (history: History, counter: number): number => history.get(counter)?.epoch ?? 0;
export const lastEpoch = (history: History): number => epochAt(history, lastCounter(history));

/** What a message shows to the outside: about the transaction at `slot`, or (-1) about none. */
export function about(step: Step, slot = -1, transaction?: Transaction): Omit<Message, 'type'> {
  return { epoch: step.state.epoch, slot, op: transaction?.op ?? -1, content: transaction?.content ?? '' };
}

// --- Stable storage -------------------------------------------------------------------------------------------------

export function persistEpochs(step: Step): void {
  if (step.config.persist === 'all') step.context.persist(step.state.disk.acceptedEpoch, -1, -1, '');
}

/** Appends one transaction on behalf of the leader of `epoch`, and puts it on disk. */
export function append(step: Step, counter: number, transaction: Transaction): void {
  const { config, context, state } = step;
  state.disk = { ...state.disk, history: state.disk.history.set(counter, transaction) };
  context.emit('accept', { epoch: state.epoch, slot: counter, op: transaction.op, text: transaction.content });
  if (config.persist !== 'none') context.persist(state.epoch, counter, transaction.op, transaction.content);
}

/** Sends when everything that the process knows is on disk, also where an earlier handler began to write it and the disk is slow. */
export function say(step: Step, to: ProcessId, message: ZabMessage): void {
  if (!step.context.durable) persistEpochs(step);
  step.context.send(to, message);
}

export function others(step: Step): readonly ProcessId[] {
  return Array.from({ length: step.config.nodeCount }, (_, node) => node).filter((node) => node !== step.context.self);
}
