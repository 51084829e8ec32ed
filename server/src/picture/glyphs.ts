/** The small signs, each a few strokes around a centre: told apart by shape first, by colour second. The legend shows the same. */
import type { MarkKind, TimelineViolation } from '../features/timeline.ts';
import { circle, path, round, text } from './scene.ts';
import type { Primitive } from './scene.ts';

/** A path given around 0,0, in absolute commands of one letter and pairs of numbers, moved to x, y. */
function at(x: number, y: number, points: readonly (readonly [string, number, number])[], closed = false): string {
  return points.map(([command, dx, dy]) => `${command}${round(x + dx)} ${round(y + dy)}`).join('') + (closed ? 'Z' : '');
}

export function markGlyph(kind: MarkKind, x: number, y: number): readonly Primitive[] {
  switch (kind) {
    case 'timeout':
      return [path('solid', at(x, y, [['M', -4.5, -5.5], ['L', 4.5, -5.5], ['L', -4.5, 5.5], ['L', 4.5, 5.5]], true))];
    case 'candidate':
      return [path('hollow', at(x, y, [['M', 0, -5.5], ['L', 5.5, 4.5], ['L', -5.5, 4.5]], true))];
    case 'steps-down':
      return [path('hollow', at(x, y, [['M', 0, 5.5], ['L', 5.5, -4.5], ['L', -5.5, -4.5]], true))];
    case 'vote':
      return [path('hollow', at(x, y, [['M', -5, -5], ['L', 5, -5], ['L', 5, 5], ['L', -5, 5]], true)),
        path('stroke', at(x, y, [['M', -2.5, 0], ['L', -0.5, 2.5], ['L', 3, -2.5]]))];
    case 'promise':
      return [path('stroke', at(x, y, [['M', -2.5, -5], ['L', 3, 0], ['L', -2.5, 5]]))];
    case 'accept':
      return [circle('hollow', x, y, 4.5)];
    case 'commit':
      return [circle('hollow', x, y, 5), circle('solid', x, y, 2)];
    case 'apply':
      return [circle('solid', x, y, 5)];
    case 'abort':
      return [circle('hollow', x, y, 5), path('stroke', at(x, y, [['M', -3.5, 3.5], ['L', 3.5, -3.5]]))];
    case 'truncate':
      return [path('stroke', at(x, y, [['M', 5, -5], ['L', 5, 5], ['M', -6, 0], ['L', 2, 0], ['M', -1.5, -3.5], ['L', 2, 0], ['L', -1.5, 3.5]]))];
    case 'doubt':
      return [circle('hollow', x, y, 6), text('sign', x, y + 3.8, '?', 'middle')];
    case 'settled':
      return [path('stroke', at(x, y, [['M', -4.5, 0], ['L', -1, 4], ['L', 5, -4.5]]))];
  }
}

export const cross = (x: number, y: number, size: number): string =>
  at(x, y, [['M', -size, -size], ['L', size, size], ['M', -size, size], ['L', size, -size]]);

/** Two upright bars: held, or paused. */
export const pauseBars = (x: number, y: number, size: number): string =>
  at(x, y, [['M', -size / 2, -size], ['L', -size / 2, size], ['M', size / 2, -size], ['L', size / 2, size]]);

/** An arrow that comes round: up again. */
export const restartSign = (x: number, y: number): string =>
  `M${round(x + 4.5)} ${round(y - 2.5)}A5 5 0 1 0 ${round(x + 4.8)} ${round(y + 1.5)}M${round(x + 5)} ${round(y - 6)}L${round(x + 5)} ${round(y - 1.8)}L${round(x + 0.8)} ${round(y - 1.8)}`;

/** An octagon for an error, a triangle for a warning, a circle for the rest. Expected ones are hollow. */
export function violationGlyph(severity: TimelineViolation['severity'], expected: boolean, x: number, y: number): readonly Primitive[] {
  const fill = expected ? 'hollow' : 'solid', sign = text(expected ? 'sign' : 'sign on-solid', x, y + 4.2, severity === 'error' || severity === 'warning' ? '!' : 'i', 'middle');
  if (severity === 'error') {
    return [path(fill, at(x, y, [['M', -3.3, -8], ['L', 3.3, -8], ['L', 8, -3.3], ['L', 8, 3.3], ['L', 3.3, 8], ['L', -3.3, 8], ['L', -8, 3.3], ['L', -8, -3.3]], true)), sign];
  }
  if (severity === 'warning') return [path(fill, at(x, y, [['M', 0, -8.5], ['L', 9, 7], ['L', -9, 7]], true)), sign];
  return [circle(fill, x, y, 7.5), sign];
}

/** An arrow's head with its tip at x, y, pointing along (dx, dy). `shape`: filled, hollow, or only the two strokes. */
export function arrowHead(x: number, y: number, dx: number, dy: number, shape: 'solid' | 'hollow' | 'open', size = 8): Primitive {
  const length = Math.hypot(dx, dy) || 1, ux = dx / length, uy = dy / length;
  const bx = x - ux * size, by = y - uy * size, wing = size * 0.45;
  const left = `${round(bx - uy * wing)} ${round(by + ux * wing)}`, right = `${round(bx + uy * wing)} ${round(by - ux * wing)}`;
  return path(`head ${shape}`, `M${left}L${round(x)} ${round(y)}L${right}${shape === 'open' ? '' : 'Z'}`);
}
