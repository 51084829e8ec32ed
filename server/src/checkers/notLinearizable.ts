/**
 * No order of the operations on a key, each at one moment between its start and its end, explains what the clients saw
 * (protocols.md C1, NONLINEARIZABLE; Herlihy and Wing 1990). Linearizability is local, so each key is decided by itself.
 */
import type { History } from '../model/history.ts';
import { EVENT } from '../engine/events.ts';
import { asksForValue } from '../model/actions.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, operationName, orderIsKnown, result } from './facts.ts';
import { intervalsOfExecution, intervalsOfHistory, type Call, type CallKind, type Interval } from './intervals.ts';
import { linearizability } from './linearizability.ts';
import type { Budget } from './linearize.ts';
import { minimalConflict, type Conflict } from './minimalSet.ts';
import { REGISTER, type ObjectModel } from './models.ts';
import { asKnown } from './order.ts';
import { historyCallText, historyFinding } from './historyFindings.ts';
import { modelIn } from './historyObjects.ts';

const CODE = 'not-linearizable';

/** States explored per execution or history before the answer is that it is not known. */
export const LINEARIZABILITY_STATES = 2_000_000;
const SHRINKING_STATES = 500_000;
/** How many operations of the minimal set the message spells out. */
const SPELLED_OUT = 6;

/** Calls whose outcome depends on the state: without any of them every order will do. */
const CONSTRAINED: ReadonlySet<CallKind> = new Set<CallKind>(['read', 'contains', 'cas', 'add', 'dequeue', 'acquire', 'release']);

type Decision = { readonly kind: 'fine' } | { readonly kind: 'unknown' } | { readonly kind: 'conflict'; readonly conflict: Conflict };

/** Whether what came back from a call can be wrong in some state. */
function isConstrained({ kind, parts }: Call): boolean {
  return parts === undefined ? CONSTRAINED.has(kind) : parts.some((part) => CONSTRAINED.has(part.call.kind));
}

export function decide(model: ObjectModel, intervals: readonly Interval[], budget: Budget): Decision {
  const usable = worthOrdering(model, intervals.filter((one) => model.calls.has(one.call.kind)));
  if (!usable.some((one) => isConstrained(one.call) && one.end !== Infinity)) return { kind: 'fine' };
  const answer = linearizability(model, usable, budget);
  if (answer === 'linearizable') return { kind: 'fine' };
  if (answer === 'unknown') return { kind: 'unknown' };
  return { kind: 'conflict', conflict: minimalConflict(model, usable, { states: SHRINKING_STATES }) };
}

/** A write of unknown outcome to a register, of a value that nobody ever saw, may as well never have happened. */
export function worthOrdering(model: ObjectModel, intervals: readonly Interval[]): readonly Interval[] {
  if (model !== REGISTER || intervals.some(({ call }) => call.kind === 'add' || call.kind === 'append')) return intervals;
  const seen = new Set(intervals.map(({ call }) => (call.kind === 'cas' ? call.argument : call.result)));
  return intervals.filter((one) => one.end !== Infinity || one.call.kind !== 'write' || seen.has(one.call.argument));
}

export function reachedText({ reached }: Budget): string | undefined {
  return reached && `at best ${reached.ordered} of ${reached.of} operations on one object were put in order, and ${LINEARIZABILITY_STATES / 1e6} million states were tried`;
}

/** The operations of a minimal set, the one invoked last first. */
export function lastFirst(conflict: Conflict): readonly Interval[] {
  return [...conflict.calls].sort((a, b) => b.start - a.start || b.id - a.id);
}

/** `keys`: `key k`, `keys x and y`. */
export function sentence(keys: string, texts: readonly string[]): string {
  const shown = texts.slice(-SPELLED_OUT), hidden = texts.length - shown.length;
  return `No single-copy order explains ${keys}: ${hidden > 0 ? `${hidden} earlier, then ` : ''}${shown.join(', then ')}.`;
}

