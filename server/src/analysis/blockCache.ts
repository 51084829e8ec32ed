/**
 * The results of blocks by what they say. Blocks do not depend on where they stand, so results are kept as if the block
 * began on line 0, and told for its present line. Whether two blocks say the same is settled line by line: lines that did
 * not change are the same strings, which compare at once.
 */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { BlockResult } from './analysis.ts';
import { structureWithin } from './block.ts';
import { shiftResult } from './shift.ts';

interface Entry {
  readonly lines: readonly string[];
  /** Problems of structure, which depend on what follows the block. */
  readonly structure: string;
  readonly atZero: BlockResult;
  /** As last told, so that a block that did not move gives the very same object again. */
  told: BlockResult;
  generation: number;
}

/** Results that no block of the document has any more are kept for undo, up to so many events in all. */
const SPARE_EVENTS = 200_000;

export class BlockCache {
  private generation = 0;
  private readonly entries = new Map<string, Entry[]>();

  /** The result for a block of the document, if one that says the same has been analysed. */
  find(document: PawlDocument, block: BlockRange): BlockResult | undefined {
    const entry = this.entryOf(document, block);
    if (entry === undefined) return undefined;
    entry.generation = this.generation;
    if (entry.told.line !== block.start) entry.told = shiftResult(entry.atZero, block.start);
    return entry.told;
  }

  /** Keeps the result of a block that was analysed as if it began on line 0, and tells it for where it stands. */
  keep(document: PawlDocument, block: BlockRange, atZero: BlockResult): BlockResult {
    const lines = document.lines.slice(block.start, block.end + 1).map((line) => line.text);
    const told = shiftResult(atZero, block.start);
    const key = keyOf(document, block);
    const entry: Entry = { lines, structure: structureOf(document, block), atZero, told, generation: this.generation };
    this.entries.set(key, [...this.entries.get(key) ?? [], entry]);
    return told;
  }

  /** Called when an analysis is complete: forgets the oldest results that it did not use. */
  sweep(): void {
    const spare = [...this.entries.values()].flat().filter((entry) => entry.generation !== this.generation)
      .sort((a, b) => b.generation - a.generation);
    let events = 0;
    const gone = new Set(spare.filter((entry) => (events += entry.atZero.events + entry.lines.length) > SPARE_EVENTS));
    if (gone.size > 0) {
      for (const [key, entries] of this.entries) {
        const left = entries.filter((entry) => !gone.has(entry));
        if (left.length === 0) this.entries.delete(key);
        else this.entries.set(key, left);
      }
    }
    this.generation++;
  }

  private entryOf(document: PawlDocument, block: BlockRange): Entry | undefined {
    const structure = structureOf(document, block);
    const candidates = this.entries.get(keyOf(document, block)) ?? [];
    return candidates.find((entry) => entry.structure === structure && saysTheSame(entry.lines, document, block));
  }
}

function keyOf(document: PawlDocument, block: BlockRange): string {
  return `${block.kind} ${block.end - block.start} ${document.lines[block.start]?.text ?? ''}`;
}

function structureOf(document: PawlDocument, block: BlockRange): string {
  return structureWithin(document, block.start, block.end)
    .map((problem) => `${problem.line - block.start} ${problem.start} ${problem.end} ${problem.message}`).join('\n');
}

function saysTheSame(lines: readonly string[], document: PawlDocument, block: BlockRange): boolean {
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== document.lines[block.start + i]?.text) return false;
  }
  return true;
}
