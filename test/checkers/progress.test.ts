import { describe, expect, it } from 'vitest';
import { blocked } from '../../server/src/checkers/blocked.ts';
import { noProgress } from '../../server/src/checkers/noProgress.ts';
import { largestSide } from '../../server/src/checkers/sides.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { findings, nodesOf, Story, without, write } from './story.ts';

/** B and C have voted, A crashes before it decides. */
function leaderDies(): Story {
  const story = new Story().leads('A', 1, 3);
  story.ask('c1', write('k', '3'), { to: 'A' });
  story.slot('doubt', 'B C', 1, 0, { peer: 'A' });
  return story.at(30).on('A', 'crash').ends('stuck');
}

describe('blocked', () => {
  it('is each node in doubt about what only a dead one knows', () => {
    const story = leaderDies(), found = findings(blocked, story);
    expect(found.map((one) => nodesOf(story, one))).toEqual(['B', 'C']);
    expect(found[0]).toMatchObject({ severity: 'error', operations: [0], slots: [1], timeUs: 30_000 });
    expect(found[0]!.message).toBe("B is in doubt about c1's write k = 3 since 3us: only A knows the outcome and it is down.");
    expect(found[0]!.witnesses.map((i) => story.log.kind(i))).toEqual([EVENT.crash, EVENT.doubt]);
  });

  it('is none where the one who knows is up and can be reached: that is no progress', () => {
    const story = new Story();
    story.ask('c1', write('k', '3'));
    story.slot('doubt', 'B', 1, 0, { peer: 'A' }).answer(0, 'A');
    expect(findings(blocked, story)).toEqual([]);
    expect(findings(noProgress, story).map(({ message, severity }) => `${severity}: ${message}`))
      .toEqual(["warning: B never learned how c1's write k = 3 ended, though A could have told it: nothing is left to happen that could change it."]);
    expect(findings(blocked, story.cut('A', 'B')).map(({ message }) => message)).toEqual(["B is in doubt about c1's write k = 3 since 1us: only A knows the outcome and it cannot be reached."]);
    expect(findings(noProgress, story)).toEqual([]);
  });

  it('ends with a decision, and with the node itself', () => {
    expect(findings(blocked, leaderDies().slot('settled', 'B C', 1, 0))).toEqual([]);
    expect(findings(blocked, leaderDies().slot('abort', 'B C', 1, 0))).toEqual([]);
    expect(findings(blocked, leaderDies().on('B', 'crash').on('C', 'crash'))).toEqual([]);
    expect(blocked.check(without(leaderDies().execution(), 'doubt', 0)).findings).toHaveLength(1);
  });

  it('counts a paused node as gone', () => {
    const story = new Story();
    story.ask('c1', write('k', '3'));
    story.slot('doubt', 'B', 1, 0, { peer: 'A' }).on('A', 'pause');
    expect(findings(blocked, story)[0]!.message).toContain('only A knows the outcome and it is paused');
    expect(findings(blocked, story.on('A', 'resume'))).toEqual([]);
  });

  it('lets another who decided tell, if it is asked', () => {
    const unasked = leaderDies().slot('commit', 'C', 1, 0);
    expect(findings(blocked, unasked).map((one) => nodesOf(unasked, one))).toEqual(['B']);
    const asking = leaderDies().slot('commit', 'C', 1, 0).message('send', 'B', 'C', 'query', { slot: 1, op: 0 });
    expect(findings(blocked, asking)).toEqual([]);
  });

  it('says nothing of a run that was cut short', () => {
    expect(findings(blocked, leaderDies().ends('budget'))).toEqual([]);
    expect(findings(noProgress, leaderDies().ends('cancelled'))).toEqual([]);
  });

  it('agrees with asking for each node and slot at the end', () => {
    let positive = 0;
    forSeeds(3000, (dice) => {
      const story = randomStory(dice, { kinds: ['ask', 'doubt', 'doubt', 'doubt', 'settled', 'commit', 'abort', 'crash', 'restart', 'pause', 'resume', 'truncate', 'send'] });
      if (dice.chance(50)) story.cut(dice.pick(['A', 'B', 'C']), dice.pick(['A', 'B', 'C']));
      const execution = story.execution();
      const { log } = story;
      const gone = (node: number): boolean => {
        const last = all(story, 'pause', 'resume', 'crash', 'restart').filter((i) => log.node(i) === node).at(-1);
        return execution.aliveAtEnd[node] === false || (last !== undefined && log.kind(last) === EVENT.pause);
      };
      const open = (i: number): boolean => !all(story, 'settled', 'commit', 'abort', 'doubt').some((j) => j > i && log.node(j) === log.node(i) && log.slot(j) === log.slot(i)
        && !(log.kind(j) === EVENT.doubt && log.peer(j) === log.node(j))) && !all(story, 'crash').some((j) => j > i && log.node(j) === log.node(i))
        && !all(story, 'truncate').some((j) => j > i && log.node(j) === log.node(i) && log.slot(j) <= log.slot(i));
      const hopeless = (i: number): boolean => {
        const decided = all(story, 'commit', 'abort').filter((j) => log.slot(j) === log.slot(i)).map((j) => log.node(j));
        const asked = all(story, 'send').filter((j) => j > i && log.node(j) === log.node(i) && log.slot(j) === log.slot(i)).map((j) => log.peer(j));
        const knowers = [log.peer(i), ...decided.filter((node) => asked.includes(node))].filter((node) => node !== log.node(i));
        return knowers.every((node) => gone(node) || !execution.reachableAtEnd[node]![log.node(i)]! || !execution.reachableAtEnd[log.node(i)]![node]!);
      };
      const doubts = all(story, 'doubt').filter((i) => log.peer(i) !== log.node(i) && execution.aliveAtEnd[log.node(i)] !== false && open(i) && hopeless(i));
      const found = findings(blocked, story);
      expect(found.map(({ nodes }) => nodes[0])).toEqual([...new Set(doubts.map((i) => log.node(i)))].sort());
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(100);
  });
});

describe('no-progress', () => {
  const pending = (): Story => {
    const story = new Story().leads('A', 1);
    story.ask('c1', write('k', '1'), { label: 'w1', to: 'A' });
    return story;
  };
  const messages = (story: Story): readonly string[] => findings(noProgress, story).map(({ severity, message }) => `${severity}: ${message}`);

  it('proves it where the run is stuck or repeats itself', () => {
    expect(messages(pending().ends('stuck'))).toEqual(['warning: w1 was not answered: nothing is left to happen that could change it.']);
    expect(messages(pending().ends('cycling'))).toEqual(['warning: w1 was not answered: the same round repeats at once, for ever.']);
    const answered = pending().answer(0, 'A').ends('stuck');
    expect(messages(answered)).toEqual([]);
    expect(noProgress.check(without(answered.execution(), 'ok')).findings).toHaveLength(1);
  });

  it('otherwise says within what bound, and is patient for a second', () => {
    expect(messages(pending().at(500).ends('horizon'))).toEqual([]);
    expect(messages(pending().at(1500).ends('horizon'))).toEqual(['warning: w1 was not answered: not in the 1499.999ms up to the end of the run.']);
  });

  it('is information where no majority is left to answer', () => {
    expect(messages(pending().on('B', 'crash').on('C', 'crash').ends('stuck')))
      .toEqual(['information: w1 was not answered: nothing is left to happen that could change it; stopped safely: largest side 1 of 3, needs 2.']);
    const cut = pending().cut('A', 'B').cut('A', 'C').ends('stuck');
    expect(messages(cut)).toEqual(['information: w1 was not answered: nothing is left to happen that could change it; '
      + 'its client asked only A, and no majority can be reached that way.']);
    expect(messages(pending().on('A', 'crash').ends('stuck'))).toEqual(['information: w1 was not answered: nothing is left to happen that could change it; '
      + 'its client asked only A, which is not running.']);
  });

  it('is none where the client was told whom to ask, and stays', () => {
    expect(messages(pending().message('receive', 'c1', 'A', 'redirect', { op: 0 }).ends('stuck'))).toEqual([]);
    expect(messages(pending().message('receive', 'c1', 'A', 'redirect', { op: 0 }).message('send', 'c1', 'B', 'write', { op: 0 }).ends('stuck'))).toHaveLength(1);
  });

  it('counts an operation that is asked again and again once', () => {
    const story = pending();
    story.ask('c1', write('k', '1'), { label: 'w1', op: 0 });
    expect(messages(story.ends('stuck'))).toEqual(['warning: w1 was not answered, nor was one later request of it: nothing is left to happen that could change it.']);
  });

  it('finds the largest side as trying all sets of nodes does', () => {
    forSeeds(500, (dice) => {
      const names = 'A B C D E F'.split(' '), story = new Story(names.join(' '));
      for (let cuts = dice.roll(12); cuts > 0; cuts--) story.cut(dice.pick(names), dice.pick(names));
      for (const name of names) if (dice.chance(15)) story.on(name, dice.pick(['crash', 'pause']));
      const execution = story.execution();
      const gone = names.map((_, node) => all(story).some((i) => story.log.node(i) === node));
      let best = 0;
      for (let set = 0; set < 64; set++) {
        const members = names.map((_, node) => node).filter((node) => ((set >> node) & 1) === 1);
        const together = members.every((p) => !gone[p] && members.every((q) => p === q || (execution.reachableAtEnd[p]![q]! && execution.reachableAtEnd[q]![p]!)));
        if (together) best = Math.max(best, members.length);
      }
      expect(largestSide(execution, names.map((_, node) => node))).toHaveLength(best);
    });
  });
});
