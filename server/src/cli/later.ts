/** Subcommands that a later version builds: they say so, and what to use until then. */
import { readArguments } from './args.ts';
import { OK, UsageError, type Io } from './io.ts';

export const EXPLORE_HELP = `pawl explore FILE [--block NAME] [--schedules N] [--seed N] [--jobs N] [--shard I/N]

Asks whether any schedule breaks a scenario. Not in this version: pawl check runs the one
schedule that a scenario states.
`;

export async function explore(words: readonly string[], io: Io): Promise<number> {
  if (asksForHelp(words)) return say(io, EXPLORE_HELP);
  throw new UsageError('explore is not in this version; pawl check runs the one schedule that a scenario states');
}

function asksForHelp(words: readonly string[]): boolean {
  return words.some((word) => word === '--help' || word === '-h') && readArguments('help', ['--help'], {}).flags.has('help');
}

function say(io: Io, text: string): number {
  io.out(text);
  return OK;
}
