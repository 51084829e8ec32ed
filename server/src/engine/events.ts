/**
 * What happened: the vocabulary that protocols and the engine emit and that checkers, hovers and the timeline read.
 *
 * The log is columns of numbers, not objects: recording must keep up with a million events a second, and a run crosses
 * from the worker to the editor's thread as transferred buffers, without a copy. Words are interned in `strings`.
 */

/** Event kinds by name. The comment says which columns have a meaning; the others are -1. */
export const EVENT = {
  // Clients. node: client; peer: the node that answered; op; text: `write k = 1` for invoke, the value (or '') for ok.
  invoke: 0, ok: 1, fail: 2,
  /** The client gave up: the operation may have happened, or not (Jepsen's :info). */
  info: 3,
  // Messages. node, peer: sender and receiver for send and lost, receiver and sender for receive and discard; word, epoch, slot,
  // message, op, text. cause: the event whose handling sent it (send), the send (receive, lost, hold, release), the receive (discard).
  // a of a recorded send: 1 where it is only known from its receipt, and damage on the way would not show.
  send: 4, receive: 5,
  /** It will not arrive. detail: why (`partition`, `dropped`, `B is down`, …); line: the statement that did it. */
  lost: 6,
  /** It arrived and the protocol ignored it. detail: why. */
  discard: 7,
  hold: 8, release: 9,
  // Roles and epochs. node, epoch.
  /** a: votes counted (its own included); b: number of nodes. The node has completed its catch-up and acts as leader. */
  leads: 10,
  /** It stopped leading `epoch`. detail: why. */
  stepsDown: 11,
  /** peer: the leader it follows from now on. */
  follows: 12,
  /** It will obey nothing older than `epoch`. peer: from whom it heard of it; slot: the one it holds for (-1: all).
   *  a: 1 where a node that has recovered begins anew: its peers refuse what it said before, and older promises bind it no more. */
  promise: 13,
  /** peer: the candidate that gets the vote. */
  vote: 14,
  /** Its failure detector fired. */
  timeout: 15,
  /** It stands for election in `epoch`. */
  candidate: 16,
  // Slots. node, epoch, slot, op, text: the content (`k = 1`), the same text for the same content everywhere. word: empty, or
  // where the slot holds several operations, all of them (`operations`); op is then the first.
  accept: 17, commit: 18, apply: 19, abort: 20,
  /** The node dropped its entries from `slot` on. */
  truncate: 21,
  /** The node's commit index is now `slot` (emit only where a protocol keeps one). */
  commitIndex: 22,
  /** The node voted for `slot` and does not know how it ended. peer: who does. */
  doubt: 23,
  /** The doubt about `slot` ended, however it ended. */
  settled: 24,
  /** `slot` (or, with slot -1, the promise of `epoch`) is on disk. */
  persist: 25,
  // Nodes, clocks, links. node; line: the statement; text: what a person would say (`{A B} | {C}`).
  crash: 26,
  /** a: incarnation. */
  restart: 27, pause: 28, resume: 29,
  /** The links changed: a partition, a cut, a heal, a slow link. node: -1. */
  links: 30,
  /** a: the rate from now on, in millionths; -1: the wall clock was set. */
  clock: 31, disk: 32,
  /** Whom a node counts as members from now on; node -1, at the start: everybody. a: how many; b: the size of an election quorum (0: no
   *  elections, -1: depends on who can be heard); slot: of one that decides (-1: not told). text: the members' names, '' for all nodes;
   *  `A B | B C` where both sets must agree: then the numbers are the second's. detail: sizes that must share a node, `3+2 4+4`. */
  config: 33,
  /**
   * node relies on a lease of `epoch`. a, b: from and to, µs of true time, as its clock goes now; a later one of the same node
   * and epoch tells better. message: its length by the holder's clock; slot: how long those who granted it wait by theirs (-1: not told), µs.
   */
  lease: 34,
  // Recorded by the engine when the run ends. detail: `stuck`, `cycling`, `horizon`, `budget`.
  end: 35,
  /** A resource outside of the nodes took what a client asked. node: the resource; peer: the client; op; a: the token of the lock
   *  that the client believes to hold (-1: none), whether or not it showed it; text: `token 5`. */
  use: 36,
} as const;

export type EventKind = (typeof EVENT)[keyof typeof EVENT];
export const EVENT_NAMES = Object.keys(EVENT) as readonly (keyof typeof EVENT)[];

/** Whether such an event is about a slot (or a promise), and no message: then `word` tells operations. */
export const isSlots = (kind: EventKind): boolean => kind >= EVENT.accept && kind <= EVENT.persist;

