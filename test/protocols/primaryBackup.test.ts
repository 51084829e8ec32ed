/** The road's protocol where no example shows it: what random weather found, and the shortest document of it. */
import { expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { errorsOf } from './scenarios.ts';
import { turmoilOf } from './turmoil.ts';

test('a leader’s log that comes late takes nothing of its own epoch away', () => {
  const text = `scenario "an old log" {
    protocol primary-backup like quorum-reads { order unordered }
    nodes   A B C
    clients c1 c2

    drop A -> B propose #1
    drop A -> C propose
    drop A -> C state
    hold A -> B state until 400ms
    at 10ms  w1: c1 writes k = 1 to A
    at 30ms  w2: c1 writes k = 2 to A
    at 200ms w3: c1 writes k = 3 to A
    at 410ms crash A
    at 2s    r1: c2 reads k
    run to   3s

    expect w3 acked
    expect r1 = 3
    expect no violations
  }`;
  expect(analyseNow(text).blocks[0]!.expectations.filter(({ met }) => !met)).toEqual([]);
  for (const seed of [149, 929]) expect(errorsOf(turmoilOf({ protocol: 'primary-backup', like: 'quorum-reads' }, { order: 'unordered' }, seed)), `seed ${seed}`).toEqual([]);
});

/** A slow disk, a conclusion told, and a crash before the write is done. Each of them broke something before. */
const BEFORE_THE_DISK: readonly (readonly [told: string, lines: string])[] = [
  ['a newer epoch, to the leader of an older one', `
    protocol primary-backup like quorum-reads
    nodes A B C
    clients c1
    at 0ms disk B slow 100ms
    at 100ms timeout C
    at 160ms crash B
    at 170ms restart B
    run to 2s
  `],
  ['a newer epoch, to a candidate of an older one', `
    protocol primary-backup like quorum-reads
    nodes A B C D E
    clients c1
    at 0ms partition {A} | {B C D E c1}
    at 1ms disk B slow 100ms
    at 100ms timeout C
    at 115ms timeout D
    at 160ms crash B
    at 170ms restart B
    run to 2s
  `],
  ['an own accept, by counting it', `
    protocol primary-backup like quorum-reads
    nodes A B C
    clients c1 c2
    at 0ms disk A slow 400ms
    drop A -> C propose #1
    drop A -> C propose #2
    at 10ms w1: c1 writes k = 1 to A
    at 150ms r1: c2 reads k from A
    at 220ms partition {B} | {A C c1 c2}
    at 225ms crash A
    at 226ms disk A slow 0ms
    at 230ms restart A
    at 1s r2: c2 reads k
    run to 3s
  `],
  ['an abort, to one in doubt', `
    protocol primary-backup like tcp { in-doubt ask-peers }
    nodes A B C
    clients c1
    at 0ms disk C slow 400ms
    drop A -> C propose #1
    drop A -> C propose #2
    drop A -> C propose #3
    drop A -> C propose #4
    drop A -> C propose #5
    at 10ms w1: c1 writes k = 1 to A
    at 480ms crash C
    at 490ms restart C
    run to 3s
  `],
  ['an own accept, alone', `
    protocol primary-backup like quorum-reads
    nodes A
    clients c1 c2
    at 0ms disk A slow 400ms
    at 10ms w1: c1 writes k = 1 to A
    at 100ms r1: c2 reads k from A
    at 150ms crash A
    at 160ms restart A
    at 1s r2: c2 reads k
    run to 3s
  `],
];

test.each(BEFORE_THE_DISK)('nothing is told before a slow disk has it: %s', (_told, lines) => {
  const block = analyseNow(`scenario "told too early" {${lines}  expect no violations\n}`).blocks[0]!;
  expect(block.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(block.verdict).toBe('as-expected');
});
