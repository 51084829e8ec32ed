/** Divergence that no single slot shows: a hole that stays, or the same slots applied in another order. */
import { EVENT, type EventLog } from '../engine/events.ts';
import { partsOf } from '../model/actions.ts';
import type { Execution, Finding } from './checker.ts';
import { finding, hasAny, isWrite, nameOf, operationsById, operationsOf, stateEvents } from './facts.ts';
import { promisesBySlot } from './promises.ts';

const CODE = 'diverged';

/**
 * One node's applications since it last lost its memory: event indexes, in order. A node that restarts may begin to apply
 * again from a slot that it had applied: what followed it is to come again, and everything where slots are no sequence.
 */
function applications(execution: Execution): readonly (readonly number[])[] {
  const { log } = execution;
  const applied = Array.from({ length: execution.nodeCount }, (): number[] => []);
  // Without anything on disk a restart begins with nothing.
  const durable = hasAny(log, EVENT.persist), bySlot = promisesBySlot(log);
  const restarted = new Set<number>();
  for (const i of stateEvents(log)) {
    const own = applied[log.node(i)];
    if (own === undefined) continue;
    const undo = (slot: number): void => { own.splice(0, own.length, ...own.filter((event) => log.slot(event) < slot)); };
    if (log.kind(i) === EVENT.apply && log.slot(i) >= 0) {
      if (restarted.delete(log.node(i)) && own.some((event) => log.slot(event) === log.slot(i))) undo(bySlot ? 0 : log.slot(i));
      own.push(i);
    }
    if (log.kind(i) === EVENT.restart && !durable) own.length = 0;
    if (log.kind(i) === EVENT.restart) restarted.add(log.node(i));
    if (log.kind(i) === EVENT.truncate) undo(log.slot(i));
  }
  return applied;
}

/** The keys, in order, whose values at the end differ. */
function differingKeys(execution: Execution, p: number, q: number): readonly string[] {
  const left = execution.finalValues[p], right = execution.finalValues[q];
  if (left === undefined || right === undefined) return [];
  return [...new Set([...left.keys(), ...right.keys()])].sort().filter((key) => (left.get(key) ?? 'nil') !== (right.get(key) ?? 'nil'));
}

/** Those of some applications that may have changed a key. */
function changesOf(execution: Execution, applied: readonly number[], key: string): readonly number[] {
  const operations = operationsById(execution);
  return applied.filter((event) => {
    const ops = operationsOf(execution.log, event);
    return ops.length === 0 || ops.some((op) => {
      const action = operations.get(op)?.action;
      return action === undefined || partsOf(action).some((part) => part.key === key && isWrite(part));
    });
  });
}

/** The first application out of order: of a slot below one applied before; undefined where all ascend. */
function firstDescent(log: EventLog, applied: readonly number[]): number | undefined {
  return applied.find((event, at) => at > 0 && log.slot(event) < log.slot(applied[at - 1]!));
}

/** Where two different sequences part; in `right`, unless it only stops there. */
function firstDifference(log: EventLog, left: readonly number[], right: readonly number[]): number {
  return right.find((event, at) => left[at] === undefined || log.slot(event) !== log.slot(left[at])) ?? left[right.length]!;
}

function sameSlots(log: EventLog, left: readonly number[], right: readonly number[]): boolean {
  const slots = new Set(left.map((event) => log.slot(event))), others = new Set(right.map((event) => log.slot(event)));
  return slots.size === others.size && [...slots].every((slot) => others.has(slot));
}

function sameOrder(log: EventLog, left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((event, at) => log.slot(event) === log.slot(right[at]!));
}

/** Live nodes that applied the same slots of a key in different orders and hold different values of it at the end. */
export function divergedByOrder(execution: Execution): readonly Finding[] {
  const { log } = execution;
  const applied = applications(execution);
  const findings: Finding[] = [];
  for (let p = 0; p < applied.length; p++) {
    for (let q = p + 1; q < applied.length; q++) {
      if (execution.aliveAtEnd[p] === false || execution.aliveAtEnd[q] === false) continue;
      for (const key of differingKeys(execution, p, q)) {
        const left = changesOf(execution, applied[p]!, key), right = changesOf(execution, applied[q]!, key);
        if (sameOrder(log, left, right) || !sameSlots(log, left, right)) continue;
        findings.push(orderFinding(execution, p, q, key, left, right));
        break;
      }
    }
  }
  return findings;
}

function orderFinding(execution: Execution, p: number, q: number, key: string, left: readonly number[], right: readonly number[]): Finding {
  const { log } = execution;
  const late = firstDescent(log, right) ?? firstDescent(log, left) ?? firstDifference(log, left, right);
  const own = log.node(late) === p ? left : right;
  const before = own[own.indexOf(late) - 1] ?? late;
  const value = (node: number): string => execution.finalValues[node]?.get(key) ?? 'nil';
  const message = `${nameOf(execution, p)} has ${key} = ${value(p)}, ${nameOf(execution, q)} has ${key} = ${value(q)}: ` +
    `${nameOf(execution, log.node(late))} applied slot ${log.slot(late)} after slot ${log.slot(before)}.`;
  return finding(execution, CODE, 'error', message, {
    witnesses: [late, before], operations: [log.op(before), log.op(late)], slots: [log.slot(late), log.slot(before)],
    epochs: [log.epoch(late), log.epoch(before)], nodes: [p, q],
  });
}

/**
 * A node discarded what it heard of a slot, has applied a later one, and never applied that slot, which others did: a
 * hole that stays (protocols.md A8b). Without the discard it may just be late, which is no divergence. Where every slot has
 * epochs of its own, slots are no sequence and there are no holes.
 */
export function divergedByGap(execution: Execution): readonly Finding[] {
  const { log } = execution;
  if (promisesBySlot(log)) return [];
  const applied = applications(execution).map((events) => new Map(events.map((event) => [log.slot(event), event])));
  const last = applied.map((slots) => [...slots.keys()].reduce((highest, slot) => Math.max(highest, slot), -1));
  const findings: Finding[] = [];
  const reported = new Set<string>();
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.discard || log.slot(i) < 0) continue;
    const node = log.node(i), slot = log.slot(i), own = applied[node];
    if (own === undefined || own.has(slot) || reported.has(`${node} ${slot}`) || execution.aliveAtEnd[node] === false) continue;
    const beyond = last[node]!;
    const holder = applied.findIndex((other, peer) => peer !== node && other.has(slot));
    if (beyond < slot || holder < 0) continue;
    reported.add(`${node} ${slot}`);
    const theirs = applied[holder]!.get(slot)!, later = own.get(beyond)!;
    const message = `Slot ${slot}: ${nameOf(execution, holder)} has ${log.text(theirs) || 'no operation'}, ${nameOf(execution, node)} discarded it ` +
      `and went on to slot ${beyond}.`;
    findings.push(finding(execution, CODE, 'error', message, {
      witnesses: [Math.max(i, later), Math.min(i, later), theirs], operations: [log.op(theirs), log.op(later)], slots: [slot, beyond],
      epochs: [log.epoch(theirs)], nodes: [holder, node],
    }));
  }
  return findings;
}
