/** What a replica of `pbft` says, knows, and keeps on disk. */
import type { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import { entryText, type Result } from '../keyValue.ts';

/** A client's request as it stands in messages and logs, or the null request, which does nothing. */
export interface Entry {
  readonly client: ProcessId;
  readonly session: number;
  readonly sequence: number;
  readonly op: number;
  readonly action: ActionModel | undefined;
  readonly content: string;
  /** What the client signed. Nobody else can make another. */
  readonly signed: string;
}

/** A node's `prepare` or `commit` for a number: for which request, in which view. */
export interface Vote {
  readonly node: ProcessId;
  readonly view: number;
  readonly digest: string;
}

/** Proof that a request was prepared: a pre-prepare and prepares of 2f others. The simulation trusts it as their signatures would let it. */
export interface Certificate {
  readonly slot: number;
  readonly view: number;
  readonly entry: Entry;
}

/** What a node has let others count on for one sequence number. */
export interface Slot {
  /** The pre-prepare accepted last, and the view it was of. */
  readonly view: number;
  readonly entry: Entry | undefined;
  /** The newest view in which a request was prepared here. */
  readonly prepared: Certificate | undefined;
  /** Committed-local, once and for all. */
  readonly committed: Entry | undefined;
}

/** What is heard of one sequence number: at most one vote of each node in each view. */
export interface Votes {
  readonly prepare: readonly Vote[];
  readonly commit: readonly Vote[];
}

export interface ViewChange {
  readonly node: ProcessId;
  readonly view: number;
  readonly certificates: readonly Certificate[];
}

export interface Numbered {
  readonly slot: number;
  readonly entry: Entry;
}

/** Who signed it: the simulation writes down who sends a message, and nobody can write another name, as with real signatures. */
type Typed<T extends string, Fields> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K; readonly signer?: ProcessId } & Fields }[T];

export type PbftMessage =
  | Typed<'request', { readonly request: Request; readonly signed: string }>
  | Typed<'pre-prepare' | 'prepare' | 'commit' | 'data', { readonly entry: Entry }>
  | Typed<'view-change', { readonly certificates: readonly Certificate[] }>
  | Typed<'new-view', { readonly proof: readonly ViewChange[]; readonly entries: readonly Numbered[] }>
  /** `active`: whether its view has begun for the sender; `executed`: how far it has come. Its slot is the first that it has questions about. */
  | Typed<'fetch', { readonly active: boolean; readonly executed: number }>;

export type Of<T extends PbftMessage['type']> = Extract<PbftMessage, { readonly type: T }>;

/** What must survive a crash: whatever others may have counted on. */
export interface Disk {
  readonly view: number;
  /** false: it has left the view before and waits for this one to begin. */
  readonly active: boolean;
  readonly slots: PersistentMap<number, Slot>;
  /** How this view began, for those who missed it: its primary's alone. */
  readonly newView: Of<'new-view'> | undefined;
}

export interface PbftState extends NodeState {
  disk: Disk;
  /** By number: the votes of this view and of later ones. Lost in a crash; whoever is asked says them again. */
  votes: PersistentMap<number, Votes>;
  /** Every number up to this one is executed. */
  executed: number;
  values: PersistentMap<string, string>;
  /** By `requestKey`. */
  results: PersistentMap<number, Result>;
  /** Requests that it knows and has not executed, by `requestKey`: while there are any, it watches the primary. */
  pending: PersistentMap<number, Request>;
  /** The last view change of each node. */
  viewChanges: PersistentMap<ProcessId, ViewChange>;
  /** Views that were tried since anything was executed. */
  round: number;
  /** Primary only: the number that it gives next. */
  next: number;
  /** What others say they have committed: by number, one entry each node. */
  offers: PersistentMap<number, readonly { readonly node: ProcessId; readonly entry: Entry }[]>;
  /** Whether the timer of the view runs; whether it will ask again. */
  watching: boolean;
  retrying: boolean;
  /** When it last asked what it lacks, its own clock, µs; -Infinity for never. */
  askedUs: number;
}

export interface Config {
  readonly nodeCount: number;
  /** How many nodes may be faulty: ⌊(n−1)/3⌋. */
  readonly f: number;
  readonly quorumSize: number;
  readonly repliesNeeded: number;
  readonly prepare: boolean;
  readonly signatures: boolean;
  readonly carryOver: boolean;
  readonly persist: boolean;
  readonly sessions: boolean;
  /** By node, µs. */
  readonly timeoutUs: readonly number[];
}

export interface Step {
  readonly config: Config;
  readonly context: Context<PbftMessage>;
  readonly state: PbftState;
}

export const RETRY_US = 100_000;
/** The wait for a view doubles with each that fails, up to this many times. */
export const MAX_ROUND = 3;
/** It does not ask twice within this time. */
export const ASK_AGAIN_US = 45_000;

const UNKNOWN: Slot = { view: -1, entry: undefined, prepared: undefined, committed: undefined };
const UNHEARD: Votes = { prepare: [], commit: [] };
export const NO_OP: Entry = { client: -1, session: -1, sequence: -1, op: -1, action: undefined, content: 'no-op', signed: 'no-op' };

/** §4.2: the primary of view v is replica v mod n. */
export const primaryOf = (config: Config, view: number): ProcessId => view % config.nodeCount;
export const isPrimary = ({ config, context, state }: Step): boolean => primaryOf(config, state.disk.view) === context.self;

export const slotAt = (state: PbftState, slot: number): Slot => state.disk.slots.get(slot) ?? UNKNOWN;

export const votesFor = (state: PbftState, slot: number): Votes => state.votes.get(slot) ?? UNHEARD;

export function setSlot({ state }: Step, slot: number, known: Slot): void {
  state.disk = { ...state.disk, slots: state.disk.slots.set(slot, known) };
}

export function persistSlot({ config, context, state }: Step, slot: number, { op, content }: Entry): void {
  if (config.persist) context.persist(state.disk.view, slot, op, content);
}

/** What a prepare or a commit is about. */
export const digestOf = ({ session, sequence, content }: Entry): string => `${session} ${sequence} ${content}`;

export function entryOf({ client, session, sequence, op, action }: Request): Entry {
  return { client, session, sequence, op, action, content: entryText(action), signed: entryText(action) };
}

/** The request that an entry stands for; undefined for the null request. */
export function requestOf({ client, session, sequence, op, action }: Entry): Request | undefined {
  return action === undefined ? undefined : { client, session, sequence, op, action };
}

/** Whether it has accepted a request under this number in its present view. */
export const isAccepted = ({ disk }: PbftState, { view, entry }: Slot): boolean => entry !== undefined && view === disk.view;

/** What a message about a number shows to the outside. */
export const about = ({ state }: Step, slot: number, { op, content }: Entry): Omit<Message, 'type'> => ({ epoch: state.disk.view, slot, op, content });

/** All that it has promised is on disk before what it says from here on, also where an earlier handler began to write and the disk is slow. */
export function save({ config, context, state }: Step): void {
  if (config.persist && !context.durable) context.persist(state.disk.view, -1, -1, '');
}

export function say(step: Step, to: ProcessId, message: PbftMessage): void {
  save(step);
  step.context.send(to, message);
}

export function sayToOthers(step: Step, message: PbftMessage): void {
  for (let node = 0; node < step.context.nodeCount; node++) if (node !== step.context.self) say(step, node, message);
}
