/** A drawing as data: what layout makes and what draw.ts puts on the page. No DOM here, so a drawing can be compared as text. */

export type Attributes = Readonly<Record<string, string | number>>;

/** One SVG element. `text` becomes a text node, never markup. */
export interface Primitive {
  readonly tag: 'line' | 'path' | 'rect' | 'circle' | 'text';
  readonly attributes: Attributes;
  readonly text?: string;
}

/** One thing in the picture: an arrow with its head, a bar with its caption. */
export interface Group {
  /** Stays the same from one drawing to the next, as long as the thing does. */
  readonly key: string;
  readonly classes: string;
  readonly primitives: readonly Primitive[];
  /** What it says to someone who hears the picture; present on everything that can be focused. */
  readonly label?: string;
}

export interface Layer {
  readonly name: string;
  readonly groups: readonly Group[];
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly layers: readonly Layer[];
}

export const round = (value: number): number => Math.round(value * 10) / 10;

export function line(classes: string, x1: number, y1: number, x2: number, y2: number): Primitive {
  return { tag: 'line', attributes: { class: classes, x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) } };
}

export function path(classes: string, d: string): Primitive {
  return { tag: 'path', attributes: { class: classes, d } };
}

export function rect(classes: string, x: number, y: number, width: number, height: number, radius = 0): Primitive {
  return { tag: 'rect', attributes: { class: classes, x: round(x), y: round(y), width: round(Math.max(0, width)), height: round(height), rx: radius } };
}

export function circle(classes: string, cx: number, cy: number, r: number): Primitive {
  return { tag: 'circle', attributes: { class: classes, cx: round(cx), cy: round(cy), r } };
}

export function text(classes: string, x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end' = 'start'): Primitive {
  return { tag: 'text', attributes: { class: classes, x: round(x), y: round(y), 'text-anchor': anchor }, text: content };
}

/** A path through points, `M x y L x y …`. */
export function polyline(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
}

/** Safe in the text of an element and in an attribute's quotes. */
export const escape = (value: string | number): string =>
  String(value).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export function primitiveText({ tag, attributes, text: content }: Primitive): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escape(value)}"`).join('');
  return `<${tag}${written}${content === undefined ? '/>' : `>${escape(content)}</${tag}>`}`;
}
