/**
 * Whether a set of calls has a linearization (Herlihy and Wing 1990), by the search of Wing and Gong 1993 with the memory
 * of Lowe 2017: a pair of the calls already ordered and the state reached is explored once.
 *
 * Calls that end are ordered all; calls that never end (outcome unknown) are ordered anywhere after their start, or never.
 *
 * What keeps many concurrent calls from being tried in every order:
 * - a call that commutes with all that may come before it is taken at once (persistent sets, Godefroid 1996);
 * - so is a read that fits, and a blind write whose value nobody needs over one that nobody needs either;
 * - a call of unknown outcome is worth taking only for a call right after it that needs what it leaves.
 */
import { ANYTHING, Automaton, IMPOSSIBLE } from './automaton.ts';
import type { HistoryConsistency } from '../language/syntax.ts';
import { previousOfClient, type Interval } from './intervals.ts';
import type { ObjectModel } from './models.ts';
import { scrambled, Visited } from './visited.ts';

export type Linearizability = 'linearizable' | 'not-linearizable' | 'unknown';

/** States that may still be explored; shared between searches, and used up by them. */
export interface Budget {
  states: number;
  /** Where a search ran out of them: the most operations that it had ordered, and of how many. */
  reached?: { readonly ordered: number; readonly of: number };
}

export interface Linearization {
  readonly verdict: Linearizability;
  /** The calls in an order that explains them; as many as could be ordered, where not all can. */
  readonly order: readonly Interval[];
}

/**
 * What an order must keep: real time; each client's own (Lamport 1979); nothing. The history's word for it is that of what its
 * objects then are, transactions or not.
 */
export type Order = HistoryConsistency;

/** One set of calls, in any order. Calls touching in time are concurrent, except those of one client. */
export function linearize(model: ObjectModel, intervals: readonly Interval[], budget: Budget, order: Order = 'linearizable'): Linearization {
  const sorted = [...intervals].sort((a, b) => a.start - b.start || a.id - b.id);
  return new Search(model, sorted.filter((one) => one.end !== Infinity), sorted.filter((one) => one.end === Infinity), order).run(budget);
}

/** A stack of numbers. */
class Stack {
  length = 0;
  private items = new Int32Array(256);

  push(item: number): void {
    if (this.length === this.items.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = item;
  }

  pop(): number { return this.items[--this.length]!; }

  at(index: number): number { return this.items[index]!; }

  set(index: number, item: number): void { this.items[index] = item; }
}

class Search {
  private readonly model: ObjectModel;
  private readonly known: readonly Interval[];
  private readonly unknown: readonly Interval[];
  private readonly automaton: Automaton;
  /** By call, the known ones first: its number in the automaton, its start and end, and whether it is a read or a blind write. */
  private readonly calls: Int32Array;
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly isRead: Uint8Array;
  private readonly isBlind: Uint8Array;
  /** For each call, the known one of the same client that ends before it starts, or -1. */
  private readonly before: Int32Array;
  /** For each unknown call, the one before it that asks the same, or -1: that one may as well be taken first. */
  private readonly twin: Int32Array;
  /** By call: 1 if it is ordered. */
  private readonly taken: Uint8Array;
  /** The known calls not yet ordered, as a list in order of start; index known.length is its end, and its head's anchor. */
  private readonly nextOf: Int32Array;
  private readonly previousOf: Int32Array;
  /** By call: the state it needs to find (ANYTHING: the model cannot tell); undefined where the model can tell that of none. */
  private readonly needs: Int32Array | undefined;
  /** By state: how many calls not yet ordered need to find it. */
  private readonly needed: number[] = [];
  private readonly visited = new Visited();
  private words = new Int32Array(64);
  /** Of the calls that are ordered. */
  private hash = 0;
  private left: number;
  private highest = -1;

