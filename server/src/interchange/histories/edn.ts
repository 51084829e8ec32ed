/**
 * Reads EDN (github.com/edn-format/edn), the notation of Clojure's data, as Jepsen writes it: map by map, so that a file of any
 * length takes the memory of its longest operation, with the line of each. The libraries on npm give no lines and stop at
 * the first mistake.
 */

/** What a form is. Keywords lose their colon, numbers stay as written, so that nothing is rounded. */
export type Edn =
  | { readonly kind: 'nil' }
  | { readonly kind: 'word' | 'keyword' | 'number' | 'string'; readonly text: string }
  | { readonly kind: 'list' | 'set'; readonly items: readonly Edn[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Edn> };

/** A map at the top level or in the outermost vector, or what is wrong with one. `line` counts from 1. */
export type EdnForm = { readonly line: number } & ({ readonly value: ReadonlyMap<string, Edn> } | { readonly problem: string });

const NIL: Edn = { kind: 'nil' };
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}()[\]]|#\{|#_|#[A-Za-z][^\s,"{}()[\];]*|\\[^\s,{}()[\]]+|[^\s,"{}()[\];#\\]+|;[^\n]*|./gsy;
const BLANK = /[\s,]*/y;
/** A line that starts like an operation: if one is still open, that one is broken. */
const NEW_OPERATION = /^\s*(?:#[\w.]+)?\{:(?:process|type|index|f|time)\b/;
/** An operation longer than this is none. */
const LONGEST = 1_000_000;

class FormError extends Error {}

class Forms {
  private readonly text: string;
  private at = 0;

  constructor(text: string) { this.text = text; }

  /** The next word or bracket, comments left out; '' at the end. */
  token(): string {
    for (;;) {
      BLANK.lastIndex = this.at;
      BLANK.test(this.text);
      TOKEN.lastIndex = this.at = BLANK.lastIndex;
      const token = TOKEN.exec(this.text)?.[0] ?? '';
      this.at += token.length;
      if (!token.startsWith(';')) return token;
    }
  }

  /** The form that a token begins. Throws FormError. */
  form(token: string): Edn {
    switch (token) {
      case '': throw new FormError('it ends in the middle');
      case '{': return { kind: 'map', entries: this.map() };
      case '[': return { kind: 'list', items: this.items(']') };
      case '(': return { kind: 'list', items: this.items(')') };
      case '#{': return { kind: 'set', items: this.items('}') };
      case '#_': this.form(this.token()); return this.form(this.token());
      case 'nil': return NIL;
      case '}': case ']': case ')': throw new FormError(`‘${token}’ closes nothing`);
    }
    // A tag says what a form is in Clojure, which nobody needs to know here.
    if (token.startsWith('#')) return this.form(this.token());
    if (token.startsWith('"')) return this.string(token);
    if (token.startsWith(':')) return { kind: 'keyword', text: token.slice(1) };
    return { kind: /^[+-]?\d/.test(token) ? 'number' : 'word', text: /^\d+[NM]$/.test(token) ? token.slice(0, -1) : token };
  }

  private string(token: string): Edn {
    if (token === '"') throw new FormError('a string has no end');
    const escaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
    return { kind: 'string', text: token.slice(1, -1).replaceAll(/\\(.)/gs, (_, char: string) => escaped[char] ?? char) };
  }

  private items(closing: string): readonly Edn[] {
    const items: Edn[] = [];
    for (let token = this.token(); token !== closing; token = this.token()) items.push(this.form(token));
    return items;
  }

  private map(): ReadonlyMap<string, Edn> {
    const entries = new Map<string, Edn>();
    for (let token = this.token(); token !== '}'; token = this.token()) {
      const key = this.form(token), next = this.token();
      if (next === '}') throw new FormError('a key has no value');
      entries.set('text' in key ? key.text : '', this.form(next));
    }
    return entries;
  }
}

/** The value of one map, or what is wrong with it. */
function mapOf(text: string): { readonly value: ReadonlyMap<string, Edn> } | { readonly problem: string } {
  try {
    const forms = new Forms(text), value = forms.form(forms.token());
    if (value.kind !== 'map') return { problem: 'this is no operation' };
    return { value: value.entries };
  } catch (error) {
    if (error instanceof FormError) return { problem: error.message };
    throw error;
  }
}

/** Give it the lines of a file, one by one, and then `end`; it gives back the maps that became complete. */
export class EdnReader {
  private open = '';
  private openLine = 0;
  private depth = 0;

  line(text: string, line: number): readonly EdnForm[] {
    const found: EdnForm[] = [];
    if (this.depth > 0 && NEW_OPERATION.test(text)) found.push(this.broken());
    this.scan(text, line, found);
    if (this.open.length > LONGEST) found.push(this.broken());
    return found;
  }

  end(): readonly EdnForm[] { return this.depth > 0 ? [this.broken()] : []; }

  private broken(): EdnForm {
    this.depth = 0;
    this.open = '';
    return { line: this.openLine, problem: 'it does not end' };
  }

  private scan(text: string, line: number, found: EdnForm[]): void {
    let at = 0, from = 0;
    while (at < text.length) {
      TOKEN.lastIndex = at;
      const token = TOKEN.exec(text)![0];
      at += token.length;
      if (this.depth === 0) {
        // Brackets around everything, commas and tags are no operations.
        if (token === '{') { this.depth = 1; this.openLine = line; from = at - 1; }
        else if (!/^[\s,;()[\]#]/.test(token)) { found.push({ line, problem: `‘${text.trim().slice(0, 40)}’ is no operation` }); return; }
      } else if (/^#?[{([]$/.test(token)) this.depth++;
      else if (/^[})\]]$/.test(token) && --this.depth === 0) {
        found.push({ line: this.openLine, ...mapOf(this.open + text.slice(from, at)) });
        this.open = '';
        from = at;
      }
    }
    if (this.depth > 0) this.open += `${text.slice(from)}\n`;
  }
}
