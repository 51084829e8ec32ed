/** What a node of `primary-backup` says, knows, and keeps on disk. */
import { hashData } from '../../engine/hash.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import type { Result } from '../keyValue.ts';
import type { Echo, Told } from './hardening.ts';
import type { LeaseChoice, LeaseState } from '../leases.ts';
import { majorityOf, sizeOf } from '../quorums.ts';

/** How far an entry has come at this node. `pre`: everybody is known to have voted yes (three phases). */
export type EntryStatus = 'accepted' | 'pre' | 'committed' | 'aborted';

/** One client's request in a slot. */
export interface Part {
  readonly op: number;
  readonly session: number;
  readonly sequence: number;
  readonly action: ActionModel;
}

/** A slot: its first request, and those that share it (batch.ts). */
export interface Entry extends Part {
  /** Epoch of the leader that proposed it last. */
  readonly epoch: number;
  /** The slot before this one in that leader's log: what must be applied first. */
  readonly previous: number;
  readonly more: readonly Part[];
  /** All of it: `k = 1`, or `k = 1 | j = 2`. */
  readonly content: string;
  readonly status: EntryStatus;
  /** With checksums: what `digestOf` gave when it was written down. */
  readonly checksum?: number;
}

export type Log = PersistentMap<number, Entry>;

/** What a participant knows of a slot, for those in doubt. `unknown`: it never voted. */
export type Standing = EntryStatus | 'unknown';

/** A vote as its voter signed it. */
export interface SignedVote {
  readonly voter: ProcessId;
  readonly vote: number;
}

/** What shows that a message is as it was sent, and by whom (hardening.ts). */
interface Seal {
  /** A leader's: the votes that made it one. */
  readonly votes?: readonly SignedVote[];
  readonly checksum?: number;
  readonly signature?: number;
}

type Typed<T extends string, Fields = unknown> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Seal & Fields }[T];

export type PbMessage =
  | Typed<'commit' | 'query', { readonly entry: Entry }>
  /** `committed`: all slots up to this one are decided (piggyback.ts; 0 where commits are messages of their own); `before`: digest
   *  of the log before the slot; `proof`: the leader's signature on this entry in this slot. */
  | Typed<'propose', { readonly entry: Entry; readonly committed: number; readonly before?: number | undefined; readonly proof?: number | undefined }>
  /** `digest`: of the entry as it was told. */
  | Typed<'accept', { readonly before?: number | undefined; readonly digest?: number | undefined }>
  /** What a node holds for a slot, by whom it was told so, and whether it asks for as much in return. */
  | Typed<'echo', { readonly digest: number; readonly by: ProcessId; readonly proof: number | undefined; readonly ask: boolean }>
  | Typed<'reject' | 'pre-commit' | 'ack-pre' | 'abort' | 'ack' | 'heartbeat' | 'catch-up' | 'nack' | 'refuse' | 'grant'>
  /** How a slot ended, to one in doubt about it. */
  | Typed<'decision', { readonly standing: Standing; readonly entry: Entry | undefined }>
  /** With a slot: its standing (three phases). Without: the leader's log, for a follower that fell behind. */
  | Typed<'state', { readonly standing: Standing; readonly log: Log | undefined; readonly committed: number }>
  | Typed<'propose-leader', { readonly lastEpoch: number }>
  | Typed<'promise', { readonly log: Log | undefined; readonly committed: number; readonly vote?: SignedVote }>
  | Typed<'lead', { readonly log: Log | undefined; readonly committed: number }>
  /** `read` numbers the confirmations of one leader. */
  | Typed<'confirm' | 'confirmed', { readonly read: number }>;

/** The message of one type. */
export type Of<T extends PbMessage['type']> = Extract<PbMessage, { readonly type: T }>;

export type PbContext = Context<PbMessage>;

/** What survives a crash, as far as the knob `persist` lets it. */
export interface Disk {
  /** The newest epoch promised (with epochs off: the newest election round). */
  readonly promised: number;
  readonly log: Log;
  /** The evidence on which it has stopped for good. */
  readonly stopped?: string;
  /** From this slot on it may have held entries that its disk has lost, and may not answer for them before it has its leader's log. */
  readonly unreadable?: number | undefined;
}

