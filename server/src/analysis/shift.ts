/** A block's result some lines further down (or up): the same result, told for where the block now stands. */
import type { Diagnostic, Place, QuickFix, TextEdit } from '../model/diagnostic.ts';
import type { History } from '../model/history.ts';
import type { Scenario, ScriptStep } from '../model/scenario.ts';
import type { BlockResult, Violation } from './analysis.ts';

/** `by`: how many lines down. The parts that know no lines are shared with the original. */
export function shiftResult(result: BlockResult, by: number): BlockResult {
  if (by === 0) return result;
  const log = (result.execution ?? result.run)?.log.shiftedBy(by);
  return {
    ...moved(result, by),
    endLine: result.endLine + by,
    expectations: result.expectations.map((expectation) => moved(expectation, by)),
    violations: result.violations.map((violation) => shiftViolation(violation, by)),
    diagnostics: result.diagnostics.map((diagnostic) => shiftDiagnostic(diagnostic, by)),
    scenario: result.scenario && shiftScenario(result.scenario, by),
    history: result.history && shiftHistory(result.history, by),
    execution: result.execution && log && { ...result.execution, log },
    run: result.run && log && { ...result.run, log },
  };
}

function shiftViolation(violation: Violation, by: number): Violation {
  return { ...moved(violation, by), foldedLines: violation.foldedLines.map((line) => line + by) };
}

function moved<T extends { readonly line: number }>(part: T, by: number): T {
  return { ...part, line: part.line + by };
}

export function shiftDiagnostic(diagnostic: Diagnostic, by: number): Diagnostic {
  return {
    ...diagnostic,
    message: shiftMessage(diagnostic.message, by),
    place: moved(diagnostic.place, by),
    related: diagnostic.related.map((related) => ({ ...related, place: moved<Place>(related.place, by) })),
    fixes: diagnostic.fixes.map((fix) => shiftFix(fix, by)),
  };
}

/** A message that names another line of its block says `on line N`, from 1. */
function shiftMessage(message: string, by: number): string {
  return message.replace(/\bon line (\d+)\b/g, (_, line: string) => `on line ${Number(line) + by}`);
}

function shiftFix(fix: QuickFix, by: number): QuickFix {
  const edits = fix.edits.map((edit): TextEdit => (edit.kind === 'replace' ? { ...edit, place: moved(edit.place, by) } : moved(edit, by)));
  return { ...fix, edits };
}

function shiftScenario(scenario: Scenario, by: number): Scenario {
  const operations = scenario.operations.map((operation) => moved(operation, by));
  const step = (each: ScriptStep): ScriptStep => (each.kind === 'operation'
    ? { ...moved(each, by), operation: operations[each.operation.id] ?? moved(each.operation, by) }
    : moved(each, by));
  return {
    ...moved(scenario, by),
    endLine: scenario.endLine + by,
    protocolLine: scenario.protocolLine + by,
    knobs: new Map([...scenario.knobs].map(([name, value]) => [name, moved(value, by)])),
    network: { ...scenario.network, line: scenario.network.line === undefined ? undefined : scenario.network.line + by },
    operations,
    script: scenario.script.map(step),
    expectations: scenario.expectations.map((expectation) => moved(expectation, by)),
  };
}

function shiftHistory(history: History, by: number): History {
  return { ...moved(history, by), endLine: history.endLine + by, operations: history.operations.map((operation) => moved(operation, by)) };
}
