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
import { ROOT, ensureBuild, ensurePackages, environment, fail } from './setup.mjs';
import { Problem, address, checkPort, ensureServer, freePort, startServer } from './vscode.mjs';

const EXAMPLES = join(ROOT, 'examples');

function options() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, desktop: { type: 'boolean', default: false } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) fail(`--port ${values.port}: a port is a number from 1 to 65535.`);
    return { port, desktop: values.desktop };
  } catch (error) {
    return fail(`${error.message.split('. ')[0]}. npm start takes --port N and --desktop.`);
  }
}

function startDesktop() {
  const { error, status } = spawnSync('code', ['--new-window', `--extensionDevelopmentPath=${ROOT}`, EXAMPLES],
    { env: environment(), stdio: 'inherit', shell: process.platform === 'win32' });
  if (error !== undefined || status !== 0) {
    fail('the command `code` was not found or failed. Install VS Code and its `code` command, or leave --desktop out to use the browser.');
  }
  console.log('VS Code is open with the extension loaded and examples/ open.');
}

async function startBrowser(port) {
  await ensureServer();
  const server = await startServer({ port, home: 'start' });
  let stopping = false;
  server.child.on('exit', (code) => {
    if (!stopping) fail(`VS Code’s server ended by itself (code ${code}).`);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      stopping = true;
      void server.stop().then(() => process.exit(0));
    });
  }
  console.log('VS Code is running; Ctrl+C ends it. Open this address:');
  console.log(address({ port, folder: EXAMPLES }));
}

try {
  const { port, desktop } = options();
  if (port !== undefined && !desktop) await checkPort(port);
  await ensurePackages();
  await ensureBuild();
  if (desktop) startDesktop();
  else await startBrowser(port ?? await freePort());
} catch (error) {
  fail(error instanceof Problem ? error.message : error.stack);
}
