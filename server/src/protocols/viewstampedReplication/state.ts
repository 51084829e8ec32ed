/** What a replica says, knows, and keeps on disk (VRR §4, figure 2). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { entryText, type Result } from '../keyValue.ts';
import { majorityOf, sizeOf } from '../quorums.ts';

/** A request in the log. `view`, that of the message which brought it first, is for people to see; no rule reads it. */
export interface Entry {
  readonly request: Request;
  readonly content: string;
  readonly view: number;
}

/** From op-number 1 on, without holes. */
export type Log = PersistentMap<number, Entry>;

/** By node: the newest incarnation that is known of it. A node that is not in it has never recovered. */
export type CrashVector = PersistentMap<ProcessId, number>;

type Typed<T extends string, Fields = unknown> =
  { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K; readonly vector: CrashVector | undefined } & Fields }[T];

/** `epoch` is the view-number v, `slot` the op-number n (of `commit`: the commit-number k). */
export type VrMessage =
  | Typed<'prepare', { readonly entry: Entry; readonly commit: number }>
  | Typed<'prepare-ok' | 'commit' | 'start-view-change'>
  /** `lastNormal` is v′, the last view in which the status was normal. */
  | Typed<'do-view-change', { readonly log: Log; readonly lastNormal: number; readonly commit: number }>
  | Typed<'start-view', { readonly log: Log; readonly commit: number }>
  /** `slot`: n′, the op-number after which it lacks everything; `wanted`: the view whose log it asks for, its own or a later one. */
  | Typed<'get-state', { readonly wanted: number }>
  /** `log`: what comes after op-number `after`. */
  | Typed<'new-state', { readonly log: Log; readonly after: number; readonly commit: number }>
  | Typed<'recovery', { readonly nonce: number }>
  /** The log comes from the primary of the view alone. */
  | Typed<'recovery-response', { readonly nonce: number; readonly log: Log | undefined; readonly commit: number; readonly members: readonly ProcessId[] }>
  /** §7. `epoch`: the first view of the new epoch, `slot`: the op-number of the request that began it, `members`: its group. */
  | Typed<'start-epoch', { readonly members: readonly ProcessId[] }>
  | Typed<'epoch-started'>;

/** The message of one type. */
export type Of<T extends VrMessage['type']> = Extract<VrMessage, { readonly type: T }>;

export type VrContext = Context<VrMessage>;

/** What survives a crash, as far as the knob `persistence` lets it: nothing, the view-number, or all of it. */
export interface Disk {
  readonly view: number;
  readonly lastNormal: number;
  readonly log: Log;
  readonly vector: CrashVector;
}

/** `state-transfer`: it has heard of a later view and waits for that view's log; not in the paper. */
/** Of §7: `transitioning` waits for what the last epoch decided; `outside` is no member, not yet or not any more. */
export type Status = 'normal' | 'view-change' | 'state-transfer' | 'recovering' | 'transitioning' | 'outside';

/** Asking for missing operations: those of `view`, of the replica asked last. */
export interface Transfer {
  readonly view: number;
  readonly asked: ProcessId;
}

export interface VrState extends NodeState {
  disk: Disk;
  readonly self: ProcessId;
  status: Status;
  /** The group of its epoch, in rank order. */
  members: readonly ProcessId[];
  /** A replaced replica: who of the new group has begun the epoch. */
  epochStarted: readonly ProcessId[];
  /** Commit-number: all operations up to it are executed. */
  commit: number;
  values: PersistentMap<string, string>;
  /** The client table: by `requestKey`, what the client was told. */
  clientTable: PersistentMap<number, Result>;
  /** Primary only: up to which op-number each backup has prepared. */
  prepared: PersistentMap<ProcessId, number>;
  transfer: Transfer | undefined;
  /** View change: who has sent a StartViewChange for this view, and what the DoViewChanges hold (new primary only). */
  startViewChanges: PersistentMap<ProcessId, boolean>;
  doViewChanges: PersistentMap<ProcessId, Of<'do-view-change'>>;
  sentDoViewChange: boolean;
  /** View changes in a row that came to nothing. */
  round: number;
  /** Recovery: the nonce of the last one, and the answers to it. */
  nonce: number;
  responses: PersistentMap<ProcessId, Of<'recovery-response'>>;
}

/** The scenario's choices, read once. Durations µs. */
export interface Config {
  readonly persistence: 'none' | 'view-floor' | 'view-log';
  readonly stateTransfer: 'safe' | 'paper';
  readonly crashVector: boolean;
  readonly viewGuard: boolean;
  readonly startViewGuard: boolean;
  readonly startViewChangeGuard: boolean;
  readonly doViewChangeGuard: boolean;
  readonly logChoice: 'last-normal-view' | 'longest';
  readonly recoveryPrimary: boolean;
  /** The knobs' values: `majority`, or numbers of replicas. */
  readonly viewChangeQuorum: string;
  readonly commitQuorum: string;
  readonly clientTable: boolean;
  readonly localReads: boolean;
  /** A primary that has nothing to prepare says Commit this often. */
  readonly commitTimeoutUs: number;
  /** By node: its failure timer, and what of it is doubled by each view change that came to nothing. */
  readonly timeoutUs: readonly number[];
  readonly doubledUs: readonly number[];
  readonly names: readonly string[];
  readonly membersAtStart: readonly ProcessId[];
  /** Whether a new replica waits for what the last epoch decided (§7.1.1). */
  readonly epochState: boolean;
}

