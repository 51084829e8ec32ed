/** What a run of a scenario gives. The simulation itself is in world.ts. */
import type { EventLog } from './events.ts';
import type { NodeView } from './protocol.ts';

export type RunEnd =
  /** Nothing was left to happen, and nothing pending could ever happen. */
  | 'stuck'
  /** Nothing was left to happen, and no operation was pending. */
  | 'done'
  /** The state came back, relative to now, with nothing scripted left: it repeats for ever. */
  | 'cycling'
  /** The simulated time was up (`run to`, or 10 s). */
  | 'horizon'
  /** The budget of events was used up. */
  | 'budget'
  | 'cancelled';

export interface Run {
  readonly log: EventLog;
  readonly end: RunEnd;
  readonly endUs: number;
  /** Every process's name: nodes first, then clients. */
  readonly names: readonly string[];
  readonly nodeCount: number;
  /** By node, at the end; a node that is down shows what its disk holds. */
  readonly finalViews: readonly NodeView[];
  readonly aliveAtEnd: readonly boolean[];
  /** reachable[a][b]: at the end, a message from process a to process b would arrive. */
  readonly reachableAtEnd: readonly (readonly boolean[])[];
  /** Script steps that never took effect (an event that did not happen), by index in the script. */
  readonly unusedSteps: readonly number[];
}
