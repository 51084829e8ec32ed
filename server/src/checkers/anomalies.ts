/**
 * Whether transactions over lists have an order, and if not, the anomaly by its name (Adya 1999; Kingsbury and Alvaro 2020): without
 * a search, in time that grows with their number.
 */
import type { History } from '../model/history.ts';
import type { Finding } from './checker.ts';
import { RW, TIME, WR, type Edge, type Graph } from './cycles.ts';
import { historyFinding } from './historyFindings.ts';
import { previousOfClient, type Interval } from './intervals.ts';
import type { Order } from './linearize.ts';
import { dependencies, failedAppends, valuesAreDistinct, type Wrong } from './listDependencies.ts';
import { elements, LIST, type ObjectModel } from './models.ts';
import { keysText } from './notLinearizable.ts';

interface Lists {
  readonly keys: readonly string[];
  readonly intervals: readonly Interval[];
}

/** Whether `listAnomaly` decides: all with parts, over lists, each value once. */
export function areLists({ keys, intervals }: Lists, modelOf: (key: string) => ObjectModel): boolean {
  return keys.every((key) => modelOf(key) === LIST) && valuesAreDistinct(intervals);
}

export interface Anomaly {
  /** `G1c`, `G-single-realtime`; '' for what has no letter. */
  readonly name: string;
  /** Half of a transaction was seen, or what had failed: no order of whole ones can do that. */
  readonly half: boolean;
  /** Indexes of operations, the one to blame first; and of each what it did. */
  readonly operations: readonly number[];
  readonly notes: readonly string[];
  /** Those where it happened. */
  readonly keys: readonly string[];
}

/** undefined: there is an order. `history` names the operations and knows those that failed. */
export function listAnomaly(history: History, { intervals }: Pick<Lists, 'intervals'>, order: Order): Anomaly | undefined {
  const read = new Set(intervals.flatMap(({ call }) => call.parts!.flatMap((part) => (part.call.result === undefined ? [] : elements(part.call.result).map((value) => `${part.key}\u0000${value}`)))));
  // Of what never came back and nobody saw, nothing is known.
  const happened = intervals.filter(({ end, call }) => end !== Infinity || call.parts!.some((part) => part.call.kind === 'append' && read.has(`${part.key}\u0000${part.call.argument}`)))
    .sort((a, b) => a.start - b.start || a.id - b.id);
  const { graph, wrong } = dependencies(happened, failedAppends(history));
  if (wrong !== undefined) return wrongAnomaly(history, happened, wrong);
  if (order !== 'serializable') keepOrder(graph, happened, order);
  const cycle = graph.cycle();
  return cycle && cycleAnomaly(history, happened, cycle, order);
}

/** Edges from what must come before: what had ended (through one node a moment), or the same client's last. */
function keepOrder(graph: Graph, transactions: readonly Interval[], order: Order): void {
  const before = previousOfClient(transactions);
  before.forEach((earlier, at) => { if (earlier >= 0) graph.add(earlier, at, TIME); });
  if (order === 'sequential') return;
  const byEnd = transactions.map((one, at) => [one.end, at] as const).filter(([end]) => end !== Infinity).sort(([a], [b]) => a - b);
  let ended = 0, moment = -1;
  for (const [at, { start }] of transactions.entries()) {
    const from = ended;
    while (ended < byEnd.length && byEnd[ended]![0] < start) ended++;
    if (ended > from) {
      const next = graph.node();
      if (moment >= 0) graph.add(moment, next, TIME);
      for (const [, earlier] of byEnd.slice(from, ended)) graph.add(earlier, next, TIME);
      moment = next;
    }
    if (moment >= 0) graph.add(moment, at, TIME);
  }
}

/** As short as can be: `A (10..20)`. */
function named(history: History, id: number): string {
  const { client, start, end } = history.operations[id]!;
  return `${client} (${start}..${end ?? ''})`;
}

