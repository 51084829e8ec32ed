/** Between the lines: who leads from where on, and how each operation ended. */
import type { PawlDocument } from '../language/document.ts';
import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import type { Execution, ObservedOperation } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
import { tokensOfLine } from '../language/tokens.ts';
import { nameOf } from './messages.ts';
import { latencyUs, outcome } from './operations.ts';
import { epoch, time } from './words.ts';

export interface InlayHint {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
}

/** Hints after the text of lines `from` … `to`, but not of half-typed ones; those about operations before those about leaders. */
export function inlayHints(analysis: Analysis, from = 0, to = Number.POSITIVE_INFINITY): InlayHint[] {
  return analysis.blocks.filter((block) => block.kind === 'scenario' && block.line <= to && block.endLine >= from)
    .flatMap((block) => blockHints(analysis.document, block, from, to));
}

function blockHints(document: PawlDocument, block: BlockResult, from: number, to: number): InlayHint[] {
  if (block.execution === undefined) return [];
  const texts = new Map<number, { text: string; tooltip: string }[]>();
  const hint = (line: number, text: string, tooltip: string): void => {
    texts.set(line, [...texts.get(line) ?? [], { text, tooltip }]);
  };
  operationHints(block.execution, hint);
  leaderHints(document, block, block.execution, hint);
  const shown = (line: number): boolean => line >= from && line <= to && line > block.line && line <= block.endLine
    && document.lines[line]?.problems.length === 0;
  return [...texts].filter(([line]) => shown(line)).sort(([a], [b]) => a - b)
    .flatMap(([line, hints]) => shortened(hints).map((each) => ({ line, column: codeEnd(document, line), ...each })));
}

type Hint = (line: number, text: string, tooltip: string) => void;

function operationHints(execution: Execution, hint: Hint): void {
  const byLine = new Map<number, ObservedOperation[]>();
  for (const operation of execution.operations) {
    const line = operation.invokeEvent < 0 ? -1 : execution.log.line(operation.invokeEvent);
    if (line >= 0) byLine.set(line, [...byLine.get(line) ?? [], operation]);
  }
  for (const [line, operations] of byLine) {
    if (operations.length === 1) hint(line, mark(execution, operations[0]!), outcome(execution, operations[0]!));
    else hint(line, tally(operations), `${operations.length} operations were asked here.`);
  }
}

/** `✓ 42 ms`, `✓ 5 in 42 ms`, `✗ failed`, `… unanswered`. */
function mark(execution: Execution, operation: ObservedOperation): string {
  const latency = latencyUs(execution, operation);
  switch (operation.outcome) {
    case 'ok': {
      const returned = operation.value ?? '', took = latency === undefined ? '' : time(latency);
      if (returned === '' || took === '') return `✓ ${returned}${took}`.trimEnd();
      return `✓ ${returned} in ${took}`;
    }
    case 'failed': return '✗ failed';
    case 'unknown': return '… unanswered';
  }
}

function tally(operations: readonly ObservedOperation[]): string {
  const count = (wanted: ObservedOperation['outcome']): number => operations.filter((each) => each.outcome === wanted).length;
  const failed = count('failed'), unanswered = count('unknown');
  const acknowledged = `✓ ${count('ok')} of ${operations.length}`;
  return `${acknowledged}${failed > 0 ? `, ✗ ${failed} failed` : ''}${unanswered > 0 ? `, … ${unanswered} unanswered` : ''}`;
}

/** The first leader on the `nodes` line; each later one on the statement that caused it or last took effect before it. */
function leaderHints(document: PawlDocument, block: BlockResult, execution: Execution, hint: Hint): void {
  const { log } = execution;
  const first = nodesLine(document, block);
  let last = first, previous = '';
  for (let i = 0; i < log.length; i++) {
    const line = log.line(i), kind = log.kind(i);
    if (line >= 0 && (STEPS.has(kind)) && line > block.line) last = line;
    if (kind !== EVENT.leads) continue;
    const reign = `${nameOf(execution, log.node(i))} leads ${epoch(log.epoch(i))}`;
    if (reign === previous) continue;
    previous = reign;
    const votes = log.a(i) > 0 && log.b(i) > 0 ? `, with ${log.a(i)} of ${log.b(i)} votes` : '';
    const since = log.timeUs(i) > 0 ? ` at ${time(log.timeUs(i))}` : '';
    if (last >= 0) hint(last, `${reign}${since}`, `From ${time(log.timeUs(i))} on${votes}.`);
  }
}

/** Events that a statement of the script made. */
const STEPS: ReadonlySet<number> = new Set([
  EVENT.invoke, EVENT.crash, EVENT.restart, EVENT.pause, EVENT.resume, EVENT.links, EVENT.clock, EVENT.disk, EVENT.lost,
  EVENT.hold, EVENT.timeout,
]);

function nodesLine(document: PawlDocument, block: BlockResult): number {
  for (let line = block.line; line <= block.endLine; line++) if (document.lines[line]?.statement?.kind === 'nodes') return line;
  return -1;
}

const MOST = 3;

function shortened<T extends { text: string; tooltip: string }>(hints: readonly T[]): { text: string; tooltip: string }[] {
  if (hints.length <= MOST) return [...hints];
  const rest = hints.slice(MOST - 1);
  return [...hints.slice(0, MOST - 1), { text: `… ${rest.length} more`, tooltip: rest.map((each) => each.text).join('; ') }];
}

/** The end of a line's text, before a comment that follows it. */
function codeEnd(document: PawlDocument, line: number): number {
  const last = tokensOfLine(document, line).findLast((token) => token.role !== 'comment');
  return last?.end ?? document.lines[line]?.text.trimEnd().length ?? 0;
}
