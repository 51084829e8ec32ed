/** Client operations as they ended, for hovers, hints and reports. */
import { EVENT } from '../engine/events.ts';
import type { Execution, ObservedOperation } from '../checkers/checker.ts';
import type { BlockResult } from '../analysis/analysis.ts';
import { code, escape } from './markdown.ts';
import { nameOf } from './messages.ts';
import { action, time } from './words.ts';

/** µs from asking to the answer; undefined while there is none. */
export function latencyUs(execution: Execution, operation: ObservedOperation): number | undefined {
  if (operation.endEvent < 0 || operation.outcome === 'unknown') return undefined;
  return execution.log.timeUs(operation.endEvent) - execution.log.timeUs(operation.invokeEvent);
}

/** The operations that were asked by the statement on `line`; several where it stands under `every`. */
export function operationsOfLine(result: BlockResult, line: number): ObservedOperation[] {
  const { execution } = result;
  if (execution === undefined) return [];
  const { log } = execution;
  return execution.operations.filter((operation) => operation.invokeEvent >= 0 && log.line(operation.invokeEvent) === line);
}

export function operationsLabelled(result: BlockResult, label: string): ObservedOperation[] {
  return result.execution?.operations.filter((operation) => operation.label === label) ?? [];
}

/** How it ended, in words: `acknowledged after 42 ms`, `unanswered`. */
export function outcome(execution: Execution, operation: ObservedOperation): string {
  const latency = latencyUs(execution, operation);
  const after = latency === undefined || !Number.isFinite(latency) ? '' : ` after ${time(latency)}`;
  const peer = operation.endEvent < 0 ? -1 : execution.log.peer(operation.endEvent);
  const by = peer < 0 ? '' : ` by ${code(nameOf(execution, peer))}`;
  const reason = operation.outcome === 'failed' && operation.endEvent >= 0 ? execution.log.text(operation.endEvent) : '';
  switch (operation.outcome) {
    case 'ok': return `${(operation.value ?? '') === '' ? 'acknowledged' : `returned ${code(operation.value!)}`}${after}${by}`;
    case 'failed': return `failed${after}${by}: it certainly did not happen${reason === '' ? '' : ` (${escape(reason)})`}`;
    case 'unknown':
      return gaveUp(execution, operation) ? 'unanswered: the client gave up, it may have happened or not' : 'unanswered when the run ended';
  }
}

function gaveUp(execution: Execution, operation: ObservedOperation): boolean {
  return operation.endEvent >= 0 && execution.log.kind(operation.endEvent) === EVENT.info;
}

/** `, asked at 600 ms` */
export function asked(execution: Execution, operation: ObservedOperation): string {
  return operation.invokeEvent < 0 ? '' : `, asked at ${time(execution.log.timeUs(operation.invokeEvent))}`;
}

/** `c1 writes k = 1, asked at 600 ms: acknowledged after 42 ms by A`. */
export function operationLine(execution: Execution, operation: ObservedOperation): string {
  const label = operation.label === undefined ? '' : `${code(operation.label)}: `;
  const said = code(`${nameOf(execution, operation.client)} ${action(operation.action)}`);
  return `${label}${said}${asked(execution, operation)}: ${outcome(execution, operation)}`;
}
