/**
 * VS Code's own server, from npm: installs it into .vscode-test/ on first use and starts it with the extension under
 * development. Only what Node 20 brings, and what setup.mjs has made sure of.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { NODE, Problem, ROOT, environment, npm } from './setup.mjs';

/** code-server 4.139.1 carries VS Code 1.139.1. */
const PACKAGE = 'code-server@4.139.1';
/** Where everything of VS Code's is kept. */
export const HOME = join(ROOT, '.vscode-test');
const VSCODE = join(HOME, 'server', 'node_modules', 'code-server', 'lib', 'vscode');
const MAIN = join(VSCODE, 'out', 'server-main.js');
/** What has to be compiled, and what VS Code can do without: its log files and the like. */
const NATIVE = ['node-pty', '@vscode/spdlog', '@vscode/native-watchdog', '@parcel/watcher', '@vscode/fs-copyfile'];

/** Installs the server unless it is there. About 100 s the first time. */
export async function ensureServer(log = console.log) {
  const stamp = join(HOME, 'server', 'installed');
  if (existsSync(MAIN) && existsSync(stamp) && readFileSync(stamp, 'utf8') === PACKAGE) return;
  log('Installing VS Code’s server (once, about two minutes) …');
  const server = join(HOME, 'server');
  rmSync(server, { recursive: true, force: true });
  mkdirSync(server, { recursive: true });
  writeFileSync(join(server, 'package.json'), '{ "private": true }\n');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step(['install', ...quiet, '--prefix', server, PACKAGE], server);
  await step(['install', '--omit=dev', ...quiet], VSCODE);
  const { code } = await npm(['rebuild', '--loglevel=error', ...NATIVE], { cwd: VSCODE, quiet: true });
  if (code !== 0) log('VS Code runs without the parts that need a compiler (log files); with python3, make and g++ it has them too.');
  writeFileSync(stamp, PACKAGE);
}

async function step(args, cwd) {
  const { code, output } = await npm(args, { cwd, quiet: true });
  if (code === 0) return;
  const why = output.trim().split('\n').slice(-12).join('\n');
  throw new Problem(`npm could not install VS Code’s server:\n${why}\nCheck the network, then run the command again.`);
}

/** A port that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Rejects with a Problem if someone listens on this port. */
export function checkPort(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', () => reject(new Problem(`port ${port} is taken: choose another with --port, or leave --port out.`)));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });
}

/** Settings that keep a fresh VS Code quiet: no welcome page, no trust question, nothing sent anywhere. */
const SETTINGS = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'security.workspace.trust.enabled': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
};

/**
 * Starts the server; resolves when it listens.
 * @param {{ port: number, home: string, settings?: object, env?: object, onLine?: (line: string) => void }} options
 *   `home`: a folder for its data and extensions
 * @returns {Promise<{ child: import('node:child_process').ChildProcess, stop: () => Promise<void> }>}
 */
export async function startServer({ port, home, settings = {}, env = {}, onLine = () => {} }) {
  for (const scope of ['Machine', 'User']) {
    const folder = join(home, 'user-data', scope);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'settings.json');
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ ...SETTINGS, ...settings }, null, 2)}\n`);
  }
  const args = [MAIN, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms',
    // Without it the server ignores extensions under development.
    '--enable-smoke-test-driver', '--telemetry-level', 'off', '--server-data-dir', join(home, 'server-data'), '--user-data-dir', join(home, 'user-data'),
    '--extensions-dir', join(home, 'extensions')];
  const child = spawn(NODE, args, { cwd: ROOT, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let tail = '';
  await new Promise((resolve, reject) => {
    const take = (chunk) => {
      tail = `${tail}${chunk}`.slice(-4000);
      String(chunk).split('\n').filter((line) => line.trim() !== '').forEach((line) => onLine(line));
      if (tail.includes('Extension host agent listening on')) resolve(undefined);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Problem(`VS Code’s server ended before it was ready (code ${code}):\n${tail.trim()}`)));
  });
  return {
    child,
    stop: async () => {
      child.kill();
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    },
  };
}

/**
 * The address that opens `folder` with the extension of this repository under development.
 * @param {{ port: number, folder: string, extension?: string, tests?: string }} options paths are absolute
 */
export function address({ port, folder, extension = ROOT, tests }) {
  const remote = (path) => `vscode-remote://localhost:${port}${path}`;
  const payload = [['extensionDevelopmentPath', remote(extension)], ['skipWelcome', 'true']];
  if (tests !== undefined) payload.push(['extensionTestsPath', remote(tests)]);
  return `http://localhost:${port}/?folder=${encodeURI(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
