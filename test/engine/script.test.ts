import { describe, expect, it } from 'vitest';
import type { EventMatch, FaultModel, Trigger } from '../../server/src/model/scenario.ts';
import { at, lines, MS, Script, simulate, toy, toyMessage, write, type Hooks, type Plan } from './toys.ts';

const AB: Plan = { nodes: ['A', 'B'], clients: ['c1'], runToUs: 200 * MS };
/** A sends `beat` to B every 20 ms from 0. */
const beating: Hooks = {
  start(context) { if (context.self === 0) context.setTimer('beat', 0); },
  timer(context) { context.send(1, toyMessage('beat')); context.setTimer('beat', 20 * MS); },
};
const when = (event: EventMatch): Trigger => ({ kind: 'when', event });
const beat = (kind: 'delivery' | 'send', nth?: number): EventMatch => ({ kind, from: 0, to: 1, message: 'beat', nth });
const PAUSE: FaultModel = { kind: 'pause', node: 1, durationUs: 1 };
const pauses = (script: Script, hooks: Hooks = beating): string[] => lines(simulate(script, toy(hooks)), 'pause').map((line) => line.split(' ')[0]!);

describe('when', () => {
  it('is once, at the first match or the N-th', () => {
    expect(pauses(new Script(AB).fault(when(beat('delivery')), PAUSE))).toEqual(['10ms']);
    expect(pauses(new Script(AB).fault(when(beat('delivery', 3)), PAUSE))).toEqual(['50ms']);
    expect(pauses(new Script(AB).fault(when(beat('send', 3)), PAUSE))).toEqual(['40ms']);
  });

  it('does not see the delivery of what is lost', () => {
    const script = new Script(AB).fault({ kind: 'always' }, { kind: 'drop', messages: { from: 0, to: 1, message: 'beat', nth: 1 } }).fault(when(beat('delivery')), PAUSE);
    expect(pauses(script)).toEqual(['30ms']);
  });

  it('comes before the handler: a crash loses the message', () => {
    const run = simulate(new Script(AB).fault(when(beat('delivery', 2)), { kind: 'crash', node: 1, losing: undefined, point: undefined }), toy(beating));
    expect(lines(run, 'receive', 'crash', 'lost').slice(0, 3)).toEqual(['10ms B receive beat <A', '30ms B crash', '30ms A lost beat >B (B is down)']);
  });

  it('knows leading and timing out', () => {
    const hooks: Hooks = { start(context) { if (context.self === 0) context.setTimer('lead', 30 * MS); }, timer(context) { context.emit('timeout'); context.emit('leads', { epoch: 1 }); context.send(1, toyMessage('lead')); } };
    expect(pauses(new Script(AB).fault(when({ kind: 'leads', node: 0, nth: undefined }), PAUSE), hooks)).toEqual(['30ms']);
    expect(pauses(new Script(AB).fault(when({ kind: 'leads', node: 1, nth: undefined }), PAUSE), hooks)).toEqual([]);
    expect(pauses(new Script(AB).fault(when({ kind: 'times-out', node: -1, nth: undefined }), PAUSE), hooks)).toEqual(['30ms']);
    // A crash as it begins to lead: what it would have done next does not happen.
    const run = simulate(new Script(AB).fault(when({ kind: 'leads', node: 0, nth: undefined }), { kind: 'crash', node: 0, losing: undefined, point: undefined }), toy(hooks));
    expect(lines(run, 'leads', 'crash', 'send')).toEqual(['30ms A leads', '30ms A crash']);
  });

  it('knows how operations end', () => {
    const answer = (outcome: 'ok' | 'failed'): Hooks => ({ request(context, _state, request) { context.reply(request, outcome, ''); } });
    const script = (kind: 'acked' | 'answered'): Script => new Script(AB).operation(at(5), 'c1', write('k', '1')).fault(when({ kind, operation: 0 }), PAUSE);
    expect(pauses(script('acked'), answer('ok'))).toEqual(['25ms']);
    expect(pauses(script('answered'), answer('ok'))).toEqual(['25ms']);
    expect(pauses(script('acked'), answer('failed'))).toEqual([]);
    expect(pauses(script('answered'), answer('failed'))).toEqual(['25ms']);
  });

  it('can ask for operations', () => {
    const script = new Script(AB).operation(when(beat('delivery', 2)), 'c1', write('k', '1'));
    expect(lines(simulate(script, toy(beating)), 'invoke', 'ok')).toEqual(['30ms c1 invoke write k = 1', '50ms c1 ok <A']);
  });
});

