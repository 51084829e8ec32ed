/** What every format comes to: events of clients, one after another in real time. */

/** A value as another tool wrote it. `undefined`: none, as Clojure's nil and JSON's null. */
export type Value = undefined | string | readonly Value[];

/** One end of an operation, or news of it. */
export interface HistoryEvent {
  /** Counted from 1. */
  readonly line: number;
  readonly process: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** As the tool has it: `read`, `txn`. */
  readonly f: string;
  /** undefined: the history has one object. */
  readonly key: string | undefined;
  readonly value: Value;
  /** Whether the tool wrote `value` as a collection without an order. */
  readonly isSet: boolean;
}

/** A line that is no event, and why. `line` counts from 1. */
export interface Problem {
  readonly line: number;
  readonly problem: string;
}

/** Reads a format line by line. What is given back is in order. */
export interface EventReader {
  line(text: string, line: number): readonly (HistoryEvent | Problem)[];
  end(): readonly (HistoryEvent | Problem)[];
}

const TYPES: ReadonlySet<string> = new Set(['invoke', 'ok', 'fail', 'info']);

export const isType = (text: string): text is HistoryEvent['type'] => TYPES.has(text);
