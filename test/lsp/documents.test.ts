import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentTable, textOf } from '../../server/src/lsp/documents.ts';
import type { Change, OpenDocument } from '../../server/src/lsp/documents.ts';
import { MOST_LINES, applyToLines, reasonForOff, splitLines } from '../../server/src/lsp/plainText.ts';

const linesOf = (open: OpenDocument | undefined): readonly string[] =>
  open?.content.kind === 'parsed' ? open.content.document.lines.map((line) => line.text) : open?.content.lines ?? [];

const change = fc.record({
  line: fc.nat(8), column: fc.nat(12), lines: fc.nat(2), columns: fc.nat(12),
  text: fc.constantFrom('', 'a', '\n', 'b\nc', '{', '}', '"', '//', '\r\n', '  nodes A\n'),
}).map(({ line, column, lines, columns, text }) => (
  { start: { line, column }, end: { line: line + lines, column: lines === 0 ? column + columns : columns }, text }));

describe('a table of documents', () => {
  it('arrives at the same lines as the plain text does, change by change', () => {
    fc.assert(fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (edits) => {
      const table = new DocumentTable();
      let lines = ['scenario "x" {', '  nodes A B', '}', ''];
      table.add('u', 1, lines.join('\n'));
      edits.forEach((changes, index) => {
        table.change('u', index + 2, changes);
        lines = applyToLines(lines, changes);
        expect(linesOf(table.get('u'))).toEqual(lines);
      });
    }));
  });

  it('takes a whole text among changes with ranges', () => {
    const table = new DocumentTable();
    table.add('u', 1, 'a');
    const changes: Change[] = [{ start: { line: 0, column: 0 }, end: { line: 0, column: 1 }, text: 'b' }, { text: 'c\nd' },
      { start: { line: 1, column: 0 }, end: { line: 1, column: 0 }, text: 'e' }];
    expect(linesOf(table.change('u', 2, changes))).toEqual(['c', 'ed']);
  });

  it('knows nothing of documents that are not open', () => {
    expect(new DocumentTable().change('u', 2, [{ text: '' }])).toBeUndefined();
  });
});

describe('text that is not analysed', () => {
  it('is too many lines, or holds a NUL', () => {
    expect(reasonForOff('\n'.repeat(MOST_LINES + 1))).toContain('too large');
    expect(reasonForOff('PK\u0000\u0001')).toContain('not look like text');
    expect(reasonForOff('scenario "é 😀 \t" {\r\n}')).toBeUndefined();
  });

  it('is analysed again once it is mended, and not before', () => {
    const table = new DocumentTable();
    table.add('u', 1, 'scenario "x" {\n\u0000\n}\n');
    const at = (line: number, from: number, to: number, text: string): Change =>
      ({ start: { line, column: from }, end: { line, column: to }, text });
    expect(table.change('u', 2, [at(0, 10, 11, 'y')])?.content.kind).toBe('off');
    const mended = table.change('u', 3, [at(1, 0, 1, '')])?.content;
    expect(mended?.kind === 'parsed' && textOf(mended.document)).toBe('scenario "y" {\n\n}\n');
    expect(table.change('u', 4, [at(1, 0, 0, '\u0000')])?.content.kind).toBe('off');
  });

  it('is split as the protocol says', () => {
    expect(splitLines('a\r\nb\rc\nd')).toEqual(['a', 'b', 'c', 'd']);
  });
});
