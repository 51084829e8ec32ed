import { closeSync, openSync, writeSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Problem } from '../interchange/histories/events.ts';
import { formatOf, HISTORY_FORMATS, type HistoryFormat } from '../interchange/histories/formats.ts';
import { HistoryImport } from '../interchange/histories/import.ts';
import { readArguments, type OptionSpec } from './args.ts';
import { attempt, linesOf, sizeOf } from './files.ts';
import { FOUND, OK, UsageError, type Io } from './io.ts';

export const IMPORT_HELP = `pawl import FILE [--from FORMAT] [--nil absent|unknown] [--initial VALUE] [-o OUT.pawl]

Writes another tool's history as a history block, which pawl check reads.

  --from FORMAT     jepsen (history.edn), jepsen-log (jepsen.log), porcupine-kv, maelstrom (history.edn),
                    or jsonl (one event a line: {"process": 0, "type": "invoke", "f": "write", "key": "k", "value": 1});
                    without it the format is recognised from the content
  --nil MEANING     what a read of nil says: absent (the key was not there) or unknown (nobody learned the value);
                    without it unknown for jepsen, absent for the others
  --initial VALUE   what every key held at the start
  -o OUT.pawl       the file to write; without it the text is printed

Lines that are no operations are reported, and the rest is imported.
Exit 0: something was imported. 1: there was no operation. 2: the command was wrong, or a file could not be read or written.
`;

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  from: { type: 'string', values: HISTORY_FORMATS },
  nil: { type: 'string', values: ['absent', 'unknown'] },
  initial: { type: 'string' },
  out: { type: 'string', short: 'o' },
};

/** A format shows in its first lines. */
const BEGINNING_LINES = 50;
const SHOWN_PROBLEMS = 20;

export async function importHistory(words: readonly string[], io: Io): Promise<number> {
  const { flags, strings, files } = readArguments('import', words, OPTIONS);
  if (flags.has('help')) {
    io.out(IMPORT_HELP);
    return OK;
  }
  if (files.length !== 1) throw new UsageError(files.length === 0 ? 'import: name the file to import' : 'import: name one file only');
  const path = files[0]!, out = strings.get('out');
  if (out !== undefined && resolve(out) === resolve(path)) throw new UsageError(`import: ${out} is the file to import; write to another one`);
  const format = strings.get('from') as HistoryFormat | undefined ?? recognised(path);
  if (format === undefined) return nothing(path, io);
  const problems = new Problems(path, io);
  const history = new HistoryImport({ format, name: basename(path), nil: strings.get('nil') as 'absent' | 'unknown' | undefined, initial: strings.get('initial') }, (problem) => { problems.add(problem); });
  const target = new Target(out, io);
  try {
    for (const text of textsOf(path, history, io)) target.write(text);
  } finally {
    target.close();
  }
  problems.summary();
  if (history.operations === 0) return nothing(path, io);
  if (history.nilReads > 0 && !strings.has('nil')) io.err(nilNote(path, history));
  return OK;
}

function nothing(path: string, io: Io): number {
  io.err(`pawl: ${path}: this is no history: it holds no operation\n`);
  return FOUND;
}

/** undefined: the file holds nothing at all. Throws UsageError for a format that is none of ours. */
function recognised(path: string): HistoryFormat | undefined {
  let beginning = '', lines = 0;
  for (const { text } of linesOf(path)) {
    beginning += `${text}\n`;
    if (++lines === BEGINNING_LINES) break;
  }
  if (beginning.trim() === '') return undefined;
  const format = formatOf(beginning);
  if (format === undefined) throw new UsageError(`${path}: the format is not recognised; say which it is with --from ${HISTORY_FORMATS.join('|')}`);
  return format;
}

/** The document, piece by piece. */
function* textsOf(path: string, history: HistoryImport, io: Io): Generator<string> {
  const size = io.progress ? sizeOf(path) : 0;
  let shown = 0;
  for (const { text, bytes } of linesOf(path)) {
    const percent = size === 0 ? 0 : Math.floor(100 * bytes / size);
    if (percent > shown) io.err(progressBar(shown = percent, history.operations));
    yield history.line(text);
  }
  if (shown > 0) io.err(`\r${' '.repeat(70)}\r`);
  yield history.end();
}

const progressBar = (percent: number, operations: number): string =>
  `\r[${'#'.repeat(percent / 4)}${'.'.repeat(25 - Math.floor(percent / 4))}] ${percent} %, ${operations} operations`;

function nilNote(path: string, { nil, nilReads }: HistoryImport): string {
  const reads = nilReads === 1 ? 'one read got nil' : `${nilReads} reads got nil`;
  const meaning = nil === 'absent' ? 'taken to mean that the key was not there; --nil unknown if nobody learned the value' :
    'taken to mean that nobody learned the value; --nil absent if the key was not there';
  return `pawl: ${path}: ${reads}, ${meaning}\n`;
}

/** What was wrong with lines: the first ones by name, the rest by number. */
class Problems {
  private count = 0;
  private readonly path: string;
  private readonly io: Io;

  constructor(path: string, io: Io) {
    this.path = path;
    this.io = io;
  }

  add({ line, problem }: Problem): void {
    if (++this.count <= SHOWN_PROBLEMS) this.io.err(`pawl: ${this.path}:${line}: ${problem}\n`);
  }

  summary(): void {
    if (this.count > SHOWN_PROBLEMS) this.io.err(`pawl: ${this.path}: and ${this.count - SHOWN_PROBLEMS} more lines that were left out\n`);
  }
}

const WRITTEN_AT_ONCE = 1 << 16;

/** Where the text goes. A file is made when there is something to write. */
class Target {
  private waiting = '';
  private file: number | undefined;
  private readonly path: string | undefined;
  private readonly io: Io;

  constructor(path: string | undefined, io: Io) {
    this.path = path;
    this.io = io;
  }

  write(text: string): void {
    this.waiting += text;
    if (this.waiting.length > WRITTEN_AT_ONCE) this.flush();
  }

  close(): void {
    this.flush();
    if (this.file !== undefined) closeSync(this.file);
  }

  private flush(): void {
    const { path, waiting } = this;
    this.waiting = '';
    if (waiting === '') return;
    if (path === undefined) { this.io.out(waiting); return; }
    attempt(path, () => writeSync(this.file ??= openSync(path, 'w'), waiting));
  }
}
