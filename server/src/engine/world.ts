/**
 * The state of a simulated world at one moment, and what it takes to fork it.
 *
 * Everything that grows is persistent (the queue, the held messages, the cuts); everything else is a slot per process or a
 * short array, owned by one world and copied by the first that changes it after a fork. So a fork copies a handful of
 * references, a step copies what it changes, and a run that never forks copies nothing.
 */
import type { EventKind, EventLog } from './events.ts';
import { PersistentMap } from './persistent.ts';
import type { ClockName, Lease, Message, NodeState } from './protocol.ts';
import { type Item, type Queue, withItem, withoutItem } from './queue.ts';
import type { Setup } from './setup.ts';

/** Whoever holds the same token may change a slot in place. */
export type Token = object;

/** What a process remembers of its outgoing links, by receiver. */
export class Links {
  /** When the latest message on the link arrives, µs: on a fifo link the next one is not earlier. */
  arrivals: number[];
  /** Messages sent so far on links that are random: the counter of their streams. */
  draws: number[];

  constructor(arrivals: number[], draws: number[]) {
    this.arrivals = arrivals;
    this.draws = draws;
  }

  static fresh(count: number): Links { return new Links(new Array<number>(count).fill(0), new Array<number>(count).fill(0)); }

  copy(): Links { return new Links(this.arrivals.slice(), this.draws.slice()); }
}

/** A crash that waits for its point within a handler. */
export interface ArmedCrash {
  readonly point: { readonly kind: 'before-fsync' | 'after-fsync' } | { readonly kind: 'after-sends'; readonly count: number };
  readonly losing: 'disk' | 'unsynced' | undefined;
  readonly keeping: number | undefined;
  readonly step: number;
  readonly line: number;
  /** Only for the handler that is about to run. */
  readonly once: boolean;
}

/** A lease, and when it holds in true time as far as its holder's clock lets it be known, µs. */
export interface HeldLease extends Lease {
  readonly trueFromUs: number;
  readonly trueUntilUs: number;
}

/** What a write would put on the disk, and the event that tells of it. */
export interface Unsynced extends WriteStory {
  readonly contents: object;
}

/** What a write is about. */
export interface WriteStory {
  readonly epoch: number;
  readonly slot: number;
  readonly op: number;
  readonly content: string;
  /** All operations of the slot, if it holds several. */
  readonly ops: string;
  readonly group: number | undefined;
  readonly cause: number;
  readonly line: number;
}

export class NodeSlot {
  owner: Token;
  links: Links;
  up = true;
  paused = false;
  /** The statement that crashed it, while it is down. */
  downLine = -1;
  incarnation = 0;
  state: NodeState;
  /** What the disk holds; undefined: nothing. */
  durable: object | undefined = undefined;
  /** The slot of the record written last (-1: none), and those of records that will read otherwise. */
  written = -1;
  rotten: readonly number[] = [];
  /** The first writes that a lying disk has not made, as many as a crash of the scenario may keep. */
  unsynced: readonly Unsynced[] = [];
  timers: Item[] = [];
  /** What a paused node has waiting, by due time. */
  inbox: Queue = undefined;
  /** The end of `pause A for D`, if it is in the queue. */
  pauseEnd: Item | undefined = undefined;
  /** Local clock: baseLocalUs + (now − baseTrueUs) · rate. */
  rate = 1;
  baseTrueUs = 0;
  baseLocalUs = 0;
  /** Wall clock minus monotonic clock; monotonic clock minus ticks, up to the pause under way, which began at `pausedAtUs` of it. */
  wallAheadUs = 0;
  ticksLostUs = 0;
  pausedAtUs = 0;
  /** When its clock came to stand still, if it does: true time, µs. Its timers are not in the queue meanwhile. */
  suspendedUs: number | undefined = undefined;
  /** The leases it relies on, one of each group. Of no influence on what happens. */
  leases: readonly HeldLease[] = [];
  diskDelayUs = 0;
  diskLies = false;
  /** When the last write under way will be on disk. */
  diskBusyUntilUs = 0;
  armed: ArmedCrash | undefined = undefined;
  /** Random numbers drawn so far, by purpose. */
  draws: PersistentMap<string, number> = PersistentMap.empty();
  /** The hash of this slot, for this floor of epochs and (if it holds moments) this time; see hashing.ts. */
  hash = 0;
  hashFloor = NaN;
  hashNowUs = NaN;

