/**
 * A node's commit index goes back though it neither crashed nor dropped entries, or points past the end of its log
 * (protocols.md C1, COMMIT_REGRESSION and COMMIT_GT_LOG). Only commit indexes count: slots applied out of order on an
 * unordered network are no regression.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, hasAny, missingFrom, nameOf, result, stateEvents } from './facts.ts';

const CODE = 'commit-regression';

interface NodeLog { committed: number; committedEvent: number; last: number; hasLog: boolean }

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['commit index events', EVENT.commitIndex]]);
  if (missing.length > 0 || !hasAny(log, EVENT.commitIndex)) return result([], missing);
  const nodes = new Map<number, NodeLog>();
  const reported = new Set<number>();
  const findings: Finding[] = [];
  const report = (i: number, message: string, witnesses: readonly number[]): void => {
    if (reported.has(log.node(i))) return;
    reported.add(log.node(i));
    findings.push(finding(execution, CODE, 'error', message, { witnesses, slots: [log.slot(i)], epochs: [log.epoch(i)], nodes: [log.node(i)] }));
  };
  for (const i of stateEvents(log)) {
    const node = nodes.get(log.node(i)) ?? { committed: -1, committedEvent: -1, last: -1, hasLog: false };
    nodes.set(log.node(i), node);
    switch (log.kind(i)) {
      case EVENT.accept: case EVENT.apply: case EVENT.commit:
        node.last = Math.max(node.last, log.slot(i));
        node.hasLog = true;
        break;
      case EVENT.truncate:
        node.last = Math.min(node.last, log.slot(i) - 1);
        node.committed = Math.min(node.committed, node.last);
        break;
      case EVENT.crash: case EVENT.restart:
        node.committed = -1;
        break;
      case EVENT.commitIndex: {
        const name = nameOf(execution, log.node(i)), index = log.slot(i);
        if (index < node.committed) report(i, `${name}'s commit index went back from ${node.committed} to ${index}.`, [i, node.committedEvent]);
        if (node.hasLog && index > node.last) {
          report(i, `${name}'s commit index is ${index}, but its log ends at slot ${Math.max(node.last, 0)}.`, [i]);
        }
        node.committed = index;
        node.committedEvent = i;
        break;
      }
      default:
    }
  }
  return result(findings);
}

export const commitRegression: Checker = { codes: [CODE], check };
