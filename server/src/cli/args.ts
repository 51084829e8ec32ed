/** Command lines: options as node's parseArgs reads them, errors as one clear line. */
import { parseArgs } from 'node:util';
import { nearest } from '../model/suggest.ts';
import { UsageError } from './io.ts';

export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  /** For strings with few values. */
  readonly values?: readonly string[];
  /** A letter: `-o`. */
  readonly short?: string;
}

export interface Arguments {
  readonly flags: ReadonlySet<string>;
  readonly strings: ReadonlyMap<string, string>;
  readonly files: readonly string[];
}

/** Reads the words after a subcommand. `--help` is known to all of them. Throws UsageError. */
export function readArguments(command: string, words: readonly string[], specs: Readonly<Record<string, OptionSpec>>): Arguments {
  const all: Readonly<Record<string, OptionSpec>> = { ...specs, help: { type: 'boolean', short: 'h' } };
  const options = Object.fromEntries(Object.entries(all).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]));
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true });
  const flags = new Set<string>();
  const strings = new Map<string, string>();
  const files: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') files.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = all[token.name];
    if (spec === undefined) throw new UsageError(unknownOption(command, token.rawName, Object.keys(specs)));
    if (spec.type === 'boolean') {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      flags.add(token.name);
    } else strings.set(token.name, checkedValue(token.rawName, token.value, spec));
  }
  return { flags, strings, files };
}

function unknownOption(command: string, raw: string, known: readonly string[]): string {
  const near = nearest(raw.replace(/^-+/, ''), known);
  return `${command}: unknown option ${raw}${near === undefined ? `; see pawl ${command} --help` : `; did you mean --${near}?`}`;
}

function checkedValue(raw: string, value: string | undefined, spec: OptionSpec): string {
  if (value === undefined) throw new UsageError(`${raw} needs a value${spec.values === undefined ? '' : `: ${spec.values.join(', ')}`}`);
  if (spec.values === undefined || spec.values.includes(value)) return value;
  const near = nearest(value, spec.values);
  const way = near === undefined ? `it is one of ${spec.values.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`${raw} cannot be “${value}”; ${way}`);
}
