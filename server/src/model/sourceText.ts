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

/** The word at or after a column: up to the next space, brace or the line's end. */
export function wordFrom(line: number, text: string, column: number): Place {
  let start = column;
  while (start < text.length && /\s/.test(text[start]!)) start++;
  let end = start;
  while (end < text.length && !/[\s{}]/.test(text[end]!)) end++;
  return { line, start, end };
}

/** Where a name or word stands on its own at or after a column; the whole statement if it does not. */
export function wordNamed(text: string, word: string, column: number): { start: number; end: number } {
  for (let start = text.indexOf(word, Math.max(0, column)); start >= 0; start = text.indexOf(word, start + 1)) {
    const end = start + word.length;
    if (!isNameCharacter(text[start - 1]) && !isNameCharacter(text[end])) return { start, end };
  }
  const { start, end } = statementPlace(0, text);
  return { start, end };
}

function isNameCharacter(char: string | undefined): boolean {
  return char !== undefined && /[\w.-]/.test(char);
}