export const keysText = (keys: readonly string[]): string => (keys.length === 1 ? `key ${keys[0]!}` : `keys ${keys.slice(0, -1).join(', ')} and ${keys.at(-1)!}`);

export function executionFinding(execution: Execution, keys: string, conflict: Conflict): Finding {
  const texts = conflict.calls.map((interval) => {
    const { value, action } = execution.operations[interval.id]!, name = operationName(execution, execution.operations[interval.id]!);
    return asksForValue(action) ? `${name} returned ${value ?? 'nothing'}` : name;
  });
  return conflictFinding(execution, CODE, sentence(keys, texts), conflict, lastFirst(conflict));
}

/** `about`: the operations in the order in which they are to blame. */
export function conflictFinding(execution: Execution, code: string, message: string, conflict: Conflict, about: readonly Interval[]): Finding {
  const operation = (interval: Interval): Execution['operations'][number] => execution.operations[interval.id]!;
  const end = operation(conflict.last).endEvent;
  return finding(execution, code, 'error', message, {
    witnesses: [end, ...about.map((interval) => operation(interval).endEvent)],
    operations: about.map((interval) => operation(interval).op), nodes: [execution.log.peer(end)],
  });
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['client operations', EVENT.invoke]]);
  if (missing.length > 0) return result([], missing);
  const budget = { states: LINEARIZABILITY_STATES };
  const findings: Finding[] = [];
  let unknown = false;
  for (const [key, intervals] of intervalsOfExecution(execution).byKey) {
    const decision = decide(REGISTER, intervals, budget);
    if (decision.kind === 'unknown') unknown = true;
    if (decision.kind !== 'conflict') continue;
    findings.push(asKnown(execution, executionFinding(execution, `key ${key}`, decision.conflict), { ordered: orderNeeded(intervals, decision.conflict) }));
  }
  const decided = orderIsKnown(execution) || findings.length > 0 || !hasReads(execution);
  const undecided = decided ? [] : [{ code: CODE, missing: 'times of the clients\' operations' }];
  return result(findings, undecided, unknown ? [CODE] : [], reachedText(budget));
}

/** Calls of the set that follow each other must be known to, and whatever came too late to explain anything must have. */
export function orderNeeded(intervals: readonly Interval[], { calls, last }: Conflict): readonly (readonly [number, number])[] {
  const late = intervals.filter((one) => one.start > last.end && one.call.kind !== 'read');
  return [
    ...calls.flatMap((a) => calls.filter((b) => a.end < b.start).map((b) => [a.end, b.start] as const)),
    ...late.map((one) => [last.end, one.start] as const),
  ];
}

function hasReads(execution: Execution): boolean {
  return execution.operations.some((operation) => asksForValue(operation.action) && operation.outcome === 'ok');
}

export const notLinearizable: Checker = { codes: [CODE], wholeSystem: true, check };

/** A history, each key by the model that it declares. */
export function checkHistoryLinearizable(history: History): CheckResult {
  const { byKey, unknownWords } = intervalsOfHistory(history);
  const budget = { states: LINEARIZABILITY_STATES };
  const findings: Finding[] = [];
  let unknown = false;
  for (const [key, intervals] of byKey) {
    const decision = decide(modelIn(history, key), intervals, budget);
    if (decision.kind === 'unknown') unknown = true;
    if (decision.kind !== 'conflict') continue;
    const ordered = lastFirst(decision.conflict);
    const texts = decision.conflict.calls.map((interval) => historyCallText(history, interval.id));
    findings.push(historyFinding(CODE, sentence(`key ${key}`, texts), decision.conflict.last.end, ordered.map((interval) => interval.id)));
  }
  const missing = unknownWords.map((word) => ({ code: CODE, missing: `meaning of "${word}" in any model` }));
  return result(findings, missing, unknown ? [CODE] : [], reachedText(budget));
}

