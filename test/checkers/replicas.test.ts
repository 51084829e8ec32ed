import { describe, expect, it } from 'vitest';
import { commitRegression } from '../../server/src/checkers/commitRegression.ts';
import { duplicateExecution } from '../../server/src/checkers/duplicateExecution.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { isTransaction } from '../../server/src/model/actions.ts';
import type { ActionModel } from '../../server/src/model/scenario.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { add, findings, Story, without, write } from './story.ts';

const asked = (...actions: readonly ActionModel[]): Story => {
  const story = new Story();
  for (const action of actions) story.ask('c1', action);
  return story;
};

describe('duplicate-execution', () => {
  it('is an addition applied in two slots', () => {
    const story = asked(add('k', 1)).slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 0), [found, ...others] = findings(duplicateExecution, story);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', operations: [0], slots: [2, 1], nodes: [0] });
    expect(found!.message).toBe("c1's add 1 to k was executed twice at A: it applied slots 1 and 2.");
    expect(duplicateExecution.check(without(story.execution(), 'apply', 0)).findings).toEqual([]);
  });

  it('is a write repeated after another, in another slot or in its own', () => {
    for (const again of [1, 3]) {
      const story = asked(write('k', '3'), write('k', '4')).slot('apply', 'B', 1, 0).slot('apply', 'B', 2, 1).slot('apply', 'B', again, 0);
      expect(findings(duplicateExecution, story)).toHaveLength(1);
    }
  });

  it('is not a repetition without effect', () => {
    const idle = asked(write('k', '3')).slot('apply', 'B', 1, 0).slot('apply', 'B', 2, 0);
    expect(findings(duplicateExecution, idle)).toEqual([]);
    const said = asked(add('k', 1)).slot('apply', 'A', 1, 0).slot('apply', 'A', 2, 0, { detail: 'no effect: executed before' });
    expect(findings(duplicateExecution, said)).toEqual([]);
    const elsewhere = asked(add('k', 1)).slot('apply', 'A B C', 1, 0);
    expect(findings(duplicateExecution, elsewhere)).toEqual([]);
  });

  it('is not what a restart or a truncation had undone', () => {
    expect(findings(duplicateExecution, asked(add('k', 1)).slot('apply', 'A', 1, 0).on('A', 'crash').on('A', 'restart').slot('apply', 'A', 1, 0))).toEqual([]);
    expect(findings(duplicateExecution, asked(add('k', 1)).slot('apply', 'A', 1, 0).slot('truncate', 'A', 1, -1).slot('apply', 'A', 2, 0))).toEqual([]);
  });

  it('is not an operation that is asked again and again', () => {
    const story = new Story();
    story.ask('c1', add('k', 1));
    story.slot('apply', 'A', 1, 0).ask('c1', add('k', 1), { op: 0 });
    story.slot('apply', 'A', 2, 0);
    expect(findings(duplicateExecution, story)).toEqual([]);
    expect(findings(duplicateExecution, story.slot('apply', 'A', 3, 0))).toHaveLength(1);
  });

  it('agrees with folding each node\'s past anew', () => {
    let positive = 0;
    forSeeds(3000, (dice) => {
      const story = randomStory(dice, { kinds: ['ask', 'ask', 'apply', 'apply', 'apply', 'apply', 'truncate', 'restart'] });
      const expected = new Set(all(story, 'apply').filter((i) => duplicateTwin(story, i)).map((i) => `${story.log.op(i)} ${story.log.node(i)}`));
      const found = new Set(findings(duplicateExecution, story).map(({ operations, nodes }) => `${operations[0]} ${nodes[0]}`));
      expect(found).toEqual(expected);
      positive += found.size;
    });
    expect(positive).toBeGreaterThan(100);
  });
});

/** Whether the application at event i is the second (or later) with effect of its operation, by what its node has applied and kept. */
function duplicateTwin(story: Story, i: number): boolean {
  const { log } = story;
  const past = all(story).filter((j) => j <= i && log.node(j) === log.node(i));
  let kept: number[] = [];
  for (const j of past) {
    if (log.kind(j) === EVENT.restart) kept = [];
    if (log.kind(j) === EVENT.truncate) kept = kept.filter((one) => log.slot(one) < log.slot(j));
    if (log.kind(j) === EVENT.apply) kept.push(j);
  }
  const values: Record<string, string | undefined> = {};
  let effects = 0, last = false;
  for (const j of kept) {
    const action = story.operations[log.op(j)]?.action;
    last = false;
    if (action === undefined || action.kind === 'read' || action.kind === 'members' || isTransaction(action)) continue;
    const next = action.kind === 'add' ? String(Number(values[action.key] ?? 0) + action.amount) : action.kind === 'write' ? action.value : 'nil';
    last = values[action.key] !== next;
    values[action.key] = next;
    if (last && log.op(j) === log.op(i)) effects++;
  }
  return last && effects > 1;
}