/** The columns of one event; -1 (or '' for strings) where a kind has no use for one. */
export interface EventRecord {
  kind: EventKind;
  group: number;
  node: number;
  peer: number;
  word: string;
  epoch: number;
  slot: number;
  message: number;
  op: number;
  text: string;
  detail: string;
  cause: number;
  line: number;
  a: number;
  b: number;
}

export const COLUMNS = 14;
const KIND = 0, NODE = 1, PEER = 2, WORD = 3, EPOCH_ = 4, SLOT = 5, MESSAGE = 6, OP = 7, TEXT = 8, DETAIL = 9, CAUSE = 10, LINE = 11, A = 12, B = 13;

/**
 * Nodes may run several state machines side by side, each with leaders, epochs and slots of its own: groups, from 1 on. Events of
 * a group say so in the upper bits of the column of kinds, so that a log without groups costs nothing.
 */
const GROUP_SHIFT = 8, KIND_BITS = 0xff;

/** The kind of an event of a group; 0 or undefined: of none, or common to all. */
export function inGroup(kind: EventKind, group: number | undefined): EventKind {
  return group === undefined ? kind : (kind | group << GROUP_SHIFT) as EventKind;
}

/** A log as it crosses between threads: hand `ints.buffer` and `times.buffer` to the transfer list. */
export interface EventLogData {
  readonly length: number;
  readonly ints: Int32Array;
  readonly times: Float64Array;
  readonly strings: readonly string[];
  /** The highest group. */
  readonly groups?: number;
  /** Added to every line from 0 on: the block has moved since it ran. */
  readonly lineShift?: number;
}

export class EventLog {
  length = 0;
  /** The highest group that an event belongs to; 0: there are none. */
  groups = 0;
  private lineShift = 0;
  private ints: Int32Array;
  private times: Float64Array;
  readonly strings: string[];
  private readonly ids: Map<string, number>;

  /** `words`: a log whose interned words this one shares. */
  constructor(capacity = 256, words?: EventLog) {
    this.strings = words?.strings ?? [''];
    this.ids = words?.ids ?? new Map([['', 0]]);
    this.ints = new Int32Array(capacity * COLUMNS);
    this.times = new Float64Array(capacity);
  }

  static from(data: EventLogData): EventLog {
    const log = new EventLog(0);
    log.length = data.length;
    log.ints = data.ints;
    log.times = data.times;
    log.lineShift = data.lineShift ?? 0;
    log.groups = data.groups ?? 0;
    log.strings.length = 0;
    data.strings.forEach((text, id) => { log.strings.push(text); log.ids.set(text, id); });
    return log;
  }

  data(): EventLogData {
    return { length: this.length, ints: this.ints.slice(0, this.length * COLUMNS), times: this.times.slice(0, this.length), strings: this.strings,
      groups: this.groups, lineShift: this.lineShift };
  }

  /** The same events, `lines` further down the document. It shares this log's buffers: neither may grow from then on. */
  shiftedBy(lines: number): EventLog {
    const log = new EventLog(0, this);
    log.length = this.length;
    log.groups = this.groups;
    log.ints = this.ints;
    log.times = this.times;
    log.lineShift = this.lineShift + lines;
    return log;
  }

  /** How many lines further down the block now stands than when it ran. */
  get movedBy(): number { return this.lineShift; }

  /** A copy with every line from 0 on replaced by what `map` gives for it (-1: gone), for a text that changed since the run. */
  withLines(map: (line: number) => number): EventLog {
    const log = new EventLog(0, this);
    log.length = this.length;
    log.groups = this.groups;
    log.ints = this.ints.slice(0, this.length * COLUMNS);
    log.times = this.times;
    for (let i = 0; i < this.length; i++) {
      const line = this.line(i);
      if (line >= 0) log.ints[i * COLUMNS + LINE] = map(line);
    }
    return log;
  }

