/**
 * What a trace is, once names are resolved: what was written, in the order of the file. Putting it in order and drawing
 * conclusions from it is interchange/trace.ts. Times are µs, undefined where the trace does not say.
 */
import type { TraceVerb } from '../language/syntax.ts';
import type { KnobValue, ProcessId } from './scenario.ts';

export interface TraceMessage {
  readonly kind: 'message';
  readonly line: number;
  readonly sentUs: number | undefined;
  /** Also undefined where it was lost or on its way, or where one moment is all that is known of both ends. */
  readonly deliveredUs: number | undefined;
  readonly lost: boolean;
  /** It was on its way as the record ended. */
  readonly open: boolean;
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly word: string;
  /** What it is about: `k = 1`; '' where it does not say. */
  readonly content: string;
  /** Leader and request epoch, -1 where it does not say. */
  readonly epoch: number;
  readonly slot: number;
  /** The group whose epoch and slot these are, from 1; 0: there is one only. */
  readonly group: number;
}

export interface TraceNodeEvent {
  readonly kind: 'event';
  readonly line: number;
  readonly timeUs: number | undefined;
  readonly node: ProcessId;
  readonly verb: TraceVerb;
  /** Whom it is about (`votes B`), or -1. */
  readonly peer: ProcessId;
  readonly content: string;
  readonly epoch: number;
  readonly slot: number;
  /** The group whose epoch and slot these are, from 1; 0: there is one only. */
  readonly group: number;
  /** `hears`: the processes that reach it from now on. */
  readonly heard: readonly ProcessId[];
}

export type TraceItem = TraceMessage | TraceNodeEvent;

export interface Trace {
  readonly name: string;
  /** First and last line of the block. */
  readonly line: number;
  readonly endLine: number;
  /** What runs under the name that the trace gives; undefined where it gives none. */
  readonly protocol: string | undefined;
  /** The protocol's knobs, as far as the trace says how it was set up. */
  readonly knobs: ReadonlyMap<string, KnobValue>;
  readonly nodes: readonly string[];
  /** How many of them are members at the start; undefined: all. */
  readonly memberCount?: number | undefined;
  /** Clients, then resources. */
  readonly clients: readonly string[];
  readonly resources: ReadonlySet<ProcessId>;
  readonly items: readonly TraceItem[];
}
