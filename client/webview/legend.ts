/** What the signs mean, drawn with the very shapes the picture uses. */
import type { MarkKind } from './timelineTypes.ts';
import { MARK_WORDS } from '../../server/src/picture/describe.ts';
import { Canvas } from './draw.ts';
import { arrowHead, cross, markGlyph, pauseBars, violationGlyph } from '../../server/src/picture/glyphs.ts';
import { line, path, rect } from '../../server/src/picture/scene.ts';
import type { Primitive } from '../../server/src/picture/scene.ts';

interface Entry {
  readonly words: string;
  readonly classes: string;
  readonly primitives: readonly Primitive[];
}

const shaft = (to: number): Primitive => line('shaft', 3, 11, to, 11);

const MESSAGES: readonly Entry[] = [
  { words: 'message, sent to delivered', classes: 'arrow delivered epoch-none', primitives: [shaft(44), arrowHead(45, 11, 1, 0, 'solid')] },
  { words: 'arrived, and was ignored', classes: 'arrow discarded epoch-none',
    primitives: [shaft(44), arrowHead(45, 11, 1, 0, 'hollow'), line('sign-stroke', 32, 6, 32, 16)] },
  { words: 'lost', classes: 'arrow lost epoch-none', primitives: [shaft(40), path('sign-stroke lost-sign', cross(40, 11, 4))] },
  { words: 'held back, then delivered', classes: 'arrow delivered held epoch-none',
    primitives: [line('shaft parked', 3, 11, 32, 11), path('sign-stroke', pauseBars(17, 11, 4)), line('shaft', 32, 11, 44, 11), arrowHead(45, 11, 1, 0, 'solid')] },
  { words: 'still under way at the end', classes: 'arrow in-flight epoch-none', primitives: [shaft(43), arrowHead(44, 11, 1, 0, 'open')] },
  { words: 'heartbeat', classes: 'arrow delivered faint epoch-none', primitives: [shaft(44), arrowHead(45, 11, 1, 0, 'solid', 5)] },
];

const STATES: readonly Entry[] = [
  { words: 'leads; the colour goes with its epoch', classes: 'reign epoch-1', primitives: [rect('band', 3, 3, 42, 16, 4), line('band-start', 3, 1, 3, 21)] },
  { words: 'down, from crash to restart', classes: 'span down', primitives: [line('down-line', 8, 11, 45, 11), path('sign-stroke crash', cross(8, 11, 6))] },
  { words: 'paused', classes: 'span paused', primitives: [rect('span-box', 3, 3, 42, 16),
    path('hatching', [8, 17, 26, 35].map((x) => `M${x} 19L${x + 9} 3`).join('')), path('sign-stroke', pauseBars(10, 11, 5))] },
  { words: 'answered', classes: 'operation ok', primitives: [rect('bar', 4, 6, 40, 10), line('cap', 4, 2, 4, 20), line('cap', 44, 2, 44, 20)] },
  { words: 'failed: it did not happen', classes: 'operation failed', primitives: [rect('bar', 4, 6, 38, 10), line('cap', 4, 2, 4, 20), path('sign-stroke', cross(42, 11, 5))] },
  { words: 'no answer: it may have happened', classes: 'operation open',
    primitives: [rect('bar', 4, 6, 36, 10), line('cap', 4, 2, 4, 20), path('frayed', 'M40 6l5 2.5l-5 2.5l5 2.5l-5 2.5')] },
  { words: 'violation', classes: 'violation error', primitives: violationGlyph('error', false, 24, 11) },
  { words: 'warning', classes: 'violation warning', primitives: violationGlyph('warning', false, 24, 11) },
  { words: 'violation, expected', classes: 'violation expected', primitives: violationGlyph('error', true, 24, 11) },
];

const marks = (): readonly Entry[] => (Object.keys(MARK_WORDS) as MarkKind[]).filter((kind) => kind !== 'settled').map((kind) => (
  { words: MARK_WORDS[kind], classes: `mark ${kind} epoch-none`, primitives: markGlyph(kind, 24, 11) }));

export function drawLegend(host: HTMLElement): void {
  const page = host.ownerDocument;
  for (const { words, classes, primitives } of [...MESSAGES, ...STATES, ...marks()]) {
    const entry = page.createElement('span'), svg = page.createElementNS('http://www.w3.org/2000/svg', 'svg');
    entry.className = 'legend-entry';
    svg.setAttribute('aria-hidden', 'true');
    new Canvas(svg).draw({ width: 50, height: 22, layers: [{ name: 'legend', groups: [{ key: words, classes, primitives }] }] });
    entry.append(svg, words);
    host.append(entry);
  }
}
