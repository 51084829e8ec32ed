/** Builds dist/: the extension, its server and worker, the `pawl` command and the timeline's page. `--watch` rebuilds on change. */
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import * as esbuild from 'esbuild';
import { isMain } from './scripts/setup.mjs';

const common = { bundle: true, minify: true, sourcemap: false, legalComments: 'none', charset: 'utf8', metafile: true, logLevel: 'warning' };
const node = { ...common, platform: 'node', format: 'cjs', target: 'node20', mainFields: ['module', 'main'] };

/** @type {import('esbuild').BuildOptions[]} */
const BUNDLES = [
  { ...node, entryPoints: ['client/src/extension.ts'], outfile: 'dist/client.js', external: ['vscode'] },
  { ...node, entryPoints: ['server/src/lsp/node.ts'], outfile: 'dist/server.js' },
  { ...node, entryPoints: ['server/src/lsp/worker.ts'], outfile: 'dist/worker.js' },
  { ...node, entryPoints: ['server/src/cli/main.ts'], outfile: 'dist/pawl.js', banner: { js: '#!/usr/bin/env node' } },
  {
    ...common, platform: 'browser', format: 'iife', target: 'es2022', entryPoints: { webview: 'client/webview/main.ts' }, outdir: 'dist',
  },
];

/** Bundles everything and returns one line for each output, `dist/client.js 123 KB`. */
export async function build() {
  mkdirSync('dist', { recursive: true });
  const results = await Promise.all(BUNDLES.map((options) => esbuild.build(options)));
  chmodSync('dist/pawl.js', 0o755);
  const outputs = results.flatMap((result) => Object.keys(result.metafile.outputs)).sort();
  if (process.argv.includes('--meta')) {
    const meta = { inputs: {}, outputs: {} };
    for (const { metafile } of results) {
      Object.assign(meta.inputs, metafile.inputs);
      Object.assign(meta.outputs, metafile.outputs);
    }
    writeFileSync('dist/meta.json', JSON.stringify(meta));
    for (const { metafile } of results) console.log(await esbuild.analyzeMetafile(metafile));
  }
  return outputs.filter(existsSync).map((path) => `${path.padEnd(20)} ${(statSync(path).size / 1024).toFixed(1).padStart(7)} KB`);
}

async function watch() {
  const contexts = await Promise.all(BUNDLES.map((options) => esbuild.context({ ...options, logLevel: 'info' })));
  await Promise.all(contexts.map((context) => context.watch()));
}

if (isMain(import.meta)) {
  if (process.argv.includes('--watch')) await watch();
  else {
    try {
      console.log((await build()).join('\n'));
    } catch {
      process.exitCode = 1; // esbuild has said why
    }
  }
}