/** What the leader knows of a slot that it proposed. */
export interface Progress {
  /** Who accepted, in order of arrival, the leader first. */
  readonly accepted: readonly ProcessId[];
  readonly preAcknowledged: readonly ProcessId[];
  readonly acknowledged: readonly ProcessId[];
  readonly stage: 'propose' | 'pre-commit' | 'commit' | 'abort' | 'closed';
  /** The requests to answer when it is decided. */
  readonly requests: readonly Request[];
}

/** A read that waits for a majority to confirm that its leader still leads. */
export interface PendingRead {
  readonly request: Request;
  readonly confirmed: readonly ProcessId[];
  /** It waits until this slot is applied, and until what the leader adopted is committed. */
  readonly slot: number;
}

export interface PbState extends NodeState {
  disk: Disk;
  role: 'leader' | 'follower' | 'candidate';
  /** The epoch it leads or follows. */
  epoch: number;
  leader: ProcessId | undefined;
  /** The newest epoch whose leader it has heard (or is): what the checkers call its promise when epochs are off. */
  heard: number;
  /** The epoch whose leader's log it has taken over. */
  synced: number;
  /** Highest slot such that it and all before it are applied. */
  applied: number;
  values: PersistentMap<string, string>;
  /** By `requestKey`. */
  results: PersistentMap<number, Result>;
  /** Leader only. */
  progress: PersistentMap<number, Progress>;
  reads: PersistentMap<number, PendingRead>;
  nextRead: number;
  /** The last slot that it adopted when it became leader. */
  adopted: number;
  /** piggyback only: the newest slot of which the leader has told (a follower: of which it was told) that all up to it are decided. */
  toldUpTo: number;
  /** Leader only: requests that wait for others to share a slot with. */
  gathered: readonly Request[];
  /** Candidate only: who voted, with their logs. */
  votes: PersistentMap<ProcessId, Ballot>;
  round: number;
  /** When it last heard from each node, its own clock, µs. Kept only where a knob counts who is reachable. */
  lastHeard: PersistentMap<ProcessId, number>;
  /** sorted-live only: nodes it believes dead. */
  suspected: PersistentMap<ProcessId, boolean>;
  /** Answers to questions about a slot in doubt: slot * nodeCount + node. */
  standings: PersistentMap<number, Standing>;
  /** Since when its leader's heartbeats have told of commits that it lacks, its own clock, µs; -Infinity if they do not. */
  behindUs: number;
  /** When it last asked its leader for what it lacks, its own clock, µs; -Infinity for never. */
  askedUs: number;
  lease: LeaseState;
  /** naive-tuple only: the newest slot seen in a proposal and in a commit of this epoch. */
  newestProposal: number;
  newestCommit: number;
  /** What the others say that they hold: slot * nodeCount + node. */
  echoes: PersistentMap<number, Echo>;
  /** By slot: who told it of what it holds. */
  told: PersistentMap<number, Told>;
  /** Slots that are decided and wait for echoes, with the epoch of the message that said so. */
  awaited: PersistentMap<number, number>;
  /** The newest epoch promised on disk: nothing newer is told (slow disks write long after the handler). */
  kept: number;
  /** By slot: how many writes of this node's own proposals a slow disk has yet to finish. */
  writing: PersistentMap<number, number>;
  /** The newest leader that has shown its votes. */
  proven: { readonly epoch: number; readonly leader: ProcessId };
  /** Leader only, with authentication: what made it one. */
  election: readonly SignedVote[];
}

export interface Ballot {
  readonly vote?: SignedVote | undefined;
  readonly log: Log | undefined;
  readonly committed: number;
}

