/**
 * Something was asked and never ends (protocols.md C1, NO_PROGRESS): an operation without an answer, or a node in doubt
 * that could be told and is not. A run that is stuck or repeats itself proves it; otherwise it holds within a bound.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding, ObservedOperation } from './checker.ts';
import { knowersOf, openDoubts, type Doubt, type Knower } from './doubts.ts';
import { connectedAtEnd, duration, finding, majorityOf, missingFrom, nameOf, operationName, operationsById, result, unavailableAtEnd } from './facts.ts';
import { membershipAtEnd } from './members.ts';
import { largestSide, sideWith } from './sides.ts';

const CODE = 'no-progress';

/** Pending for less than this at the end of a run that just ran out of time, µs: it may yet be answered. */
const BOUND_US = 1_000_000;

/**
 * How we know that what waits since `sinceUs` waits on, or within what bound it was seen; undefined where it may just take
 * longer. Where it is stated from when on nothing fails any more, what was before is no excuse and no evidence.
 */
export function whyForEver(execution: Execution, sinceUs: number): string | undefined {
  if (execution.source === 'recorded') return 'the trace ends before';
  switch (execution.end) {
    case 'stuck': case 'done': return 'nothing is left to happen that could change it';
    case 'cycling': return roundOf(execution);
    case 'horizon': return withinBound(execution, sinceUs);
    default: return undefined;
  }
}

function roundOf({ log }: Execution): string {
  const periodUs = log.a(log.length - 1);
  return `the same round repeats ${periodUs > 0 ? `every ${duration(periodUs)}` : 'at once'}, for ever`;
}

function withinBound({ endUs, stableUs }: Execution, sinceUs: number): string | undefined {
  const fromUs = Math.max(sinceUs, stableUs ?? 0);
  if (endUs - fromUs <= BOUND_US) return undefined;
  return `not in the ${duration(endUs - fromUs)} ${fromUs > sinceUs ? `from ${duration(fromUs)} on, when all was stable, ` : ''}up to the end of the run`;
}

/** What happened to an operation at the nodes it was sent to. */
interface Sent { readonly to: ReadonlySet<number>; readonly redirected: boolean }

/** By operation: whom its client asked since its last invocation, and whether the last thing it heard was a redirect. */
function sentOperations(execution: Execution, pending: readonly ObservedOperation[]): ReadonlyMap<number, Sent> {
  const { log } = execution;
  const wanted = new Map(pending.map((operation) => [operation.op, operation]));
  const sent = new Map<number, { to: Set<number>; redirected: boolean }>();
  for (let i = 0; i < log.length; i++) {
    const operation = wanted.get(log.op(i));
    if (operation === undefined || i < operation.invokeEvent || log.node(i) !== operation.client) continue;
    const state = sent.get(operation.op) ?? { to: new Set<number>(), redirected: false };
    sent.set(operation.op, state);
    if (log.kind(i) === EVENT.send) {
      state.to.add(log.peer(i));
      state.redirected = false;
    } else if (log.kind(i) === EVENT.receive) {
      state.redirected = log.word(i) === 'redirect';
    }
  }
  return sent;
}

/** Why an unanswered operation is no fault of the protocol: it stopped safely, or its client asks where no majority is. */
function excuse(execution: Execution, operation: ObservedOperation, sent: Sent | undefined): string | undefined {
  const { sets } = membershipAtEnd(execution);
  for (const members of sets) {
    const side = largestSide(execution, members), needed = majorityOf(members.length);
    if (side.length < needed) return `stopped safely: largest side ${side.length} of ${members.length}, needs ${needed}`;
  }
  const asked = [...sent?.to ?? []].filter((node) => node < execution.nodeCount);
  if (asked.length === 0) return undefined;
  const unavailable = unavailableAtEnd(execution);
  const decides = (node: number): boolean => sets.every((members) => sideWith(execution, node, members) >= majorityOf(members.length));
  const useful = asked.filter((node) => connectedAtEnd(execution, operation.client, node) && decides(node));
  if (useful.length > 0) return undefined;
  const names = asked.map((node) => nameOf(execution, node)).join(' and ');
  if (asked.some((node) => unavailable[node] === undefined)) return `its client asked only ${names}, and no majority can be reached that way`;
  return `its client asked only ${names}, which ${asked.length === 1 ? 'is' : 'are'} not running`;
}

