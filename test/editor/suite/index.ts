/** The entry that VS Code's extension test host calls: runs every test in order and throws if one failed. */
import { writeFileSync } from 'node:fs';
import { closeEverything, hasPage, screenshot } from './harness.ts';
import type { Test } from './harness.ts';
import { start } from './start.ts';
import { timeline } from './timeline.ts';
import { verdicts } from './verdicts.ts';
import { writing } from './writing.ts';

const TESTS: readonly Test[] = [...start, ...verdicts, ...writing, ...(hasPage ? timeline : [])];

export async function run(): Promise<void> {
  const only = process.env['PAWL_ONLY'] ?? '';
  let passed = 0;
  const failures: string[] = [];
  for (const { name, body } of TESTS.filter((test) => test.name.includes(only))) {
    try {
      await body();
      passed += 1;
      console.log(`ok    ${name}`);
    } catch (error) {
      failures.push(name);
      await screenshot(`failed-${failures.length}`).catch(() => undefined);
      console.log(`FAIL  ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
    await closeEverything();
  }
  const results = process.env['PAWL_RESULTS'];
  if (results !== undefined) writeFileSync(results, JSON.stringify({ passed, failed: failures.length, failures }));
  if (failures.length > 0) throw new Error(`${failures.length} of the editor tests failed: ${failures.join('; ')}`);
}
