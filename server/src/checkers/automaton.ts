/**
 * A sequential specification as a table that grows as it is asked: states and calls are numbers, and each step is worked out
 * once. A search asks for the same few steps millions of times.
 */
import type { Call, Interval } from './intervals.ts';
import type { ObjectModel } from './models.ts';

/** No state: the call cannot have had its result there. */
export const IMPOSSIBLE = -1;
const UNASKED = -2;
/** What a call needs to find, where the model does not say. */
export const ANYTHING = -1;

export class Automaton {
  readonly initial: number;
  private readonly model: ObjectModel;
  private readonly names: string[] = [];
  private readonly ids = new Map<string, number>();
  private readonly calls: Call[] = [];
  private readonly callIds = new Map<string, number>();
  /** By state: the state after each call. */
  private readonly after: Int32Array[] = [];

  /** All intervals that will be asked about. */
  constructor(model: ObjectModel, intervals: readonly Interval[]) {
    this.model = model.specialise?.(intervals.map(({ call }) => call)) ?? model;
    for (const { call } of intervals) this.call(call);
    this.initial = this.state(model.initial);
  }

  state(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      this.ids.set(name, id = this.names.length);
      this.names.push(name);
      this.after.push(new Int32Array(this.calls.length).fill(UNASKED));
    }
    return id;
  }

  /** Calls that ask the same and got the same are one. */
  call(call: Call): number {
    const text = JSON.stringify([call.kind, call.argument, call.argument2, call.result, call.parts]);
    let id = this.callIds.get(text);
    if (id === undefined) {
      this.callIds.set(text, id = this.calls.length);
      this.calls.push(call);
    }
    return id;
  }

  step(state: number, call: number): number {
    const row = this.after[state]!, known = row[call]!;
    if (known !== UNASKED) return known;
    const next = this.model.step(this.names[state]!, this.calls[call]!);
    return row[call] = next === undefined ? IMPOSSIBLE : this.state(next);
  }

  /** The state that a call must find, or ANYTHING. */
  needed(call: number): number {
    const name = this.model.needs?.(this.calls[call]!);
    return name === undefined ? ANYTHING : this.state(name);
  }
}
