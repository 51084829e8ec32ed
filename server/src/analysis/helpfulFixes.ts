/** Of the quick fixes of a violation, those that keep it away: each is tried on a copy of its block before it is offered. */
import type { Line } from '../language/document.ts';
import type { Diagnostic, QuickFix } from '../model/diagnostic.ts';
import { violationNamed } from '../model/violations.ts';
import { protocolNamed } from '../protocols/registry.ts';
import type { Analysis, BlockResult } from './analysis.ts';
import { analyseNow } from './analyse.ts';
import { allKnobsFix } from './knobs.ts';

/** Events of one trial; a fix whose trial takes longer is offered untried. */
const TRIAL = { budget: 50_000 };

/**
 * The fixes of a diagnostic that help, in their order, the first preferred. Where no single knob helps, one that sets all
 * of them, if that does. Fixes of what is no violation are given as they are. Runs the block once a fix.
 */
export function helpfulFixes(analysis: Analysis, diagnostic: Diagnostic): readonly QuickFix[] {
  const { code, place, fixes } = diagnostic;
  const block = analysis.blocks.find(({ line, endLine }) => line <= place.line && place.line <= endLine);
  if (fixes.length === 0 || block?.scenario === undefined || violationNamed(code) === undefined) return fixes;
  const { lines } = analysis.document;
  const helpful = fixes.filter((fix) => helps(lines, block, fix, code));
  if (helpful.length > 0) return helpful.map((fix, index) => ({ ...fix, preferred: index === 0 }));
  const spec = protocolNamed(block.scenario.protocol)?.spec;
  const all = spec && allKnobsFix(spec, block.scenario, lines, code);
  return all !== undefined && helps(lines, block, all, code) ? [all] : [];
}

function helps(lines: readonly Line[], block: BlockResult, fix: QuickFix, code: string): boolean {
  const after = analyseNow(blockWith(lines, block, fix), TRIAL).blocks[0];
  if (after === undefined || after.verdict === 'invalid') return false;
  return !after.violations.some(({ finding, folded }) => finding.code === code || folded.some((each) => each.code === code));
}

/** The block's text with a fix applied. */
function blockWith(lines: readonly Line[], block: BlockResult, fix: QuickFix): string {
  const texts = lines.slice(block.line, block.endLine + 1).map(({ text }) => text);
  const inserted = new Map<number, string>();
  for (const edit of fix.edits) {
    if (edit.kind === 'insert-line') {
      inserted.set(edit.line - block.line, edit.text);
      continue;
    }
    const { line, start, end } = edit.place;
    const text = texts[line - block.line] ?? '';
    texts[line - block.line] = text.slice(0, start) + edit.text + text.slice(end);
  }
  return texts.flatMap((text, line) => (inserted.has(line) ? [inserted.get(line)!, text] : [text])).join('\n');
}
