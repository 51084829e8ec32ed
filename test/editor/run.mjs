/**
 * Runs the editor suite in a real VS Code: by default VS Code's own server, looked at through Chromium; with `--desktop`
 * the desktop VS Code that @vscode/test-electron downloads. Screenshots land in test-results/editor/.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import { ensureChromium } from '../../scripts/chromium.mjs';
import { Problem, ROOT, ensureBuild, isMain, main } from '../../scripts/setup.mjs';
import { ensureServer } from '../../scripts/vscode.mjs';

const PICTURES = join(ROOT, 'test-results', 'editor');

/** A copy, so that a test may change what it opens. */
function fillWorkspace(workspace) {
  mkdirSync(workspace, { recursive: true });
  for (const folder of ['examples', 'test/editor/workspace']) cpSync(join(ROOT, folder), workspace, { recursive: true });
}

/**
 * Everything a run writes is in a folder of its own, removed afterwards; only the screenshots stay.
 * @param {{ desktop?: boolean, only?: string }} options `only`: tests whose names contain it
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runEditorTests({ desktop = false, only = '' } = {}) {
  const home = join(ROOT, '.vscode-test', `run-${process.pid}`);
  const suite = join(home, 'suite', 'index.js'), workspace = join(home, 'workspace'), results = join(home, 'results.json');
  fillWorkspace(workspace);
  if (only === '') rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  await esbuild.build({
    entryPoints: [join(ROOT, 'test/editor/suite/index.ts')], outfile: suite, bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    external: ['vscode'], sourcemap: 'inline', logLevel: 'warning',
  });
  if (!desktop) {
    await ensureServer();
    await ensureChromium();
  }
  try {
    const verdict = await runTests({
      ...(desktop ? {} : { vscodeExecutablePath: join(ROOT, 'test/editor/host.mjs') }),
      extensionDevelopmentPath: ROOT,
      extensionTestsPath: suite,
      launchArgs: [workspace],
      extensionTestsEnv: { PAWL_RESULTS: results, PAWL_PICTURES: PICTURES, PAWL_ONLY: only },
    }).then(() => 0, () => 1);
    if (!existsSync(results)) throw new Problem('the editor tests did not run to their end.');
    const { passed, failed } = JSON.parse(readFileSync(results, 'utf8'));
    return { passed, failed: failed === 0 && verdict !== 0 ? 1 : failed };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

if (isMain(import.meta)) {
  await main(async () => {
    const args = process.argv.slice(2);
    await ensureBuild();
    const { passed, failed } = await runEditorTests({ desktop: args.includes('--desktop'), only: args.filter((arg) => !arg.startsWith('--')).join(' ') });
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
  });
}
