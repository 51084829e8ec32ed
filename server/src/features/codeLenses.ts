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
  return analysis.blocks.flatMap((block, index): CodeLens[] => [
    { line: block.line, title: `${icon(block)} ${summary(block)}`, tooltip: 'Show what was expected and what was found', action: 'report', block: index },
    ...block.execution === undefined && block.history === undefined ? []
      : [{ line: block.line, title: 'Open timeline', tooltip: 'Draw what happened: nodes, messages, leaders, faults, operations', action: 'timeline' as const, block: index }],
  ]);
}

function icon(block: BlockResult): string {
  switch (block.verdict) {
    case 'as-expected': return '✓';
    case 'violated': return '✗';
    case 'invalid': return '⚠';
    case 'unknown': return '?';
  }
}
