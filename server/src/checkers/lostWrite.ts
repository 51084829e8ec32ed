/**
 * An acknowledged write is gone (protocols.md C1, LOST_ACK): (a) another content, or an abort, is decided in its slot at
 * some node; or (b) a later epoch's leader begins to lead with a log that lacks it.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding, NotCheckable, ObservedOperation } from './checker.ts';
import {
  duration, finding, hasAny, isAckedWrite, isDecision, missingFrom, nameOf, operationName, operationsOf, result, sameContent, stateEvents,
} from './facts.ts';
import { leadersWithout } from './leaderLogs.ts';
import { asKnown } from './order.ts';

const CODE = 'lost-write';

/** Decisions (commit, apply, abort) that say something new, by slot; and the slots each operation was decided in, by node. */
interface Decisions {
  readonly bySlot: ReadonlyMap<number, readonly number[]>;
  readonly byOperation: ReadonlyMap<number, readonly number[]>;
}

function decisionsOf(execution: Execution): Decisions {
  const { log } = execution;
  const bySlot = new Map<number, number[]>(), byOperation = new Map<number, number[]>();
  for (const i of stateEvents(log)) {
    if (!isDecision(log.kind(i)) || log.slot(i) < 0) continue;
    const decisions = bySlot.get(log.slot(i)) ?? [];
    bySlot.set(log.slot(i), decisions);
    if (decisions.some((j) => log.node(j) === log.node(i) && log.op(j) === log.op(i) && sameContent(log, i, j))) continue;
    decisions.push(i);
    if (log.kind(i) === EVENT.abort) continue;
    for (const op of operationsOf(log, i)) {
      const own = byOperation.get(op) ?? [];
      byOperation.set(op, own);
      own.push(i);
    }
  }
  return { bySlot, byOperation };
}

/** The decisions that the acknowledgement stands on: those of the node that answered, or of any node where it shows none. */
function grounds(execution: Execution, write: ObservedOperation, decisions: Decisions): readonly number[] {
  const { log } = execution;
  const before = (decisions.byOperation.get(write.op) ?? []).filter((i) => i < write.endEvent);
  const own = before.filter((i) => log.node(i) === log.peer(write.endEvent));
  return own.length > 0 ? own : before;
}

/** The earliest decision of something else in the write's slot at a node that has it in no other slot. */
function overwritten(execution: Execution, write: ObservedOperation, decisions: Decisions): Finding | undefined {
  const { log } = execution;
  const all = decisions.byOperation.get(write.op) ?? [];
  let found: { decided: number; other: number } | undefined;
  for (const decided of grounds(execution, write, decisions)) {
    // The same operation told differently (with another place in the order, say) is not gone: that is `diverged`.
    const other = decisions.bySlot.get(log.slot(decided))!.find((i) => !sameContent(log, i, decided) &&
      (!operationsOf(log, i).includes(write.op) || log.kind(i) === EVENT.abort) && !all.some((j) => log.node(j) === log.node(i) && log.slot(j) !== log.slot(i)));
    if (other !== undefined && (found === undefined || other < found.other)) found = { decided, other };
  }
  if (found === undefined) return undefined;
  const { decided, other } = found, ack = write.endEvent, node = nameOf(execution, log.node(other));
  const aborted = log.kind(other) === EVENT.abort;
  const ending = aborted ? `${node} aborted it` : `${node} has ${log.text(other) || 'no operation'} in its slot ${log.slot(other)}`;
  return finding(execution, CODE, 'error', `${acknowledged(execution, write)} but ${ending}.`, {
    witnesses: [Math.max(ack, other), Math.min(ack, other), decided], operations: [write.op, log.op(other)], slots: [log.slot(other)],
    epochs: [log.epoch(other), log.epoch(decided)], nodes: [log.node(other)],
  });
}

function acknowledged(execution: Execution, write: ObservedOperation): string {
  const { log } = execution;
  return `${operationName(execution, write)} was acknowledged to ${nameOf(execution, write.client)} at ${duration(log.timeUs(write.endEvent))}`;
}

/** A later leader's log lacks it. */
function absent(execution: Execution, write: ObservedOperation, leads: number, decided: number): Finding {
  const { log } = execution;
  const ack = write.endEvent;
  const message = `${acknowledged(execution, write)} but is absent from ${nameOf(execution, log.node(leads))}'s history (epoch ${log.epoch(leads)}).`;
  const found = finding(execution, CODE, 'error', message, {
    witnesses: [Math.max(ack, leads), Math.min(ack, leads), decided], operations: [write.op], slots: [log.slot(decided)],
    epochs: [log.epoch(leads)], nodes: [log.node(leads)],
  });
  // A trace that tells what nodes put on disk tells what they hold. Another may have left out what a new leader was told.
  if (execution.source === 'simulation' || hasAny(log, EVENT.persist)) return asKnown(execution, found, { ordered: [[decided, leads]] });
  return { ...found, severity: 'information', certainty: 'possible' };
}

function check(execution: Execution): CheckResult {
  const writes = execution.operations.filter(isAckedWrite);
  const missing = missingFrom(execution, CODE, [['commit or apply events', EVENT.commit, EVENT.apply]]);
  if (missing.length > 0 || writes.length === 0) return result([], missing);
  const decisions = decisionsOf(execution);
  const leaders = leadersWithout(execution, writes);
  const findings: Finding[] = [];
  for (const write of writes) {
    const lacking = leaders.get(write.op);
    const candidates = [
      overwritten(execution, write, decisions),
      lacking === undefined ? undefined : absent(execution, write, lacking.leads, lacking.decided),
    ].filter((found) => found !== undefined).sort(provedFirst);
    if (candidates[0] !== undefined) findings.push(candidates[0]);
  }
  return result(findings, unknownLogs(execution));
}

/** Then by the event that made it irrevocable. */
function provedFirst(a: Finding, b: Finding): number {
  return Number(a.certainty === 'possible') - Number(b.certainty === 'possible') || a.witnesses[0]! - b.witnesses[0]!;
}

/** A recorded trace may show what nodes decided, and nothing of what they accepted: then a new leader's log is not known. */
function unknownLogs(execution: Execution): readonly NotCheckable[] {
  if (execution.source === 'simulation' || hasAny(execution.log, EVENT.accept)) return [];
  return [{ code: CODE, missing: 'accept events, to know what a new leader holds' }];
}

export const lostWrite: Checker = { codes: [CODE], check };
