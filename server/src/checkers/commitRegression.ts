/**
 * A node's commit index goes back though it neither crashed nor dropped entries, or points past the end of its log; or a
 * node applies a slot again after a later one (protocols.md C1, COMMIT_REGRESSION and COMMIT_GT_LOG). Slots that are each
 * applied once, in whatever order, are no regression: an unordered network does that.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, hasAny, missingFrom, nameOf, result, stateEvents } from './facts.ts';

const CODE = 'commit-regression';

interface NodeLog { committed: number; committedEvent: number; last: number; hasLog: boolean; applied: Map<number, number> }

/** The last application of a later slot since this one was applied, or undefined. `applied`: slots with their events, newest last. */
function laterThanRepeated(applied: ReadonlyMap<number, number>, slot: number): number | undefined {
  const first = applied.get(slot);
  if (first === undefined) return undefined;
  return [...applied].findLast(([other, event]) => other > slot && event > first)?.[1];
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['commit index or apply events', EVENT.commitIndex, EVENT.apply]]);
  if (missing.length > 0 || !hasAny(log, EVENT.commitIndex, EVENT.apply)) return result([], missing);
  const nodes = new Map<number, NodeLog>();
  const reported = new Set<number>();
  const findings: Finding[] = [];
  const report = (i: number, message: string, witnesses: readonly number[]): void => {
    if (reported.has(log.node(i))) return;
    reported.add(log.node(i));
    findings.push(finding(execution, CODE, 'error', message, { witnesses, slots: [log.slot(i)], epochs: [log.epoch(i)], nodes: [log.node(i)] }));
  };
  for (const i of stateEvents(log)) {
    const node = nodes.get(log.node(i)) ?? { committed: -1, committedEvent: -1, last: -1, hasLog: false, applied: new Map<number, number>() };
    nodes.set(log.node(i), node);
    switch (log.kind(i)) {
      case EVENT.apply: {
        node.last = Math.max(node.last, log.slot(i));
        node.hasLog = true;
        if (log.slot(i) < 0 || log.detail(i) !== '') break;
        const later = laterThanRepeated(node.applied, log.slot(i));
        if (later !== undefined) {
          report(i, `${nameOf(execution, log.node(i))} applied slot ${log.slot(i)} again after slot ${log.slot(later)}.`, [i, later]);
        }
        node.applied.delete(log.slot(i));
        node.applied.set(log.slot(i), i);
        break;
      }
      case EVENT.accept: case EVENT.commit:
        node.last = Math.max(node.last, log.slot(i));
        node.hasLog = true;
        break;
      case EVENT.truncate:
        node.last = Math.min(node.last, log.slot(i) - 1);
        node.committed = Math.min(node.committed, node.last);
        for (const slot of node.applied.keys()) if (slot >= log.slot(i)) node.applied.delete(slot);
        break;
      case EVENT.crash: case EVENT.restart:
        node.committed = -1;
        node.applied.clear();
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
