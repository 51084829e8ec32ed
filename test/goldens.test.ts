/** Golden runs: each example of the road, and the traces it must give. `npm run goldens` rewrites them; the commit says why. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';
import type { Analysis } from '../server/src/analysis/analysis.ts';
import { EVENT } from '../server/src/engine/events.ts';
import { traceOfRun } from '../server/src/interchange/trace.ts';

const folder = join(import.meta.dirname, '../examples/road');
const files = readdirSync(folder).filter((name) => name.endsWith('.pawl')).sort();

function tracesOf(analysis: Analysis): string {
  return analysis.blocks.flatMap(({ scenario, run }) => (scenario === undefined || run === undefined ? [] : [traceOfRun(scenario, run)])).join('\n');
}

const codesOf = (analysis: Analysis): readonly (readonly string[])[] => analysis.blocks.map(({ violations }) =>
  [...new Set(violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter((finding) => finding.severity === 'error').map((finding) => finding.code))].sort());

test.each(files)('%s', async (name) => {
  const analysis = analyseNow(readFileSync(join(folder, name), 'utf8'));
  const traces = tracesOf(analysis);
  if (traces === '') return;
  await expect(traces).toMatchFileSnapshot(join(import.meta.dirname, 'goldens/road', name));
  expect(codesOf(analyseNow(traces)), 'the same violations, read back').toEqual(codesOf(analysis));
});

/** The essay's first picture (P1): C's accept comes first, and the commits go out in the order of the accepts. */
test('the exchange, message for message', () => {
  const { run } = analyseNow(readFileSync(join(folder, 'a1a-the-exchange.pawl'), 'utf8')).blocks[0]!;
  const { log, names } = run!;
  // What A sees: its own messages as it sends them, the others' as they reach it.
  const seen = Array.from({ length: log.length }, (_, i) => i)
    .filter((i) => log.node(i) === 0 && (log.kind(i) === EVENT.send || log.kind(i) === EVENT.receive))
    .map((i) => (log.kind(i) === EVENT.send ? `A -> ${names[log.peer(i)]} ${log.word(i)}` : `${names[log.peer(i)]} -> A ${log.word(i)}`));
  expect(seen).toEqual([
    'client -> A write', 'A -> B propose', 'A -> C propose', 'C -> A accept', 'B -> A accept', 'A -> C commit', 'A -> B commit', 'A -> client ok',
  ]);
});
