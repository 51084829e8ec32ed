/** What the signs mean, drawn with the very shapes that the picture uses, each 50 wide and 22 high. */
import type { MarkKind, MessageFate, TimelineData, TimelineOperation } from '../features/timeline.ts';
import { MARK_WORDS } from './describe.ts';
import { arrowHead, cross, markGlyph, pauseBars, violationGlyph } from './glyphs.ts';
import { line, path, rect } from './scene.ts';
import type { Primitive } from './scene.ts';

export interface LegendEntry {
  readonly words: string;
  readonly classes: string;
  readonly primitives: readonly Primitive[];
  /** Whether a picture of this has the sign in it. */
  readonly isIn: (data: TimelineData) => boolean;
}

const shaft = (to: number): Primitive => line('shaft', 3, 11, to, 11);
const hasFate = (fate: MessageFate) => (data: TimelineData): boolean => data.messages.some((message) => message.fate === fate && !message.faint && message.held.length === 0);
const hasOutcome = (...outcomes: readonly TimelineOperation['outcome'][]) => (data: TimelineData): boolean => data.operations.some(({ outcome }) => outcomes.includes(outcome));

const MESSAGES: readonly LegendEntry[] = [
  { words: 'message, sent to delivered', classes: 'arrow delivered epoch-none', primitives: [shaft(44), arrowHead(45, 11, 1, 0, 'solid')], isIn: hasFate('delivered') },
  { words: 'arrived, and was ignored', classes: 'arrow discarded epoch-none', isIn: hasFate('discarded'),
    primitives: [shaft(44), arrowHead(45, 11, 1, 0, 'hollow'), line('sign-stroke', 32, 6, 32, 16)] },
  { words: 'lost', classes: 'arrow lost epoch-none', primitives: [shaft(40), path('sign-stroke lost-sign', cross(40, 11, 4))], isIn: hasFate('lost') },
  { words: 'held back, then delivered', classes: 'arrow delivered held epoch-none', isIn: (data) => data.messages.some(({ held }) => held.length > 0),
    primitives: [line('shaft parked', 3, 11, 32, 11), path('sign-stroke', pauseBars(17, 11, 4)), line('shaft', 32, 11, 44, 11), arrowHead(45, 11, 1, 0, 'solid')] },
  { words: 'still under way at the end', classes: 'arrow in-flight epoch-none', primitives: [shaft(43), arrowHead(44, 11, 1, 0, 'open')], isIn: hasFate('in-flight') },
  { words: 'heartbeat', classes: 'arrow delivered faint epoch-none', primitives: [shaft(44), arrowHead(45, 11, 1, 0, 'solid', 5)], isIn: (data) => data.messages.some(({ faint }) => faint) },
];

const STATES: readonly LegendEntry[] = [
  { words: 'leads; the colour goes with its epoch', classes: 'reign epoch-1', primitives: [rect('band', 3, 3, 42, 16, 4), line('band-start', 3, 1, 3, 21)], isIn: ({ reigns }) => reigns.length > 0 },
  { words: 'down, from crash to restart', classes: 'span down', primitives: [line('down-line', 8, 11, 45, 11), path('sign-stroke crash', cross(8, 11, 6))],
    isIn: ({ spans }) => spans.some(({ kind }) => kind === 'down') },
  { words: 'paused', classes: 'span paused', isIn: ({ spans }) => spans.some(({ kind }) => kind === 'paused'), primitives: [rect('span-box', 3, 3, 42, 16),
    path('hatching', [8, 17, 26, 35].map((x) => `M${x} 19L${x + 9} 3`).join('')), path('sign-stroke', pauseBars(10, 11, 5))] },
  { words: 'answered', classes: 'operation ok', primitives: [rect('bar', 4, 6, 40, 10), line('cap', 4, 2, 4, 20), line('cap', 44, 2, 44, 20)], isIn: hasOutcome('ok') },
  { words: 'failed: it did not happen', classes: 'operation failed', isIn: hasOutcome('failed'),
    primitives: [rect('bar', 4, 6, 38, 10), line('cap', 4, 2, 4, 20), path('sign-stroke', cross(42, 11, 5))] },
  { words: 'no answer: it may have happened', classes: 'operation open', isIn: hasOutcome('open', 'unknown'),
    primitives: [rect('bar', 4, 6, 36, 10), line('cap', 4, 2, 4, 20), path('frayed', 'M40 6l5 2.5l-5 2.5l5 2.5l-5 2.5')] },
  { words: 'violation', classes: 'violation error', primitives: violationGlyph('error', false, 24, 11), isIn: ({ violations }) => violations.some(({ severity, expected }) => severity === 'error' && !expected) },
  { words: 'warning', classes: 'violation warning', primitives: violationGlyph('warning', false, 24, 11), isIn: ({ violations }) => violations.some(({ severity, expected }) => severity === 'warning' && !expected) },
  { words: 'violation, expected', classes: 'violation expected', primitives: violationGlyph('error', true, 24, 11), isIn: ({ violations }) => violations.some(({ expected }) => expected) },
];

/** Every sign, in the order in which a reader meets them. */
export function legendEntries(): readonly LegendEntry[] {
  const marks = (Object.keys(MARK_WORDS) as MarkKind[]).filter((kind) => kind !== 'settled').map((kind): LegendEntry => (
    { words: MARK_WORDS[kind], classes: `mark ${kind} epoch-none`, primitives: markGlyph(kind, 24, 11), isIn: (data) => data.marks.some((mark) => mark.kind === kind) }));
  return [...MESSAGES, ...STATES, ...marks];
}
