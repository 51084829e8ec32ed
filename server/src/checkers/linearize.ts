/**
 * Whether a set of calls has a linearization (Herlihy and Wing 1990), by the search of Wing and Gong 1993 with the memory
 * of Lowe 2017: a pair of the calls already ordered and the state reached is explored once.
 *
 * Calls that end are ordered all; calls that never end (outcome unknown) are ordered anywhere after their start, or never.
 *
 * Two reductions keep many concurrent calls from being tried in every order: a call that commutes with all that may come
 * before it is taken at once (persistent sets, Godefroid 1996); and so is a blind write whose value nobody needs, where
 * nobody needs the value that it replaces either.
 */
import type { Interval } from './intervals.ts';
import type { ObjectModel } from './models.ts';

export type Linearizability = 'linearizable' | 'not-linearizable' | 'unknown';

/** States that may still be explored; shared between searches, and used up by them. */
export interface Budget { states: number }

/** One set of calls, in order of their starts. Calls touching in time are concurrent, except those of one client. */
export function linearizability(model: ObjectModel, intervals: readonly Interval[], budget: Budget): Linearizability {
  const sorted = [...intervals].sort((a, b) => a.start - b.start || a.id - b.id);
  return new Search(model, sorted.filter((one) => one.end !== Infinity), sorted.filter((one) => one.end === Infinity)).run(budget);
}

/** A choice in the search: the calls that may come next, how many were tried, and the state before it. */
interface Frame { readonly state: string; readonly candidates: readonly number[]; next: number }

class Search {
  private readonly model: ObjectModel;
  private readonly known: readonly Interval[];
  private readonly unknown: readonly Interval[];
  /** For each known call, the one of the same client that ends before it starts, or -1. */
  private readonly before: Int32Array;
  /** For each unknown call, the one before it that asks the same, or -1: that one may as well be taken first. */
  private readonly twin: Int32Array;
  private readonly ordered: Uint8Array;
  private readonly used: Uint8Array;
  /** The known calls not yet ordered, as a list in order of start; index known.length is its end, and its head's anchor. */
  private readonly nextOf: Int32Array;
  private readonly previousOf: Int32Array;
  private readonly states = new Map<string, number>();
  private readonly seen = new Set<string>();
  /** By state: how many calls not yet ordered need to find it; undefined where the model cannot tell. */
  private readonly needed: Map<string, number> | undefined;
  private left: number;
  private highest = -1;

  constructor(model: ObjectModel, known: readonly Interval[], unknown: readonly Interval[]) {
    const n = known.length;
    this.model = model;
    this.known = known;
    this.unknown = unknown;
    this.left = n;
    this.ordered = new Uint8Array(n);
    this.used = new Uint8Array(unknown.length);
    this.nextOf = Int32Array.from({ length: n + 1 }, (_, i) => (i === n ? (n > 0 ? 0 : n) : i + 1));
    this.previousOf = Int32Array.from({ length: n + 1 }, (_, i) => (i === 0 ? n : i - 1));
    this.before = previousOfClient(known);
    this.twin = previousTwin(unknown);
    this.needed = needsOf(model, [...known, ...unknown]);
  }

  run(budget: Budget): Linearizability {
    const frames: Frame[] = [];
    const taken: number[] = [];
    let state = this.model.initial;
    let candidates: readonly number[] | undefined = this.candidates(state);
    for (;;) {
      if (this.left === 0) return 'linearizable';
      if (candidates !== undefined) frames.push({ state, candidates, next: 0 });
      const frame = frames[frames.length - 1];
      if (frame === undefined) return 'not-linearizable';
      const call = frame.candidates[frame.next];
      if (call === undefined) {
        frames.pop();
        const undone = taken.pop();
        if (undone !== undefined) this.undo(undone);
        candidates = undefined;
        continue;
      }
      frame.next += 1;
      candidates = undefined;
      const next = this.model.step(frame.state, this.at(call).call);
      if (next === undefined || (call >= this.known.length && next === frame.state)) continue;
      this.take(call);
      if (this.isNew(next)) {
        if (budget.states-- <= 0) return 'unknown';
        taken.push(call);
        state = next;
        candidates = this.candidates(next);
      } else {
        this.undo(call);
      }
    }
  }

  private at(call: number): Interval { return call < this.known.length ? this.known[call]! : this.unknown[call - this.known.length]!; }

