/** Where promises are about one slot each, every slot has epochs of its own, and slots are no sequence. */
import { describe, expect, it } from 'vitest';
import { diverged } from '../../server/src/checkers/diverged.ts';
import { epochRegression } from '../../server/src/checkers/epochRegression.ts';
import { staleEpoch } from '../../server/src/checkers/staleEpoch.ts';
import { findings, Story } from './story.ts';

describe('a promise about one slot', () => {
  it('binds its node about that slot', () => {
    const story = new Story().on('B', 'promise', { epoch: 3, slot: 1 }).slot('accept', 'B', 1, -1, { epoch: 2 });
    expect(findings(staleEpoch, story)).toHaveLength(1);
  });

  it('and about no other', () => {
    const story = new Story().on('B', 'promise', { epoch: 3, slot: 1 }).on('B', 'promise', { epoch: 1, slot: 2 }).slot('accept', 'B', 2, -1, { epoch: 2 });
    expect(findings(staleEpoch, story)).toEqual([]);
    expect(findings(epochRegression, story)).toEqual([]);
  });

  it('can be forgotten by a restart, if somebody was told of it', () => {
    const forgets = (toldAbout: number): Story => new Story().on('B', 'promise', { epoch: 3, slot: 1 })
      .message('send', 'B', 'C', 'promise', { epoch: 3, slot: toldAbout }).on('B', 'crash').on('B', 'restart').slot('accept', 'B', 1, -1, { epoch: 2 });
    expect(findings(epochRegression, forgets(1))).toHaveLength(1);
    expect(findings(epochRegression, forgets(2))).toEqual([]);
  });

  it('makes slots no sequence: a later one without an earlier one is no hole', () => {
    const story = (slot: number): Story => new Story().on('B', 'promise', { epoch: 1, slot }).slot('apply', 'A C', 1, -1, { text: 'k = 1' })
      .on('B', 'discard', { slot: 1, epoch: 1 }).slot('apply', 'A B C', 2, -1, { text: 'j = 1' });
    expect(findings(diverged, story(-1))).not.toEqual([]);
    expect(findings(diverged, story(2))).toEqual([]);
  });
});
