/** Groups side by side: their epochs and slots have nothing to do with each other. */
import { describe, expect, it } from 'vitest';
import { checkExecution } from '../../server/src/checkers/index.ts';
import { EVENT, EventLog } from '../../server/src/engine/events.ts';
import { Story, write } from './story.ts';

/** Two nodes lead the same epoch and commit different contents in the same slot. */
function story(first: number, second: number): Story {
  const told = new Story();
  const ops = ['1', '2'].map((value) => told.ask('c1', write(value === '1' ? 'x' : 'y', value)));
  for (const [node, group, op] of [['A', first, 0], ['B', second, 1]] as const) {
    told.log.add(0, EVENT.leads, { node: told.id(node), epoch: 1, a: 3, b: 3, group });
    for (const kind of [EVENT.accept, EVENT.commit, EVENT.apply]) told.log.add(1, kind, { node: told.id(node), epoch: 1, slot: 1, op, text: `${op}`, group });
  }
  for (const op of ops) told.answer(op, 'A');
  return told;
}

const codes = (told: Story): readonly string[] => checkExecution(told.execution()).chains.flatMap(({ primary, folded }) => [primary, ...folded]).map(({ code }) => code);

describe('groups', () => {
  it('do not share epochs and slots', () => {
    expect(codes(story(1, 2))).toEqual([]);
    expect(codes(story(1, 1))).toContain('epoch-collision');
    expect(codes(story(1, 1))).toContain('diverged');
    expect(codes(story(0, 0))).toEqual(codes(story(1, 1)));
  });

  it('are told with the events of the whole log', () => {
    const told = story(2, 2), { chains } = checkExecution(told.execution());
    const found = chains.flatMap(({ primary, folded }) => [primary, ...folded]).find(({ code }) => code === 'epoch-collision')!;
    expect(found.group).toBe(2);
    expect(found.witnesses.map((event) => told.log.kind(event))).toEqual([EVENT.leads, EVENT.leads]);
  });

  it('cross to another thread and stay where they are', () => {
    const { log } = story(1, 2), crossed = EventLog.from(log.data());
    expect(crossed.groups).toBe(2);
    for (let i = 0; i < log.length; i++) expect([crossed.kind(i), crossed.group(i), crossed.epoch(i)]).toEqual([log.kind(i), log.group(i), log.epoch(i)]);
  });
});
