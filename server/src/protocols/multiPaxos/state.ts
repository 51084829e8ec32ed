/** What a node of `multi-paxos` says, knows, and keeps on disk. */
import type { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import type { Result } from '../keyValue.ts';
import type { LeaseChoice, LeaseState } from '../leases.ts';

/** What a slot can hold: a client's request, or nothing to do (`action` undefined). */
export interface Value {
  readonly op: number;
  readonly session: number;
  readonly sequence: number;
  readonly action: ActionModel | undefined;
  readonly content: string;
}

/** For holes: a slot that must hold something so that those after it can be executed (Paxos Made Simple §3). */
export const NO_OP: Value = { op: -1, session: -1, sequence: -1, action: undefined, content: 'no-op' };

/** What an acceptor has accepted in a slot, with the highest ballot, and whether it knows that this was chosen. */
export interface Vote {
  readonly ballot: number;
  readonly value: Value;
  readonly chosen: boolean;
}

export type Log = PersistentMap<number, Vote>;

type Typed<T extends string, Fields = unknown> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Fields }[T];

/** `epoch` is the ballot of the sender, for all slots at once. */
export type MultiPaxosMessage =
  /** `slot`: the first that the proposer does not know to be chosen. */
  | Typed<'prepare' | 'nack' | 'accepted' | 'learn' | 'grant'>
  /** What the acceptor has accepted from that slot on. */
  | Typed<'promise', { readonly votes: Log }>
  /** `upTo`: all slots up to this one are chosen. */
  | Typed<'accept', { readonly value: Value; readonly upTo: number }>
  /** With a slot: it is chosen. Without: a sign of life. `entries`: what is chosen, for one that asked (`learn`). */
  | Typed<'chosen', { readonly upTo: number; readonly entries: Log | undefined }>;

/** The message of one type. */
export type Of<T extends MultiPaxosMessage['type']> = Extract<MultiPaxosMessage, { readonly type: T }>;

export type MultiPaxosContext = Context<MultiPaxosMessage>;

/** What survives a crash, as far as the knob `persist` lets it. */
export interface Disk {
  /** The highest ballot promised, for all slots. */
  readonly promised: number;
  readonly log: Log;
}

/** What the leader knows of a slot that it has proposed and that is not chosen yet. */
export interface Progress {
  readonly accepted: readonly ProcessId[];
  readonly requests: readonly Request[];
}

export interface MultiPaxosState extends NodeState {
  disk: Disk;
  role: 'leader' | 'follower' | 'candidate';
  /** The ballot that it leads, follows or stands in. */
  ballot: number;
  leader: ProcessId | undefined;
  /** All slots up to this one are executed. */
  applied: number;
  values: PersistentMap<string, string>;
  /** By `requestKey`. */
  results: PersistentMap<number, Result>;
  /** Leader only: by slot, the slot of its next proposal, and requests that wait for room in the window. */
  progress: PersistentMap<number, Progress>;
  nextSlot: number;
  /** The last slot in which it was bound to a value when it began to lead. */
  bound: number;
  lease: LeaseState;
  queue: readonly Request[];
  /** Candidate only: what its voters have accepted, its own included. */
  promises: PersistentMap<ProcessId, Log>;
  round: number;
  /** When it last asked its leader for what it lacks, its own clock, µs; -Infinity for never. */
  askedUs: number;
}

/** The scenario's choices, read once. Durations µs. */
export interface Config {
  readonly q1: number;
  readonly q2: number;
  readonly persistPromises: boolean;
  readonly persistAcceptances: boolean;
  readonly adoptHighest: boolean;
  readonly fillHoles: boolean;
  readonly ratchet: boolean;
  readonly piggyback: boolean;
  readonly commitTimeoutUs: number;
  readonly chosenGuard: boolean;
  readonly window: number;
  readonly readPath: 'log' | 'leader-local' | 'lease';
  /** With `read-path lease` only. */
  readonly lease: LeaseChoice | undefined;
  readonly sessions: boolean;
  readonly backoff: boolean;
  /** By node: its failure timer, and its wait before round r of an election without the doubling. */
  readonly timeoutUs: readonly number[];
  readonly roundUs: readonly { readonly base: number; readonly stagger: number }[];
  readonly nodeCount: number;
}

/** One handler at work: the choices, the world as the node sees it, and the node's state. */
export interface Step {
  readonly config: Config;
  readonly context: MultiPaxosContext;
  readonly state: MultiPaxosState;
}

/** What is not answered is asked again after this long. */
export const RETRY_US = 100_000;
/** Backoff doubles up to this many times. */
export const MAX_ROUND = 3;
/** It does not ask its leader twice within this time: the answer is likely on its way. */
export const ASK_AGAIN_US = 45_000;

export const sameValue = (a: Value, b: Value): boolean => a.op === b.op && a.content === b.content && a.session === b.session && a.sequence === b.sequence;

export function setVote(state: MultiPaxosState, slot: number, vote: Vote): void { state.disk = { ...state.disk, log: state.disk.log.set(slot, vote) }; }

/** Puts a vote on disk, as far as the knob lets it, before what this handler sends from here on. */
export function persistVote({ config, context, state }: Step, slot: number): void {
  const { ballot, value } = state.disk.log.get(slot)!;
  if (config.persistAcceptances && !context.durable) context.persist(ballot, slot, value.op, value.content);
  else persistPromise({ config, context, state });
}

export function persistPromise({ config, context, state }: Step): void {
  if (config.persistPromises && !context.durable) context.persist(state.disk.promised, -1, -1, '');
}

export function sendToOthers(context: MultiPaxosContext, message: MultiPaxosMessage): void {
  for (let node = 0; node < context.nodeCount; node++) if (node !== context.self) context.send(node, message);
}

/** Restarts the failure detector. */
export function watchLeader({ config, context }: Step): void { context.setTimer('suspect', config.timeoutUs[context.self]!); }
