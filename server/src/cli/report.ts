/** What `check` found, in the terms that every output format shares: lines and columns from 1. */
import type { Analysis, BlockResult, Verdict } from '../analysis/analysis.ts';
import type { Finding } from '../checkers/checker.ts';
import type { Diagnostic, Severity } from '../model/diagnostic.ts';

export interface FileReport {
  readonly path: string;
  readonly analysis: Analysis;
}

export interface ReportedViolation {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly timeUs: number;
  readonly nodes: readonly string[];
  readonly expected: boolean;
}

/** A block's violations, the folded ones alike, in the order of the chains. */
export function violationsOf(block: BlockResult): readonly ReportedViolation[] {
  return block.violations.flatMap(({ finding, line, expected, folded, foldedLines }) => [
    reported(block, finding, line, expected),
    ...folded.map((each, index) => reported(block, each, foldedLines[index] ?? line, expected)),
  ]);
}

function reported(block: BlockResult, finding: Finding, line: number, expected: boolean): ReportedViolation {
  return { code: finding.code, message: finding.message, line: line + 1, timeUs: finding.timeUs, nodes: namesOf(block, finding), expected };
}

function namesOf(block: BlockResult, finding: Finding): readonly string[] {
  return finding.nodes.map((node) => block.execution?.names[node]).filter((name) => name !== undefined);
}

/** Whether a diagnostic makes the check fail. */
export function fails(diagnostic: Diagnostic, strict: boolean): boolean {
  return diagnostic.severity === 'error' || (strict && diagnostic.severity === 'warning');
}

export function anyFails(files: readonly FileReport[], strict: boolean): boolean {
  return files.some(({ analysis }) => analysis.diagnostics.some((diagnostic) => fails(diagnostic, strict))
    || analysis.blocks.some(({ verdict }) => verdict === 'violated' || verdict === 'invalid'));
}

export function countVerdicts(files: readonly FileReport[]): Readonly<Record<Verdict, number>> {
  const counts = { 'as-expected': 0, violated: 0, invalid: 0, unknown: 0 };
  for (const { analysis } of files) for (const { verdict } of analysis.blocks) counts[verdict]++;
  return counts;
}

export function countSeverity(files: readonly FileReport[], severity: Severity): number {
  return files.reduce((sum, { analysis }) => sum + analysis.diagnostics.filter((diagnostic) => diagnostic.severity === severity).length, 0);
}
