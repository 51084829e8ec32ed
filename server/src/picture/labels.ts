/**
 * Where texts go. Each asks for a place with its wishes in order; the more important ones choose first, and a text that finds no
 * free place is left out: nothing is ever written over anything else. Pointing at its shape shows it then.
 */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A place wished for: the box's left upper corner for a text of that width. */
export interface Wish {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly width: number;
  /** How much worse than the first wish it is by itself, in crossings. */
  readonly penalty?: number;
}

export interface LabelRequest {
  readonly key: string;
  readonly classes: string;
  /** Smaller chooses earlier. */
  readonly priority: number;
  readonly height: number;
  /** With more crossings than this it is left out; undefined: it is written in any case. */
  readonly worst?: number;
  readonly wishes: readonly Wish[];
}

export interface PlacedLabel extends Box {
  readonly key: string;
  readonly classes: string;
  readonly text: string;
}

const CELL = 64;
/** Air to the left and right of a text, so that two are not read as one. */
const BETWEEN = 4;

/** Boxes by column of CELL pixels, so that asking for a free place looks at the neighbours only. */
export class Occupied {
  private readonly columns = new Map<number, Box[]>();

  add(box: Box): void {
    for (let cell = Math.floor(box.x / CELL); cell <= Math.floor((box.x + box.width) / CELL); cell++) {
      const column = this.columns.get(cell);
      if (column === undefined) this.columns.set(cell, [box]);
      else column.push(box);
    }
  }

  isFree(box: Box): boolean {
    for (let cell = Math.floor(box.x / CELL); cell <= Math.floor((box.x + box.width) / CELL); cell++) {
      if (this.columns.get(cell)?.some((other) => overlap(box, other))) return false;
    }
    return true;
  }
}

export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** Straight parts of arrows by the columns they cross. */
export class Segments {
  private readonly columns = new Map<number, Segment[]>();

  add(segment: Segment): void {
    const from = Math.min(segment[0], segment[2]), to = Math.max(segment[0], segment[2]);
    for (let cell = Math.floor(from / CELL); cell <= Math.floor(to / CELL); cell++) {
      const column = this.columns.get(cell);
      if (column === undefined) this.columns.set(cell, [segment]);
      else column.push(segment);
    }
  }

  crossing(box: Box): number {
    const found = new Set<Segment>();
    for (let cell = Math.floor(box.x / CELL); cell <= Math.floor((box.x + box.width) / CELL); cell++) {
      for (const segment of this.columns.get(cell) ?? []) if (crosses(segment, box)) found.add(segment);
    }
    return found.size;
  }
}

/** Whether a straight part runs through a box: clipped to it, something is left. */
export function crosses([x1, y1, x2, y2]: Segment, box: Box): boolean {
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

export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** `avoid` says how bad a free place is (arrows that cross it); the first wish with the least is taken. */
export function placeLabels(requests: readonly LabelRequest[], occupied: Occupied, bounds: Box, avoid: (box: Box) => number): PlacedLabel[] {
  const placed: PlacedLabel[] = [];
  for (const request of [...requests].sort((a, b) => a.priority - b.priority)) {
    const label = bestPlace(request, occupied, bounds, avoid);
    if (label === undefined) continue;
    occupied.add({ ...label, x: label.x - BETWEEN, width: label.width + 2 * BETWEEN });
    placed.push(label);
  }
  return placed;
}

function bestPlace(request: LabelRequest, occupied: Occupied, bounds: Box, avoid: (box: Box) => number): PlacedLabel | undefined {
  let best: PlacedLabel | undefined, least = (request.worst ?? Infinity) + 1;
  for (const { x, y, text, width, penalty } of request.wishes) {
    if ((penalty ?? 0) >= least) continue;
    const label = { key: request.key, classes: request.classes, text, x, y, width, height: request.height };
    const inside = x >= bounds.x && x + width <= bounds.x + bounds.width && y >= bounds.y && y + label.height <= bounds.y + bounds.height;
    if (!inside || !occupied.isFree(label)) continue;
    const cost = avoid(label) + (penalty ?? 0);
    if (cost < least) { best = label; least = cost; }
    if (least === 0) break;
  }
  return best;
}

/** Cuts a text to a width; '' where not even three letters fit. */
export function shortened(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const letters = [...text];
  let low = 0, high = letters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${letters.slice(0, middle).join('')}…`) <= width) low = middle;
    else high = middle - 1;
  }
  return low < 3 ? '' : `${letters.slice(0, low).join('').trimEnd()}…`;
}
