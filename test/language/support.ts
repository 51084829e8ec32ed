/** Shared by the tests of the language: statements without their columns, and problems of all kinds in one list. */
import type { PawlDocument } from '../../server/src/language/document.ts';

/** A statement as one line of text, without columns: `write k=1`-like trees are easier to read than objects. */
export function treeOf(value: unknown): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return /^[\w.:*-]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(treeOf).join(' ')}]`;
  const all = Object.entries(value);
  const isPlaced = typeof (value as { start?: unknown }).start === 'number' && typeof (value as { end?: unknown }).end === 'number' && !('client' in value);
  const entries = isPlaced ? all.filter(([key]) => key !== 'start' && key !== 'end') : all;
  const [first] = entries;
  if (isPlaced && entries.length === 1 && first !== undefined) return treeOf(first[1]);
  const shown = entries.filter(([key, each]) => key !== 'kind' && each !== undefined && !(Array.isArray(each) && each.length === 0));
  const kind = (value as { kind?: string }).kind;
  return `(${[...(kind === undefined ? [] : [kind]), ...shown.map(([key, each]) => `${key}:${treeOf(each)}`)].join(' ')})`;
}

export interface Found {
  readonly line: number;
  readonly word: string;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** Every problem of a document, by line. */
export function problemsOf(document: PawlDocument): Found[] {
  const all = [
    ...document.structureProblems,
    ...document.lines.flatMap((line, index) => line.problems.map((problem) => ({ ...problem, line: index }))),
  ];
  return all.sort((a, b) => a.line - b.line).map(({ line, start, end, message, suggestion }) => (
    { line, word: document.lines[line]!.text.slice(start, end), message, suggestion }));
}

/** The statements without columns, in order. */
export function statementsOf(document: PawlDocument): string[] {
  return document.lines.flatMap(({ statement }) => (statement === undefined ? [] : [treeOf(statement)]));
}
