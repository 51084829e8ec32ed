/** A graph of transactions, and a short cycle in it of the plainest kind (Adya 1999; Kingsbury and Alvaro 2020, §6). */

/** Kinds of edge. PASS: on from a node that stands for several; what led to it tells the kind. */
export const WW = 1, WR = 2, RW = 4, TIME = 8, PASS = 16;

export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
  readonly key: string;
  readonly value: string;
}

/** Edges looked at in search of a cycle with one rw only, before any will do. */
const SEARCHED = 5_000_000;
/** As many nodes are tried as the beginning of a shortest cycle. */
const BEGINNINGS = 64;

export class Graph {
  private readonly transactions: number;
  private readonly edges: Edge[][];

  constructor(transactions: number) {
    this.transactions = transactions;
    this.edges = Array.from({ length: transactions }, () => []);
  }

  /** A node that is no transaction. */
  node(): number { return this.edges.push([]) - 1; }

  add(from: number, to: number, kind: number, key = '', value = ''): void { if (from !== to) this.edges[from]!.push({ from, to, kind, key, value }); }

  /** The edges of a cycle: of appends alone if there is one, else with reads, else with one rw, else with several; without time first. */
  cycle(): readonly Edge[] | undefined {
    let inside = this.components(WW | WR | RW | TIME | PASS);
    if (inside.length === 0) return undefined;
    const plain = this.components(WW | WR | RW | PASS);
    const time = plain.length === 0 ? TIME : 0;
    if (plain.length > 0) inside = plain;
    const part = new Map(inside.flatMap((nodes, at) => nodes.map((node) => [node, at] as const)));
    for (const mask of [WW | PASS | time, WW | WR | PASS | time]) {
      const components = this.components(mask, part);
      if (components.length > 0) return this.shortest(components, mask);
    }
    return this.withOneRw(WW | WR | PASS | time, part) ?? this.shortest(inside, WW | WR | RW | PASS | time);
  }

  private withOneRw(mask: number, part: ReadonlyMap<number, number>): readonly Edge[] | undefined {
    let best: readonly Edge[] | undefined, left = SEARCHED;
    for (const [node, component] of part) {
      for (const edge of this.edges[node]!) {
        if (edge.kind !== RW || part.get(edge.to) !== component || left <= 0) continue;
        const { path, looked } = this.path(edge.to, edge.from, mask, (to) => part.get(to) === component, this.lengthOf(best) - this.lengthOf([edge]));
        left -= looked;
        if (path !== undefined) best = [edge, ...path];
        if (this.lengthOf(best) === 2) return best;
      }
    }
    return best;
  }

  private shortest(components: readonly (readonly number[])[], mask: number): readonly Edge[] {
    const smallest = components.reduce((a, b) => (b.length < a.length ? b : a)), within = new Set(smallest);
    let best: readonly Edge[] | undefined;
    for (const node of smallest.filter((each) => each < this.transactions).slice(0, BEGINNINGS)) best = this.path(node, node, mask, (to) => within.has(to), this.lengthOf(best)).path ?? best;
    return best!;
  }

  /** As many transactions as it comes to: other nodes do not count. */
  private lengthOf(path: readonly Edge[] | undefined): number {
    return path === undefined ? Infinity : path.filter(({ to }) => to < this.transactions).length;
  }

  /** The way over the fewest transactions, fewer than `under`; breadth first. `looked`: the edges that it took. */
  private path(from: number, to: number, mask: number, allowed: (node: number) => boolean, under: number): { readonly path: readonly Edge[] | undefined; readonly looked: number } {
    const reached = new Map<number, Edge | undefined>(from === to ? [] : [[from, undefined]]);
    let looked = 0, length = 1;
    for (let front = [from]; front.length > 0 && length < under; length++) {
      // Other nodes join the front while it is walked.
      const next: number[] = [];
      for (const node of front) {
        for (const edge of this.edges[node]!) {
          looked++;
          if ((edge.kind & mask) === 0 || reached.has(edge.to) || !allowed(edge.to)) continue;
          reached.set(edge.to, edge);
          if (edge.to === to) return { path: back(reached, from, to), looked };
          (edge.to < this.transactions ? next : front).push(edge.to);
        }
      }
      front = next;
    }
    return { path: undefined, looked };
  }

  /** Strongly connected components of more than one node (Tarjan 1972, without recursion). `within`: nodes of one component only. */
  private components(mask: number, within?: ReadonlyMap<number, number>): readonly (readonly number[])[] {
    const { edges } = this, n = edges.length, found: number[][] = [];
    const index = new Int32Array(n), low = new Int32Array(n), next = new Int32Array(n), open = new Uint8Array(n), stack: number[] = [], path: number[] = [];
    let count = 0;
    const enter = (node: number): void => {
      index[node] = low[node] = ++count;
      open[node] = 1;
      stack.push(node);
      path.push(node);
    };
    for (let root = 0; root < n; root++) {
      if (index[root] !== 0 || (within !== undefined && !within.has(root))) continue;
      enter(root);
      while (path.length > 0) {
        const node = path.at(-1)!, edge = edges[node]![next[node]!++];
        if (edge !== undefined) {
          if ((edge.kind & mask) === 0 || (within !== undefined && within.get(edge.to) !== within.get(node))) continue;
          if (index[edge.to] === 0) enter(edge.to);
          else if (open[edge.to] === 1) low[node] = Math.min(low[node]!, index[edge.to]!);
          continue;
        }
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
        if (low[node] !== index[node]) continue;
        const component: number[] = [];
        for (let top = stack.pop()!; ; top = stack.pop()!) {
          open[top] = 0;
          component.push(top);
          if (top === node) break;
        }
        if (component.length > 1) found.push(component.sort((a, b) => a - b));
      }
    }
    return found;
  }
}

function back(reached: ReadonlyMap<number, Edge | undefined>, from: number, to: number): readonly Edge[] {
  const path: Edge[] = [];
  for (let edge = reached.get(to); edge !== undefined; edge = edge.from === from ? undefined : reached.get(edge.from)) path.push(edge);
  return path.reverse();
}
