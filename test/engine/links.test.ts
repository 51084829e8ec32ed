import { describe, expect, it } from 'vitest';
import type { FaultModel, MessageMatch } from '../../server/src/model/scenario.ts';
import type { Machine, Message, NodeState } from '../../server/src/engine/protocol.ts';
import { ALWAYS, at, lines, MS, Script, simulate, toy, toyMessage, type Plan } from './toys.ts';

/** A sends `commit 1`, `commit 2`, … to B, one every 5 ms from 0; B does nothing. */
function stream(count: number, fifo = false, to = 1): Machine<NodeState, Message> {
  return toy({
    fifo,
    start(context) { if (context.self === 0) for (let i = 1; i <= count; i++) context.setTimer('send', (i - 1) * 5 * MS, i); },
    timer(context, _state, _name, argument) { context.send(to, toyMessage('commit', String(argument))); },
  });
}

const AB: Plan = { nodes: ['A', 'B'], clients: [] };
const ABC: Plan = { nodes: ['A', 'B', 'C'], clients: ['c1'] };
const match = (from: number, to: number, message?: string, nth?: number): MessageMatch => ({ from, to, message, nth });
const drop = (messages: MessageMatch): FaultModel => ({ kind: 'drop', messages });
const hold = (messages: MessageMatch, untilMs?: number): FaultModel =>
  ({ kind: 'hold', messages, until: untilMs === undefined ? { kind: 'released' } : { kind: 'time', timeUs: untilMs * MS } });

describe('partitions and cuts', () => {
  it('are tested at delivery, and drop what is on its way', () => {
    const run = simulate(new Script(AB).fault(at(12), { kind: 'partition', groups: [[0], [1]] }).fault(at(22), { kind: 'heal' }), stream(4));
    expect(lines(run, 'receive', 'lost', 'links')).toEqual([
      '10ms B receive commit 1 <A', '12ms links {A} | {B}', '15ms A lost commit 2 >B (the partition)', '20ms A lost commit 3 >B (the partition)',
      '22ms links heal', '25ms B receive commit 4 <A',
    ]);
    const lost = [...Array(run.log.length).keys()].filter((i) => run.log.detail(i) === 'the partition');
    expect(lost.map((i) => run.log.line(i))).toEqual([0, 0]);
  });

  it('leave processes that are in no group their links', () => {
    const run = simulate(new Script(ABC).fault(ALWAYS, { kind: 'partition', groups: [[0], [2, 3]] }), stream(1, false, 1));
    expect(lines(run, 'receive')).toEqual(['10ms B receive commit 1 <A']);
    expect(run.reachableAtEnd).toEqual([[true, true, false, false], [true, true, true, true], [false, true, true, true], [false, true, true, true]]);
  });

  it('replace one another, but not cuts', () => {
    const script = new Script(ABC)
      .fault(ALWAYS, { kind: 'partition', groups: [[0], [1, 2]] }).fault(ALWAYS, { kind: 'cut', from: 0, to: 1, both: false })
      .fault(ALWAYS, { kind: 'partition', groups: [[0, 1], [2]] });
    const { reachableAtEnd: reach } = simulate(script, toy({}));
    expect([reach[0]![1], reach[1]![0], reach[0]![2], reach[1]![2]]).toEqual([false, true, false, false]);
  });

  it('cut one way only, isolate, and heal one link', () => {
    const script = new Script(ABC).fault(ALWAYS, { kind: 'isolate', node: 0 }).fault(ALWAYS, { kind: 'heal-link', from: 0, to: 1, both: false });
    const { reachableAtEnd: reach } = simulate(script, toy({}));
    expect(reach[0]).toEqual([true, true, false, false]);
    expect(reach.map((row) => row[0])).toEqual([true, false, false, false]);
  });

  it('of `*` cut every link', () => {
    const { reachableAtEnd: reach } = simulate(new Script(ABC).fault(ALWAYS, { kind: 'cut', from: -1, to: 1, both: false }), toy({}));
    expect(reach.map((row) => row[1])).toEqual([false, true, false, false]);
  });
});

