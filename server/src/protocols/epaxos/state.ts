/** What a replica of `epaxos` says, knows, and keeps on disk. */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import { keysOf, onlyReads } from '../../model/actions.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import { entryText, type Result } from '../keyValue.ts';

export interface Command {
  readonly op: number;
  readonly session: number;
  readonly sequence: number;
  readonly action: ActionModel;
}

/** The ordering constraints of a command. */
export interface Attributes {
  /** Greater than that of whatever interferes with it and was known when it was pre-accepted. */
  readonly seq: number;
  /** Those instances, as slots in ascending order. */
  readonly deps: readonly number[];
}

/** What an instance is agreed on: a command (undefined: no-op) and its attributes. */
export interface Proposal extends Attributes {
  readonly command: Command | undefined;
}

/** Paper, Figure 2. `none`: the replica has promised a ballot for the instance, and knows nothing of it. */
export type Status = 'none' | 'pre-accepted' | 'accepted' | 'committed';

/** One cell of the paper's `cmds` array. */
export interface Instance extends Proposal {
  readonly status: Status;
  /** The ballot joined: nothing older is obeyed. */
  readonly bal: number;
  /** The ballot of the last vote: that in which the proposal was pre-accepted or accepted; 0 for none. */
  readonly vbal: number;
}

export type Instances = PersistentMap<number, Instance>;

type Typed<T extends string, Fields = unknown> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Fields }[T];

/** `bal` in an answer: the replica's ballot. If it is newer than the one asked for (`epoch`), the answer is no (the paper's NACK). */
export type EpMessage =
  | Typed<'pre-accept' | 'accept' | 'commit', Proposal>
  | Typed<'pre-accept-ok', Attributes & { readonly bal: number }>
  | Typed<'accept-ok', { readonly bal: number }>
  | Typed<'prepare' | 'commit-ok'>
  | Typed<'prepare-ok', Proposal & { readonly bal: number; readonly vbal: number; readonly status: Status }>;

/** The message of one type. */
export type Of<T extends EpMessage['type']> = Extract<EpMessage, { readonly type: T }>;

export type EpContext = Context<EpMessage>;

/** What survives a crash. */
export interface Disk {
  readonly instances: Instances;
  /** The index of this replica's next instance, from 1. */
  readonly next: number;
}

/** A replica's answer to Prepare, its own included. */
export interface Prepared extends Proposal {
  readonly from: ProcessId;
  readonly status: Status;
  /** The ballot of the proposal, as the replica tells it. */
  readonly vbal: number;
}

export interface PreAccepted extends Attributes {
  readonly from: ProcessId;
}

/** What the command leader of an instance (its owner, or whoever recovers it) knows of the round it is in. */
export interface Leading extends Proposal {
  readonly ballot: number;
  readonly phase: 'prepare' | 'pre-accept' | 'accept';
  /** It may commit on the fast path. */
  readonly fast: boolean;
  /** The fast quorum did not answer in time: everybody is asked, and any majority will do for the slow path. */
  readonly widened: boolean;
  readonly prepared: readonly Prepared[];
  readonly preAccepted: readonly PreAccepted[];
  /** Its own vote included. */
  readonly accepted: readonly ProcessId[];
}

export interface EpState extends NodeState {
  disk: Disk;
  /** Instances that it knows to exist. */
  heard: PersistentMap<number, true>;
  leading: PersistentMap<number, Leading>;
  /** Requests to answer when their command is executed, by `requestKey`. */
  waiting: PersistentMap<number, Request>;
  values: PersistentMap<string, string>;
  /** By `requestKey`. */
  results: PersistentMap<number, Result>;
  executed: PersistentMap<number, true>;
  /** Committed, and on the way to a slow disk. */
  writing: PersistentMap<number, true>;
  /** Committed on disk, and not executed yet. */
  pending: PersistentMap<number, true>;
  /** By slot: how often it tried to recover it and was overtaken. */
  attempts: PersistentMap<number, number>;
  /** Commits that a replica has not acknowledged: `peer * PEER + slot`. */
  unacknowledged: PersistentMap<number, true>;
  /** Replicas that were sent a commit again since they last acknowledged one. */
  stalled: PersistentMap<ProcessId, true>;
}

