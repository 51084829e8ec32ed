/** Another tool's history that the editor has open, as a document. In slices, so that other requests are answered meanwhile. */
import type { CancellationToken } from 'vscode-languageserver/node';
import { formatOf } from '../interchange/histories/formats.ts';
import { HistoryImport } from '../interchange/histories/import.ts';
import type { ImportHistoryParams, ImportHistoryResult } from './requests.ts';

/** Characters that tell the format. */
const BEGINNING = 20_000;
const LINES_AT_ONCE = 5_000;
const SHOWN_PROBLEMS = 20;

export async function importHistory({ name, text, nil }: ImportHistoryParams, token: CancellationToken | undefined): Promise<ImportHistoryResult> {
  const format = formatOf(text.slice(0, BEGINNING));
  if (format === undefined) return text.trim() === '' ? { text: '', problems: [], omitted: 0, nilReads: 0 } : null;
  const problems: string[] = [];
  let omitted = 0;
  const history = new HistoryImport({ format, name, nil, initial: undefined }, ({ line, problem }) => {
    if (++omitted <= SHOWN_PROBLEMS) problems.push(`line ${line}: ${problem}`);
  });
  const parts: string[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    parts.push(history.line(line));
    if (at % LINES_AT_ONCE !== LINES_AT_ONCE - 1) continue;
    await new Promise((resolve) => { setTimeout(resolve, 0); });
    if (token?.isCancellationRequested === true) return null;
  }
  parts.push(history.end());
  return { text: parts.join(''), problems, omitted, nilReads: history.nilReads };
}
