/** What a trace leaves behind: who is up, and what each node's keys hold as far as its applications show. */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { ActionModel } from '../model/scenario.ts';
import type { TraceOperations } from './traceOperations.ts';
import { actionOfEntry } from './traceActions.ts';

export class TraceWorld {
  readonly alive: boolean[];
  readonly values: Map<string, string>[];
  /** reachable[p][q]: a message from process p to process q would arrive. */
  readonly reachable: boolean[][];
  private readonly incarnations: number[];
  /** Something was applied whose effect the trace does not tell: then no values are known. */
  private unclear = false;

  constructor(nodeCount: number, processCount: number) {
    this.reachable = Array.from({ length: processCount }, () => Array.from({ length: processCount }, () => true));
    this.alive = Array.from({ length: nodeCount }, () => true);
    this.values = Array.from({ length: nodeCount }, () => new Map());
    this.incarnations = Array.from({ length: nodeCount }, () => 1);
  }

  /** The number of the node's life that begins now. */
  restarted(node: number): number {
    return ++this.incarnations[node]!;
  }

  /** By node; empty maps where the trace does not tell all that was applied. */
  finalValues(): readonly ReadonlyMap<string, string>[] {
    return this.unclear ? this.values.map(() => new Map()) : this.values;
  }

  /** From now on only these reach the process. */
  hears(process: number, heard: readonly number[]): void {
    this.reachable.forEach((reached, from) => { reached[process] = from === process || heard.includes(from); });
  }

  happened(log: EventLog, i: number, operations: TraceOperations): void {
    const node = log.node(i);
    if (log.kind(i) === EVENT.crash) this.alive[node] = false;
    if (log.kind(i) === EVENT.restart) this.alive[node] = true;
    if (log.kind(i) !== EVENT.apply || log.detail(i) !== '') return;
    const action = operations.observed[log.op(i)]?.action ?? actionOfEntry(log.text(i));
    if (action === undefined) this.unclear = true;
    else apply(this.values[node]!, action);
  }
}

function apply(values: Map<string, string>, action: ActionModel): void {
  const before = values.get(action.key);
  switch (action.kind) {
    case 'read': return;
    case 'write': values.set(action.key, action.value); return;
    case 'delete': values.delete(action.key); return;
    case 'cas': if ((before ?? 'nil') === action.from) values.set(action.key, action.to); return;
    case 'append': values.set(action.key, before === undefined ? action.value : `${before} ${action.value}`); return;
    case 'add': values.set(action.key, String((Number.isFinite(Number(before)) ? Number(before) : 0) + action.amount));
  }
}
