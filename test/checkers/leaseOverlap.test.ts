import { describe, expect, it } from 'vitest';
import { leaseOverlap } from '../../server/src/checkers/leaseOverlap.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import type { EventLog } from '../../server/src/engine/events.ts';
import { type Dice, forSeeds } from './dice.ts';
import { check, findings, nodesOf, Story } from './story.ts';

const MS = 1000;

/** `lengthMs` by the holder's clock, `waitMs` by those of the others. */
function lease(story: Story, node: string, epoch: number, fromMs: number, toMs: number, lengthMs = -1, waitMs = -1): Story {
  const us = (ms: number): number => (ms < 0 ? -1 : ms * MS);
  story.log.add(story.now, EVENT.lease, { node: story.id(node), epoch, a: us(fromMs), b: us(toMs), message: us(lengthMs), slot: us(waitMs) });
  return story;
}

/** A's clock at 0.4: asked for at 0, 100ms are 250ms; B is elected at 180 and commits at 200 (protocols.md A11a). */
function slowClock(): Story {
  const story = new Story().at(0).leads('A', 1);
  story.log.add(0, EVENT.clock, { node: 0, a: 400_000, text: 'runs 0.4x' });
  return lease(story.at(20), 'A', 1, 0, 250, 100, 150).at(180).leads('B', 2).at(200).slot('commit', 'B', 1, -1, { epoch: 2 });
}

describe('lease-overlap', () => {
  it('is a newer leader’s commit in a lease, and says how far it ran, how its clock went, and what is safe', () => {
    const [found, ...others] = findings(leaseOverlap, slowClock());
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', certainty: 'proved', timeUs: 200 * MS, epochs: [1, 2], slots: [1] });
    expect(nodesOf(slowClock(), found)).toBe('A B');
    expect(found!.message).toBe('A’s lease (epoch 1) ran 70ms past the election of B (epoch 2). Its clock ran at 0.4×: 100ms by it took 250ms. '
      + 'Safe is a lease of at most 60ms where those who grant it wait 150ms.');
  });

  it('is none where the commit comes as the lease ends, or of the same epoch, or after its holder stepped down, followed or crashed', () => {
    const story = (end?: 'stepsDown' | 'crash' | 'follows'): Story => {
      const told = lease(new Story().at(0).leads('A', 1), 'A', 1, 0, 200).at(150);
      if (end !== undefined) told.on('A', end, { epoch: 2, peer: 'B' });
      return told.at(180).leads('B', 2);
    };
    expect(findings(leaseOverlap, story().at(200).slot('commit', 'B', 1, -1, { epoch: 2 }))).toEqual([]);
    expect(findings(leaseOverlap, story().at(190).slot('commit', 'C', 1, -1, { epoch: 1 }))).toEqual([]);
    for (const end of ['stepsDown', 'crash', 'follows'] as const) expect(findings(leaseOverlap, story(end).at(190).slot('commit', 'B', 1, -1, { epoch: 2 }))).toEqual([]);
    expect(findings(leaseOverlap, story().at(190).slot('commit', 'B', 1, -1, { epoch: 2 }))).toHaveLength(1);
  });

  it('is two leases at one time, and one that a clock made longer afterwards', () => {
    const two = lease(lease(new Story().at(20), 'A', 1, 0, 100).at(95), 'B', 2, 90, 190);
    expect(findings(leaseOverlap, two)).toMatchObject([{ timeUs: 95 * MS, epochs: [1, 2] }]);
    const longer = lease(lease(new Story().at(20), 'A', 1, 0, 100).at(150).slot('commit', 'B', 1, -1, { epoch: 2 }).at(400), 'A', 1, 0, 450);
    expect(findings(leaseOverlap, longer)).toMatchObject([{ timeUs: 400 * MS, witnesses: [2, 1] }]);
  });

  it('is as short as its holder makes it', () => {
    const shorter = lease(lease(new Story().at(20), 'A', 1, 0, 100).at(50), 'A', 1, 0, 50).at(60).slot('commit', 'B', 1, -1, { epoch: 2 });
    expect(findings(leaseOverlap, shorter)).toEqual([]);
  });

  it('says of a trace without leases that they are missing', () => {
    expect(check(leaseOverlap, new Story().at(0).leads('A', 1).recorded()).notCheckable).toEqual([{ code: 'lease-overlap', missing: 'lease events' }]);
  });

  it('agrees with asking at every moment who holds what', () => {
    let found = 0;
    forSeeds(3000, (dice) => {
      const story = randomLeases(dice), expected = overlapsByMoment(story.log, 3);
      found += expected.length;
      expect(findings(leaseOverlap, story).map(({ nodes, epochs }) => `${nodes[0]!} ${epochs.join()}`).sort()).toEqual(expected);
    });
    expect(found).toBeGreaterThan(300);
  });
});

