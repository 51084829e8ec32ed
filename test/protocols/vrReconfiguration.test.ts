/** Reconfiguration of Viewstamped Replication (VRR §7), by its steps. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { EVENT } from '../../server/src/engine/events.ts';

function ran(lines: readonly string[], knobs = '', nodes = 'A B C, spare D E') {
  const text = ['scenario "test" {', `  protocol viewstamped-replication { ${knobs} }`, `  nodes ${nodes}`, '  clients c1', ...lines.map((line) => `  ${line}`), '}'].join('\n');
  const analysis = analyseNow(text), block = analysis.blocks[0]!;
  expect(block.verdict, analysis.diagnostics.map(({ message }) => message).join('\n')).not.toBe('invalid');
  const run = block.run!, { log } = run, events = Array.from({ length: log.length }, (_, i) => i);
  return {
    run,
    codes: block.violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter(({ severity }) => severity === 'error').map(({ code }) => code),
    unmet: block.expectations.filter(({ met }) => !met).map(({ text: words }) => words),
    all: (kind: keyof typeof EVENT) => events.filter((i) => log.kind(i) === EVENT[kind] && log.node(i) >= 0).map((i) => `${run.names[log.node(i)]} ${log.epoch(i)} ${log.text(i)}`.trimEnd()),
    sent: (word: string) => events.filter((i) => log.kind(i) === EVENT.send && log.word(i) === word).map((i) => `${run.names[log.node(i)]} -> ${run.names[log.peer(i)]}`),
    discards: () => events.filter((i) => log.kind(i) === EVENT.discard).map((i) => log.detail(i)),
  };
}

describe('§7.1: normal processing', () => {
  test('the request is the last operation of its epoch; the next one begins with its own primary', () => {
    const { all, unmet, codes } = ran(['at 100ms m1: replace A by D', 'at 900ms w1: c1 writes k = 1', 'expect m1 acked', 'expect w1 acked', 'expect members B C D', 'expect k = 1', 'run to 2s']);
    expect(all('leads')).toEqual(['A 1', 'B 1001']);
    expect(unmet).toEqual([]);
    expect(codes).toEqual([]);
  });

  test('while it is not committed, the primary takes no other request', () => {
    const { discards, unmet } = ran(['at 100ms m1: add D', 'at 105ms w1: c1 writes k = 1', 'expect w1 acked', 'run to 1s']);
    expect(discards()).toContain('the epoch ends with what it prepares now');
    expect(unmet).toEqual([]);
  });

  test('7.1.1: a new replica fetches what was decided before it takes part', () => {
    const { run, sent, unmet } = ran(['at 20ms w1: c1 writes k = 1', 'at 100ms m1: add D', 'expect k = 1 on D', 'run to 500ms']);
    expect(sent('get-state')).toEqual(['D -> A']);
    expect(unmet).toEqual([]);
    expect(run.finalViews[3]!.role).toBe('backup');
  });

  test('7.1.2: a replaced replica stays until f’+1 of the new group have begun, and reminds them', () => {
    const { sent } = ran(['at 100ms m1: replace A by D', 'hold B -> A epoch-started until released', 'hold C -> A epoch-started until released', 'hold D -> A epoch-started until released', 'run to 800ms']);
    expect(sent('start-epoch').filter((words) => words.startsWith('A -> ')).length).toBeGreaterThan(6);
    const { run, sent: usually } = ran(['at 100ms m1: replace A by D', 'run to 800ms']);
    expect(usually('start-epoch').length).toBeLessThan(6);
    expect(run.finalViews[0]!.role).toBe('outside');
  });

  test('whoever missed the end of an epoch is told by those who did not', () => {
    const { unmet, codes, run } = ran(['at 80ms isolate C', 'at 100ms m1: remove C', 'at 500ms heal', 'expect members A B', 'run to 1500ms']);
    expect(unmet).toEqual([]);
    expect(codes).toEqual([]);
    expect(run.finalViews[2]!.role).toBe('outside');
  });
});

describe('§7.2: other protocols', () => {
  test('a view change before it is committed ends the epoch all the same', () => {
    const { all, unmet } = ran(['at 100ms m1: replace C by D', 'when A -> B prepare #1 crash A', 'expect members A B D', 'run to 2s']);
    expect(all('leads').slice(0, 2)).toEqual(['A 1', 'B 2']);
    expect(unmet).toEqual([]);
  });

  test('views of the new epoch change among the new group', () => {
    const { all, unmet } = ran(['at 100ms m1: change members to C D E', 'at 600ms crash C', 'at 1500ms w1: c1 writes k = 1', 'expect w1 acked', 'run to 3s']);
    expect(all('leads')).toEqual(['A 1', 'C 1001', 'D 1002']);
    expect(unmet).toEqual([]);
  });

  test.each(['view-log', 'view-floor', 'none'])('a replica of the new group restarts (persistence %s)', (persistence) => {
    const { unmet, codes } = ran(['at 100ms m1: replace A by D', 'at 500ms c1 writes k = 1', 'at 700ms crash D', 'at 720ms restart D', 'at 1500ms crash B', 'at 2500ms w1: c1 writes k = 2', 'expect w1 acked', 'expect k = 2 on D', 'run to 4s'], `persistence ${persistence}`);
    expect(unmet).toEqual([]);
    expect(codes).toEqual([]);
  });
});
