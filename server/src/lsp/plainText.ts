/** Text that is not parsed: what is too large for an analysis, or no text at all. Edits still apply, so it can be mended. */
import type { TextChange } from '../language/document.ts';

export const MOST_CHARACTERS = 10_000_000;
export const MOST_LINES = 250_000;
/** How much of a text is looked at to see whether it is text. */
const SAMPLE = 65_536;

/** Why a text is not analysed, for a person; undefined where it is. */
export function reasonForOff(text: string, characters = text.length, lines = 0): string | undefined {
  if (characters > MOST_CHARACTERS || lines > MOST_LINES || (text.length > MOST_LINES && lineCount(text) > MOST_LINES)) {
    const limit = `${MOST_LINES / 1000} thousand lines or ${MOST_CHARACTERS / 1_000_000} million characters`;
    return `This document is too large to analyse (more than ${limit}). Split it to have its blocks checked.`;
  }
  return looksBinary(text) ? 'This does not look like text, so it is not analysed.' : undefined;
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** A NUL, or more than one character in twenty that no text has. */
function looksBinary(text: string): boolean {
  const end = Math.min(text.length, SAMPLE);
  let strange = 0;
  for (let i = 0; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0) return true;
    if ((unit < 32 && unit !== 9 && unit !== 10 && unit !== 12 && unit !== 13) || unit === 0xFFFD) strange++;
  }
  return strange > 20 && strange * 20 > end;
}

export function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** The lines after the changes, which apply one after the other. Positions outside the text mean its nearest end. */
export function applyToLines(before: readonly string[], changes: readonly TextChange[]): string[] {
  const lines = [...before];
  for (const change of changes) {
    const start = clip(lines, change.start), end = clip(lines, change.end);
    const inserted = splitLines(change.text);
    inserted[0] = lines[start.line]!.slice(0, start.column) + inserted[0]!;
    inserted[inserted.length - 1] += lines[end.line]!.slice(end.column);
    splice(lines, start.line, end.line - start.line + 1, inserted);
  }
  return lines;
}

/** Like `splice`, without handing a hundred thousand arguments to a call. */
function splice(lines: string[], from: number, count: number, inserted: readonly string[]): void {
  if (inserted.length < 10_000) {
    lines.splice(from, count, ...inserted);
    return;
  }
  const rest = lines.slice(from + count);
  lines.length = from;
  for (const line of inserted) lines.push(line);
  for (const line of rest) lines.push(line);
}

function clip(lines: readonly string[], at: TextChange['start']): TextChange['start'] {
  const line = Math.max(0, Math.min(at.line, lines.length - 1));
  return { line, column: Math.max(0, Math.min(at.line > line ? Number.MAX_SAFE_INTEGER : at.column, lines[line]!.length)) };
}
