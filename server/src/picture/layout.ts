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
  const { frame } = d;
  const bounds: Box = { x: frame.left - 4, y: frame.axisY + 2, width: frame.right - frame.left + 12, height: frame.lanesBottom + SMALL_HEIGHT - frame.axisY };
  return placeLabels(d.requests, d.occupied, bounds, (box) => d.segments.crossing(box));
}

/** The part of the axis that shows the whole run, with a little air around it. */
export function fitted(prepared: Prepared): { fromUnit: number; toUnit: number } {
  const { span } = prepared.axis;
  return { fromUnit: -0.015 * span, toUnit: 1.02 * span };
}

/** The part to begin with: as far as there is news. A long tail of heartbeats and vain retries is left for panning to. */
export function overview(prepared: Prepared): { fromUnit: number; toUnit: number } {
  const { data, axis, marks } = prepared;
  let last = 0;
  for (const { fromUs, toUs, outcome } of data.operations) last = Math.max(last, outcome === 'open' ? fromUs : toUs);
  for (const { fromUs, toUs, open } of [...data.faults, ...data.spans, ...data.reigns]) last = Math.max(last, open ? fromUs : toUs);
  for (const { timeUs } of data.violations) last = Math.max(last, timeUs);
  const news = Math.max(axis.at(last), marks.at(-1)?.unit ?? 0) * 1.06;
  return news > 0.8 * axis.span || news <= 0 ? fitted(prepared) : { fromUnit: -0.02 * news, toUnit: news };
}
