/** Above the lanes: the time, what was done to the network, and what went wrong; and their traces down through the lanes. */
import type { TimelineFault, TimelineViolation } from '../features/timeline.ts';
import { roundStep, timeText } from './axis.ts';
import { describe, itemOf, keyOf } from './describe.ts';
import { SMALL_HEIGHT } from './drawing.ts';
import type { Drawing } from './drawing.ts';
import { FAULT_HEIGHT, clamp } from './frame.ts';
import { violationGlyph } from './glyphs.ts';
import { shortened } from './labels.ts';
import { circle, line, path, rect, text } from './scene.ts';
import type { Primitive } from './scene.ts';

const TICK_DISTANCE = 80;

export function layoutAxis(d: Drawing): void {
  const { frame, prepared } = d, { axis, data } = prepared;
  const end = d.x(data.endUs);
  let x = Math.max(frame.left, d.x(axis.fromUs)), free = -Infinity;
  while (x <= Math.min(frame.right, end) + 0.5) {
    const timeUs = axis.timeAt(d.unitAt(x)), ahead = axis.timeAt(d.unitAt(x + TICK_DISTANCE)) - timeUs;
    const step = roundStep(Math.max(ahead, 1e-6)), next = Math.ceil(timeUs / step - 1e-9) * step, at = d.x(next);
    const words = timeText(round6(next), data.unit), width = d.small(words);
    if (at <= Math.min(frame.right, end) + 0.5 && at - width / 2 > free) {
      const inside = clamp(at, frame.left + width / 2 - 4, frame.right - width / 2 + 8);
      d.add('grid', `tick ${next}`, 'tick', [line('tick-line', at, frame.axisY, at, frame.lanesBottom)]);
      d.add('header', `time ${next}`, 'tick', [text('', inside, frame.axisY - 8, words, 'middle')]);
      free = at + width / 2 + 14;
    }
    x = Math.max(x + TICK_DISTANCE / 2, at + 1);
  }
  d.add('header', 'axis', 'axis', [line('axis-line', frame.left, frame.axisY, clamp(end, frame.left, frame.right), frame.axisY)]);
  layoutBreaks(d);
  if (end >= frame.left && end <= frame.right + 1) d.add('grid', 'end', 'end', [line('end-line', end, frame.axisY, end, frame.lanesBottom)]);
}

const round6 = (value: number): number => Math.round(value * 1e6) / 1e6;

/** A zigzag on the axis where nothing happens for long and the scale is shortened. */
function layoutBreaks(d: Drawing): void {
  const { frame, prepared } = d;
  let free = -Infinity;
  for (const { fromUs, toUs } of prepared.axis.breaks) {
    const x = (d.x(fromUs) + d.x(toUs)) / 2, y = frame.axisY;
    if (x < Math.max(frame.left, free) || x > frame.right) continue;
    free = x + 14;
    d.add('header', `break ${fromUs}`, 'break', [rect('backdrop', x - 5, y - 3, 10, 6), path('zigzag', `M${x - 5} ${y}l2.5 -4l5 8l2.5 -4`)]);
  }
}

export function layoutFaults(d: Drawing): void {
  const { data, faultRow } = d.prepared, { frame } = d;
  let most = 400;
  data.faults.forEach((fault, index) => {
    const from = d.x(fault.fromUs), to = fault.open ? frame.right : d.x(fault.toUs), lasts = fault.open || fault.toUs > fault.fromUs;
    if (!d.isVisible(from, Math.max(to, from + 200)) || most-- <= 0) return;
    const y = frame.faultsTop + faultRow[index]! * FAULT_HEIGHT, start = Math.max(from, frame.left - 20), end = Math.min(Math.max(to, start + 2), frame.right);
    const key = keyOf('fault', index), primitives: Primitive[] = [];
    if (lasts) primitives.push(rect('fault-box', start, y, end - start, FAULT_HEIGHT - 4, 3));
    else primitives.push(circle('fault-point', from, y + 8, 4));
    d.addItem('header', 'fault', index, fault.line, `fault${fault.groups.length > 0 ? ' partition' : ''}`, primitives, describe(data, itemOf(data, key)!));
    requestFaultLabel(d, fault, key, y, Math.max(from, frame.left), end, lasts);
    if (lasts) shadeFault(d, fault, index, start, end);
  });
}

