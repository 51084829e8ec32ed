/** Which nodes can work together at the end: alive, running, and mutually reachable. */
import type { Execution } from './checker.ts';
import { connectedAtEnd, unavailableAtEnd } from './facts.ts';

/** Above this many nodes a side is grown greedily instead of searched for: it is then a lower bound. */
const EXACT_NODES = 24;

function runningNodes(execution: Execution): readonly number[] {
  const unavailable = unavailableAtEnd(execution);
  return Array.from({ length: execution.nodeCount }, (_, node) => node).filter((node) => unavailable[node] === undefined);
}

/** A largest set of running nodes, of those given, each of which can talk to all others. Connectivity need not be transitive. */
export function largestSide(execution: Execution, among: readonly number[]): readonly number[] {
  return largestAmong(execution, runningNodes(execution).filter((node) => among.includes(node)), []);
}

/** How many of these nodes are on a largest such side with this node; 0 if it is not running. */
export function sideWith(execution: Execution, node: number, among: readonly number[]): number {
  const running = runningNodes(execution);
  if (!running.includes(node)) return 0;
  const others = running.filter((other) => other !== node && among.includes(other) && connectedAtEnd(execution, node, other));
  return largestAmong(execution, others, []).length + (among.includes(node) ? 1 : 0);
}

/** Extends `chosen`, all of whom can talk to every candidate, as far as it goes. Cuts branches that cannot win. */
function largestAmong(execution: Execution, candidates: readonly number[], chosen: readonly number[]): readonly number[] {
  let best = chosen;
  const extend = (side: readonly number[], rest: readonly number[]): void => {
    if (side.length > best.length) best = side;
    const exact = rest.length <= EXACT_NODES;
    for (let at = 0; at < rest.length; at++) {
      if (side.length + rest.length - at <= best.length) return;
      const next = rest[at]!;
      extend([...side, next], rest.slice(at + 1).filter((other) => connectedAtEnd(execution, next, other)));
      if (!exact) return;
    }
  };
  extend(chosen, candidates);
  return best;
}
