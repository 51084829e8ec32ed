/** The orders that explain a history, in hovers: all of it, or what came before an operation that has no place. */
import type { BlockResult } from '../analysis/analysis.ts';
import { historyCallText } from '../checkers/historyFindings.ts';
import { objectsOfHistory, orderBefore, orderOf } from '../checkers/witness.ts';
import type { History } from '../model/history.ts';
import { bullets, bulletsUpTo, escape, list, paragraphs, plural } from './markdown.ts';

/** As many operations of an order, and as many objects, as are read in a hover. */
const SHOWN = 8, OBJECTS = 3;

/** One order for each object of a history in which nothing is wrong. */
export function orders({ history, verdict }: BlockResult): string {
  if (history === undefined || verdict !== 'as-expected') return '';
  const objects = objectsOfHistory(history), hidden = objects.length - OBJECTS;
  const told = objects.slice(0, OBJECTS).flatMap((object) => {
    const order = orderOf(object, history.consistency ?? 'linearizable');
    return order === undefined ? [] : [paragraphs(`An order that explains ${escape(list(object.keys))}:`, bulletsUpTo(SHOWN, texts(history, order)))];
  });
  return paragraphs(...told, told.length > 0 && hidden > 0 ? `… and of ${plural(hidden, 'other key')}.` : '');
}

/** On an operation that a violation stands on: the longest beginning that has an order, and what has no place after it. */
export function beforeIt({ history, violations }: BlockResult, line: number): string {
  const finding = violations.find((each) => each.line === line && each.finding.code !== 'stale-read')?.finding;
  if (history === undefined || finding === undefined) return '';
  const own = finding.operations.findIndex((id) => history.operations[id]?.line === line), note = finding.notes?.[own];
  if (note !== undefined) return `${escape(note)}.`;
  if ((history.consistency ?? 'linearizable') !== 'linearizable') return '';
  const last = finding.operations.find((id) => history.operations[id]?.end === finding.timeUs);
  const object = last === undefined ? undefined : objectsOfHistory(history).find(({ intervals }) => intervals.some(({ id }) => id === last));
  const order = object && orderBefore(object, finding.timeUs);
  if (last === undefined || order === undefined) return '';
  const shown = order.slice(-SHOWN), cannot = `${escape(historyCallText(history, last))} has no place among them.`;
  if (order.length === 0) return `Nothing can come before it that explains it: ${cannot.replace('among them', 'at all')}`;
  const earlier = order.length > shown.length ? [`${order.length - shown.length} earlier, then`] : [];
  return paragraphs(`What ended before ${finding.timeUs} has an order:`, bullets([...earlier, ...texts(history, shown)]), cannot);
}

function texts(history: History, order: readonly number[]): readonly string[] { return order.map((id) => escape(historyCallText(history, id))); }
