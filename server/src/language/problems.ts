/** What to say of a wrong line: what was expected there, what was found, and the nearest right word. */
import type { Cursor } from './cursor.ts';
import type { Expected, Role, SyntaxProblem } from './syntax.ts';
import { PATHS, RESOURCES } from './cursor.ts';
import { END, JUNK, OPEN_STRING, WORD } from './lexer.ts';
import { nearestOrPlural } from './nearest.ts';

/** More words than this are not all listed. */
const MOST_LISTED = 8;
const MOST_SHOWN = 40;

const ROLE_NAMES: Partial<Record<Role, string>> = {
  node: 'a node', 'node-definition': "a node's name", client: 'a client', 'client-definition': "a client's name", label: 'a label',
  'label-definition': 'a label', message: 'a message', protocol: 'a protocol', preset: 'a preset', knob: 'a knob', 'knob-value': "a knob's value",
  key: 'a key', value: 'a value', number: 'a number', duration: 'a duration (such as 200ms)', time: 'a time (such as 600ms)',
  epoch: 'an epoch (such as {1,0})', violation: 'a violation', string: 'a name in quotes',
};

/** The problem at the word where a cursor stopped that recorded what it expected; or where it expected `what`. */
export function problemAt(cursor: Cursor, expected: readonly Expected[] = cursor.expected ?? [], what = cursor.what): SyntaxProblem {
  const { lexer, index } = cursor;
  const at = Math.min(index, Math.max(lexer.count - 1, 0));
  const start = lexer.start(at);
  const end = lexer.end(at);
  const kind = lexer.kind(index);
  if (kind === OPEN_STRING) return { start, end, message: "this string is never closed: add '\"' at its end" };
  if (kind === JUNK) return { start, end, message: junkMessage(cursor.text()) };
  if (cursor.wrongMessage !== undefined) return withSuggestion(start, end, cursor.wrongMessage, cursor.wrongSuggestion);
  const found = kind === END ? 'the end of the line' : shown(cursor.text());
  const message = `expected ${listOf(expected, what, cursor.mayEnd)}, found ${found}`;
  const suggestion = kind === WORD ? nearestOrPlural(cursor.text(), wordsIn(expected)) : undefined;
  return withSuggestion(start, end, suggestion === undefined ? message : `${message}. Did you mean '${suggestion}'?`, suggestion);
}

function junkMessage(text: string): string {
  return `${shown(text)} means nothing here: names are letters, digits, '_', '.' and '-', and any other text stands in quotes`;
}

function withSuggestion(start: number, end: number, message: string, suggestion: string | undefined): SyntaxProblem {
  return suggestion === undefined ? { start, end, message } : { start, end, message, suggestion };
}

/** A word of the document, quoted, with what cannot be printed escaped, and not too long. */
export function shown(text: string): string {
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  const printable = cut.replace(/[^\p{L}\p{N}\p{P}\p{S}\p{M} ]/gu, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
  return printable.startsWith('"') ? printable : `'${printable}'`;
}

function wordsIn(expected: readonly Expected[]): string[] {
  return expected.flatMap((each) => (each.kind === 'word' ? [each.text] : []));
}

/** `a node, 'to' or the end of the line`; with `what`, that, and the words in brackets after it. */
function listOf(expected: readonly Expected[], what: string, mayEnd: boolean): string {
  const names = expected.flatMap((each) => (each.kind === 'name' ? [each.owner === PATHS ? 'a path (such as /cfg)' : each.owner === RESOURCES ? 'a resource' : ROLE_NAMES[each.role] ?? `a ${each.role}`] : []));
  if (what !== '') {
    const words = expected.flatMap((each) => (each.kind === 'word' && /^[a-z]/.test(each.text) ? [each.text] : []));
    const all = [...new Set([...words, ...names])].filter((each) => each !== what);
    return all.length === 0 ? what : `${what} (${joined(all)})`;
  }
  const words = expected.flatMap((each) => (each.kind === 'word' ? [`'${each.text}'`] : []));
  const all = [...new Set([...names, ...words])];
  if (mayEnd || all.length === 0) all.push('the end of the line');
  return joined(all);
}

function joined(words: readonly string[]): string {
  if (words.length > MOST_LISTED) return `${words.slice(0, MOST_LISTED - 1).join(', ')}, …`;
  const last = words[words.length - 1] ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
