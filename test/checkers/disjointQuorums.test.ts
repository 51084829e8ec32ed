/** disjoint-quorums: by size, and in what a run shows. */
import { describe, expect, it } from 'vitest';
import { disjointQuorums } from '../../server/src/checkers/disjointQuorums.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { findings, Story } from './story.ts';

const sized = (election: number, decision: number): Story => new Story('A B C D E').on('', 'config', { a: 5, b: election, slot: decision, detail: `${election}+${decision}` });

/** `voters` vote for C in epoch 3 before or after A's k = 1 is decided in epoch 1 by `quorum`; C then offers k = 2. */
function contested(quorum: string, voters: string, after = true): Story {
  const story = sized(3, 2);
  const decide = (): void => { story.slot('accept', quorum, 1, -1, { text: 'k = 1' }).slot('commit', 'A', 1, -1, { text: 'k = 1' }); };
  const offer = (): void => {
    for (const voter of voters.split(' ')) story.on(voter, 'vote', { epoch: 3, peer: 'C' });
    story.slot('accept', 'C', 1, -1, { epoch: 3, text: 'k = 2' });
  };
  if (after) { decide(); offer(); } else { offer(); decide(); }
  return story;
}

describe('disjoint-quorums', () => {
  it('is two sizes that need no more nodes than there are', () => {
    const [found, ...rest] = findings(disjointQuorums, sized(3, 2));
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', operations: [], slots: [], epochs: [] });
    expect(found!.message).toBe('3 + 2 of 5 nodes need not share one: what a quorum of 3 decides can be invisible to a quorum of 2.');
  });

  it('is any two of the sizes that must meet, also where nobody is elected', () => {
    const told = (detail: string): readonly string[] => findings(disjointQuorums, new Story('A B C D E').on('', 'config', { a: 5, b: 0, detail })).map(({ message }) => message);
    expect(told('4+2 2+2')).toEqual(['2 + 2 of 5 nodes need not share one: what a quorum of 2 decides can be invisible to another.']);
    expect(told('4+2 3+3')).toEqual([]);
    expect(told('-1+2')).toEqual([]);
  });

  it('is not for sizes that must meet, nor where a protocol tells no sizes', () => {
    expect(findings(disjointQuorums, sized(4, 2))).toEqual([]);
    expect(findings(disjointQuorums, new Story().config(1))).toEqual([]);
  });

  it.each([true, false])('is a decision that a later epoch does not know of, whichever comes first (%j)', (after) => {
    const found = findings(disjointQuorums, contested('A B', 'C D E', after));
    expect(found.map(({ message }) => message)).toEqual(['Quorums {A B}, which decided k = 1 in slot 1, and {C D E}, which voted for epoch 3, share no node (2+3 of 5).']);
    expect(found[0]).toMatchObject({ slots: [1], epochs: [1, 3], nodes: [0, 1, 2, 3, 4] });
  });

  it('is a leader whose voters know nothing of what was decided, as soon as it leads', () => {
    const story = (voters: string): Story => {
      const begun = sized(3, 2).slot('accept', 'A B', 1, -1, { text: 'k = 1' }).slot('commit', 'A', 1, -1, { text: 'k = 1' });
      for (const voter of voters.split(' ')) begun.on(voter, 'vote', { epoch: 3, peer: 'C' });
      return begun.leads('C', 3, 3);
    };
    expect(findings(disjointQuorums, story('C D E'))[0]).toMatchObject({ slots: [1], epochs: [1, 3], timeUs: story('C D E').log.timeUs(7) });
    expect(findings(disjointQuorums, story('B C D')).map(({ slots }) => slots)).toEqual([[]]);
  });

  it('is none in the run where the quorums met', () => {
    expect(findings(disjointQuorums, contested('A B', 'B C D')).map(({ slots }) => slots)).toEqual([[]]);
  });

  it('agrees with comparing every decision with every offer', () => {
    let positive = 0;
    forSeeds(3000, (dice) => {
      const story = randomStory(dice, { kinds: ['vote', 'accept', 'accept', 'commit', 'ask'], slots: 2 }).on('', 'config', { a: 3, b: 2, slot: 2 });
      const found = findings(disjointQuorums, story);
      expect(new Set(found.map(({ slots }) => slots[0]))).toEqual(twin(story));
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(50);
  });
});

/** The slots with a decision and a later offer of other content whose voters before it had no part in the decision. */
function twin(story: Story): Set<number> {
  const { log } = story;
  const slots = new Set<number>();
  const firstAccept = (slot: number, epoch: number): number => all(story, 'accept').find((i) => log.slot(i) === slot && log.epoch(i) === epoch) ?? -1;
  for (const decided of all(story, 'commit')) {
    const slot = log.slot(decided), epoch = log.epoch(decided), own = firstAccept(slot, epoch);
    if (own < 0 || own > decided) continue;
    const first = all(story, 'commit').find((i) => log.slot(i) === slot && log.epoch(i) === epoch && i > own);
    if (first !== decided) continue;
    const quorum = new Set(all(story, 'accept').filter((i) => i < decided && log.slot(i) === slot && log.epoch(i) === epoch).map((i) => log.node(i)));
    for (const other of all(story, 'accept')) {
      if (log.slot(other) !== slot || log.epoch(other) <= epoch || firstAccept(slot, log.epoch(other)) !== other) continue;
      if (log.textId(own) === log.textId(other) && (log.op(own) === log.op(other) || log.op(own) < 0 || log.op(other) < 0)) continue;
      const votes = all(story, 'vote').filter((i) => i < other && log.epoch(i) === log.epoch(other));
      if (votes.length > 0 && !votes.some((i) => quorum.has(log.node(i)))) slots.add(slot);
    }
  }
  return slots;
}
