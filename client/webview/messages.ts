/** What the panel and the extension say to each other. Types only: the extension imports them too. */
import type { TimelineData } from './timelineTypes.ts';
import type { Scale } from '../../server/src/picture/axis.ts';

export type ToPanel =
  /** A new picture; null: the document has no such block. */
  | { readonly type: 'timeline'; readonly uri: string; readonly data: TimelineData | null }
  /** The document changed and is being run again: what is shown is of the version before. */
  | { readonly type: 'stale' }
  | { readonly type: 'cursor'; readonly line: number };

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'reveal'; readonly line: number }
  | { readonly type: 'pick'; readonly block: number };

/** What a panel keeps while it is hidden, and over a reload of the window. */
export interface PanelState {
  readonly uri: string;
  readonly block: number;
  readonly name: string;
  readonly scale: Scale;
  readonly withFaint: boolean;
  readonly asTable: boolean;
  readonly withLegend: boolean;
  /** What is shown, µs; 'all': the whole run; undefined: as much of it as has news. */
  readonly window: { readonly fromUs: number; readonly toUs: number } | 'all' | undefined;
}
