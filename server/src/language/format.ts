/**
 * The formatter. It sets how far lines are indented, what stands before a brace, and the blank lines; what the author
 * aligned within a line stays, and so does every line that could not be understood.
 */
import type { Line, PawlDocument } from './document.ts';
import { blockOf, CR, depthIn, endingIn, indentIn, isJunk, isOwed, NO_ENDING, placeIn, TOP } from './context.ts';
import { LEFT_BRACE, RIGHT_BRACE, isBlank } from './lexer.ts';
import { LineParser } from './line.ts';
import { endingText } from './lineBreaks.ts';
import { statesOf } from './states.ts';

const INDENT = '  ';

/** The formatted text: the same statements, and the line endings of the document. */
export function formatDocument(document: PawlDocument): string {
  const formatter = new Formatter(document);
  return formatter.format();
}

class Formatter {
  private readonly document: PawlDocument;
  private readonly states: readonly number[];
  private readonly parser = new LineParser('roles');
  private readonly ending: string;
  private readonly out: string[] = [];
  private blankBefore = true;

  constructor(document: PawlDocument) {
    this.document = document;
    this.states = statesOf(document);
    const known = this.states.map(endingIn).find((ending) => ending !== NO_ENDING && ending !== CR);
    this.ending = known === undefined ? '\n' : endingText(known);
  }

  format(): string {
    const { lines, blocks } = this.document;
    const separated = new Set(blocks.slice(0, -1).map((block) => block.end).filter((end, index) => this.needsBlank(end, blocks[index + 1]?.start ?? 0)));
    lines.forEach((line, index) => {
      if (isBlankText(line.text)) this.blank();
      else this.line(line, index);
      if (separated.has(index)) this.blank();
    });
    while (this.out.at(-1) === '') this.out.pop();
    return this.out.length === 0 ? '' : this.out.join(this.ending) + this.ending;
  }

  /** Whether the author left no blank line between a block's end and the next block's first line. */
  private needsBlank(end: number, start: number): boolean {
    if (start <= end) return false;
    for (let line = end; line < start; line++) if (isBlankText(this.document.lines[line]?.text ?? '')) return false;
    return true;
  }

  /** At most one blank line in a row, and none at the beginning. */
  private blank(): void {
    if (!this.blankBefore) this.out.push('');
    this.blankBefore = true;
  }

  private line(line: Line, index: number): void {
    this.blankBefore = false;
    const state = this.states[index] ?? TOP;
    this.out.push(this.isKept(line, state) ? line.text : this.formatted(line.text, state));
  }

  /** Wrong lines, and those that were passed over because of a wrong one, stay as they are. */
  private isKept(line: Line, state: number): boolean {
    if (line.problems.length > 0 || line.marks?.some((mark) => mark.kind === 'stray') === true) return true;
    if (line.statement !== undefined || line.marks !== undefined) return false;
    this.parser.cursor.lexer.scan(line.text);
    const { lexer } = this.parser.cursor;
    if (lexer.count === 0) return false;
    const place = placeIn(state);
    return isJunk(place) ? !this.endsJunk(state) : blockOf(place) === TOP || (lexer.kind(0) !== RIGHT_BRACE && !isOwed(place));
  }

  /** A closing brace on its own, that ends what a wrong line opened. */
  private endsJunk(state: number): boolean {
    const { lexer } = this.parser.cursor;
    return lexer.count === 1 && lexer.kind(0) === RIGHT_BRACE && depthIn(state) === 1;
  }

  private formatted(text: string, state: number): string {
    this.parser.parse(text, state);
    const { lexer, blockBraces } = this.parser.cursor;
    const begin = firstColumn(text);
    let indent = indentIn(state);
    for (let index = 0; lexer.kind(index) === RIGHT_BRACE && indent > 0; index++) indent--;
    const block = new Set(blockBraces);
    const parts = [INDENT.repeat(indent)];
    let from = begin;
    for (let index = 1; index < lexer.count; index++) {
      if (lexer.kind(index) !== LEFT_BRACE) continue;
      const brace = lexer.start(index);
      const before = lexer.end(index - 1);
      if (brace !== before && !block.has(brace)) continue;
      parts.push(text.slice(from, before), ' ');
      from = brace;
    }
    parts.push(text.slice(from, lastColumn(text)));
    return parts.join('');
  }
}

function firstColumn(text: string): number {
  let at = 0;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function lastColumn(text: string): number {
  let at = text.length;
  while (at > 0 && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

function isBlankText(text: string): boolean {
  return firstColumn(text) === text.length;
}
