/** What holds of every document, however wrong. A failing case prints its seed; run it again with PAWL_SEED=… */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PawlDocument, TextChange } from '../../server/src/language/document.ts';
import { applyChanges, parseDocument } from '../../server/src/language/parser.ts';
import { expectedAt, tokensOfLine } from '../../server/src/language/tokens.ts';
import { formatDocument } from '../../server/src/language/format.ts';
import { change, edited, text } from './arbitraries.ts';
import { problemsOf, statementsOf } from './support.ts';

const seed = process.env['PAWL_SEED'];
const options = (numRuns: number): fc.Parameters<unknown> => (seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) });

/** All that a document says, as plain data. */
function plain({ lines, blocks, structureProblems, states }: PawlDocument): unknown {
  return { lines, blocks, structureProblems, states };
}

describe('every document', () => {
  it('has a line for each line of the text, and blocks in order', () => {
    fc.assert(fc.property(text, (source) => {
      const document = parseDocument(source);
      expect(document.lines.map((line) => line.text)).toEqual(source.split(/\r\n|\n|\r/));
      let last = 0;
      for (const block of document.blocks) {
        expect(block.start).toBeGreaterThanOrEqual(last);
        expect(block.end).toBeGreaterThanOrEqual(block.start);
        expect(block.end).toBeLessThan(document.lines.length);
        last = block.end;
      }
    }), options(500));
  });

  it('has at most one problem a line, within the line', () => {
    fc.assert(fc.property(text, (source) => {
      const document = parseDocument(source);
      for (const line of document.lines) {
        expect(line.problems.length).toBeLessThanOrEqual(1);
        for (const { start, end, message } of line.problems) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(line.text.length);
          expect(message).not.toBe('');
        }
      }
    }), options(500));
  });

  it('has words in order, without overlap, with nothing but blanks between', () => {
    fc.assert(fc.property(text, (source) => {
      const document = parseDocument(source);
      document.lines.forEach((line, index) => {
        let at = 0;
        for (const token of tokensOfLine(document, index)) {
          expect(line.text.slice(at, token.start)).toMatch(/^[ \t\v\f\u00a0\ufeff]*$/);
          expect(token.end).toBeGreaterThan(token.start);
          expect(token.text).toBe(line.text.slice(token.start, token.end));
          at = token.end;
        }
        expect(line.text.slice(at)).toMatch(/^[ \t\v\f\u00a0\ufeff]*$/);
      });
    }), options(400));
  });

  it('can be completed anywhere', () => {
    fc.assert(fc.property(text, fc.nat(30), fc.nat(60), (source, line, column) => {
      for (const each of expectedAt(parseDocument(source), line, column)) expect(each.kind === 'name' || each.text !== '').toBe(true);
    }), options(1000));
  });

  it('gives the same roles where its states were left out', () => {
    fc.assert(fc.property(text, (source) => {
      const document = parseDocument(source);
      const { lines, blocks, structureProblems } = document;
      const bare: PawlDocument = { lines, blocks, structureProblems };
      lines.forEach((_, index) => expect(tokensOfLine(bare, index)).toEqual(tokensOfLine(document, index)));
    }), options(100));
  });
});

describe('an edit', () => {
  it('gives what parsing the new text gives', () => {
    fc.assert(fc.property(text, fc.array(change, { minLength: 1, maxLength: 8 }), (source, changes) => {
      let document = parseDocument(source);
      let current = source;
      for (const each of changes) {
        current = edited(current, each);
        document = applyChanges(document, [each]);
        expect(plain(document)).toEqual(plain(parseDocument(current)));
      }
    }), options(1500));
  }, 60_000);

  it('of several places gives the same in one go', () => {
    fc.assert(fc.property(text, fc.array(change, { maxLength: 12 }), (source, changes) => {
      const current = changes.reduce(edited, source);
      expect(plain(applyChanges(parseDocument(source), changes))).toEqual(plain(parseDocument(current)));
    }), options(1000));
  }, 60_000);

  it('shares the lines it does not touch', () => {
    const before = parseDocument('trace "t" {\n  nodes A B\n  A leads {1}\n  B leads {2}\n}\n');
    const after = applyChanges(before, [{ start: { line: 2, column: 11 }, end: { line: 2, column: 12 }, text: '7' }]);
    expect(after.lines.map((line, index) => line === before.lines[index])).toEqual([true, true, false, true, true, true]);
    expect(after.blocks).toBe(before.blocks);
  });

  it('knows that lines moved where as many came as went', () => {
    const source = 'a\n\nscenario "s" {\n}\n\n\n';
    const at = (line: number, to: number, content: string): TextChange => ({ start: { line, column: 0 }, end: { line: to, column: 0 }, text: content });
    const changes = [at(4, 5, ''), at(0, 0, '\n')];
    expect(plain(applyChanges(parseDocument(source), changes))).toEqual(plain(parseDocument(changes.reduce(edited, source))));
  });

  it('that opens a brace reaches as far as the brace does', () => {
    const before = parseDocument('trace "t" {\n  A leads {1}\n}\n\ntrace "u" {\n  B leads {2}\n}\n');
    const after = applyChanges(before, [{ start: { line: 0, column: 10 }, end: { line: 0, column: 11 }, text: '' }]);
    expect(problemsOf(after)).toHaveLength(1);
    expect(after.lines[5]).toBe(before.lines[5]);
  });
});

describe('formatting', () => {
  it('twice is formatting once', () => {
    fc.assert(fc.property(text, (source) => {
      const once = formatDocument(parseDocument(source));
      expect(formatDocument(parseDocument(once))).toBe(once);
    }), options(1500));
  }, 60_000);

  it('keeps the statements, the blocks and the problems', () => {
    fc.assert(fc.property(text, (source) => {
      const before = parseDocument(source);
      const after = parseDocument(formatDocument(before));
      expect(statementsOf(after)).toEqual(statementsOf(before));
      expect(after.blocks.map(({ kind, name }) => [kind, name])).toEqual(before.blocks.map(({ kind, name }) => [kind, name]));
      expect(problemsOf(after).map(({ word, message }) => [word, message])).toEqual(problemsOf(before).map(({ word, message }) => [word, message]));
    }), options(1000));
  }, 60_000);
});
