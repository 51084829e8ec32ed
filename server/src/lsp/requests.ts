/** What the client and the server say to each other beyond the editor's protocol. The client imports this file's types. */
import type { TimelineData } from '../features/timeline.ts';

/** Request: the drawing of a block, by its index in the document; null where it has not run. */
export const TIMELINE = 'pawl/timeline';
export interface TimelineParams {
  readonly uri: string;
  readonly block: number;
}
export type TimelineResult = TimelineData | null;

/** Request: a block's expectations and findings as Markdown, for `pawl.showReport`; null where there is no such block. */
export const REPORT = 'pawl/report';
export type ReportParams = TimelineParams;
export interface Report {
  readonly title: string;
  readonly markdown: string;
}
export type ReportResult = Report | null;

/** Request: the index of the block a line stands in, or of the nearest one before it; -1 where there is none. */
export const BLOCK_AT = 'pawl/blockAt';
export interface BlockAtParams {
  readonly uri: string;
  readonly line: number;
}

/** Request: whole blocks to start a new document from, as snippets with `${1:…}` stops. */
export const TEMPLATES = 'pawl/templates';
export interface Template {
  readonly label: string;
  readonly about: string;
  readonly body: string;
}

/** Request: another tool's history as a document with one history block. */
export const IMPORT_HISTORY = 'pawl/importHistory';
export interface ImportHistoryParams {
  /** The file's name, which becomes the block's. */
  readonly name: string;
  readonly text: string;
  /** What a read of nil says; without it as is usual in the format. */
  readonly nil?: 'absent' | 'unknown';
}
export interface ImportedHistory {
  /** The document; '' where the text holds no operation. */
  readonly text: string;
  /** Lines that were left out and why, the first of them; `omitted`: all of them. */
  readonly problems: readonly string[];
  readonly omitted: number;
  /** Completed reads that got nil. */
  readonly nilReads: number;
}
/** null: the text is of no format that is known. */
export type ImportHistoryResult = ImportedHistory | null;

/** Notification to the client: the blocks of a document have new results. */
export const TIMELINE_CHANGED = 'pawl/timelineChanged';
export interface TimelineChangedParams {
  readonly uri: string;
  readonly version: number;
  /** How many blocks there are now. */
  readonly blocks: number;
}

/** Notification to the client: how the check of a document stands. */
export const STATUS = 'pawl/status';
export interface StatusParams {
  readonly uri: string;
  readonly version: number;
  /** `off`: the document is too large, or is not text; `message` says so. */
  readonly state: 'checking' | 'done' | 'off';
  readonly blocks: number;
  readonly asExpected: number;
  readonly violated: number;
  readonly invalid: number;
  readonly unknown: number;
  /** Violations that nobody expected, and expectations not met. */
  readonly violations: number;
  readonly unmet: number;
  /** Errors in the text itself. */
  readonly errors: number;
  /** For a person: what is being checked, or why nothing is. */
  readonly message: string;
}

/** What the client hands over at the start. All optional: any editor may start the server. */
export interface InitializationOptions {
  /** The address of a page of docs/: `{page}` stands for `violations/split-brain`. Without it there are no links. */
  readonly pageAddress?: string;
  /** The same for links in Markdown, where an editor may want another one. */
  readonly pageLink?: string;
  /** Whether the editor knows `pawl.openTimeline` and `pawl.showReport`: without them lenses only tell. */
  readonly commands?: boolean;
  readonly settings?: Settings;
}

/** The settings below `pawl`, as `workspace/didChangeConfiguration` brings them. */
export interface Settings {
  readonly check?: { readonly budget?: number };
}
