/**
 * Random clients and faults: a protocol that keeps its promises is never accused, and one that does not is found out.
 * The scenarios are documents, so that a failing seed can be put into a file and looked at.
 */
import { describe, expect, it } from 'vitest';
import { executionOfRun } from '../../server/src/analysis/execution.ts';
import type { Finding } from '../../server/src/checkers/checker.ts';
import { checkExecution } from '../../server/src/checkers/index.ts';
import { Simulation } from '../../server/src/engine/simulation.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { lowerScenario } from '../../server/src/model/lower.ts';
import { CATALOGUE, protocolNamed } from '../../server/src/protocols/registry.ts';
import { Dice, forSeeds } from './dice.ts';

function fault(dice: Dice, nodes: readonly string[]): readonly string[] {
  const node = dice.pick(nodes), at = dice.roll(2000), back = at + 50 + dice.roll(900), cutAt = 1 + dice.roll(nodes.length - 1);
  switch (dice.roll(6)) {
    case 0: return [`at ${at}ms crash ${node}${dice.chance(20) ? ' losing unsynced' : ''}`, `at ${back}ms restart ${node}`];
    case 1: return [`at ${at}ms pause ${node} for ${back - at}ms`];
    case 2: return [`at ${at}ms partition {${nodes.slice(0, cutAt).join(' ')} c1} | {${nodes.slice(cutAt).join(' ')} c2}`, `at ${back}ms heal`];
    case 3: return [`at ${at}ms isolate ${node}`, `at ${back}ms heal`];
    case 4: return [`drop * -> ${node} ${dice.pick(['propose', 'accept', 'commit', 'heartbeat', 'promise', 'lead'])} #${1 + dice.roll(5)}`];
    default: return [`at ${at}ms timeout ${node}`];
  }
}

function operation(dice: Dice, nodes: readonly string[], value: number): string {
  const key = dice.pick(['k', 'k', 'j']);
  const action = dice.pick([`writes ${key} = ${value}`, `writes ${key} = ${value}`, `reads ${key}`, `reads ${key}`, `cas ${key} ${dice.roll(6)} -> ${value}`, 'adds 1 to n', `deletes ${key}`]);
  const target = dice.chance(action.startsWith('reads') ? 60 : 30) ? ` ${action.startsWith('reads') ? 'from' : 'to'} ${dice.pick(nodes)}` : '';
  return `at ${dice.roll(2500)}ms ${dice.pick(['c1', 'c2', 'c3'])} ${action}${target}${dice.pick(['', '', '', ' within 300ms', ' within 100ms retrying'])}`;
}

function scenario(dice: Dice, seed: number, protocol: string): string {
  const nodes = 'A B C D E'.split(' ').slice(0, dice.pick([3, 3, 4, 5]));
  const statements = [
    `protocol primary-backup ${protocol}`, `nodes ${nodes.join(' ')}`, 'clients c1 c2 c3', 'network delay 2ms..12ms', `seed ${seed + 1}`, 'run to 4s',
    ...Array.from({ length: 1 + dice.roll(6) }, () => fault(dice, nodes)).flat(), ...Array.from({ length: 20 }, (_, i) => operation(dice, nodes, i)),
  ];
  return `scenario "seed ${seed}" {\n${statements.map((statement) => `  ${statement}\n`).join('')}}\n`;
}

function errorsOf(text: string): readonly Finding[] {
  const document = parseDocument(text), lowered = lowerScenario(document, document.blocks[0]!, CATALOGUE);
  if (lowered.value === undefined) throw new Error(lowered.diagnostics.map(({ message }) => message).join('\n'));
  const simulation = new Simulation(lowered.value, protocolNamed(lowered.value.protocol)!.configure(lowered.value));
  while (!simulation.advance(10_000)) { /* to the end */ }
  const { chains, unknown } = checkExecution(executionOfRun(lowered.value, simulation.run()));
  expect(unknown).toEqual([]);
  return chains.flatMap(({ primary, folded }) => [primary, ...folded]).filter(({ severity }) => severity === 'error');
}

describe('random runs', () => {
  it.each(['like quorum-reads', 'like quorum-reads { catch-up up-to-date-vote }', 'like quorum-reads { read-path log }'])('find nothing wrong with %s', (protocol) => {
    forSeeds(40, (dice, seed) => {
      const text = scenario(dice, seed, protocol);
      expect(errorsOf(text).map(({ code, message }) => `${code}: ${message}`), text).toEqual([]);
    });
  });

  it.each([
    ['like timers', ['split-brain', 'diverged', 'lost-write', 'stale-epoch']],
    ['like quorum-reads { catch-up none }', ['lost-write', 'diverged']],
    ['like quorum-reads { ratchet none }', ['stale-epoch', 'diverged']],
    ['like quorum-reads { read-path any-local }', ['stale-read', 'not-linearizable']],
    ['like quorum-reads { persist log }', ['epoch-regression']],
    ['like quorum-reads { sessions off }', ['duplicate-execution']],
  ] as const)('find out %s', (protocol, codes) => {
    const found = new Set<string>();
    forSeeds(160, (dice, seed) => {
      if (codes.every((code) => found.has(code))) return;
      for (const { code } of errorsOf(scenario(dice, seed, protocol))) found.add(code);
    });
    expect([...codes].filter((code) => !found.has(code))).toEqual([]);
  });
});
