/**
 * A checker is a pure function from what happened to findings. It knows events, operations and quorums, and no
 * protocol by name: it may be handed a simulation or a recorded trace.
 */
import type { EventLog } from '../engine/events.ts';
import type { ActionModel } from '../model/scenario.ts';
import type { RunEnd } from '../engine/run.ts';

/** One client operation as the log tells it. Times µs; `end` undefined: never answered. */
export interface ObservedOperation {
  readonly op: number;
  readonly label: string | undefined;
  readonly client: number;
  readonly action: ActionModel;
  readonly invokeEvent: number;
  /** The event that ended it (ok, fail or info), or -1. */
  readonly endEvent: number;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** What a read (or add, cas) returned. */
  readonly value: string | undefined;
}

/** What a checker is given. */
export interface Execution {
  readonly log: EventLog;
  readonly names: readonly string[];
  readonly nodeCount: number;
  readonly operations: readonly ObservedOperation[];
  /** 'recorded': only what the trace shows is known, and its order is per node unless it has times. */
  readonly source: 'simulation' | 'recorded';
  /** How and when it ended; a recorded trace just ends (`horizon`). */
  readonly end: RunEnd;
  readonly endUs: number;
  /** From when on nothing fails any more, where that is stated. */
  readonly stableUs: number | undefined;
  readonly aliveAtEnd: readonly boolean[];
  readonly reachableAtEnd: readonly (readonly boolean[])[];
  readonly finalValues: readonly ReadonlyMap<string, string>[];
}

export type Certainty =
  | 'proved'
  /** Recorded traces: it may have happened; the order is not known well enough. */
  | 'possible';

export interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly certainty: Certainty;
  /** For a person, from the template of protocols.md C3. */
  readonly message: string;
  readonly timeUs: number;
  /** Indexes into the log: what makes it irrevocable first, what allowed it after. */
  readonly witnesses: readonly number[];
  /** What it is about, for anchoring and for folding chains. `operations`: the wrong one first. */
  readonly operations: readonly number[];
  readonly slots: readonly number[];
  readonly epochs: readonly number[];
  readonly nodes: readonly number[];
  /** What is to be said of each operation, in their order, where it is more than that it takes part. */
  readonly notes?: readonly string[];
  /** The group (engine/events.ts) whose slots and epochs these are, where there are several. */
  readonly group?: number;
}

/** A trace has no events of these kinds, so the property cannot be decided. */
export interface NotCheckable {
  readonly code: string;
  /** `promise events`, in words. */
  readonly missing: string;
}

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly notCheckable: readonly NotCheckable[];
  /** Set when a budget ran out (linearizability): the property is unknown. */
  readonly unknown: readonly string[];
  /** How far a check came that ran out of its budget, in words. */
  readonly reached?: string;
}

export interface Checker {
  /** The codes it reports. */
  readonly codes: readonly string[];
  /** It looks at what clients saw, and at nothing that groups have each for themselves. */
  readonly wholeSystem?: true;
  check(execution: Execution): CheckResult;
}

/** One chain of findings: the first irrevocable one, and what follows from it. */
export interface Chain {
  readonly primary: Finding;
  readonly folded: readonly Finding[];
}
