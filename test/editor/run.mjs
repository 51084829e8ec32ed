/**
 * Runs the editor suite in a real VS Code: by default VS Code's own server, looked at through Chromium; with `--desktop`
 * the desktop VS Code that @vscode/test-electron downloads. Screenshots land in test-results/.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import { ensureChromium } from '../../scripts/chromium.mjs';
import { ROOT, ensureBuild, isMain, main } from '../../scripts/setup.mjs';
import { ensureServer } from '../../scripts/vscode.mjs';

const HOME = join(ROOT, '.vscode-test');
const SUITE = join(HOME, 'suite', 'index.js');
const WORKSPACE = join(HOME, 'workspace');
const RESULTS = join(ROOT, 'test-results');

/** A copy, so that a test may change what it opens. */
function freshWorkspace() {
  rmSync(WORKSPACE, { recursive: true, force: true });
  mkdirSync(WORKSPACE, { recursive: true });
  for (const folder of ['examples', 'test/editor/workspace']) {
    if (existsSync(join(ROOT, folder))) cpSync(join(ROOT, folder), WORKSPACE, { recursive: true });
  }
}

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function runEditorTests({ desktop = false, only = '' } = {}) {
  freshWorkspace();
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  await esbuild.build({
    entryPoints: [join(ROOT, 'test/editor/suite/index.ts')], outfile: SUITE, bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    external: ['vscode'], sourcemap: 'inline', logLevel: 'warning',
  });
  if (!desktop) {
    await ensureServer();
    await ensureChromium();
  }
  const results = join(RESULTS, 'editor.json');
  const verdict = await runTests({
    ...(desktop ? {} : { vscodeExecutablePath: join(ROOT, 'test/editor/host.mjs') }),
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: SUITE,
    launchArgs: [WORKSPACE],
    extensionTestsEnv: { PAWL_RESULTS: results, PAWL_ONLY: only, PAWL_WORKSPACE: WORKSPACE },
  }).then(() => 0, () => 1);
  if (!existsSync(results)) return { passed: 0, failed: 1 };
  const { passed, failed } = JSON.parse(readFileSync(results, 'utf8'));
  return { passed, failed: failed === 0 && verdict !== 0 ? 1 : failed };
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
