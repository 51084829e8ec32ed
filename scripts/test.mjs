/**
 * `npm test`: everything, from a fresh clone to the editor suite in a real VS Code. The last line is `N passed, N failed`;
 * the exit code is 0 only if nothing failed. `npm test -- --no-editor` leaves the editor suite out.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, ROOT, ensureBuild, ensurePackages, run } from './setup.mjs';

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
    console.error(error instanceof Error ? error.message : error);
    total.failed += 1;
    broken.push(name);
  }
}

const one = (good) => (good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

async function unitTests() {
  rmSync(RESULTS, { force: true });
  mkdirSync(join(ROOT, '.vscode-test'), { recursive: true });
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { code } = await run(NODE, [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`]);
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const failed = numFailedTests > 0 ? numFailedTests : numFailedTestSuites;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

await ensurePackages();
await part('build', async () => {
  await ensureBuild();
  return one(true);
});
await part('types and lint', async () => one(await (await import('./check.mjs')).check() === 0));
await part('unit tests', unitTests);
await part('package', async () => {
  const { path, sizeKb } = await (await import('./package.mjs')).packageExtension();
  console.log(`${path} ${sizeKb.toFixed(0)} KB`);
  return one(true);
});
if (!process.argv.includes('--no-editor')) {
  await part('editor tests', async () => {
    const { ensureServer } = await import('./vscode.mjs');
    await ensureServer();
    const { code } = await run(NODE, [join(ROOT, 'test/editor/run.mjs')]);
    const { passed, failed } = JSON.parse(readFileSync(join(ROOT, 'test-results/editor.json'), 'utf8'));
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
  });
}
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