/** `later`: requests of the same statement (`every`) that came after it and are pending as well. */
function pendingFinding(execution: Execution, operation: ObservedOperation, later: readonly ObservedOperation[], sent: Sent | undefined): Finding | undefined {
  const sinceUs = execution.log.timeUs(operation.invokeEvent);
  const why = whyForEver(execution, sinceUs);
  if (why === undefined || sent?.redirected === true) return undefined;
  const name = operationName(execution, operation), excused = excuse(execution, operation, sent);
  const recorded = execution.source === 'recorded';
  const again = later.length === 0 ? '' : `, nor ${later.length === 1 ? 'was one later request' : `were ${later.length} later requests`} of it`;
  const message = `${name} was not answered${again}: ${[why, ...(excused === undefined ? [] : [excused])].join('; ')}.`;
  return finding(execution, CODE, excused !== undefined || recorded ? 'information' : 'warning', message, {
    witnesses: [operation.invokeEvent], operations: [operation, ...later].map(({ op }) => op), timeUs: execution.endUs, certainty: recorded ? 'possible' : 'proved',
  });
}

/** A node in doubt though somebody who knows can be reached: a message was lost and nobody asks again. */
function doubtFinding(execution: Execution, doubt: Doubt, knowers: readonly Knower[]): Finding | undefined {
  const { log } = execution;
  const why = whyForEver(execution, log.timeUs(doubt.event));
  const reachable = knowers.filter((knower) => knower.hindrance === undefined);
  if (why === undefined || reachable.length === 0) return undefined;
  const operation = operationsById(execution).get(doubt.op);
  const subject = operation === undefined ? log.text(doubt.event) || `slot ${doubt.slot}` : operationName(execution, operation);
  const knows = reachable.map((one) => nameOf(execution, one.node)).join(' and ');
  const message = `${nameOf(execution, doubt.node)} never learned how ${subject} ended, though ${knows} could have told it: ${why}.`;
  return finding(execution, CODE, 'warning', message, {
    witnesses: [doubt.event], operations: [doubt.op], slots: [doubt.slot], epochs: [log.epoch(doubt.event)], nodes: [doubt.node],
    timeUs: execution.endUs,
  });
}

/** What is pending, by the line that asked, or by operation where no line is known; each list in order of asking. */
function pendingByStatement(execution: Execution): ReadonlyMap<string, readonly ObservedOperation[]> {
  const byStatement = new Map<string, ObservedOperation[]>();
  for (const operation of execution.operations) {
    if (operation.endEvent >= 0) continue;
    const line = execution.log.line(operation.invokeEvent), statement = line >= 0 ? `line ${line}` : `operation ${operation.op}`;
    const known = byStatement.get(statement);
    if (known === undefined) byStatement.set(statement, [operation]);
    else known.push(operation);
  }
  return byStatement;
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['client operations', EVENT.invoke]]);
  if (missing.length > 0) return result([], missing);
  if (execution.end === 'budget' || execution.end === 'cancelled') return result([]);
  const pending = [...pendingByStatement(execution).values()];
  const sent = sentOperations(execution, pending.map(([first]) => first!));
  const doubts = execution.source === 'simulation' ? [...knowersOf(execution, openDoubts(execution))] : [];
  const findings = [
    ...pending.map(([first, ...later]) => pendingFinding(execution, first!, later, sent.get(first!.op))),
    ...doubts.map(([doubt, knowers]) => doubtFinding(execution, doubt, knowers)),
  ];
  return result(findings.filter((found) => found !== undefined));
}

export const noProgress: Checker = { codes: [CODE], wholeSystem: true, check };
