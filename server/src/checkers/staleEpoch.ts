/**
 * A node that has promised an epoch accepts, votes, commits or applies for an older one: the ratchet slipped (protocols.md C1,
 * STALE_EPOCH_ACCEPTED). The epoch compared is that of the message obeyed, not of an entry it may repeat.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, result, stateEvents } from './facts.ts';
import { nodesKeepEpochs, obeys, walkPromises, type Promised } from './promises.ts';

const CODE = 'stale-epoch';

/** The events that explain a stale leader, in order. */
interface Background { readonly leads: readonly number[]; readonly faults: readonly number[] }

function backgroundOf(log: EventLog): Background {
  const leads: number[] = [], faults: number[] = [];
  for (const i of stateEvents(log)) {
    const kind = log.kind(i);
    if (kind === EVENT.leads) leads.push(i);
    if (kind === EVENT.pause || (kind === EVENT.links && !/^(heal|slow|stable)/.test(log.text(i)))) faults.push(i);
  }
  return { leads, faults };
}

/** The last `leads` event of an epoch before `i`, or -1. */
function leadsEvent(log: EventLog, background: Background, epoch: number, i: number): number {
  return background.leads.findLast((j) => j < i && log.epoch(j) === epoch) ?? -1;
}

interface Excuse { readonly event: number; readonly words: string }

/** What kept the leader of the older epoch from hearing of the newer: a pause of it, else the last partition or cut, while it led. */
function excuseOf(log: EventLog, background: Background, oldLeads: number, i: number): Excuse | undefined {
  const during = background.faults.filter((j) => j > oldLeads && j < i);
  const pause = during.findLast((j) => log.kind(j) === EVENT.pause && log.node(j) === log.node(oldLeads));
  if (pause !== undefined) return { event: pause, words: 'paused' };
  const cut = during.findLast((j) => log.kind(j) === EVENT.links);
  return cut === undefined ? undefined : { event: cut, words: 'partitioned' };
}

function deed(execution: Execution, i: number): string {
  const { log } = execution;
  switch (log.kind(i)) {
    case EVENT.vote: return log.peer(i) >= 0 ? `voted for ${nameOf(execution, log.peer(i))}` : 'voted';
    case EVENT.accept: return `accepted ${log.text(i) || `slot ${log.slot(i)}`}`;
    case EVENT.apply: return `applied ${log.text(i) || `slot ${log.slot(i)}`}`;
    default: return `committed ${log.text(i) || `slot ${log.slot(i)}`}`;
  }
}

function report(execution: Execution, background: Background, i: number, promised: Promised): Finding {
  const { log } = execution;
  const older = log.epoch(i), oldLeads = leadsEvent(log, background, older, i), newLeads = leadsEvent(log, background, promised.epoch, i);
  const excuse = oldLeads >= 0 ? excuseOf(log, background, oldLeads, i) : undefined;
  const message = `${nameOf(execution, log.node(i))} ${deed(execution, i)} from epoch ${older} after promising epoch ${promised.epoch}.` +
    (excuse === undefined ? '' : ` Old leader ${nameOf(execution, log.node(oldLeads))} was ${excuse.words}.`);
  return finding(execution, CODE, 'error', message, {
    witnesses: [i, promised.event, newLeads, excuse?.event ?? -1], operations: [log.op(i)], slots: [log.slot(i)],
    epochs: [older, promised.epoch], nodes: [log.node(i)],
  });
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE,
    [['promise events', EVENT.promise], ['accept, vote or apply events', EVENT.accept, EVENT.vote, EVENT.commit, EVENT.apply]]);
  if (missing.length > 0) return result([], missing);
  const keepsEpochs = nodesKeepEpochs(log), background = backgroundOf(log);
  const findings: Finding[] = [];
  const reported = new Set<string>();
  walkPromises(log, (i, promised) => {
    const epoch = log.epoch(i);
    if (!obeys(log, i) || epoch >= promised.epoch) return;
    // A promise that a restart lost is epoch-regression, reported there.
    if (promised.restarted && keepsEpochs) return;
    // A leader that goes on in its own epoch obeys nobody; but one that voted for a newer leader is counted on both sides.
    if (promised.led === epoch && promised.voted <= epoch) return;
    const key = `${log.node(i)} ${epoch}`;
    if (reported.has(key)) return;
    reported.add(key);
    findings.push(report(execution, background, i, promised));
  });
  return result(findings);
}

export const staleEpoch: Checker = { codes: [CODE], check };
