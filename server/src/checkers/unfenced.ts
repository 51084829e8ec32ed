/**
 * A resource took what a client asked with an older token than it had taken before (protocols.md C1, FENCING): whoever holds the lock
 * no more, and does not know it, has changed what a later holder relies on. Tokens are those of the locks that clients believe to
 * hold, whether or not they showed them.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, result } from './facts.ts';

const CODE = 'unfenced';

function report(execution: Execution, i: number, newer: number): Finding {
  const { log } = execution, who = (event: number): string => `token ${log.a(event)} of ${nameOf(execution, log.peer(event))}`;
  const message = `${nameOf(execution, log.node(i))} took ${who(i)} after ${who(newer)}: ${nameOf(execution, log.peer(i))} held the lock no more.`;
  return finding(execution, CODE, 'error', message, { witnesses: [i, newer], operations: [log.op(i), log.op(newer)], nodes: [log.peer(i), log.node(i)] });
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const asked = log.find('use') >= 0;
  const missing = asked ? missingFrom(execution, CODE, [['events of the resource (`R serves c1 token 5`)', EVENT.use]]) : [];
  const findings: Finding[] = [];
  /** By resource: where it took its newest token. */
  const newest = new Map<number, number>();
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.use || log.a(i) < 0) continue;
    const before = newest.get(log.node(i));
    if (before !== undefined && log.a(i) < log.a(before)) findings.push(report(execution, i, before));
    else newest.set(log.node(i), i);
  }
  return result(findings, missing);
}

export const unfenced: Checker = { codes: [CODE], check };
