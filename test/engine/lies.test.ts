/** Nodes that lie, and clients that believe nobody alone. */
import { describe, expect, it } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { forged } from '../../server/src/engine/forge.ts';
import { PersistentMap } from '../../server/src/engine/persistent.ts';
import type { Message } from '../../server/src/engine/protocol.ts';
import type { FaultModel } from '../../server/src/model/scenario.ts';
import { at, lines, Script, simulate, toy, toyMessage, write } from './toys.ts';

const W1 = write('k', '1');
const lie = (from: number, to: number, message: string | undefined, value: string): FaultModel => ({ kind: 'lies', messages: { from, to, message, nth: undefined }, key: 'k', value });

describe('a lie', () => {
  /** Tells B and C, at 10 ms and at 20 ms. */
  const telling = toy({
    start(context) { if (context.self === 0) { context.setTimer('tell', 10_000); context.setTimer('tell', 20_000, 1); } },
    timer(context) { for (const to of [1, 2]) { context.send(to, toyMessage('note', 'k = 1')); context.send(to, toyMessage('ping')); } },
  });

  it('changes what one node is told from then on, as its sender sends it', () => {
    const run = simulate(new Script().fault(at(15), lie(0, 1, 'note', '9')), telling);
    expect(lines(run, 'send').filter((line) => line.includes('note'))).toEqual([
      '10ms A send note k = 1 >B', '10ms A send note k = 1 >C', '20ms A send note k = 9 >B', '20ms A send note k = 1 >C',
    ]);
    expect(lines(run, 'receive').filter((line) => line.includes('k = 9'))).toEqual(['30ms B receive note k = 9 <A']);
    expect(run.unusedSteps).toEqual([]);
  });

  it('of any word, to anybody, leaves messages about nothing alone', () => {
    const run = simulate(new Script().fault(at(0), lie(0, -1, undefined, '9')), telling);
    expect(lines(run, 'send').slice(0, 4)).toEqual(['10ms A send note k = 9 >B', '10ms A send ping >B', '10ms A send note k = 9 >C', '10ms A send ping >C']);
  });

  it('stands on the line of its statement', () => {
    const { log } = simulate(new Script().operation(at(0), 'c1', W1).fault(at(15), lie(0, 1, 'note', '9')), telling);
    const told = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.text(i) === 'k = 9');
    expect(told.map((i) => log.line(i))).toEqual([1, -1]);
  });

  it('that two statements tell is the later one\'s, and one that never comes up is unused', () => {
    const script = new Script().fault(at(0), lie(0, 1, 'note', '8')).fault(at(0), lie(0, -1, undefined, '9')).fault(at(0), lie(1, 0, 'note', '7'));
    const run = simulate(script, telling);
    expect(lines(run, 'send')[0]).toBe('10ms A send note k = 9 >B');
    expect(run.unusedSteps).toEqual([0, 2]);
  });

  it('goes into the records and lists that a message carries, and into no log', () => {
    const log = PersistentMap.of([[1, { content: 'k = 1' }] as const]);
    const entry = { content: 'k = 1', action: W1, epoch: 3, session: 4 };
    const message = { ...toyMessage('note', 'k = 1', 5, 3), entry, more: [entry, 7], none: undefined, log };
    const about = { kind: 'write', key: 'j', value: '9' } as const, lie = { about, epoch: undefined, slot: undefined, as: undefined }, lied = { content: 'j = 9', action: about, epoch: 3, session: 4 };
    expect(forged(message, lie)).toEqual({ ...message, content: 'j = 9', entry: lied, more: [lied, 7] });
    expect(forged(message, lie).log).toBe(log);
    const older = { ...message, epoch: 2 }, numbers = { ...lie, about: undefined, epoch: 8, slot: 2 }, renumbered = { ...entry, epoch: 8 };
    expect(forged(message, numbers)).toEqual({ ...message, epoch: 8, slot: 2, entry: renumbered, more: [renumbered, 7] });
    expect(forged(older, numbers)).toEqual({ ...older, epoch: 8, slot: 2 });
  });
});

