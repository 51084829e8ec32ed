/** Type-checks both projects (the timeline's page has the DOM, everything else has not) and lints. */
import { join } from 'node:path';
import { NODE, ROOT, isMain, run } from './setup.mjs';

const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint');

/** @returns {Promise<number>} how many of the three found something */
export async function check() {
  let failed = 0;
  for (const args of [[tsc, '-p', '.'], [tsc, '-p', 'client/webview'], [oxlint, '--type-aware', '--deny-warnings']]) {
    const { code } = await run(NODE, args);
    if (code !== 0) failed += 1;
  }
  return failed;
}

if (isMain(import.meta)) process.exitCode = await check() === 0 ? 0 : 1;
