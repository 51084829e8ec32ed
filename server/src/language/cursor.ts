/**
 * A place in a line that the grammar moves along. The same grammar serves three uses, by what the cursor keeps:
 * nothing (parsing), the role of each word (`marking`), or what could have stood where it stopped (`recording`; for
 * completion, and for the message of a wrong line). The grammar gives up on a statement by throwing `WRONG`.
 */
import type { Expected, NumberWord, Quantity, Role, Word } from './syntax.ts';
import { END, Lexer, MEASURE, NUMBER, PATH, STRING, WORD } from './lexer.ts';
import { measureSuffix, microseconds, unquoted } from './values.ts';

/** Thrown to leave a wrong statement, and caught where its line is read; no error, so that a file of garbage costs no stacks. */
export const WRONG = { wrong: true } as const;

/** The role of `tokens` words from one on; `owner` as in `Token`. */
export interface Mark {
  readonly role: Role;
  readonly owner: string | undefined;
  readonly tokens: number;
}

/** The owner of expected names of role `key` that are paths. */
export const PATHS = '/';
/** The owner of expected names of role `client` that are resources. */
export const RESOURCES = 'resource';

/** Words that may stand at a place, each with a short explanation. */
export type Words<K extends string> = ReadonlyMap<K, string>;

export function wordsOf<K extends string>(words: Readonly<Record<K, string>>): Words<K> {
  return new Map(Object.entries(words)) as Words<K> & Map<string, string> as Words<K>;
}

export class Cursor {
  readonly lexer = new Lexer();
  index = 0;
  /** By index of the first token, while marking. */
  marks: (Mark | undefined)[] | undefined;
  /** What could stand at `index`, while recording. */
  expected: Expected[] | undefined;
  /** What the expected words are, in a message: `a message`. */
  what = '';
  /** Whether the statement may end at `index`. */
  mayEnd = false;
  /** A message and suggestion of its own for the wrong word, instead of what was expected. */
  wrongMessage: string | undefined;
  wrongSuggestion: string | undefined;
  /** Columns of braces that open a block, while marking. */
  blockBraces: number[] = [];
  private readonly names = new Map<string, string>();

  /** Begins a line. */
  begin(text: string): void {
    this.lexer.scan(text);
    this.blockBraces = [];
    this.wrongMessage = undefined;
    this.wrongSuggestion = undefined;
    if (this.marks !== undefined) this.marks = [];
    this.moveTo(0);
  }

  moveTo(index: number): void {
    this.index = index;
    this.forget();
  }

  /** The kind of a token, counted from the next one. */
  kind(ahead = 0): number {
    return this.lexer.kind(this.index + ahead);
  }

  is(word: string, ahead = 0): boolean {
    return this.lexer.is(this.index + ahead, word);
  }

  text(ahead = 0): string {
    return this.lexer.slice(this.index + ahead);
  }

  get atEnd(): boolean {
    return this.kind() === END;
  }

  /** Moves on, over `tokens` words that are one thing. */
  take(role: Role, owner?: string, tokens = 1): void {
    if (this.marks !== undefined) this.marks[this.index] = { role, owner, tokens };
    this.index += tokens;
    this.forget();
  }

  takeWord(role: Role, owner?: string): Word {
    const { lexer, index } = this;
    const word = { text: lexer.slice(index), start: lexer.start(index), end: lexer.end(index) };
    this.take(role, owner);
    return word;
  }

  noteName(role: Role, owner?: string): void {
    this.expected?.push(owner === undefined ? { kind: 'name', role } : { kind: 'name', role, owner });
  }

  noteWord(text: string, role: Role, about: string): void {
    this.expected?.push({ kind: 'word', text, role, about });
  }

  fail(): never {
    throw WRONG;
  }

  /** Leaves the statement with a message of its own at the next token. */
  failWith(message: string, suggestion?: string): never {
    this.wrongMessage = message;
    this.wrongSuggestion = suggestion;
    throw WRONG;
  }

  /** A fixed word, if it is next. */
  keyword(word: string, about: string, role: Role = 'keyword'): boolean {
    if (this.expected !== undefined) this.noteWord(word, role, about);
    if (!this.is(word)) return false;
    this.take(role);
    return true;
  }

  needKeyword(word: string, about: string): void {
    if (!this.keyword(word, about)) this.fail();
  }

