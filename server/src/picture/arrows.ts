/** Messages: an arrow from the moment and lane of sending to those of delivery, and what became of it on the way. */
import type { TimelineMessage } from '../features/timeline.ts';
import { describe, epochText, itemOf, keyOf, messageText, pairs } from './describe.ts';
import { SMALL_HEIGHT, epochClass } from './drawing.ts';
import type { Drawing } from './drawing.ts';
import { arrowHead, cross, pauseBars } from './glyphs.ts';
import type { Wish } from './labels.ts';
import { line, path, polyline } from './scene.ts';
import type { Primitive } from './scene.ts';
import { visibleMessages } from './thinning.ts';

type Point = readonly [number, number];

interface Course {
  /** The straight parts in order; `parked` ones are drawn dotted, with a pause sign. */
  readonly parts: readonly { readonly from: Point; readonly to: Point; readonly parked: boolean }[];
}

const HEAD_GAP = 3;
/** With more arrows than this, hardly a label would find a place. */
const MOST_LABELLED = 400;
/** Heartbeats closer together than this, in pixels, step further back. */
const LEAST_DISTANCE = 12;

export function layoutArrows(d: Drawing): void {
  const { data } = d.prepared;
  const drawn = visibleMessages(d), tooMany = drawn.length > MOST_LABELLED;
  const faint = drawn.filter(({ index }) => data.messages[index]!.faint).length;
  const faintClass = faint * LEAST_DISTANCE > d.frame.right - d.frame.left ? 'faint fainter' : 'faint';
  for (const { index, count } of drawn) {
    const message = data.messages[index]!, course = courseOf(d, message, index);
    if (course === undefined) continue;
    const key = keyOf('message', index), lit = d.isLit(key, message.line);
    const hasClient = isClient(d, message.from) || isClient(d, message.to);
    const classes = ['arrow', message.fate, hasClient ? 'of-client' : epochClass(message.epoch), message.faint ? faintClass : '', message.held.length > 0 ? 'held' : '']
      .filter((name) => name !== '').join(' ');
    d.addItem(message.faint && !lit ? 'faint-arrows' : 'arrows', 'message', index, message.line, classes, primitivesOf(message, course, tooMany && !lit),
      count > 1 ? `${count} messages like this: ${describe(data, itemOf(data, key)!)}` : describe(data, itemOf(data, key)!));
    if (!message.faint) for (const { from, to } of course.parts) d.segments.add([from[0], from[1], to[0], to[1]]);
    if (lit || (!message.faint && !tooMany)) requestLabel(d, message, key, course, lit ? 0 : hasClient ? 7 : 6, textsOf(message, count));
  }
}

const isClient = (d: Drawing, process: number): boolean => d.frame.lanes[process]?.role === 'client';

/** Where a message leaves or reaches a lane: the line of a node, the bar of a client's operation. */
function laneY(d: Drawing, process: number, op: number): number | undefined {
  const lane = d.frame.lanes[process];
  if (lane === undefined || lane.role === 'node') return lane?.y;
  const own = d.prepared.data.operations[op]?.client === process;
  return lane.y + (own ? d.prepared.operationRow[op]! : 0) * d.frame.rowHeight;
}

function courseOf(d: Drawing, message: TimelineMessage, index: number): Course | undefined {
  const startY = laneY(d, message.from, message.op), endY = laneY(d, message.to, message.op);
  if (startY === undefined || endY === undefined) return undefined;
  const startX = d.xOfUnit(d.prepared.sent[index]!), endX = d.xOfUnit(d.prepared.ended[index]!);
  const heldAt = 0.38 + 0.08 * (index % 4);
  const parts: Course['parts'][number][] = [];
  let at: Point = [startX, startY];
  for (const [fromUs, toUs] of pairs(message.held)) {
    const y = startY + heldAt * (endY - startY), from: Point = [d.x(fromUs), y], to: Point = [d.x(toUs), y];
    parts.push({ from: at, to: from, parked: false }, { from, to, parked: true });
    at = to;
  }
  if (message.fate === 'in-flight' && parts.length > 0) return { parts };
  parts.push({ from: at, to: endOf(message, at, startX, endX, startY, endY), parked: false });
  return { parts };
}

