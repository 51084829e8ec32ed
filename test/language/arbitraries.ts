/** Random documents, half right and half wrong, and random edits of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TextChange } from '../../server/src/language/document.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/language');
const LINES = ['forms', 'road', 'trace', 'history', 'exploration']
  .flatMap((name) => readFileSync(join(FOLDER, `${name}.pawl`), 'utf8').split('\n'));

const WORDS = [
  'scenario', 'trace', 'history', '"name"', '{', '}', '"', '"open', 'protocol', 'raft', 'like', 'nodes', 'clients', 'A', 'B', 'c1', 'at', '5ms', '600',
  'when', 'every', 'crash', 'partition', '|', 'writes', 'k', '=', '1', 'to', 'expect', 'no', 'violations', 'leads', '->', '<->', '@1ms..2ms', '@', '..', '{1,2}',
  '{1', 'accept', 'explore', 'does', ';', ':', 'w1:', '#', '2', '%', '*', '//', '// comment', 'é', '\u0000', '\t', '\uFEFF', '  ', '4..11', 'reads', 'ok', 'model', 'consistency', 'serializable', '[', ']',
  '[1', '-1', '0.5x', '-', '--', '<', '.', '/', ',', 'lies', 'hold', 'until', 'released', 'explor', 'scenaro', '\u00a0', 'votes', 'majority',
  'spare', 'creates', 'checks', '/a', 'add', 'remove', 'replace', 'change', 'members', 'by', 'via', 'blank', 'as', 'adopts',
  'creates', 'gets', 'locks', 'uses', '/a', '/a/b-', '/', 'ephemeral', 'sequential', 'watching', 'if', 'version', 'resource', 'R', 'fenced', 'serves', 'asks', 'ends',
];

export const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...LINES) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((words) => words.join(' ')) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((words) => words.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('', '  ', '}', '{', 'scenario "s" {', 'trace "t" {', 'history "h" {', '  protocol raft {', '  explore {', '// c') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

const ending = fc.oneof({ weight: 8, arbitrary: fc.constant('\n') }, { weight: 2, arbitrary: fc.constant('\r\n') }, { weight: 1, arbitrary: fc.constant('\r') });

function joined(parts: readonly (readonly [string, string])[], last: string): string {
  return parts.map(([content, end]) => content + end).join('') + last;
}

/** A text with endings of all kinds, sometimes mixed. */
export const text: fc.Arbitrary<string> = fc.tuple(
  fc.oneof(fc.array(fc.tuple(line, ending), { maxLength: 30 }), ending.chain((end) => fc.array(fc.tuple(line, fc.constant(end)), { maxLength: 30 }))),
  fc.oneof(fc.constant(''), line),
).map(([parts, last]) => joined(parts, last));

const inserted = fc.oneof(
  fc.constantFrom('', '', ' ', '{', '}', '\n', '\r', '\r\n', '"', '//', '}\n', '{\n', '1', 'A', 'scenario "s" {\n', '\n}\n'),
  fc.constantFrom(...WORDS),
  fc.array(fc.tuple(line, ending), { maxLength: 4 }).map((parts) => joined(parts, '')),
);

const position = fc.record({ line: fc.nat(40), column: fc.nat(60) });

export const change: fc.Arbitrary<TextChange> = fc.oneof(
  fc.record({ start: position, end: position, text: inserted }),
  fc.tuple(position, fc.nat(12), inserted).map(([start, length, content]) => ({ start, end: { line: start.line, column: start.column + length }, text: content })),
  fc.tuple(position, inserted).map(([start, content]) => ({ start, end: start, text: content })),
);

/** What an editor would make of a change: line breaks are \n, \r\n and \r, and positions are clamped. */
export function edited(before: string, { start, end, text: content }: TextChange): string {
  const from = offsetOf(before, start.line, start.column);
  const to = offsetOf(before, end.line, end.column);
  return before.slice(0, Math.min(from, to)) + content + before.slice(Math.max(from, to));
}

function offsetOf(source: string, lineNumber: number, column: number): number {
  const breaks = [...source.matchAll(/\r\n|\n|\r/g)];
  const start = lineNumber === 0 ? 0 : breaks[lineNumber - 1];
  if (start === undefined) return source.length;
  const begin = start === 0 ? 0 : start.index + start[0].length;
  return Math.min(begin + column, breaks[lineNumber]?.index ?? source.length);
}
