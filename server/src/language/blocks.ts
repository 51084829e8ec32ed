/** The blocks of a document and what is wrong with their braces, from the few lines that carry marks. */
import type { BlockMark, BlockRange, SyntaxProblem } from './syntax.ts';
import type { Line } from './document.ts';
import { isMarked } from './context.ts';

export type StructureProblem = SyntaxProblem & { readonly line: number };

export interface Structure {
  readonly blocks: readonly BlockRange[];
  readonly structureProblems: readonly StructureProblem[];
}

/** More problems of structure than this are not kept: such a document is garbage. */
const MOST_PROBLEMS = 1000;

/** Walks over one integer per line, and reads only the lines with marks. */
export function structureOf(lines: readonly Line[], states: readonly number[]): Structure {
  const builder = new StructureBuilder();
  for (let line = 0; line < states.length; line++) {
    if (!isMarked(states[line] as number)) continue;
    for (const mark of lines[line]?.marks ?? []) builder.add(mark, line);
  }
  builder.finish(lines.length - 1);
  return builder;
}

class StructureBuilder implements Structure {
  readonly blocks: BlockRange[] = [];
  readonly structureProblems: StructureProblem[] = [];
  private open: Extract<BlockMark, { kind: 'open' }> | undefined;
  private openLine = 0;

  add(mark: BlockMark, line: number): void {
    switch (mark.kind) {
      case 'stray': return this.problem({ line, start: mark.start, end: mark.end, message: mark.message });
      case 'close': return this.close(line);
      case 'open':
        this.unclosed(line - 1);
        this.open = mark;
        this.openLine = line;
    }
  }

  finish(lastLine: number): void {
    this.unclosed(lastLine);
    this.structureProblems.sort((a, b) => a.line - b.line);
  }

  private unclosed(lastLine: number): void {
    if (this.open === undefined) return;
    const { block, start, end } = this.open;
    this.problem({ line: this.openLine, start, end, message: `this ${block} is never closed: add '}' on a line of its own after its last statement` });
    this.close(Math.max(lastLine, this.openLine));
  }

  private close(line: number): void {
    if (this.open === undefined) return;
    this.blocks.push({ kind: this.open.block, name: this.open.name, start: this.openLine, end: line });
    this.open = undefined;
  }

  private problem(problem: StructureProblem): void {
    if (this.structureProblems.length < MOST_PROBLEMS) this.structureProblems.push(problem);
  }
}
