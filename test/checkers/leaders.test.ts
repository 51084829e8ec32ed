import { describe, expect, it } from 'vitest';
import { dualLeader } from '../../server/src/checkers/dualLeader.ts';
import { epochCollision } from '../../server/src/checkers/epochCollision.ts';
import { splitBrain } from '../../server/src/checkers/splitBrain.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { findings, nodesOf, Story, without } from './story.ts';

/** Whether a node believes that it leads after event t: looks at the last event that says so. */
function believes(story: Story, node: number, t: number): number | undefined {
  const { log } = story;
  for (let i = t; i >= 0; i--) {
    if (log.node(i) !== node) continue;
    const kind = log.kind(i);
    if (kind === EVENT.leads) return log.epoch(i);
    if (kind === EVENT.stepsDown || kind === EVENT.crash || (kind === EVENT.follows && log.peer(i) !== node)) return undefined;
  }
  return undefined;
}

const pairName = (p: number, q: number): string => [p, q].sort((a, b) => a - b).join(' ');
const NODES = [0, 1, 2];
const PAIRS = NODES.flatMap((p) => NODES.filter((q) => q > p).map((q) => [p, q] as const));

/** The story of the six nodes: A leads the left half, E is elected on the right, both acknowledge. */
function halves(): Story {
  const story = new Story('A B C D E F').at(0).leads('A', 1, 6).at(100).links('{A B C c1} | {D E F c2}').at(280).leads('E', 2, 3);
  story.at(610).written('c1', 'A', 'k', '1', 1, 1, 'B C');
  story.at(630).written('c2', 'E', 'k', '2', 1, 2, 'D F');
  return story;
}

describe('split-brain', () => {
  it('is two leaders that both acknowledge, at the second acknowledgement', () => {
    const story = halves();
    const [found, ...others] = findings(splitBrain, story);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', certainty: 'proved', operations: [1, 0], epochs: [1, 2] });
    expect(nodesOf(story, found)).toBe('A E');
    expect(found!.witnesses[0]).toBe(story.operations[1]!.endEvent);
    expect(found!.message).toBe('A (epoch 1) and E (epoch 2) both acknowledged writes between 610.007ms and 630.007ms. '
      + 'Votes were counted from 3 of 6 nodes; a majority is 4.');
  });

  it('needs both acknowledgements and both leaders', () => {
    expect(splitBrain.check(without(halves().execution(), 'ok', 0)).findings).toEqual([]);
    expect(splitBrain.check(without(halves().execution(), 'ok', 1)).findings).toEqual([]);
    expect(splitBrain.check(without(halves().execution(), 'leads', 1)).findings).toEqual([]);
  });

  it('goes on through a pause: who sleeps still believes', () => {
    const story = new Story().leads('A', 1).on('A', 'pause').leads('B', 2);
    story.written('c2', 'B', 'k', '2', 1, 2, 'C');
    story.on('A', 'resume').written('c1', 'A', 'k', '9', 2, 1, 'C');
    expect(findings(splitBrain, story)).toHaveLength(1);
  });

  it('is none when the first has stepped down, or crashed, or knows the other\'s write', () => {
    for (const ending of ['stepsDown', 'crash'] as const) {
      const story = new Story().leads('A', 1);
      story.written('c1', 'A', 'k', '1', 1, 1);
      story.on('A', ending, { epoch: 1 }).leads('B', 2).written('c2', 'B', 'k', '2', 1, 2);
      expect(findings(splitBrain, story)).toEqual([]);
    }
    const told = new Story().leads('A', 1).leads('B', 2);
    const op = told.written('c1', 'A', 'k', '1', 1, 1);
    told.slot('apply', 'B', 1, op);
    told.written('c2', 'B', 'k', '2', 2, 2);
    expect(findings(splitBrain, told)).toEqual([]);
  });

  it('does not count what reached the old leader before the new one led', () => {
    const story = new Story().leads('A', 1).at(1);
    const op = story.ask('c1', { kind: 'write', key: 'k', value: '1' });
    story.message('receive', 'A', 'c1', 'write', { op }).at(2).leads('B', 2).slot('commit', 'A', 1, op).answer(op, 'A');
    story.written('c2', 'B', 'k', '2', 2, 2);
    expect(findings(splitBrain, story)).toEqual([]);
  });

  it('agrees with looking at every pair of writes', () => {
    let positive = 0;
    forSeeds(4000, (dice) => {
      const story = randomStory(dice, { events: 80, slots: 4, kinds: ['leads', 'leads', 'stepsDown', 'ask', 'ask', 'answer', 'answer', 'answer', 'commit', 'commit', 'apply', 'receive'] });
      const expected = new Set(PAIRS.filter(([p, q]) => splitTwin(story, p, q)).map(([p, q]) => pairName(p, q)));
      const found = new Set(findings(splitBrain, story).map(({ nodes }) => pairName(nodes[0]!, nodes[1]!)));
      expect(found).toEqual(expected);
      if (found.size > 0) positive++;
    });
    expect(positive).toBeGreaterThan(50);
  });
});

