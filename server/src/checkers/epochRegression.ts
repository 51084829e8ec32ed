/**
 * A node goes back to an older epoch than it had promised, by a lower promise or by acting in an older epoch after a
 * restart that lost the promise (protocols.md C1, EPOCH_REGRESSION). Only where nodes keep epochs.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, result } from './facts.ts';
import { nodesKeepEpochs, obeys, walkPromises } from './promises.ts';

const CODE = 'epoch-regression';

/**
 * Whether a node had told anyone of an epoch newer than this before an event. A promise that was lost before any message
 * left with it binds nobody: that is what waiting for the disk is for.
 */
function tellers(log: EventLog): (node: number, epoch: number, before: number) => boolean {
  /** By node: the sends that carry a newer epoch than all before them. */
  const records = new Map<number, number[]>();
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.send || log.epoch(i) < 0) continue;
    const own = records.get(log.node(i));
    if (own === undefined) records.set(log.node(i), [i]);
    else if (log.epoch(i) > log.epoch(own.at(-1)!)) own.push(i);
  }
  return (node, epoch, before) => records.get(node)?.some((i) => i < before && log.epoch(i) > epoch) ?? false;
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['promise events', EVENT.promise]]);
  if (missing.length > 0 || !nodesKeepEpochs(log)) return result([], missing);
  const recorded = execution.source === 'recorded';
  const hasTold = tellers(log);
  const findings: Finding[] = [];
  const reported = new Set<string>();
  walkPromises(log, (i, promised) => {
    const epoch = log.epoch(i), kind = log.kind(i);
    const acts = promised.restarted && (obeys(log, i) || kind === EVENT.leads || kind === EVENT.candidate);
    if (epoch < 0 || epoch >= promised.epoch || (kind !== EVENT.promise && !acts)) return;
    // Its peers refuse what it said before it recovered, so nobody counts on the older promise.
    if (kind === EVENT.promise && log.a(i) === 1) return;
    if (promised.restarted && !recorded && !hasTold(log.node(i), epoch, i)) return;
    const key = `${log.node(i)} ${epoch}`;
    if (reported.has(key)) return;
    reported.add(key);
    const message = `${nameOf(execution, log.node(i))} went back from epoch ${promised.epoch} to ${epoch}` +
      `${promised.restarted ? ' after restart: the promise was not persisted' : ''}.`;
    findings.push(finding(execution, CODE, 'error', message,
      { witnesses: [i, promised.event], operations: [log.op(i)], slots: [log.slot(i)], epochs: [epoch, promised.epoch], nodes: [log.node(i)] }));
  });
  return result(findings);
}

export const epochRegression: Checker = { codes: [CODE], check };
