/**
 * Two nodes that lead at the same time both get a write committed and acknowledged that reached them while both led,
 * and neither write is in the other's committed history (protocols.md C1, SPLIT_BRAIN).
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { duration, finding, isAckedWrite, majorityOf, missingFrom, nameOf, operationsOf, overlappingReigns, result, type Reign } from './facts.ts';
import { asKnown } from './order.ts';

const CODE = 'split-brain';

/** An acknowledged write, as event indexes. */
interface AckedWrite {
  readonly op: number;
  readonly leader: number;
  /** When it reached the node that answered it. */
  readonly arrived: number;
  /** When that node had committed it. */
  readonly decided: number;
  /** In which epoch, or -1. */
  readonly epoch: number;
  readonly acked: number;
  /** When another node had it in its committed history, or Infinity. */
  readonly knownTo: (node: number) => number;
}

/** Event indexes by node and operation, in order. */
class Sightings {
  private readonly byNode = new Map<number, Map<number, number[]>>();

  add(node: number, op: number, i: number): void {
    const ofNode = this.byNode.get(node) ?? new Map<number, number[]>();
    this.byNode.set(node, ofNode);
    const events = ofNode.get(op);
    if (events === undefined) ofNode.set(op, [i]);
    else events.push(i);
  }

  /** The first from event `from` on that `wanted` accepts, or Infinity. */
  first(node: number, op: number, from: number, wanted: (i: number) => boolean = () => true): number {
    return this.byNode.get(node)?.get(op)?.find((i) => i >= from && wanted(i)) ?? Infinity;
  }
}

/** Commits and applications, and the arrivals of clients' messages. */
function sightingsOf(execution: Execution): { readonly decisions: Sightings; readonly arrivals: Sightings } {
  const { log } = execution;
  const decisions = new Sightings(), arrivals = new Sightings();
  for (let i = 0; i < log.length; i++) {
    const kind = log.kind(i), op = log.op(i);
    if (kind === EVENT.commit || kind === EVENT.apply) for (const each of operationsOf(log, i)) decisions.add(log.node(i), each, i);
    if (kind === EVENT.receive && op >= 0 && log.peer(i) >= execution.nodeCount) arrivals.add(log.node(i), op, i);
  }
  return { decisions, arrivals };
}

function ackedWrites(execution: Execution): readonly AckedWrite[] {
  const { log } = execution;
  const { decisions, arrivals } = sightingsOf(execution);
  const writes = execution.operations.filter((operation) => isAckedWrite(operation) && log.peer(operation.endEvent) >= 0);
  return writes.map((write) => {
    const leader = log.peer(write.endEvent), acked = write.endEvent;
    const decided = Math.min(decisions.first(leader, write.op, write.invokeEvent), acked);
    const arrival = arrivals.first(leader, write.op, write.invokeEvent);
    const slot = log.slot(decided);
    return {
      op: write.op, leader, decided, epoch: log.epoch(decided), acked,
      arrived: arrival < decided ? arrival : write.invokeEvent,
      // The same operation asked again and again has several slots: its own is the one that counts.
      knownTo: (node: number) => decisions.first(node, write.op, write.invokeEvent, (i) => slot < 0 || log.slot(i) === slot || log.slot(i) < 0),
    };
  }).sort((a, b) => a.acked - b.acked);
}

/** The acknowledgements of both leaders that complete a split brain first, or undefined. */
function firstConflict(older: Reign, newer: Reign, writes: readonly AckedWrite[]): readonly [first: AckedWrite, second: AckedWrite] | undefined {
  const begin = Math.max(older.start, newer.start), end = Math.min(older.end, newer.end);
  const sides = new Map<number, { write: AckedWrite; known: number }[]>([[older.node, []], [newer.node, []]]);
  for (const write of writes) {
    const side = sides.get(write.leader);
    if (side === undefined || write.arrived < begin || write.arrived >= end) continue;
    const [reign, otherNode] = write.leader === older.node ? [older, newer.node] : [newer, older.node];
    // It came to a leader that has stepped down, and was committed in another's epoch: that is no second history.
    if (write.decided >= reign.end && write.epoch >= 0 && write.epoch !== reign.epoch) continue;
    // Committed at its own leader and unknown to the other from `decided` up to `known`. Two writes conflict if these spans meet.
    const known = write.knownTo(otherNode);
    const other = sides.get(otherNode)!.find((candidate) => Math.max(candidate.write.decided, write.decided) < Math.min(candidate.known, known));
    if (other !== undefined) return [other.write, write];
    side.push({ write, known });
  }
  return undefined;
}

function report(execution: Execution, older: Reign, newer: Reign, first: AckedWrite, second: AckedWrite): Finding {
  const { log } = execution;
  const [low, high] = older.epoch <= newer.epoch ? [older, newer] : [newer, older];
  const name = (reign: Reign): string => `${nameOf(execution, reign.node)} (epoch ${reign.epoch})`;
  const from = duration(log.timeUs(first.acked)), to = duration(log.timeUs(second.acked));
  const message = `${name(low)} and ${name(high)} both acknowledged writes ${from === to ? `at ${to}` : `between ${from} and ${to}`}.${votesSentence(execution, newer)}`;
  return finding(execution, CODE, 'error', message, {
    witnesses: [second.acked, first.acked, newer.start, older.start],
    operations: [second.op, first.op], epochs: [low.epoch, high.epoch], nodes: [low.node, high.node],
  });
}

function votesSentence(execution: Execution, newer: Reign): string {
  const { log } = execution;
  // Of those whom the leader counts as members.
  const votes = log.a(newer.start), n = log.b(newer.start) > 0 ? log.b(newer.start) : execution.nodeCount, majority = majorityOf(n);
  if (votes <= 0) return '';
  const leader = nameOf(execution, newer.node);
  if (votes >= majority) return ` ${leader} had a majority, ${votes} of ${n} votes, but the other went on being obeyed.`;
  return ` Votes were counted from ${votes} of ${n} nodes; a majority is ${majority}.`;
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['leads events', EVENT.leads], ['answers to clients', EVENT.ok]]);
  if (missing.length > 0) return result([], missing);
  const pairs = overlappingReigns(log);
  if (pairs.length === 0) return result([]);
  const writes = ackedWrites(execution);
  const findings: Finding[] = [];
  const reported = new Set<string>();
  for (const [older, newer] of pairs) {
    const pair = [older.node, newer.node].sort((a, b) => a - b).join(' ');
    if (reported.has(pair)) continue;
    const conflict = firstConflict(older, newer, writes);
    if (conflict === undefined) continue;
    reported.add(pair);
    findings.push(asKnown(execution, report(execution, older, newer, ...conflict), { concurrent: [[conflict[0].acked, conflict[1].acked]] }));
  }
  return result(findings);
}

export const splitBrain: Checker = { codes: [CODE], check };