function randomLeases(dice: Dice): Story {
  const story = new Story('A B C', '');
  for (let ms = 0; ms < 24; ms += 1 + dice.roll(4)) {
    const node = dice.pick(['A', 'B', 'C']), epoch = 1 + dice.roll(3);
    story.at(ms);
    switch (dice.roll(6)) {
      case 0: story.slot('commit', node, 1 + dice.roll(3), -1, { epoch }); break;
      case 1: story.on(node, dice.pick(['stepsDown', 'crash'] as const), { epoch }); break;
      default: lease(story, node, epoch, Math.max(0, ms - dice.roll(4)), ms + dice.roll(8));
    }
  }
  return story;
}

/** For each lease and newer epoch: asks at every half a millisecond, from the whole log, who holds one and who commits. */
function overlapsByMoment(log: EventLog, nodes: number): readonly string[] {
  const found = new Set<string>(), indexes = Array.from({ length: log.length }, (_, i) => i);
  const ends = (i: number): boolean => log.kind(i) === EVENT.stepsDown || log.kind(i) === EVENT.crash;
  /** The first event of the lease that an event belongs to, going back over renewals in time. */
  const firstOf = (i: number): number => {
    const before = indexes.slice(0, i).findLast((j) => log.node(j) === log.node(i) && (log.kind(j) === EVENT.lease || ends(j)));
    return before === undefined || ends(before) || log.epoch(before) !== log.epoch(i) || log.a(i) > log.b(before) ? i : firstOf(before);
  };
  const holdsAt = (node: number, timeUs: number): readonly number[] => indexes.filter((i) => {
    if (log.kind(i) !== EVENT.lease || log.node(i) !== node) return false;
    const after = indexes.slice(i + 1).find((j) => log.node(j) === node && (log.kind(j) === EVENT.lease || ends(j)));
    const renewed = after !== undefined && !ends(after) && firstOf(after) === firstOf(i);
    if (renewed) return false;
    const first = firstOf(i), toUs = after !== undefined && ends(after) ? Math.min(log.b(i), log.timeUs(after)) : log.b(i);
    return log.a(first) <= timeUs && timeUs < toUs;
  });
  const moments = [...new Set(indexes.flatMap((i) => [log.timeUs(i), log.a(i), log.b(i)]).filter((us) => us >= 0))];
  const leaderOf = (i: number): number => { const leads = indexes.find((j) => log.kind(j) === EVENT.leads && log.epoch(j) === log.epoch(i)); return leads === undefined ? log.node(i) : log.node(leads); };
  for (const timeUs of moments) {
    const held = Array.from({ length: nodes }, (_, node) => holdsAt(node, timeUs)).flat();
    for (const one of held) {
      for (const other of held) {
        const later = log.epoch(other) > log.epoch(one) || (log.epoch(other) === log.epoch(one) && log.node(other) > log.node(one));
        if (log.node(other) !== log.node(one) && later) found.add(`${firstOf(one)} ${log.node(one)} ${log.node(other)} ${log.epoch(one)} ${log.epoch(other)}`);
      }
      for (const i of indexes) {
        if (log.kind(i) !== EVENT.commit || log.timeUs(i) !== timeUs || log.node(i) === log.node(one) || log.epoch(i) <= log.epoch(one)) continue;
        found.add(`${firstOf(one)} ${log.node(one)} ${leaderOf(i)} ${log.epoch(one)} ${log.epoch(i)}`);
      }
    }
  }
  return [...found].map((key) => { const [, node, , a, b] = key.split(' '); return `${node!} ${[...new Set([a, b])].join()}`; }).sort();
}
