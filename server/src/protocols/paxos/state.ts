/** What a node of `paxos` says, knows, and keeps on disk. Each register (a key) is an instance of its own. */
import type { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';

/** A value that may be chosen: one client's request to change the register. Two requests are two values, however alike. */
export interface Decree {
  readonly op: number;
  readonly session: number;
  readonly sequence: number;
  readonly action: ActionModel;
  readonly content: string;
}

/** The highest-numbered proposal that an acceptor has accepted: vBal and vVal. */
export interface Accepted {
  readonly ballot: number;
  readonly decree: Decree;
}

/** One acceptor's part in one instance. `promised`: maxBal, 0 for none. */
export interface Acceptor {
  readonly promised: number;
  readonly accepted: Accepted | undefined;
}

type Typed<T extends string, Fields = unknown> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Fields }[T];

/** `epoch` is the ballot, `slot` the register. */
export type PaxosMessage =
  | Typed<'prepare' | 'accepted'>
  | Typed<'promise', { readonly accepted: Accepted | undefined }>
  | Typed<'accept', { readonly decree: Decree }>
  /** Of no epoch, since it binds nobody. `ballot` is refused, `promised` stands in its way. */
  | Typed<'nack', { readonly ballot: number; readonly promised: number }>
  /** `epoch` is the ballot that chose it, or a later one that had to propose it again. */
  | Typed<'chosen', { readonly decree: Decree }>;

/** The message of one type. */
export type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { readonly type: T }>;

export type PaxosContext = Context<PaxosMessage>;

/** What survives a crash, as far as the knob `persist` lets it. Both by register. */
export interface Disk {
  readonly acceptors: PersistentMap<number, Acceptor>;
  /** What this node has learned. */
  readonly chosen: PersistentMap<number, Decree>;
}

/** One voter's answer in phase 1. */
export interface Promised {
  readonly from: ProcessId;
  readonly accepted: Accepted | undefined;
}

/** A ballot under way at its proposer. */
export interface Proposal {
  readonly ballot: number;
  readonly phase: 'prepare' | 'accept';
  readonly promises: readonly Promised[];
  /** Phase 2: the one value of this ballot, and who accepted it. */
  readonly decree: Decree | undefined;
  readonly accepted: readonly ProcessId[];
  /** How many ballots this proposer has given up for the register in a row. */
  readonly attempt: number;
  /** It has heard of a higher ballot, and waits before it tries again. */
  readonly preempted: boolean;
}

/** A request that waits for its register. `since`: the ballot that was under way when it came, 0 for none. */
export interface Waiting {
  readonly request: Request;
  readonly since: number;
}

export interface PaxosState extends NodeState {
  disk: Disk;
  /** By register: proposals under way here, and who waits for them in order of arrival. */
  proposals: PersistentMap<number, Proposal>;
  waiting: PersistentMap<number, readonly Waiting[]>;
  /** By register: the highest ballot heard of. */
  heard: PersistentMap<number, number>;
}

/** The scenario's choices, read once. */
export interface Config {
  readonly q1: number;
  readonly q2: number;
  /** Whether promises, and whether acceptances, are on disk before they are sent. */
  readonly persistPromises: boolean;
  readonly persistAcceptances: boolean;
  readonly adoptHighest: boolean;
  readonly ratchet: boolean;
  readonly uniqueBallots: boolean;
  readonly backoff: boolean;
  readonly nodeCount: number;
  /** The registers: by key, from 1 on in the order in which the scenario names them. */
  readonly slots: ReadonlyMap<string, number>;
}

/** One handler at work: the choices, the world as the node sees it, and the node's state. */
export interface Step {
  readonly config: Config;
  readonly context: PaxosContext;
  readonly state: PaxosState;
}

/** Between nodes, what is not answered is asked again after this long. */
export const RETRY_US = 100_000;
/** A proposer that was overtaken waits (base + rank · stagger) · 2^attempt before its next ballot, doubled at most so often. */
const BACKOFF_US = 50_000;
const STAGGER_US = 60_000;
const MOST_DOUBLINGS = 3;

export const backoffUs = (rank: ProcessId, attempt: number): number => (BACKOFF_US + rank * STAGGER_US) * 2 ** Math.min(attempt, MOST_DOUBLINGS);

const NOTHING: Acceptor = { promised: 0, accepted: undefined };

export const acceptorOf = (state: PaxosState, slot: number): Acceptor => state.disk.acceptors.get(slot) ?? NOTHING;

export function setAcceptor(state: PaxosState, slot: number, acceptor: Acceptor): void {
  state.disk = { ...state.disk, acceptors: state.disk.acceptors.set(slot, acceptor) };
}

export function sendToOthers(context: PaxosContext, message: PaxosMessage): void {
  for (let node = 0; node < context.nodeCount; node++) if (node !== context.self) context.send(node, message);
}
