/** What nodes did: small signs on their lanes. Signs at nearly the same moment stand below one another, the rest is counted. */
import type { MarkKind, TimelineMark } from '../features/timeline.ts';
import { MARK_WORDS, describe, epochText, itemOf, keyOf, markText } from './describe.ts';
import { SMALL_HEIGHT, epochClass } from './drawing.ts';
import type { Drawing } from './drawing.ts';
import { markGlyph } from './glyphs.ts';

/** Signs nearer than COLUMN pixels share a place: two of them, or, of more than CROWDED, the first alone. */
const COLUMN = 13, MOST_IN_COLUMN = 2, CROWDED = 4;
const RANK: Readonly<Record<MarkKind, number>> = {
  candidate: 0, 'steps-down': 1, truncate: 2, abort: 3, doubt: 4, timeout: 5, apply: 6, commit: 7, vote: 8, promise: 9, accept: 10, settled: 11,
};

interface Column {
  readonly x: number;
  readonly indexes: number[];
}

export function layoutMarks(d: Drawing): void {
  const { data, marks } = d.prepared;
  const columns: Column[] = [], last = new Map<number, Column>();
  const from = d.unitAt(d.frame.left - 8), to = d.unitAt(d.frame.right + 8);
  for (const { index, unit } of marks) {
    if (unit < from) continue;
    if (unit > to) break;
    const node = data.marks[index]!.node, x = d.xOfUnit(unit);
    let column = last.get(node);
    if (column === undefined || x - column.x >= COLUMN) {
      column = { x, indexes: [] };
      columns.push(column);
      last.set(node, column);
    }
    column.indexes.push(index);
  }
  for (const column of columns) layoutColumn(d, column);
}

function layoutColumn(d: Drawing, { x, indexes }: Column): void {
  const { data } = d.prepared;
  const lit = (index: number): number => (d.isLit(keyOf('mark', index), data.marks[index]!.line) ? 0 : 1);
  const order = [...indexes].sort((a, b) => lit(a) - lit(b) || RANK[data.marks[a]!.kind] - RANK[data.marks[b]!.kind] || a - b);
  const y = d.frame.lanes[data.marks[indexes[0]!]!.node]?.y;
  if (y === undefined) return;
  const shown = order.length > CROWDED ? 1 : MOST_IN_COLUMN;
  order.slice(0, shown).forEach((index, row) => layoutMark(d, index, order.length === 1 || row > 0 ? x : d.x(data.marks[index]!.timeUs), y, row));
  const more = order.length - shown;
  if (more <= 0) return;
  const words = `+${more}`, width = d.small(words);
  d.requests.push({ key: `more ${order[0]!}`, classes: 'label of-mark', priority: 8, height: SMALL_HEIGHT,
    wishes: [{ x: x + 7, y: y + (shown - 1) * 13 - SMALL_HEIGHT / 2, text: words, width }, { x: x - width / 2, y: y + 8 + (shown - 1) * 13, text: words, width }] });
}

function layoutMark(d: Drawing, index: number, x: number, laneY: number, row: number): void {
  const y = laneY + row * 14;
  const { data } = d.prepared, mark = data.marks[index]!, key = keyOf('mark', index);
  d.addItem('marks', 'mark', index, mark.line, `mark ${mark.kind} ${epochClass(mark.epoch)}`, markGlyph(mark.kind, x, y), describe(data, itemOf(data, key)!));
  d.occupied.add({ x: x - 7, y: y - 7, width: 14, height: 14 });
  const lit = d.isLit(key, mark.line);
  if (!lit && SAID_BY_ARROWS.has(mark.kind)) return;
  const texts = lit ? [markText(data, mark)] : [`${MARK_WORDS[mark.kind]} ${which(mark)}`.trim(), which(mark)];
  const wishes = [...new Set(texts)].filter((words) => words !== '').flatMap((words) => {
    const width = d.small(words);
    // Off the lane: below or above its line, or beside a sign that stands below it.
    const tops = row > 0 ? [y - SMALL_HEIGHT / 2, y + 11] : [y + 11, y - 11 - SMALL_HEIGHT];
    return [x + 9, x - 9 - width].flatMap((left) => tops.map((top) => ({ x: left, y: top, text: words, width })));
  });
  d.requests.push({ key: `label ${key}`, classes: d.classesOf('label of-mark', key, mark.line), priority: lit ? 0.7 : 8 + RANK[mark.kind] / 100,
    height: SMALL_HEIGHT, wishes, ...(lit ? {} : { worst: 1 }) });
}

/** Their arrows' labels say as much already. */
const SAID_BY_ARROWS: ReadonlySet<MarkKind> = new Set<MarkKind>(['accept', 'vote', 'promise', 'commit', 'settled']);

/** Beside its sign a mark needs little: the sign says what, this says which. */
const which = (mark: TimelineMark): string => (mark.content !== '' ? mark.content : epochText(mark.epoch));
