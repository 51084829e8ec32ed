import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import { analyseNow } from '../analysis/analyse.ts';
import { EVENT_NAMES, type EventLog } from '../engine/events.ts';
import { traceOfRun } from '../interchange/trace.ts';
import { nearest } from '../model/suggest.ts';
import { readArguments, type OptionSpec } from './args.ts';
import { readSource } from './files.ts';
import { FOUND, OK, UsageError, type Io } from './io.ts';

export const RUN_HELP = `pawl run FILE [--block NAME] [--format trace|json]

Runs the scenarios of a file and prints the executions themselves.

  --block NAME      only the scenario of that name
  --format FORMAT   trace (the default): trace blocks, which pawl check reads back; json: every event

Exit 0: the scenarios came out as expected. 1: they did not, or the document has an error.
2: the command was wrong, or the file could not be read.
`;

const LATER = ['mermaid', 'svg'];
const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  block: { type: 'string' },
  format: { type: 'string', values: ['trace', 'json', ...LATER] },
};

export async function run(words: readonly string[], io: Io): Promise<number> {
  const { flags, strings, files } = readArguments('run', words, OPTIONS);
  if (flags.has('help')) {
    io.out(RUN_HELP);
    return OK;
  }
  const format = strings.get('format') ?? 'trace';
  if (LATER.includes(format)) throw new UsageError(`run: the format ${format} is not in this version; use trace or json`);
  if (files.length !== 1) throw new UsageError(files.length === 0 ? 'run: name the file to run' : 'run: name one file only');
  const source = readSource(files[0]!);
  const analysis = analyseNow(source.text);
  const blocks = chosen(source.path, analysis, strings.get('block'));
  const notRun = blocks.filter((block) => block.run === undefined);
  for (const block of notRun) io.err(notRunMessage(source.path, block));
  const ran = blocks.filter((block) => block.run !== undefined);
  io.out(format === 'json' ? runsJson(source.path, ran) : ran.map((block) => traceOfRun(block.scenario!, block.run!)).join('\n'));
  return blocks.some(isWrong) ? FOUND : OK;
}

function isWrong({ verdict, diagnostics }: BlockResult): boolean {
  return verdict === 'violated' || verdict === 'invalid' || diagnostics.some(({ severity }) => severity === 'error');
}

function chosen(path: string, analysis: Analysis, name: string | undefined): readonly BlockResult[] {
  const scenarios = analysis.blocks.filter((block) => block.kind === 'scenario');
  if (scenarios.length === 0) throw new UsageError(`${path}: there is no scenario to run`);
  if (name === undefined) return scenarios;
  const named = scenarios.filter((block) => block.name === name);
  if (named.length > 0) return named;
  const near = nearest(name, scenarios.map((block) => block.name));
  const names = scenarios.map((block) => `“${block.name}”`).join(', ');
  throw new UsageError(`${path}: no scenario is named “${name}”; ${near === undefined ? `there is ${names}` : `did you mean “${near}”?`}`);
}

function notRunMessage(path: string, block: BlockResult): string {
  const first = block.diagnostics.find((diagnostic) => diagnostic.severity === 'error') ?? block.diagnostics[0];
  const why = first === undefined ? 'it cannot be run' : `${path}:${first.place.line + 1}:${first.place.start + 1}: ${first.message}`;
  return `pawl: the scenario “${block.name}” was not run: ${why}\n`;
}

/** Every event with the columns that it has. Times µs; nodes by name; `cause` is an index into `events`. */
function runsJson(path: string, blocks: readonly BlockResult[]): string {
  const runs = blocks.map(({ name, line, verdict, run: result, scenario }) => ({
    name, line: line + 1, verdict, end: result!.end, endUs: result!.endUs,
    nodes: scenario!.nodes, clients: scenario!.clients, events: eventsOf(result!.log, result!.names),
  }));
  return `${JSON.stringify({ version: 1, path, runs }, undefined, 1)}\n`;
}

function eventsOf(log: EventLog, names: readonly string[]): readonly object[] {
  const named = (process: number): string | undefined => (process < 0 ? undefined : names[process]);
  const number = (value: number): number | undefined => (value === -1 ? undefined : value);
  const text = (value: string): string | undefined => (value === '' ? undefined : value);
  return Array.from({ length: log.length }, (_, i) => ({
    timeUs: log.timeUs(i), kind: EVENT_NAMES[log.kind(i)],
    node: named(log.node(i)), peer: named(log.peer(i)), word: text(log.word(i)),
    epoch: number(log.epoch(i)), slot: number(log.slot(i)), message: number(log.message(i)), op: number(log.op(i)),
    text: text(log.text(i)), detail: text(log.detail(i)), cause: number(log.cause(i)),
    line: log.line(i) < 0 ? undefined : log.line(i) + 1, a: number(log.a(i)), b: number(log.b(i)),
  }));
}
