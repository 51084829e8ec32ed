/**
 * One request executed twice at one node, and both times it changed something (protocols.md C1, DUP_EXEC). The values are
 * followed as the actions say; a repetition without effect, or after a restart or truncation undid the first, is none.
 */
import { EVENT } from '../engine/events.ts';
import { carriedOutAs } from '../engine/actionText.ts';
import { effectOf } from '../model/actions.ts';
import type { ActionModel } from '../model/scenario.ts';
import type { CheckResult, Checker, Execution, Finding, ObservedOperation } from './checker.ts';
import { finding, missingFrom, nameOf, operationName, result, stateEvents } from './facts.ts';

const CODE = 'duplicate-execution';

/** One node's values since it last lost them, and what was applied to get there. */
class Replica {
  private values = new Map<string, string>();
  /** Applications that changed something, as event indexes, by operation. */
  readonly effects = new Map<number, number[]>();
  private applied: { readonly event: number; readonly slot: number; readonly op: number; readonly action: ActionModel }[] = [];

  /** Applies, and says whether a value changed. */
  apply(event: number, slot: number, op: number, action: ActionModel): boolean {
    this.applied.push({ event, slot, op, action });
    return this.execute(event, op, action);
  }

  private execute(event: number, op: number, action: ActionModel): boolean {
    const valueOf = (key: string): string => this.values.get(key) ?? 'nil';
    const changes = [...effectOf(action, valueOf)?.changes ?? []].filter(([key, value]) => value !== valueOf(key));
    if (changes.length === 0) return false;
    for (const [key, value] of changes) this.values.set(key, value);
    const effects = this.effects.get(op);
    if (effects === undefined) this.effects.set(op, [event]);
    else effects.push(event);
    return true;
  }

  /** As if the slots from this one on had never been applied. */
  undoFrom(slot: number): void {
    const kept = this.applied.filter((one) => one.slot < slot);
    if (kept.length === this.applied.length) return;
    this.values = new Map();
    this.effects.clear();
    this.applied = kept;
    for (const { event, op, action } of kept) this.execute(event, op, action);
  }
}

function report(execution: Execution, operation: ObservedOperation, i: number, earlier: number): Finding {
  const { log } = execution;
  const where = log.slot(i) === log.slot(earlier) ? `slot ${log.slot(i)} twice` : `slots ${log.slot(earlier)} and ${log.slot(i)}`;
  const message = `${operationName(execution, operation)} was executed twice at ${nameOf(execution, log.node(i))}: it applied ${where}.`;
  return finding(execution, CODE, 'error', message, {
    witnesses: [i, earlier], operations: [operation.op], slots: [log.slot(i), log.slot(earlier)],
    epochs: [log.epoch(i), log.epoch(earlier)], nodes: [log.node(i)],
  });
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['apply events', EVENT.apply]]);
  if (missing.length > 0) return result([], missing);
  const operations = new Map(execution.operations.map((operation) => [operation.op, operation]));
  /** How often each operation was asked so far: an `every` statement asks the same one again, and each time counts. */
  const asked = new Map<number, number>();
  const replicas = Array.from({ length: execution.nodeCount }, () => new Replica());
  const findings: Finding[] = [];
  const reported = new Set<string>();
  for (const i of stateEvents(log)) {
    const kind = log.kind(i), node = log.node(i), replica = replicas[node];
    if (kind === EVENT.invoke) asked.set(log.op(i), (asked.get(log.op(i)) ?? 0) + 1);
    if (replica === undefined) continue;
    if (kind === EVENT.restart) replicas[node] = new Replica();
    if (kind === EVENT.truncate) replica.undoFrom(log.slot(i));
    for (const [at, op] of (kind === EVENT.apply && log.detail(i) === '' ? log.operations(i) : []).entries()) {
      const operation = operations.get(op);
      if (operation === undefined || !replica.apply(i, log.slot(i), op, carriedOutAs(operation.action, log.text(i), at, log.operations(i).length))) continue;
      const effects = replica.effects.get(op)!;
      if (effects.length <= Math.max(1, asked.get(op) ?? 1) || reported.has(`${op} ${node}`)) continue;
      reported.add(`${op} ${node}`);
      findings.push(report(execution, operation, i, effects[effects.length - 2]!));
    }
  }
  return result(findings);
}

export const duplicateExecution: Checker = { codes: [CODE], check };
