import { describe, expect, it } from 'vitest';
import { boundOf, commitLag } from '../../server/src/checkers/commitLag.ts';
import type { Execution } from '../../server/src/checkers/checker.ts';
import { reignsOf } from '../../server/src/checkers/facts.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import type { Dice } from './dice.ts';
import { forSeeds } from './dice.ts';
import { check, findings, nodesOf, Story, write } from './story.ts';

/** A word of one node to another, sent now and heard `afterMs` later. */
function word(story: Story, from: string, to: string, atMs: number, afterMs = 10): void {
  const fields = { word: 'note', epoch: 1 };
  story.at(atMs);
  const cause = story.log.add(atMs * 1000, EVENT.send, { node: story.id(from), peer: story.id(to), ...fields });
  story.log.add((atMs + afterMs) * 1000, EVENT.receive, { node: story.id(to), peer: story.id(from), cause, ...fields });
}

/** A leads and commits k = 1 at 10 ms; B hears from it every 100 ms and learns of the commit at `learnsMs`, if ever. */
function behind(untilMs: number, learnsMs = Infinity): Story {
  const story = new Story('A B', 'c1').at(0).leads('A', 1, 2);
  story.at(10).written('c1', 'A', 'k', '1', 1, 1);
  for (let ms = 20; ms <= untilMs; ms += 100) {
    if (ms > learnsMs && ms <= learnsMs + 100) story.at(learnsMs).slot('commit', 'B', 1, 0);
    word(story, 'A', 'B', ms);
  }
  return story.ends('horizon');
}

describe('commit-lag', () => {
  it('is a node that hears its leader for longer than the bound and does not learn what that has committed', () => {
    const story = behind(700), [found, ...others] = findings(commitLag, story);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'warning', certainty: 'proved', operations: [0], slots: [1] });
    expect(nodesOf(story, found)).toBe('B');
    expect(found!.message).toBe('B has not learned of commit 1 for 600ms, though it hears from A.');
  });

  it('is none within the bound, once it is learned, or where nothing is heard', () => {
    expect(findings(commitLag, behind(500))).toEqual([]);
    expect(findings(commitLag, behind(900, 300))).toEqual([]);
    const cutOff = new Story('A B', 'c1').at(0).leads('A', 1, 2);
    cutOff.at(10).written('c1', 'A', 'k', '1', 1, 1);
    word(cutOff, 'A', 'B', 20);
    word(cutOff, 'A', 'B', 900);
    word(cutOff, 'A', 'B', 1000);
    expect(findings(commitLag, cutOff.ends('horizon'))).toEqual([]);
  });

  it('has a bound that grows with the slowest delivery', () => {
    const slow = behind(500);
    word(slow, 'B', 'A', 510, 200);
    expect(boundOf(slow.execution())).toBe(800_000);
    expect(boundOf(behind(500).execution())).toBe(500_000);
  });

  it('needs no bound where the run goes on like this for ever, and both can talk', () => {
    const cycling = behind(100).ends('cycling');
    expect(findings(commitLag, cycling).map(({ message }) => message)).toEqual(['B never learns of commit 1, though A could tell it: the run repeats itself for ever.']);
    expect(findings(commitLag, behind(100).ends('cycling').cut('A', 'B'))).toEqual([]);
    expect(findings(commitLag, behind(100).on('B', 'crash').ends('stuck'))).toEqual([]);
    expect(findings(commitLag, behind(200, 60).ends('cycling'))).toEqual([]);
  });

  it('is not held against who has promised a newer epoch', () => {
    const story = new Story('A B', 'c1').at(0).leads('A', 1, 2).promise('B', 2);
    story.at(10).written('c1', 'A', 'k', '1', 1, 1);
    for (let ms = 20; ms <= 900; ms += 100) word(story, 'A', 'B', ms);
    expect(findings(commitLag, story.ends('horizon'))).toEqual([]);
  });

  it('in a trace is proved where that tells of the node\'s commits, possible elsewhere, and says what is missing', () => {
    expect(findings(commitLag, behind(700).recorded())[0]).toMatchObject({ severity: 'information', certainty: 'possible' });
    const silent = new Story('A B', 'c1').at(0).leads('A', 1, 2);
    silent.written('c1', 'A', 'k', '1', 1, 1);
    expect(check(commitLag, silent.recorded()).notCheckable).toEqual([{ code: 'commit-lag', missing: 'messages between nodes' }]);
    const more = behind(900, 300);
    more.ask('c1', write('k', '2'));
    more.at(1000).slot('commit', 'A', 2, 1);
    for (let ms = 1010; ms <= 1800; ms += 100) word(more, 'A', 'B', ms);
    expect(findings(commitLag, more.recorded())[0]).toMatchObject({ severity: 'warning', certainty: 'proved', slots: [2] });
  });

  it('agrees with looking at every pair of words', () => {
    let positive = 0;
    forSeeds(1500, (dice) => {
      const execution = randomWords(dice);
      const found = commitLag.check(execution).findings.map(({ witnesses: [last], slots, nodes }) => `${last} ${nodes[0]} ${slots[0]}`).sort();
      expect(found).toEqual(twin(execution));
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(100);
  });
});