  /**
   * The calls that no other one precedes. A read that fits now is taken at once, without alternatives: it changes nothing,
   * so that any order in which it comes later stays one with it moved here.
   */
  private candidates(state: string): readonly number[] {
    const n = this.known.length;
    let firstEnd = Infinity;
    for (let i = this.nextOf[n]!; i < n && this.known[i]!.start <= firstEnd; i = this.nextOf[i]!) {
      firstEnd = Math.min(firstEnd, this.known[i]!.end);
    }
    const found: number[] = [];
    for (let i = this.nextOf[n]!; i < n && this.known[i]!.start <= firstEnd; i = this.nextOf[i]!) {
      const before = this.before[i]!;
      if (before >= 0 && this.ordered[before] === 0) continue;
      const { call } = this.known[i]!;
      if ((call.kind === 'read' && this.model.step(state, call) === state) || this.isIdle(state, call)) return [i];
      if (found.length === 0 && this.commutesWithAll(i)) return [i];
      found.push(i);
    }
    for (let i = 0; i < this.unknown.length && this.unknown[i]!.start <= firstEnd; i++) {
      if (this.used[i] === 0 && (this.twin[i]! < 0 || this.used[this.twin[i]!] === 1)) found.push(n + i);
    }
    return found;
  }

  /** A write that nobody reads, over a value that nobody reads any more: it makes no difference when it comes. */
  private isIdle(state: string, call: Interval['call']): boolean {
    if (this.needed === undefined || this.model.blind?.has(call.kind) !== true || this.needed.has(state)) return false;
    return !this.needed.has(this.model.step(state, call)!);
  }

  /** Whether a call may change places with every call that might be ordered before it: then it may as well come first. */
  private commutesWithAll(call: number): boolean {
    const { model } = this;
    if (model.commute === undefined) return false;
    const n = this.known.length, own = this.known[call]!;
    for (let i = this.nextOf[n]!; i < n && this.known[i]!.start <= own.end; i = this.nextOf[i]!) {
      if (i !== call && !model.commute(own.call, this.known[i]!.call)) return false;
    }
    return this.unknown.every(({ call: other, start }, i) => this.used[i] === 1 || start > own.end || model.commute!(own.call, other));
  }

  private need(call: number, change: 1 | -1): void {
    const state = this.needed === undefined ? undefined : this.model.needs!(this.at(call).call);
    if (state === undefined) return;
    const count = (this.needed!.get(state) ?? 0) + change;
    if (count === 0) this.needed!.delete(state); else this.needed!.set(state, count);
  }

  private take(call: number): void {
    const n = this.known.length;
    this.need(call, -1);
    if (call >= n) { this.used[call - n] = 1; return; }
    this.ordered[call] = 1;
    this.left -= 1;
    const next = this.nextOf[call]!, previous = this.previousOf[call]!;
    this.nextOf[previous] = next;
    this.previousOf[next] = previous;
    this.highest = Math.max(this.highest, call);
  }

  /** In the reverse order of `take`, so that the list's links are those of then. */
  private undo(call: number): void {
    const n = this.known.length;
    this.need(call, 1);
    if (call >= n) { this.used[call - n] = 0; return; }
    this.ordered[call] = 0;
    this.left += 1;
    this.nextOf[this.previousOf[call]!] = call;
    this.previousOf[this.nextOf[call]!] = call;
    while (this.highest >= 0 && this.ordered[this.highest] === 0) this.highest -= 1;
  }

  /** Remembers (ordered calls, state); whether it is met for the first time. */
  private isNew(state: string): boolean {
    const n = this.known.length, first = this.nextOf[n]!;
    let id = this.states.get(state);
    if (id === undefined) this.states.set(state, id = this.states.size);
    let used = '';
    for (let i = 0; i < this.used.length; i++) if (this.used[i] === 1) used += pair(i);
    let key = pair(first) + pair(id) + pair(used.length) + used;
    // All calls before `first` are ordered; of those after it only a few can be.
    for (let from = first + 1; from <= this.highest; from += 15) {
      let bits = 0;
      for (let i = from; i < from + 15 && i <= this.highest; i++) bits |= this.ordered[i]! << (i - from);
      key += String.fromCharCode(bits);
    }
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }
}

function needsOf(model: ObjectModel, all: readonly Interval[]): Map<string, number> | undefined {
  if (model.needs === undefined || !all.every(({ call }) => model.plain?.has(call.kind))) return undefined;
  const needed = new Map<string, number>();
  for (const { call } of all) {
    const state = model.needs(call);
    if (state !== undefined) needed.set(state, (needed.get(state) ?? 0) + 1);
  }
  return needed;
}

/** A number below 2^30 as two characters. */
function pair(value: number): string { return String.fromCharCode(value & 0x7fff, value >> 15); }

function previousOfClient(sorted: readonly Interval[]): Int32Array {
  const before = new Int32Array(sorted.length).fill(-1);
  const ofClient = new Map<string, number[]>();
  sorted.forEach((interval, i) => {
    const earlier = ofClient.get(interval.client) ?? [];
    ofClient.set(interval.client, earlier);
    before[i] = earlier.findLast((j) => sorted[j]!.end <= interval.start) ?? -1;
    earlier.push(i);
  });
  return before;
}

function previousTwin(unknown: readonly Interval[]): Int32Array {
  const last = new Map<string, number>();
  return Int32Array.from(unknown, ({ call }, i) => {
    const question = JSON.stringify([call.kind, call.argument, call.argument2, call.parts]);
    const twin = last.get(question) ?? -1;
    last.set(question, i);
    return twin;
  });
}
