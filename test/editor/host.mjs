#!/usr/bin/env node
/**
 * Stands in for the desktop VS Code: takes the arguments that @vscode/test-electron gives it, runs the same tests in VS
 * Code's server behind headless Chromium, and exits with their code. The tests reach the page over HTTP (page.mjs).
 */
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { chromium } from '../../scripts/chromium.mjs';
import { address, freePort, startServer } from '../../scripts/vscode.mjs';
import { ACTIONS } from './page.mjs';

const LIMIT_MS = 15 * 60_000;
const argument = (name) => process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = process.argv.slice(2).find((arg) => arg.startsWith('/'));
const extension = argument('extensionDevelopmentPath');
const tests = argument('extensionTestsPath');
if (folder === undefined || extension === undefined || tests === undefined) {
  console.error('host.mjs FOLDER --extensionDevelopmentPath=… --extensionTestsPath=…');
  process.exit(2);
}

/** Answers POST {action, …} with what the page action gives, for the tests in the extension host. */
function servePage(page) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', async () => {
      try {
        const { action, ...args } = JSON.parse(body);
        response.end(JSON.stringify({ value: await ACTIONS[action](page, args) ?? null }));
      } catch (error) {
        response.end(JSON.stringify({ error: String(error?.message ?? error) }));
      }
    });
  });
  return server;
}

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

async function main() {
  const browser = await playwright.launch({
    executablePath: chromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
  const pages = servePage(page);
  const port = await freePort();
  const verbose = process.env.PAWL_VERBOSE === '1';
  const server = await startServer({
    port, home: join(dirname(folder), 'vscode'),
    // A browser's window saves by itself, after a while: an edit of one test would be there in the next.
    settings: { 'files.autoSave': 'off' },
    env: { PAWL_PAGE: `http://127.0.0.1:${await listen(pages)}` },
    onLine: (line) => { if (verbose) console.log(`[server] ${line}`); },
  });
  const code = await new Promise((resolve) => {
    const timer = setTimeout(() => {
      console.error(`The tests did not end within ${LIMIT_MS / 60_000} minutes.`);
      resolve(1);
    }, LIMIT_MS);
    void (async () => {
      await page.exposeFunction('codeAutomationLog', (_type, args) => {
        const text = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ');
        if (verbose || /^(ok|FAIL) {2}/.test(text)) console.log(text);
      });
      await page.exposeFunction('codeAutomationExit', (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      await page.goto(address({ port, folder, extension, tests }));
    })().catch((error) => { console.error(error.message); resolve(1); });
  });
  pages.close();
  await browser.close();
  await server.stop();
  return code;
}

process.exit(await main());
