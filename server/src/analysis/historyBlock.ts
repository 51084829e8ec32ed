import { checkHistory, foldChains } from '../checkers/index.ts';
import type { Chain, Finding } from '../checkers/checker.ts';
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { History, HistoryOperation } from '../model/history.ts';
import { lowerHistory } from '../model/lower.ts';
import { CATALOGUE } from '../protocols/registry.ts';
import type { BlockResult, Violation } from './analysis.ts';
import { judgedRecord, unjudged, type BlockOptions, type Slices } from './block.ts';
import { statementPlace } from './places.ts';
import { chainDiagnostic } from './verdicts.ts';

/** Checks what clients saw. A violation stands on the last operation of the smallest set that cannot be ordered. */
export function* analyseHistory(document: PawlDocument, block: BlockRange, syntax: readonly Diagnostic[], options: BlockOptions): Slices {
  const lowered = lowerHistory(document, block, CATALOGUE);
  const history = lowered.value;
  const result: BlockResult = { ...unjudged(block, [...syntax, ...lowered.diagnostics]), history, events: history?.operations.length ?? 0 };
  if (history === undefined || result.verdict === 'invalid') return result;
  yield result.events;
  const checked = checkHistory(history);
  const chains = foldChains(checked.findings).map(strongestFirst);
  const violations = chains.map(({ primary, folded }): Violation => ({
    finding: primary, line: lineOf(history, primary), expected: false,
    folded, foldedLines: folded.map((finding) => lineOf(history, finding)),
  }));
  return judgedRecord(document, result, violations, checked, chains.map((chain) => shownChain(document, history, chain)), options);
}

function lineOf(history: History, finding: Finding): number {
  return operationsOf(history, finding)[0]?.line ?? history.line;
}

function operationsOf(history: History, finding: Finding): readonly HistoryOperation[] {
  return finding.operations.map((index) => history.operations[index]).filter((operation) => operation !== undefined);
}

/** A history that cannot be ordered is said before a read that is merely old. */
function strongestFirst(chain: Chain): Chain {
  const strongest = chain.folded.find((finding) => finding.code !== 'stale-read');
  if (strongest === undefined || chain.primary.code !== 'stale-read') return chain;
  return { primary: strongest, folded: [chain.primary, ...chain.folded.filter((finding) => finding !== strongest)] };
}

function shownChain({ lines }: PawlDocument, history: History, chain: Chain): Diagnostic {
  const line = lineOf(history, chain.primary);
  const { notes, timeUs } = chain.primary;
  const about = operationsOf(history, chain.primary), others = about.filter((operation) => operation.line !== line);
  const message = (operation: HistoryOperation): string => notes?.[about.indexOf(operation)] ?? (operation.end === timeUs ? 'cannot be ordered together with it: when this had ended, no order was left' : 'cannot be ordered together with it');
  const related = others.slice(0, 8).map((operation) => ({ place: statementPlace(lines, operation.line), message: message(operation) }));
  return chainDiagnostic(chain, false, { place: statementPlace(lines, line), related, fixes: [] });
}
