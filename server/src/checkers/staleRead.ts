/**
 * A read returns the value of a write though a newer write had completed before the read began (protocols.md C1,
 * STALE_READ). Weaker than linearizability, with a clearer message; it needs no search. For registers.
 */
import type { History } from '../model/history.ts';
import { EVENT } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { duration, finding, missingFrom, operationName, result } from './facts.ts';
import { historyCallText, historyFinding } from './historyFindings.ts';
import { intervalsOfExecution, intervalsOfHistory, projected, type Interval } from './intervals.ts';
import { asKnown } from './order.ts';

const CODE = 'stale-read';

export interface StaleRead { readonly read: Interval; readonly newer: Interval }

/** The value that a call leaves, whatever was there before; undefined if that is not known. */
function valueLeft({ call }: Interval): string | undefined {
  switch (call.kind) {
    case 'write': return call.argument;
    case 'cas': return call.argument2;
    case 'delete': return 'nil';
    case 'add': return call.result;
    default: return undefined;
  }
}

/** The writes of one value, by start, and the latest end among each beginning of that list. */
class Versions {
  private readonly writes: Interval[] = [];
  private readonly latestEnds: number[] = [];

  /** In order of start. */
  add(write: Interval): void {
    this.writes.push(write);
    this.latestEnds.push(Math.max(write.end, this.latestEnds.at(-1) ?? -Infinity));
  }

  /** The latest end among those that began by then, or undefined if none had. */
  latestEnd(by: number): number | undefined {
    let low = 0, high = this.writes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.writes[middle]!.start <= by) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.latestEnds[low - 1];
  }
}

/**
 * Stale reads of one register. A read is stale if every write that it may have seen (nil: also the beginning) had ended
 * before another began that had ended before the read did. Of those the one begun last is given.
 */
export function staleReads(intervals: readonly Interval[]): readonly StaleRead[] {
  const writes = intervals.filter((one) => one.call.kind !== 'read').sort((a, b) => a.start - b.start || a.id - b.id);
  if (writes.some((one) => valueLeft(one) === undefined)) return [];
  const versions = new Map<string, Versions>();
  for (const write of writes) {
    const value = valueLeft(write)!, known = versions.get(value) ?? new Versions();
    versions.set(value, known);
    known.add(write);
  }
  const completed = writes.filter((one) => one.end !== Infinity).sort((a, b) => a.end - b.end || a.id - b.id);
  const reads = intervals.filter((one) => one.call.kind === 'read' && one.call.result !== undefined).sort((a, b) => a.start - b.start || a.id - b.id);
  const stale: StaleRead[] = [];
  let newest: Interval | undefined, at = 0;
  for (const read of reads) {
    for (; at < completed.length && completed[at]!.end < read.start; at++) {
      if (newest === undefined || completed[at]!.start > newest.start) newest = completed[at];
    }
    const value = read.call.result!;
    const seen = versions.get(value)?.latestEnd(read.end) ?? (value === 'nil' ? -Infinity : undefined);
    if (newest !== undefined && seen !== undefined && seen < newest.start) stale.push({ read, newer: newest });
  }
  return stale;
}

function executionFinding(execution: Execution, { read, newer }: StaleRead): Finding {
  const { log, operations } = execution;
  const reading = operations[read.id]!, writing = operations[newer.id]!;
  const earlier = duration(log.timeUs(reading.invokeEvent) - log.timeUs(writing.endEvent));
  const message = `${operationName(execution, reading)} returned ${reading.value ?? 'nothing'}; ` +
    `${operationName(execution, writing)} had completed ${earlier} earlier.`;
  return finding(execution, CODE, 'error', message, {
    witnesses: [reading.endEvent, reading.invokeEvent, writing.endEvent], operations: [reading.op, writing.op], nodes: [log.peer(reading.endEvent)],
  });
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['client operations', EVENT.invoke]]);
  if (missing.length > 0) return result([], missing);
  const findings: Finding[] = [];
  for (const intervals of projected(intervalsOfExecution(execution)).values()) {
    for (const stale of staleReads(intervals)) {
      const { read, newer } = stale;
      // Known to be stale if the newer write is known to lie between whatever was read and the read.
      const sources = intervals.filter((one) => one.call.kind !== 'read' && valueLeft(one) === read.call.result);
      const ordered = [[newer.end, read.start] as const, ...sources.map((one) => [one.end, newer.start] as const)];
      findings.push(asKnown(execution, executionFinding(execution, stale), { ordered }));
    }
  }
  return result(findings);
}

export const staleRead: Checker = { codes: [CODE], wholeSystem: true, check };

/** The registers of a history. */
export function checkHistoryStaleReads(history: History): CheckResult {
  const findings: Finding[] = [];
  for (const [key, intervals] of projected(intervalsOfHistory(history))) {
    if ((history.models.get(key) ?? history.models.get('') ?? 'register') !== 'register') continue;
    for (const { read, newer } of staleReads(intervals)) {
      const message = `${historyCallText(history, read.id)} is stale: ${historyCallText(history, newer.id)} had completed before it began.`;
      findings.push(historyFinding(CODE, message, read.end, [read.id, newer.id]));
    }
  }
  return result(findings);
}
