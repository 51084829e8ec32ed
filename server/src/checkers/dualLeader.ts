/**
 * Two nodes believe that they lead at the same time (protocols.md C1, DUAL_LEADER). Legal as long as only the newer one
 * can commit, so no more than a hint: it shows where to look.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, overlappingReigns, result } from './facts.ts';

const CODE = 'dual-leader';

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['leads events', EVENT.leads]]);
  if (missing.length > 0) return result([], missing);
  const findings: Finding[] = [];
  const reported = new Set<string>();
  for (const [older, newer] of overlappingReigns(execution.log)) {
    const pair = older.node < newer.node ? `${older.node} ${newer.node}` : `${newer.node} ${older.node}`;
    if (reported.has(pair)) continue;
    reported.add(pair);
    const message = `${nameOf(execution, older.node)} (epoch ${older.epoch}) still believes that it leads when ${nameOf(execution, newer.node)} ` +
      `(epoch ${newer.epoch}) begins to. That is safe only if no more than one of them can commit.`;
    findings.push(finding(execution, CODE, 'hint', message,
      { witnesses: [newer.start, older.start], epochs: [older.epoch, newer.epoch], nodes: [older.node, newer.node] }));
  }
  return result(findings);
}

export const dualLeader: Checker = { codes: [CODE], check };
