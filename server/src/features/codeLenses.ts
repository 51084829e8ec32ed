/** Above each block: how its run ended, and the way to its timeline. */
import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import { summary } from './summary.ts';

export interface CodeLens {
  readonly line: number;
  readonly title: string;
  readonly tooltip: string;
  readonly action: 'report' | 'timeline';
  /** Index of the block in the analysis. */
  readonly block: number;
}

export function codeLenses(analysis: Analysis): CodeLens[] {
  return analysis.blocks.flatMap((block, index): CodeLens[] => {
    const at = { line: block.line, block: index };
    const title = `${icon(block)} ${summary(block)}`;
    const report: CodeLens = { ...at, title, tooltip: 'Show what was expected and what was found', action: 'report' };
    const timeline: CodeLens = { ...at, title: 'Open timeline', tooltip: 'Draw nodes, messages, leaders, faults, operations', action: 'timeline' };
    return block.execution === undefined && block.history === undefined ? [report] : [report, timeline];
  });
}

function icon(block: BlockResult): string {
  switch (block.verdict) {
    case 'as-expected': return '✓';
    case 'violated': return '✗';
    case 'invalid': return '⚠';
    case 'unknown': return '?';
  }
}
