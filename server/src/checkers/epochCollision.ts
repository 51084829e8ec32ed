/** Two nodes lead the same epoch: election safety is broken (protocols.md C1, EPOCH_COLLISION). */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, result, stateEvents } from './facts.ts';

const CODE = 'epoch-collision';

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const leaders = new Map<number, Map<number, number>>();
  const findings: Finding[] = [];
  for (const i of stateEvents(log)) {
    if (log.kind(i) !== EVENT.leads || log.epoch(i) < 0) continue;
    const epoch = log.epoch(i), node = log.node(i);
    const known = leaders.get(epoch) ?? new Map<number, number>();
    leaders.set(epoch, known);
    if (known.has(node)) continue;
    const first = known.entries().next().value;
    known.set(node, i);
    if (first === undefined) continue;
    const message = `Epoch ${epoch} has two leaders, ${nameOf(execution, first[0])} and ${nameOf(execution, node)}.`;
    findings.push(finding(execution, CODE, 'error', message, { witnesses: [i, first[1]], epochs: [epoch], nodes: [first[0], node] }));
  }
  return result(findings, missingFrom(execution, CODE, [['leads events', EVENT.leads]]));
}

export const epochCollision: Checker = { codes: [CODE], check };