describe('commit-regression', () => {
  const index = (story: Story, node: string, slot: number): Story => story.on(node, 'commitIndex', { slot });

  it('is a commit index that goes back', () => {
    const story = index(index(new Story(), 'B', 3), 'B', 2);
    expect(findings(commitRegression, story).map(({ message }) => message)).toEqual(["B's commit index went back from 3 to 2."]);
    expect(commitRegression.check(without(story.execution(), 'commitIndex', 0)).findings).toEqual([]);
  });

  it('is a commit index past the end of the log', () => {
    const story = index(new Story().slot('accept', 'B', 1, -1).slot('accept', 'B', 2, -1).slot('truncate', 'B', 2, -1), 'B', 2);
    expect(findings(commitRegression, story).map(({ message }) => message)).toEqual(["B's commit index is 2, but its log ends at slot 1."]);
    expect(commitRegression.check(without(story.execution(), 'truncate')).findings).toEqual([]);
  });

  it('is a slot applied again after a later one', () => {
    const story = new Story().slot('apply', 'B', 1, -1).slot('apply', 'B', 2, -1).slot('apply', 'B', 1, -1);
    expect(findings(commitRegression, story).map(({ message }) => message)).toEqual(['B applied slot 1 again after slot 2.']);
    expect(findings(commitRegression, story.recorded()).map(({ message }) => message)).toEqual(['B applied slot 1 again after slot 2.']);
    const applied = (): Story => new Story().slot('apply', 'B', 1, -1).slot('apply', 'B', 2, -1);
    expect(findings(commitRegression, applied().on('B', 'crash').on('B', 'restart').slot('apply', 'B', 1, -1))).toEqual([]);
    expect(findings(commitRegression, applied().slot('truncate', 'B', 1, -1).slot('apply', 'B', 1, -1))).toEqual([]);
    expect(findings(commitRegression, applied().slot('apply', 'B', 2, -1))).toEqual([]);
  });

  it('forgives crashes and truncations, and slots applied out of order', () => {
    expect(findings(commitRegression, index(index(new Story(), 'B', 3).on('B', 'crash').on('B', 'restart'), 'B', 0))).toEqual([]);
    expect(findings(commitRegression, index(index(new Story(), 'B', 3).slot('truncate', 'B', 2, -1), 'B', 1))).toEqual([]);
    expect(findings(commitRegression, new Story().slot('apply', 'B', 2, -1).slot('apply', 'B', 1, -1))).toEqual([]);
  });

  it('agrees with looking back from each commit index', () => {
    forSeeds(3000, (dice) => {
      const story = randomStory(dice, { kinds: ['commitIndex', 'commitIndex', 'accept', 'truncate', 'crash', 'restart'] });
      const { log } = story;
      const wrong = (i: number): boolean => {
        const past = all(story).filter((j) => j < i && log.node(j) === log.node(i));
        let last = -1, hasLog = false;
        for (const j of past) {
          if (log.kind(j) === EVENT.accept) { last = Math.max(last, log.slot(j)); hasLog = true; }
          if (log.kind(j) === EVENT.truncate) last = Math.min(last, log.slot(j) - 1);
        }
        if (hasLog && log.slot(i) > last) return true;
        const index = past.findLastIndex((j) => log.kind(j) === EVENT.commitIndex);
        if (index < 0) return false;
        let committed = log.slot(past[index]!), end = -1;
        for (const j of past.slice(0, index)) {
          if (log.kind(j) === EVENT.accept) end = Math.max(end, log.slot(j));
          if (log.kind(j) === EVENT.truncate) end = Math.min(end, log.slot(j) - 1);
        }
        for (const j of past.slice(index + 1)) {
          if (log.kind(j) === EVENT.crash || log.kind(j) === EVENT.restart) committed = -1;
          if (log.kind(j) === EVENT.accept) end = Math.max(end, log.slot(j));
          if (log.kind(j) === EVENT.truncate) { end = Math.min(end, log.slot(j) - 1); committed = Math.min(committed, end); }
        }
        return log.slot(i) < committed;
      };
      const expected = new Set(all(story, 'commitIndex').filter(wrong).map((i) => log.node(i)));
      expect(new Set(findings(commitRegression, story).map(({ nodes }) => nodes[0]))).toEqual(expected);
    });
  });
});
