import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { executionOfRun } from '../../server/src/analysis/execution.ts';
import type { Execution, Finding } from '../../server/src/checkers/checker.ts';
import { checkExecution } from '../../server/src/checkers/index.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { Simulation } from '../../server/src/engine/simulation.ts';
import type { Run } from '../../server/src/engine/run.ts';
import { executionOfTrace, traceOfRun } from '../../server/src/interchange/trace.ts';
import { formatDocument } from '../../server/src/language/format.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { lowerScenario, lowerTrace } from '../../server/src/model/lower.ts';
import type { Scenario } from '../../server/src/model/scenario.ts';
import { CATALOGUE, protocolNamed } from '../../server/src/protocols/registry.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname;

function run(scenario: Scenario): Run {
  const simulation = new Simulation(scenario, protocolNamed(scenario.protocol)!.configure(scenario), { budget: 20_000 });
  while (!simulation.advance(5000));
  return simulation.run();
}

function scenariosOf(text: string): readonly Scenario[] {
  const document = parseDocument(text);
  return document.blocks.filter(({ kind }) => kind === 'scenario').map((block) => lowerScenario(document, block, CATALOGUE).value)
    .filter((scenario) => scenario !== undefined);
}

/** A written trace, read back. Fails where it does not parse, has a diagnostic, or is not formatted as it should be. */
function readBack(text: string): Execution {
  const document = parseDocument(text);
  const problems = [
    ...document.lines.flatMap((line, number) => line.problems.map(({ message }) => `${number + 1}: ${message}: ${line.text}`)),
    ...document.structureProblems.map(({ line, message }) => `${line + 1}: ${message}`),
  ];
  expect(problems).toEqual([]);
  const { value, diagnostics } = lowerTrace(document, document.blocks[0]!, CATALOGUE);
  expect(diagnostics.map(({ place, message }) => `${place.line + 1}: ${message}: ${document.lines[place.line]?.text ?? ''}`)).toEqual([]);
  return executionOfTrace(value!);
}

/** What a run's end and a trace's end tell differently: whether something that is still open stays so for ever. */
const isOpenEnded = ({ code, message }: Finding): boolean => code === 'no-progress' || code === 'blocked' || (code === 'commit-lag' && message.includes('never'));

function verdicts(execution: Execution): readonly string[] {
  const findings = checkExecution(execution).chains.flatMap(({ primary, folded }) => [primary, ...folded]);
  const lines = findings.filter((found) => !isOpenEnded(found))
    .map(({ code, nodes }) => `${code} ${[...nodes].sort().map((node) => execution.names[node]).join(' ')}`.trimEnd());
  return [...new Set(lines)].sort();
}

function blocked(execution: Execution): readonly string[] {
  return checkExecution(execution).chains.flatMap(({ primary, folded }) => [primary, ...folded]).filter(({ code }) => code === 'blocked')
    .map(({ nodes }) => nodes.map((node) => execution.names[node]).join(' ')).sort();
}

function sameBothWays(scenario: Scenario): void {
  const ran = run(scenario);
  const before = executionOfRun(scenario, ran);
  const after = readBack(traceOfRun(scenario, ran));
  expect(verdicts(after)).toEqual(verdicts(before));
  if (ran.end !== 'budget') expect(blocked(after)).toEqual(blocked(before));
  expect(after.operations.map(({ outcome, value }) => [outcome, value ?? ''])).toEqual(before.operations.map(({ outcome, value }) => [outcome, value ?? '']));
}

function pawlFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? pawlFiles(path) : path.endsWith('.pawl') ? [path] : [];
  }).sort();
}

