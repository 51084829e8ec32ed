/**
 * Operations over several keys: the keys that they connect are one object, whose operations must be explained by one order
 * that keeps to real time (strict serializability; Papadimitriou 1979, Herlihy and Wing 1990 §3.4). Where there is none because
 * something was seen between an operation's effects on two keys, that operation was not atomic (protocols.md C1, NOT_ATOMIC);
 * any other such history is not linearizable.
 */
import type { History } from '../model/history.ts';
import { anomalyFinding, areLists, listAnomaly } from './anomalies.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { operationName, orderIsKnown, result } from './facts.ts';
import { historyCallText, historyFinding } from './historyFindings.ts';
import { modelIn } from './historyObjects.ts';
import { intervalsOfExecution, intervalsOfHistory, type ConnectedKeys, type Interval, type KeyedCall } from './intervals.ts';
import { linearizability } from './linearizability.ts';
import type { Budget } from './linearize.ts';
import { floating, type Conflict } from './minimalSet.ts';
import { REGISTER, together, type ObjectModel } from './models.ts';
import { conflictFinding, decide, executionFinding, keysText, lastFirst, LINEARIZABILITY_STATES, orderNeeded, reachedText, sentence } from './notLinearizable.ts';
import { asKnown } from './order.ts';

const CODE = 'not-atomic', OTHERWISE = 'not-linearizable';

/** States spent on the question which operation was seen half done. */
const BLAME_STATES = 500_000;
const QUESTION_STATES = 50_000;

/** An operation that was seen half done, and by whom. */
export interface HalfSeen { readonly whole: Interval; readonly reader: Interval }

type Decision = { readonly kind: 'fine' | 'unknown' } | { readonly kind: 'conflict'; readonly conflict: Conflict; readonly half: HalfSeen | undefined };

export function decideConnected({ keys, intervals }: ConnectedKeys, budget: Budget, modelOf = (_key: string): ObjectModel => REGISTER): Decision {
  const model = together(keys, modelOf), decision = decide(model, intervals, budget);
  return decision.kind === 'conflict' ? { ...decision, half: halfSeen(model, decision.conflict) } : decision;
}

const written = (parts: readonly KeyedCall[]): ReadonlySet<string> => new Set(parts.filter(({ call }) => call.kind !== 'read').map(({ key }) => key));

/**
 * The operation for which there is no moment as a whole, not even a late one, while there are moments for its effects on each of
 * its keys. What it read at keys that it left alone is not asked: if that alone is what cannot be, it was not seen half done.
 */
function halfSeen(model: ObjectModel, conflict: Conflict): HalfSeen | undefined {
  const reader = lastFirst(conflict).find(({ call }) => call.parts!.some((part) => part.call.kind === 'read' || part.call.kind === 'cas'));
  const budget = { states: BLAME_STATES };
  const fits = (change: (one: Interval) => readonly Interval[]): boolean => {
    const question = { states: Math.min(QUESTION_STATES, budget.states) }, before = question.states;
    const calls = [...conflict.calls.flatMap(change), ...conflict.others.filter(({ call }) => call.kind !== 'read').flatMap(change).map(floating)];
    const answer = linearizability(model, calls, question);
    budget.states -= before - Math.max(0, question.states);
    return answer === 'linearizable';
  };
  const candidates = [...lastFirst(conflict), ...conflict.others].filter((one) => one !== reader && written(one.call.parts!).size > 1);
  const isHalf = (some: readonly Interval[]): boolean => (
    !fits((one) => (some.includes(one) ? [late(one, ownParts(one))] : [one])) && fits((one) => (some.includes(one) ? pieces(one) : [one])));
  const whole = candidates.find((one) => isHalf([one])) ?? (candidates.length > 1 && isHalf(candidates) ? candidates[0] : undefined);
  return whole === undefined || reader === undefined ? undefined : { whole, reader };
}

/** With these parts only, at any time from its start on. */
const late = (one: Interval, parts: readonly KeyedCall[]): Interval => ({ ...one, end: Infinity, call: { ...one.call, parts } });

