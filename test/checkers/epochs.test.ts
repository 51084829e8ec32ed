import { describe, expect, it } from 'vitest';
import { epochRegression } from '../../server/src/checkers/epochRegression.ts';
import { staleEpoch } from '../../server/src/checkers/staleEpoch.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { findings, nodesOf, Story, without, write } from './story.ts';

function slipped(): Story {
  const story = new Story().at(0).leads('A', 1, 3).at(100).on('A', 'pause').at(280).promise('B', 2).promise('C', 2).leads('B', 2);
  story.at(1400).ask('c1', write('k', '9'));
  story.at(1500).on('A', 'resume').slot('accept', 'A', 2, 0, { epoch: 1 }).at(1510).slot('accept', 'C', 2, 0, { epoch: 1 });
  return story;
}

describe('stale-epoch', () => {
  it('is a node that accepts for an older epoch than it promised, and says what its leader had been doing', () => {
    const story = slipped(), [found, ...others] = findings(staleEpoch, story);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', timeUs: 1_510_000, operations: [0], slots: [2], epochs: [1, 2] });
    expect(nodesOf(story, found)).toBe('C');
    expect(found!.message).toBe('C accepted k = 9 from epoch 1 after promising epoch 2. Old leader A was paused.');
    expect(found!.witnesses.map((i) => story.log.kind(i))).toEqual([EVENT.accept, EVENT.promise, EVENT.leads, EVENT.pause]);
  });

  it('is none without the promise', () => {
    expect(staleEpoch.check(without(slipped().execution(), 'promise', 1)).findings).toEqual([]);
  });

  it('names a partition where there was one', () => {
    const story = new Story().leads('A', 1).links('{A} | {B C}').promise('C', 2).leads('B', 2).links('heal').slot('apply', 'C', 1, -1, { text: 'k = 1' });
    expect(findings(staleEpoch, story)[0]!.message).toBe('C applied k = 1 from epoch 1 after promising epoch 2. Old leader A was partitioned.');
  });

  it('counts votes', () => {
    const story = new Story().promise('C', 3).on('C', 'vote', { epoch: 2, peer: 'B' });
    expect(findings(staleEpoch, story)[0]!.message).toBe('C voted for B from epoch 2 after promising epoch 3.');
  });

  it('looks at the epoch of the message obeyed: catching up with old entries is fine', () => {
    const story = new Story().leads('A', 1).slot('accept', 'C', 1, -1, { epoch: 1 }).promise('C', 2).leads('B', 2).slot('apply', 'C', 1, -1, { epoch: 2 });
    expect(findings(staleEpoch, story)).toEqual([]);
  });

  it('lets an old leader act in its own epoch, unless it voted for the newer', () => {
    const story = new Story().leads('A', 1).promise('A', 2).slot('accept', 'A', 1, -1);
    expect(findings(staleEpoch, story)).toEqual([]);
    const voted = new Story().leads('A', 1).promise('A', 2).on('A', 'vote', { epoch: 2, peer: 'B' }).slot('accept', 'A', 1, -1);
    expect(findings(staleEpoch, voted)).toHaveLength(1);
  });

  it('reports a node and an old epoch once', () => {
    const story = new Story().leads('A', 1).promise('C', 2).slot('accept', 'C', 1, -1).slot('accept', 'C', 2, -1).slot('apply', 'C', 2, -1);
    expect(findings(staleEpoch, story)).toHaveLength(1);
  });

  it('agrees with searching backwards from every deed', () => {
    let positive = 0;
    forSeeds(4000, (dice) => {
      const story = randomStory(dice, { kinds: ['promise', 'promise', 'vote', 'accept', 'commit', 'apply', 'leads', 'restart', 'crash', 'pause'] });
      const { log } = story;
      const expected = new Set(all(story, 'accept', 'commit', 'apply', 'vote').filter((i) => staleTwin(story, i)).map((i) => `${log.node(i)} ${log.epoch(i)}`));
      const found = findings(staleEpoch, story);
      expect(new Set(found.map(({ nodes, epochs }) => `${nodes[0]} ${epochs[0]}`))).toEqual(expected);
      expect(found).toHaveLength(expected.size);
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(100);
  });
});

function before(story: Story, node: number, i: number, ...kinds: (keyof typeof EVENT)[]): readonly number[] {
  return all(story, ...kinds).filter((j) => j < i && story.log.node(j) === node);
}

function keepsTwin(story: Story): boolean {
  return all(story, 'vote').every((i) => {
    const last = before(story, story.log.node(i), i, 'promise').at(-1);
    return last !== undefined && story.log.epoch(last) >= story.log.epoch(i);
  });
}

function staleTwin(story: Story, i: number): boolean {
  const { log } = story;
  const node = log.node(i), last = before(story, node, i, 'promise').at(-1);
  if (last === undefined || log.epoch(last) <= log.epoch(i)) return false;
  if (keepsTwin(story) && before(story, node, i, 'restart').some((j) => j > last)) return false;
  const led = before(story, node, i, 'leads').at(-1), votes = before(story, node, i, 'vote').map((j) => log.epoch(j));
  return led === undefined || log.epoch(led) !== log.epoch(i) || votes.some((epoch) => epoch > log.epoch(i));
}

describe('epoch-regression', () => {
  it('is a lower promise, and says when a restart forgot it', () => {
    const story = new Story().promise('B', 3).promise('B', 2);
    expect(findings(epochRegression, story).map(({ message }) => message)).toEqual(['B went back from epoch 3 to 2.']);
    const restarted = new Story().promise('B', 2).message('send', 'B', 'C', 'promise', { epoch: 2 }).on('B', 'crash').on('B', 'restart')
      .slot('accept', 'B', 1, -1, { epoch: 1 });
    expect(findings(epochRegression, restarted).map(({ message }) => message)).toEqual(['B went back from epoch 2 to 1 after restart: the promise was not persisted.']);
    expect(findings(staleEpoch, restarted)).toEqual([]);
    expect(epochRegression.check(without(restarted.execution(), 'restart')).findings).toEqual([]);
  });

  it('is none where the lost promise had reached nobody', () => {
    const story = new Story().promise('B', 2).on('B', 'crash').on('B', 'restart').slot('accept', 'B', 1, -1, { epoch: 1 });
    expect(findings(epochRegression, story)).toEqual([]);
  });

  it('nor in a trace that shows disks; one that does not may have left out whom the node told', () => {
    const lost = (): Story => new Story().promise('B', 1).promise('B', 2).on('B', 'crash').on('B', 'restart').slot('accept', 'B', 1, -1, { epoch: 1 });
    expect(findings(epochRegression, lost().recorded())).toHaveLength(1);
    expect(findings(epochRegression, lost().on('B', 'persist', { epoch: 1 }).recorded())).toEqual([]);
  });

  it('is none where a restarted node says what it still knows', () => {
    const story = new Story().promise('B', 2).on('B', 'crash').on('B', 'restart').promise('B', 2).slot('accept', 'B', 1, -1, { epoch: 2 });
    expect(findings(epochRegression, story)).toEqual([]);
  });

  it('is none where it recovers and begins anew, and its peers refuse what it said before', () => {
    const recovered = new Story().promise('B', 2).message('send', 'B', 'C', 'promise', { epoch: 2 }).on('B', 'crash').on('B', 'restart');
    recovered.on('B', 'promise', { epoch: 1, a: 1 }).slot('accept', 'B', 1, -1, { epoch: 1 });
    expect(findings(epochRegression, recovered)).toEqual([]);
    expect(findings(epochRegression, recovered.promise('B', 3).promise('B', 2))).toHaveLength(1);
  });

  it('is stale-epoch instead where nodes keep no epochs: they vote without a promise', () => {
    const story = new Story().on('B', 'vote', { epoch: 2, peer: 'C' }).promise('B', 2).on('B', 'restart').slot('accept', 'B', 1, -1, { epoch: 1 });
    expect(findings(epochRegression, story)).toEqual([]);
    expect(findings(staleEpoch, story)).toHaveLength(1);
  });

  it('agrees with comparing each deed with the promise before it', () => {
    forSeeds(4000, (dice) => {
      const story = randomStory(dice, { kinds: ['promise', 'promise', 'promise', 'vote', 'accept', 'leads', 'candidate', 'restart', 'crash', 'send'] });
      const { log } = story;
      const goesBack = (i: number): boolean => {
        const last = before(story, log.node(i), i, 'promise').at(-1);
        if (last === undefined || log.epoch(i) >= log.epoch(last)) return false;
        const restarted = before(story, log.node(i), i, 'restart').some((j) => j > last);
        if (restarted && !before(story, log.node(i), i, 'send').some((j) => log.epoch(j) > log.epoch(i))) return false;
        return log.kind(i) === EVENT.promise || restarted;
      };
      const deeds = all(story, 'promise', 'accept', 'vote', 'leads', 'candidate').filter(goesBack);
      const expected = new Set(keepsTwin(story) ? deeds.map((i) => `${log.node(i)} ${log.epoch(i)}`) : []);
      expect(new Set(findings(epochRegression, story).map(({ nodes, epochs }) => `${nodes[0]} ${epochs[0]}`))).toEqual(expected);
    });
  });
});
