/**
 * What an edit costs beside opening the document, and what a line costs in memory beside its text.
 * Run: node test/bench/parse.bench.ts
 */
import { applyChanges, parseDocument } from '../../server/src/language/parser.ts';
import { tokensOfLine } from '../../server/src/language/tokens.ts';
import { formatDocument } from '../../server/src/language/format.ts';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A trace of `count` lines, about as varied as a recorded one. */
function traceOf(count: number): string {
  const lines = ['trace "bench" {', '  protocol primary-backup', '  nodes A B C', '  clients c1', ''];
  for (let i = 0; lines.length < count - 1; i++) {
    const key = `k${i % 17} = ${i}`;
    switch (i % 5) {
      case 0: lines.push(`  @${i}ms..${i + 1}ms   c1 -> A  write ${key}`); break;
      case 1: lines.push(`  @${i}ms..${i + 2}ms   A -> B   propose ${key}     {1,${i}}`); break;
      case 2: lines.push(`  @${i}ms..${i + 3}ms   B -> A   accept            {1,${i}}`); break;
      case 3: lines.push(`  @${i}ms..lost   A -> C   commit ${key}      {1,${i}}   // never there`); break;
      default: lines.push(`  @${i}ms         C applies ${key}            {1,${i}}`);
    }
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Milliseconds of processor time. */
function timed(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1000;
}

const LINES = 100_000;
const text = traceOf(LINES);
const warmUp = traceOf(5_000);
for (let i = 0; i < 10; i++) parseDocument(warmUp);

const opened = [0, 1, 2, 3, 4].map(() => timed(() => void parseDocument(text)));
let document = parseDocument(text);
const middle = LINES >> 1;
const edits = Array.from({ length: 60 }, (_, i) => timed(() => {
  const column = 8 + (i % 3);
  document = applyChanges(document, [{ start: { line: middle + i, column }, end: { line: middle + i, column }, text: '1' }]);
}));
const insertions = Array.from({ length: 60 }, (_, i) => timed(() => {
  document = applyChanges(document, [{ start: { line: middle + i, column: 0 }, end: { line: middle + i, column: 0 }, text: '  @1ms A leads {1,0}\n' }]);
}));
const open = median(opened);
console.log(JSON.stringify({ bench: 'edit-vs-open', lines: LINES, openMs: +open.toFixed(1), editMs: +median(edits).toFixed(3), insertMs: +median(insertions).toFixed(3),
  ratio: Math.round(open / median(edits)), insertRatio: Math.round(open / median(insertions)), goal: 20 }));

collect();
const kept: unknown[] = [];
const before = process.memoryUsage().heapUsed;
kept.push(parseDocument(text));
collect();
collect();
const perLine = (process.memoryUsage().heapUsed - before) / LINES;
console.log(JSON.stringify({ bench: 'heap-per-line-above-text', bytes: Math.round(perLine), goal: 300, kept: kept.length }));

const tokens = timed(() => { for (let line = 0; line < 10_000; line++) tokensOfLine(document, line); });
console.log(JSON.stringify({ bench: 'tokens-vs-open', usPerLine: +(tokens / 10).toFixed(2), ratio: +((tokens * 10) / open).toFixed(2) }));
const formatted = timed(() => void formatDocument(document));
console.log(JSON.stringify({ bench: 'format-vs-open', ms: +formatted.toFixed(0), ratio: +(formatted / open).toFixed(2) }));

const garbage = (size: number): string => {
  let seed = 12345;
  const next = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;
  return Array.from({ length: size }, () => String.fromCharCode(next() & 255)).join('');
};
const inputs: readonly (readonly [string, string])[] = [
  ['20 MB of trace', text.repeat(Math.ceil(20e6 / text.length))],
  ['20 MB of garbage', garbage(20e6)],
  ['20 MB of garbage in a block', `scenario "x" {\n${garbage(20e6)}`],
  ['20 MB on one line', 'a'.repeat(20e6)],
  ['20 MB of braces', '{\n'.repeat(10e6)],
  ['20 MB of open blocks', 'scenario "x" {\n'.repeat(1.3e6)],
];
for (const [what, content] of inputs) {
  collect();
  const start = process.memoryUsage().heapUsed;
  let parsed: unknown;
  const ms = timed(() => { parsed = parseDocument(content); });
  collect();
  const megabytes = (process.memoryUsage().heapUsed - start) / 1e6;
  console.log(JSON.stringify({ bench: what, ms: Math.round(ms), vsOpen: +(ms / open).toFixed(1), heapMB: Math.round(megabytes), parsed: parsed !== undefined }));
}
