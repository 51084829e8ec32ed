/** The `pawl` command: which subcommand, its exit code, and its errors as one line each. */
import { nearest } from '../model/suggest.ts';
import { check, CHECK_HELP } from './check.ts';
import { format, FORMAT_HELP } from './format.ts';
import { UsageError, OK, WRONG, type Io } from './io.ts';
import { IMPORT_HELP, importHistory } from './import.ts';
import { explore, EXPLORE_HELP } from './later.ts';
import { run, RUN_HELP } from './run.ts';
import { VERSION } from './version.ts';

type Subcommand = (words: readonly string[], io: Io) => Promise<number>;

const SUBCOMMANDS: ReadonlyMap<string, { readonly action: Subcommand; readonly help: string; readonly about: string }> = new Map([
  ['check', { action: check, help: CHECK_HELP, about: 'what the editor shows, without the editor' }],
  ['run', { action: run, help: RUN_HELP, about: 'the execution itself, as a trace or as JSON' }],
  ['explore', { action: explore, help: EXPLORE_HELP, about: 'whether any schedule breaks it (not in this version)' }],
  ['import', { action: importHistory, help: IMPORT_HELP, about: 'other tools’ histories, as documents that check reads' }],
  ['format', { action: format, help: FORMAT_HELP, about: 'indentation, spaces and blank lines' }],
]);

function generalHelp(): string {
  const lines = [...SUBCOMMANDS].map(([name, { about }]) => `  pawl ${name.padEnd(8)} ${about}`);
  return `pawl ${VERSION}: runs and checks documents of the Pawl language (.pawl)

${lines.join('\n')}

pawl COMMAND --help tells more. pawl --version prints the version.
`;
}

/** Runs a command line (without `node` and the script) and returns the exit code. Never throws for a user's mistake. */
export async function runCommand(words: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(words, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`pawl: ${oneLine(error.message)}\n`);
    return WRONG;
  }
}

async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError(`say what to do: ${[...SUBCOMMANDS.keys()].join(', ')}; see pawl --help`);
  if (name === '--version' || name === '-v') return say(io, `${VERSION}\n`);
  if (name === '--help' || name === '-h' || name === 'help') return say(io, SUBCOMMANDS.get(rest[0] ?? '')?.help ?? generalHelp());
  const subcommand = SUBCOMMANDS.get(name);
  if (subcommand !== undefined) return subcommand.action(rest, io);
  if (name.startsWith('-')) throw new UsageError(`unknown option ${name}; see pawl --help`);
  const near = nearest(name, SUBCOMMANDS.keys());
  throw new UsageError(`unknown command “${name}”; ${near === undefined ? 'see pawl --help' : `did you mean ${near}?`}`);
}

function say(io: Io, text: string): number {
  io.out(text);
  return OK;
}

/** Names of files may hold anything; an error is one line all the same. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
}
