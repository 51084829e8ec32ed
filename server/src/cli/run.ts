import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import { analyseNow } from '../analysis/analyse.ts';
import { EVENT_NAMES, isSlots, type EventLog } from '../engine/events.ts';
import { timelineAt, type TimelineData } from '../features/timeline.ts';
import { traceOfRun } from '../interchange/trace.ts';
import { nearest } from '../model/suggest.ts';
import { sequenceOf } from '../picture/mermaid.ts';
import { pictureOf } from '../picture/svg.ts';
import { readArguments, type OptionSpec } from './args.ts';
import { readSource } from './files.ts';
import { FOUND, OK, UsageError, type Io } from './io.ts';

export const RUN_HELP = `pawl run FILE [--block NAME] [--format trace|json|mermaid|svg]

Runs the scenarios of a file and prints the executions themselves.

  --block NAME      only the scenario of that name
  --format FORMAT   trace (the default): trace blocks, which pawl check reads back; json: every event;
                    mermaid: a sequence diagram; svg: the timeline as a picture. The last two draw
                    one block, of any kind

Exit 0: the scenarios came out as expected. 1: they did not, or the document has an error.
2: the command was wrong, or the file could not be read.
`;

/** What draws one block, be it run or recorded. */
const DRAWN: Readonly<Record<string, (data: TimelineData) => string>> = { mermaid: sequenceOf, svg: pictureOf };
const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  block: { type: 'string' },
  format: { type: 'string', values: ['trace', 'json', ...Object.keys(DRAWN)] },
};

export async function run(words: readonly string[], io: Io): Promise<number> {
  const { flags, strings, files } = readArguments('run', words, OPTIONS);
  if (flags.has('help')) {
    io.out(RUN_HELP);
    return OK;
  }
  const format = strings.get('format') ?? 'trace';
  if (files.length !== 1) throw new UsageError(files.length === 0 ? 'run: name the file to run' : 'run: name one file only');
  const source = readSource(files[0]!);
  const analysis = analyseNow(source.text);
  const draw = DRAWN[format];
  if (draw !== undefined) return drawn(source.path, analysis, strings.get('block'), format, draw, io);
  const blocks = chosen(source.path, analysis, strings.get('block'));
  const notRun = blocks.filter((block) => block.run === undefined);
  for (const block of notRun) io.err(notRunMessage(source.path, block));
  const ran = blocks.filter((block) => block.run !== undefined);
  io.out(format === 'json' ? runsJson(source.path, ran) : ran.map((block) => traceOfRun(block.scenario!, block.run!)).join('\n'));
  return blocks.some(isWrong) ? FOUND : OK;
}

function drawn(path: string, analysis: Analysis, name: string | undefined, format: string, draw: (data: TimelineData) => string, io: Io): number {
  const blocks = chosen(path, analysis, name, 'block');
  if (blocks.length > 1) throw new UsageError(`run: ${format} draws one block; choose one with --block: ${listed(blocks)}`);
  const block = blocks[0]!, data = timelineAt(analysis, analysis.blocks.indexOf(block))!;
  if (data.state === 'ready') io.out(draw(data));
  else io.err(notRunMessage(path, block));
  return isWrong(block) ? FOUND : OK;
}

const listed = (blocks: readonly BlockResult[]): string => blocks.map((block) => `“${block.name}”`).join(', ');

function isWrong({ verdict, diagnostics }: BlockResult): boolean {
  return verdict === 'violated' || verdict === 'invalid' || diagnostics.some(({ severity }) => severity === 'error');
}

/** The blocks asked for: scenarios, or (for a picture) any. */
function chosen(path: string, analysis: Analysis, name: string | undefined, kind: 'scenario' | 'block' = 'scenario'): readonly BlockResult[] {
  const all = analysis.blocks.filter((block) => kind === 'block' || block.kind === 'scenario');
  if (all.length === 0) throw new UsageError(`${path}: there is no ${kind} to ${kind === 'block' ? 'draw' : 'run'}`);
  if (name === undefined) return all;
  const named = all.filter((block) => block.name === name);
  if (named.length > 0) return named;
  const near = nearest(name, all.map((block) => block.name));
  throw new UsageError(`${path}: no ${kind} is named “${name}”; ${near === undefined ? `there is ${listed(all)}` : `did you mean “${near}”?`}`);
}

function notRunMessage(path: string, block: BlockResult): string {
  const first = block.diagnostics.find((diagnostic) => diagnostic.severity === 'error') ?? block.diagnostics[0];
  const why = first === undefined ? 'it cannot be run' : `${path}:${first.place.line + 1}:${first.place.start + 1}: ${first.message}`;
  return `pawl: the ${block.kind} “${block.name}” was not run: ${why}\n`;
}

/**
 * Every event with the columns that it has. Times µs; nodes by name; `cause` is an index into `events`; `ops`: all operations of a
 * slot that holds several, -1 - op for one without effect.
 */
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
    node: named(log.node(i)), peer: named(log.peer(i)), word: isSlots(log.kind(i)) ? undefined : text(log.word(i)),
    epoch: number(log.epoch(i)), slot: number(log.slot(i)), message: number(log.message(i)), op: number(log.op(i)),
    ops: isSlots(log.kind(i)) && log.word(i) !== '' ? log.operations(i) : undefined,
    text: text(log.text(i)), detail: text(log.detail(i)), cause: number(log.cause(i)),
    line: log.line(i) < 0 ? undefined : log.line(i) + 1, a: number(log.a(i)), b: number(log.b(i)),
  }));
}
