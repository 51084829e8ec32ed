/**
 * A write is acknowledged while too few nodes have it on disk: an election quorum could consist of nodes that do not
 * (protocols.md C1, ACK_UNDER_REPLICATED). A warning: nothing is lost yet.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, isAckedWrite, missingFrom, operationName, operationsOf, result, stateEvents } from './facts.ts';

const CODE = 'under-replicated';

/** Size of the smallest quorum that can elect a leader; undefined without elections, or if none was seen where the size depends on the run. */
function electionQuorum(execution: Execution): number | undefined {
  const { log } = execution;
  let configured = -1, fewestVotes: number | undefined;
  for (const i of stateEvents(log)) {
    if (log.kind(i) === EVENT.config) configured = log.b(i);
    if (log.kind(i) === EVENT.leads && log.a(i) > 0) fewestVotes = Math.min(fewestVotes ?? Infinity, log.a(i));
  }
  if (configured === 0) return undefined;
  return configured > 0 ? configured : fewestVotes;
}

/** Whether nodes put entries on disk, not promises alone: others rely on the memory of many. */
function keepsEntries(log: EventLog): boolean {
  return stateEvents(log).some((i) => log.kind(i) === EVENT.persist && log.slot(i) >= 0);
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['persist events', EVENT.persist]]);
  if (missing.length > 0 || !keepsEntries(log)) return result([], missing);
  const quorum = electionQuorum(execution);
  if (quorum === undefined) return result([], execution.source === 'recorded' ? [{ code: CODE, missing: 'known size of an election quorum' }] : []);
  const needed = execution.nodeCount - quorum + 1;
  const acks = new Map(execution.operations.filter(isAckedWrite).map((operation) => [operation.endEvent, operation]));
  const copies = new Map<number, Set<number>>(), newest = new Map<number, number>();
  const findings: Finding[] = [];
  for (const i of stateEvents(log)) {
    for (const op of log.kind(i) === EVENT.persist && log.slot(i) >= 0 ? operationsOf(log, i) : []) {
      const holders = copies.get(op) ?? new Set<number>();
      copies.set(op, holders.add(log.node(i)));
      newest.set(op, i);
    }
    const acked = acks.get(i);
    if (acked === undefined) continue;
    const holders = copies.get(acked.op) ?? new Set<number>();
    if (holders.size >= needed) continue;
    const message = `${operationName(execution, acked)} was acknowledged with ${holders.size} durable ${holders.size === 1 ? 'copy' : 'copies'}; ` +
      `surviving ${needed - 1} ${needed === 2 ? 'failure' : 'failures'} needs ${needed}.`;
    const nodes = [...holders].sort((a, b) => a - b), copy = newest.get(acked.op);
    const [slots, epochs] = copy === undefined ? [[], []] : [[log.slot(copy)], [log.epoch(copy)]];
    findings.push(finding(execution, CODE, 'warning', message, { witnesses: [i], operations: [acked.op], slots, epochs, nodes }));
  }
  return result(findings);
}

export const underReplicated: Checker = { codes: [CODE], check };
