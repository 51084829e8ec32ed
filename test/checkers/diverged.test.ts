import { describe, expect, it } from 'vitest';
import { diverged } from '../../server/src/checkers/diverged.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { findings, nodesOf, Story, without, write } from './story.ts';

function twoWrites(): Story {
  const story = new Story();
  story.ask('c1', write('k', '3'));
  story.ask('c1', write('k', '4'));
  return story;
}

describe('diverged', () => {
  it('is two contents in one slot, both nodes named', () => {
    const story = twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'B', 1, 1, { epoch: 2 }), [found, ...others] = findings(diverged, story);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', slots: [1], operations: [1, 0], epochs: [2, 1] });
    expect(nodesOf(story, found)).toBe('A B');
    expect(found!.message).toBe('Slot 1: A has k = 3, B has k = 4.');
    expect(diverged.check(without(story.execution(), 'apply', 0)).findings).toEqual([]);
  });

  it('is a commit here and an abort there', () => {
    const story = twoWrites().slot('commit', 'A', 1, 0).on('A', 'crash').slot('abort', 'B', 1, 0);
    expect(findings(diverged, story).map(({ message }) => message)).toEqual(['Slot 1: A has k = 3, B aborted it.']);
  });

  it('is not the same content twice, nor one node that changes its mind', () => {
    expect(findings(diverged, twoWrites().slot('apply', 'A B A', 1, 0).slot('apply', 'B', 1, 0, { epoch: 2 }))).toEqual([]);
    expect(findings(diverged, twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'A', 1, 1))).toEqual([]);
    expect(findings(diverged, twoWrites().slot('abort', 'A B', 1, 0))).toEqual([]);
  });

  it('finds every pair of nodes that differ, and every slot', () => {
    const story = twoWrites().slot('apply', 'A B', 1, 0).slot('apply', 'C', 1, 1).slot('apply', 'A', 2, 0).slot('apply', 'C', 2, 1);
    expect(findings(diverged, story).map((found) => `${nodesOf(story, found)} ${found.slots[0]}`)).toEqual(['A C 1', 'B C 1', 'A C 2']);
  });

  it('is the same slots in different orders, if values differ in the end', () => {
    const story = twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 1).slot('apply', 'B', 2, 1).slot('apply', 'B', 1, 0).holds('A', 'k', '4').holds('B', 'k', '3');
    const [found, ...others] = findings(diverged, story);
    expect(others).toEqual([]);
    expect(found!.message).toBe('A has k = 4, B has k = 3: B applied slot 1 after slot 2.');
    expect(found).toMatchObject({ nodes: [0, 1], operations: [1, 0], slots: [1, 2] });
    expect(findings(diverged, story.holds('B', 'k', '4'))).toEqual([]);
  });

  it('looks at the order of one key: what does not touch it may come anywhere', () => {
    const three = (): Story => { const story = twoWrites(); story.ask('c1', write('j', '5')); return story; };
    const story = three().slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 1).slot('apply', 'A', 3, 2).slot('apply', 'B', 3, 2).slot('apply', 'B', 1, 0).slot('apply', 'B', 2, 1);
    expect(findings(diverged, story.holds('A', 'k', '4').holds('B', 'k', '3'))).toEqual([]);
    // B lacks the write of j, which makes no difference to k.
    const turned = three().slot('apply', 'A', 1, 0).slot('apply', 'A', 3, 2).slot('apply', 'A', 2, 1).slot('apply', 'B', 2, 1).slot('apply', 'B', 1, 0);
    expect(findings(diverged, turned.holds('A', 'k', '4').holds('B', 'k', '3')).map(({ slots }) => slots)).toEqual([[1, 2]]);
  });

  it('sees a repetition that turns a value back', () => {
    const story = twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 1).slot('apply', 'B', 1, 0).slot('apply', 'B', 2, 1).slot('apply', 'B', 1, 0)
      .holds('A', 'k', '4').holds('B', 'k', '3');
    expect(findings(diverged, story)).toHaveLength(1);
  });

  it('is not a node that restarted and has not applied everything again yet', () => {
    const story = twoWrites().slot('persist', 'A B', 1, 0).slot('apply', 'A B', 1, 0).slot('persist', 'A B', 2, 1).slot('apply', 'A B', 2, 1)
      .on('B', 'crash').on('B', 'restart').slot('apply', 'B', 1, 0).holds('A', 'k', '4').holds('B', 'k', '3');
    expect(findings(diverged, story)).toEqual([]);
    // All of it again and another value all the same: that is.
    expect(findings(diverged, story.slot('apply', 'A', 3, 0).slot('apply', 'B', 3, 0).slot('apply', 'B', 2, 1))).toHaveLength(1);
  });

  it('is not a node that lags, nor one whose slots were taken back', () => {
    const lagging = twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 1).slot('apply', 'B', 1, 0).holds('A', 'k', '4').holds('B', 'k', '3');
    expect(findings(diverged, lagging)).toEqual([]);
    const redone = twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 1).slot('apply', 'B', 2, 1).slot('truncate', 'B', 1, -1).slot('apply', 'B', 1, 0).slot('apply', 'B', 2, 1)
      .holds('A', 'k', '4').holds('B', 'k', '5');
    expect(findings(diverged, redone)).toEqual([]);
  });

  it('is a hole that a node made itself by discarding, and no other hole', () => {
    const hole = (discards: boolean): Story => {
      const story = twoWrites().slot('apply', 'A', 1, 0).slot('apply', 'A B', 2, 1);
      return discards ? story.message('discard', 'B', 'A', 'propose', { slot: 1, op: 0 }) : story;
    };
    expect(findings(diverged, hole(true)).map(({ message }) => message)).toEqual(['Slot 1: A has k = 3, B discarded it and went on to slot 2.']);
    expect(findings(diverged, hole(false))).toEqual([]);
    expect(findings(diverged, hole(true).slot('apply', 'B', 1, 0))).toEqual([]);
  });

  it('agrees with comparing all decisions of a slot', () => {
    let positive = 0;
    forSeeds(4000, (dice) => {
      const story = randomStory(dice, { kinds: ['ask', 'ask', 'apply', 'apply', 'apply', 'commit', 'abort', 'crash'] });
      const { log } = story;
      const decisions = all(story, 'commit', 'apply', 'abort');
      const conflict = (i: number, j: number): boolean => log.slot(i) === log.slot(j) && log.node(i) !== log.node(j) && content(story, i) !== content(story, j);
      const pairs = decisions.flatMap((i) => decisions.filter((j) => j > i && conflict(i, j)).map((j) => [i, j] as const));
      const found = findings(diverged, story);
      expect(new Set(found.map(({ slots }) => slots[0]))).toEqual(new Set(pairs.map(([i]) => log.slot(i))));
      expect(new Set(found.map(({ nodes }) => [...nodes].sort().join()))).toEqual(new Set(pairs.map(([i, j]) => [log.node(i), log.node(j)].sort().join())));
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(300);
  });
});

/** What a slot event says. */
function content(story: Story, i: number): string {
  const { log } = story;
  return log.kind(i) === EVENT.abort ? 'aborted' : `${log.text(i)} ${log.op(i)}`;
}
