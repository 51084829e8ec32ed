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
