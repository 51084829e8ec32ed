/**
 * A live node is in doubt about a slot, and whoever could tell it the outcome is down or cut off, for good as far as the
 * scenario says (protocols.md C1, BLOCKED; Gray 1978). Where such a node can be reached it is `no-progress` instead.
 */
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { knowersOf, openDoubts, type Doubt, type Knower } from './doubts.ts';
import { duration, finding, missingFrom, nameOf, operationName, operationsById, result, stateEvents } from './facts.ts';

const CODE = 'blocked';

/** Nobody who knows can be reached, and somebody is known to know. */
function isBlocked(knowers: readonly Knower[]): boolean {
  return knowers.length > 0 && knowers.every((knower) => knower.hindrance !== undefined);
}

/** The last event that took a node away: its crash or pause, or a change of links. */
function departure(execution: Execution, { node, hindrance }: Knower): number {
  const { log } = execution;
  return stateEvents(log).findLast((i) => {
    const kind = log.kind(i);
    if (hindrance === 'cut off') return kind === EVENT.links && !/^(heal|slow|stable)/.test(log.text(i));
    return log.node(i) === node && kind === (hindrance === 'down' ? EVENT.crash : EVENT.pause);
  }) ?? -1;
}

function hindranceWords(hindrance: Knower['hindrance']): string {
  return hindrance === 'cut off' ? 'cannot be reached' : `is ${hindrance ?? 'silent'}`;
}

function report(execution: Execution, doubts: readonly Doubt[], knowers: readonly Knower[]): Finding {
  const { log } = execution;
  const first = doubts[0]!, operation = operationsById(execution).get(first.op);
  const subject = operation === undefined ? log.text(first.event) || `slot ${first.slot}` : operationName(execution, operation);
  const [knower, ...others] = knowers;
  const who = others.length === 0
    ? `only ${nameOf(execution, knower!.node)} knows the outcome and it ${hindranceWords(knower!.hindrance)}`
    : `those who could tell, ${knowers.map((one) => nameOf(execution, one.node)).join(' and ')}, are down or cannot be reached`;
  const since = `since ${duration(log.timeUs(first.event))}`;
  const departed = departure(execution, knower!);
  // A trace may just end too early; one that says who was in doubt, and that the only one who knew went down, is taken at its word.
  const told = execution.source === 'simulation' || (log.kind(first.event) === EVENT.doubt && knowers.every((one) => one.hindrance === 'down'));
  const message = `${nameOf(execution, first.node)} is in doubt about ${subject} ${since}: ${who}.`;
  return finding(execution, CODE, told ? 'error' : 'information', message, {
    witnesses: [Math.max(first.event, departed), Math.min(first.event, departed), ...doubts.slice(1).map((doubt) => doubt.event)],
    operations: doubts.map((doubt) => doubt.op), slots: doubts.map((doubt) => doubt.slot), epochs: doubts.map((doubt) => log.epoch(doubt.event)),
    nodes: [first.node], certainty: told ? 'proved' : 'possible',
  });
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['doubt or accept events', EVENT.doubt, EVENT.accept]]);
  if (missing.length > 0 || execution.end === 'budget' || execution.end === 'cancelled') return result([], missing);
  const knowers = knowersOf(execution, openDoubts(execution));
  const byNode = new Map<number, Doubt[]>();
  for (const [doubt, those] of knowers) if (isBlocked(those)) byNode.set(doubt.node, [...byNode.get(doubt.node) ?? [], doubt]);
  const nodes = [...byNode].sort(([p], [q]) => p - q);
  return result(nodes.map(([, doubts]) => report(execution, doubts, knowers.get(doubts[0]!)!)));
}

export const blocked: Checker = { codes: [CODE], wholeSystem: true, check };
