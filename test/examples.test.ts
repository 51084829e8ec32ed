/** The gallery: every example gives what it says, formats to itself, and each broken form stands beside its mended one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';
import { formatDocument } from '../server/src/language/format.ts';
import { parseDocument } from '../server/src/language/parser.ts';
import { expectedSquiggles, foundSquiggles } from './analysis/squiggles.ts';

const folder = join(import.meta.dirname, '../examples');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pawl')).sort();

const contents = readFileSync(join(folder, 'README.md'), 'utf8');

describe.each(files)('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const analysis = analyseNow(text);

  test('gives what it says', () => {
    expect(foundSquiggles(analysis).filter((found) => found.includes(': error '))).toEqual(expectedSquiggles(text));
    for (const block of analysis.blocks) {
      if (block.kind !== 'scenario') continue;
      expect(block.verdict, block.name).toBe('as-expected');
      expect(block.expectations.length, `${block.name} expects something`).toBeGreaterThan(0);
    }
  });

  test('has no step that never happens', () => {
    expect(analysis.diagnostics.filter((diagnostic) => diagnostic.message.startsWith('This never')).map((diagnostic) => diagnostic.place.line + 1)).toEqual([]);
  });

  test('is in the table of contents, once', () => {
    const line = `- [${name.split('/').at(-1)!}](${name}): what it shows, in one line.`;
    expect(contents.split(`](${name})`).length - 1, `add to examples/README.md, where it belongs in the course:\n${line}\n`).toBe(1);
  });

  test('formats to itself', () => { expect(formatDocument(parseDocument(text))).toBe(text); });
});

/** Scenarios A1a to A9a of the road: the first block breaks (or is the happy exchange), another holds. */
const ROAD = ['a1a', 'a1b', 'a1c', 'a2a', 'a2b', 'a2c', 'a3a', 'a3b', 'a4a', 'a5a', 'a5b', 'a6a', 'a6b', 'a6c', 'a6d', 'a7a', 'a8a', 'a8b', 'a8c', 'a9a', 'a10a', 'a14b', 'a14c'];

test.each(ROAD)('%s is there, broken and mended', (step) => {
  const name = files.find((file) => file.startsWith(`road/${step}-`));
  expect(name).toBeDefined();
  const { blocks } = analyseNow(readFileSync(join(folder, name!), 'utf8'));
  if (step === 'a1a') return;
  expect(blocks.some((block) => block.violations.some((violation) => violation.expected || violation.finding.severity === 'information'))).toBe(true);
  expect(blocks.some((block) => !block.violations.some((violation) => violation.finding.severity === 'error'))).toBe(true);
});
