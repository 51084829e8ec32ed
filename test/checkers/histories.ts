/** Histories in the language's own columns, for tests: `B 4..11 writes k 1 ok`, one operation a line. */
import { expect } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { lowerHistory } from '../../server/src/model/lower.ts';
import { CATALOGUE } from '../../server/src/protocols/registry.ts';
import type { History, HistoryOperation } from '../../server/src/model/history.ts';
import type { HistoryModel } from '../../server/src/language/syntax.ts';

/** `client start..end kind key [argument [argument2]] outcome`; the outcome is `ok`, `failed`, `unknown`, or what came back. */
export function history(text: string, model: HistoryModel = 'register'): History {
  const operations = text.trim().split('\n').map((line, index): HistoryOperation => {
    const [client = '', span = '', kind = '', key = '', ...rest] = line.trim().split(/\s+/);
    const [start = '', end = ''] = span.split('..');
    const outcome = rest.at(-1) ?? '', written = rest.slice(0, -1);
    const open = end === '' || outcome === 'unknown';
    return {
      client, start: Number(start), end: end === '' ? undefined : Number(end), key, kind, argument: written[0] ?? '', argument2: written[1] ?? '',
      outcome: outcome === 'failed' ? 'failed' : open ? 'unknown' : 'ok', result: open || outcome === 'failed' || outcome === 'ok' ? '' : outcome, line: index,
    };
  });
  return { name: 'test', line: 0, endLine: operations.length, models: new Map([['', model]]), operations };
}

/** The same as a document writes them, statement by statement; nothing may be wrong with it. */
export function parsed(lines: string): History {
  const document = parseDocument(`history "test" {\n${lines}\n}\n`);
  expect(document.lines.flatMap(({ problems }) => problems)).toEqual([]);
  const { value, diagnostics } = lowerHistory(document, document.blocks[0]!, CATALOGUE);
  expect(diagnostics).toEqual([]);
  return value!;
}