function requestFaultLabel(d: Drawing, fault: TimelineFault, key: string, y: number, from: number, end: number, lasts: boolean): void {
  const inside = shortened(fault.text, end - from - 12, (words) => d.small(words));
  const widest = shortened(fault.text, 320, (words) => d.small(words));
  const texts = lasts && inside === fault.text ? [{ words: inside, x: from + 6 }]
    : [{ words: widest, x: lasts ? end + 6 : from + 8 }, { words: widest, x: from - 6 - d.small(widest) }, { words: inside, x: from + 6 }];
  const wishes = texts.filter(({ words }) => words !== '').map(({ words, x }) => ({ x, y: y + 1, text: words, width: d.small(words) }));
  d.requests.push({ key: `label ${key}`, classes: d.classesOf('label of-fault', key, fault.line), priority: 2, height: SMALL_HEIGHT, wishes });
}

/** Down the lanes: a shade for the time it lasts, and a wall between neighbours on different sides. */
function shadeFault(d: Drawing, fault: TimelineFault, index: number, start: number, end: number): void {
  const { frame } = d, side = new Map<number, number>();
  fault.groups.forEach((group, number) => group.forEach((process) => side.set(process, number)));
  const primitives: Primitive[] = [];
  frame.lanes.forEach((lane, process) => {
    const own = side.get(process);
    if (own !== undefined) primitives.push(rect(`side side-${own % 4}`, start, lane.top, end - start, lane.bottom - lane.top));
    const below = side.get(process + 1);
    if (own !== undefined && below !== undefined && own !== below) primitives.push(line('wall', start, lane.bottom, end, lane.bottom));
  });
  if (fault.groups.length === 0) primitives.push(line('fault-edge', start, frame.lanesTop, start, frame.lanesBottom));
  d.add('shades', `shade ${index}`, 'shade', primitives);
}

const CLUSTER = 18;
const RANK = { error: 0, warning: 1, information: 2, hint: 3 } as const;

/** One glyph for violations at nearly the same place, the worst of them; all of their codes stand beside it. */
export function layoutViolations(d: Drawing): void {
  const { data } = d.prepared;
  const order = data.violations.map((violation, index) => ({ violation, index, x: d.x(violation.timeUs) }))
    .filter(({ x }) => d.isVisible(x, x)).sort((a, b) => a.x - b.x);
  for (let i = 0; i < order.length;) {
    let next = i + 1;
    while (next < order.length && order[next]!.x - order[i]!.x < CLUSTER) next++;
    const lit = ({ index, violation }: (typeof order)[number]): number => Number(!d.isLit(keyOf('violation', index), violation.line));
    const cluster = order.slice(i, next).sort((a, b) => lit(a) - lit(b) || Number(a.violation.expected) - Number(b.violation.expected)
      || RANK[a.violation.severity] - RANK[b.violation.severity]);
    layoutCluster(d, cluster);
    i = next;
  }
}

function layoutCluster(d: Drawing, cluster: readonly { violation: TimelineViolation; index: number; x: number }[]): void {
  const { frame, prepared: { data } } = d, { violation, index, x } = cluster[0]!, y = frame.verdictsY;
  const key = keyOf('violation', index), state = violation.expected ? 'expected' : violation.severity;
  const primitives: Primitive[] = [line('thread', x, y + 8, x, frame.lanesBottom)];
  for (const node of new Set(cluster.flatMap((member) => member.violation.nodes))) {
    const lane = frame.lanes[node];
    if (lane?.role === 'node') primitives.push(circle('ring', x, lane.y, 11));
  }
  primitives.push(...violationGlyph(violation.severity, violation.expected, x, y));
  d.occupied.add({ x: x - 9, y: y - 9, width: 18, height: 18 });
  d.addItem('header', 'violation', index, violation.line, `violation ${state}`, primitives,
    cluster.map((member) => describe(data, itemOf(data, keyOf('violation', member.index))!)).join(' '));
  const codes = [...new Set(cluster.map((member) => member.violation.code + (member.violation.expected ? ' (expected)' : '')))];
  const more = codes.length > 1 ? ` +${codes.length - 1}` : '';
  const texts = [codes.join(', '), codes[0]! + more, violation.code + more];
  const wishes = [...new Set(texts)].flatMap((words) => {
    const width = d.smallBold(words);
    return [{ x: x + 13, y: y - 7, text: words, width }, { x: x - 13 - width, y: y - 7, text: words, width }];
  });
  d.requests.push({ key: `label ${key}`, classes: d.classesOf(`label of-violation ${state}`, key, violation.line), priority: 1, height: SMALL_HEIGHT, wishes });
}
