/** What the clients asked: a bar from asking to answer, as in the essay's histories; its end says how it ended. */
import type { TimelineOperation } from '../features/timeline.ts';
import { describe, itemOf, keyOf, operationText, outcomeText } from './describe.ts';
import { SMALL_HEIGHT } from './drawing.ts';
import type { Drawing } from './drawing.ts';
import { BAR_HEIGHT } from './frame.ts';
import { cross } from './glyphs.ts';
import { line, path, rect } from './scene.ts';
import type { Primitive } from './scene.ts';

const MOST_BARS = 600;

export function layoutOperations(d: Drawing): void {
  const { data } = d.prepared, drawnAt = new Set<string>();
  const visible = data.operations.map((_operation, index) => index).filter((index) => {
    const { fromUs, toUs } = data.operations[index]!;
    return d.isVisible(d.x(fromUs), d.x(toUs));
  });
  const column = visible.length > MOST_BARS ? (d.frame.width * d.frame.lanes.length) / MOST_BARS : 0;
  for (const index of visible) {
    const operation = data.operations[index]!, key = keyOf('operation', index);
    const place = `${operation.client} ${d.prepared.operationRow[index]} ${column === 0 ? index : Math.floor(d.x(operation.fromUs) / column)}`;
    if (drawnAt.has(place) && !d.isLit(key, operation.line)) continue;
    drawnAt.add(place);
    layoutOperation(d, operation, index, key);
  }
}

function layoutOperation(d: Drawing, operation: TimelineOperation, index: number, key: string): void {
  const { frame, prepared } = d, lane = frame.lanes[operation.client];
  if (lane === undefined) return;
  const y = lane.y + prepared.operationRow[index]! * frame.rowHeight, isOpen = operation.outcome === 'open';
  const from = d.x(operation.fromUs), to = Math.max(from + 2, d.x(operation.toUs));
  const start = Math.max(from, frame.left - 20), end = Math.min(to, frame.right);
  const primitives: Primitive[] = [rect('hit', start, y - 4, Math.max(8, end - start), BAR_HEIGHT + SMALL_HEIGHT + 8),
    rect('bar', start, y, end - start, BAR_HEIGHT), line('cap', from, y - 4, from, y + BAR_HEIGHT + 4)];
  if (operation.outcome === 'ok') primitives.push(line('cap', to, y - 4, to, y + BAR_HEIGHT + 4));
  if (operation.outcome === 'failed') primitives.push(path('sign-stroke', cross(to, y + BAR_HEIGHT / 2, 5)));
  if (operation.outcome === 'unknown' || isOpen) primitives.push(path('frayed', frayed(end, y)));
  const classes = operation.outcome + (prepared.wrongOperations.has(index) ? ' wrong' : '');
  d.addItem('operations', 'operation', index, operation.line, `operation ${classes}`, primitives, describe(prepared.data, itemOf(prepared.data, key)!));
  requestLabel(d, operation, key, classes, Math.max(from, frame.left), y + BAR_HEIGHT + 3);
}

/** A torn end: nobody knows what came after. */
function frayed(x: number, y: number): string {
  const step = BAR_HEIGHT / 4;
  return `M${x} ${y}l5 ${step}l-5 ${step}l5 ${step}l-5 ${step}`;
}

function requestLabel(d: Drawing, operation: TimelineOperation, key: string, classes: string, x: number, y: number): void {
  const asked = operationText(operation), outcome = outcomeText(operation);
  const texts = [`${asked} → ${outcome}`, `${operation.label || operation.content} → ${outcome}`, asked, operation.label];
  const wishes = texts.filter((words) => words !== '').flatMap((words) => {
    const width = classes.endsWith('wrong') ? d.smallBold(words) : d.small(words), fits = Math.min(x, d.frame.right - width);
    return [{ x: fits, y, text: words, width }];
  });
  const lit = d.isLit(key, operation.line);
  d.requests.push({ key: `label ${key}`, classes: d.classesOf(`label of-operation ${classes}`, key, operation.line), priority: lit ? 0.5 : 5,
    height: SMALL_HEIGHT, wishes });
}