/** Lost at once: a short way out; lost later, or under way: most of the way; delivered: to the other lane's edge. */
function endOf(message: TimelineMessage, at: Point, startX: number, endX: number, startY: number, endY: number): Point {
  const direction = Math.sign(endY - startY) || 1;
  if (message.fate === 'lost' && message.endUs <= message.sentUs) return [startX + 12, startY + 0.4 * (endY - startY)];
  if (message.fate === 'lost') return [endX, endY - direction * 16];
  if (message.fate === 'in-flight') return [endX, at[1] + 0.6 * (endY - at[1])];
  return [endX, endY - direction * HEAD_GAP];
}

/** `plain`: without a wide invisible line to catch the pointer, where arrows lie side by side anyway. */
function primitivesOf(message: TimelineMessage, course: Course, plain: boolean): Primitive[] {
  const { parts } = course, last = parts[parts.length - 1]!;
  const out: Primitive[] = plain ? [] : [path('hit', polyline([parts[0]!.from, ...parts.map((part) => part.to)]))];
  for (const { from, to, parked } of parts) {
    out.push(line(parked ? 'shaft parked' : 'shaft', from[0], from[1], to[0], to[1]));
    if (parked) out.push(path('sign-stroke', pauseBars((from[0] + to[0]) / 2, from[1], 4)));
  }
  const [x, y] = last.to, dx = x - last.from[0], dy = y - last.from[1];
  if (message.fate === 'lost') out.push(path('sign-stroke lost-sign', cross(x, y, 4)));
  else if (message.fate === 'in-flight') { if (!last.parked) out.push(arrowHead(x, y, dx, dy, 'open')); }
  else out.push(arrowHead(x, y, dx, dy, message.fate === 'discarded' ? 'hollow' : 'solid', message.faint ? 5 : 8));
  if (message.fate === 'discarded') out.push(strike(x, y, dx, dy));
  return out;
}

/** A bar across the shaft before its head: it arrived, and was turned away. */
function strike(x: number, y: number, dx: number, dy: number): Primitive {
  const length = Math.hypot(dx, dy) || 1, ux = dx / length, uy = dy / length, back = 13, wing = 5;
  const cx = x - ux * back, cy = y - uy * back;
  return line('sign-stroke', cx - uy * wing, cy + ux * wing, cx + uy * wing, cy - ux * wing);
}

const lengthOf = ({ from, to }: Course['parts'][number]): number => Math.hypot(to[0] - from[0], to[1] - from[1]);

const PLACES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];

function textsOf(message: TimelineMessage, count: number): readonly string[] {
  if (count > 1) return [`×${count} ${message.word}`, `×${count}`];
  return [...new Set([messageText(message), [message.word, epochText(message.epoch, message.slot)].filter((part) => part !== '').join(' '), message.word])];
}

function requestLabel(d: Drawing, message: TimelineMessage, key: string, course: Course, priority: number, texts: readonly string[]): void {
  const { from, to } = course.parts.reduce((longest, part) => (lengthOf(part) > lengthOf(longest) ? part : longest));
  const wishes = texts.flatMap((words, index) => wishesAlong(d, from, to, words, 0.7 * index));
  d.requests.push({ key: `label ${key}`, classes: d.classesOf(`label of-arrow ${message.fate}`, key, message.line), priority, height: SMALL_HEIGHT, wishes,
    ...(priority > 0 ? { worst: 2 } : {}) });
}

/** Beside the arrow where it is steep, above or below it where it is flat; never on a lane. */
function wishesAlong(d: Drawing, [x1, y1]: Point, [x2, y2]: Point, words: string, penalty: number): Wish[] {
  const width = d.small(words), dx = x2 - x1, dy = y2 - y1, wishes: Wish[] = [];
  const aside = 5 + (SMALL_HEIGHT / 2) * Math.abs(dx / (dy || 1e-9)), above = 3 + (width / 2) * Math.abs(dy / (dx || 1e-9));
  for (const place of PLACES) {
    const x = x1 + place * dx, y = y1 + place * dy, top = y - SMALL_HEIGHT / 2;
    const add = (left: number, upper: number): void => { wishes.push({ x: left, y: upper, text: words, width, penalty }); };
    if (aside < 50) { add(x + aside, top); add(x - aside - width, top); }
    if (above < 24) { add(x - width / 2, y - above - SMALL_HEIGHT); add(x - width / 2, y + above); }
  }
  return wishes.filter((wish) => !onLane(d, wish.y));
}

function onLane(d: Drawing, top: number): boolean {
  return d.frame.lanes.some((lane) => lane.role === 'node' && top < lane.y + 11 && top + SMALL_HEIGHT > lane.y - 11);
}
