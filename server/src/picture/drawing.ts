/** What the parts of the layout share while one scene is being made. */
import { keyOf } from './describe.ts';
import type { ItemKind } from './describe.ts';
import type { Frame, Viewport } from './frame.ts';
import { Occupied, Segments } from './labels.ts';
import type { LabelRequest } from './labels.ts';
import type { Prepared } from './prepare.ts';
import type { Group, Primitive } from './scene.ts';

export interface LayoutOptions {
  /** Width of a text in pixels, at that size. */
  readonly measure: (text: string, size: number) => number;
  /** The line of the document with the cursor, or -1. */
  readonly cursorLine: number;
  /** Keys of what has the focus and of what is pointed at, or ''. */
  readonly focusKey: string;
  readonly hoverKey: string;
}

export const TEXT_SIZE = 12, SMALL_SIZE = 11, SMALL_HEIGHT = 14;
export const LAYERS = ['shades', 'grid', 'lanes', 'reigns', 'faint-arrows', 'arrows', 'operations', 'marks', 'labels', 'header', 'gutter'] as const;
export type LayerName = (typeof LAYERS)[number];

export class Drawing {
  readonly prepared: Prepared;
  readonly frame: Frame;
  readonly view: Viewport;
  readonly options: LayoutOptions;
  readonly occupied = new Occupied();
  readonly requests: LabelRequest[] = [];
  /** Straight parts of arrows, for labels to keep clear of. */
  readonly segments = new Segments();
  readonly layers = new Map<LayerName, Group[]>(LAYERS.map((name) => [name, []]));
  private readonly witnesses: ReadonlySet<string>;
  private readonly related: ReadonlySet<string>;
  private readonly pixelsPerUnit: number;

  constructor(prepared: Prepared, frame: Frame, view: Viewport, options: LayoutOptions) {
    this.prepared = prepared;
    this.frame = frame;
    this.view = view;
    this.options = options;
    this.pixelsPerUnit = (frame.right - frame.left) / Math.max(1e-9, view.toUnit - view.fromUnit);
    this.witnesses = relatedTo(prepared, [options.focusKey]);
    this.related = relatedTo(prepared, [options.focusKey, options.hoverKey]);
  }

  xOfUnit(unit: number): number { return this.frame.left + (unit - this.view.fromUnit) * this.pixelsPerUnit; }
  x(timeUs: number): number { return this.xOfUnit(this.prepared.axis.at(timeUs)); }
  unitAt(x: number): number { return this.view.fromUnit + (x - this.frame.left) / this.pixelsPerUnit; }
  isVisible(fromX: number, toX: number): boolean { return toX >= this.frame.left - 20 && fromX <= this.frame.right + 20; }

  small(text: string): number { return this.options.measure(text, SMALL_SIZE); }
  /** Bold letters are wider; by how much depends on the font, and never by more than this. */
  smallBold(text: string): number { return 1.14 * this.small(text); }

  /** Focused, of the cursor's line, or a witness of what is focused: always drawn, and labelled first. Not what is pointed at:
   *  labels would jump about under the pointer. */
  isLit(key: string, line: number): boolean {
    return key === this.options.focusKey || this.witnesses.has(key) || (line >= 0 && line === this.options.cursorLine);
  }

  classesOf(base: string, key: string, line: number): string {
    const { focusKey, hoverKey, cursorLine } = this.options;
    return base + (key === focusKey ? ' focused' : '') + (key === hoverKey ? ' pointed' : '') + (this.related.has(key) ? ' related' : '')
      + (line >= 0 && line === cursorLine ? ' at-cursor' : '');
  }

  add(layer: LayerName, key: string, classes: string, primitives: readonly Primitive[]): void {
    this.layers.get(layer)!.push({ key, classes, primitives });
  }

  /** Something that can be pointed at and focused. */
  addItem(layer: LayerName, kind: ItemKind, index: number, line: number, classes: string, primitives: readonly Primitive[], label: string): void {
    const key = keyOf(kind, index);
    this.layers.get(layer)!.push({ key, classes: this.classesOf(`item ${classes}`, key, line), primitives, label });
  }
}

function relatedTo({ data }: Prepared, keys: readonly string[]): ReadonlySet<string> {
  const related = new Set<string>();
  for (const key of keys) {
    if (!key.startsWith('v')) continue;
    const violation = data.violations[Number(key.slice(1))];
    violation?.messages.forEach((index) => related.add(keyOf('message', index)));
    violation?.operations.forEach((index) => related.add(keyOf('operation', index)));
  }
  return related;
}

/** Six colours in turn; the number in braces is what tells epochs apart. */
export const epochClass = (epoch: number): string => (epoch < 0 ? 'epoch-none' : `epoch-${epoch % 6}`);
