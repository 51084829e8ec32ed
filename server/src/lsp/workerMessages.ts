/** What the server's thread and the worker say to each other. */
import type { Diagnostic, QuickFix } from '../model/diagnostic.ts';
import type { Progress } from '../analysis/analysis.ts';
import type { Change } from './documents.ts';
import type { PackedAnalysis } from './transfer.ts';

export type ToWorker =
  | { readonly kind: 'open'; readonly uri: string; readonly version: number; readonly text: string }
  | { readonly kind: 'change'; readonly uri: string; readonly version: number; readonly changes: readonly Change[] }
  | { readonly kind: 'close'; readonly uri: string }
  /** Which of a diagnostic's fixes help? Answered under the same `id`. */
  | { readonly kind: 'fixes'; readonly uri: string; readonly version: number; readonly id: number; readonly diagnostic: Diagnostic }
  | { readonly kind: 'settings'; readonly budget: number | undefined };

export type FromWorker =
  | { readonly kind: 'result'; readonly uri: string; readonly version: number; readonly analysis: PackedAnalysis }
  /** A sign of life from a long analysis. */
  | { readonly kind: 'progress'; readonly uri: string; readonly version: number; readonly progress: Progress }
  | { readonly kind: 'fixes'; readonly uri: string; readonly version: number; readonly id: number; readonly fixes: readonly QuickFix[] }
  /** Our own bug: the analysis of this version threw. */
  | { readonly kind: 'failed'; readonly uri: string; readonly version: number; readonly error: string };

/** A worker as the server sees it, whatever kind of thread it is. */
export interface WorkerPort {
  post(message: ToWorker): void;
  /** Ends it for good; nothing is heard of it afterwards. */
  terminate(): void;
}

export interface WorkerListener {
  message(message: FromWorker): void;
  /** It died by itself. */
  died(reason: string): void;
}

export type StartWorker = (listener: WorkerListener) => WorkerPort;