  constructor(owner: Token, state: NodeState, links: Links) {
    this.owner = owner;
    this.state = state;
    this.links = links;
  }

  localUs(nowUs: number): number {
    const atUs = this.suspendedUs ?? nowUs;
    return this.rate === 1 ? this.baseLocalUs + atUs - this.baseTrueUs : this.baseLocalUs + Math.floor((atUs - this.baseTrueUs) * this.rate);
  }

  clockUs(clock: ClockName, nowUs: number): number {
    const localUs = this.localUs(nowUs);
    switch (clock) {
      case 'monotonic': return localUs;
      case 'wall': return localUs + this.wallAheadUs;
      case 'ticks': return (this.paused ? this.pausedAtUs : localUs) - this.ticksLostUs;
    }
  }

  copyFor(owner: Token): NodeSlot {
    const copy = new NodeSlot(owner, { ...this.state }, this.links.copy());
    const { up, paused, downLine, incarnation, durable, written, rotten, unsynced, inbox, pauseEnd, rate, baseTrueUs, baseLocalUs } = this;
    const { wallAheadUs, ticksLostUs, pausedAtUs, suspendedUs, leases, diskDelayUs, diskLies, diskBusyUntilUs, armed, draws } = this;
    return Object.assign(copy, {
      unsynced, suspendedUs, wallAheadUs, ticksLostUs, pausedAtUs, leases, up, paused, downLine, incarnation, durable, written, rotten, inbox, pauseEnd, rate, baseTrueUs, baseLocalUs, diskDelayUs, diskLies, diskBusyUntilUs, armed, draws,
      timers: this.timers.slice(),
    });
  }
}

/** A client's operation under way. */
export interface Asking {
  readonly sequence: number;
  /** The node asked last. */
  readonly asked: number;
  /** Silence, after which it asks again or elsewhere. */
  readonly patience: Item | undefined;
  /** The moment at which it gives up. */
  readonly deadline: Item | undefined;
  /** Index of the `invoke` event. */
  readonly invoked: number;
  /** What it has heard, in order of arrival, where one answer is not enough: the last of each node. */
  readonly answers: readonly Answer[];
}

export interface Answer {
  readonly from: number;
  readonly outcome: string;
  readonly value: string;
}

export class ClientSlot {
  owner: Token;
  links: Links;
  /** The node it asks first. */
  leader: number;
  /** Operations of this session so far. */
  sequence = 0;
  /** Operations under way, by id. */
  asking: PersistentMap<number, Asking> = PersistentMap.empty();
  /** Of the machine that the protocol brings for clients, if it does. */
  state: object;
  timers: Item[] = [];
  /** Of a resource: the newest token that it was shown. */
  newestToken = -1;
  // As of nodes.
  readonly up = true;
  readonly downLine = -1;
  paused = false;
  inbox: Queue = undefined;
  pauseEnd: Item | undefined = undefined;

  constructor(owner: Token, links: Links, leader: number, state: object) {
    this.owner = owner;
    this.links = links;
    this.leader = leader;
    this.state = state;
  }

  copyFor(owner: Token): ClientSlot {
    const copy = new ClientSlot(owner, this.links.copy(), this.leader, { ...this.state });
    const { newestToken, sequence, asking, paused, inbox, pauseEnd } = this;
    return Object.assign(copy, { newestToken, sequence, asking, paused, inbox, pauseEnd, timers: this.timers.slice() });
  }
}

