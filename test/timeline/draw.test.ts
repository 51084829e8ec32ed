/** Drawing on a page of the few things that draw.ts asks of one: what it makes, what it keeps, and that texts are texts. */
import { describe, expect, it } from 'vitest';
import { prepare } from '../../server/src/picture/prepare.ts';
import { fitted, layout } from '../../server/src/picture/layout.ts';
import type { Scene } from '../../server/src/picture/scene.ts';
import { hostile } from './fixtures.ts';

class FakeElement {
  readonly tagName: string;
  readonly ownerDocument = { createElementNS: (_space: string, tag: string): FakeElement => new FakeElement(tag) };
  readonly children: FakeElement[] = [];
  private readonly values = new Map<string, string>();
  private parent: FakeElement | undefined;
  textContent = '';

  constructor(tagName: string) { this.tagName = tagName; }
  get attributes(): { name: string; value: string }[] { return [...this.values].map(([name, value]) => ({ name, value })); }
  get firstElementChild(): FakeElement | null { return this.children[0] ?? null; }
  get nextElementSibling(): FakeElement | null { return this.parent?.children[this.parent.children.indexOf(this) + 1] ?? null; }
  getAttribute(name: string): string | null { return this.values.get(name) ?? null; }
  hasAttribute(name: string): boolean { return this.values.has(name); }
  setAttribute(name: string, value: string): void { this.values.set(name, value); }
  removeAttribute(name: string): void { this.values.delete(name); }
  append(child: FakeElement): void { this.insertBefore(child, null); }
  insertBefore(child: FakeElement, before: FakeElement | null): void {
    child.parent = this;
    this.children.splice(before === null ? this.children.length : this.children.indexOf(before), 0, child);
  }
  remove(): void { this.parent?.children.splice(this.parent.children.indexOf(this), 1); }
  replaceWith(other: FakeElement): void {
    other.parent = this.parent;
    this.parent!.children[this.parent!.children.indexOf(this)] = other;
  }
  all(): FakeElement[] { return [this, ...this.children.flatMap((child) => child.all())]; }
}

interface CanvasLike { draw(scene: Scene): void; find(key: string): unknown }

/** By a name that the type checker does not follow: the page's own project has the DOM's types, the tests' project has not. */
const DRAW: string = '../../client/webview/draw.ts';
const { Canvas } = (await import(DRAW)) as { Canvas: new (svg: FakeElement) => CanvasLike };
const OPTIONS = { measure: (text: string, size: number) => text.length * size * 0.56, cursorLine: -1, focusKey: '', hoverKey: '' };

function sceneOf(shift: number): Scene {
  const prepared = prepare(hostile(), 'time', true), { fromUnit, toUnit } = fitted(prepared);
  return layout(prepared, { width: 900, height: 500, fromUnit: fromUnit + shift, toUnit: toUnit + shift }, OPTIONS).scene;
}

describe('drawing', () => {
  it('writes what a document says as text, never as elements or attributes of its own', () => {
    const svg = new FakeElement('svg');
    new Canvas(svg).draw(sceneOf(0));
    expect(new Set(svg.all().map((element) => element.tagName))).toEqual(new Set(['svg', 'g', 'line', 'path', 'rect', 'circle', 'text']));
    expect(svg.all().some((element) => element.textContent === '<img/src=x>')).toBe(true);
    expect(svg.all().flatMap((element) => element.attributes).some(({ name }) => name.startsWith('on'))).toBe(false);
  });

  it('keeps the elements of what stays, in the order of the scene, and drops the rest', () => {
    const svg = new FakeElement('svg'), canvas = new Canvas(svg);
    canvas.draw(sceneOf(0));
    const before = canvas.find('m1');
    canvas.draw(sceneOf(500));
    expect(canvas.find('m1')).toBe(before);
    for (const shift of [4000, 35_000, -2000, 0]) {
      const scene = sceneOf(shift);
      canvas.draw(scene);
      const drawn = svg.children.map((layer) => layer.children.map((group) => group.getAttribute('data-key')));
      expect(drawn).toEqual(scene.layers.map((layer) => layer.groups.map((group) => group.key)));
    }
    expect(before).toBeDefined();
    expect(svg.all().filter((element) => element.getAttribute('data-key') === 'm1')).toHaveLength(1);
  });

  it('makes each thing a button with its sentence, out of the Tab order until it is its turn', () => {
    const svg = new FakeElement('svg');
    new Canvas(svg).draw(sceneOf(0));
    const arrow = svg.all().find((element) => element.getAttribute('data-key') === 'm1')!;
    expect(arrow.getAttribute('role')).toBe('button');
    expect(arrow.getAttribute('tabindex')).toBe('-1');
    expect(arrow.getAttribute('aria-label')).toContain('ignores it');
  });
});
