import type { ObservedOperation } from '../checkers/checker.ts';
import { whyForEver } from '../checkers/noProgress.ts';
import { EVENT } from '../engine/events.ts';
import { asksForValue, foundIn, isTransaction, keysOf, partsOf } from '../model/actions.ts';
import type { ExpectationModel } from '../model/scenario.ts';
import type { Evidence, Judgement } from './expectations.ts';
import { stillToCome } from './expectViolations.ts';
import { formatTime } from './words.ts';

type Outcome = Extract<ExpectationModel, { kind: 'outcome' }>;
type ReadValue = Extract<ExpectationModel, { kind: 'read-value' }>;
type Progress = Extract<ExpectationModel, { kind: 'progress' }>;

const MET: Judgement = { met: true, message: '', open: false };

/** `acked` and `failed`: answered so by the deadline. `unanswered`: neither ok nor failed by then; giving up is no answer. */
export function judgeOutcome(evidence: Evidence, expectation: Outcome): Judgement {
  const observed = observedOf(evidence, expectation.operation);
  const open = stillToCome(evidence, expectation.byUs);
  const name = nameOf(evidence, expectation.operation);
  if (observed.length === 0) return { met: false, message: neverAsked(name), open };
  const deadline = expectation.byUs ?? Infinity;
  const answered = observed.filter((operation) => operation.outcome !== 'unknown');
  const inTime = answered.filter((operation) => endUs(evidence, operation) <= deadline);
  if (expectation.outcome === 'unanswered') {
    const first = inTime[0];
    return first === undefined ? { ...MET, open } : { met: false, message: told(evidence, name, first), open: false };
  }
  const wanted = expectation.outcome === 'acked' ? 'ok' : 'failed';
  if (inTime.some((operation) => operation.outcome === wanted)) return MET;
  const other = inTime[0] ?? answered[0];
  if (other === undefined) return { met: false, message: unansweredWords(evidence, name, observed[0]!), open };
  const late = endUs(evidence, other) > deadline ? `, not by ${formatTime(deadline)}` : '';
  return { met: false, message: told(evidence, name, other) + late, open: open && late !== '' };
}

/** The value that came back, compared as text. */
export function judgeReadValue(evidence: Evidence, expectation: ReadValue): Judgement {
  const observed = observedOf(evidence, expectation.operation);
  const name = nameOf(evidence, expectation.operation);
  const answered = observed.filter((operation) => operation.outcome === 'ok');
  if (answered.some((operation) => valueRead(operation, expectation) === expectation.value)) return MET;
  const other = answered[0] ?? observed.find((operation) => operation.outcome === 'failed');
  if (other !== undefined) return { met: false, message: told(evidence, name, other), open: false };
  const first = observed[0];
  return { met: false, message: first === undefined ? neverAsked(name) : unansweredWords(evidence, name, first), open: true };
}

/** What an operation got back; of a transaction, at the key that is named (its one read's where none is). */
function valueRead({ action, value }: ObservedOperation, { key }: ReadValue): string | undefined {
  if (!isTransaction(action)) return value;
  const reads = partsOf(action).filter(({ kind }) => kind === 'read');
  return foundIn(action, value)[key === undefined ? 0 : reads.findLastIndex((read) => read.key === key)];
}

/**
 * Met when something was acknowledged by then, and since the last fault before then something again, unless nothing was
 * waiting (protocols.md C1, NO_PROGRESS: progress is owed only once the faults are over). After `stable from`, nothing that a
 * majority could answer may wait for good either.
 */
export function judgeProgress(evidence: Evidence, expectation: Progress): Judgement {
  const { execution } = evidence;
  const at = Math.min(expectation.byUs ?? Infinity, execution.endUs);
  const open = stillToCome(evidence, expectation.byUs);
  const acked = execution.operations.filter((operation) => operation.outcome === 'ok').map((operation) => endUs(evidence, operation))
    .filter((timeUs) => timeUs <= at);
  const last = acked.length === 0 ? undefined : Math.max(...acked);
  const waiting = execution.operations.find((operation) => isPending(evidence, operation, at) && !isExcused(evidence, operation));
  const early = at < execution.endUs;
  if (last === undefined) return { met: false, message: `nothing was acknowledged${early ? ` by ${formatTime(at)}` : ''}${forEver(evidence, waiting)}`, open };
  if (waiting !== undefined && last < lastFaultUs(evidence, at)) {
    const message = `nothing was acknowledged after ${formatTime(last)}; ${nameOf(evidence, waiting.op)} is waiting ${early ? `at ${formatTime(at)}` : 'at the end'}`;
    return { met: false, message: message + forEver(evidence, waiting), open };
  }
  const starved = execution.stableUs === undefined || expectation.byUs !== undefined ? undefined : starving(evidence);
  if (starved !== undefined) return { met: false, message: starved, open };
  return { met: true, message: execution.stableUs === undefined ? '' : progressWords(evidence, last), open };
}

