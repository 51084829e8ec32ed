/**
 * A node goes back to an older epoch than it had promised, by a lower promise or by acting in an older epoch after a
 * restart that lost the promise (protocols.md C1, EPOCH_REGRESSION). Only where nodes keep epochs.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, hasAny, missingFrom, nameOf, result } from './facts.ts';
import { nodesKeepEpochs, obeys, promisesBySlot, walkPromises } from './promises.ts';

const CODE = 'epoch-regression';

/**
 * Whether a node had told anyone of an epoch newer than this (in the event's slot, where slots are apart) before an event. A
 * promise that was lost before any message left with it binds nobody: that is what waiting for the disk is for.
 */
function tellers(log: EventLog): (event: number, epoch: number) => boolean {
  const bySlot = promisesBySlot(log);
  const teller = (i: number): string => bySlot ? `${log.node(i)} ${log.slot(i)}` : String(log.node(i));
  /** By who tells: the sends that carry a newer epoch than all before them. */
  const records = new Map<string, number[]>();
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.send || log.epoch(i) < 0) continue;
    const own = records.get(teller(i));
    if (own === undefined) records.set(teller(i), [i]);
    else if (log.epoch(i) > log.epoch(own.at(-1)!)) own.push(i);
  }
  return (event, epoch) => records.get(teller(event))?.some((i) => i < event && log.epoch(i) > epoch) ?? false;
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['promise events', EVENT.promise]]);
  if (missing.length > 0 || !nodesKeepEpochs(log)) return result([], missing);
  // A trace that tells what nodes put on disk tells what they sent; another may have left out whom a node told.
  const whole = execution.source === 'simulation' || hasAny(log, EVENT.persist);
  const hasTold = tellers(log);
  const findings: Finding[] = [];
  const reported = new Set<string>();
  walkPromises(log, (i, promised) => {
    const epoch = log.epoch(i), kind = log.kind(i);
    const acts = promised.restarted && (obeys(log, i) || kind === EVENT.leads || kind === EVENT.candidate);
    if (epoch < 0 || epoch >= promised.epoch || (kind !== EVENT.promise && !acts)) return;
    // Its peers refuse what it said before it recovered, so nobody counts on the older promise.
    if (kind === EVENT.promise && log.a(i) === 1) return;
    if (promised.restarted && whole && !hasTold(i, epoch)) return;
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
