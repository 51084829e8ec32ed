/**
 * Replicas that cannot be made equal again (protocols.md C1, DIVERGED): two nodes decide one slot differently (a commit
 * against an abort counts, and so does what a node applied before it crashed); a node threw away the only slot that it
 * lacks below one it applied; or nodes applied the same slots in different orders and hold different values at the end.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, isDecision, missingFrom, nameOf, result, sameContent, stateEvents } from './facts.ts';
import { divergedByGap, divergedByOrder } from './divergedOrder.ts';

const CODE = 'diverged';

/** `k = 1`, or what became of the slot. */
function contentWords(log: EventLog, i: number): string {
  if (log.kind(i) === EVENT.abort) return 'aborted it';
  return `has ${log.text(i) || 'no operation'}`;
}

function conflictFinding(execution: Execution, i: number, earlier: number): Finding {
  const { log } = execution;
  const name = (j: number): string => nameOf(execution, log.node(j));
  const message = `Slot ${log.slot(i)}: ${name(earlier)} ${contentWords(log, earlier)}, ${name(i)} ${contentWords(log, i)}.`;
  return finding(execution, CODE, 'error', message, {
    witnesses: [i, earlier], operations: [log.op(i), log.op(earlier)], slots: [log.slot(i)],
    epochs: [log.epoch(i), log.epoch(earlier)], nodes: [log.node(earlier), log.node(i)],
  });
}

/**
 * Conflicting decisions of one slot. Per slot the first pair of nodes is reported, and any other pair of nodes once, at
 * the first slot where they differ: enough for every `diverged on B C`, and no more than slots + nodes².
 */
function conflicts(execution: Execution): readonly Finding[] {
  const { log } = execution;
  const slots = new Map<number, number[]>();
  const pairs = new Set<string>(), reportedSlots = new Set<number>();
  const findings: Finding[] = [];
  for (const i of stateEvents(log)) {
    if (!isDecision(log.kind(i)) || log.slot(i) < 0) continue;
    const slot = log.slot(i), decisions = slots.get(slot) ?? [];
    slots.set(slot, decisions);
    if (decisions.some((j) => log.node(j) === log.node(i) && sameContent(log, i, j))) continue;
    for (const earlier of decisions) {
      if (log.node(earlier) === log.node(i) || sameContent(log, i, earlier)) continue;
      const pair = [log.node(earlier), log.node(i)].sort((a, b) => a - b).join(' ');
      if (reportedSlots.has(slot) && pairs.has(pair)) continue;
      pairs.add(pair);
      reportedSlots.add(slot);
      findings.push(conflictFinding(execution, i, earlier));
    }
    decisions.push(i);
  }
  return findings;
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['commit or apply events', EVENT.commit, EVENT.apply]]);
  if (missing.length > 0) return result([], missing);
  const findings = conflicts(execution);
  const known = new Set(findings.map((found) => [...found.nodes].sort((a, b) => a - b).join(' ')));
  const late = [...divergedByGap(execution), ...divergedByOrder(execution)]
    .filter((found) => !known.has([...found.nodes].sort((a, b) => a - b).join(' ')));
  return result([...findings, ...late]);
}

export const diverged: Checker = { codes: [CODE], check };