/** Whatever is not answered is sent again. */
export const RESEND_US = 100_000;
/** A view change that comes to nothing doubles the wait for the next one up to this many times. */
export const MAX_ROUND = 3;

/** Why a replica says nothing that rests on its log: others would count on what a crash may yet take. */
export const NOT_DURABLE = 'its disk has not caught up yet';

/** One handler at work: the choices, the world as the replica sees it, and its state. */
export interface Step {
  readonly config: Config;
  readonly context: VrContext;
  readonly state: VrState;
}

/** f+1 of 2f+1; for even numbers, which the paper leaves out, still more than half. */
export const quorumOf = majorityOf;
/**
 * The quorums of a view change and of a commit. Numbers must meet (Howard, Malkhi and Spiegelman 2016): whoever begins a view hears
 * of everything committed. Two view changes need not, for a view has one primary by its number. A number counts the group at the
 * start: where one stands, the model lets nobody change the group.
 */
export const viewChangeQuorum = ({ config, state }: Step): number => sizeOf(config.viewChangeQuorum, state.members.length);
export const commitQuorum = ({ config, state }: Step): number => sizeOf(config.commitQuorum, state.members.length);
/** Views of an epoch: its first one is 1, 1001, 2001, … */
const VIEWS_OF_AN_EPOCH = 1000;
export const epochIn = (view: number): number => Math.floor(Math.max(0, view) / VIEWS_OF_AN_EPOCH);
export const firstViewOf = (epochNumber: number): number => epochNumber * VIEWS_OF_AN_EPOCH + 1;
/** Of a view of its own epoch. */
export const primaryOf = ({ members }: VrState, view: number): ProcessId => members[((view % VIEWS_OF_AN_EPOCH) - 1 + members.length) % members.length]!;

export const opNumber = (state: VrState): number => state.disk.log.max() ?? 0;
export const isPrimary = ({ context, state }: Step): boolean =>
  state.status === 'normal' && primaryOf(state, state.disk.view) === context.self;

export function initialState(self: ProcessId, members: readonly ProcessId[]): VrState {
  const nothing = <K extends number | string, V>(): PersistentMap<K, V> => PersistentMap.empty();
  return {
    self, disk: { view: 1, lastNormal: 1, log: nothing(), vector: nothing() }, status: members.includes(self) ? 'normal' : 'outside', members, epochStarted: [], commit: 0, values: nothing(),
    clientTable: nothing(), prepared: nothing(), transfer: undefined, startViewChanges: nothing(), doViewChanges: nothing(),
    sentDoViewChange: false, round: 0, nonce: 0, responses: nothing(),
  };
}

export const entryOf = (request: Request, view: number): Entry => ({ request, content: entryText(request.action), view });

type About = Omit<Message, 'type'> & { readonly vector: CrashVector | undefined };

/** What a message shows to the outside; `entry` is what it is about, if it is about one. */
export function about({ config, state }: Step, slot: number, entry?: Entry): About {
  return {
    epoch: state.disk.view, slot, op: entry?.request.op ?? -1, content: entry?.content ?? '',
    vector: config.crashVector ? state.disk.vector : undefined,
  };
}

export function sendToOthers({ context, state }: Step, message: VrMessage): void {
  for (const node of state.members) if (node !== context.self) context.send(node, message);
}

/** Whether what this replica holds is where it must be before anyone counts on it (or is on its way, and what is sent waits for it). */
export const isDurable = ({ config, context }: Step): boolean => config.persistence !== 'view-log' || context.durable;

/** The same for the view-number alone, in a view change. */
export const promiseIsDurable = ({ config, context }: Step): boolean => config.persistence === 'none' || context.durable;

/** Puts the view-number on disk, if this configuration keeps it there. */
export function persistView({ config, context, state }: Step): void {
  if (config.persistence !== 'none') context.persist(state.disk.view, -1, -1, '');
}

export function persistEntry({ config, context, state }: Step, slot: number, entry: Entry): void {
  if (config.persistence === 'view-log') context.persist(state.disk.view, slot, entry.request.op, entry.content);
}

/** Restarts the failure timer of a backup, or the timer of a view change. */
export function watch({ config, context, state }: Step): void {
  const { self } = context;
  context.setTimer('suspect', config.timeoutUs[self]! + config.doubledUs[self]! * (2 ** state.round - 1));
}
