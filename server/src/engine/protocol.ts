/**
 * What a protocol is to the engine: a state machine per node, whose handlers change one node's state and say aloud what
 * they did. The engine knows no protocol; a protocol knows no network, disk or clock.
 */
import type { ActionModel, ProcessId, Scenario } from '../model/scenario.ts';
import type { ProtocolSpec } from '../model/catalogue.ts';
import type { PersistentMap } from './persistent.ts';

/** What every message between nodes shows to the outside; protocols extend it with their own fields. */
export interface Message {
  /** The word of the language: `propose`, `pre-commit`. */
  readonly type: string;
  /** Leader epoch (view, term, ballot) of its origin; -1 where a message has none. */
  readonly epoch: number;
  /** Slot (request epoch, op-number); -1 where a message has none. */
  readonly slot: number;
  /** The client operation it is about, or -1. */
  readonly op: number;
  /** What it is about, as a person would write it: `k = 1`. */
  readonly content: string;
  /** When it was sent by one of its sender's own clocks, µs (an answer gives back the question's): it counts by its age. */
  readonly sentUs?: number;
  /** The group (events.ts) whose epoch and slot these are, where there are several. */
  readonly group?: number;
}

/**
 * The clocks of a node (protocols.md D). They run at one rate (`clock A runs 0.5x`). `monotonic`: never set, and what timers
 * go by; `wall`: set by `clock A jumps -1s`; `ticks`: counted by the node itself, so it stands still while the node is paused.
 */
export type ClockName = 'monotonic' | 'wall' | 'ticks';

/** A lease as its holder reckons it. Moments µs by that clock of its own. */
export interface Lease {
  readonly epoch: number;
  readonly clock: ClockName;
  readonly fromUs: number;
  readonly untilUs: number;
  /** For how long, by their own clocks, those who granted it help no other node to lead. */
  readonly waitUs: number;
  /** The group that it leads, where there are several. A node holds one lease of each. */
  readonly group?: number;
}

/** A client's request as a node receives it. The same request asked again has the same session and sequence number. */
export interface Request {
  readonly client: ProcessId;
  /** Session (the client's process) and number within it. */
  readonly session: number;
  readonly sequence: number;
  readonly op: number;
  readonly action: ActionModel;
}

/** A node's state: plain data. Whatever must survive a crash is in `disk`, which is replaced, never changed in place. */
export interface NodeState {
  disk: object;
}

/** Emitting events and acting on the world, from within a handler of one node. */
export interface Context<M extends Message> {
  /** This node, and all nodes in rank order: 0 … nodeCount-1. */
  readonly self: ProcessId;
  readonly nodeCount: number;
  /** The node's own clock, µs: monotonic, unless a fault says otherwise. */
  readonly nowUs: number;
  /** One of the node's clocks, µs. `monotonic` is `nowUs`. */
  clockUs(clock: ClockName): number;
  /** The node relies on this lease from now on, instead of any it held: recorded, and again whenever its clock is tampered with. */
  holdLease(lease: Lease): void;
  /** It gives up the lease that it holds, if any; so does who stops leading, or crashes. */
  dropLease(group?: number): void;
  /** A seeded random integer from 0 to bound-1, from a stream of this node and purpose. */
  random(purpose: string, bound: number): number;
  /** Sends are released when everything persisted before them in this handler is on disk. */
  send(to: ProcessId, message: M): void;
  /** Answers a request: the client's operation ends (`failed`: it certainly did not happen). */
  reply(request: Request, outcome: 'ok' | 'failed', value: string): void;
  /** "Ask that node": not an answer. */
  redirect(request: Request, to: ProcessId): void;
  /** Sets (or sets again) the timer of that name and argument; it fires once. */
  setTimer(name: string, delayUs: number, argument?: number): void;
  clearTimer(name: string, argument?: number): void;
  /** Puts `state.disk` as it is now on disk; `slot`: which entry that makes durable, -1 for the promise of `epoch`. `ops`: as in `emit`. */
  persist(epoch: number, slot: number, op: number, content: string, ops?: readonly number[], group?: number): void;
  /** Whether `state.disk` as it is now will be on disk before what this handler sends from here on. false: an earlier handler
   *  has begun to write it and the disk is slow, or nobody has. */
  readonly durable: boolean;
  /** Sets this timer to fire as soon as all that this handler has persisted is on disk. false: it is already, and no timer is set. */
  whenOnDisk(name: string, argument?: number): boolean;
  /** Ignores the message being handled, aloud. */
  discard(reason: string): void;
  /** Records one event of EVENT for this node, its cause being the message or timer being handled. `ops`: all operations of a slot
   *  that holds several, `op` being the first; one that has no effect any more stands there as -1 - op. */
  emit(kind: ProtocolEvent, fields?: { peer?: ProcessId; epoch?: number; slot?: number; op?: number; text?: string; detail?: string; a?: number; b?: number; ops?: readonly number[]; group?: number }): void;
}

