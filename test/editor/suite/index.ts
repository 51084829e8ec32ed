/** The entry that VS Code's extension test host calls: runs every test in order and throws if one failed. */
import { writeFileSync } from 'node:fs';
import type { Test } from './harness.ts';
import { start } from './start.ts';

const TESTS: readonly Test[] = [...start];

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
      console.log(`FAIL  ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  const results = process.env['PAWL_RESULTS'];
  if (results !== undefined) writeFileSync(results, JSON.stringify({ passed, failed: failures.length, failures }));
  if (failures.length > 0) throw new Error(`${failures.length} of the editor tests failed: ${failures.join('; ')}`);
}