describe('delays', () => {
  it('are uniform within their bounds, from the stream of the link', () => {
    const plan: Plan = { ...AB, network: { delays: [{ from: -1, to: -1, minUs: 2 * MS, maxUs: 5 * MS }] } };
    const run = simulate(new Script(plan), stream(200));
    const delays: number[] = [];
    for (let i = 0; i < run.log.length; i++) if (run.log.cause(i) >= 0) delays.push(run.log.timeUs(i) - run.log.timeUs(run.log.cause(i)));
    expect(delays).toHaveLength(200);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5000);
    expect(new Set(delays).size).toBeGreaterThan(150);
  });

  it('of one link override the rest', () => {
    const plan: Plan = { ...ABC, network: { delays: [{ from: 0, to: 1, minUs: 3 * MS, maxUs: 3 * MS }, { from: -1, to: -1, minUs: 7 * MS, maxUs: 7 * MS }] } };
    const both = toy({ start(context) { if (context.self === 0) { context.send(1, toyMessage('x')); context.send(2, toyMessage('x')); } } });
    expect(lines(simulate(new Script(plan), both), 'receive')).toEqual(['3ms B receive x <A', '7ms C receive x <A']);
  });

  it('grow by what a link is slowed, until it is healed', () => {
    const script = new Script(AB).fault(at(3), { kind: 'slow', from: 0, to: 1, byUs: 100 * MS }).fault(at(7), { kind: 'heal-link', from: 0, to: 1, both: false });
    expect(lines(simulate(script, stream(3)), 'receive')).toEqual(['10ms B receive commit 1 <A', '20ms B receive commit 3 <A', '115ms B receive commit 2 <A']);
  });

  it('never reorder a fifo link', () => {
    const plan: Plan = { ...AB, network: { delays: [{ from: -1, to: -1, minUs: 0, maxUs: 50 * MS }] } };
    const order = (fifo: boolean): number[] => lines(simulate(new Script(plan), stream(50, fifo)), 'receive').map((line) => Number(/commit (\d+)/.exec(line)![1]));
    expect(order(true)).toEqual([...Array(50).keys()].map((i) => i + 1));
    expect(order(false)).not.toEqual([...order(false)].sort((a, b) => a - b));
  });
});

describe('faults on messages', () => {
  it('drop all that match, from the start', () => {
    const run = simulate(new Script(AB).fault(ALWAYS, drop(match(0, 1, 'commit'))), stream(2));
    expect(lines(run, 'receive', 'lost')).toEqual(['0ms A lost commit 1 >B (dropped by the scenario)', '5ms A lost commit 2 >B (dropped by the scenario)']);
  });

  it('drop the N-th of the run only, leaving no gap on a fifo link', () => {
    const run = simulate(new Script(AB).fault(ALWAYS, drop(match(-1, 1, undefined, 2))), stream(3, true));
    expect(lines(run, 'receive')).toEqual(['10ms B receive commit 1 <A', '20ms B receive commit 3 <A']);
  });

  it('drop from their time on, and count from the start', () => {
    expect(lines(simulate(new Script(AB).fault(at(7), drop(match(0, 1))), stream(4)), 'receive')).toEqual(['10ms B receive commit 1 <A', '15ms B receive commit 2 <A']);
    expect(lines(simulate(new Script(AB).fault(at(7), drop(match(0, 1, 'commit', 3))), stream(4)), 'receive')).toHaveLength(3);
    const late = simulate(new Script(AB).fault(at(7), drop(match(0, 1, 'commit', 1))), stream(4));
    expect(lines(late, 'receive')).toHaveLength(4);
    expect(late.unusedSteps).toEqual([0]);
  });

  it('drop from an event on', () => {
    const script = new Script(AB).fault({ kind: 'when', event: { kind: 'delivery', ...match(0, 1, 'commit') } }, drop(match(0, 1)));
    expect(lines(simulate(script, stream(5)), 'receive')).toEqual(['10ms B receive commit 1 <A', '15ms B receive commit 2 <A']);
  });

  it('hold until a time', () => {
    const run = simulate(new Script(AB).fault(ALWAYS, hold(match(0, 1, 'commit', 1), 40)), stream(2));
    expect(lines(run, 'hold', 'release', 'receive')).toEqual([
      '0ms A hold commit 1 >B', '15ms B receive commit 2 <A', '40ms A release commit 1 >B', '40ms B receive commit 1 <A',
    ]);
  });

  it('hold back what comes after on a fifo link, and release in order', () => {
    const run = simulate(new Script(AB).fault(ALWAYS, hold(match(0, 1, 'commit', 2), 40)), stream(4, true));
    expect(lines(run, 'hold', 'release', 'receive')).toEqual([
      '5ms A hold commit 2 >B', '10ms B receive commit 1 <A', '10ms A hold commit 3 >B (behind a held message)', '15ms A hold commit 4 >B (behind a held message)',
      '40ms A release commit 2 >B', '40ms A release commit 3 >B', '40ms A release commit 4 >B',
      '40ms B receive commit 2 <A', '40ms B receive commit 3 <A', '40ms B receive commit 4 <A',
    ]);
  });

  it('keep a released message behind one that is still held, on a fifo link', () => {
    const script = new Script(AB).fault(ALWAYS, hold(match(0, 1, 'commit', 1), 60)).fault(ALWAYS, hold(match(0, 1, 'commit', 2), 30));
    expect(lines(simulate(script, stream(2, true)), 'receive')).toEqual(['60ms B receive commit 1 <A', '60ms B receive commit 2 <A']);
    expect(lines(simulate(script, stream(2, false)), 'receive')).toEqual(['30ms B receive commit 2 <A', '60ms B receive commit 1 <A']);
  });

  it('release all that match and end the hold', () => {
    const script = new Script(AB).fault(ALWAYS, hold(match(0, 1, 'commit'))).fault(at(7), { kind: 'release', messages: match(0, 1, 'commit') });
    expect(lines(simulate(script, stream(3)), 'receive')).toEqual(['10ms B receive commit 1 <A', '15ms B receive commit 2 <A', '20ms B receive commit 3 <A']);
  });

  it('release the N-th alone', () => {
    const script = new Script(AB).fault(ALWAYS, hold(match(0, 1))).fault(at(30), { kind: 'release', messages: match(0, 1, 'commit', 2) });
    const run = simulate(script, stream(3));
    expect(lines(run, 'receive')).toEqual(['30ms B receive commit 2 <A']);
    expect(run.reachableAtEnd[0]![1]).toBe(false);
  });

  it('hold until an event', () => {
    const until = { kind: 'event', event: { kind: 'delivery', ...match(0, 1, 'commit', 2) } } as const;
    const script = new Script(AB).fault(ALWAYS, { kind: 'hold', messages: match(0, 1, 'commit', 1), until });
    expect(lines(simulate(script, stream(3)), 'hold', 'release', 'receive')).toEqual([
      '0ms A hold commit 1 >B', '15ms B receive commit 2 <A', '20ms A release commit 1 >B', '20ms B receive commit 3 <A', '20ms B receive commit 1 <A',
    ]);
  });

  it('duplicate on unordered links; a fifo link drops the copy', () => {
    const script = new Script(AB).fault(ALWAYS, { kind: 'duplicate', messages: match(0, 1, 'commit', 1) });
    expect(lines(simulate(script, stream(1)), 'receive', 'lost')).toEqual(['10ms B receive commit 1 <A', '10ms B receive commit 1 <A']);
    expect(lines(simulate(script, stream(1, true)), 'receive', 'lost')).toEqual(['0ms A lost commit 1 >B (a second copy, which the link drops)', '10ms B receive commit 1 <A']);
  });

  it('corrupt with the help of the protocol', () => {
    const script = new Script(AB).fault(ALWAYS, { kind: 'corrupt', messages: match(0, 1, 'commit', 2) });
    expect(lines(simulate(script, stream(2)), 'send', 'receive')).toEqual([
      '0ms A send commit 1 >B', '5ms A send commit 2 >B', '10ms B receive commit 1 <A', '15ms B receive commit 2? <A',
    ]);
  });
});