  intern(text: string): number {
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.strings.length;
      this.strings.push(text);
      this.ids.set(text, id);
    }
    return id;
  }

  /** The id of a text, or -1 if no event uses it. */
  find(text: string): number { return this.ids.get(text) ?? -1; }

  /** Appends an event and returns its index. `kind` may hold its group (`inGroup`). Words are ids from `intern` (0 is ''). */
  append(timeUs: number, kind: EventKind, node: number, peer: number, word: number, epoch: number, slot: number, message: number,
    op: number, text: number, detail: number, cause: number, line: number, a: number, b: number): number {
    const index = this.length;
    if (index === this.times.length) this.grow();
    if (kind > KIND_BITS) this.groups = Math.max(this.groups, kind >> GROUP_SHIFT);
    const at = index * COLUMNS, ints = this.ints;
    ints[at] = kind; ints[at + NODE] = node; ints[at + PEER] = peer; ints[at + WORD] = word; ints[at + EPOCH_] = epoch;
    ints[at + SLOT] = slot; ints[at + MESSAGE] = message; ints[at + OP] = op; ints[at + TEXT] = text; ints[at + DETAIL] = detail;
    ints[at + CAUSE] = cause; ints[at + LINE] = line; ints[at + A] = a; ints[at + B] = b;
    this.times[index] = timeUs;
    this.length = index + 1;
    return index;
  }

  /** Appends from a record of only the columns that matter: for everything but the engine's inner loop. */
  add(timeUs: number, kind: EventKind, rest: Partial<Omit<EventRecord, 'kind'>> = {}): number {
    return this.append(timeUs, inGroup(kind, rest.group), rest.node ?? -1, rest.peer ?? -1, this.intern(rest.word ?? ''), rest.epoch ?? -1, rest.slot ?? -1,
      rest.message ?? -1, rest.op ?? -1, this.intern(rest.text ?? ''), this.intern(rest.detail ?? ''), rest.cause ?? -1, rest.line ?? -1,
      rest.a ?? -1, rest.b ?? -1);
  }

  private grow(): void {
    const capacity = Math.max(256, this.times.length * 2);
    const ints = new Int32Array(capacity * COLUMNS);
    ints.set(this.ints);
    const times = new Float64Array(capacity);
    times.set(this.times);
    this.ints = ints;
    this.times = times;
  }

  /** The events of one group and the common ones, as a log without groups: what this log would be if that group were all. */
  projected(group: number): { readonly log: EventLog; readonly events: readonly number[] } {
    const log = new EventLog(0, this), events: number[] = [], moved = new Int32Array(this.length).fill(-1);
    for (let i = 0; i < this.length; i++) {
      if (this.group(i) !== 0 && this.group(i) !== group) continue;
      moved[i] = events.length;
      events.push(i);
    }
    log.length = events.length;
    log.lineShift = this.lineShift;
    log.ints = new Int32Array(events.length * COLUMNS);
    log.times = new Float64Array(events.length);
    events.forEach((from, to) => {
      log.ints.set(this.ints.subarray(from * COLUMNS, (from + 1) * COLUMNS), to * COLUMNS);
      log.ints[to * COLUMNS + KIND] = this.kind(from);
      log.ints[to * COLUMNS + CAUSE] = this.cause(from) < 0 ? this.cause(from) : moved[this.cause(from)]!;
      log.times[to] = this.times[from]!;
    });
    return { log, events };
  }

  private at(index: number, column: number): number { return this.ints[index * COLUMNS + column]!; }

  timeUs(i: number): number { return this.times[i]!; }
  kind(i: number): EventKind { return (this.at(i, KIND) & KIND_BITS) as EventKind; }
  group(i: number): number { return this.at(i, KIND) >> GROUP_SHIFT; }
  node(i: number): number { return this.at(i, NODE); }
  peer(i: number): number { return this.at(i, PEER); }
  epoch(i: number): number { return this.at(i, EPOCH_); }
  slot(i: number): number { return this.at(i, SLOT); }
  message(i: number): number { return this.at(i, MESSAGE); }
  op(i: number): number { return this.at(i, OP); }
  cause(i: number): number { return this.at(i, CAUSE); }
  line(i: number): number {
    const line = this.at(i, LINE);
    return line < 0 ? line : line + this.lineShift;
  }
  a(i: number): number { return this.at(i, A); }
  b(i: number): number { return this.at(i, B); }
  /** Ids, for comparing without touching strings. */
  wordId(i: number): number { return this.at(i, WORD); }
  textId(i: number): number { return this.at(i, TEXT); }
  word(i: number): string { return this.strings[this.at(i, WORD)]!; }
  /** The operations of a slot's event, in their order; -1 - op for one that has no effect any more. Empty where none is known. */
  operations(i: number): readonly number[] {
    const kind = this.kind(i);
    const several = isSlots(kind) ? this.word(i) : '';
    if (several !== '') return several.split(' ').map(Number);
    return this.op(i) < 0 ? [] : [this.op(i)];
  }
  text(i: number): string { return this.strings[this.at(i, TEXT)]!; }
  detail(i: number): string { return this.strings[this.at(i, DETAIL)]!; }
}
