/** From a document to its results: each block is read, run and judged, unless one that says the same has been before. */
import { parseDocument } from '../language/parser.ts';
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Analysis, BlockResult, Progress } from './analysis.ts';
import { structureWithin, syntaxDiagnostics, unjudged, type BlockOptions, type Slices } from './block.ts';
import { BlockCache } from './blockCache.ts';
import { analyseHistory } from './historyBlock.ts';
import { headerPlace } from './places.ts';
import { analyseScenario } from './scenarioBlock.ts';
import { analyseTrace } from './traceBlock.ts';
import { note } from './verdicts.ts';

export type AnalyserOptions = Partial<BlockOptions>;

/** Analyses the versions of one document. Not for two at the same time, except that one may be abandoned half way. */
export class Analyser {
  private readonly cache = new BlockCache();
  private readonly options: BlockOptions;

  /** `strict`: warnings fail. `budget`: events after which a run is stopped. */
  constructor(options: AnalyserOptions = {}) {
    this.options = { strict: options.strict ?? false, budget: options.budget };
  }

  /**
   * Does the work in slices of a few milliseconds and yields between them; returns the result. Whoever drives it may stop
   * at any time (`return()`, or no more `next()`): what was finished by then is kept for the next analysis.
   */
  * analyse(document: PawlDocument): Generator<Progress, Analysis, void> {
    const blocks: BlockResult[] = [];
    const total = document.blocks.length;
    for (const block of document.blocks) {
      const known = this.cache.find(document, block);
      if (known !== undefined) {
        blocks.push(known);
        continue;
      }
      const progress = (events: number): Progress => ({ done: blocks.length, total, block: block.name, events });
      yield progress(0);
      const slices = this.slicesOf(document, block);
      let step = slices.next();
      for (; !step.done; step = slices.next()) yield progress(step.value);
      blocks.push(this.cache.keep(document, block, step.value));
    }
    this.cache.sweep();
    return { document, blocks, diagnostics: sorted([...outsideBlocks(document), ...blocks.flatMap((block) => block.diagnostics)]) };
  }

  /** The analysis of one block, as if it were a document of its own that began with it. */
  private slicesOf(document: PawlDocument, block: BlockRange): Slices {
    const range: BlockRange = { ...block, start: 0, end: block.end - block.start };
    const own: PawlDocument = {
      lines: document.lines.slice(block.start, block.end + 1),
      blocks: [range],
      structureProblems: structureWithin(document, block.start, block.end)
        .map((problem) => ({ ...problem, line: problem.line - block.start })),
    };
    return guarded(own, range, analyseBlock(own, range, this.options));
  }
}

function analyseBlock(document: PawlDocument, block: BlockRange, options: BlockOptions): Slices {
  const syntax = syntaxDiagnostics(document, block.start, block.end);
  switch (block.kind) {
    case 'scenario': return analyseScenario(document, block, syntax, options);
    case 'trace': return analyseTrace(document, block, syntax, options);
    case 'history': return analyseHistory(document, block, syntax, options);
  }
}

/** A bug of ours in one block is said on that block, and the others keep their verdicts. */
function* guarded(document: PawlDocument, block: BlockRange, slices: Slices): Slices {
  try {
    return yield* slices;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `This is a bug of Pawl, not of your document: ${reason}. `
      + 'Please report it with this block; the others are not affected.';
    return { ...unjudged(block, [note(headerPlace(document.lines, block.start), 'error', 'internal', message)]), verdict: 'unknown' };
  }
}

/** Everything at once, from text. */
export function analyseNow(text: string, options: AnalyserOptions = {}): Analysis {
  const slices = new Analyser(options).analyse(parseDocument(text));
  let step = slices.next();
  while (!step.done) step = slices.next();
  return step.value;
}

function outsideBlocks(document: PawlDocument): readonly Diagnostic[] {
  const gaps: (readonly Diagnostic[])[] = [];
  let next = 0;
  for (const block of document.blocks) {
    if (block.start > next) gaps.push(syntaxDiagnostics(document, next, block.start - 1));
    next = Math.max(next, block.end + 1);
  }
  gaps.push(syntaxDiagnostics(document, next, document.lines.length - 1));
  return gaps.flat();
}

/** By place; at the same place, in the order in which they were found. */
function sorted(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.place.line - b.place.line || a.place.start - b.place.start);
}
