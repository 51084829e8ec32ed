/** Builds and packages the extension as pawl-VERSION.vsix; fails when it has outgrown its goal. */
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NODE, Problem, ROOT, ensureBuild, isMain, main, run } from './setup.mjs';

const LIMIT_KB = 700;

export async function packageExtension() {
  await ensureBuild();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const path = join(ROOT, `pawl-${version}.vsix`);
  const vsce = join(ROOT, 'node_modules/@vscode/vsce/vsce');
  const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', path];
  const { code, output } = await run(NODE, [vsce, 'package', ...options], { quiet: true });
  if (code !== 0) throw new Problem(`vsce could not package the extension:\n${output.trim()}`);
  const sizeKb = statSync(path).size / 1024;
  console.log(`${basename(path)} ${sizeKb.toFixed(0)} KB`);
  if (sizeKb > LIMIT_KB) throw new Problem(`the package is larger than ${LIMIT_KB} KB: npm run build -- --meta shows what is in it.`);
}

if (isMain(import.meta)) await main(packageExtension);