/** The kinds of event that a protocol may emit itself; the rest is the engine's. */
export type ProtocolEvent =
  | 'leads' | 'stepsDown' | 'follows' | 'promise' | 'vote' | 'timeout' | 'candidate' | 'accept' | 'commit' | 'apply' | 'abort' | 'truncate'
  | 'commitIndex' | 'doubt' | 'settled' | 'config';

/** One node's state as hovers, the timeline and `expect k = 1 on A` see it. */
export interface NodeView {
  readonly role: string;
  readonly epoch: number;
  readonly leader: ProcessId | undefined;
  readonly log: readonly { readonly slot: number; readonly epoch: number; readonly content: string; readonly state: 'accepted' | 'committed' | 'applied' }[];
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Feeds a hash, field by field. Epochs go through `epoch`, so that two states that differ only by a shift of all current
 * epochs count as the same round of a cycle (protocols only compare epochs and take the next one).
 */
export interface StateHasher {
  int(value: number): void;
  text(value: string): void;
  epoch(value: number): void;
  /** A moment on one of the node's clocks (in a message: its sender's), hashed by its age; all ages from `horizonUs` on are alike. */
  time(valueUs: number, horizonUs?: number, clock?: ClockName): void;
  /** How far that clock of the node's is from true time: where the node's messages carry `sentUs`, which is told from their arrival. */
  offset(clock: ClockName): void;
  /** Plain data or a persistent collection, whole. (A proof compares all of it; `int(map.contentHash)` would trust the hash.) */
  data(value: unknown): void;
  /** The entries of a persistent map whose values hold epochs. An entry that has not changed is not fed again, so `feed` must
   *  depend on the entry alone (and feed no `time`), and a map must always be fed by the same function. */
  entries<K extends number | string, V>(map: PersistentMap<K, V>, feed: (hasher: StateHasher, key: K, value: V) => void): void;
}

/** A client's operation as its machine is asked for it. */
export interface Asked {
  readonly op: number;
  readonly action: ActionModel;
  /** The node it is to be asked of; undefined: any. */
  readonly target: ProcessId | undefined;
}

/** What a client with a machine of its own may do, from within one of its handlers. */
export interface ClientContext<M extends Message> {
  readonly self: ProcessId;
  readonly name: string;
  readonly nodeCount: number;
  send(to: ProcessId, message: M): void;
  setTimer(name: string, delayUs: number, argument?: number): void;
  clearTimer(name: string, argument?: number): void;
  /** Asks a resource outside of the nodes: `onAnswer` hears of it. `token`: of the lock that it believes to hold, -1: none. */
  use(resource: ProcessId, op: number, token: number): void;
  /** The operation ends; `unknown`: it may have happened, or not. `detail`: what else the answer tells, or why it is not known. */
  end(op: number, outcome: 'ok' | 'failed' | 'unknown', value: string, detail?: string): void;
  /** Ignores the message being handled, aloud. */
  discard(reason: string): void;
}

/** A client that is more than a caller: it keeps a session, which nodes answer and also speak to unasked. */
export interface ClientMachine<C extends object, M extends Message> {
  /** Whether it asks this; other operations are asked as everywhere. */
  takes(action: ActionModel): boolean;
  /** `nth` client, from 0. Plain data; handlers assign its fields, collections in it are persistent or replaced whole. */
  initial(nth: number): C;
  onOperation(context: ClientContext<M>, state: C, asked: Asked): void;
  /** The operation was given up: nobody waits for it any more. */
  onGivenUp(context: ClientContext<M>, state: C, op: number): void;
  onMessage(context: ClientContext<M>, state: C, from: ProcessId, message: M): void;
  /** What a resource has answered. */
  onAnswer(context: ClientContext<M>, state: C, op: number, outcome: 'ok' | 'failed', value: string): void;
  onTimer(context: ClientContext<M>, state: C, name: string, argument: number): void;
  /** Every field of the state, in a fixed order. */
  hash(state: C, hasher: StateHasher): void;
}

/** A protocol configured for one scenario. Before each handler the engine makes a shallow copy of the node's state, so
 *  handlers assign its fields freely; collections in it are persistent (engine/persistent.ts) or replaced whole. */
export interface Machine<S extends NodeState, M extends Message> {
  /** Clients with sessions, where the protocol has them. Nodes get their messages like those of other nodes. */
  readonly clients?: ClientMachine<object, M>;
  /** Events at the very start, once for the whole system. */
  readonly electionQuorum: number;
  /** The size of the smallest quorum that decides a slot, where elections and decisions have sizes of their own. */
  readonly decisionQuorum?: number;
  /** Pairs of quorum sizes, as the document gives them, of which any two must share a node. */
  readonly mustMeet?: readonly (readonly [number, number])[];
  /** How many different nodes must give a client the same answer before it believes it; 1 unless said. */
  readonly repliesNeeded?: number;
  /** Whether links are FIFO unless the scenario's `network` says otherwise. */
  readonly fifo: boolean;
  /** Whom clients ask first, or undefined where any node will do. */
  readonly firstLeader: ProcessId | undefined;
  initial(node: ProcessId): S;
  /** Time 0. */
  start(context: Context<M>, state: S): void;
  /** A new state from what the disk holds (undefined: nothing, or lost), then whatever a restart does. */
  restart(context: Context<M>, node: ProcessId, disk: S['disk'] | undefined): S;
  onMessage(context: Context<M>, state: S, from: ProcessId, message: M): void;
  onRequest(context: Context<M>, state: S, request: Request): void;
  onTimer(context: Context<M>, state: S, name: string, argument: number): void;
  /** `timeout B`: the failure detector fires now. */
  onSuspect(context: Context<M>, state: S): void;
  /** `transfer A to B`: this node is to hand its leadership over. Left out where leaders cannot. */
  onTransfer?(context: Context<M>, state: S, to: ProcessId): void;
  /** A copy of the message with its content changed, for `corrupt`. */
  corrupt(message: M): M;
  /** What its sender does to a message last of all, be it true or a lie: checksums, signatures. `signer`: who really sends it. */
  seal?(message: M, signer: ProcessId): M;
  view(state: S): NodeView;
  /** Every field of the state, in a fixed order. `floor` of epochs: the epoch the node would take the next one from. */
  hash(state: S, hasher: StateHasher): void;
  /** Every field of a message, in a fixed order. Without it numbers that may be epochs keep rounds of elections apart. */
  hashMessage?(message: M, hasher: StateHasher): void;
  epochFloor(state: S): number;
}

export interface Protocol {
  readonly spec: ProtocolSpec;
  /** Throws only on our own bug: the model has checked the knobs. */
  configure(scenario: Scenario): Machine<NodeState, Message>;
}