/** What it asks of the keys that it changes. */
function ownParts({ call }: Interval): readonly KeyedCall[] {
  const keys = written(call.parts!);
  return call.parts!.filter(({ key }) => keys.has(key));
}

function pieces(one: Interval): readonly Interval[] {
  return [...written(one.call.parts!)].map((own) => late(one, one.call.parts!.filter(({ key }) => key === own)));
}

/** The reader first, then what it saw half of, then the others. */
function blamed(conflict: Conflict, { whole, reader }: HalfSeen): readonly Interval[] {
  return [reader, whole, ...lastFirst(conflict).filter((one) => one.id !== whole.id && one.id !== reader.id)];
}

/** `x = 5; y = 0`: what was found where. */
function found({ call }: Interval): string {
  return call.parts!.flatMap((part) => (part.call.result === undefined ? [] : [`${part.key} = ${part.call.result}`])).join('; ');
}

function halfMessage(nameOf: (interval: Interval) => string, conflict: Conflict, { whole, reader }: HalfSeen): string {
  const readers = conflict.calls.filter((one) => one.id !== whole.id && found(one) !== '').map((one) => `${nameOf(one)} found ${found(one)}`);
  return `${nameOf(whole)} was seen half-done by ${nameOf(reader)}${readers.length === 0 ? '' : `: ${readers.slice(-3).join(', then ')}`}.`;
}

function check(execution: Execution): CheckResult {
  const { connected } = intervalsOfExecution(execution);
  const budget = { states: LINEARIZABILITY_STATES };
  const findings: Finding[] = [];
  let unknown = false;
  for (const object of connected) {
    const decision = decideConnected(object, budget);
    if (decision.kind === 'unknown') unknown = true;
    if (decision.kind !== 'conflict') continue;
    const { conflict, half } = decision;
    const name = ({ id }: Interval): string => operationName(execution, execution.operations[id]!);
    const found = half === undefined ? executionFinding(execution, keysText(object.keys), conflict)
      : conflictFinding(execution, CODE, halfMessage(name, conflict, half), conflict, blamed(conflict, half));
    findings.push(asKnown(execution, found, { ordered: orderNeeded(object.intervals, conflict) }));
  }
  const undecided = connected.length === 0 || orderIsKnown(execution) || findings.length > 0 ? [] : [{ code: CODE, missing: 'times of the clients\' operations' }];
  return result(findings, undecided, unknown ? [CODE] : [], reachedText(budget));
}

export const notAtomic: Checker = { codes: [CODE, OTHERWISE], wholeSystem: true, check };

/** The connected keys of a history. */
export function checkHistoryAtomic(history: History): CheckResult {
  const budget = { states: LINEARIZABILITY_STATES };
  const findings: Finding[] = [];
  let unknown = false;
  for (const object of intervalsOfHistory(history).connected) {
    const modelOf = (key: string): ObjectModel => modelIn(history, key);
    if (areLists(object, modelOf)) {
      const anomaly = listAnomaly(history, object, 'linearizable');
      if (anomaly !== undefined) findings.push(anomalyFinding(history, anomaly, 'linearizable'));
      continue;
    }
    const decision = decideConnected(object, budget, modelOf);
    if (decision.kind === 'unknown') unknown = true;
    if (decision.kind !== 'conflict') continue;
    const { conflict, half } = decision;
    const text = ({ id }: Interval): string => historyCallText(history, id);
    const message = half === undefined ? sentence(keysText(object.keys), conflict.calls.map(text)) : `${text(half.whole)} was seen half-done by ${text(half.reader)}.`;
    const about = half === undefined ? lastFirst(conflict) : blamed(conflict, half);
    findings.push(historyFinding(half === undefined ? OTHERWISE : CODE, message, conflict.last.end, about.map(({ id }) => id)));
  }
  return result(findings, [], unknown ? [CODE] : [], reachedText(budget));
}
