import { checkExecution } from '../checkers/index.ts';
import type { Chain, Execution, Finding } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
import { executionOfTrace } from '../interchange/trace.ts';
import type { Line, PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { lowerTrace } from '../model/lower.ts';
import { CATALOGUE } from '../protocols/registry.ts';
import type { Violation } from './analysis.ts';
import { judgedRecord, unjudged, type BlockOptions, type Slices } from './block.ts';
import { statementPlace } from './places.ts';
import { chainDiagnostic } from './verdicts.ts';

/** Checks a recorded execution. A violation stands on the event that makes it irrevocable (protocols.md C3). */
export function* analyseTrace(document: PawlDocument, block: BlockRange, syntax: readonly Diagnostic[], options: BlockOptions): Slices {
  const lowered = lowerTrace(document, block, CATALOGUE);
  const read = unjudged(block, [...syntax, ...lowered.diagnostics]);
  if (lowered.value === undefined) return read;
  yield 0;
  const execution = executionOfTrace(lowered.value);
  const result = { ...read, execution, events: execution.log.length };
  if (result.verdict === 'invalid') return result;
  yield execution.log.length;
  const checked = checkExecution(execution);
  const violations = checked.chains.map((chain): Violation => ({
    finding: chain.primary,
    line: lineOf(execution, chain.primary, block),
    expected: false,
    folded: chain.folded,
    foldedLines: chain.folded.map((finding) => lineOf(execution, finding, block)),
  }));
  return judgedRecord(document, result, violations, checked, checked.chains.map((chain) => shownChain(document.lines, execution, chain, block)), options);
}

function lineOf(execution: Execution, finding: Finding, block: BlockRange): number {
  const line = finding.witnesses.map((event) => execution.log.line(event)).find((found) => found >= 0);
  return line ?? block.start;
}

function shownChain(lines: readonly Line[], execution: Execution, chain: Chain, block: BlockRange): Diagnostic {
  const line = lineOf(execution, chain.primary, block);
  const others = new Map<number, number>();
  for (const event of chain.primary.witnesses) {
    const at = execution.log.line(event);
    if (at >= 0 && at !== line && !others.has(at)) others.set(at, event);
  }
  const related = [...others].slice(0, 6)
    .map(([at, event]) => ({ place: statementPlace(lines, at), message: eventWords(execution, event) }));
  return chainDiagnostic(chain, false, { place: statementPlace(lines, line), related, fixes: [] });
}

/** A witness in a few words. */
function eventWords(execution: Execution, event: number): string {
  const { log, names } = execution;
  const node = names[log.node(event)] ?? '?';
  const peer = names[log.peer(event)] ?? '?';
  const epoch = log.epoch(event);
  const of = epoch < 0 ? '' : ` of epoch ${epoch}`;
  switch (log.kind(event)) {
    case EVENT.leads: return `${node} became leader${of}`;
    case EVENT.promise: return `${node} promised epoch ${epoch}`;
    case EVENT.vote: return `${node} voted for ${peer}`;
    case EVENT.accept: return `${node} accepted ${log.text(event)}${of}`;
    case EVENT.commit: return `${node} committed ${log.text(event)}${of}`;
    case EVENT.apply: return `${node} applied ${log.text(event)}${of}`;
    case EVENT.invoke: return `${node} asked`;
    case EVENT.ok: return `${node} was answered ok`;
    case EVENT.send: return `${node} sent ${log.word(event)} to ${peer}`;
    case EVENT.receive: return `${node} received ${log.word(event)} from ${peer}`;
    case EVENT.crash: return `${node} crashed`;
    case EVENT.restart: return `${node} restarted`;
    default: return 'a witness';
  }
}