/** The scenario's choices, read once. Durations µs. */
export interface Config {
  readonly phases: 2 | 3;
  /** The knobs' values: words, or numbers of nodes. */
  readonly commitQuorum: string;
  readonly replyAt: 'commit-sent' | 'first-commit-ack' | 'all-commit-acks';
  readonly fifo: boolean;
  readonly duplicate: boolean;
  readonly retry: boolean;
  readonly sessions: boolean;
  readonly inDoubt: 'block' | 'abort' | 'commit' | 'ask-peers';
  readonly detector: boolean;
  readonly jitterUs: number;
  readonly backoff: boolean;
  readonly succession: 'election' | 'sorted-live' | 'view-mod-n';
  readonly votes: string;
  readonly catchUp: 'none' | 'up-to-date-vote' | 'pull-highest';
  readonly ratchet: 'none' | 'leader-epoch' | 'naive-tuple';
  readonly ratchetLeaders: boolean;
  readonly readPath: 'any-local' | 'leader-local' | 'leader-confirmed' | 'log' | 'lease';
  /** With `read-path lease` only. */
  readonly lease: LeaseChoice | undefined;
  readonly persist: 'none' | 'log' | 'all';
  readonly fsyncLate: boolean;
  readonly piggyback: boolean;
  /** How long a decision may wait for a proposal to ride on; Infinity: until there is one. */
  readonly commitTimeoutUs: number;
  /** How many requests share a slot at most, and how long the first of them waits. */
  readonly batch: number;
  readonly batchLingerUs: number;
  readonly checksum: boolean;
  /** A damaged entry on a disk counts as never written. */
  readonly forgetsDamage: boolean;
  readonly authentication: boolean;
  readonly hashChain: boolean;
  /** How many nodes must say the same about a slot before it is applied; 0: nobody is asked. */
  readonly echoes: number;
  readonly stopOnEvidence: boolean;
  /** By node: its failure timer, and its wait before round r of an election without the doubling. */
  readonly timeoutUs: readonly number[];
  readonly roundUs: readonly { readonly base: number; readonly stagger: number }[];
  readonly nodeCount: number;
}

export const HEARTBEAT_US = 50_000;
export const RETRY_US = 100_000;
/** In doubt for this long, a participant does what the knob `in-doubt` says; three-phase commit's timers. */
export const DOUBT_US = 300_000;
/** How long a recoverer of three-phase commit waits for the others' states. */
export const COLLECT_US = 100_000;
/** Backoff doubles up to this many times. */
export const MAX_ROUND = 3;

/** One handler at work: the choices, the world as the node sees it, and the node's state. */
export interface Step {
  readonly config: Config;
  readonly context: PbContext;
  readonly state: PbState;
}

/** Slots are applied in the leader's order, except by nodes that take commits as they come. */
export const inOrder = (config: Config): boolean => config.ratchet !== 'naive-tuple' && (config.fifo || config.ratchet === 'leader-epoch');
/** Whether a log may not have holes: it is compared by its last entry when a new leader is chosen. */
export const contiguous = (config: Config): boolean => inOrder(config) && config.catchUp !== 'none';
export const epochsOn = (config: Config): boolean => config.ratchet !== 'none';
/** Whether followers ask their leader for what they lack. */
export const fetches = (config: Config): boolean => config.detector && config.ratchet !== 'naive-tuple';
/** Whether a participant acknowledges commits: where someone waits for it, or nothing else would repair a lost one. */
export const acknowledges = (config: Config): boolean => config.replyAt !== 'commit-sent' || (config.retry && !config.detector);

export const lastSlot = (log: Log): number => log.max() ?? 0;
export const lastEpoch = (log: Log): number => log.get(lastSlot(log))?.epoch ?? 0;
/** What makes two entries the same entry. */
export const sameEntry = (a: Entry, b: Entry): boolean => a.content === b.content && samePart(a, b) &&
  a.more.length === b.more.length && a.more.every((part, at) => samePart(part, b.more[at]!));
const samePart = (a: Part, b: Part): boolean => a.op === b.op && a.session === b.session && a.sequence === b.sequence;

/** All requests of a slot, in the order in which they are executed. */
export const partsOf = (entry: Entry): readonly Part[] => (entry.more.length === 0 ? [entry] : [entry, ...entry.more]);

/** What events say of a slot's content. */
export const inEvents = (entry: Entry): { op: number; text: string; ops: readonly number[] } =>
  ({ op: entry.op, text: entry.content, ops: entry.more.length === 0 ? [] : partsOf(entry).map(({ op }) => op) });

