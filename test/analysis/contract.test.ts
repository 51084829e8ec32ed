/** The documents of the language's contract give the results that their comments state. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import type { Analysis } from '../../server/src/analysis/analysis.ts';
import { foundSquiggles } from './squiggles.ts';

function contract(name: string): Analysis {
  return analyseNow(readFileSync(new URL(`../fixtures/contract/${name}.pawl`, import.meta.url), 'utf8'));
}

function errors(analysis: Analysis): readonly string[] {
  return foundSquiggles(analysis).filter((squiggle) => squiggle.includes(': error '));
}

describe('the scenarios', () => {
  const analysis = contract('scenarios');

  it('have no errors and no warnings', () => {
    expect(analysis.diagnostics.filter(({ severity }) => severity === 'error' || severity === 'warning')).toEqual([]);
  });

  it.each(analysis.blocks.map((block) => [block.name, block] as const))('%s: as expected', (_name, block) => {
    expect(block.expectations.filter((expectation) => !expectation.met)).toEqual([]);
    expect(block.expectations.length).toBeGreaterThan(0);
    expect(block.verdict).toBe('as-expected');
  });

  it('split-brain stands on the second acknowledged write, and names the partition and the knob', () => {
    const found = analysis.diagnostics.find(({ code }) => code === 'split-brain')!;
    const lines = analysis.document.lines;
    expect(lines[found.place.line]?.text).toContain('w2: c2 writes k = 2 to E');
    expect(lines[found.related[0]!.place.line]?.text).toContain('partition {A B C c1}');
    expect(found.related[1]!.message).toContain('reachable');
    expect(found.fixes[0]?.preferred).toBe(true);
  });

  it('with `like ratchet` the paused leader does no harm', () => {
    const lines = analysis.document.lines.map((line) => line.text);
    const start = lines.findIndex((line) => line.includes('garbage collection'));
    const text = lines.slice(start).join('\n').replace('like catch-up', 'like ratchet')
      .replace('expect stale-epoch', 'expect no violations');
    const ratchet = analyseNow(text);
    expect(ratchet.blocks.map(({ verdict }) => verdict)).toEqual(['as-expected']);
  });
});

it('the exploration is not run, and says so', () => {
  const analysis = contract('exploration');
  expect(analysis.blocks.map(({ verdict }) => verdict)).toEqual(['unknown']);
  expect(errors(analysis)).toEqual([]);
  expect(foundSquiggles(analysis).some((squiggle) => squiggle.endsWith('information not-in-this-version'))).toBe(true);
});

it('the trace has one error, on the late commit', () => {
  const analysis = contract('trace');
  expect(errors(analysis)).toEqual(['14: error stale-epoch']);
  expect(analysis.blocks.map(({ verdict }) => verdict)).toEqual(['violated']);
});

it('of the histories one is linearizable and one is not, on its last read', () => {
  const analysis = contract('histories');
  expect(analysis.blocks.map(({ verdict }) => verdict)).toEqual(['as-expected', 'violated']);
  expect(errors(analysis)).toEqual(['14: error not-linearizable']);
});
