/** Small scenarios written as a document, and what happened in them. */
import { expect } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';

/** One scenario after its header. `knobs`: as between the braces. `events`: the index of each, in order. */
export function ranDocument(protocol: string, header: readonly string[], lines: readonly string[], knobs: string) {
  const text = ['scenario "test" {', `  protocol ${protocol} { ${knobs} }`, ...[...header, ...lines].map((line) => `  ${line}`), '}'].join('\n');
  const analysis = analyseNow(text), block = analysis.blocks[0]!;
  expect(block.verdict, analysis.diagnostics.map(({ message }) => message).join('\n')).not.toBe('invalid');
  const run = block.run!, { log } = run;
  return {
    run, log, events: Array.from({ length: log.length }, (_, i) => i),
    codes: block.violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter(({ severity }) => severity === 'error').map(({ code }) => code),
    unmet: block.expectations.filter(({ met }) => !met).map(({ text: words }) => words),
  };
}