  constructor(model: ObjectModel, known: readonly Interval[], unknown: readonly Interval[], order: Order) {
    const all = [...known, ...unknown], n = known.length, timed = order === 'linearizable';
    this.model = model;
    this.known = known;
    this.unknown = unknown;
    this.automaton = new Automaton(model, all);
    this.calls = Int32Array.from(all, ({ call }) => this.automaton.call(call));
    this.starts = Float64Array.from(all, ({ start }) => (timed ? start : 0));
    this.ends = Float64Array.from(all, ({ end }) => (timed ? end : 0));
    this.isRead = Uint8Array.from(all, ({ call }) => (call.kind === 'read' ? 1 : 0));
    this.isBlind = Uint8Array.from(all, ({ call }) => (model.blind?.has(call.kind) === true ? 1 : 0));
    this.left = n;
    this.taken = new Uint8Array(all.length);
    this.nextOf = Int32Array.from({ length: n + 1 }, (_, i) => (i === n ? (n > 0 ? 0 : n) : i + 1));
    this.previousOf = Int32Array.from({ length: n + 1 }, (_, i) => (i === 0 ? n : i - 1));
    this.before = order === 'serializable' ? new Int32Array(all.length).fill(-1) : Int32Array.from(previousOfClient(all));
    this.twin = previousTwin(this.calls.subarray(n));
    if (model.needs !== undefined && all.every(({ call }) => model.plain?.has(call.kind))) {
      this.needs = this.calls.map((call) => this.automaton.needed(call));
      for (const state of this.needs) if (state !== ANYTHING) this.needed[state] = (this.needed[state] ?? 0) + 1;
    }
  }

  /** Depth first. A frame is the state before a choice, and where its candidates begin and which is next in one stack of all. */
  run(budget: Budget): Linearization {
    const candidates = new Stack(), states = new Stack(), begins = new Stack(), nexts = new Stack(), path = new Stack();
    let longest: readonly Interval[] = [];
    const enter = (state: number, onlyNeeding: boolean): void => {
      states.push(state);
      begins.push(candidates.length);
      nexts.push(candidates.length);
      this.candidates(state, onlyNeeding, candidates);
    };
    enter(this.automaton.initial, false);
    for (;;) {
      if (this.left === 0) return { verdict: 'linearizable', order: this.orderOf(path) };
      const frame = states.length - 1, next = nexts.at(frame);
      if (next === candidates.length) {
        if (path.length > longest.length) longest = this.orderOf(path);
        candidates.length = begins.pop();
        states.pop();
        nexts.pop();
        if (frame === 0) return { verdict: 'not-linearizable', order: longest };
        this.undo(path.pop());
        continue;
      }
      nexts.set(frame, next + 1);
      const call = candidates.at(next), state = states.at(frame), after = this.automaton.step(state, this.calls[call]!);
      if (after === IMPOSSIBLE) continue;
      const isUnknown = call >= this.known.length;
      if (isUnknown && after === state) continue;
      this.take(call);
      const onlyNeeding = isUnknown && this.needs !== undefined;
      if ((onlyNeeding && !(this.needed[after]! > 0)) || !this.isNew(after, onlyNeeding)) {
        this.undo(call);
        continue;
      }
      if (budget.states-- <= 0) {
        const order = path.length > longest.length ? this.orderOf(path) : longest;
        budget.reached = { ordered: order.length, of: this.known.length + this.unknown.length };
        return { verdict: 'unknown', order };
      }
      path.push(call);
      enter(after, onlyNeeding);
    }
  }

  private orderOf(path: Stack): readonly Interval[] {
    return Array.from({ length: path.length }, (_, i) => {
      const call = path.at(i);
      return call < this.known.length ? this.known[call]! : this.unknown[call - this.known.length]!;
    });
  }

  /**
   * The calls that no other one precedes. A read that fits now is taken at once, without alternatives: it changes nothing,
   * so that any order in which it comes later stays one with it moved here. `onlyNeeding`: only calls that need this state.
   */
  private candidates(state: number, onlyNeeding: boolean, found: Stack): void {
    const n = this.known.length, { starts, ends, nextOf, before, taken, needs } = this, from = found.length;
    let firstEnd = Infinity;
    for (let i = nextOf[n]!; i < n && starts[i]! <= firstEnd; i = nextOf[i]!) {
      if (ends[i]! < firstEnd) firstEnd = ends[i]!;
      if (before[i]! >= 0 && taken[before[i]!] === 0) continue;
      if (onlyNeeding && needs![i] !== state) continue;
      if (this.isFree(i, state) || (found.length === from && this.commutesWithAll(i))) {
        found.length = from;
        found.push(i);
        return;
      }
      found.push(i);
    }
    for (let i = n; i < taken.length && starts[i]! <= firstEnd; i++) {
      const twin = this.twin[i - n]!;
      if (before[i]! >= 0 && taken[before[i]!] === 0) continue;
      if (taken[i] === 0 && (twin < 0 || taken[n + twin] === 1) && !(onlyNeeding && needs![i] !== state)) found.push(i);
    }
  }

