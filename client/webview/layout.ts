/**
 * From a run to shapes with coordinates. Pure: the same data, viewport and options give the same scene, and only what the
 * viewport shows is in it. Time runs to the right; nodes have their lanes above, clients below.
 */
import { layoutArrows } from './arrows.ts';
import { Drawing, LAYERS, SMALL_HEIGHT, TEXT_SIZE } from './drawing.ts';
import type { LayoutOptions } from './drawing.ts';
import { frameOf } from './frame.ts';
import type { Frame, Viewport } from './frame.ts';
import { layoutAxis, layoutFaults, layoutViolations } from './header.ts';
import { placeLabels } from './labels.ts';
import type { Box, PlacedLabel } from './labels.ts';
import { layoutGutter, layoutLanes } from './lanes.ts';
import { layoutMarks } from './marks.ts';
import { layoutOperations } from './operations.ts';
import type { Prepared } from './prepare.ts';
import { text } from './scene.ts';
import type { Scene } from './scene.ts';

export type { LayoutOptions, Viewport };

export interface Picture {
  readonly scene: Scene;
  readonly frame: Frame;
  readonly labels: readonly PlacedLabel[];
}

/** Checking every label against more arrows than this costs more than it helps. */
const MOST_AVOIDED = 300;

export function layout(prepared: Prepared, view: Viewport, options: LayoutOptions): Picture {
  const frame = frameOf(prepared, view, (words) => options.measure(words, TEXT_SIZE));
  const d = new Drawing(prepared, frame, view, options);
  layoutAxis(d);
  layoutLanes(d);
  layoutFaults(d);
  layoutArrows(d);
  layoutOperations(d);
  layoutMarks(d);
  layoutViolations(d);
  layoutGutter(d);
  const labels = placed(d);
  for (const label of labels) d.add('labels', label.key, label.classes, [text('', label.x, label.y + label.height - 3.5, label.text)]);
  return { scene: { width: frame.width, height: frame.height, layers: LAYERS.map((name) => ({ name, groups: d.layers.get(name)! })) }, frame, labels };
}

function placed(d: Drawing): readonly PlacedLabel[] {
  const { frame, segments } = d;
  const bounds: Box = { x: frame.left - 4, y: frame.axisY + 2, width: frame.right - frame.left + 12, height: frame.lanesBottom + SMALL_HEIGHT - frame.axisY };
  const avoid = segments.length > MOST_AVOIDED ? () => 0 : (box: Box) => segments.reduce((sum, segment) => sum + (crosses(segment, box) ? 1 : 0), 0);
  return placeLabels(d.requests, d.occupied, bounds, avoid);
}

/** Whether a straight part runs through a box: clipped to it, something is left. */
export function crosses([x1, y1, x2, y2]: readonly [number, number, number, number], box: Box): boolean {
  const dx = x2 - x1, dy = y2 - y1;
  let from = 0, to = 1;
  for (const [delta, least, most] of [[dx, box.x - x1, box.x + box.width - x1], [dy, box.y - y1, box.y + box.height - y1]] as const) {
    if (delta === 0) { if (least > 0 || most < 0) return false; continue; }
    const a = least / delta, b = most / delta;
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return from < to;
}

/** The part of the axis that shows the whole run, with a little air around it. */
export function fitted(prepared: Prepared): { fromUnit: number; toUnit: number } {
  const { span } = prepared.axis;
  return { fromUnit: -0.015 * span, toUnit: 1.02 * span };
}
