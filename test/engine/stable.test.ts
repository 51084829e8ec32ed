/** `stable from T` (protocols.md D, GST): what ends there, what is made good, and what stays as it is. */
import { describe, expect, it } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import type { Run } from '../../server/src/engine/run.ts';
import type { FaultModel } from '../../server/src/model/scenario.ts';
import { ALWAYS, at, lines, MS, Script, simulate, toy, toyMessage } from './toys.ts';

const STABLE: FaultModel = { kind: 'stable' };

/** A sends B a number every 10 ms, up to `count`. */
const stream = (count: number): ReturnType<typeof toy> => toy({
  start(context) { if (context.self === 0) context.setTimer('next', 10 * MS, 1); },
  timer(context, _state, _name, argument) {
    context.send(1, toyMessage('x'));
    if (argument < count) context.setTimer('next', 10 * MS, argument + 1);
  },
});

/** When B received something, ms. */
const arrivals = ({ log }: Run): readonly number[] => Array.from({ length: log.length }, (_, i) => i)
  .filter((i) => log.kind(i) === EVENT.receive && log.node(i) === 1).map((i) => log.timeUs(i) / MS);

const plan = (network: object = {}): Script => new Script({ nodes: ['A', 'B'], clients: ['c1'], network });
const all = { from: 0, to: 1, message: undefined, nth: undefined } as const;

describe('from then on', () => {
  it('links carry messages again, at most as slowly as the network states', () => {
    expect(arrivals(simulate(plan().fault(at(0), { kind: 'partition', groups: [[0], [1]] }).fault(at(25), STABLE), stream(4)))).toEqual([30, 40, 50]);
    expect(arrivals(simulate(plan().fault(at(0), { kind: 'cut', from: 0, to: 1, both: false }).fault(at(25), STABLE), stream(4)))).toEqual([30, 40, 50]);
    expect(arrivals(simulate(plan().fault(at(0), { kind: 'slow', from: 0, to: 1, byUs: 500 * MS }).fault(at(25), STABLE), stream(4)))).toEqual([35, 35, 40, 50]);
    expect(arrivals(simulate(plan({ order: 'fifo' }).fault(at(0), { kind: 'slow', from: 0, to: 1, byUs: 500 * MS }).fault(at(25), STABLE), stream(4)))).toEqual([35, 35, 40, 50]);
  });

  it('what was held goes on its way, and nothing more is held, dropped or doubled', () => {
    expect(arrivals(simulate(plan().fault(ALWAYS, { kind: 'hold', messages: all, until: { kind: 'released' } }).fault(at(25), STABLE), stream(4)))).toEqual([25, 30, 40, 50]);
    expect(arrivals(simulate(plan().fault(ALWAYS, { kind: 'drop', messages: all }).fault(at(25), STABLE), stream(4)))).toEqual([40, 50]);
    expect(arrivals(simulate(plan().fault(ALWAYS, { kind: 'duplicate', messages: all }).fault(at(15), STABLE), stream(3)))).toEqual([20, 20, 30, 40]);
  });

  it('the network loses and doubles nothing, and draws no lots about it', () => {
    expect(arrivals(simulate(plan({ loss: 1, duplicates: 1 }).fault(at(25), STABLE), stream(4)))).toEqual([40, 50]);
    const waiting = plan({ loss: 0.5 }).fault(at(25), STABLE).operation(at(0), 'c1', { kind: 'read', key: 'k' }, { to: 'A' });
    const beat = toy({
      start(context) { context.setTimer('beat', 10 * MS); },
      timer(context) { context.send(1 - context.self, toyMessage('x')); context.setTimer('beat', 10 * MS); },
      message(_context, state) { state.got = state.got.before(0); }, request: () => { /* silent */ },
    });
    expect(simulate(waiting, beat).end).not.toBe('horizon');
  });

  it('a paused node goes on, one that is down stays down until it is restarted', () => {
    const run = simulate(plan().fault(at(1), { kind: 'pause', node: 1, durationUs: 900 * MS }).fault(at(25), STABLE), stream(4));
    expect(arrivals(run)).toEqual([25, 30, 40, 50]);
    expect(arrivals(simulate(plan().fault(at(1), { kind: 'crash', node: 1, losing: undefined, point: undefined }).fault(at(25), STABLE), stream(4)))).toEqual([]);
    const client = plan().fault(at(1), { kind: 'pause', node: 2, durationUs: undefined }).fault(at(25), STABLE);
    expect(lines(simulate(client, stream(1)), 'resume')).toHaveLength(1);
    const back = plan().fault(at(1), { kind: 'crash', node: 1, losing: undefined, point: undefined }).fault(at(25), STABLE).fault(at(45), { kind: 'restart', node: 1 });
    expect(arrivals(simulate(back, stream(4)))).toEqual([50]);
  });

  it('no fault happens that waits for something, and none comes again', () => {
    const event = { kind: 'delivery', from: 0, to: 1, message: undefined, nth: 3 } as const;
    const crash: FaultModel = { kind: 'crash', node: 1, losing: undefined, point: undefined };
    const late = simulate(plan().fault({ kind: 'when', event }, crash).fault(at(25), STABLE), stream(4));
    expect([lines(late, 'crash'), late.unusedSteps]).toEqual([[], [0]]);
    expect(lines(simulate(plan().fault({ kind: 'when', event }, crash).fault(at(60), STABLE), stream(4)), 'crash')).toHaveLength(1);
    const again = plan().fault({ kind: 'every', periodUs: 10 * MS, fromUs: 0, toUs: undefined }, { kind: 'slow', from: 0, to: 1, byUs: MS }).fault(at(25), STABLE);
    expect(lines(simulate(again, stream(4)), 'links').length).toBe(4);
  });
});
