/** Runs the benches of test/bench, one after another, or those whose names contain an argument. They print ratios and judge nothing. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, Problem, ROOT, main, run } from './setup.mjs';

await main(async () => {
  const folder = join(ROOT, 'test/bench'), wanted = process.argv.slice(2);
  const benches = readdirSync(folder).filter((name) => name.endsWith('.bench.ts'))
    .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word))).sort();
  if (benches.length === 0) throw new Problem('no bench in test/bench has such a name.');
  for (const name of benches) {
    console.log(`\n${name.replace('.bench.ts', '')}`);
    const { code } = await run(NODE, ['--expose-gc', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', join(folder, name)]);
    if (code !== 0) process.exitCode = 1;
  }
});
