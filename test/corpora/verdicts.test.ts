/** Real histories with known verdicts, where the collection is at hand beside the project: each must come out as its manifest says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { formatOf } from '../../server/src/interchange/histories/formats.ts';
import { HistoryImport, type ImportOptions } from '../../server/src/interchange/histories/import.ts';

const CORPORA = fileURLToPath(new URL('../../../shared/corpora', import.meta.url));
const isThere = existsSync(CORPORA);

/** The rows of a table as objects by the names in its first line. */
function rowsOf(path: string): readonly Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = readFileSync(join(CORPORA, path), 'utf8').trimEnd().split('\n');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, at) => [header.split('\t')[at] ?? '', cell])));
}

/** Imported and checked: whether it is linearizable. Files without an operation give `none`. */
function verdictOf(path: string, options: Partial<ImportOptions>): 'linearizable' | 'not-linearizable' | 'unknown' | 'none' {
  const source = readFileSync(join(CORPORA, path), 'utf8'), format = formatOf(source.slice(0, 10_000));
  if (format === undefined) return 'none';
  const history = new HistoryImport({ format, name: basename(path), nil: undefined, initial: undefined, ...options }, ({ line, problem }) => { throw new Error(`${path}:${line}: ${problem}`); });
  const text = source.split('\n').map((line) => history.line(line)).join('') + history.end();
  const [block] = analyseNow(text).blocks;
  if (block === undefined) return 'none';
  if (block.verdict === 'unknown') return 'unknown';
  return block.diagnostics.some(({ code }) => code === 'not-linearizable') ? 'not-linearizable' : 'linearizable';
}

const expected = (linearizable: string | undefined): string => (/^(?:true|ok)$/i.test(linearizable ?? '') ? 'linearizable' : 'not-linearizable');
const filesIn = (folder: string): readonly string[] => readdirSync(join(CORPORA, folder)).sort();

describe.skipIf(!isThere)('real histories come out as is known of them', () => {
  it('etcd 2.0, one register, as Jepsen logged it', () => {
    const verdicts = new Map(rowsOf('porcupine-etcd-register/VERDICTS.tsv').map((row) => [row['file'], expected(row['linearizable'])]));
    const files = filesIn('porcupine-etcd-register/dev');
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const log = `${/^etcd_\d+/.exec(file)![0]}.log`, path = `porcupine-etcd-register/dev/${file}`;
      const isEmpty = readFileSync(join(CORPORA, path), 'utf8') === '';
      expect(`${file} ${verdictOf(path, { nil: 'absent' })}`).toBe(`${file} ${isEmpty ? 'none' : verdicts.get(log)}`);
    }
  });

  it('keys and values, as Porcupine has them', () => {
    for (const { file, linearizable } of rowsOf('porcupine-kv/VERDICTS.tsv')) {
      if (!filesIn('porcupine-kv/dev').includes(file!)) continue;
      expect(`${file} ${verdictOf(`porcupine-kv/dev/${file}`, {})}`).toBe(`${file} ${expected(linearizable)}`);
    }
  });

  it('registers, as Knossos has them', () => {
    for (const { file, initial, linearizable } of rowsOf('knossos-registers/VERDICTS.tsv')) {
      if (!filesIn('knossos-registers/dev').includes(file!)) continue;
      expect(`${file} ${verdictOf(`knossos-registers/dev/${file}`, { nil: 'unknown', initial })}`).toBe(`${file} ${expected(linearizable)}`);
    }
  });

  it('Maelstrom\'s demonstrations of Raft', () => {
    for (const row of rowsOf('maelstrom-raft-demo-traces/VERDICTS.tsv')) {
      const verdict = verdictOf(`maelstrom-raft-demo-traces/random-runs/${row['run']}.history.jsonl`, { initial: '__none__' });
      expect(`${row['run']} ${verdict}`).toBe(`${row['run']} ${expected(row['linearizable(porcupine)'])}`);
    }
  });

  it('etcd 3.4, with its servers stopped and killed', () => {
    expect(verdictOf('real-etcd-3.4.23/etcd-lin/history.jsonl', { initial: '__none__' })).toBe('linearizable');
  });
});
