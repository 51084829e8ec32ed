import { describe, expect, it } from 'vitest';
import { checkExecution } from '../../server/src/checkers/index.ts';
import { CausalOrder } from '../../server/src/checkers/order.ts';
import { EVENT, EventLog } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
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
    expect(notCheckable.map(({ code, missing }) => `${code}: ${missing}`)).toEqual(['lease-overlap: lease events', 'under-replicated: persist events', 'commit-lag: messages between nodes']);
  });

  it('that shows next to nothing is never passed over in silence', () => {
    const { chains, notCheckable } = checkExecution(new Story('A B C', 'c1').recorded().execution());
    expect(chains).toEqual([]);
    expect(notCheckable.map(({ code, missing }) => `${code}: ${missing}`)).toEqual([
      'split-brain: leads events and answers to clients', 'equivocation: messages', 'epoch-collision: leads events', 'stale-epoch: promise events and accept, vote or apply events', 'epoch-regression: promise events',
      'lease-overlap: lease events', 'lost-write: commit or apply events', 'diverged: commit or apply events', 'duplicate-execution: apply events', 'commit-regression: commit index or apply events',
      'not-linearizable: client operations', 'stale-read: client operations', 'blocked: doubt or accept events', 'under-replicated: persist events', 'commit-lag: leads events and commit or apply events', 'no-progress: client operations',
      'dual-leader: leads events',
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

  it('without times proves what one client saw, or what messages tell', () => {
    const codes = (story: Story): readonly string[] => checkExecution(untimed(story.recorded())).chains.flatMap(({ primary, folded }) => [primary, ...folded])
      .map(({ code, certainty }) => `${code} ${certainty}`);
    const alone = new Story('A B', 'c1 c2');
    alone.answer(alone.ask('c1', write('k', '1')), 'A');
    alone.answer(alone.ask('c1', read('k')), 'B', 'nil');
    expect(codes(alone)).toEqual(['not-linearizable proved', 'stale-read proved']);
    const told = new Story('A B', 'c1 c2');
    told.answer(told.ask('c1', write('k', '1')), 'A');
    const sent = told.log.add(0, EVENT.send, { node: told.id('c1'), peer: told.id('c2'), word: 'note' });
    told.log.add(0, EVENT.receive, { node: told.id('c2'), peer: told.id('c1'), word: 'note', cause: sent });
    told.answer(told.ask('c2', read('k')), 'B', 'nil');
    expect(codes(told)).toEqual(['not-linearizable proved', 'stale-read proved']);
  });

  it('without times does not hold a read against a write that may have come first', () => {
    const story = new Story('A B', 'c1 c2');
    story.answer(story.ask('c1', read('k')), 'A', '7');
    story.answer(story.ask('c2', write('k', '7')), 'B');
    const found = checkExecution(untimed(story.recorded())).chains.map(({ primary }) => `${primary.code} ${primary.certainty}`);
    expect(found).toEqual(['not-linearizable possible']);
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

describe('what happened before what', () => {
  it('agrees with following every path of messages and of each process', () => {
    forSeeds(400, (dice) => {
      const log = new EventLog(), sends: number[] = [];
      for (let left = 20; left > 0; left--) {
        const node = dice.roll(4);
        if (sends.length > 0 && dice.chance(40)) log.add(0, EVENT.receive, { node, cause: dice.pick(sends) });
        else sends.push(log.add(0, EVENT.send, { node }));
      }
      const order = new CausalOrder(log, 4);
      const reaches = Array.from({ length: log.length }, (_, i) => Array.from({ length: log.length }, (__, j) => (i < j && log.node(i) === log.node(j)) || log.cause(j) === i));
      for (const k of reaches.keys()) for (const i of reaches.keys()) for (const j of reaches.keys()) if (reaches[i]![k]! && reaches[k]![j]!) reaches[i]![j] = true;
      for (const i of reaches.keys()) for (const j of reaches.keys()) expect(order.before(i, j)).toBe(reaches[i]![j]!);
    });
  });
});
