/** Builds and packages the extension as pawl-VERSION.vsix; fails when it has outgrown its goal. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, ROOT, ensureBuild, fail, run } from './setup.mjs';

const LIMIT_KB = 700;

/** @returns {Promise<{ path: string, sizeKb: number }>} */
export async function packageExtension() {
  await ensureBuild();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const path = join(ROOT, `pawl-${version}.vsix`);
  const vsce = join(ROOT, 'node_modules/@vscode/vsce/vsce');
  const { code, output } = await run(NODE, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--out', path], { quiet: true });
  if (code !== 0) fail(`${output.trim()}\nvsce could not package the extension: see above.`);
  return { path, sizeKb: statSync(path).size / 1024 };
}

if (process.argv[1] === join(ROOT, 'scripts/package.mjs')) {
  const { path, sizeKb } = await packageExtension();
  console.log(`${path} ${sizeKb.toFixed(0)} KB`);
  if (sizeKb > LIMIT_KB) fail(`the package is larger than ${LIMIT_KB} KB: npm run build -- --meta shows what is in it.`);
}