describe('a run written as a trace and read back', () => {
  for (const path of pawlFiles(EXAMPLES)) {
    it(`finds the same: ${path.slice(EXAMPLES.length)}`, () => {
      for (const scenario of scenariosOf(readFileSync(path, 'utf8'))) sameBothWays(scenario);
    });
  }

  it('reads like one written by hand', () => {
    const [scenario] = scenariosOf('scenario "two phases" {\n  protocol 2pc\n  nodes A B C\n  clients c1\n  at 0ms  c1 writes k = 1\n  at 35ms  crash B\n}');
    expect(traceOfRun(scenario!, run(scenario!))).toBe(`trace "two phases" {
  protocol primary-backup like naive
  nodes   A B C
  clients c1

  @0ms         A leads 3 votes         {1}
  @0ms..10ms   c1 -> A  write k = 1
  @10ms        A accepts k = 1         {1,1}
  @10ms..20ms  A -> B   propose k = 1  {1,1}
  @10ms..20ms  A -> C   propose k = 1  {1,1}
  @20ms        B accepts k = 1         {1,1}
  @20ms..30ms  B -> A   accept k = 1   {1,1}
  @20ms        B doubts k = 1          {1,1}
  @20ms        C accepts k = 1         {1,1}
  @20ms..30ms  C -> A   accept k = 1   {1,1}
  @20ms        C doubts k = 1          {1,1}
  @30ms        A commits k = 1         {1,1}
  @30ms        A applies k = 1         {1,1}
  @30ms..lost  A -> B   commit k = 1   {1,1}
  @30ms..40ms  A -> C   commit k = 1   {1,1}
  @30ms..40ms  A -> c1  ok
  @35ms        B crashes
  @40ms        C settles k = 1         {1,1}
  @40ms        C commits k = 1         {1,1}
  @40ms        C applies k = 1         {1,1}
}
`);
  });

  it('keeps what was lost lost, and what had not arrived on its way', () => {
    const [scenario] = scenariosOf(`scenario "cut short" {
  protocol primary-backup
  nodes A B C
  clients c1
  network fifo
  at 0ms  c1 writes k = 1 to A
  drop A -> C propose #1
  hold B -> A accept #1 until 2s
  duplicate A -> B propose #1
  run to 55ms
}`);
    const ran = run(scenario!), before = executionOfRun(scenario!, ran), text = traceOfRun(scenario!, ran), after = readBack(text);
    expect(text).toMatch(/@10ms\.\.lost +A -> C +propose k = 1/);
    expect(text).toMatch(/@20ms\.\. +B -> A +accept k = 1/);
    expect(text).toMatch(/@10ms\.\.20ms +A -> B +propose k = 1/);
    const fates = ({ log }: Execution): readonly string[] => {
      const ends = (send: number, kind: number): boolean => Array.from({ length: log.length }, (_, i) => i).some((i) => log.kind(i) === kind && log.cause(i) === send);
      return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.send && log.node(i) !== log.peer(i))
        .map((i) => `${log.word(i)} ${log.node(i)} ${log.peer(i)} ${ends(i, EVENT.receive) ? 'arrived' : ends(i, EVENT.lost) ? 'lost' : 'under way'}`).sort();
    };
    expect(fates(after)).toEqual(fates(before));
    expect(fates(after).filter((fate) => fate.endsWith('under way')).length).toBeGreaterThan(1);
    expect(verdicts(after)).toEqual(verdicts(before));
  });

  it('is formatted already', () => {
    const [scenario] = scenariosOf(readFileSync(join(EXAMPLES, 'road/a6a-six-nodes.pawl'), 'utf8'));
    const text = traceOfRun(scenario!, run(scenario!));
    expect(formatDocument(parseDocument(text))).toBe(text);
  });

  it('reads transactions of znodes as they were asked, and finds the old look after one', () => {
    const [scenario] = scenariosOf(['scenario "s" {', '  protocol zab { reconnect anywhere }', '  nodes A B C', '  clients c1 c2', '  network A -> C delay 200ms',
      '  at 0ms c1 does { creates /a = 1; creates /q } to A', '  at 300ms c1 does { checks /a if version 0; sets /a = 2 if version 0; creates /q/n- = "x, y" ephemeral sequential; removes /no }',
      '  at 400ms c2 gets /a', '  at 500ms c1 does { sets /a = 2; creates /q/n- = x sequential; removes /q/n-0000000000 }', '  at 600ms c2 gets /a', '  at 650ms c2 gets /a from C', '  run to 2s', '}'].join('\n'));
    const ran = run(scenario!), again = readBack(traceOfRun(scenario!, ran));
    expect(again.operations.map(({ action }) => action)).toEqual(executionOfRun(scenario!, ran).operations.map(({ action }) => action));
    expect(verdicts(again)).toEqual(['stale-read C']);
    sameBothWays(scenario!);
  });

  it('finds the same whatever happens', () => {
    fc.assert(fc.property(anyScenario, (text) => {
      for (const scenario of scenariosOf(text)) sameBothWays(scenario);
    }), { numRuns: 150 });
  });
});

