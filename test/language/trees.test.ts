import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { formatDocument } from '../../server/src/language/format.ts';
import { problemsOf, treeOf } from './support.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/language');
const SOURCES = readdirSync(FOLDER).filter((name) => name.endsWith('.pawl'));

describe.each(SOURCES)('%s', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const document = parseDocument(text);

  it('has nothing wrong', () => {
    expect(problemsOf(document)).toEqual([]);
  });

  it('gives its tree', async () => {
    const blocks = document.blocks.map((block) => {
      const lines = document.lines.slice(block.start, block.end + 1).flatMap(({ text: source, statement }) => (
        statement === undefined ? [] : [`  ${source.trim()}`, `      ${treeOf(statement)}`]));
      return `${block.kind} ${JSON.stringify(block.name)} ${block.start + 1}-${block.end + 1}\n${lines.join('\n')}\n`;
    });
    await expect(blocks.join('\n')).toMatchFileSnapshot(join(FOLDER, name.replace(/\.pawl$/, '.tree')));
  });

  it('formats to itself', () => {
    expect(formatDocument(document)).toBe(text);
  });
});
