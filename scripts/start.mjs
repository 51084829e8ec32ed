/**
 * `npm start`: everything from a fresh clone to VS Code with the extension loaded and examples/ open.
 *
 *   npm start                   VS Code in the browser, on a free port; prints its address and keeps running
 *   npm start -- --port 8000    on this port
 *   npm start -- --desktop      in the VS Code that is installed on this machine (the command `code`)
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Problem, ROOT, ensureBuild, ensurePackages, environment, main } from './setup.mjs';
import { HOME, address, checkPort, ensureServer, freePort, startServer } from './vscode.mjs';

const EXAMPLES = join(ROOT, 'examples');

function options() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, desktop: { type: 'boolean', default: false } } });
    return { port: values.port === undefined ? undefined : portOf(values.port), desktop: values.desktop };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(`${error.message.split('. ')[0]}. npm start takes -- --port N and -- --desktop.`);
  }
}

function portOf(text) {
  const port = Number(text);
  if (!(Number.isInteger(port) && port > 0 && port < 65536)) throw new Problem(`--port ${text}: a port is a number from 1 to 65535.`);
  return port;
}

/** Runs the VS Code that is installed; undefined where there is none. */
const code = (...args) => spawnSync('code', args, { env: environment(), encoding: 'utf8', shell: process.platform === 'win32' });

function checkDesktop() {
  if (code('--version').status === 0) return;
  throw new Problem('the command `code` was not found. Install VS Code and its `code` command, or leave --desktop out to use the browser.');
}

function startDesktop() {
  const { status, stderr } = code('--new-window', `--extensionDevelopmentPath=${ROOT}`, EXAMPLES);
  if (status !== 0) throw new Problem(`VS Code did not start:\n${stderr.trim()}`);
  console.log('VS Code is open with the extension loaded and examples/ open.');
}

async function startBrowser(port) {
  await ensureServer();
  const server = await startServer({ port, home: join(HOME, 'start') });
  let stopping = false;
  const stop = () => {
    stopping = true;
    void server.stop().then(() => process.exit(0));
  };
  server.child.on('exit', (code) => {
    if (stopping) return;
    console.error(`pawl: VS Code’s server ended by itself (code ${code}).`);
    process.exit(1);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  // npm does not pass signals on: when it is gone, so is whoever wanted this.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !stopping) stop();
  }, 1000);
  console.log('VS Code is running; Ctrl+C ends it. Open this address:');
  console.log(address({ port, folder: EXAMPLES }));
}

await main(async () => {
  const { port, desktop } = options();
  if (desktop) checkDesktop();
  else if (port !== undefined) await checkPort(port);
  await ensurePackages();
  await ensureBuild();
  if (desktop) startDesktop();
  else await startBrowser(port ?? await freePort());
});
