/** What the command says and reads, in one place, so that every subcommand can be tried without a process. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Everything on standard input. */
  readInput(): Promise<Uint8Array>;
  /** Standard output is a terminal that shows colours. */
  readonly colours: boolean;
  /** Standard error is a terminal, where a line may be written over. */
  readonly progress: boolean;
}

/** Exit codes: everything is as expected; a violation, an unmet expectation or an error in a document; the command was wrong. */
export const OK = 0;
export const FOUND = 1;
export const WRONG = 2;

/** The command itself was wrong, or a file could not be read. The message is one line, without `pawl:`. */
export class UsageError extends Error {}
