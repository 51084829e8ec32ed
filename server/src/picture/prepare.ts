/** What does not depend on zooming: the axis, each thing's position on it, the rows that overlapping things are put in. */
import type { TimelineData, TimelineMark } from '../features/timeline.ts';
import { buildAxis } from './axis.ts';
import type { Axis, Scale } from './axis.ts';
import { itemsOf } from './describe.ts';
import type { Item } from './describe.ts';

export interface Prepared {
  readonly data: TimelineData;
  readonly axis: Axis;
  readonly scale: Scale;
  readonly withFaint: boolean;
  /** By message, in units of the axis. */
  readonly sent: Float64Array;
  readonly ended: Float64Array;
  /** The marks worth drawing, by time. */
  readonly marks: readonly { readonly index: number; readonly unit: number }[];
  /** By operation: its row on its client's lane; by process: how many rows its lane has. */
  readonly operationRow: readonly number[];
  readonly rowsOf: readonly number[];
  /** By fault: its row under the axis, or -1 for what the lanes show themselves. */
  readonly faultRow: readonly number[];
  readonly faultRows: number;
  readonly items: readonly Item[];
  /** Operations whose outcome nobody expected to be wrong, and is. */
  readonly wrongOperations: ReadonlySet<number>;
}

export function prepare(data: TimelineData, scale: Scale, withFaint: boolean): Prepared {
  const axis = buildAxis(instantsOf(data), data.endUs, scale, keptGap(data));
  const rowsOf = data.processes.map(() => 0);
  const operationRow = new Array<number>(data.operations.length).fill(0);
  data.processes.forEach((_process, client) => {
    const own = data.operations.map((_operation, index) => index).filter((index) => data.operations[index]!.client === client);
    const packed = packRows(own.map((index) => data.operations[index]!));
    own.forEach((index, i) => { operationRow[index] = packed.row[i]!; });
    rowsOf[client] = packed.rows;
  });
  const faults = packRows(data.faults);
  const marks = marksShown(data), shown = new Set(marks);
  return {
    data, axis, scale, withFaint,
    sent: Float64Array.from(data.messages, (message) => axis.at(message.sentUs)),
    ended: Float64Array.from(data.messages, (message) => axis.at(message.endUs)),
    marks: marks.map((index) => ({ index, unit: axis.at(data.marks[index]!.timeUs) })),
    wrongOperations: new Set(data.violations.filter((violation) => violation.severity === 'error' && !violation.expected).flatMap(({ operations }) => operations.slice(0, 1))),
    operationRow, rowsOf, faultRow: faults.row, faultRows: faults.rows,
    items: itemsOf(data, withFaint).filter((item) => item.kind !== 'mark' || shown.has(item.index)),
  };
}

function instantsOf(data: TimelineData): number[] {
  const instants: number[] = [];
  for (const message of data.messages) if (!message.faint) instants.push(message.sentUs, message.endUs);
  for (const { fromUs, toUs } of [...data.operations, ...data.reigns, ...data.spans, ...data.faults]) instants.push(fromUs, toUs);
  for (const { timeUs } of data.marks) instants.push(timeUs);
  for (const { timeUs } of data.violations) instants.push(timeUs);
  return instants.filter((time) => time <= data.endUs);
}

/** A message's usual way stays to scale, and so does what happens within one and a half of it; without messages, an operation's. */
function keptGap(data: TimelineData): number {
  const told = data.messages.filter((message) => !message.faint && message.fate === 'delivered');
  const lengths = told.length > 0 ? told.map((message) => message.endUs - message.sentUs)
    : data.operations.map((operation) => 2 * (operation.toUs - operation.fromUs));
  const middle = Float64Array.from(lengths).sort()[lengths.length >> 1] ?? 0;
  return middle > 0 ? 1.5 * middle : Infinity;
}

/** First fit: each interval in the first row whose last one has ended. They come in order of their starts, or nearly. */
function packRows(intervals: readonly { readonly fromUs: number; readonly toUs: number }[]): { row: number[]; rows: number } {
  const order = intervals.map((_interval, index) => index).sort((a, b) => intervals[a]!.fromUs - intervals[b]!.fromUs);
  const ends: number[] = [], row = new Array<number>(intervals.length).fill(0);
  for (const index of order) {
    const { fromUs, toUs } = intervals[index]!;
    let free = ends.findIndex((end) => end <= fromUs);
    if (free < 0) free = ends.length < 12 ? ends.length : 11;
    ends[free] = Math.max(toUs, ends[free] ?? 0);
    row[index] = free;
  }
  return { row, rows: ends.length };
}

/**
 * Leaves out marks that another at the same moment implies (a commit that is applied at once, a promise given with a vote or on
 * becoming leader), and doubts that ended: every vote of two-phase commit is one, and only those that stay are news.
 */
function marksShown(data: TimelineData): number[] {
  const key = (kind: string, mark: TimelineMark, what: number): string => `${kind} ${mark.node} ${mark.timeUs} ${what}`;
  const applied = new Set<string>(), voted = new Set<string>(), settledAt = new Map<string, number>();
  for (const reign of data.reigns) voted.add(`epoch ${reign.node} ${reign.fromUs} ${reign.epoch}`);
  for (const mark of data.marks) {
    if (mark.kind === 'apply') applied.add(key('slot', mark, mark.slot));
    if (mark.kind === 'settled') settledAt.set(`${mark.node} ${mark.slot}`, mark.timeUs);
    if (mark.kind === 'vote' || mark.kind === 'candidate') voted.add(key('epoch', mark, mark.epoch));
  }
  const shown: number[] = [];
  data.marks.forEach((mark, index) => {
    const implied = mark.kind === 'settled' || (mark.kind === 'commit' && applied.has(key('slot', mark, mark.slot)))
      || (mark.kind === 'doubt' && (settledAt.get(`${mark.node} ${mark.slot}`) ?? -1) >= mark.timeUs)
      || (mark.kind === 'promise' && voted.has(key('epoch', mark, mark.epoch)));
    if (!implied) shown.push(index);
  });
  return shown.sort((a, b) => data.marks[a]!.timeUs - data.marks[b]!.timeUs);
}
