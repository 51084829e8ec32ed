import { describe, expect, it } from 'vitest';
import { checkExecution } from '../../server/src/checkers/index.ts';
import { read, Story, write } from './story.ts';

/** The trace of the language: A commits late in epoch 1, C had seen epoch 2. */
function lateCommit(): Story {
  const story = new Story('A B C', 'c1').at(0).leads('A', 1);
  const op = story.at(1).ask('c1', write('k', '1'));
  story.at(2).message('receive', 'A', 'c1', 'write', { op }).slot('accept', 'A', 1, op).at(5).slot('accept', 'C', 1, op);
  story.at(9).leads('B', 2).at(11).promise('C', 2).at(12).slot('commit', 'A', 1, op).at(14).slot('apply', 'C', 1, op).at(16).answer(op, 'A');
  return story.recorded();
}

const untimed = (story: Story): ReturnType<Story['execution']> => {
  const execution = story.execution();
  const times = execution.log.data().times.fill(-1);
  const log = Object.assign(Object.create(Object.getPrototypeOf(execution.log) as object) as typeof execution.log, execution.log, { times });
  return { ...execution, log };
};

describe('a recorded trace', () => {
  it('has the one error of the language\'s example, and says what it cannot decide', () => {
    const { chains, notCheckable } = checkExecution(lateCommit().execution());
    const all = chains.flatMap(({ primary, folded }) => [primary, ...folded]);
    expect(all.filter(({ severity }) => severity === 'error').map(({ code, nodes }) => `${code} ${nodes.join()}`)).toEqual(['stale-epoch 2']);
    expect(chains.map(({ primary }) => primary.code)).toEqual(['stale-epoch']);
    expect(notCheckable.map(({ code, missing }) => `${code}: ${missing}`)).toEqual(['commit-regression: commit index events', 'under-replicated: persist events']);
  });

  it('that shows next to nothing is never passed over in silence', () => {
    const { chains, notCheckable } = checkExecution(new Story('A B C', 'c1').recorded().execution());
    expect(chains).toEqual([]);
    expect(notCheckable.map(({ code, missing }) => `${code}: ${missing}`)).toEqual([
      'split-brain: leads events', 'epoch-collision: leads events', 'stale-epoch: promise events and accept, vote or apply events', 'epoch-regression: promise events',
      'lost-write: commit or apply events', 'diverged: commit or apply events', 'duplicate-execution: apply events', 'commit-regression: commit index events',
      'blocked: doubt or accept events', 'under-replicated: persist events', 'dual-leader: leads events',
    ]);
  });

  it('without times can only suspect what hangs on the order of different nodes', () => {
    const story = new Story('A B', 'c1 c2');
    const w = story.ask('c1', write('k', '1'));
    story.answer(w, 'A');
    const r = story.ask('c2', read('k'));
    story.answer(r, 'B', 'nil').recorded();
    const found = checkExecution(untimed(story)).chains.flatMap(({ primary, folded }) => [primary, ...folded]);
    expect(found.map(({ code, certainty, severity }) => `${code} ${certainty} ${severity}`)).toEqual(['not-linearizable possible information', 'stale-read possible information']);
  });

  it('proves a stale epoch without any times: it is one node\'s own order', () => {
    const { chains } = checkExecution(untimed(lateCommit()));
    expect(chains[0]!.primary).toMatchObject({ code: 'stale-epoch', certainty: 'proved', severity: 'error' });
  });

  const forgotten = (persists: boolean): Story => {
    const story = new Story().leads('A', 1);
    const op = story.written('c1', 'A', 'k', '1', 1, 1, 'B');
    if (persists) story.slot('persist', 'A B', 1, op);
    return story.on('A', 'crash').leads('C', 2).recorded();
  };

  it('that tells what is on disk proves that a leader lacks a write; another only suspects it', () => {
    const lost = (story: Story): string => checkExecution(story.execution()).chains.flatMap(({ primary, folded }) => [primary, ...folded])
      .filter(({ code }) => code === 'lost-write').map(({ certainty, severity }) => `${certainty} ${severity}`).join();
    expect(lost(forgotten(true))).toBe('proved error');
    expect(lost(forgotten(false))).toBe('possible information');
  });

  it('is taken at its word about doubt, and otherwise suspects it', () => {
    const died = (kind: 'doubt' | 'accept'): Story => {
      const story = new Story().leads('A', 1);
      const op = story.ask('c1', write('k', '3'));
      return story.slot(kind, 'B C', 1, op, { peer: 'A' }).on('A', 'crash').recorded();
    };
    const blocked = (story: Story): readonly string[] => checkExecution(story.execution()).chains.flatMap(({ primary, folded }) => [primary, ...folded])
      .filter(({ code }) => code === 'blocked').map(({ certainty, nodes }) => `${certainty} ${nodes.join()}`);
    expect(blocked(died('doubt'))).toEqual(['proved 1', 'proved 2']);
    expect(blocked(died('accept'))).toEqual(['possible 1', 'possible 2']);
  });

  it('that ends before an answer only suspects that there is none', () => {
    const story = new Story().leads('A', 1);
    story.ask('c1', write('k', '3'));
    const [chain] = checkExecution(story.recorded().execution()).chains;
    expect(chain!.primary).toMatchObject({ code: 'no-progress', severity: 'information', certainty: 'possible' });
  });
});
