import { describe, expect, it } from 'vitest';
import { equivocation } from '../../server/src/checkers/equivocation.ts';
import { EVENT, type EventLog } from '../../server/src/engine/events.ts';
import { forSeeds, type Dice } from './dice.ts';
import { findings, nodesOf, Story } from './story.ts';

class Talk extends Story {
  say(node: string, peer: string, text: string, fields: { word?: string; epoch?: number; slot?: number; kind?: 'send' | 'receive' } = {}): this {
    const { kind = 'send', word = 'propose', epoch = 1, slot = 1 } = fields;
    this.log.add(0, EVENT[kind], { node: this.id(node), peer: this.id(peer), word, epoch, slot, text });
    return this;
  }
}

const found = (talk: Talk): readonly string[] => findings(equivocation, talk).map(({ message }) => message);

describe('equivocation', () => {
  it('is two contents in one slot of one epoch, from one node', () => {
    const talk = new Talk().say('A', 'B', 'k = 1').say('A', 'C', 'k = 2');
    const [only, ...others] = findings(equivocation, talk);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ severity: 'error', slots: [1], epochs: [1], witnesses: [1, 0] });
    expect(nodesOf(talk, only)).toBe('A');
    expect(only!.message).toBe('A sent two different propose messages for epoch 1 slot 1: k = 1 to B, k = 2 to C.');
  });

  it('is only possible where a message is known from its receipt alone', () => {
    const talk = new Talk().say('A', 'B', 'k = 1');
    talk.log.add(0, EVENT.send, { node: 0, peer: 2, word: 'propose', epoch: 1, slot: 1, text: 'k = 2', a: 1 });
    expect(findings(equivocation, talk)).toMatchObject([{ severity: 'information', certainty: 'possible' }]);
  });

  it('is not the same content twice, nor another slot, epoch, word or sender', () => {
    const talk = new Talk().say('A', 'B', 'k = 1').say('A', 'C', 'k = 1');
    talk.say('A', 'C', 'k = 2', { slot: 2 }).say('A', 'C', 'k = 3', { epoch: 2 }).say('A', 'C', 'k = 4', { word: 'commit' }).say('B', 'C', 'k = 5');
    expect(found(talk)).toEqual([]);
  });

  it('is not a message that says more of the same', () => {
    expect(found(new Talk().say('A', 'B', 'k = 1').say('A', 'C', 'k = 1, j = 2'))).toEqual([]);
    expect(found(new Talk().say('A', 'B', 'k = 1').say('A', 'C', 'k = 12'))).toHaveLength(1);
  });

  it('blames who said both, not who passes them on', () => {
    const talk = new Talk().say('A', 'B', 'k = 1').say('A', 'B', 'k = 2');
    for (const text of ['k = 1', 'k = 2']) talk.say('B', 'A', text, { kind: 'receive' }).say('B', 'C', text, { word: 'accept' });
    expect(findings(equivocation, talk).map((one) => nodesOf(talk, one))).toEqual(['A']);
    const liar = new Talk().say('B', 'A', 'k = 1', { kind: 'receive' }).say('B', 'C', 'k = 1').say('B', 'A', 'k = 2');
    expect(found(liar)).toHaveLength(1);
  });

  it('is not a message that was damaged on its way', () => {
    expect(found(new Talk().say('A', 'B', 'k = 1').say('B', 'A', 'k = 1?', { kind: 'receive' }).say('A', 'C', 'k = 1'))).toEqual([]);
  });

  it('is not what a node says again after a restart, nor a question', () => {
    expect(found(new Talk().say('A', 'B', 'k = 1').on('A', 'crash').on('A', 'restart').say('A', 'C', 'k = 2') as Talk)).toEqual([]);
    expect(found(new Talk().say('A', 'B', 'read k').say('A', 'C', 'read j').say('A', 'C', ''))).toEqual([]);
  });

  it('agrees with comparing each pair of sends', () => {
    forSeeds(2000, (dice) => {
      const talk = randomTalk(dice);
      expect(findings(equivocation, talk).length > 0).toBe(pairs(talk.log));
    });
  });
});

function randomTalk(dice: Dice): Talk {
  const talk = new Talk();
  for (let left = 2 + dice.roll(10); left > 0; left--) {
    const [node, peer] = dice.chance(50) ? ['A', 'B'] : ['B', 'A'];
    if (dice.chance(8)) { talk.on(node!, 'restart'); continue; }
    const text = dice.pick(['k = 1', 'k = 2', 'k = 1, j = 1', 'read k', '']);
    talk.say(node!, peer!, text, { kind: dice.chance(30) ? 'receive' : 'send', word: dice.pick(['propose', 'propose', 'commit']), epoch: 1 + dice.roll(2), slot: dice.roll(3) - 1 });
  }
  return talk;
}

/** Two sends of one node, no restart between, that differ in content alone, neither being part of the other, and one of them not passed on. */
function pairs(log: EventLog): boolean {
  const all = Array.from({ length: log.length }, (_, i) => i), sends = all.filter((i) => log.kind(i) === EVENT.send);
  const tells = (i: number): boolean => log.slot(i) >= 0 && log.text(i) !== '' && log.text(i) !== 'read k';
  const same = (i: number, j: number): boolean => log.node(i) === log.node(j) && log.epoch(i) === log.epoch(j) && log.slot(i) === log.slot(j);
  const restarted = (i: number, j: number): boolean => all.some((k) => k > i && k < j && log.kind(k) === EVENT.restart && log.node(k) === log.node(i));
  /** The first time it says so since its restart is the one that counts. */
  const first = (i: number): boolean => !sends.some((j) => j < i && same(i, j) && log.word(i) === log.word(j) && log.text(i) === log.text(j) && !restarted(j, i));
  const passedOn = (i: number): boolean => all.some((k) => k < i && log.kind(k) === EVENT.receive && same(k, i) && log.text(k) === log.text(i));
  const part = (a: string, b: string): boolean => b.startsWith(`${a},`);
  return sends.some((i) => sends.some((j) => i < j && tells(i) && tells(j) && same(i, j) && log.word(i) === log.word(j) && !restarted(i, j) && first(i) && first(j)
    && log.text(i) !== log.text(j) && !part(log.text(i), log.text(j)) && !part(log.text(j), log.text(i)) && (!passedOn(i) || !passedOn(j))));
}
