import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { codeActions, fixable } from '../../server/src/features/codeActions.ts';
import { codeLenses } from '../../server/src/features/codeLenses.ts';
import { foldingRanges } from '../../server/src/features/folding.ts';
import { formatting } from '../../server/src/features/formatting.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { pageLinks } from '../../server/src/features/links.ts';
import { report } from '../../server/src/features/report.ts';
import { TOKEN_TYPES, semanticTokens } from '../../server/src/features/semanticTokens.ts';
import { documentSymbols } from '../../server/src/features/symbols.ts';
import { formatDocument } from '../../server/src/language/format.ts';
import { LATE_COMMIT, PAST, SIX } from './cursor.ts';

describe('symbols', () => {
  it('are the blocks, with their names in them', () => {
    const symbols = documentSymbols(parseDocument(SIX + PAST));
    expect(symbols.map((each) => `${each.detail} ${each.name}`))
      .toEqual(['scenario six nodes split in half', 'history a read from the past']);
    expect(symbols[0]!.children.map((each) => each.name)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'c1', 'c2', 'w1', 'w2']);
    expect(symbols[1]!.children.map((each) => each.name)).toEqual(['B', 'C', 'D']);
  });
});

describe('folding', () => {
  it('folds blocks, groups in them, and runs of comments', () => {
    const text = '// one\n// two\nscenario "x" {\n  protocol primary-backup {\n    votes majority\n  }\n  at 1ms partition {A} | {B}\n}\n';
    expect(foldingRanges(parseDocument(text))).toEqual([
      { line: 0, endLine: 1, kind: 'comment' }, { line: 2, endLine: 6, kind: 'block' }, { line: 3, endLine: 4, kind: 'block' }]);
  });

  it('survives braces that never close', () => {
    expect(foldingRanges(parseDocument('scenario "x" {\n}\n}\n{\n'))).toEqual([]);
  });
});

describe('semantic tokens', () => {
  it('colour words by meaning', () => {
    const document = parseDocument(SIX);
    const words = semanticTokens(document).map(({ type, line, start, length }) =>
      `${TOKEN_TYPES[type]} ${document.lines[line]!.text.slice(start, start + length)}`);
    expect(words).toEqual(expect.arrayContaining([
      'keyword partition', 'class primary-backup', 'enum timers', 'variable A', 'event split-brain', 'variable w1']));
  });

  it('marks declarations', () => {
    const document = parseDocument(SIX);
    expect(semanticTokens(document, 2, 2).filter((token) => token.modifiers === 1).length).toBe(6);
  });
});

describe('formatting', () => {
  const apply = (text: string): string => {
    const lines = parseDocument(text).lines.map((line) => line.text);
    for (const edit of formatting(parseDocument(text)).reverse()) lines.splice(edit.from, edit.to - edit.from, ...edit.lines);
    return lines.join('\n');
  };

  it('changes only what is out of place', () => {
    const text = SIX.replace('  clients', '      clients');
    expect(formatting(parseDocument(text))).toEqual([{ from: 3, to: 4, lines: ['  clients  c1 c2'] }]);
    expect(formatting(parseDocument(SIX))).toEqual([]);
  });

  it('gives what the formatter gives', () => {
    const spread = SIX.replaceAll('\n', '\n\n\n');
    for (const text of [SIX, `\n\n\n${SIX}${PAST}`, spread, `${SIX}\n\n\n`, LATE_COMMIT.trimEnd(), 'scenario "x"{\nnodes A\n', '']) {
      expect(apply(text)).toBe(formatDocument(parseDocument(text)));
    }
  });
});

describe('inlay hints', () => {
  it('say who leads and how operations ended', () => {
    const hints = inlayHints(analyseNow(SIX));
    const on = (line: number): string[] => hints.filter((hint) => hint.line === line).map((hint) => hint.text);
    expect(on(2)).toEqual(['A leads {1}']);
    expect(on(7).join(' ')).toMatch(/E leads \{2\} at [\d.]+ ms/);
    expect(on(8)).toContainEqual(expect.stringMatching(/^✓ [\d.]+ ms$/));
  });

  it('stand before a comment', () => {
    const text = SIX.replace('w1: c1 writes k = 1 to A', 'w1: c1 writes k = 1 to A   // here');
    const hint = inlayHints(analyseNow(text)).find((each) => each.line === 8)!;
    expect(hint.column).toBe(text.split('\n')[8]!.indexOf('   // here'));
  });
});

describe('code lenses', () => {
  it('sum a block up and open its timeline', () => {
    const lenses = codeLenses(analyseNow(SIX + LATE_COMMIT + PAST));
    expect(lenses.filter((lens) => lens.action === 'timeline').map((lens) => lens.block)).toEqual([0, 1, 2]);
    expect(lenses[0]!.title).toMatch(/^✓ as expected · \d+ events · [\d.]+ m?s$/);
    expect(lenses[4]!.title).toMatch(/^✗ 1 violation/);
  });
});

describe('links', () => {
  it('lead from the codes of expectations to their pages', () => {
    expect(pageLinks(parseDocument(SIX)).map((link) => link.page)).toEqual(['violations/split-brain']);
  });
});

describe('report', () => {
  it('lists expectations and findings', () => {
    const text = report(analyseNow(SIX).blocks[0]!);
    expect(text).toContain('✓ `split-brain`');
    expect(text).toContain('## split-brain (as expected)');
  });
});

describe('code actions', () => {
  it('offer the fixes of the diagnostics on the line', () => {
    const { diagnostics } = analyseNow(SIX.replace('  expect split-brain\n', ''));
    const found = diagnostics.find((each) => each.code === 'split-brain')!;
    const actions = codeActions(fixable(diagnostics, found.place.line, found.place.line));
    expect(actions.length).toBeGreaterThan(0);
    expect(fixable(diagnostics, 0, 0)).toEqual([]);
  });
});
