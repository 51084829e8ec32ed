/**
 * The papers' figures that show a run, message for message. The comment above each document of test/figures lists the messages
 * in the figure's order (`//   A -> B C  prepare k`: one sender, at one moment); what else of these kinds is sent is wrong, and
 * what the figure leaves out (heartbeats, retries to the idle) is left out here. The whole run is a golden trace, which read
 * back gives the same violations.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';
import type { Analysis } from '../server/src/analysis/analysis.ts';
import { EVENT } from '../server/src/engine/events.ts';
import { traceOfRun } from '../server/src/interchange/trace.ts';

const folder = join(import.meta.dirname, 'figures');
const figures = readdirSync(folder).filter((name) => name.endsWith('.pawl')).sort();
/** Figures that draw states rather than messages, or that an example shows. */
const EXAMPLES: readonly (readonly [name: string, document: string])[] = [
  ['primary-backup.the-essays-exchange.pawl', 'examples/road/a1a-the-exchange.pawl'],
  ['epaxos.figure-3-explicit-prepare.pawl', 'examples/epaxos/3-recovery.pawl'],
  ['raft.figure-7.pawl', 'test/figures/states/raft.figure-7.pawl'],
  ['raft.figure-8.pawl', 'examples/bugs/e06-raft-figure-8.pawl'],
];
const documentOf = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8');

interface Sending { readonly from: string; readonly to: string; readonly what: string }

const shown = ({ from, to, what }: Sending): string => `${from} -> ${to}  ${what}`;

function drawn(text: string): readonly Sending[] {
  return [...text.matchAll(/^\/\/ {3}(\S+) -> (.+?) {2,}(.+)$/gm)].map(([, from, to, what]) => ({ from: from!, to: to!.split(' ').sort().join(' '), what: what!.trim() }));
}

/** What was sent in the first block: equal messages of one sender at one moment are one sending. */
function sent(analysis: Analysis): readonly Sending[] {
  const { log, names } = analysis.blocks[0]!.run!, sendings: { key: string; from: string; to: string[]; what: string }[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.send) continue;
    const from = names[log.node(i)]!, to = names[log.peer(i)]!, what = `${log.word(i)} ${log.text(i)}`.trim(), key = `${log.timeUs(i)} ${from} ${what}`;
    const open = sendings.find((sending) => sending.key === key);
    if (open === undefined) sendings.push({ key, from, to: [to], what }); else open.to.push(to);
  }
  return sendings.map(({ from, to, what }) => ({ from, to: to.sort().join(' '), what }));
}

/** Kinds of messages are told apart by their word, and by whether they say what they are about. */
const kindOf = (what: string): string => `${what.split(' ')[0]}${what.includes(' ') ? ' …' : ''}`;

const codesOf = (analysis: Analysis): readonly (readonly string[])[] => analysis.blocks.map(({ violations }) =>
  [...new Set(violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter((finding) => finding.severity === 'error').map((finding) => finding.code))].sort());

async function golden(name: string, analysis: Analysis): Promise<void> {
  const traces = analysis.blocks.map(({ scenario, run }) => traceOfRun(scenario!, run!)).join('\n');
  await expect(traces).toMatchFileSnapshot(join(import.meta.dirname, 'goldens/figures', name));
  expect(codesOf(analyseNow(traces)), 'the same violations, read back').toEqual(codesOf(analysis));
}

describe.each(figures)('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8'), analysis = analyseNow(text);

  test('is as expected', () => { expect(analysis.blocks.map(({ verdict }) => verdict)).toEqual(['as-expected']); });

  test('is what the figure draws', () => {
    const figure = drawn(text), kinds = new Set(figure.map(({ what }) => kindOf(what)));
    expect(figure.length).toBeGreaterThan(3);
    expect(sent(analysis).filter(({ what }) => kinds.has(kindOf(what))).map(shown)).toEqual(figure.map(shown));
  });

  test('is the golden run', () => golden(name, analysis));
});

test.each(EXAMPLES)('%s is the golden run', async (name, document) => {
  const analysis = analyseNow(documentOf(document));
  expect(analysis.blocks.map(({ verdict }) => verdict), document).not.toContain('violated');
  await golden(name, analysis);
});

test('raft.figure-7.pawl: the terms of the logs are those drawn, and afterwards all are the leader’s', () => {
  const text = documentOf('test/figures/states/raft.figure-7.pawl'), leads = 'run to    645ms';
  const logsOf = (document: string): readonly string[] => {
    const { names, finalViews } = analyseNow(document).blocks[0]!.run!;
    return finalViews.map(({ log }, node) => `${names[node]}: ${log.map(({ epoch }) => epoch).join(' ')}`);
  };
  expect(text).toContain('run to    1500ms');
  expect(logsOf(text.replace('run to    1500ms', leads))).toEqual([
    'F: 1 1 1 2 2 2 3 3 3 3 3', 'L: 1 1 1 4 4 5 5 6 6 6', 'A: 1 1 1 4 4 5 5 6 6', 'B: 1 1 1 4', 'C: 1 1 1 4 4 5 5 6 6 6 6', 'D: 1 1 1 4 4 5 5 6 6 6 7 7', 'E: 1 1 1 4 4 4 4',
  ]);
  expect(logsOf(text)).toEqual(['F', 'L', 'A', 'B', 'C', 'D', 'E'].map((node) => `${node}: 1 1 1 4 4 5 5 6 6 6 8`));
});