/** `: the same round repeats every 150ms, for ever`, where that is known. */
function forEver({ execution }: Evidence, waiting: ObservedOperation | undefined): string {
  const why = waiting === undefined ? undefined : whyForEver(execution, execution.log.timeUs(waiting.invokeEvent));
  return why === undefined ? '' : `: ${why}`;
}

/** Where it is stated when progress is owed, none is owed to a client that asks where no majority is. */
function isExcused({ execution, chains }: Evidence, operation: ObservedOperation): boolean {
  return execution.stableUs !== undefined && chains.some(({ primary, folded }) => [primary, ...folded]
    .some((finding) => finding.code === 'no-progress' && finding.severity === 'information' && finding.operations.includes(operation.op)));
}

/** What the checkers say of something that waits for good although it could be answered. */
function starving({ chains }: Evidence): string | undefined {
  const findings = chains.flatMap(({ primary, folded }) => [primary, ...folded]);
  return findings.find((finding) => finding.code === 'no-progress' && finding.severity === 'warning')?.message;
}

function progressWords({ execution }: Evidence, lastUs: number): string {
  if (execution.end === 'done') return `all that was asked has been answered, the last at ${formatTime(lastUs)}`;
  return `the last answer came at ${formatTime(lastUs)}, with everything stable from ${formatTime(execution.stableUs ?? 0)} on`;
}

function isPending(evidence: Evidence, operation: ObservedOperation, atUs: number): boolean {
  if (evidence.execution.log.timeUs(operation.invokeEvent) > atUs) return false;
  return operation.outcome === 'unknown' || endUs(evidence, operation) > atUs;
}

const FAULTS: readonly number[] = [EVENT.crash, EVENT.restart, EVENT.pause, EVENT.resume, EVENT.links, EVENT.clock, EVENT.disk];

function lastFaultUs(evidence: Evidence, byUs: number): number {
  const { log } = evidence.execution;
  let last = 0;
  for (let i = 0; i < log.length && log.timeUs(i) <= byUs; i++) {
    if (FAULTS.includes(log.kind(i))) last = log.timeUs(i);
  }
  return last;
}

function observedOf(evidence: Evidence, op: number): readonly ObservedOperation[] {
  return evidence.execution.operations.filter((operation) => operation.op === op);
}

function endUs(evidence: Evidence, operation: ObservedOperation): number {
  return operation.endEvent < 0 ? Infinity : evidence.execution.log.timeUs(operation.endEvent);
}

function nameOf(evidence: Evidence, op: number): string {
  const operation = evidence.scenario.operations[op];
  if (operation === undefined) return 'the operation';
  const { label, client, action } = operation;
  return label ?? `${evidence.execution.names[client] ?? '?'}’s ${action.kind === 'members' ? `request to ${action.text}` : `${action.kind} of ${keysOf(action).join(' and ')}`}`;
}

function neverAsked(name: string): string {
  return `${name} was never asked: what it waits for did not happen`;
}

function told(evidence: Evidence, name: string, operation: ObservedOperation): string {
  const at = formatTime(endUs(evidence, operation));
  if (operation.outcome === 'failed') return `${name} failed at ${at}`;
  const value = asksForValue(operation.action) ? ` and returned ${operation.value ?? 'nil'}` : '';
  return `${name} was acknowledged at ${at}${value}`;
}

function endWords({ execution }: Evidence): string {
  const at = formatTime(execution.endUs);
  switch (execution.end) {
    case 'stuck': case 'done': return `after ${at} nothing was left to happen`;
    case 'cycling': return `from ${at} on everything only repeats`;
    default: return `the run ended at ${at}`;
  }
}

function unansweredWords(evidence: Evidence, name: string, operation: ObservedOperation): string {
  if (operation.endEvent >= 0) return `${name} was not answered; its client gave up at ${formatTime(endUs(evidence, operation))}`;
  return `${name} was never answered (${endWords(evidence)})`;
}
