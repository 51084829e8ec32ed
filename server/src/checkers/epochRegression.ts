/**
 * A node goes back to an older epoch than it had promised, by a lower promise or by acting in an older epoch after a
 * restart that lost the promise (protocols.md C1, EPOCH_REGRESSION). Only where nodes keep epochs.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, result } from './facts.ts';
import { nodesKeepEpochs, obeys, walkPromises } from './promises.ts';

const CODE = 'epoch-regression';

/** Whether the node had told anyone of a newer epoch than the one it goes back to. A promise that reached nobody binds nobody. */
function hasTold(log: EventLog, i: number): boolean {
  for (let j = i - 1; j >= 0; j--) if (log.kind(j) === EVENT.send && log.node(j) === log.node(i) && log.epoch(j) > log.epoch(i)) return true;
  return false;
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['promise events', EVENT.promise]]);
  if (missing.length > 0 || !nodesKeepEpochs(log)) return result([], missing);
  const recorded = execution.source === 'recorded';
  const findings: Finding[] = [];
  const reported = new Set<string>();
  walkPromises(log, (i, promised) => {
    const epoch = log.epoch(i), kind = log.kind(i);
    const acts = promised.restarted && (obeys(log, i, recorded) || kind === EVENT.leads || kind === EVENT.candidate);
    if (epoch < 0 || epoch >= promised.epoch || (kind !== EVENT.promise && !acts)) return;
    if (promised.restarted && !recorded && !hasTold(log, i)) return;
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