  /** One of several fixed words, if one is next. */
  choice<K extends string>(words: Words<K>, role: Role = 'keyword'): K | undefined {
    if (this.expected !== undefined) for (const [word, about] of words) this.noteWord(word, role, about);
    if (this.kind() !== WORD) return undefined;
    const text = this.text() as K;
    if (!words.has(text)) return undefined;
    this.take(role);
    return text;
  }

  needChoice<K extends string>(words: Words<K>, role: Role = 'keyword'): K {
    return this.choice(words, role) ?? this.fail();
  }

  /** A sign, if it is next. */
  sign(kind: number, shown: string, about: string, role: Role = 'operator'): boolean {
    if (this.expected !== undefined) this.noteWord(shown, role, about);
    if (this.kind() !== kind) return false;
    this.take(role);
    return true;
  }

  needSign(kind: number, shown: string, about: string, role: Role = 'operator'): void {
    if (!this.sign(kind, shown, about, role)) this.fail();
  }

  /** A brace that opens a block: formatted with one space before it. */
  takeBlockBrace(): void {
    if (this.marks !== undefined) this.blockBraces.push(this.lexer.start(this.index));
    this.take('brace');
  }

  name(role: Role, expectedRole: Role = role, owner?: string): Word {
    this.noteName(expectedRole, owner);
    return this.kind() === WORD ? this.takeWord(role) : this.fail();
  }

  /** A name without its columns; equal names are one string. */
  internedName(role: Role): string {
    this.noteName(role);
    if (this.kind() !== WORD) this.fail();
    const name = this.interned(this.text());
    this.take(role);
    return name;
  }

  /** The one string for all equal texts of a document; not while marking, when a cursor may outlive its document. */
  interned(text: string): string {
    if (this.marks !== undefined) return text;
    const known = this.names.get(text);
    if (known !== undefined) return known;
    this.names.set(text, text);
    return text;
  }

  /** A name, number, string or path. */
  value(): Word {
    this.noteName('value');
    const kind = this.kind();
    if (kind !== WORD && kind !== NUMBER && kind !== STRING && kind !== PATH) this.fail();
    const word = this.takeWord(kind === STRING ? 'string' : kind === NUMBER ? 'number' : 'value');
    return kind === STRING ? { ...word, text: unquoted(word.text) } : word;
  }

  key(): Word {
    this.noteName('key');
    const kind = this.kind();
    if (kind === PATH) this.failWith(`expected a key, found the path '${this.text()}'; for znodes say creates, sets, gets, lists, checks or removes`);
    if (kind !== WORD && kind !== STRING) this.fail();
    const word = this.takeWord('key');
    return kind === STRING ? { ...word, text: unquoted(word.text) } : word;
  }

  /** Where a znode stands: `/lock/n-`. */
  path(): Word {
    this.noteName('key', PATHS);
    if (this.kind() === WORD) this.failWith(`expected a path, found '${this.text()}'. Did you mean '/${this.text()}'?`, `/${this.text()}`);
    return this.kind() === PATH ? this.takeWord('key') : this.fail();
  }

  number(): NumberWord {
    this.noteName('number');
    if (this.kind() !== NUMBER) this.fail();
    const { text, start, end } = this.takeWord('number');
    return { value: Number(text), start, end };
  }

  /** A time or duration with its unit. */
  quantity(role: 'time' | 'duration'): Quantity {
    const us = this.microseconds(role);
    const start = this.lexer.start(this.index);
    const end = this.lexer.end(this.index);
    this.take(role);
    return { us, start, end };
  }

  /** The next token as µs, without taking it. */
  microseconds(role: 'time' | 'duration'): number {
    this.noteName(role);
    const kind = this.kind();
    if (kind === NUMBER) this.failWith(`expected a ${role} with its unit (us, ms, s or min), such as ${this.text()}ms; found '${this.text()}'`, `${this.text()}ms`);
    if (kind !== MEASURE) this.fail();
    const us = microseconds(this.text());
    if (us === undefined) this.failWith(`expected a ${role} in us, ms, s or min, found '${this.text()}' with the unit '${measureSuffix(this.text())}'`);
    return us;
  }

  private forget(): void {
    this.mayEnd = false;
    if (this.expected === undefined) return;
    this.expected = [];
    this.what = '';
  }
}
