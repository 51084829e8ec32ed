/** docs/faults.md: what it says to write can be written as it stands, and does something. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';
import { formatDocument } from '../server/src/language/format.ts';
import { FAULTS } from '../server/src/language/grammarFaults.ts';
import { parseDocument } from '../server/src/language/parser.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/faults.md'), 'utf8');
/** The lines of each row's first column. */
const rows = [...page.matchAll(/^\| (`.*?`) \| .*\|$/gm)].map((match) => [...match[1]!.matchAll(/`([^`]+)`/g)].map((span) => span[1]!.replaceAll('\\|', '|')));

function scenarioOf(lines: readonly string[]): string {
  return [
    'scenario "one row" {', '  protocol primary-backup', '  nodes   A B C', '  clients c1 c2', '',
    ...lines.map((line) => `  ${line}`), '  at 50ms   c1 writes k = 1 to A', '  at 120ms  c1 writes k = 5 to A', '  at 400ms  timeout C', '  run to 2s', '}', '',
  ].join('\n');
}

describe('the page of faults', () => {
  test('has rows', () => { expect(rows.length).toBeGreaterThan(30); });

  test.each(rows.map((lines) => [lines.join('; '), lines] as const))('%s', (_, lines) => {
    const text = scenarioOf(lines), analysis = analyseNow(text), ofRow = analysis.diagnostics.filter(({ place }) => place.line > 4 && place.line <= 4 + lines.length);
    expect(analysis.diagnostics.filter(({ code }) => ['syntax', 'name', 'statement', 'quantity'].includes(code)).map(({ message }) => message)).toEqual([]);
    expect(ofRow.filter(({ message }) => message.startsWith('This never')).map(({ message }) => message)).toEqual([]);
    expect(formatDocument(parseDocument(text))).toBe(text);
  });

  test('names every fault', () => {
    const said = rows.flat().join('\n');
    for (const word of FAULTS.keys()) if (word !== 'transfer') expect(said).toMatch(new RegExp(`\\b${word}\\b`));
  });
});
