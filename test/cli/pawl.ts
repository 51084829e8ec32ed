/** Runs the `pawl` command from its source, as a process of its own, in a directory made for one test. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../server/src/cli/command.ts';

const MAIN = fileURLToPath(new URL('../../server/src/cli/main.ts', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A directory with these files, by relative path; it is gone when the test is over. */
export function directoryWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'pawl-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

export function pawl(directory: string, words: readonly string[], input = ''): Outcome {
  const args = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', MAIN, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: directory, input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { code: status, out: stdout, err: stderr };
}

/** The same without a process, for command lines that need no file. */
export async function pawlHere(words: readonly string[]): Promise<Outcome> {
  const said = { out: '', err: '' };
  const code = await runCommand(words, {
    out: (text) => { said.out += text; }, err: (text) => { said.err += text; }, readInput: async () => new Uint8Array(), colours: false, progress: false,
  });
  return { code, ...said };
}

/** A scenario that comes out as expected. */
export const GOOD = `scenario "one write" {
  protocol primary-backup
  nodes   A B C
  clients c1

  at 10ms  w1: c1 writes k = 1

  expect w1 acked
}
`;

/** An expectation that is not met, on line 8. */
export const BAD = GOOD.replace('one write', 'no answer').replace('expect w1 acked', 'expect w1 unanswered');

/** A word that is not of the language, on line 6. */
export const BROKEN = GOOD.replace('one write', 'typo').replace('c1 writes', 'c1 wrties');
