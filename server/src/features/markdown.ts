/** Text for hovers. Names and strings come from the document, so nothing of them may be read as Markdown or HTML. */

/** A code span that survives backticks and line breaks in its text. */
export function code(text: string): string {
  const flat = text.replace(/[\r\n]+/g, ' ');
  if (flat === '') return '';
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  const padding = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${flat}${padding}${fence}`;
}

/** Plain prose: every character that Markdown or HTML could take for markup is escaped. */
export function escape(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/[\\`*_{}[\]()#+\-.!|>~]/g, '\\$&');
}

/** Paragraphs, without the empty ones. */
export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** At most `most` items, and how many were left out. */
export function bulletsUpTo(most: number, items: readonly string[]): string {
  return items.length <= most ? bullets(items) : bullets([...items.slice(0, most), `… and ${items.length - most} more`]);
}

/** Rows under a header, which only break in their last cell. Columns that are empty in every row are left out. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = header.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ''));
  const line = (cells: readonly string[]): string => `| ${columns.map((column) => cell(cells[column]!, column === columns.at(-1))).join(' | ')} |`;
  return rows.length === 0 ? '' : [line(header), line(header.map(() => ':--')), ...rows.map(line)].join('\n');
}

function cell(text: string, breaks: boolean): string {
  const escaped = text.replace(/\|/g, '\\|');
  return breaks ? escaped : escaped.replace(/ /g, '\u00A0');
}

/** `title: a, b and c` in prose. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** A link that runs a command of the extension or opens a page of docs/; see links.ts. */
export function link(text: string, target: string): string {
  return `[${escape(text)}](${target})`;
}

/**
 * What the language says about a fixed word, `links work again: all, or heal A <-> B`: what uses the word behind the last
 * colon is an example in the language itself, and becomes code.
 */
export function withExample(about: string, word: string): string {
  const at = about.lastIndexOf(': ');
  const examples = about.slice(at + 2).split(', or ');
  const shown = examples.map((each) => (each.split(' ').includes(word) && (each.startsWith(`${word} `) || !each.includes(', ')) ? code(each) : escape(each)));
  return at < 0 ? escape(about) : `${escape(about.slice(0, at))}: ${shown.join(', or ')}`;
}
