/** The lanes themselves: lines, names, the stretches when a node is down or paused, and who led. */
import { describe, epochText, itemOf, keyOf } from './describe.ts';
import { SMALL_HEIGHT, epochClass } from './drawing.ts';
import type { Drawing } from './drawing.ts';
import { clamp } from './frame.ts';
import { cross, pauseBars, restartSign } from './glyphs.ts';
import { line, path, rect, text } from './scene.ts';
import type { Primitive } from './scene.ts';

export const BAND = 9;

export function layoutLanes(d: Drawing): void {
  const { frame } = d, { data } = d.prepared;
  const downOf = new Map<number, { from: number; to: number }[]>();
  for (const span of data.spans) {
    if (span.kind !== 'down') continue;
    const own = downOf.get(span.node) ?? [];
    own.push({ from: d.x(span.fromUs), to: span.open ? frame.right : d.x(span.toUs) });
    downOf.set(span.node, own);
  }
  const ends = Math.min(frame.right, d.x(data.endUs));
  frame.lanes.forEach((lane, process) => {
    const primitives: Primitive[] = lane.role === 'node' ? lanePieces(d, lane.y, ends, downOf.get(process) ?? []) : clientRows(d, process, ends);
    d.add('lanes', `lane ${process}`, `lane ${lane.role}`, primitives);
  });
  layoutReigns(d);
  layoutSpans(d);
}

/** The line of a node, broken where it is down. */
function lanePieces(d: Drawing, y: number, end: number, down: readonly { from: number; to: number }[]): Primitive[] {
  const { left } = d.frame, pieces: Primitive[] = [];
  let at = left;
  for (const { from, to } of down) {
    if (from > at) pieces.push(line('lane-line', at, y, Math.min(from, end), y));
    at = Math.max(at, to);
  }
  if (at < end) pieces.push(line('lane-line', at, y, end, y));
  return pieces;
}

function clientRows(d: Drawing, process: number, end: number): Primitive[] {
  const { frame, prepared } = d, lane = frame.lanes[process]!;
  const rows = Math.max(1, prepared.rowsOf[process]!);
  return Array.from({ length: rows }, (_row, row) => line('lane-line', frame.left, lane.y + row * frame.rowHeight, end, lane.y + row * frame.rowHeight));
}

function layoutReigns(d: Drawing): void {
  const { data } = d.prepared, { frame } = d;
  data.reigns.forEach((reign, index) => {
    const from = d.x(reign.fromUs), to = Math.max(from + 2, d.x(reign.toUs));
    const y = frame.lanes[reign.node]?.y;
    if (y === undefined || !d.isVisible(from, to)) return;
    const start = clamp(from, frame.left - 20, frame.right), end = clamp(to, frame.left, frame.right + 20);
    const key = keyOf('reign', index), band = [rect('band', start, y - BAND, end - start, 2 * BAND, 4)];
    if (from >= frame.left) band.push(line('band-start', from, y - BAND - 3, from, y + BAND + 3));
    d.addItem('reigns', 'reign', index, reign.line, `reign ${epochClass(reign.epoch)}`, band, describe(data, itemOf(data, key)!));
    const within = Math.max(start, frame.left), texts = [`leads ${epochText(reign.epoch)}`.trim(), epochText(reign.epoch)].filter((words) => words !== '');
    const wishes = texts.flatMap((words) => [6, 20, 34, 48, 70, 100, 140]
      .map((shift) => ({ x: within + shift, y: y - SMALL_HEIGHT / 2, text: words, width: d.smallBold(words) }))
      .filter((wish) => wish.x + wish.width < end - 2));
    d.requests.push({ key: `label ${key}`, classes: `label of-reign ${epochClass(reign.epoch)}`, priority: 3, height: SMALL_HEIGHT, wishes });
  });
}

function layoutSpans(d: Drawing): void {
  const { data } = d.prepared, { frame } = d;
  data.spans.forEach((span, index) => {
    const from = d.x(span.fromUs), to = span.open ? frame.right : d.x(span.toUs), y = frame.lanes[span.node]?.y;
    if (y === undefined || !d.isVisible(from, to)) return;
    const start = Math.max(from, frame.left - 20), end = Math.max(start + 1, Math.min(to, frame.right));
    const primitives: Primitive[] = [rect('span-box', start, y - BAND, end - start, 2 * BAND)];
    const box = (x: number): void => d.occupied.add({ x: x - 8, y: y - 8, width: 16, height: 16 });
    if (span.kind === 'down') {
      primitives.push(line('down-line', start, y, end, y), path('sign-stroke crash', cross(from, y, 6)));
      if (!span.open) { primitives.push(path('sign-stroke', restartSign(to, y))); box(to); }
      box(from);
    } else {
      primitives.push(...hatching(start, end, y), path('sign-stroke', pauseBars(from + 6, y, 5)));
      if (!span.open) primitives.push(path('solid', `M${to - 4} ${y - 6}L${to + 5} ${y}L${to - 4} ${y + 6}Z`));
      box(from + 6);
    }
    const key = keyOf('span', index), words = span.kind === 'down' ? 'down' : 'paused';
    d.addItem('reigns', 'span', index, span.line, `span ${span.kind}`, primitives, describe(data, itemOf(data, key)!));
    const x = Math.max(from, frame.left) + 14, width = d.small(words);
    const wishes = x + width < end ? [{ x, y: y - SMALL_HEIGHT / 2, text: words, width }] : [];
    d.requests.push({ key: `label ${key}`, classes: 'label of-span', priority: 4, height: SMALL_HEIGHT, wishes });
  });
}

/** Slanting lines, wider apart the longer the stretch, so that they stay few. */
function hatching(from: number, to: number, y: number): Primitive[] {
  const step = Math.max(7, (to - from) / 120), strokes: string[] = [];
  for (let x = from; x < to - 4; x += step) strokes.push(`M${Math.round(x)} ${Math.round(y + BAND)}L${Math.round(Math.min(x + 9, to))} ${Math.round(y - BAND)}`);
  return [path('hatching', strokes.join(''))];
}

export function layoutGutter(d: Drawing): void {
  const { frame } = d;
  d.add('gutter', 'gutter', 'gutter', [rect('backdrop', 0, 0, frame.left - 6, frame.height)]);
  frame.lanes.forEach((lane, process) => {
    const middle = lane.role === 'node' ? lane.y : lane.y + BAND / 2;
    d.add('gutter', `name ${process}`, `name ${lane.role}`, [text('', frame.left - 14, middle + 4.5, lane.name, 'end')]);
  });
}
