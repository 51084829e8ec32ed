/** What the signs mean, below the picture. */
import { legendEntries } from '../../server/src/picture/legend.ts';
import { Canvas } from './draw.ts';

export function drawLegend(host: HTMLElement): void {
  const page = host.ownerDocument;
  for (const { words, classes, primitives } of legendEntries()) {
    const entry = page.createElement('span'), svg = page.createElementNS('http://www.w3.org/2000/svg', 'svg');
    entry.className = 'legend-entry';
    svg.setAttribute('aria-hidden', 'true');
    new Canvas(svg).draw({ width: 50, height: 22, layers: [{ name: 'legend', groups: [{ key: words, classes, primitives }] }] });
    entry.append(svg, words);
    host.append(entry);
  }
}