  /** A read that fits, or a write that nobody reads over a value that nobody reads any more: it makes no difference when it comes. */
  private isFree(call: number, state: number): boolean {
    if (this.isRead[call] === 1) return this.automaton.step(state, this.calls[call]!) === state;
    if (this.needs === undefined || this.isBlind[call] === 0 || this.needed[state]! > 0) return false;
    return !(this.needed[this.automaton.step(state, this.calls[call]!)]! > 0);
  }

  /** Whether a call may change places with every call that might be ordered before it: then it may as well come first. */
  private commutesWithAll(call: number): boolean {
    const { model, nextOf, starts, ends } = this;
    if (model.commute === undefined) return false;
    const n = this.known.length, own = this.known[call]!;
    for (let i = nextOf[n]!; i < n && starts[i]! <= ends[call]!; i = nextOf[i]!) {
      if (i !== call && !model.commute(own.call, this.known[i]!.call)) return false;
    }
    return this.unknown.every(({ call: other }, i) => this.taken[n + i] === 1 || starts[n + i]! > ends[call]! || model.commute!(own.call, other));
  }

  private need(call: number, change: 1 | -1): void {
    const state = this.needs === undefined ? ANYTHING : this.needs[call]!;
    if (state !== ANYTHING) this.needed[state]! += change;
  }

  private take(call: number): void {
    const n = this.known.length;
    this.need(call, -1);
    this.taken[call] = 1;
    this.hash ^= scrambled(call + 1);
    if (call >= n) return;
    this.left -= 1;
    const next = this.nextOf[call]!, previous = this.previousOf[call]!;
    this.nextOf[previous] = next;
    this.previousOf[next] = previous;
    if (call > this.highest) this.highest = call;
  }

  /** In the reverse order of `take`, so that the list's links are those of then. */
  private undo(call: number): void {
    const n = this.known.length;
    this.need(call, 1);
    this.taken[call] = 0;
    this.hash ^= scrambled(call + 1);
    if (call >= n) return;
    this.left += 1;
    this.nextOf[this.previousOf[call]!] = call;
    this.previousOf[this.nextOf[call]!] = call;
    while (this.highest >= 0 && this.taken[this.highest] === 0) this.highest -= 1;
  }

  /** Remembers (ordered calls, state, what may come next); whether it is met for the first time. */
  private isNew(state: number, onlyNeeding: boolean): boolean {
    const n = this.known.length, first = this.nextOf[n]!;
    let length = 0;
    const put = (word: number): void => {
      if (length === this.words.length) {
        const larger = new Int32Array(length * 2);
        larger.set(this.words);
        this.words = larger;
      }
      this.words[length++] = word;
    };
    const putBits = (from: number, to: number): void => {
      for (let at = from; at < to; at += 32) {
        let bits = 0;
        for (let i = at; i < at + 32 && i < to; i++) bits |= this.taken[i]! << (i - at);
        put(bits);
      }
    };
    put(first);
    put(state * 2 + (onlyNeeding ? 1 : 0));
    putBits(n, this.taken.length);
    // All calls before `first` are ordered; of those after it only a few can be.
    putBits(first + 1, this.highest + 1);
    return this.visited.add(this.words, length, this.hash ^ scrambled(-1 - state * 2 - (onlyNeeding ? 1 : 0)));
  }
}

function previousTwin(calls: Int32Array): Int32Array {
  const last = new Map<number, number>();
  return calls.map((call, i) => {
    const twin = last.get(call) ?? -1;
    last.set(call, i);
    return twin;
  });
}
