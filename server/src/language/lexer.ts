/**
 * The words of one line. A lexer is made once and scans one line after another into the same arrays, so that a long
 * document costs no garbage; every position is a column in UTF-16 units.
 */

/** Past the last token. */
export const END = 0;
export const WORD = 1;
/** `5`, `0.5`, `-3` */
export const NUMBER = 2;
/** A number with letters: `200ms`, `0.5x`, `2pc`. */
export const MEASURE = 3;
export const STRING = 4;
/** A string whose closing quote is missing: it runs to the end of the line. */
export const OPEN_STRING = 5;
/** Characters that stand for nothing in the language. */
export const JUNK = 6;
export const ARROW = 7;
export const BOTH_WAYS = 8;
export const LEFT_BRACE = 9;
export const RIGHT_BRACE = 10;
export const BAR = 11;
export const COLON = 12;
export const SEMICOLON = 13;
export const COMMA = 14;
export const EQUALS = 15;
export const RANGE = 16;
export const HASH = 17;
export const STAR = 18;
export const AT = 19;
export const PERCENT = 20;
export const LEFT_BRACKET = 21;
export const RIGHT_BRACKET = 22;
/** The path of a znode: `/`, `/lock/n-`. (`//` begins a comment.) */
export const PATH = 23;

const NAME_START = 1;
const DIGIT = 2;
const NAME_REST = 4;
const BLANK = 8;
const STARTS_TOKEN = 16;

const SINGLES: Readonly<Record<string, number>> = {
  '{': LEFT_BRACE, '}': RIGHT_BRACE, '|': BAR, ':': COLON, ';': SEMICOLON, ',': COMMA, '=': EQUALS, '#': HASH, '*': STAR, '@': AT,
  '%': PERCENT, '[': LEFT_BRACKET, ']': RIGHT_BRACKET,
};

const CLASSES = new Uint8Array(128);
const SINGLE_KINDS = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z]/.test(char)) CLASSES[code] = NAME_START | NAME_REST | STARTS_TOKEN;
  else if (/[0-9]/.test(char)) CLASSES[code] = DIGIT | NAME_REST | STARTS_TOKEN;
  else if (/[_.-]/.test(char)) CLASSES[code] = NAME_REST;
  else if (/[ \t\v\f]/.test(char)) CLASSES[code] = BLANK;
  else if (char === '"' || char === '/' || char in SINGLES) CLASSES[code] = STARTS_TOKEN;
  SINGLE_KINDS[code] = SINGLES[char] ?? 0;
}

const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const LESS = 60;
const GREATER = 62;
const QUOTE = 34;
const UNDERSCORE = 95;
const NO_BREAK_SPACE = 0xa0;
const BYTE_ORDER_MARK = 0xfeff;

function classOf(code: number): number {
  return code < 128 ? (CLASSES[code] as number) : 0;
}

/** Whether a character only separates words: blanks, tabs, and the marks that editors paste unseen. */
export function isBlank(code: number): boolean {
  return code < 128 ? (classOf(code) & BLANK) !== 0 : code === NO_BREAK_SPACE || code === BYTE_ORDER_MARK;
}

export class Lexer {
  text = '';
  count = 0;
  /** Column of `//`, or -1. */
  commentStart = -1;
  private readonly kinds: number[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** Scans a line, which must hold no line break. Takes time linear in its length. */
  scan(text: string): void {
    this.text = text;
    this.count = 0;
    this.commentStart = -1;
    const length = text.length;
    let at = 0;
    while (at < length) {
      const code = text.charCodeAt(at);
      if (isBlank(code)) {
        at++;
        continue;
      }
      if (code === SLASH && text.charCodeAt(at + 1) === SLASH) {
        this.commentStart = at;
        return;
      }
      at = this.token(at, code);
    }
  }

  kind(index: number): number {
    return index < this.count ? (this.kinds[index] as number) : END;
  }

  /** First column of a token; past the last token, the end of the last one. */
  start(index: number): number {
    return index < this.count ? (this.starts[index] as number) : this.count > 0 ? (this.ends[this.count - 1] as number) : 0;
  }

  end(index: number): number {
    return index < this.count ? (this.ends[index] as number) : this.start(index);
  }

  slice(index: number): string {
    return index < this.count ? this.text.slice(this.starts[index], this.ends[index]) : '';
  }

  /** Whether a token is exactly this word. */
  is(index: number, word: string): boolean {
    if (index >= this.count || this.kinds[index] !== WORD) return false;
    const start = this.starts[index] as number;
    return (this.ends[index] as number) - start === word.length && this.text.startsWith(word, start);
  }

  private push(kind: number, start: number, end: number): number {
    const index = this.count++;
    this.kinds[index] = kind;
    this.starts[index] = start;
    this.ends[index] = end;
    return end;
  }

  private token(at: number, code: number): number {
    const text = this.text;
    const kind = classOf(code);
    if ((kind & NAME_START) !== 0) return this.push(WORD, at, this.nameEnd(at + 1));
    const next = text.charCodeAt(at + 1);
    if ((kind & DIGIT) !== 0 || (code === MINUS && (classOf(next) & DIGIT) !== 0)) return this.number(at);
    const single = code < 128 ? (SINGLE_KINDS[code] as number) : 0;
    if (single !== 0) return this.push(single, at, at + 1);
    if (code === MINUS && next === GREATER) return this.push(ARROW, at, at + 2);
    if (code === DOT && next === DOT) return this.push(RANGE, at, at + 2);
    if (code === LESS && text.startsWith('<->', at)) return this.push(BOTH_WAYS, at, at + 3);
    if (code === SLASH) return this.push(PATH, at, this.pathEnd(at + 1));
    if (code === QUOTE) {
      const close = text.indexOf('"', at + 1);
      return close < 0 ? this.push(OPEN_STRING, at, text.length) : this.push(STRING, at, close + 1);
    }
    return this.junk(at);
  }

  /** A name stops before `->` and `..`, so that `A->B` needs no blanks. */
  private nameEnd(from: number): number {
    const text = this.text;
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if ((classOf(code) & NAME_REST) === 0) break;
      if (code === MINUS && text.charCodeAt(at + 1) === GREATER) break;
      if (code === DOT && text.charCodeAt(at + 1) === DOT) break;
    }
    return at;
  }

  /** Names and slashes, up to a comment. */
  private pathEnd(from: number): number {
    const { text } = this;
    let at = this.nameEnd(from);
    while (text.charCodeAt(at) === SLASH && text.charCodeAt(at + 1) !== SLASH) at = this.nameEnd(at + 1);
    return at;
  }

  private number(start: number): number {
    const text = this.text;
    let at = this.digitsEnd(start + 1);
    if (text.charCodeAt(at) === DOT && (classOf(text.charCodeAt(at + 1)) & DIGIT) !== 0) at = this.digitsEnd(at + 1);
    const code = text.charCodeAt(at);
    if ((classOf(code) & NAME_START) === 0 && code !== UNDERSCORE) return this.push(NUMBER, start, at);
    return this.push(MEASURE, start, this.nameEnd(at));
  }

  private digitsEnd(from: number): number {
    let at = from;
    while ((classOf(this.text.charCodeAt(at)) & DIGIT) !== 0) at++;
    return at;
  }

  private junk(start: number): number {
    let at = start + 1;
    for (; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (isBlank(code) || (classOf(code) & STARTS_TOKEN) !== 0) break;
    }
    return this.push(JUNK, start, at);
  }
}
