/** What a trace leaves behind: who is up, and what each node's keys hold as far as its applications show. */
import { EVENT, type EventLog } from '../engine/events.ts';
import { effectOf } from '../model/actions.ts';
import type { ActionModel } from '../model/scenario.ts';
import type { TraceOperations } from './traceOperations.ts';
import { actionOfEntry, carriedOutAs } from '../engine/actionText.ts';
import { partsIn } from './traceBatches.ts';

export class TraceWorld {
  readonly alive: boolean[];
  /** By node: what it applied, in order, since it last lost its memory. */
  private readonly applied: { readonly group: number; readonly slot: number; readonly action: ActionModel }[][];
  /** Nodes have disks: they remember what they applied. */
  private readonly durable: boolean;
  /** reachable[p][q]: a message from process p to process q would arrive. */
  readonly reachable: boolean[][];
  private readonly incarnations: number[];
  /** Slots are no sequence: who applies one again after a restart has begun anew, and will apply all of them. */
  private readonly bySlot: boolean;
  /** Nodes that have applied nothing since their restart. */
  private readonly fresh = new Set<number>();
  /** Something was applied whose effect the trace does not tell: then no values are known. */
  private unclear = false;

  constructor(nodeCount: number, processCount: number, durable: boolean, bySlot: boolean) {
    this.durable = durable;
    this.bySlot = bySlot;
    this.reachable = Array.from({ length: processCount }, () => Array.from({ length: processCount }, () => true));
    this.alive = Array.from({ length: nodeCount }, () => true);
    this.applied = Array.from({ length: nodeCount }, () => []);
    this.incarnations = Array.from({ length: nodeCount }, () => 1);
  }

  /** The number of the node's life that begins now. */
  restarted(node: number): number {
    return ++this.incarnations[node]!;
  }

  /** By node; empty maps where the trace does not tell all that was applied. */
  finalValues(): readonly ReadonlyMap<string, string>[] {
    return this.applied.map((own) => {
      const values = new Map<string, string>();
      if (!this.unclear) for (const { action } of own) apply(values, action);
      return values;
    });
  }

  /** From now on only these reach the process. */
  hears(process: number, heard: readonly number[]): void {
    this.reachable.forEach((reached, from) => { reached[process] = from === process || heard.includes(from); });
  }

  happened(log: EventLog, i: number, operations: TraceOperations): void {
    const node = log.node(i), slot = log.slot(i), group = log.group(i), own = this.applied[node];
    if (own === undefined) return;
    switch (log.kind(i)) {
      case EVENT.crash:
        this.alive[node] = false;
        break;
      case EVENT.restart:
        this.alive[node] = true;
        if (!this.durable) own.length = 0;
        this.fresh.add(node);
        break;
      case EVENT.truncate:
        own.splice(0, own.length, ...own.filter((each) => each.group !== group || each.slot < slot).sort((a, b) => a.group - b.group || a.slot - b.slot));
        break;
      case EVENT.apply: {
        if (this.fresh.delete(node) && this.bySlot && own.some((each) => each.slot === slot)) own.length = 0;
        if (log.detail(i) !== '' || log.text(i) === 'no-op') break;
        // What znodes hold depends on sessions, which a trace does not tell of.
        for (const action of actionsOf(log, i, operations)) {
          if (action === undefined || action.kind === 'session') this.unclear = true;
          else own.push({ group, slot, action });
        }
        break;
      }
      default:
    }
  }
}

/** What applying a slot does, in order; undefined where that is not known. */
function actionsOf(log: EventLog, i: number, operations: TraceOperations): readonly (ActionModel | undefined)[] {
  const parts = partsIn(log.text(i), () => false);
  const known = log.operations(i);
  if (known.length === 0) return parts.map(({ content }) => actionOfEntry(content));
  return known.flatMap((op, at) => {
    const asked = operations.observed[op]?.action;
    return op < 0 ? [] : [asked === undefined ? actionOfEntry(log.text(i)) : carriedOutAs(asked, log.text(i), at, known.length)];
  });
}

function apply(values: Map<string, string>, action: ActionModel): void {
  for (const [key, value] of effectOf(action, (each) => values.get(each) ?? 'nil')?.changes ?? []) {
    if (value === 'nil') values.delete(key);
    else values.set(key, value);
  }
}
