/**
 * Puts a scene on the page. Elements are kept from one drawing to the next by their keys, so that the focus stays where it is
 * and only what changed is touched. Every text goes in as a text node.
 */
import type { Group, Layer, Primitive, Scene } from '../../server/src/picture/scene.ts';

const SVG = 'http://www.w3.org/2000/svg';

export class Canvas {
  private readonly svg: SVGSVGElement;
  private readonly layers = new Map<string, { readonly element: Element; readonly groups: Map<string, Element> }>();

  constructor(svg: SVGSVGElement) { this.svg = svg; }

  draw(scene: Scene): void {
    this.svg.setAttribute('width', String(scene.width));
    this.svg.setAttribute('height', String(scene.height));
    for (const layer of scene.layers) this.drawLayer(layer);
  }

  find(key: string): SVGElement | undefined {
    for (const { groups } of this.layers.values()) {
      const element = groups.get(key);
      if (element !== undefined) return element as SVGElement;
    }
    return undefined;
  }

  private drawLayer({ name, groups }: Layer): void {
    let layer = this.layers.get(name);
    if (layer === undefined) {
      const element = this.svg.ownerDocument.createElementNS(SVG, 'g');
      element.setAttribute('class', `layer ${name}`);
      this.svg.append(element);
      this.layers.set(name, (layer = { element, groups: new Map() }));
    }
    const keys = new Set(groups.map((group) => group.key));
    for (const [key, element] of layer.groups) {
      if (keys.has(key)) continue;
      element.remove();
      layer.groups.delete(key);
    }
    let before: Element | null = layer.element.firstElementChild;
    for (const group of groups) {
      let element = layer.groups.get(group.key);
      if (element === undefined) {
        element = this.svg.ownerDocument.createElementNS(SVG, 'g');
        layer.groups.set(group.key, element);
        layer.element.insertBefore(element, before);
      } else if (element === before) before = before.nextElementSibling;
      drawGroup(element, group);
    }
  }
}

function drawGroup(element: Element, group: Group): void {
  setAttribute(element, 'class', group.classes);
  setAttribute(element, 'data-key', group.key);
  if (group.label === undefined) setAttribute(element, 'aria-hidden', 'true');
  else {
    setAttribute(element, 'role', 'button');
    setAttribute(element, 'aria-label', group.label);
    if (!element.hasAttribute('tabindex')) element.setAttribute('tabindex', '-1');
  }
  const children = [...element.children];
  group.primitives.forEach((primitive, index) => {
    const child = children[index];
    if (child?.tagName === primitive.tag) drawPrimitive(child, primitive);
    else {
      const created = element.ownerDocument.createElementNS(SVG, primitive.tag);
      drawPrimitive(created, primitive);
      if (child === undefined) element.append(created);
      else child.replaceWith(created);
    }
  });
  for (const surplus of children.slice(group.primitives.length)) surplus.remove();
}

function drawPrimitive(element: Element, { attributes, text }: Primitive): void {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, String(value));
  for (const { name } of [...element.attributes]) if (!(name in attributes)) element.removeAttribute(name);
  if (text !== undefined && element.textContent !== text) element.textContent = text;
}

function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