/** Words, commits, commit indexes, elections, crashes and truncations of three nodes, in steps of up to 60 ms. */
function randomWords(dice: Dice): Execution {
  const story = new Story('A B C', 'c1'), names = ['A', 'B', 'C'];
  let nowMs = 0;
  story.leads('A', 1);
  for (let left = 100; left > 0; left--) {
    nowMs += dice.roll(60);
    story.at(nowMs);
    const node = dice.pick(names), slot = 1 + dice.roll(4), kind = dice.roll(40);
    if (kind < 28) word(story, dice.chance(80) ? 'A' : node, dice.pick(['B', 'B', 'C', 'A']), nowMs, 0);
    else if (kind < 34) story.on('A', 'commit', { slot, epoch: 1, op: -1 });
    else if (kind < 36) story.on(dice.pick(['B', 'C']), dice.pick(['commit', 'apply', 'commitIndex']), { slot, epoch: 1 });
    else if (kind < 37) story.on(node, dice.pick(['crash', 'truncate']), { slot });
    else if (kind < 38) story.on(node, 'promise', { epoch: 1 + dice.roll(3) });
    else if (dice.chance(30)) story.leads(node, 1 + dice.roll(3));
  }
  return story.ends('horizon').execution();
}

/** Each reign, each node, each pair of words: whether a decision that came before the first is unknown up to the second. */
function twin(execution: Execution): readonly string[] {
  const { log } = execution, bound = boundOf(execution), reigns = reignsOf(log), found: string[] = [];
  const leads = (node: number, i: number): boolean => reigns.some((reign) => reign.node === node && reign.start <= i && i < reign.end);
  const promise = (node: number, i: number): number => { let epoch = -1; for (let j = 0; j < i; j++) if (log.kind(j) === EVENT.promise && log.node(j) === node) epoch = log.epoch(j); return epoch; };
  const knows = (node: number, slot: number, before: number): boolean => {
    let yes = false;
    for (let j = 0; j < before; j++) {
      if (log.node(j) !== node) continue;
      if ((log.kind(j) === EVENT.commit || log.kind(j) === EVENT.apply) && log.slot(j) === slot) yes = true;
      if (log.kind(j) === EVENT.commitIndex && log.slot(j) >= slot) yes = true;
      if (log.kind(j) === EVENT.truncate && log.slot(j) <= slot) yes = false;
    }
    return yes;
  };
  for (const reign of reigns) {
    const decisions: { slot: number; event: number }[] = [];
    for (let slot = 1; slot <= 4; slot++) if (decidedBefore(log, reign.node, slot, reign.start)) decisions.push({ slot, event: reign.start });
    for (let i = reign.start + 1; i < reign.end; i++) {
      if (log.node(i) === reign.node && (log.kind(i) === EVENT.commit || log.kind(i) === EVENT.apply) && !knows(reign.node, log.slot(i), i)) decisions.push({ slot: log.slot(i), event: i });
    }
    for (let node = 0; node < 3; node++) {
      const words: number[] = [];
      for (let i = reign.start; i < reign.end; i++) {
        if (log.kind(i) === EVENT.receive && log.node(i) === node && log.peer(i) === reign.node && log.cause(i) >= reign.start && !leads(node, i) && promise(node, i) <= reign.epoch) words.push(i);
      }
      const late = firstLate(log, node, words, decisions, bound, knows);
      if (late !== undefined) found.push(late);
    }
  }
  return found.sort();
}

function decidedBefore(log: Execution['log'], node: number, slot: number, before: number): boolean {
  let yes = false;
  for (let j = 0; j < before; j++) {
    if (log.node(j) !== node) continue;
    if ((log.kind(j) === EVENT.commit || log.kind(j) === EVENT.apply) && log.slot(j) === slot) yes = true;
    if (log.kind(j) === EVENT.truncate && log.slot(j) <= slot) yes = false;
  }
  return yes;
}

function firstLate(log: Execution['log'], node: number, words: readonly number[], decisions: readonly { slot: number; event: number }[], bound: number,
  knows: (node: number, slot: number, before: number) => boolean): string | undefined {
  const unbroken = (from: number, to: number): boolean => {
    for (let at = from + 1; at <= to; at++) if (log.timeUs(words[at]!) - log.timeUs(words[at - 1]!) > bound / 4) return false;
    for (let i = words[from]!; i < words[to]!; i++) if (log.node(i) === node && (log.kind(i) === EVENT.crash || log.kind(i) === EVENT.truncate)) return false;
    return true;
  };
  for (let to = 0; to < words.length; to++) {
    for (const { slot, event } of decisions) {
      for (let from = 0; from < to; from++) {
        if (log.cause(words[from]!) > event && log.timeUs(words[to]!) - log.timeUs(words[from]!) > bound && unbroken(from, to) && !knows(node, slot, words[to]!)) return `${words[to]!} ${node} ${slot}`;
      }
    }
  }
  return undefined;
}
