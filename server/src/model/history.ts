import type { HistoryConsistency, HistoryModel } from '../language/syntax.ts';

/** One operation as a client saw it. Times are bare numbers (any unit); `end` is undefined for an open end. */
export interface HistoryOperation {
  readonly client: string;
  readonly start: number;
  readonly end: number | undefined;
  readonly key: string;
  readonly kind: string;
  readonly argument: string;
  readonly argument2: string;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** What came back: a value for reads, '' otherwise. */
  readonly result: string;
  /** A transaction's steps, in order; `key` and the arguments are then those of the first. `result`: what a read found, '' if not told. */
  readonly parts?: readonly HistoryStep[];
  readonly line: number;
}

export interface HistoryStep {
  readonly kind: string;
  readonly key: string;
  readonly argument: string;
  readonly argument2: string;
  readonly result: string;
}

export interface History {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  /** By key; '' is the default for all keys. */
  readonly models: ReadonlyMap<string, HistoryModel>;
  /** What it is asked to be; undefined: linearizable. */
  readonly consistency?: HistoryConsistency;
  readonly operations: readonly HistoryOperation[];
}
