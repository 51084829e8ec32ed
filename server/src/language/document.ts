import type { BlockMark, BlockRange, Expected, Statement, SyntaxProblem, Token } from './syntax.ts';

/** One line as parsed: shared between versions of a document while the line does not change. */
export interface Line {
  readonly text: string;
  /** The statement that begins on this line, if it could be understood. */
  readonly statement: Statement | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** Only on the few lines that begin or end blocks, in their order. */
  readonly marks?: readonly BlockMark[];
}

/** A replacement of text: lines and columns as before the change, from 0. */
export interface TextChange {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
  readonly text: string;
}

/**
 * A parsed document, immutable. Parsing never throws: what cannot be understood is a problem on its line, and the
 * other lines stand.
 */
export interface PawlDocument {
  readonly lines: readonly Line[];
  readonly blocks: readonly BlockRange[];
  /** Problems of structure (a brace that never closes, a statement outside any block), with their lines. */
  readonly structureProblems: readonly (SyntaxProblem & { readonly line: number })[];
  /** What each line begins in, as context.ts packs it. A document put together from another's lines may leave it out. */
  readonly states?: readonly number[];
}

export type { BlockRange, Expected, Token };