function wrongAnomaly(history: History, happened: readonly Interval[], { name, transaction, by, key, value }: Wrong): Anomaly {
  const own = happened[transaction]!.id, other = by === undefined ? undefined : by < 0 ? -1 - by : happened[by]!.id;
  const them = other === undefined ? '' : named(history, other), me = named(history, own);
  const note = {
    G1a: `${me} read ${value} in ${key}, which ${them} had failed to append`,
    G1b: `${me} read ${key} up to ${value}, and ${them} appended more than that to it`,
    internal: `${me} read ${key} as ${value}, which does not fit with what it had read or appended there itself`,
    incompatible: value.startsWith('[') ? `${me} read ${key} as ${value}, which is not how what ${them} read there begins` : `${me} read ${value} in ${key}, out of the order in which ${them} appended there`,
    garbage: `${me} read ${value} in ${key}, which nobody appended, or not twice`,
  }[name];
  return { name: name.startsWith('G') ? name : '', half: name === 'G1a' || name === 'G1b', operations: other === undefined || other === own ? [own] : [own, other], notes: [note], keys: [key] };
}

interface Step { readonly from: number; readonly to: number; readonly kind: number; readonly note: string }

/** The edges between transactions; where nodes stand between, they and what leads to them are one. */
function stepsOf(history: History, happened: readonly Interval[], cycle: readonly Edge[]): readonly Step[] {
  const begin = cycle.findIndex(({ from }) => from < happened.length), steps: Step[] = [];
  let first: Edge | undefined;
  for (const edge of [...cycle.slice(begin), ...cycle.slice(0, begin)]) {
    first ??= edge;
    if (edge.to >= happened.length) continue;
    const from = happened[first.from]!.id, to = happened[edge.to]!.id, { kind } = first, { key, value } = edge;
    const me = named(history, from), them = named(history, to);
    const note = kind === TIME ? `${me} came before ${them}` : kind === WR ? `${them} read ${value} in ${key}, which ${me} appended`
      : kind === RW ? `${me} read ${key} without ${value}, which ${them} appended` : `${me} appended to ${key} before the ${value} of ${them}`;
    steps.push({ from, to, kind, note });
    first = undefined;
  }
  return steps;
}

function cycleAnomaly(history: History, happened: readonly Interval[], cycle: readonly Edge[], order: Order): Anomaly {
  const steps = stepsOf(history, happened, cycle), count = (kind: number): number => steps.filter((step) => step.kind === kind).length;
  const rw = count(RW), plain = rw > 1 ? 'G2' : rw === 1 ? 'G-single' : count(WR) > 0 ? 'G1c' : 'G0';
  const late = steps.map(({ from }) => history.operations[from]!.start), start = late.indexOf(Math.max(...late));
  const turned = [...steps.slice(start), ...steps.slice(0, start)];
  return {
    name: count(TIME) === 0 ? plain : `${plain}-${order === 'sequential' ? 'process' : 'realtime'}`,
    // One saw a part of what the other did, and not the rest.
    half: steps.length === 2 && rw === 1 && count(WR) === 1,
    operations: turned.map(({ from }) => from), notes: turned.map(({ note }) => note), keys: [...new Set(cycle.flatMap(({ key }) => (key === '' ? [] : [key])))].sort(),
  };
}

const EXPLAINED: Readonly<Record<string, string>> = {
  G0: 'they wrote in a circle', G1a: 'an aborted read', G1b: 'an intermediate read', G1c: 'they saw each other in a circle', 'G-single': 'a skewed read', G2: 'each missed what another did',
};

/** What an order would have had to keep, as messages say it. */
export const ORDERS: Readonly<Record<Order, string>> = {
  linearizable: 'order in real time', sequential: 'order that keeps each client\'s own', serializable: 'order of whole operations, one after another,',
};

export function anomalyFinding(history: History, { name, half, operations, notes, keys }: Anomaly, order: Order): Finding {
  const letters = name.replace(/-(?:realtime|process)$/, ''), title = name === '' ? '' : `${name} (${EXPLAINED[letters]!}): `;
  const ends = operations.flatMap((id) => history.operations[id]!.end ?? []);
  const message = `${title}no ${ORDERS[order]} explains ${keysText(keys)}: ${notes.slice(0, SPELLED_OUT).join('; ')}${notes.length > SPELLED_OUT ? '; …' : ''}.`;
  return { ...historyFinding(half ? 'not-atomic' : 'not-linearizable', message.replace(/^n/, 'N'), Math.max(...ends), operations), notes };
}

const SPELLED_OUT = 6;
