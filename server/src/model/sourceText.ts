/** Small questions about a line's text that statements do not answer. Columns are UTF-16 units. */
import type { Place } from './diagnostic.ts';

/** The column where the line's comment starts, or its length; a `//` in a string is none. */
export function commentStart(text: string): number {
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"' && !(inString && text[i - 1] === '\\')) inString = !inString;
    else if (!inString && text[i] === '/' && text[i + 1] === '/') return i;
  }
  return text.length;
}

/** The statement on a line without indentation and comment. */
export function statementPlace(line: number, text: string): Place {
  const body = text.slice(0, commentStart(text));
  const start = body.length - body.trimStart().length;
  return { line, start, end: Math.max(start, body.trimEnd().length) };
}

/** The first word of a line, for a statement that should not be there at all. */
export function firstWord(line: number, text: string): Place {
  return wordFrom(line, text, 0);
}

/** The word at or after a column: up to the next space, brace or the line's end. */
export function wordFrom(line: number, text: string, column: number): Place {
  let start = column;
  while (start < text.length && /\s/.test(text[start]!)) start++;
  let end = start;
  while (end < text.length && !/[\s{}]/.test(text[end]!)) end++;
  return { line, start, end };
}
