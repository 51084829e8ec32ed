/** The problems of a document that need no run: syntax, as the parser found it. Verdicts come with an analysis. */
import type { PawlDocument } from '../language/document.ts';
import type { SyntaxProblem } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';

/** The code of diagnostics that `syntaxDiagnostics` gives. */
export const SYNTAX = 'syntax';

export function syntaxDiagnostics(document: PawlDocument): Diagnostic[] {
  const found: Diagnostic[] = [];
  document.lines.forEach((line, number) => line.problems.forEach((problem) => found.push(diagnosticOf(number, problem))));
  document.structureProblems.forEach((problem) => found.push(diagnosticOf(problem.line, problem)));
  return found.sort((a, b) => a.place.line - b.place.line || a.place.start - b.place.start);
}

function diagnosticOf(line: number, { start, end, message }: SyntaxProblem): Diagnostic {
  return { place: { line, start, end }, severity: 'error', code: SYNTAX, message, related: [], fixes: [] };
}

/** An editor gains nothing from ten thousand squiggles: the first `most`, and one that says how many there are. */
export function limited(diagnostics: readonly Diagnostic[], most = 1000): readonly Diagnostic[] {
  if (diagnostics.length <= most) return diagnostics;
  const last = diagnostics[most]!;
  return [...diagnostics.slice(0, most), { ...last, severity: 'information', code: 'note', related: [], fixes: [],
    message: `${diagnostics.length - most} more problems from here on are not shown: mend the first ones to see them.` }];
}
