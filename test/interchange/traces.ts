/** Traces built by hand, in few words, for tests. */
import type { Trace, TraceItem } from '../../server/src/model/trace.ts';
import type { TraceVerb } from '../../server/src/language/syntax.ts';

const NODES = ['A', 'B', 'C'];
const CLIENTS = ['c1', 'c2'];
const idOf = (name: string): number => [...NODES, ...CLIENTS].indexOf(name);

interface About {
  readonly content?: string;
  readonly epoch?: number;
  readonly slot?: number;
}

type Times = readonly [sentUs?: number | undefined, deliveredUs?: number | 'lost' | 'open' | undefined];

export function message(times: Times, from: string, to: string, word: string, about: About = {}): TraceItem {
  const [sentUs, delivered] = times;
  return {
    kind: 'message', line: 0, sentUs, deliveredUs: typeof delivered === 'string' ? undefined : delivered, lost: delivered === 'lost', open: delivered === 'open', from: idOf(from), to: idOf(to), word,
    content: about.content ?? '', epoch: about.epoch ?? -1, slot: about.slot ?? -1, group: 0,
  };
}

export function event(timeUs: number | undefined, node: string, verb: TraceVerb, about: About & { peer?: string; heard?: readonly string[] } = {}): TraceItem {
  return {
    kind: 'event', line: 0, timeUs, node: idOf(node), verb, peer: about.peer === undefined ? -1 : idOf(about.peer),
    content: about.content ?? '', epoch: about.epoch ?? -1, slot: about.slot ?? -1, group: 0, heard: (about.heard ?? []).map(idOf),
  };
}

/** A trace of three nodes and two clients; each item's line is its index. */
export function traceOf(items: readonly TraceItem[], knobs: Readonly<Record<string, string>> = {}): Trace {
  return {
    name: 'test', line: 0, endLine: items.length, protocol: undefined, nodes: NODES, clients: CLIENTS, resources: new Set(),
    knobs: new Map(Object.entries(knobs).map(([name, value]) => [name, { value, line: 0, written: true }])),
    items: items.map((item, line) => ({ ...item, line })),
  };
}