/** The scenario's choices, read once. Durations µs. */
export interface Config {
  readonly ballots: 'two' | 'one';
  readonly conflicts: boolean;
  readonly fastPath: 'equal-replies' | 'any-replies' | 'off';
  readonly fastQuorum: 'basic' | 'majority';
  readonly recovery: 'identical' | 'restart';
  readonly execution: 'components' | 'arrival';
  readonly replyAt: 'execution' | 'commit';
  readonly sessions: boolean;
  readonly persist: boolean;
  /** By node: how long it waits for an instance before it recovers it; a wait grows by doubling its `base`. */
  readonly waitUs: readonly { readonly base: number; readonly stagger: number }[];
  readonly names: readonly string[];
  readonly nodeCount: number;
}

export interface Step {
  readonly config: Config;
  readonly context: EpContext;
  readonly state: EpState;
}

export const RETRY_US = 100_000;
/** Waits double up to this many times. */
const MAX_ATTEMPTS = 3;
export const PEER = 1 << 20;
export const NO_OP: Proposal = { command: undefined, seq: 0, deps: [] };

// --- Instances: Q.i of replica Q is slot (i - 1) * n + Q + 1 --------------------------------------------------------

export const slotOf = (config: Config, owner: ProcessId, index: number): number => (index - 1) * config.nodeCount + owner + 1;
export const ownerOf = (config: Config, slot: number): ProcessId => (slot - 1) % config.nodeCount;
const indexOf = (config: Config, slot: number): number => Math.floor((slot - 1) / config.nodeCount) + 1;

/** The default ballot of an instance, 0.L of the paper, as one number (see epaxos.ts): only its owner proposes in it. */
export const defaultBallot = (config: Config, slot: number): number => ownerOf(config, slot) + 1;

export const slowQuorum = (config: Config): number => Math.floor(config.nodeCount / 2) + 1;

/**
 * The other members of an owner's fast quorum, which is always the same: the replicas before it, round the list. Of n = 2F+1
 * it counts 2F with its owner (the basic protocol); of even n as well n-1, and never less than a majority.
 */
export function fastPeers(config: Config, owner: ProcessId): readonly ProcessId[] {
  const n = config.nodeCount, majority = slowQuorum(config);
  const size = config.fastQuorum === 'basic' ? Math.max(majority, n - 1) : majority;
  return Array.from({ length: size - 1 }, (_, index) => (owner - 1 - index + n) % n);
}

export function instanceAt({ config, state }: Step, slot: number): Instance {
  return state.disk.instances.get(slot) ?? { ...NO_OP, status: 'none', bal: defaultBallot(config, slot), vbal: 0 };
}

export function setInstance({ state }: Step, slot: number, instance: Instance): void {
  state.disk = { ...state.disk, instances: state.disk.instances.set(slot, instance) };
}

/** Puts a vote or a decision on disk, if this configuration has a disk. */
export function persistInstance(step: Step, slot: number): void {
  const instance = instanceAt(step, slot);
  if (step.config.persist) step.context.persist(instance.bal, slot, instance.command?.op ?? -1, proposalText(step.config, instance));
}

/** The ballot is joined: nothing older will be obeyed in this instance. */
export function join(step: Step, slot: number, ballot: number, from: ProcessId): void {
  const instance = instanceAt(step, slot);
  if (ballot <= instance.bal) return;
  setInstance(step, slot, { ...instance, bal: ballot });
  step.state.leading = step.state.leading.delete(slot);
  step.context.clearTimer('retry', slot);
  step.context.emit('promise', { epoch: ballot, slot, peer: from });
}

/** Nothing is said again that is not on disk yet: the first time it waits for the disk by itself. */
export const maySayAgain = ({ config, context }: Step): boolean => !config.persist || context.durable;

/** Asked again for what it has said, or is about to. */
export function isOnItsWay(step: Step): boolean {
  if (maySayAgain(step)) return false;
  step.context.discard('its answer waits for the disk');
  return true;
}

export function persistPromise(step: Step, ballot: number): void {
  if (step.config.persist) step.context.persist(ballot, -1, -1, '');
}

