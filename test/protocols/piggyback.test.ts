/** Commits that ride on proposals, and slots of several operations (protocols.md A10), step by step. */
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import type { BlockResult } from '../../server/src/analysis/analysis.ts';
import { EVENT } from '../../server/src/engine/events.ts';

interface Analysed { readonly block: BlockResult; readonly unmet: readonly string[] }

function analysed(lines: readonly string[], knobs = '', like = 'piggyback', nodes = 'A B C'): Analysed {
  const text = `scenario "s" {\n  protocol primary-backup like ${like} {${knobs === '' ? '' : ` ${knobs} `}}\n  nodes ${nodes}\n  clients c1 c2\n\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
  const block = analyseNow(text).blocks[0]!;
  return { block, unmet: block.expectations.filter((each) => !each.met).map((each) => `${each.text}: ${each.message}`) };
}

/** What is sent, as `A -> B accept k = 1`, without signs of life. */
function sent({ block }: Analysed): readonly string[] {
  const { log, names } = block.execution!;
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.send && log.word(i) !== 'heartbeat')
    .map((i) => `${names[log.node(i)]} -> ${names[log.peer(i)]} ${log.word(i)} ${log.text(i)}`.trim());
}

/** Messages per write, client included, of ten writes that follow one another, the last of which ends the counting. */
function messagesPerWrite(knobs: string): number {
  const writes = Array.from({ length: 10 }, (_, i) => `at ${i * 40}ms c1 writes k = ${i} to A`);
  return (sent(analysed([...writes, 'run to 395ms'], knobs)).length) / 10;
}

describe('A10: messages of a write', () => {
  test('eight where each commit has a message of its own, six where it rides', () => {
    expect(messagesPerWrite('commit-prop explicit')).toBe(8);
    expect(messagesPerWrite('')).toBe(6);
  });

  test('a proposal carries what is committed before it', () => {
    const run = analysed(['at 0ms w1: c1 writes k = 1', 'at 40ms w2: c1 writes k = 2', 'run to 70ms', 'expect w1 acked', 'expect k = 1 on B C']);
    expect(run.unmet).toEqual([]);
    expect(sent(run).filter((line) => line.includes('commit'))).toEqual([]);
  });

  test('an idle leader sends it alone, for all slots before it too', () => {
    const run = analysed(['at 0ms c1 writes k = 1 to A', 'at 5ms c2 writes j = 2 to A', 'expect k = 1 on A B C', 'expect j = 2 on A B C', 'expect no violations']);
    expect(run.unmet).toEqual([]);
    expect(sent(run).filter((line) => line.includes(' commit '))).toEqual(['A -> B commit j = 2', 'A -> C commit j = 2']);
  });

  test('one that lacks a slot does not commit past it', () => {
    const run = analysed(['drop A -> B propose #1', 'at 0ms c1 writes k = 1 to A', 'at 30ms c1 writes j = 2 to A', 'expect k = 1 on A B C', 'expect j = 2 on A B C', 'expect no violations'], 'retry none');
    expect(run.unmet).toEqual([]);
  });

  test('a proposal that was lost is no commit: the next leader finds the write among its voters (A10a)', () => {
    const run = analysed(['at 0ms w1: c1 writes k = 1 to A', 'at 100ms crash A', 'at 1s r1: c1 reads k', 'expect w1 acked', 'expect r1 = 1', 'expect no violations'], 'commit-timeout never');
    expect(run.unmet).toEqual([]);
  });
});

describe('A10: slots of several operations', () => {
  test('what comes within the linger shares a slot, and each is answered', () => {
    const run = analysed(['at 0ms w1: c1 writes k = 1 to A', 'at 2ms w2: c2 adds 5 to n to A', 'run to 50ms', 'expect w1 acked', 'expect w2 acked', 'expect n = 5 on A'], 'batch 8');
    expect(run.unmet).toEqual([]);
    expect(sent(run).slice(2)).toEqual([
      'A -> B propose k = 1 | add 5 to n', 'A -> C propose k = 1 | add 5 to n', 'B -> A accept k = 1 | add 5 to n', 'C -> A accept k = 1 | add 5 to n',
      'A -> c1 ok', 'A -> c2 ok',
    ]);
  });

  test('a full batch does not wait', () => {
    const run = analysed(['at 0ms w1: c1 writes k = 1 to A', 'at 0ms w2: c2 writes j = 2 to A', 'expect w1 acked by 41ms', 'expect w2 acked by 41ms'], 'batch 2 batch-linger 1s');
    expect(run.unmet).toEqual([]);
  });

  test('one that is alone waits, and no longer', () => {
    expect(analysed(['at 0ms w1: c1 writes k = 1 to A', 'expect w1 acked by 60ms'], 'batch 2 batch-linger 20ms').unmet).toEqual([]);
    expect(analysed(['at 0ms w1: c1 writes k = 1 to A', 'expect w1 acked by 59ms'], 'batch 2 batch-linger 20ms').unmet).toHaveLength(1);
  });

  test('a request that waits in a batch, asked again, is not in it twice', () => {
    const run = analysed(['duplicate c1 -> A add #1', 'at 0ms w1: c1 adds 5 to n to A', 'expect n = 5 on A B C', 'expect no violations'], 'batch 8 batch-linger 40ms');
    expect(run.unmet).toEqual([]);
  });
});
