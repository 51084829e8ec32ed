/** Judging a run of a hundred thousand events; the peer is the simulation that made it. */
import { executionOfRun } from '../../server/src/analysis/execution.ts';
import { CHECKERS, checkExecution } from '../../server/src/checkers/index.ts';
import { Simulation } from '../../server/src/engine/simulation.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { lowerScenario } from '../../server/src/model/lower.ts';
import { CATALOGUE, protocolNamed } from '../../server/src/protocols/registry.ts';

/** Two clients that write and read one key all the time, and an interruption each second. */
const scenario = (preset: string): string => `scenario "long" {
  protocol primary-backup like ${preset}
  nodes    A B C D E
  clients  c1 c2 c3
  network  delay 1ms..3ms
  run to   10s
  every 12ms from 0ms to 10s  c1 writes k = 1
  every 17ms from 5ms to 10s  c2 adds 1 to n
  every 12ms from 7ms to 10s  c3 reads k
  at 2s    pause A for 600ms
  at 4s    partition {A B c1} | {C D E c2 c3}
  at 5s    heal
}
`;

function timed<T>(action: () => T): { readonly ms: number; readonly value: T } {
  const start = performance.now();
  const value = action();
  return { ms: performance.now() - start, value };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

for (const preset of ['timers', 'ratchet', 'quorum-reads']) {
  const document = parseDocument(scenario(preset));
  const lowered = lowerScenario(document, document.blocks[0]!, CATALOGUE).value!;
  const simulate = (): Simulation => {
    const simulation = new Simulation(lowered, protocolNamed(lowered.protocol)!.configure(lowered), { budget: 5_000_000 });
    while (!simulation.advance(100_000)) { /* to the end */ }
    return simulation;
  };
  const runs = Array.from({ length: 5 }, () => timed(simulate));
  const run = runs[0]!.value.run();
  const execution = executionOfRun(lowered, run);
  const first = timed(() => checkExecution(execution));
  const checks = Array.from({ length: 5 }, () => timed(() => checkExecution(execution)).ms);
  const slowest = CHECKERS.map((checker) => ({ code: checker.codes[0]!, ms: median(Array.from({ length: 5 }, () => timed(() => checker.check(execution)).ms)) }))
    .sort((a, b) => b.ms - a.ms);
  const simulated = median(runs.map(({ ms }) => ms)), checked = median(checks);
  console.log(`${preset}: ${run.log.length} events, ${execution.operations.length} operations, ${first.value.chains.length} chains, unknown: ${first.value.unknown.join() || 'none'}`);
  console.log(`  checked in ${checked.toFixed(1)} ms (the first time ${first.ms.toFixed(1)}), simulated in ${simulated.toFixed(1)}: ${(simulated / checked).toFixed(1)} times as long`);
  console.log(`  ${slowest.slice(0, 4).map(({ code, ms }) => `${code} ${ms.toFixed(1)}`).join(', ')}`);
}
