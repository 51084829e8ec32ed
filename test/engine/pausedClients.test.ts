/** Clients that are paused: what they were to ask, hear or give up waits until they go on. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { helpfulFixes } from '../../server/src/analysis/helpfulFixes.ts';
import { EVENT } from '../../server/src/engine/events.ts';

function told(...lines: readonly string[]) {
  const block = analyseNow(['scenario "s" {', '  protocol primary-backup like majority', '  nodes A B C', '  clients c1 c2', ...lines.map((line) => `  ${line}`), '}'].join('\n')).blocks[0]!;
  const { log } = block.run!;
  return {
    end: block.run!.end,
    unmet: block.expectations.filter(({ met }) => !met).map(({ text }) => text),
    times: (kind: keyof typeof EVENT) => Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT[kind] && log.node(i) >= 3).map((i) => log.timeUs(i) / 1000),
  };
}

describe('a paused client', () => {
  test('asks when it goes on', () => {
    const { times, unmet } = told('at 0ms pause c1 for 200ms', 'at 100ms w1: c1 writes k = 1', 'run to 1s', 'expect w1 acked');
    expect(times('invoke')).toEqual([200]);
    expect(unmet).toEqual([]);
  });

  test('hears answers when it goes on, and gives up only then', () => {
    const answered = told('at 0ms c1 writes k = 1', 'at 5ms pause c1', 'at 300ms resume c1', 'run to 1s');
    expect(answered.times('ok')).toEqual([300]);
    const given = told('at 0ms c1 writes k = 1 within 100ms', 'at 5ms pause c1', 'drop A -> c1 ok', 'at 300ms resume c1', 'run to 1s');
    expect(given.times('info')).toEqual([300]);
  });

  test('is not meant by `pause *`, and its pause is no reason for a run never to end', () => {
    expect(told('at 0ms pause *', 'at 10ms c1 writes k = 1', 'at 20ms resume *', 'run to 1s').times('invoke')).toEqual([10]);
    expect(told('at 0ms pause c1', 'at 10ms c1 writes k = 1').end).toBe('done');
  });
});

test('a resource that does not look at tokens can be mended where it stands', () => {
  const analysis = analyseNow(`scenario "s" {
  protocol zab
  nodes A B C
  clients c1 c2
  resource R    // a file
  at 0ms c1 locks /lock
  at 100ms l2: c2 locks /lock
  at 250ms pause c1
  when l2 acked c2 uses R
  at 1s resume c1
  at 1s u: c1 uses R
  run to 2s
}`);
  const wrong = analysis.diagnostics.find(({ code }) => code === 'unfenced')!;
  expect([wrong.severity, wrong.place.line]).toEqual(['error', 10]);
  expect(wrong.related.map(({ place, message }) => `${place.line}: ${message}`)).toEqual(['7: allowed by this pause, from 250ms', '4: permitted by this resource, which does not look at tokens']);
  expect(helpfulFixes(analysis, wrong)).toEqual([{ title: 'Have the resource refuse older tokens', preferred: true, edits: [{ kind: 'replace', place: { line: 4, start: 12, end: 12 }, text: ' fenced' }] }]);
});
