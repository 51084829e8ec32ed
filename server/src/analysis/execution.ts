import type { Execution, ObservedOperation } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
import type { Run } from '../engine/run.ts';
import type { Scenario } from '../model/scenario.ts';

/** A simulated run as the checkers see it. */
export function executionOfRun(scenario: Scenario, run: Run): Execution {
  return {
    log: run.log,
    names: run.names,
    nodeCount: run.nodeCount,
    operations: observedOperations(scenario, run),
    source: 'simulation',
    end: run.end,
    endUs: run.endUs,
    stableUs: scenario.stableUs,
    aliveAtEnd: run.aliveAtEnd,
    reachableAtEnd: run.reachableAtEnd,
    finalValues: run.finalViews.map((view) => view.values),
  };
}

/** One for each `invoke`, in their order. */
function observedOperations(scenario: Scenario, run: Run): readonly ObservedOperation[] {
  const { log } = run;
  const observed: ObservedOperation[] = [];
  const newest = new Map<number, number>();
  for (let i = 0; i < log.length; i++) {
    const kind = log.kind(i);
    if (kind > EVENT.info) continue;
    const op = log.op(i);
    const model = scenario.operations[op];
    if (model === undefined) continue;
    if (kind === EVENT.invoke) {
      newest.set(op, observed.length);
      const { label, client, action } = model;
      observed.push({ op, label, client, action, invokeEvent: i, endEvent: -1, outcome: 'unknown', value: undefined });
      continue;
    }
    const index = newest.get(op);
    const open = index === undefined ? undefined : observed[index];
    if (index === undefined || open === undefined || open.outcome !== 'unknown') continue;
    const outcome = kind === EVENT.ok ? 'ok' : kind === EVENT.fail ? 'failed' : 'unknown';
    observed[index] = { ...open, endEvent: i, outcome, value: kind === EVENT.ok ? log.text(i) : undefined };
  }
  return observed;
}
