/** Small scenarios of Raft, written as a document, and what happened in them. */
import { expect } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { EVENT } from '../../server/src/engine/events.ts';

/** One scenario after its header; three servers and two clients. */
export function ran(lines: readonly string[], knobs = '', nodes = 'S1 S2 S3') {
  const text = ['scenario "test" {', `  protocol raft {`, ...knobs.split(', ').filter((knob) => knob !== '').map((knob) => `    ${knob}`), '  }',
    `  nodes ${nodes}`, '  clients c1 c2', ...lines.map((line) => `  ${line}`), '}'].join('\n');
  const analysis = analyseNow(text), block = analysis.blocks[0]!;
  expect(block.verdict, analysis.diagnostics.map(({ message }) => message).join('\n')).not.toBe('invalid');
  const run = block.run!, { log } = run;
  const events = Array.from({ length: log.length }, (_, i) => i);
  return {
    run, log,
    codes: block.violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter(({ severity }) => severity === 'error').map(({ code }) => code),
    unmet: block.expectations.filter(({ met }) => !met).map(({ text: words }) => words),
    /** `node epoch` of each event of a kind. */
    all: (kind: keyof typeof EVENT) => events.filter((i) => log.kind(i) === EVENT[kind]).map((i) => `${run.names[log.node(i)]} ${log.epoch(i)}`),
    sent: (word: string) => events.filter((i) => log.kind(i) === EVENT.send && log.word(i) === word).map((i) => `${run.names[log.node(i)]} -> ${run.names[log.peer(i)]} ${log.text(i)}`.trimEnd()),
    logs: () => run.finalViews.map((view) => view.log.map(({ content }) => content).join(', ')),
  };
}
