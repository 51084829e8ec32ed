/**
 * Histories that are asked for less than real time: sequential consistency (Lamport 1979), whose one order is over all keys since
 * objects that are sequential each need not be so together; and serializability (Papadimitriou 1979). Both are hard to decide in
 * general: lists of distinct values are decided by their dependencies, all else by search.
 */
import type { History } from '../model/history.ts';
import { anomalyFinding, areLists, listAnomaly, ORDERS } from './anomalies.ts';
import type { CheckResult, Finding } from './checker.ts';
import { result } from './facts.ts';
import { historyCallText, historyFinding } from './historyFindings.ts';
import { modelIn, type HistoryObject } from './historyObjects.ts';
import { inParts, intervalsOfHistory, type ConnectedKeys, type Interval } from './intervals.ts';
import { linearize, type Budget, type Order } from './linearize.ts';
import { REGISTER, together } from './models.ts';
import { keysText, LINEARIZABILITY_STATES, reachedText, worthOrdering } from './notLinearizable.ts';

const CODE = 'not-linearizable';

/** States times operations: a state is looked at in time that grows with what may come next, which here is all that is left. */
const WORK = 400_000_000;
const SHRINKING_STATES = 200_000, QUESTION_STATES = 5_000;
const SPELLED_OUT = 6;

/** One key whose operations are single is an object of its own model, which is searched with fewer states. */
export function searchable(history: History, { keys, intervals }: ConnectedKeys): HistoryObject {
  if (keys.length > 1 || intervals.some(({ call }) => call.parts!.length > 1)) return { keys, intervals, model: together(keys, (key) => modelIn(history, key)) };
  const model = modelIn(history, keys[0]!), calls = intervals.map((one): Interval => ({ ...one, call: one.call.parts![0]!.call }));
  return { keys, model, intervals: worthOrdering(model, calls.filter(({ call }) => model.calls.has(call.kind))) };
}

/** A read of a register that found what nobody ever wrote, where writes alone say what can be there: whatever the order. */
function readFromNowhere(history: History, { intervals }: ConnectedKeys): Interval | undefined {
  const parts = intervals.flatMap(({ call }) => call.parts!), grown = new Set(parts.filter(({ call }) => call.kind === 'add' || call.kind === 'append').map(({ key }) => key));
  const written = new Set(parts.map(({ key, call }) => `${key}\u0000${call.kind === 'cas' ? call.argument2 : call.kind === 'write' ? call.argument : REGISTER.initial}`));
  return intervals.find(({ call }) => call.parts!.some(({ key, call: { kind, result: value } }) => kind === 'read' && value !== undefined && value !== REGISTER.initial
    && modelIn(history, key) === REGISTER && !grown.has(key) && !written.has(`${key}\u0000${value}`)));
}

/** What each order is about, every call with parts. */
export function weakerObjects(history: History, order: Order): { readonly objects: readonly ConnectedKeys[]; readonly unknownWords: readonly string[] } {
  const { byKey, connected, unknownWords } = intervalsOfHistory(history, order === 'sequential');
  const alone = [...byKey].map(([key, intervals]): ConnectedKeys => ({ keys: [key], intervals: intervals.map((one) => ({ ...one, call: inParts(key, one.call) })) }));
  return { objects: [...alone, ...connected], unknownWords };
}

/** Operations that have no order together, the one to blame first; 'unknown': the budget ran out. */
export function searchOrder({ model, intervals }: HistoryObject, order: Order, budget: Budget): readonly Interval[] | 'unknown' | undefined {
  const before = Math.min(budget.states, Math.ceil(WORK / Math.max(1, intervals.length))), own: Budget = { states: before };
  const { verdict, order: longest } = linearize(model, intervals, own, order);
  budget.states -= before - Math.max(0, own.states);
  if (own.reached !== undefined) budget.reached = own.reached;
  if (verdict !== 'not-linearizable') return verdict === 'unknown' ? 'unknown' : undefined;
  const reads = fewestReads({ model, intervals }, order);
  const placed = new Set(longest);
  return reads.length > 0 ? reads : intervals.filter((one) => one.end !== Infinity && !placed.has(one)).slice(0, 1);
}

/** Reads of which none can be left out, for the rest to have no order: what reads alone ask can go, and the rest asks for less. */
function fewestReads({ model, intervals }: Pick<HistoryObject, 'model' | 'intervals'>, order: Order): readonly Interval[] {
  const others = intervals.filter(({ call }) => call.kind !== 'read');
  let kept = intervals.filter(({ call }) => call.kind === 'read'), left = SHRINKING_STATES;
  for (let size = Math.max(1, kept.length >> 1); left > 0; size = Math.max(1, size >> 1)) {
    for (let from = 0; from < kept.length && left > 0;) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)], budget = { states: QUESTION_STATES };
      const { verdict } = linearize(model, [...others, ...fewer], budget, order);
      left -= QUESTION_STATES - Math.max(0, budget.states) + intervals.length;
      if (verdict === 'not-linearizable') kept = fewer;
      else from += size;
    }
    if (size === 1) break;
  }
  return [...kept].sort((a, b) => b.start - a.start || b.id - a.id);
}

function searchFinding(history: History, keys: readonly string[], wrong: readonly Interval[], order: Order): Finding {
  const texts = wrong.slice(0, SPELLED_OUT).map(({ id }) => historyCallText(history, id)).reverse(), hidden = wrong.length - texts.length;
  const what = wrong[0]!.call.kind === 'read' ? `with all that was written, not even ${texts.join(' and ')}${hidden > 0 ? ` and ${hidden} more` : ''}`
    : `the one that comes farthest has no place for ${texts[0]!}`;
  const message = `No ${ORDERS[order]} explains ${keysText(keys)}: ${what}.`;
  return historyFinding(CODE, message, Math.max(...wrong.map(({ end }) => end)), wrong.map(({ id }) => id));
}

/** A history whose `consistency` asks for less than linearizability. */
export function checkHistoryWeaker(history: History, order: Order): CheckResult {
  const { objects, unknownWords } = weakerObjects(history, order), budget: Budget = { states: LINEARIZABILITY_STATES };
  const findings: Finding[] = [];
  let unknown = false;
  for (const object of objects) {
    if (areLists(object, (key) => modelIn(history, key))) {
      const anomaly = listAnomaly(history, object, order);
      if (anomaly !== undefined) findings.push(anomalyFinding(history, anomaly, order));
      continue;
    }
    const nowhere = readFromNowhere(history, object);
    const wrong = nowhere === undefined ? searchOrder(searchable(history, object), order, budget) : [nowhere];
    if (wrong === 'unknown') unknown = true;
    else if (wrong !== undefined) findings.push(searchFinding(history, object.keys, wrong, order));
  }
  const missing = unknownWords.map((word) => ({ code: CODE, missing: `meaning of "${word}" in any model` }));
  return result(findings, missing, unknown ? [CODE] : [], reachedText(budget));
}