function splitTwin(story: Story, p: number, q: number): boolean {
  const { log } = story;
  const of = (node: number): { node: number; arrived: number; decided: number; known: (other: number) => number }[] => story.operations
    .filter((write) => write.outcome === 'ok' && write.action.kind !== 'read' && log.peer(write.endEvent) === node)
    .map((write) => {
      const decisions = (at: number): readonly number[] => all(story, 'commit', 'apply').filter((i) => log.node(i) === at && log.op(i) === write.op && i >= write.invokeEvent);
      const decided = Math.min(decisions(node)[0] ?? write.endEvent, write.endEvent);
      const arrival = all(story, 'receive').find((i) => log.node(i) === node && log.op(i) === write.op && i >= write.invokeEvent && i < decided);
      const slot = log.slot(decided);
      return {
        node, arrived: arrival ?? write.invokeEvent, decided,
        known: (other: number) => decisions(other).find((i) => slot < 0 || log.slot(i) === slot) ?? Infinity,
      };
    });
  const together = (from: number, to: number): boolean => [p, q].every((node) => {
    const epoch = believes(story, node, from);
    for (let t = from; t <= to; t++) if (believes(story, node, t) === undefined || believes(story, node, t) !== epoch) return false;
    return !all(story, 'leads').some((i) => i > from && i <= to && log.node(i) === node && believes(story, node, i - 1) !== log.epoch(i));
  });
  /** Committed in the epoch that its leader led when it came, or while it still led it. */
  const own = ({ node, arrived, decided }: { readonly node: number; readonly arrived: number; readonly decided: number }): boolean => {
    const epoch = believes(story, node, arrived);
    if (log.epoch(decided) < 0 || log.epoch(decided) === epoch) return true;
    for (let t = arrived; t <= decided; t++) if (believes(story, node, t) !== epoch) return false;
    return true;
  };
  return of(p).some((w) => of(q).some((x) => {
    const from = Math.min(w.arrived, x.arrived), to = Math.max(w.arrived, x.arrived);
    return together(from, to) && own(w) && own(x) && Math.max(w.decided, x.decided) < Math.min(w.known(q), x.known(p));
  }));
}

describe('dual-leader', () => {
  it('is a hint, once per pair', () => {
    const story = new Story().leads('A', 1).leads('B', 2).on('B', 'stepsDown').leads('B', 3);
    const found = findings(dualLeader, story);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ severity: 'hint', epochs: [1, 2], nodes: [0, 1] });
  });

  it('is none after a crash', () => {
    expect(findings(dualLeader, new Story().leads('A', 1).on('A', 'crash').leads('B', 2))).toEqual([]);
  });

  it('agrees with asking every node at every moment', () => {
    forSeeds(3000, (dice) => {
      const story = randomStory(dice, { kinds: ['leads', 'leads', 'stepsDown', 'crash', 'follows', 'restart'] });
      const moments = all(story);
      const expected = new Set(PAIRS.filter(([p, q]) => moments.some((t) => believes(story, p, t) !== undefined && believes(story, q, t) !== undefined)).map(([p, q]) => pairName(p, q)));
      expect(new Set(findings(dualLeader, story).map(({ nodes }) => pairName(nodes[0]!, nodes[1]!)))).toEqual(expected);
    });
  });
});

describe('epoch-collision', () => {
  it('is two nodes in one epoch, and not one node twice', () => {
    const story = new Story().leads('A', 1).leads('B', 2).leads('B', 2).leads('C', 2);
    const found = findings(epochCollision, story);
    expect(found.map(({ message }) => message)).toEqual(['Epoch 2 has two leaders, B and C.']);
    expect(epochCollision.check(without(story.execution(), 'leads', 3)).findings).toEqual([]);
  });

  it('agrees with comparing all pairs', () => {
    forSeeds(2000, (dice) => {
      const story = randomStory(dice, { kinds: ['leads', 'stepsDown', 'crash'] });
      const { log } = story;
      const leads = all(story, 'leads');
      const expected = new Set(leads.filter((i) => leads.some((j) => log.epoch(i) === log.epoch(j) && log.node(i) !== log.node(j))).map((i) => log.epoch(i)));
      expect(new Set(findings(epochCollision, story).map(({ epochs }) => epochs[0]))).toEqual(expected);
    });
  });
});
