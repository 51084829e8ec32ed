/**
 * Deciding histories; the peer is Porcupine (github.com/anishathalye/porcupine), on the same files in the same run, one thread.
 * PORCUPINE names a program that is given files and prints for each a line `FILE true|false MILLISECONDS`, best of five; built outside this
 * project, it is Porcupine's CheckEvents with the models of its own tests. HISTORIES names more folders to take files from than
 * the collection beside the project.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { intervalsOfHistory, type Interval } from '../../server/src/checkers/intervals.ts';
import { linearizability } from '../../server/src/checkers/linearizability.ts';
import { MODELS, REGISTER, type ObjectModel } from '../../server/src/checkers/models.ts';
import { checkHistoryLinearizable } from '../../server/src/checkers/notLinearizable.ts';
import { formatOf } from '../../server/src/interchange/histories/formats.ts';
import { HistoryImport } from '../../server/src/interchange/histories/import.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import type { History } from '../../server/src/model/history.ts';
import { lowerHistory } from '../../server/src/model/lower.ts';
import { CATALOGUE } from '../../server/src/protocols/registry.ts';

const CORPORA = fileURLToPath(new URL('../../../shared/corpora', import.meta.url));
const folders = [join(CORPORA, 'porcupine-etcd-register/dev'), join(CORPORA, 'porcupine-kv/dev'), ...(process.env['HISTORIES'] ?? '').split(':')].filter((path) => path !== '' && existsSync(path));

function historyIn(path: string): History {
  const source = readFileSync(path, 'utf8');
  const read = new HistoryImport({ format: formatOf(source)!, name: basename(path), nil: 'absent', initial: undefined }, () => {});
  const document = parseDocument(source.split('\n').map((line) => read.line(line)).join('') + read.end());
  return lowerHistory(document, document.blocks[0]!, CATALOGUE).value!;
}

function best(times: number, action: () => void): number {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    action();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const answersOf = (history: History): readonly string[] => {
  const model = MODELS[history.models.get('') ?? 'register'];
  return [...intervalsOfHistory(history).byKey.values()].map((intervals) => linearizability(model, intervals, { states: 10_000_000 }));
};

interface Peer { readonly isLinearizable: boolean; readonly ms: number }

function peersOf(files: readonly string[]): ReadonlyMap<string, Peer> {
  const program = process.env['PORCUPINE'];
  if (program === undefined) return new Map();
  const lines = execFileSync(program, files, { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(' '));
  return new Map(lines.map(([file, answer, ms]) => [file!, { isLinearizable: answer === 'true', ms: Number(ms) }]));
}

const files = [...new Map(folders.flatMap((folder) => readdirSync(folder).filter((name) => /\.(log|txt)$/.test(name)).map((name) => [name, join(folder, name)] as const))).values()]
  .filter((path) => statSync(path).size > 0).sort();
const peers = peersOf(files);
if (peers.size === 0) console.log('PORCUPINE is not set: no ratios');

for (const [what, ending] of [['etcd, one register', '.log'], ['keys and values', '.txt']] as const) {
  let decided = 0, explained = 0, peer = 0, differ = 0;
  const chosen = files.filter((file) => file.endsWith(ending));
  for (const file of chosen) {
    const history = historyIn(file);
    decided += best(5, () => answersOf(history));
    explained += best(3, () => checkHistoryLinearizable(history));
    const other = peers.get(file);
    peer += other?.ms ?? 0;
    if (other !== undefined && other.isLinearizable !== answersOf(history).every((answer) => answer === 'linearizable')) differ++;
  }
  const ratio = peer === 0 ? '' : `: ${(decided / peer).toFixed(2)} of the peer's ${peer.toFixed(1)} ms, ${(explained / peer).toFixed(2)} with reasons; ${differ} answers differ`;
  console.log(`${what}: ${chosen.length} files decided in ${decided.toFixed(1)} ms, explained in ${explained.toFixed(1)} ms${ratio}`);
}

/** Fifty clients that write and read one register, all writes different, read at some moment between start and end. */
function register(count: number): readonly Interval[] {
  return Array.from({ length: count }, (_, id): Interval => ({
    id, client: `c${id % 50}`, start: 10 * id, end: 10 * id + 400,
    call: id % 2 === 0 ? { kind: 'write', argument: `v${id}`, argument2: '', result: undefined } : { kind: 'read', argument: '', argument2: '', result: `v${id - 1}` },
  }));
}

/** The same in a queue. */
function queue(count: number): readonly Interval[] {
  return register(count).map((one) => (one.call.kind === 'write' ? { ...one, call: { ...one.call, kind: 'enqueue' } } : { ...one, call: { ...one.call, kind: 'dequeue' } }));
}

/** Pushed and popped at random, each at some moment between start and end. */
function stack(count: number): readonly Interval[] {
  const inside: string[] = [];
  let chance = 1;
  return Array.from({ length: count }, (_, id): Interval => {
    chance = Math.imul(chance, 48_271) & 0x7fff_ffff;
    const isPush = inside.length === 0 || (chance & 0x4000) !== 0, value = isPush ? `v${id}` : inside.pop()!;
    if (isPush) inside.push(value);
    return { id, client: `c${id}`, start: 10 * id - 15, end: 10 * id + 15, call: { kind: isPush ? 'enqueue' : 'dequeue', argument: isPush ? value : '', argument2: '', result: isPush ? undefined : value } };
  });
}

for (const [what, model, make] of [['a register, distinct writes', REGISTER, register], ['a queue, distinct values', MODELS.queue, queue],
  ['a stack, distinct values', MODELS.stack, stack]] as readonly (readonly [string, ObjectModel, (count: number) => readonly Interval[]])[]) {
  let before: number | undefined;
  for (const count of [10_000, 100_000, 1_000_000]) {
    const calls = make(count), ms = best(count < 1_000_000 ? 3 : 1, () => linearizability(model, calls, { states: 0 }));
    const growth = before === undefined ? '' : `, ${(ms / before).toFixed(1)} times as long as for a tenth (n log n: ${(10 * Math.log(count) / Math.log(count / 10)).toFixed(1)})`;
    console.log(`${what}: ${count} operations in ${ms.toFixed(0)} ms${growth}`);
    before = ms;
  }
}
