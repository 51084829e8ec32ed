/**
 * Mutations of the published bugs and of the road's broken forms: with any one of its steps left out, a scenario no longer
 * shows what it is there to show. A step that it could do without says so beside it, and why: `// not needed: it only shows
 * the loss`. A step that an earlier scenario needed may stand in a later one of the file, or in the mended form, for
 * comparison.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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

const isBroken = (scenario: Scenario): boolean => scenario.expectations.some((expectation) => expectation.kind === 'violation' && !expectation.negated);

/** What is wrong with the marks of a document: its lines, with what to do about each. */
function wrongMarks(text: string): readonly string[] {
  const lines = text.split('\n'), needed = new Set<string>(), wrong: string[] = [];
  for (const { scenario } of analyseNow(text).blocks) {
    if (scenario === undefined || !isBroken(scenario)) continue;
    for (const line of [...new Set(scenario.script.map((step) => step.line))].sort((a, b) => a - b)) {
      const statement = lines[line]!.replace(/\s*\/\/.*/, '').trim();
      const stays = staysWithout(scenario, line), marked = MARK.test(lines[line]!);
      if (!stays) needed.add(statement);
      if (stays === marked || (stays && needed.has(statement))) continue;
      wrong.push(`line ${line + 1}: ${statement}: ${stays ? 'the violation stays without it; drop it, or say `// not needed: …` beside it' : 'the violation goes without it; take the mark away'}`);
    }
  }
  return wrong;
}

test.each(files)('%s: each step is needed, or says that it is not', (name) => {
  // What is mended keeps the steps of what was broken.
  const texts = [...new Set([name.replace('-mended.pawl', '.pawl'), name])].map((each) => readFileSync(join(examples, each), 'utf8'));
  expect(wrongMarks(texts.join('\n'))).toEqual([]);
});

test('a mark too few or too many is noticed', () => {
  const text = readFileSync(join(examples, 'bugs/e21-flexible-quorums.pawl'), 'utf8');
  expect(wrongMarks(text.replace(/ *\/\/ not needed: .*/, ''))).toEqual([expect.stringContaining('at 300ms heal: the violation stays without it')]);
  expect(wrongMarks(text.replace('to C\n', 'to C // not needed: it is\n'))).toEqual([expect.stringContaining('at 100ms w2: c2 writes k = 2 to C: the violation goes without it')]);
});
