/** The browser that the editor tests look through. */
import { existsSync } from 'node:fs';
import { Problem, run } from './setup.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** The path of a Chromium, or undefined. `PAWL_CHROMIUM` names one that is elsewhere. */
export function chromium() {
  return [process.env.PAWL_CHROMIUM, ...PLACES].find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** Installs Debian's Chromium where that is possible without asking anybody; otherwise says what is missing. */
export async function ensureChromium() {
  if (chromium() !== undefined) return;
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/usr/bin/apt-get')) {
    throw new Problem('the editor tests need Chromium: install it (on Debian: sudo apt-get install chromium), or name one in PAWL_CHROMIUM.');
  }
  console.log('Installing Chromium …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, quiet: true });
  const { code, output } = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, quiet: true });
  if (code !== 0 || chromium() === undefined) {
    throw new Problem(`apt-get could not install Chromium:\n${output.trim().split('\n').slice(-5).join('\n')}`);
  }
}