describe('chance', () => {
  it('loses and doubles about as often as it should', () => {
    const plan = (network: Plan['network']): Plan => ({ ...AB, network: network! });
    const lossy = simulate(new Script(plan({ loss: 0.3 })), stream(1000));
    expect(lines(lossy, 'lost').length).toBeGreaterThan(230);
    expect(lines(lossy, 'lost').length).toBeLessThan(370);
    expect(lines(simulate(new Script(plan({ loss: 1 })), stream(20)), 'receive')).toEqual([]);
    expect(lines(simulate(new Script(plan({ duplicates: 1 })), stream(20)), 'receive')).toHaveLength(40);
  });

  it('gives the same bytes twice, and others for another seed', () => {
    const bytes = (seed: number): string => {
      const data = simulate(new Script({ ...AB, seed, network: { loss: 0.2, delays: [{ from: -1, to: -1, minUs: 0, maxUs: 9999 }] } }), stream(60)).log.data();
      return JSON.stringify([[...data.ints], [...data.times], data.strings]);
    };
    expect(bytes(1)).toBe(bytes(1));
    expect(bytes(1)).not.toBe(bytes(2));
  });

  it('of one link is not shifted by a fault on another', () => {
    const chatter = toy({
      start(context) { context.setTimer('tick', 0); },
      timer(context) {
        for (let to = 0; to < context.nodeCount; to++) if (to !== context.self) context.send(to, toyMessage('x', String(context.nowUs)));
        if (context.nowUs < 400 * MS) context.setTimer('tick', 10 * MS);
      },
    });
    const plan: Plan = { ...ABC, network: { loss: 0.1, delays: [{ from: -1, to: -1, minUs: 1 * MS, maxUs: 9 * MS }] } };
    const others = (script: Script): string[] => lines(simulate(script, chatter), 'receive', 'lost').filter((line) => !/A \w+ x \d* ?>B|B receive x \d+ <A/.test(line));
    const quiet = others(new Script(plan));
    expect(quiet.length).toBeGreaterThan(100);
    expect(others(new Script(plan).fault(ALWAYS, drop(match(0, 1))))).toEqual(quiet);
    expect(others(new Script(plan).fault(at(100), { kind: 'cut', from: 0, to: 1, both: false }).fault(at(50), { kind: 'slow', from: 0, to: 1, byUs: 3 * MS }))).toEqual(quiet);
  });
});
