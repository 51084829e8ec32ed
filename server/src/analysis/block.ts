/** What the analyses of the three kinds of block have in common. */
import type { CheckResult } from '../checkers/checker.ts';
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, SyntaxProblem } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { BlockResult, Violation } from './analysis.ts';
import { headerPlace } from './places.ts';
import { notCheckableDiagnostics, unknownDiagnostics, verdictOf } from './verdicts.ts';

export interface BlockOptions {
  /** Warnings fail too. */
  readonly strict: boolean;
  /** Events after which a run is stopped; undefined: the engine's own limit. */
  readonly budget: number | undefined;
}

/** Yields how many events there are so far; returns the result. */
export type Slices = Generator<number, BlockResult, void>;

/**
 * A block as far as reading it goes. With an error in it nothing is judged: a block that lacks a statement is another
 * block, and its verdicts would be errors that the author did not make. Without a run and without an error it is unknown.
 */
export function unjudged(block: BlockRange, diagnostics: readonly Diagnostic[]): BlockResult {
  return {
    kind: block.kind, name: block.name, line: block.start, endLine: block.end,
    verdict: diagnostics.some((diagnostic) => diagnostic.severity === 'error') ? 'invalid' : 'unknown',
    expectations: [], violations: [], events: 0, diagnostics,
    scenario: undefined, history: undefined, execution: undefined, run: undefined,
  };
}

/** A trace or a history that has been checked. `shown`: the diagnostics of its violations. */
export function judgedRecord(document: PawlDocument, result: BlockResult, violations: readonly Violation[], checked: Omit<CheckResult, 'findings'>,
  shown: readonly Diagnostic[], { strict }: BlockOptions): BlockResult {
  const header = headerPlace(document.lines, result.line);
  return {
    ...result,
    violations,
    verdict: verdictOf({ violations, unmet: false, unknown: checked.unknown.length > 0, strict }),
    diagnostics: [...result.diagnostics, ...notCheckableDiagnostics(header, checked.notCheckable), ...unknownDiagnostics(header, checked), ...shown],
  };
}

/** What the parser could not understand, between two lines, both included. */
export function syntaxDiagnostics(document: PawlDocument, first: number, last: number): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (let line = first; line <= last; line++) {
    for (const problem of document.lines[line]?.problems ?? []) found.push(syntaxDiagnostic(line, problem));
  }
  return [...found, ...structureWithin(document, first, last).map((problem) => syntaxDiagnostic(problem.line, problem))];
}

/** The problems of structure between two lines, both included; the document has them in the order of its lines. */
export function structureWithin({ structureProblems }: PawlDocument, first: number, last: number): PawlDocument['structureProblems'] {
  const firstFrom = (line: number): number => {
    let low = 0, high = structureProblems.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (structureProblems[middle]!.line < line) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return structureProblems.slice(firstFrom(first), firstFrom(last + 1));
}

function syntaxDiagnostic(line: number, { start, end, message }: SyntaxProblem): Diagnostic {
  return { place: { line, start, end }, severity: 'error', code: 'syntax', message, related: [], fixes: [] };
}