const preset = fc.constantFrom('sharded', 'naive', 'tcp', '3pc', 'timers', 'sorted', 'majority', 'catch-up', 'ratchet', 'quorum-reads', 'piggyback');
const node = fc.constantFrom('A', 'B', 'C');
const at = fc.integer({ min: 0, max: 60 }).map((tens) => `at ${tens * 10}ms`);
const asked = fc.tuple(fc.constantFrom('c1', 'c2'), fc.constantFrom('writes k = 1', 'writes k = 2', 'reads k', 'adds 5 to n', 'cas k 1 -> 3', 'appends 7 to l', 'deletes k',
  'moves 2 from n to k', 'does { reads k; adds 1 to n; reads n }', 'does { cas k 1 -> 2; deletes n }'),
  fc.constantFrom('', ' to A', ' to B', ' within 150ms'))
  .map((words) => `${words[0]} ${words[1]}${words[2]}`);
const fault = fc.oneof(
  node.map((name) => `crash ${name}`), node.map((name) => `crash ${name} losing disk`), node.map((name) => `restart ${name}`), node.map((name) => `pause ${name} for 300ms`), node.map((name) => `timeout ${name}`),
  node.map((name) => `isolate ${name}`), fc.constant('heal'), fc.constantFrom('partition {A c1} | {B C c2}', 'cut A -> B', 'slow A -> B by 200ms'),
  fc.tuple(node, fc.constantFrom('*', 'commit', 'accept', 'propose', 'ok')).map(([name, word]) => `drop ${name} -> * ${word} #2`),
  node.map((name) => `suspend ${name} for 300ms, messages first`), node.map((name) => `isolate ${name} delivering what is on its way`), node.map((name) => `drop * -> ${name} * {1,2}`),
  fc.constantFrom('cut A <-> B holding what is on its way', 'swap A -> B commit and propose', 'swap B -> A accept and C -> A accept', 'disk B slow 60ms', 'crash B losing unsynced but the first 1'),
);
const knob = fc.constantFrom('votes reachable', 'votes majority', 'commit-quorum f-plus-1', 'catch-up up-to-date-vote', 'ratchet-scope followers', 'ratchet naive-tuple', 'epochs off',
  'epochs on', 'persist log', 'persist none', 'fsync late', 'in-doubt abort', 'in-doubt ask-peers', 'sessions off', 'batch 3', 'commit-prop piggyback', 'commit-timeout never', 'reply-at all-commit-acks', 'read-path log',
  'read-path any-local', 'stagger 0ms', 'multi-key 2pc');
const knobs = fc.uniqueArray(knob, { maxLength: 3, selector: (each) => each.replace('epochs', 'ratchet').split(' ')[0] });
const shards = fc.constantFrom('', '', '', '  shards {k l} on A, {n} on B', '  shards {n} on C, {k} on A, {l} on C');
const anyScenario = fc.tuple(preset, knobs, fc.boolean(), shards, fc.constantFrom('', '', '  stable from 400ms'), fc.array(fc.tuple(fc.oneof(at, fc.constant('every 90ms from 10ms to 300ms')), asked).map((words) => words.join('  ')), { maxLength: 5 }),
  fc.array(fc.tuple(at, fault).map((words) => words.join('  ')), { maxLength: 5 }))
  .map(([like, settings, unordered, parted, stable, operations, faults]) => ['scenario "any" {', `  protocol primary-backup like ${like} {`, ...settings.map((each) => `    ${each}`), '  }', '  nodes A B C', '  clients c1 c2',
    ...(unordered ? ['  network delay 5ms..15ms', '  network unordered'] : []), '  run to 1500ms', parted, stable, ...[...operations, ...faults].map((line) => `  ${line}`), '}'].join('\n'));