/** Why a link carries nothing: lines of the statements (undefined: not cut so, -1: cut by no line). */
export interface Cut {
  readonly partition: number | undefined;
  readonly cut: number | undefined;
}

/** What the faults made of the network. Replaced, never changed in place. */
export interface Network {
  /** By link. */
  readonly cuts: PersistentMap<number, Cut>;
  /** Extra delay, µs, by link. */
  readonly slow: PersistentMap<number, number>;
  /** Messages held back, by number: in the order of their sending. */
  readonly held: PersistentMap<number, Item>;
  /** By link: how many of them there are. */
  readonly heldOn: PersistentMap<number, number>;
  /** Sum of the hashes of what they hold. */
  readonly heldHash: number;
  /** By step: the message that a `duplicate … #N` means, sent before the statement's time came. */
  readonly toCopy: PersistentMap<number, Item>;
}

const QUIET: Network = {
  cuts: PersistentMap.empty(), slow: PersistentMap.empty(), held: PersistentMap.empty(() => 0), heldOn: PersistentMap.empty(), heldHash: 0,
  toCopy: PersistentMap.empty(() => 0),
};

/** How far the script has come: by watch, rule and step. */
export class ScriptState {
  owner: Token;
  watchMatches: number[];
  watchDone: boolean[];
  ruleMatches: number[];
  // By step, filled in as it happens: a long script costs a world nothing until it acts.
  /** Its rule acts on messages. */
  active: boolean[];
  /** Its rule acts no more (a hold that was released). */
  ended: boolean[];
  /** Of `release … #N`: the id of the message it picks. */
  picked: number[];
  /** It took effect. Of no influence on what happens. */
  used: boolean[];

  constructor(owner: Token, from: Omit<ScriptState, 'owner' | 'copyFor'>) {
    this.owner = owner;
    this.watchMatches = from.watchMatches.slice();
    this.watchDone = from.watchDone.slice();
    this.ruleMatches = from.ruleMatches.slice();
    this.active = from.active.slice();
    this.ended = from.ended.slice();
    this.picked = from.picked.slice();
    this.used = from.used.slice();
  }

  static fresh(owner: Token, setup: Setup): ScriptState {
    return new ScriptState(owner, {
      watchMatches: setup.watches.map(() => 0), watchDone: setup.watches.map(() => false), ruleMatches: setup.rules.map(() => 0),
      active: [], ended: [], picked: [], used: [],
    });
  }
}

/** What the script is told as it happens. Implemented by script.ts; the world's other parts only know this. */
export interface Observer {
  /** A message was sent; runs within the sender's handler. */
  sent(world: World, from: number, to: number, message: Message): void;
  /** A message is about to be handled; may crash or pause its receiver. */
  delivering(world: World, from: number, to: number, message: Message): void;
  /** A node emitted `leads` or `timeout`; runs within its handler. */
  emitted(world: World, kind: 'leads' | 'times-out', node: number): void;
  /** A client heard `ok` or `failed`. */
  answered(world: World, op: number, ok: boolean): void;
}

export class World {
  readonly setup: Setup;
  readonly observer: Observer;
  /** Where events are recorded; undefined in worlds that a search forks off. */
  readonly log: EventLog | undefined;
  token: Token = {};
  nowUs = 0;
  queue: Queue = undefined;
  nodes: NodeSlot[] = [];
  clients: ClientSlot[] = [];
  network: Network = QUIET;
  private scriptState: ScriptState;
  /** Insertions into the queue so far: breaks ties. */
  insertions = 0;
  /** Messages sent so far: their identities. */
  messages = 0;
  /** Random numbers drawn so far, whatever for: a world in which this grows does not come back. */
  draws = 0;
  /** Client operations under way. */
  pending = 0;
  /** Nothing fails any more (stable.ts). */
  stable = false;
  /** Items of the script in the queue. */
  scripted = 0;
  /** The node whose handler is running, or -1. */
  running = -1;
  /** The running node crashed within its handler: nothing that the handler still does has an effect. */
  dead = false;
  /** Steps taken that recorded nothing: they count against the budget too. */
  silent = 0;