describe('a message in another\'s name', () => {
  const hearing = toy({
    start(context) { if (context.self === 0) context.setTimer('tell', 10_000); },
    timer(context) { context.send(1, toyMessage('note', 'k = 1')); },
    message(context, _state, from, message) { context.emit('accept', { peer: from, text: message.content }); },
  });

  it('comes besides the truth, and its receiver cannot tell', () => {
    const run = simulate(new Script().fault(at(0), { ...lie(0, 1, 'note', '9'), as: 2 } as FaultModel), hearing);
    expect(lines(run, 'send')).toEqual(['10ms A send note k = 1 >B', '10ms A send note k = 9 >B (as C)']);
    const { log } = run, accepts = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.accept);
    expect(accepts.map((i) => [log.peer(i), log.text(i)])).toEqual([[0, 'k = 1'], [2, 'k = 9']]);
    expect(run.unusedSteps).toEqual([]);
  });

  it('is sealed by who really sends it', () => {
    const sealing = Object.assign(hearing, { seal: (message: Message, signer: number) => ({ ...message, content: `${message.content} by ${signer}` }) });
    const run = simulate(new Script().fault(at(0), { ...lie(0, 1, 'note', '9'), as: 2 } as FaultModel), sealing);
    expect(lines(run, 'accept').map((line) => line.slice(line.indexOf('k =')))).toEqual(['k = 1 by 0 >A', 'k = 9 by 0 >C']);
  });
});

describe('a replay', () => {
  const counting = toy({
    start(context) { if (context.self === 0) for (let i = 0; i < 3; i++) context.setTimer('tell', 10_000 * (i + 1), i); },
    timer(context, _state, _name, argument) { context.send(1, toyMessage('note', `k = ${argument}`)); },
  });
  const replay = (nth: number | undefined): FaultModel => ({ kind: 'replay', messages: { from: 0, to: 1, message: 'note', nth } });

  it('sends the N-th of them again, or the last, as a message of its own, even on a fifo link', () => {
    const run = simulate(new Script().fault(at(50), replay(undefined)).fault(at(60), replay(undefined)).fault(at(70), replay(1)).fault(at(70), replay(7)), Object.assign(counting, { fifo: true }));
    expect(lines(run, 'receive').slice(3)).toEqual(['60ms B receive note k = 2 <A', '70ms B receive note k = 2 <A', '80ms B receive note k = 0 <A']);
    expect(run.unusedSteps).toEqual([3]);
  });

  it('is none of a node that is down', () => {
    const run = simulate(new Script().fault(at(45), { kind: 'crash', node: 0, losing: undefined, point: undefined }).fault(at(50), replay(1)), counting);
    expect(lines(run, 'receive')).toHaveLength(3);
    expect(run.unusedSteps).toEqual([1]);
  });
});

describe('a client that needs two equal answers', () => {
  /** Every node answers whoever asks any of them. */
  const answering = (values: readonly string[], needed = 2): ReturnType<typeof toy> => Object.assign(toy({
    firstLeader: 0,
    request(context, _state, request) { context.reply(request, 'ok', values[context.self]!); },
  }), { repliesNeeded: needed });

  it('waits for them, and remembers whom it asked', () => {
    const script = new Script().operation(at(0), 'c1', { kind: 'read', key: 'k' }).operation(at(500), 'c1', { kind: 'read', key: 'k' });
    const run = simulate(script, answering(['1', '2', '1']));
    expect(lines(run, 'ok')).toEqual(['220ms c1 ok 1 <C', '620ms c1 ok 1 <A']);
    expect(lines(run, 'send').filter((line) => line.includes('read')).slice(0, 4)).toEqual([
      '0ms c1 send read k >A', '100ms c1 send read k >B', '200ms c1 send read k >C', '500ms c1 send read k >C',
    ]);
  });

  it('does not take one node at its word twice', () => {
    const run = simulate(new Script({ runToUs: 1_000_000 }).operation(at(0), 'c1', { kind: 'read', key: 'k' }, { to: 'A', withinUs: 100_000, retrying: true }), answering(['1', '1', '1']));
    expect(lines(run, 'ok')).toEqual([]);
    expect(lines(run, 'receive').filter((line) => line.startsWith('20ms c1'))).toHaveLength(1);
  });

  it('tells answers apart by outcome and value', () => {
    const script = (): Script => new Script({ runToUs: 1_000_000 }).operation(at(0), 'c1', { kind: 'read', key: 'k' });
    expect(lines(simulate(script(), answering(['1', '2', '3'])), 'ok')).toEqual([]);
    expect(lines(simulate(script(), answering(['1', '2', '3'], 1)), 'ok')).toEqual(['20ms c1 ok 1 <A']);
  });
});
