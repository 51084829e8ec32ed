import { checkHistory } from '../checkers/index.ts';
import type { Finding } from '../checkers/checker.ts';
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { History, HistoryOperation } from '../model/history.ts';
import { lowerHistory } from '../model/lower.ts';
import { CATALOGUE } from '../protocols/registry.ts';
import type { BlockResult, Violation } from './analysis.ts';
import { unjudged, type BlockOptions, type Slices } from './block.ts';
import { headerPlace, statementPlace } from './places.ts';
import { chainDiagnostic, notCheckableDiagnostics, unknownDiagnostics, verdictOf } from './verdicts.ts';

/** Checks what clients saw. A violation stands on the last operation of the smallest set that cannot be ordered. */
export function* analyseHistory(document: PawlDocument, block: BlockRange, syntax: readonly Diagnostic[], options: BlockOptions): Slices {
  const lowered = lowerHistory(document, block, CATALOGUE);
  const history = lowered.value;
  const result: BlockResult = { ...unjudged(block, [...syntax, ...lowered.diagnostics]), history, events: history?.operations.length ?? 0 };
  if (history === undefined || result.verdict === 'invalid') return result;
  yield result.events;
  const checked = checkHistory(history);
  const header = headerPlace(document.lines, block.start);
  const violations = checked.findings.map((finding): Violation => ({
    finding, line: lineOf(history, finding), expected: false, folded: [], foldedLines: [],
  }));
  return {
    ...result,
    violations,
    verdict: verdictOf({ violations, unmet: false, unknown: checked.unknown.length > 0, strict: options.strict }),
    diagnostics: [
      ...result.diagnostics,
      ...notCheckableDiagnostics(header, checked.notCheckable),
      ...unknownDiagnostics(header, checked.unknown),
      ...checked.findings.map((finding) => shownFinding(document, history, finding)),
    ],
  };
}

function lineOf(history: History, finding: Finding): number {
  return operationsOf(history, finding)[0]?.line ?? history.line;
}

function operationsOf(history: History, finding: Finding): readonly HistoryOperation[] {
  return finding.operations.map((index) => history.operations[index]).filter((operation) => operation !== undefined);
}

function shownFinding({ lines }: PawlDocument, history: History, finding: Finding): Diagnostic {
  const line = lineOf(history, finding);
  const others = operationsOf(history, finding).filter((operation) => operation.line !== line);
  const related = others.slice(0, 8).map((operation) => ({ place: statementPlace(lines, operation.line), message: 'cannot be ordered together with it' }));
  return chainDiagnostic({ primary: finding, folded: [] }, false, { place: statementPlace(lines, line), related, fixes: [] });
}