  constructor(setup: Setup, observer: Observer, log: EventLog | undefined) {
    this.setup = setup;
    this.observer = observer;
    this.log = log;
    this.scriptState = ScriptState.fresh(this.token, setup);
    const { machine, nodeCount, processCount } = setup;
    for (let node = 0; node < nodeCount; node++) this.nodes.push(new NodeSlot(this.token, machine.initial(node), Links.fresh(processCount)));
    const leader = Math.max(0, machine.firstLeader ?? 0);
    for (let p = nodeCount; p < processCount; p++) this.clients.push(new ClientSlot(this.token, Links.fresh(processCount), leader, machine.clients?.initial(p - nodeCount) ?? {}));
  }

  /** A world that goes its own way from here. Not from within a step. */
  fork(log?: EventLog): World {
    const fork = Object.create(World.prototype) as World;
    Object.assign(fork, this, { log, nodes: this.nodes.slice(), clients: this.clients.slice(), token: {} });
    this.token = {};
    return fork;
  }

  get script(): ScriptState { return this.scriptState; }

  /** The state of the script, to be changed. */
  ownScript(): ScriptState {
    if (this.scriptState.owner !== this.token) this.scriptState = new ScriptState(this.token, this.scriptState);
    return this.scriptState;
  }

  /** A node's slot, to be changed. */
  ownNode(node: number): NodeSlot {
    const slot = this.nodes[node]!;
    slot.hashFloor = NaN;
    if (slot.owner === this.token) return slot;
    const copy = slot.copyFor(this.token);
    this.nodes[node] = copy;
    return copy;
  }

  /** A client's slot, by process, to be changed. */
  ownClient(process: number): ClientSlot {
    const index = process - this.setup.nodeCount, slot = this.clients[index]!;
    if (slot.owner === this.token) return slot;
    const copy = slot.copyFor(this.token);
    this.clients[index] = copy;
    return copy;
  }

  /** The slot of a node or a client, to be changed. */
  ownSlot(process: number): NodeSlot | ClientSlot {
    return process < this.setup.nodeCount ? this.ownNode(process) : this.ownClient(process);
  }

  /** The outgoing links of a process, to be changed. */
  ownLinks(process: number): Links {
    return this.ownSlot(process).links;
  }

  nextNumber(): number { return ++this.insertions; }

  add(item: Item): void { this.queue = withItem(this.queue, item, this.token); }

  remove(item: Item): void { this.queue = withoutItem(this.queue, item, this.token); }

  markUsed(step: number): void {
    if (!this.scriptState.used[step]) this.ownScript().used[step] = true;
  }

  /** Events recorded and steps that recorded nothing: what a budget counts. */
  get events(): number { return (this.log === undefined ? 0 : this.log.length) + this.silent; }

  intern(text: string): number { return this.log === undefined ? 0 : this.log.intern(text); }

  /** Records an event with words from `intern`; its index, or -1 where nothing is recorded. */
  record(kind: EventKind, node: number, peer: number, word: number, epoch: number, slot: number, message: number, op: number, text: number,
    detail: number, cause: number, line: number, a = -1, b = -1): number {
    if (this.log === undefined) return -1;
    return this.log.append(this.nowUs, kind, node, peer, word, epoch, slot, message, op, text, detail, cause, line, a, b);
  }

  /** Records an event of a node, a link or a client that is no message. */
  note(kind: EventKind, node: number, line: number, text = '', detail = '', a = -1, op = -1, peer = -1, cause = -1): number {
    return this.record(kind, node, peer, 0, -1, -1, -1, op, this.intern(text), this.intern(detail), cause, line, a);
  }
}
