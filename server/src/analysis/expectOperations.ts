import type { ObservedOperation } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
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
  if (answered.some((operation) => operation.value === expectation.value)) return MET;
  const other = answered[0] ?? observed.find((operation) => operation.outcome === 'failed');
  if (other !== undefined) return { met: false, message: told(evidence, name, other), open: false };
  const first = observed[0];
  return { met: false, message: first === undefined ? neverAsked(name) : unansweredWords(evidence, name, first), open: true };
}

/**
 * Met when something was acknowledged by then, and since the last fault before then something again, unless nothing was
 * waiting (protocols.md C1, NO_PROGRESS: progress is owed only once the faults are over).
 */
export function judgeProgress(evidence: Evidence, expectation: Progress): Judgement {
  const { execution } = evidence;
  const at = Math.min(expectation.byUs ?? Infinity, execution.endUs);
  const open = stillToCome(evidence, expectation.byUs);
  const acked = execution.operations.filter((operation) => operation.outcome === 'ok').map((operation) => endUs(evidence, operation))
    .filter((timeUs) => timeUs <= at);
  const last = acked.length === 0 ? undefined : Math.max(...acked);
  const early = at < execution.endUs;
  if (last === undefined) return { met: false, message: `nothing was acknowledged${early ? ` by ${formatTime(at)}` : ''}`, open };
  const stable = lastFaultUs(evidence, at);
  const pending = execution.operations.filter((operation) => isPending(evidence, operation, at));
  const waiting = pending[0];
  if (waiting === undefined || last >= stable) return { ...MET, open };
  const name = nameOf(evidence, waiting.op);
  const until = early ? `at ${formatTime(at)}` : 'at the end';
  return { met: false, message: `nothing was acknowledged after ${formatTime(last)}; ${name} is waiting ${until}`, open };
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
  return label ?? `${evidence.execution.names[client] ?? '?'}’s ${action.kind} of ${action.key}`;
}

function neverAsked(name: string): string {
  return `${name} was never asked: what it waits for did not happen`;
}

function told(evidence: Evidence, name: string, operation: ObservedOperation): string {
  const at = formatTime(endUs(evidence, operation));
  if (operation.outcome === 'failed') return `${name} failed at ${at}`;
  const value = operation.action.kind === 'read' ? ` and returned ${operation.value ?? 'nil'}` : '';
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
