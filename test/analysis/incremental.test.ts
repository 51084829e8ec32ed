/** Whatever is edited, an analyser that has seen the versions before agrees with one that has not. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analyser, analyseNow } from '../../server/src/analysis/analyse.ts';
import type { Analysis, BlockResult, Progress } from '../../server/src/analysis/analysis.ts';
import type { EventLog } from '../../server/src/engine/events.ts';
import type { PawlDocument } from '../../server/src/language/document.ts';
import { parseDocument } from '../../server/src/language/parser.ts';

const contract = (name: string): string => readFileSync(new URL(`../fixtures/contract/${name}.pawl`, import.meta.url), 'utf8');
const TEXT = [contract('histories'), contract('trace'), contract('scenarios')].join('\n');
const BUDGET = { budget: 1500 };

function drain(analyser: Analyser, document: PawlDocument): Analysis {
  const slices = analyser.analyse(document);
  let step = slices.next();
  while (!step.done) step = slices.next();
  return step.value;
}

/** A result as plain data, its log as rows. */
function plain(block: BlockResult): object {
  const { execution, run, ...rest } = block;
  const log = execution?.log;
  const row = (events: EventLog, i: number): readonly unknown[] =>
    [events.timeUs(i), events.kind(i), events.node(i), events.line(i), events.text(i), events.detail(i)];
  const rows = log && Array.from({ length: log.length }, (_, i) => row(log, i));
  return { ...rest, rows, operations: execution?.operations, end: run?.end };
}

interface Edit {
  readonly kind: 'delete' | 'duplicate' | 'blank' | 'type' | 'swap';
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

const edits = fc.array(fc.record<Edit>({
  kind: fc.constantFrom('delete', 'duplicate', 'blank', 'type', 'swap'),
  line: fc.nat(200), column: fc.nat(60), text: fc.constantFrom('x', '1', ' ', '{', '}', '//', '"', 'expect no violations'),
}), { minLength: 1, maxLength: 6 });

function edited(text: string, edit: Edit): string {
  const lines = text.split('\n');
  const at = edit.line % lines.length;
  const line = lines[at]!;
  switch (edit.kind) {
    case 'delete': lines.splice(at, 1); break;
    case 'duplicate': lines.splice(at, 0, line); break;
    case 'blank': lines.splice(at, 0, ''); break;
    case 'swap': lines.splice(at, 2, lines[at + 1] ?? '', line); break;
    case 'type': lines[at] = `${line.slice(0, edit.column)}${edit.text}${line.slice(edit.column)}`; break;
  }
  return lines.join('\n');
}

describe('the cache', () => {
  it('gives what an analysis from scratch gives, on random edits', () => {
    fc.assert(fc.property(edits, (sequence) => {
      const analyser = new Analyser(BUDGET);
      let text = TEXT;
      drain(analyser, parseDocument(text));
      for (const edit of sequence) {
        text = edited(text, edit);
        const [kept, fresh] = [drain(analyser, parseDocument(text)), analyseNow(text, BUDGET)];
        expect(kept.blocks.map(plain)).toEqual(fresh.blocks.map(plain));
        expect(kept.diagnostics).toEqual(fresh.diagnostics);
      }
    }), { numRuns: 25 });
  });

  it('runs only the block that changed, wherever the others now stand', () => {
    const analyser = new Analyser();
    const before = drain(analyser, parseDocument(TEXT));
    const text = `// a new first line\n${TEXT.replace('at 900ms  heal', 'at 950ms  heal')}`;
    const worked: Progress[] = [];
    const slices = analyser.analyse(parseDocument(text));
    let step = slices.next();
    for (; !step.done; step = slices.next()) worked.push(step.value);
    expect([...new Set(worked.map(({ block }) => block))]).toEqual(['six nodes split in half']);
    expect(step.value.blocks.map(({ line }) => line)).toEqual(before.blocks.map(({ line }) => line + 1));
  });

  it('gives the very same results where nothing changed', () => {
    const analyser = new Analyser();
    const before = drain(analyser, parseDocument(TEXT));
    const after = drain(analyser, parseDocument(`${TEXT}\n// a last line`));
    after.blocks.forEach((block, index) => expect(block).toBe(before.blocks[index]));
  });

  it('keeps what was finished when an analysis is abandoned', () => {
    const analyser = new Analyser();
    const first = parseDocument(TEXT);
    const slices = analyser.analyse(first);
    let step = slices.next();
    while (!step.done && step.value.done < 2) step = slices.next();
    slices.return(undefined as never);
    const again = analyser.analyse(parseDocument(TEXT)).next();
    expect(again.done === true ? -1 : again.value.done).toBe(2);
  });
});
