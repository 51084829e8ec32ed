/** One document's results: what was run, what was found. What the features, the language server and the command read. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockKind } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Scenario } from '../model/scenario.ts';
import type { History } from '../model/history.ts';
import type { Execution, Finding } from '../checkers/checker.ts';
import type { Run } from '../engine/run.ts';

export type Verdict = 'as-expected' | 'violated' | 'invalid' | 'unknown';

export interface ExpectationResult {
  /** Without `expect`. */
  readonly text: string;
  readonly line: number;
  readonly met: boolean;
  /** What happened instead, for a person; '' where it is met. */
  readonly message: string;
}

/** A violation as reported: the primary of a chain, with what was folded under it. */
export interface Violation {
  readonly finding: Finding;
  readonly line: number;
  readonly expected: boolean;
  readonly folded: readonly Finding[];
  /** The line of each folded finding, in the order of `folded`. */
  readonly foldedLines: readonly number[];
}

export interface BlockResult {
  readonly kind: BlockKind;
  readonly name: string;
  /** First and last line, from 0. */
  readonly line: number;
  readonly endLine: number;
  readonly verdict: Verdict;
  readonly expectations: readonly ExpectationResult[];
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly scenario: Scenario | undefined;
  readonly history: History | undefined;
  /** The run of a scenario, or a trace's events in the same form. */
  readonly execution: Execution | undefined;
  /** Only for scenarios. */
  readonly run: Run | undefined;
  /** In an editor: the block cannot be judged as it now stands; the verdict and the run are of its text before. */
  readonly beforeEdit?: boolean;
}

export interface Analysis {
  readonly document: PawlDocument;
  readonly blocks: readonly BlockResult[];
  /** Everything, by line: syntax, names, verdicts. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How far an analysis has come, between two slices of its work. */
export interface Progress {
  /** Blocks with a result, of how many, and the one being worked on. */
  readonly done: number;
  readonly total: number;
  readonly block: string;
  /** Events of that block so far. */
  readonly events: number;
}
