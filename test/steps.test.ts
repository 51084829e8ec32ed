/**
 * Mutations of the published bugs and of the road's broken forms: with any one of its steps left out, a scenario no longer
 * shows what it is there to show. A step that it could do without says so beside it, and why: `// not needed: it only shows
 * the loss`. A step that an earlier scenario of the file needed may stand in a later one, for comparison.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';
import { executionOfRun } from '../server/src/analysis/execution.ts';
import { judgeExpectations } from '../server/src/analysis/expectations.ts';
import { checkExecution } from '../server/src/checkers/index.ts';
import type { Scenario } from '../server/src/model/scenario.ts';
import { runOf } from './protocols/scenarios.ts';

const examples = join(import.meta.dirname, '../examples');
const files = ['bugs', 'road'].flatMap((folder) => readdirSync(join(examples, folder)).filter((name) => name.endsWith('.pawl')).sort().map((name) => `${folder}/${name}`));
const MARK = /\/\/ not needed: \S/;

/** Whether every violation that the scenario expects is still found without the statement on this line. */
function staysWithout(scenario: Scenario, line: number): boolean {
  const expectations = scenario.expectations.filter((expectation) => expectation.kind === 'violation' && !expectation.negated);
  const left: Scenario = { ...scenario, expectations, script: scenario.script.filter((step) => step.line !== line) };
  const execution = executionOfRun(left, runOf(left));
  const { chains } = checkExecution(execution);
  return judgeExpectations({ scenario: left, execution, chains }).every(({ met }) => met);
}

describe.each(files)('%s', (name) => {
  const text = readFileSync(join(examples, name), 'utf8'), lines = text.split('\n');
  const statement = (line: number): string => lines[line]!.replace(/\s*\/\/.*/, '').trim();
  const broken = analyseNow(text).blocks.flatMap(({ scenario }) => (
    scenario?.expectations.some((expectation) => expectation.kind === 'violation' && !expectation.negated) === true ? [scenario] : []));
  const needed = new Set<string>();

  test.each(broken.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
    const wrong: string[] = [];
    for (const line of [...new Set(scenario.script.map((step) => step.line))].sort((a, b) => a - b)) {
      const stays = staysWithout(scenario, line), marked = MARK.test(lines[line]!);
      if (!stays) needed.add(statement(line));
      if (stays === marked || (stays && needed.has(statement(line)))) continue;
      wrong.push(`line ${line + 1}: ${statement(line)}  ${stays ? 'leaves the violation: drop it, or write `// not needed: …` beside it' : 'is needed: take away the mark'}`);
    }
    expect(wrong).toEqual([]);
  });
});
