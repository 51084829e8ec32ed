/** What folds: blocks, brace groups in them, and runs of comment lines. */
import type { PawlDocument } from '../language/document.ts';

export interface Fold {
  readonly line: number;
  readonly endLine: number;
  readonly kind: 'block' | 'comment';
}

export function foldingRanges(document: PawlDocument): Fold[] {
  const folds: Fold[] = [];
  const open: number[] = [];
  let comment = -1;
  document.lines.forEach(({ text }, line) => {
    const isComment = /^\s*\/\//.test(text);
    if (!isComment && comment >= 0) {
      if (line - 1 > comment) folds.push({ line: comment, endLine: line - 1, kind: 'comment' });
      comment = -1;
    }
    if (isComment) comment = comment < 0 ? line : comment;
    else brackets(text).forEach((brace) => {
      if (brace === '{') open.push(line);
      else close(open.pop(), line, folds);
    });
  });
  const last = document.lines.length - 1;
  if (comment >= 0 && last > comment) folds.push({ line: comment, endLine: last, kind: 'comment' });
  return folds.sort((a, b) => a.line - b.line || b.endLine - a.endLine);
}

/** A fold shows its closing brace's line. */
function close(opened: number | undefined, line: number, folds: Fold[]): void {
  if (opened !== undefined && line - 1 > opened) folds.push({ line: opened, endLine: line - 1, kind: 'block' });
}

/** The braces of a line outside strings and comments, without the pairs that open and close on it. */
function brackets(text: string): string[] {
  if (!text.includes('{') && !text.includes('}')) return [];
  const left: string[] = [];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (text.startsWith('//', i)) break;
    else if (character === '{') left.push(character);
    else if (character === '}') {
      if (left.at(-1) === '{') left.pop();
      else left.push(character);
    }
  }
  return left;
}
