/**
 * A write is acknowledged while too few nodes have it on disk: an election quorum could consist of nodes that do not
 * (protocols.md C1, ACK_UNDER_REPLICATED). A warning: nothing is lost yet.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, isAckedWrite, missingFrom, operationName, operationsOf, result, stateEvents } from './facts.ts';
import { Memberships } from './members.ts';

const CODE = 'under-replicated';

/** The fewest votes that elected a leader: the size of a quorum where it depends on the run. */
function fewestVotes(log: EventLog): number | undefined {
  const votes = stateEvents(log).filter((i) => log.kind(i) === EVENT.leads && log.a(i) > 0).map((i) => log.a(i));
  return votes.length === 0 ? undefined : votes.reduce((fewest, count) => Math.min(fewest, count));
}

/** Whether nodes put entries on disk, not promises alone: others rely on the memory of many. */
function keepsEntries(log: EventLog): boolean {
  return stateEvents(log).some((i) => log.kind(i) === EVENT.persist && log.slot(i) >= 0);
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['persist events', EVENT.persist]]);
  if (missing.length > 0 || !keepsEntries(log)) return result([], missing);
  const memberships = new Memberships(execution), votes = fewestVotes(log), configured = memberships.start.quorum;
  if (configured === 0 || (configured < 0 && votes === undefined)) {
    return result([], execution.source === 'recorded' && configured < 0 ? [{ code: CODE, missing: 'known size of an election quorum' }] : []);
  }
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
    // By the members as the node that answers counts them, and their smallest quorum.
    const { sets, quorum } = memberships.upTo(i).of(log.peer(i)), members = sets.at(-1)!;
    const needed = members.length - (quorum > 0 ? quorum : votes ?? members.length) + 1;
    const holders = new Set([...copies.get(acked.op) ?? []].filter((node) => members.includes(node)));
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
