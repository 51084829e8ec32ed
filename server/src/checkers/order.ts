/**
 * What happened before what, where times do not tell: a process's own order, and a message's sending before its receipt
 * (Lamport 1978), kept as vector clocks (Fidge, Mattern 1988).
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { Execution, Finding } from './checker.ts';
import { orderIsKnown } from './facts.ts';

export class CausalOrder {
  private readonly log: EventLog;
  private readonly width: number;
  /** By event and process: how many events of that process had happened by then, the event itself included. */
  private readonly clocks: Int32Array;

  constructor(log: EventLog, processes: number) {
    this.log = log;
    this.width = processes;
    this.clocks = new Int32Array(log.length * processes);
    const latest = new Int32Array(processes).fill(-1);
    for (let i = 0; i < log.length; i++) {
      const process = log.node(i), cause = log.cause(i);
      if (process < 0 || process >= processes) continue;
      this.absorb(i, latest[process]!);
      if (log.kind(i) === EVENT.receive && cause >= 0 && cause < i) this.absorb(i, cause);
      this.clocks[i * processes + process]! += 1;
      latest[process] = i;
    }
  }

  private absorb(i: number, earlier: number): void {
    if (earlier < 0) return;
    const { clocks, width } = this;
    for (let p = 0; p < width; p++) clocks[i * width + p] = Math.max(clocks[i * width + p]!, clocks[earlier * width + p]!);
  }

  /** Whether event i is known to have happened before event j. */
  before(i: number, j: number): boolean {
    const process = this.log.node(i);
    if (i === j || process < 0) return false;
    return this.clocks[j * this.width + process]! >= this.clocks[i * this.width + process]!;
  }
}

/** What must hold of the order of events for a finding to be proved, as pairs of event indexes. */
export interface OrderNeeded {
  /** The first before the second. */
  readonly ordered?: readonly (readonly [number, number])[];
  /** Neither before the other. */
  readonly concurrent?: readonly (readonly [number, number])[];
}

const orders = new WeakMap<EventLog, { readonly length: number; readonly order: CausalOrder }>();

function causalOrder(execution: Execution): CausalOrder {
  const { log } = execution, known = orders.get(log);
  if (known !== undefined && known.length === log.length) return known.order;
  const order = new CausalOrder(log, execution.names.length);
  orders.set(log, { length: log.length, order });
  return order;
}

/** A finding that hangs on the order of different nodes' events: only possible where neither times nor messages tell it. */
export function asKnown(execution: Execution, found: Finding, { ordered = [], concurrent = [] }: OrderNeeded): Finding {
  if (orderIsKnown(execution) || found.severity === 'hint') return found;
  const order = causalOrder(execution);
  const proved = ordered.every(([i, j]) => order.before(i, j)) && concurrent.every(([i, j]) => !order.before(i, j) && !order.before(j, i));
  if (proved) return found;
  return { ...found, severity: 'information', certainty: 'possible', message: `${found.message} The trace does not tell the order for certain.` };
}
