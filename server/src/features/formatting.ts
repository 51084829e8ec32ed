/** Formatting as edits: only the lines that change, so that cursors and marks stay where they are. */
import type { PawlDocument } from '../language/document.ts';
import { formatDocument } from '../language/format.ts';

/** Lines `from` … `to`-1 become `lines`. */
export interface LineEdit {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

export function formatting(document: PawlDocument): LineEdit[] {
  const before = document.lines.map((line) => line.text);
  const after = formatDocument(document).split(/\r\n|\n/);
  return difference(before, after);
}

/** Blank lines come and go, others only change: walking both sides finds each change where it is. */
function difference(before: readonly string[], after: readonly string[]): LineEdit[] {
  const edits: LineEdit[] = [];
  let i = 0, j = 0;
  while (i < before.length || j < after.length) {
    const old = before[i], next = after[j];
    if (old !== undefined && old === next) {
      i++;
      j++;
    } else if (old !== undefined && next !== undefined && old.trim() !== '' && next.trim() !== '') {
      add(edits, { from: i, to: i + 1, lines: [next] });
      i++;
      j++;
    } else if (old !== undefined && old.trim() === '' && next?.trim() !== '') {
      add(edits, { from: i, to: i + 1, lines: [] });
      i++;
    } else if (next !== undefined && next.trim() === '' && old?.trim() !== '') {
      add(edits, { from: i, to: i, lines: [next] });
      j++;
    } else if (old !== undefined && next !== undefined) {
      add(edits, { from: i, to: i + 1, lines: [next] });
      i++;
      j++;
    } else {
      add(edits, { from: i, to: before.length, lines: after.slice(j) });
      break;
    }
  }
  return edits;
}

/** Neighbouring edits become one: an editor refuses edits that touch. */
function add(edits: LineEdit[], edit: LineEdit): void {
  const last = edits.at(-1);
  if (last?.to === edit.from) edits.splice(-1, 1, { from: last.from, to: edit.to, lines: [...last.lines, ...edit.lines] });
  else edits.push(edit);
}