describe('after and every', () => {
  it('after: once, so much later', () => {
    expect(pauses(new Script(AB).fault({ kind: 'after', delayUs: 7 * MS, event: beat('delivery', 2) }, PAUSE))).toEqual(['37ms']);
  });

  it('every: from, to, and both included', () => {
    const every = (fromUs: number, toUs?: number): Trigger => ({ kind: 'every', periodUs: 50 * MS, fromUs, toUs });
    expect(pauses(new Script(AB).fault(every(25 * MS, 125 * MS), PAUSE))).toEqual(['25ms', '75ms', '125ms']);
    expect(pauses(new Script(AB).fault(every(0), PAUSE))).toEqual(['0ms', '50ms', '100ms', '150ms', '200ms']);
  });
});

describe('order within an instant', () => {
  it('is script in document order, deliveries, timers', () => {
    const hooks: Hooks = {
      start(context) { if (context.self === 0) { context.setTimer('t', 10 * MS); context.send(0, toyMessage('self')); } else context.send(0, toyMessage('x')); },
      timer(context) { context.emit('candidate'); },
    };
    const script = new Script({ ...AB, clients: [] }).fault(at(10), { kind: 'clock-jumps', node: 0, byUs: 1000 }).fault(at(5), { kind: 'clock-jumps', node: 0, byUs: 2000 })
      .fault(at(10), { kind: 'clock-jumps', node: 0, byUs: 3000 });
    expect(lines(simulate(script, toy(hooks)), 'receive', 'candidate', 'clock')).toEqual([
      '0ms A receive self <A', '5ms A clock jumps 2ms', '10ms A clock jumps 1ms', '10ms A clock jumps 3ms', '10ms A receive x <B', '10ms A candidate',
    ]);
  });

  it('at time 0 begins with the faults that hold from the start, then the nodes', () => {
    const hooks: Hooks = { start(context) { context.emit('candidate'); } };
    const script = new Script(AB).operation(at(0), 'c1', write('k', '1')).fault({ kind: 'always' }, { kind: 'cut', from: 0, to: 1, both: true });
    expect(lines(simulate(script, toy(hooks))).slice(0, 5)).toEqual(['0ms config', '0ms links cut A <-> B', '0ms A candidate', '0ms B candidate', '0ms c1 invoke write k = 1']);
  });
});

describe('lines and causes', () => {
  it('lead from every message to the operation or statement it stems from', () => {
    const hooks: Hooks = {
      request(context, _state, request) { context.send(1, toyMessage('propose', 'k = 1', request.op)); context.send(1, toyMessage('other')); },
      suspect(context) { context.send(1, toyMessage('stand')); },
    };
    const script = new Script(AB).fault(at(50), { kind: 'timeout', node: 0 }).operation(at(0), 'c1', write('k', '1'), { to: 'A' });
    const { log } = simulate(script, toy(hooks));
    const of = (word: string): number[][] => [...Array(log.length).keys()].filter((i) => log.word(i) === word).map((i) => [log.line(i), log.word(log.cause(i)) === word ? 1 : 0]);
    expect(of('write')).toEqual([[1, 0], [1, 1]]);
    expect(of('propose')).toEqual([[1, 0], [1, 1]]);
    expect(of('other')).toEqual([[1, 0], [1, 1]]);
    expect(of('stand')).toEqual([[0, 0], [0, 1]]);
  });
});
