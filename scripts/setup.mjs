/**
 * What the scripts that must work in a fresh clone share. Only what Node 20 brings: nothing may be installed yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const BIN = join(ROOT, 'node_modules', '.bin');
/** Node 24, which the `node` package brings, whatever the machine has. */
export const NODE = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** The environment for everything that is started: Node 24 and the packages' commands first on the path. */
export function environment(extra = {}) {
  const env = { ...process.env, ...extra, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}` };
  for (const name of Object.keys(env)) {
    // A shell inside VS Code passes these on, and they change how another VS Code starts.
    if (name.startsWith('VSCODE_') || name === 'ELECTRON_RUN_AS_NODE') delete env[name];
  }
  return env;
}

/** Something that a person can mend: its message says what went wrong and what to do, the last line alone. */
export class Problem extends Error {}

/** What to print of an error: our own bugs with their stack. */
export const reasonOf = (error) => (error instanceof Problem ? `pawl: ${error.message}` : error?.stack ?? String(error));

/** Runs a script's body; an error ends it with its reason. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(reasonOf(error));
    process.exit(1);
  }
}

/** Whether this module is the script that was started. */
export const isMain = (meta) => process.argv[1] !== undefined && meta.url === pathToFileURL(realpathSync(process.argv[1])).href;

/**
 * Runs a command to its end and returns { code, output }. With `quiet` the output is kept back, otherwise it is shown as it comes.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, timeoutMs?: number }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { cwd = ROOT, env = environment(), quiet = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, shell: process.platform === 'win32' });
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** npm as it was called, or the one on the path. Its settings that were set for *this* npm run are not for the next. */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  const env = options.env ?? environment();
  for (const name of Object.keys(env)) if (/^npm_(config_(prefix|global|local_prefix|omit|include)|lifecycle|package)/i.test(name)) delete env[name];
  return cli !== undefined && /npm-cli\.c?js$/.test(cli) ? run(process.execPath, [cli, ...args], { ...options, env }) : run('npm', args, { ...options, env });
}

/** Installs the packages of the lock file, unless they are there. */
export async function ensurePackages() {
  const lock = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json'))).digest('hex');
  const stamp = join(ROOT, 'node_modules', '.pawl-lock');
  const works = () => existsSync(NODE) && spawnSync(NODE, ['--version']).status === 0;
  if (works() && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing packages …');
  const fresh = !existsSync(join(ROOT, 'node_modules'));
  const { code, output } = await npm([fresh ? 'ci' : 'install', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true });
  if (code !== 0) {
    throw new Problem(`npm could not install the packages:\n${output.trim()}\nCheck the network, then run the command again.`);
  }
  if (!works()) throw new Problem('the npm package `node` did not install its program: run `npm rebuild node`, then the command again.');
  writeFileSync(stamp, lock);
}

/** Builds dist/ with the packages' own Node. */
export async function ensureBuild() {
  const { code, output } = await run(NODE, ['esbuild.mjs'], { quiet: true });
  if (code !== 0) throw new Problem(`the build failed:\n${output.trim()}`);
}
