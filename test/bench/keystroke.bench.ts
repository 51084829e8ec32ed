/** From a keystroke to diagnostics, on a file of 300 lines; the peer is a cold analysis of the whole file. */
import { Analyser, analyseNow } from '../../server/src/analysis/analyse.ts';
import type { PawlDocument } from '../../server/src/language/document.ts';
import { applyChanges, parseDocument } from '../../server/src/language/parser.ts';

const PRESETS = ['timers', 'majority', 'catch-up', 'ratchet', 'quorum-reads'];

/** Fifteen lines: five nodes, a partition, a pause, reads and writes on both sides. */
function scenario(index: number): string {
  return `scenario "case ${index}" {
  protocol primary-backup like ${PRESETS[index % PRESETS.length]!}
  nodes    A B C D E
  clients  c1 c2
  network  delay 2ms..5ms
  seed     ${index + 1}
  at 50ms   w0: c1 writes k = 0
  at 100ms  partition {A B c1} | {C D E c2}
  at 600ms  w1: c1 writes k = 1 to A
  at 700ms  w2: c2 writes k = 2
  at 900ms  heal
  at 1s     r1: c1 reads k
  at 1200ms pause A for 300ms
}

`;
}

const text = Array.from({ length: 20 }, (_, index) => scenario(index)).join('');
const lines = text.split('\n').length - 1;

function drain(analyser: Analyser, document: PawlDocument): number {
  const slices = analyser.analyse(document);
  let step = slices.next();
  while (!step.done) step = slices.next();
  return step.value.diagnostics.length;
}

function timed(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(values.length - 1, Math.floor(values.length * share))]!;
}

/** Types a comment, a value and a new line into block after block, a character at a time. */
function keystrokes(): readonly number[] {
  const analyser = new Analyser();
  let document = parseDocument(text);
  drain(analyser, document);
  const times: number[] = [];
  for (let block = 0; block < 20; block++) {
    const line = document.blocks[block]!.start + 9;
    const insert = ' // later\n  at 2s w3: c2 writes k = 3';
    let at = { line, column: document.lines[line]!.text.length };
    for (const character of insert) {
      times.push(timed(() => {
        document = applyChanges(document, [{ start: at, end: at, text: character }]);
        drain(analyser, document);
      }));
      at = character === '\n' ? { line: at.line + 1, column: 0 } : { line: at.line, column: at.column + 1 };
    }
  }
  return times;
}

for (let warm = 0; warm < 3; warm++) analyseNow(text);
const cold = quantile(Array.from({ length: 7 }, () => timed(() => analyseNow(text))), 0.5);
const times = keystrokes();
const median = quantile(times, 0.5), worst = quantile(times, 1);
console.log(`${lines} lines, 20 scenarios, ${times.length} keystrokes`);
const ms = (value: number): string => `${value.toFixed(1)} ms`;
console.log(`median ${ms(median)}, 95 % ${ms(quantile(times, 0.95))}, worst ${ms(worst)}; the whole file, cold: ${ms(cold)}`);
console.log(`a cold analysis takes ${(cold / median).toFixed(1)} times the median keystroke, ${(cold / worst).toFixed(1)} times the worst`);
