import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import type { Analysis } from '../../server/src/analysis/analysis.ts';
import { carriedDiagnostics, carryOver, keepVerdicts, lineMap } from '../../server/src/features/carryOver.ts';
import { codeLenses } from '../../server/src/features/codeLenses.ts';
import { hover } from '../../server/src/features/hover.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { LATE_COMMIT, PAST, SIX } from './cursor.ts';

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

describe('keepVerdicts', () => {
  const text = SIX.replace('  expect split-brain\n', '') + LATE_COMMIT + PAST;
  const half = text.replace('  at 900ms  heal\n', '  at 900ms  heal\n  at 950ms  c1 rea\n');
  const codes = (analysis: Analysis): string[] => analysis.diagnostics.map((each) => each.code);

  it('keeps what was found in a block until it can be judged again, beside what is wrong with its text', () => {
    const before = analyseNow(text), now = analyseNow(half);
    expect(codes(now)).not.toContain('split-brain');
    const kept = keepVerdicts(before, now);
    expect(codes(kept).toSorted()).toEqual([...codes(before), 'syntax'].toSorted());
    expect(kept.blocks.map((block) => [block.verdict, block.beforeEdit])).toEqual([['violated', true], ['violated', undefined], ['violated', undefined]]);
    expect(inlayHints(kept).map((hint) => hint.text)).toEqual(inlayHints(before).map((hint) => hint.text));
    expect(codeLenses(kept)[0]!.title).toBe('✗ 1 violation (before this edit)');
    expect(hover(kept, { line: 9, column: 18 })?.markdown).toMatch(/acknowledged.*As it ran before this edit/s);
  });

  it('goes on keeping over several edits, and lets go when the block is right again or gone', () => {
    const before = analyseNow(text);
    const once = keepVerdicts(before, analyseNow(half));
    const twice = keepVerdicts(once, analyseNow(`// above\n${half}`));
    expect(twice.diagnostics.find((each) => each.code === 'split-brain')?.place.line)
      .toBe(before.diagnostics.find((each) => each.code === 'split-brain')!.place.line + 1);
    const mended = analyseNow(half.replace('c1 rea', 'c1 reads k from A'));
    expect(keepVerdicts(twice, mended)).toBe(mended);
    const gone = analyseNow(half.slice(half.indexOf('trace')).replace('A leads', 'A leeds'));
    expect(codes(keepVerdicts(twice, gone))).not.toContain('split-brain');
  });

  it('keeps no verdict of a block whose kind changed, nor one that there never was', () => {
    const other = analyseNow(text.replace('scenario "six', 'history "six'));
    expect(codes(keepVerdicts(analyseNow(text), other))).not.toContain('split-brain');
    const wrong = analyseNow(half);
    expect(keepVerdicts(analyseNow(''), wrong)).toBe(wrong);
  });

  it('of a trace and a history too', () => {
    const wrong = analyseNow(text.replace('@15ms..16ms', '@15ms..').replace('reads  k       5\n', 'reads  k       5\n  X 1..\n'));
    const kept = keepVerdicts(analyseNow(text), wrong);
    expect(codes(kept)).toEqual(expect.arrayContaining(['stale-epoch', 'not-linearizable']));
    expect(kept.blocks[2]!.history?.operations.length).toBe(5);
  });
});