/** Waits for an instance to be committed; whoever waits too long recovers it. */
export function watch(step: Step, slot: number): void {
  const { config, context, state } = step;
  const { base, stagger } = config.waitUs[context.self]!;
  context.setTimer('recover', base * 2 ** Math.min(state.attempts.get(slot) ?? 0, MAX_ATTEMPTS) + stagger, slot);
}

/** The replica hears of an instance: it and those before it exist, and will be committed, if need be as no-ops. */
export function hearOf(step: Step, slot: number): void {
  const { config, state } = step;
  for (let each = slot; each > 0 && !state.disk.instances.has(each) && !state.heard.has(each); each -= config.nodeCount) {
    state.heard = state.heard.set(each, true);
    watch(step, each);
  }
}

// --- Interference ----------------------------------------------------------------------------------------------------

/** Two commands interfere if executing them in different orders may make a difference: same key, and not both read. */
function interferes(a: Command, b: Command): boolean {
  const keys = keysOf(b.action);
  return keysOf(a.action).some((key) => keys.includes(key)) && !(onlyReads(a.action) && onlyReads(b.action));
}

/** seq and deps of a command as this replica sees it, on top of what it was told. */
export function attributes({ config, state }: Step, slot: number, told: Proposal): Proposal {
  const { command } = told;
  if (command === undefined || !config.conflicts) return told;
  let { seq } = told;
  const own: number[] = [];
  state.disk.instances.forEach((other, each) => {
    if (each === slot || other.status === 'none' || other.command === undefined || !interferes(command, other.command)) return;
    own.push(each);
    seq = Math.max(seq, other.seq + 1);
  });
  return { command, seq, deps: union(told.deps, own) };
}

export function union(a: readonly number[], b: readonly number[]): readonly number[] {
  const known = new Set(a);
  const added = b.filter((slot) => !known.has(slot));
  return added.length === 0 ? a : [...a, ...added].sort((x, y) => x - y);
}

export function sameAttributes(a: Attributes, b: Attributes): boolean {
  return a.seq === b.seq && a.deps.length === b.deps.length && a.deps.every((slot, index) => slot === b.deps[index]);
}

// --- Messages --------------------------------------------------------------------------------------------------------

/** What a message about an instance shows to the outside. */
export function about(step: Step, slot: number, ballot: number, proposal?: Proposal): Omit<Message, 'type'> {
  return { epoch: ballot, slot, op: proposal?.command?.op ?? -1, content: proposal === undefined ? '' : proposalText(step.config, proposal) };
}

export const othersOf = ({ self, nodeCount }: EpContext): readonly ProcessId[] =>
  Array.from({ length: nodeCount }, (_, node) => node).filter((node) => node !== self);

/** What an event about an instance says. Its epoch is the ballot joined, which a commit of an older ballot does not lower. */
export function eventOf({ config }: Step, slot: number, instance: Instance): { epoch: number; slot: number; op: number; text: string } {
  return { epoch: instance.bal, slot, op: instance.command?.op ?? -1, text: proposalText(config, instance) };
}

/** `p3.2`, the second instance of p3. */
export const instanceName = (config: Config, slot: number): string => `${config.names[ownerOf(config, slot)]!}.${indexOf(config, slot)}`;

/** `k = 1, seq 3, deps p3.1 p3.2`: what an instance is agreed on, the same text for the same agreement everywhere. */
export function proposalText(config: Config, { command, seq, deps }: Proposal): string {
  if (command === undefined) return 'no-op';
  return `${entryText(command.action)}, seq ${seq}${deps.length === 0 ? '' : `, deps ${depsText(config, deps)}`}`;
}

/** Runs of one replica's instances are written `p3.1..p3.9`. */
function depsText(config: Config, deps: readonly number[]): string {
  const byOwner = [...deps].sort((a, b) => ownerOf(config, a) - ownerOf(config, b) || a - b);
  const words: string[] = [];
  for (let first = 0; first < byOwner.length;) {
    let last = first;
    while (byOwner[last + 1] === byOwner[last]! + config.nodeCount) last++;
    const name = (at: number): string => instanceName(config, byOwner[at]!);
    if (last - first > 1) words.push(`${name(first)}..${name(last)}`);
    else for (let at = first; at <= last; at++) words.push(name(at));
    first = last + 1;
  }
  return words.join(' ');
}
