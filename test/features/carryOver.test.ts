import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { carriedDiagnostics, carryOver, lineMap } from '../../server/src/features/carryOver.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { LATE_COMMIT, SIX } from './cursor.ts';

const lines = (text: string) => parseDocument(text).lines;

describe('lineMap', () => {
  it('keeps what stands before and after a change', () => {
    const map = lineMap(lines('// a\n// b\n// c\n// d'), lines('// a\n// new\n// b\n// c\n// d'));
    expect([0, 1, 2, 3].map(map)).toEqual([0, 2, 3, 4]);
  });

  it('loses lines that are gone', () => {
    const map = lineMap(lines('// a\n// b\n// c'), lines('// a\n// c'));
    expect([0, 1, 2].map(map)).toEqual([0, -1, 1]);
  });
});

describe('carryOver', () => {
  const text = SIX.replace('  expect split-brain\n', '') + LATE_COMMIT;

  it('moves verdicts with their lines when a line comes above', () => {
    const before = analyseNow(text);
    const after = carryOver(before, parseDocument(`// new\n${text}`));
    expect(after.diagnostics.map((each) => [each.code, each.place.line]))
      .toEqual(before.diagnostics.map((each) => [each.code, each.place.line + 1]));
    expect(after.blocks.map((block) => block.line)).toEqual(before.blocks.map((block) => block.line + 1));
    expect(inlayHints(after).map((hint) => [hint.line, hint.text])).toEqual(inlayHints(before).map((hint) => [hint.line + 1, hint.text]));
  });

  it('keeps verdicts and hints while a line of the block is typed', () => {
    const before = analyseNow(text);
    const changed = text.replace('  at 900ms  heal\n', '  at 900ms  heal\n  at 950ms  c1 rea\n');
    const after = carryOver(before, parseDocument(changed));
    expect(after.diagnostics.filter((each) => each.code === 'split-brain').length).toBe(1);
    expect(after.diagnostics.some((each) => each.code === 'syntax')).toBe(true);
    expect(inlayHints(after).length).toBe(inlayHints(before).length);
    expect(carriedDiagnostics(before, parseDocument(changed))).toEqual(after.diagnostics);
  });

  it('is of the new text, whatever it is', () => {
    expect(carryOver(analyseNow(text), parseDocument('')).blocks).toEqual([]);
    expect(carryOver(analyseNow(''), parseDocument(text)).blocks).toEqual([]);
  });
});