/** Of what an entry says, wherever and by whomever it was proposed. */
export const digestOf = ({ op, session, sequence, action, content, more }: Entry): number => hashData({ op, session, sequence, action, content, more });

export function setEntry(step: Step, slot: number, entry: Entry): void {
  const written = step.config.checksum ? { ...entry, checksum: digestOf(entry) } : entry;
  step.state.disk = { ...step.state.disk, log: step.state.disk.log.set(slot, written) };
}

/** Puts an entry on disk, if this configuration has a disk. */
export function persistEntry(step: Step, slot: number, entry: Entry): void {
  if (step.config.persist !== 'none') step.context.persist(entry.epoch, slot, entry.op, entry.content, inEvents(entry).ops);
}

export function persistPromise(step: Step): void {
  const { config, context, state } = step, { promised } = state.disk;
  if (config.persist !== 'all') return;
  context.persist(promised, -1, -1, '');
  if (!context.whenOnDisk('promised', promised)) onPromiseKept(step, promised);
}

/** The promise of this epoch is on disk. */
export function onPromiseKept({ state }: Step, epoch: number): void { state.kept = Math.max(state.kept, epoch); }

/** An answer that rests on what an earlier handler has written waits until a slow disk has it: it is written again, and the answer leaves after that. */
export function onceOnDisk(step: Step, slot: number): void {
  const { config, context, state } = step, entry = state.disk.log.get(slot);
  if (entry !== undefined && !config.fsyncLate && !context.durable) persistEntry(step, slot, entry);
}

/** No message tells an epoch that a crash could take back: it leaves when the promise is on disk. */
export function sendTo(step: Step, to: ProcessId, message: PbMessage): void {
  const { config, context, state } = step;
  if (epochsOn(config) && config.persist === 'all' && !config.fsyncLate && message.epoch > state.kept && !context.durable) persistPromise(step);
  step.context.send(to, message);
  if (step.config.duplicate && !step.config.fifo) step.context.send(to, message);
}

/** To these nodes, in their order, but not to itself. */
export function sendToEach(step: Step, nodes: readonly ProcessId[], message: PbMessage): void {
  for (const node of nodes) if (node !== step.context.self) sendTo(step, node, message);
}

export function sendToOthers(step: Step, message: PbMessage): void {
  for (let node = 0; node < step.context.nodeCount; node++) if (node !== step.context.self) sendTo(step, node, message);
}

/** What a message about a slot, or about none (-1), shows to the outside. */
export function about(step: Step, slot: number, entry?: Entry): Omit<Message, 'type'> & Seal {
  const { epoch, role, election } = step.state;
  const base = { epoch, slot, op: entry?.op ?? -1, content: entry?.content ?? '' };
  return role === 'leader' && election.length > 0 ? { ...base, votes: election } : base;
}

/** How long a candidate waits in round r before it tries again: doubled each time where the knob says so. */
export function roundWaitUs(config: Config, node: ProcessId, round: number): number {
  const { base, stagger } = config.roundUs[node]!;
  return base * (config.backoff ? 2 ** round : 1) + stagger;
}

/** For how long a node that was heard counts as reachable: the own timeout, and for a candidate at least its round. */
export function hearingUs(config: Config, node: ProcessId, state: PbState): number {
  const timeout = config.timeoutUs[node]!;
  return state.role === 'candidate' ? Math.max(timeout, roundWaitUs(config, node, state.round)) : timeout;
}

/** Who can be heard: itself and the nodes heard from within that time (strictly). */
function reachableCount(step: Step): number {
  const { state, config, context } = step;
  const windowUs = hearingUs(config, context.self, state);
  let count = 1;
  state.lastHeard.forEach((heardUs) => { if (context.nowUs - heardUs < windowUs) count++; });
  return count;
}

/** What `votes` or `commit-quorum` means at this moment. */
export const quorumSize = (step: Step, rule: string): number => (rule === 'reachable' ? majorityOf(reachableCount(step)) : sizeOf(rule, step.config.nodeCount));
