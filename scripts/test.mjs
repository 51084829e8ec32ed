/**
 * `npm test`: everything, from a fresh clone to the editor suite in a real VS Code. The last line is `N passed, N failed`;
 * the exit code is 0 only if nothing failed. `npm test -- --no-editor` leaves the editor suite out.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, Problem, ROOT, ensureBuild, ensurePackages, reasonOf, run } from './setup.mjs';

const RESULTS = join(ROOT, '.vscode-test', 'unit.json');
const total = { passed: 0, failed: 0 };
const broken = [];

/** Runs one part; a part that throws counts as one failure, and the others run all the same. */
async function part(name, body) {
  console.log(`\n== ${name}`);
  try {
    const { passed, failed } = await body();
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) broken.push(name);
  } catch (error) {
    console.error(reasonOf(error));
    total.failed += 1;
    broken.push(name);
  }
}

const one = (good) => (good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

/** One test that passes unless the body throws. */
const done = (body) => body().then(() => one(true));

async function unitTests() {
  rmSync(RESULTS, { force: true });
  mkdirSync(join(ROOT, '.vscode-test'), { recursive: true });
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { code } = await run(NODE, [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`]);
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const failed = numFailedTests > 0 ? numFailedTests : numFailedTestSuites;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

await part('packages', () => done(ensurePackages));
await part('build', () => done(ensureBuild));
await part('types and lint', async () => one(await (await import('./check.mjs')).check() === 0));
await part('unit tests', unitTests);
await part('package', () => done(async () => (await import('./package.mjs')).packageExtension()));
if (!process.argv.includes('--no-editor')) {
  await part('editor tests', async () => {
    const { code, output } = await run(NODE, [join(ROOT, 'test/editor/run.mjs')]);
    const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
    if (passed === undefined) throw new Problem('the editor tests did not run to their end: see above.');
    return { passed: Number(passed), failed: code === 0 ? 0 : Math.max(1, Number(failed)) };
  });
}
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
