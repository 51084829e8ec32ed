import { writeFileSync } from 'node:fs';
import { formatDocument } from '../language/format.ts';
import { parseDocument } from '../language/parser.ts';
import { readArguments } from './args.ts';
import { attempt, decode, pathsOf, readSource } from './files.ts';
import { FOUND, OK, UsageError, type Io } from './io.ts';

export const FORMAT_HELP = `pawl format [FILE | DIR …] [--check]

Sets indentation, spaces and blank lines, in place; the alignment of columns and comments is
yours. Without files, or with -, formats standard input to standard output.

  --check   change nothing; name the files that are not formatted, and exit 1 if there are any
`;

export async function format(words: readonly string[], io: Io): Promise<number> {
  const { flags, files } = readArguments('format', words, { check: { type: 'boolean' } });
  if (flags.has('help')) {
    io.out(FORMAT_HELP);
    return OK;
  }
  const onlyCheck = flags.has('check');
  if (files.length === 0 || files.includes('-')) {
    if (files.length > 1) throw new UsageError('format: - stands for standard input and cannot be mixed with files');
    return formatInput(onlyCheck, io);
  }
  const changes = pathsOf(files).map(readSource).map(({ path, text }) => ({ path, text, formatted: formatDocument(parseDocument(text)) }))
    .filter(({ text, formatted }) => text !== formatted);
  for (const { path, formatted } of changes) {
    if (!onlyCheck) attempt(path, () => writeFileSync(path, formatted));
    io.out(`${path}\n`);
  }
  return onlyCheck && changes.length > 0 ? FOUND : OK;
}

async function formatInput(onlyCheck: boolean, io: Io): Promise<number> {
  const text = decode('standard input', await io.readInput());
  const formatted = formatDocument(parseDocument(text));
  if (!onlyCheck) io.out(formatted);
  else if (formatted !== text) io.out('standard input\n');
  return onlyCheck && formatted !== text ? FOUND : OK;
}
