/** Changes of text on lines that are already split: only the touched lines become text again. */
import type { Line, PawlDocument, TextChange } from './document.ts';
import { contextIn, CR, endingIn, isMarked, stateOf } from './context.ts';
import { eachLine, endingText } from './lineBreaks.ts';
import { statesOf } from './states.ts';

/** More lines than this are not handed to `splice` as arguments. */
const MOST_SPLICED = 1000;

/**
 * A document being changed: touched lines are texts until they are parsed again. A touched line that replaces the first
 * of some lines keeps what that one began in; what the others begin in is found as they are parsed.
 */
export class TextEdit {
  lines: (Line | string)[];
  states: number[];
  /** The touched lines are among `first` … `end` - 1. */
  first = Number.POSITIVE_INFINITY;
  end = 0;
  /** Whether a line with block marks was touched. */
  marked = false;
  /** Whether lines moved, even if others moved back. */
  moved = false;

  constructor(document: PawlDocument) {
    this.lines = document.lines.slice();
    this.states = statesOf(document).slice();
  }

  /** Positions past a line's end mean its end, and past the document's end that. */
  apply(change: TextChange): void {
    let { line: first, column } = this.clamped(change.start);
    const { line: last, column: lastColumn } = this.clamped(change.end);
    if (last < first || (last === first && lastColumn < column)) return this.apply({ start: change.end, end: change.start, text: change.text });
    let before = this.text(first).slice(0, column);
    // A text that begins with \n makes one break of it with the lone \r before.
    if (column === 0 && first > 0 && endingIn(this.state(first - 1)) === CR) {
      first--;
      before = `${this.text(first)}\r`;
    }
    const after = this.text(last).slice(lastColumn);
    this.replace(first, last, `${before}${change.text}${after}`);
  }

  private clamped({ line, column }: { readonly line: number; readonly column: number }): { line: number; column: number } {
    if (line >= this.lines.length) return { line: this.lines.length - 1, column: this.text(this.lines.length - 1).length };
    if (line < 0) return { line: 0, column: 0 };
    return { line, column: Math.min(Math.max(column, 0), this.text(line).length) };
  }

  private text(line: number): string {
    const content = this.lines[line] ?? '';
    return typeof content === 'string' ? content : content.text;
  }

  private state(line: number): number {
    return this.states[line] ?? 0;
  }

  private replace(first: number, last: number, text: string): void {
    const texts: string[] = [];
    const states: number[] = [];
    const isLast = last === this.lines.length - 1;
    eachLine(text + endingText(endingIn(this.state(last))), (line, ending) => {
      texts.push(line);
      states.push(stateOf(texts.length === 1 ? contextIn(this.state(first)) : 0, ending, false));
    });
    if (!isLast) {
      texts.pop();
      states.pop();
    }
    for (let line = first; line <= last; line++) if (isMarked(this.state(line))) this.marked = true;
    this.splice(first, last + 1 - first, texts, states);
    this.touch(first, last + 1, texts.length);
  }

  private splice(first: number, removed: number, texts: readonly string[], states: readonly number[]): void {
    if (texts.length <= MOST_SPLICED) {
      this.lines.splice(first, removed, ...texts);
      this.states.splice(first, removed, ...states);
      return;
    }
    this.lines = [...this.lines.slice(0, first), ...texts, ...this.lines.slice(first + removed)];
    this.states = [...this.states.slice(0, first), ...states, ...this.states.slice(first + removed)];
  }

  private touch(first: number, oldEnd: number, added: number): void {
    const grown = added - (oldEnd - first);
    if (grown !== 0) this.moved = true;
    const end = this.end > oldEnd ? this.end + grown : first + added;
    this.first = Math.min(this.first, first);
    this.end = Math.max(end, first + added);
  }
}
