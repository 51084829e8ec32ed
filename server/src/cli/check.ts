import { analyseNow } from '../analysis/analyse.ts';
import { readArguments, type OptionSpec } from './args.ts';
import { pathsOf, readSource } from './files.ts';
import { github } from './formats/github.ts';
import { json } from './formats/json.ts';
import { junit } from './formats/junit.ts';
import { pretty } from './formats/pretty.ts';
import { sarif } from './formats/sarif.ts';
import { FOUND, OK, type Io } from './io.ts';
import { anyFails, type FileReport } from './report.ts';

export const CHECK_HELP = `pawl check [FILE | DIR …] [--format pretty|json|sarif|junit|github] [--strict]

What the editor shows, without the editor. A directory means every .pawl file below it;
without files, the current directory is checked.

  --format FORMAT   pretty (the default), json, sarif, junit or github
  --strict          warnings fail too

Exit 0: everything is as expected. 1: a violation, an unmet expectation, or an error
in a document. 2: the command was wrong, or a file could not be read.
`;

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  format: { type: 'string', values: ['pretty', 'json', 'sarif', 'junit', 'github'] },
  strict: { type: 'boolean' },
};

export async function check(words: readonly string[], io: Io): Promise<number> {
  const { flags, strings, files } = readArguments('check', words, OPTIONS);
  if (flags.has('help')) {
    io.out(CHECK_HELP);
    return OK;
  }
  const strict = flags.has('strict');
  const sources = pathsOf(files.length === 0 ? ['.'] : files).map(readSource);
  const reports = sources.map(({ path, text }): FileReport => ({ path, analysis: analyseNow(text, { strict }) }));
  io.out(formatted(strings.get('format') ?? 'pretty', reports, strict, io));
  return anyFails(reports, strict) ? FOUND : OK;
}

function formatted(format: string, reports: readonly FileReport[], strict: boolean, io: Io): string {
  switch (format) {
    case 'json': return json(reports);
    case 'sarif': return sarif(reports);
    case 'junit': return junit(reports, strict);
    case 'github': return github(reports);
    default: return pretty(reports, io.colours);
  }
}
