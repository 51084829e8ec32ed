import { describe, expect, it } from 'vitest';
import type { FaultModel, Trigger } from '../../server/src/model/scenario.ts';
import type { Machine, Message, NodeState } from '../../server/src/engine/protocol.ts';
import { ALWAYS, at, lines, MS, Script, simulate, toy, toyMessage, type Hooks, type Plan } from './toys.ts';

const AB: Plan = { nodes: ['A', 'B'], clients: [] };
const crash = (node: number, more: Partial<FaultModel & { kind: 'crash' }> = {}): FaultModel => ({ kind: 'crash', node, losing: undefined, point: undefined, ...more });
const delivery = (message: string, nth?: number): Trigger => ({ kind: 'when', event: { kind: 'delivery', from: -1, to: -1, message, nth } });
const sending = (message: string): Trigger => ({ kind: 'when', event: { kind: 'send', from: -1, to: -1, message, nth: undefined } });

/** A sends `go` to B at each of these times. */
function going(times: readonly number[], hooks: Hooks): Machine<NodeState, Message> {
  return toy({
    ...hooks,
    start(context, state) {
      if (context.self === 0) times.forEach((ms, i) => { context.setTimer('go', ms * MS, i); });
      hooks.start?.(context, state);
    },
    timer(context, state, name, argument) {
      if (name === 'go') context.send(1, toyMessage('go', String(argument)));
      else hooks.timer?.(context, state, name, argument);
    },
  });
}

/** On `go` a node counts on disk, and then tells A twice and emits. */
const counter: Hooks = {
  message(context, state, from, message) {
    if (message.type !== 'go') return;
    state.disk = { count: state.disk.count + 1 };
    context.persist(-1, state.disk.count, -1, `count ${state.disk.count}`);
    context.send(from, toyMessage('first'));
    context.emit('apply', { slot: state.disk.count });
    context.send(from, toyMessage('second'));
  },
  restart(context, state) { context.send(0, toyMessage('back', String(state.disk.count))); },
};

describe('crash and restart', () => {
  it('loses what is volatile and keeps the disk', () => {
    const script = new Script(AB).fault(at(35), crash(1)).fault(at(50), { kind: 'restart', node: 1 });
    const run = simulate(script, going([0, 10, 30], counter));
    expect(lines(run, 'restart', 'receive').slice(-2)).toEqual(['50ms B restart', '60ms A receive back 2 <B']);
    expect(lines(run, 'lost')).toEqual(['40ms A lost go 2 >B (B is down)']);
    expect(run.finalViews[1]!.values.get('got')).toBe('');
  });

  it('losing its disk comes back empty', () => {
    const script = new Script(AB).fault(at(35), crash(1, { losing: 'disk' })).fault(at(50), { kind: 'restart', node: 1 });
    expect(lines(simulate(script, going([0], counter)), 'receive').at(-1)).toBe('60ms A receive back -1 <B');
  });

  it('lets sent messages travel on unordered links and takes them along on fifo links', () => {
    const script = new Script(AB).fault(at(12), crash(1));
    expect(lines(simulate(script, going([0, 5], counter)), 'receive')).toEqual(['10ms B receive go 0 <A', '20ms A receive first <B', '20ms A receive second <B']);
    const fifo = simulate(script, going([0, 5], { ...counter, fifo: true }));
    expect(lines(fifo, 'receive', 'lost')).toEqual([
      '10ms B receive go 0 <A', '12ms A lost go 1 >B (the link was reset)', '12ms B lost first >A (the link was reset)', '12ms B lost second >A (the link was reset)',
    ]);
    expect(fifo.aliveAtEnd).toEqual([true, false]);
    expect(fifo.reachableAtEnd[0]).toEqual([true, false]);
  });

  it('takes held messages of a fifo link along too', () => {
    const script = new Script(AB).fault(ALWAYS, { kind: 'hold', messages: { from: 0, to: 1, message: 'go', nth: undefined }, until: { kind: 'time', timeUs: 50 * MS } })
      .fault(at(12), crash(1)).fault(at(15), { kind: 'restart', node: 1 });
    expect(lines(simulate(script, going([0], { fifo: true })), 'receive', 'lost')).toEqual(['12ms A lost go 0 >B (the link was reset)']);
    expect(lines(simulate(script, going([0], { fifo: false })), 'receive', 'lost')).toEqual(['50ms B receive go 0 <A']);
  });

  it('forgets timers', () => {
    const beat: Hooks = { start(context) { context.setTimer('beat', 20 * MS); }, timer(context) { context.emit('candidate'); } };
    const script = new Script(AB).fault(at(5), crash(1)).fault(at(6), { kind: 'restart', node: 1 });
    expect(lines(simulate(script, toy(beat)), 'candidate')).toEqual(['20ms A candidate']);
  });

  it('of a node that is down, running or not there does nothing, and is reported as unused', () => {
    const script = new Script(AB).fault(at(1), { kind: 'restart', node: 0 }).fault(at(2), { kind: 'resume', node: 0 }).fault(at(3), crash(0)).fault(at(4), crash(0))
      .fault(at(5), { kind: 'pause', node: 0, durationUs: undefined }).fault(at(6), { kind: 'timeout', node: 0 }).fault(at(7), crash(9));
    const run = simulate(script, toy({}));
    expect(lines(run, 'crash', 'restart', 'pause', 'resume')).toEqual(['3ms A crash']);
    expect(run.unusedSteps).toEqual([0, 1, 3, 4, 5, 6]);
  });

  it('shows a node that is down by its disk', () => {
    const run = simulate(new Script(AB).fault(at(35), crash(1)), going([0, 10], counter));
    expect(run.finalViews[1]!.values.get('count')).toBe('2');
  });
});

describe('crash points', () => {
  const armed = (point: NonNullable<(FaultModel & { kind: 'crash' })['point']>, trigger: Trigger): string[] => {
    const script = new Script(AB).fault(trigger, crash(1, { point })).fault(at(40), { kind: 'restart', node: 1 });
    return lines(simulate(script, going([0, 8], counter)), 'crash', 'persist', 'send', 'apply').filter((line) => line.includes(' B ') && !line.includes('back'));
  };
  const whole = ['10ms B persist count 1', '10ms B send first >A', '10ms B apply', '10ms B send second >A'];
  const second = ['18ms B persist count 2', '18ms B send first >A', '18ms B apply', '18ms B send second >A'];

  it('before fsync: nothing of the handler remains', () => {
    expect(armed({ kind: 'before-fsync' }, delivery('go', 1))).toEqual(['10ms B crash']);
  });

  it('after fsync: the disk has it, nobody hears', () => {
    expect(armed({ kind: 'after-fsync' }, delivery('go', 1))).toEqual(['10ms B persist count 1', '10ms B crash']);
  });

  it('after N sends: some hear', () => {
    expect(armed({ kind: 'after-sends', count: 1 }, delivery('go', 2))).toEqual([...whole, '18ms B persist count 2', '18ms B send first >A', '18ms B crash']);
  });

  it('waits for the next handler that gets there, when given a time', () => {
    expect(armed({ kind: 'after-sends', count: 2 }, at(5))).toEqual([...whole, '10ms B crash']);
    expect(armed({ kind: 'after-sends', count: 3 }, at(5))).toEqual([...whole, ...second]);
  });

  it('passes with the handler that its event precedes', () => {
    const script = new Script(AB).fault(delivery('go', 1), crash(1, { point: { kind: 'after-sends', count: 2 } }));
    const once: Hooks = { message(context, state, from, message) { if (state.got.size > 1 && message.type === 'go') for (let i = 0; i < 3; i++) context.send(from, toyMessage('x')); } };
    expect(lines(simulate(script, going([0, 8], once)), 'crash')).toEqual([]);
  });

  it('right after a send, the rest of the handler does not happen', () => {
    const script = new Script(AB).fault(sending('first'), crash(1));
    const run = simulate(script, going([0], counter));
    expect(lines(run, 'persist', 'send', 'apply', 'crash')).toEqual(['0ms A send go 0 >B', '10ms B persist count 1', '10ms B send first >A', '10ms B crash']);
    expect(run.finalViews[1]!.values.get('count')).toBe('1');
  });
});

describe('pause and resume', () => {
  const noisy: Hooks = {
    start(context) { if (context.self === 1) { context.setTimer('tick', 15 * MS, 1); context.setTimer('tick', 25 * MS, 2); context.setTimer('tick', 90 * MS, 3); } },
    message(context, _state, _from, message) { context.emit('apply', { text: `message ${message.content} at ${context.nowUs / MS}` }); },
    timer(context, _state, _name, argument) { context.emit('apply', { text: `timer ${argument} at ${context.nowUs / MS}` }); },
  };
  const applied = (script: Script, hooks: Hooks = noisy, times = [0, 5, 10, 15, 60]): string[] => lines(simulate(script, going(times, hooks)), 'apply');

  it('runs what waited by due time, timers first among equals, and true time has passed', () => {
    const script = new Script(AB).fault(at(12), { kind: 'pause', node: 1, durationUs: undefined }).fault(at(50), { kind: 'resume', node: 1 });
    expect(applied(script)).toEqual([
      '10ms B apply message 0 at 10', '50ms B apply timer 1 at 50', '50ms B apply message 1 at 50', '50ms B apply message 2 at 50', '50ms B apply timer 2 at 50',
      '50ms B apply message 3 at 50', '70ms B apply message 4 at 70', '90ms B apply timer 3 at 90',
    ]);
  });

  it('for a duration ends by itself', () => {
    expect(applied(new Script(AB).fault(at(12), { kind: 'pause', node: 1, durationUs: 38 * MS }))).toEqual(
      applied(new Script(AB).fault(at(12), { kind: 'pause', node: 1, durationUs: undefined }).fault(at(50), { kind: 'resume', node: 1 })));
  });

  it('resumed early and paused again does not end with the first pause', () => {
    const script = new Script(AB).fault(at(12), { kind: 'pause', node: 1, durationUs: 18 * MS }).fault(at(20), { kind: 'resume', node: 1 })
      .fault(at(22), { kind: 'pause', node: 1, durationUs: undefined });
    expect(lines(simulate(script, going([0, 15], noisy)), 'pause', 'resume', 'apply')).toEqual(
      ['10ms B apply message 0 at 10', '12ms B pause', '20ms B resume', '20ms B apply timer 1 at 20', '22ms B pause']);
  });

  it('lets a handler clear a timer that was due in the meantime', () => {
    const hooks: Hooks = { ...noisy, message(context) { context.clearTimer('tick', 2); context.setTimer('tick', 5 * MS, 1); } };
    const script = new Script(AB).fault(at(2), { kind: 'pause', node: 1, durationUs: 48 * MS });
    expect(applied(script, hooks, [0])).toEqual(['55ms B apply timer 1 at 55', '90ms B apply timer 3 at 90']);
  });

  it('by the delivery of a message queues that message, and counts it once', () => {
    const script = new Script(AB).fault(delivery('go', 2), { kind: 'pause', node: 1, durationUs: 20 * MS }).fault(delivery('go', 3), crash(1));
    expect(lines(simulate(script, going([0, 5, 10], {})), 'receive', 'pause', 'resume', 'crash', 'lost')).toEqual([
      '10ms B receive go 0 <A', '15ms B pause', '35ms B resume', '35ms B receive go 1 <A', '35ms B crash', '35ms A lost go 2 >B (B is down)',
    ]);
  });

  it('paused again while catching up keeps the order', () => {
    const script = new Script(AB).fault(at(12), { kind: 'pause', node: 1, durationUs: 38 * MS })
      .fault({ kind: 'when', event: { kind: 'delivery', from: 0, to: 1, message: 'go', nth: 3 } }, { kind: 'pause', node: 1, durationUs: 50 * MS });
    expect(applied(script).slice(2)).toEqual([
      '50ms B apply message 1 at 50', '100ms B apply message 2 at 100', '100ms B apply timer 2 at 100', '100ms B apply message 3 at 100', '100ms B apply message 4 at 100',
      '100ms B apply timer 3 at 100',
    ]);
  });

  it('loses what was waiting in a crash', () => {
    const script = new Script(AB).fault(at(1), { kind: 'pause', node: 1, durationUs: 100 * MS }).fault(at(20), crash(1)).fault(at(30), { kind: 'restart', node: 1 });
    const run = simulate(script, going([0, 25], noisy));
    expect(lines(run, 'lost', 'receive', 'resume')).toEqual(['20ms A lost go 0 >B (B is down)', '35ms B receive go 1 <A']);
  });

  it('is not alive at the end', () => {
    expect(simulate(new Script(AB).fault(at(1), { kind: 'pause', node: 1, durationUs: undefined }), toy({})).aliveAtEnd).toEqual([true, false]);
  });
});

describe('suspicion', () => {
  it('fires the failure detector, or waits for a paused node', () => {
    const script = new Script(AB).fault(at(5), { kind: 'timeout', node: 0 }).fault(at(6), { kind: 'pause', node: 1, durationUs: 10 * MS }).fault(at(7), { kind: 'timeout', node: 1 });
    const run = simulate(script, toy({ suspect(context) { context.send(1 - context.self, toyMessage('stand')); } }));
    expect(lines(run, 'timeout', 'send')).toEqual(['5ms A timeout', '5ms A send stand >B', '16ms B timeout', '16ms B send stand >A']);
    const sends = [...Array(run.log.length).keys()].filter((i) => run.log.word(i) === 'stand' && run.log.cause(i) >= 0);
    expect(run.log.line(sends[0]!)).toBe(0);
  });

  it('within a handler waits for its end', () => {
    const hooks: Hooks = { ...counter, suspect(context) { context.emit('candidate'); } };
    const script = new Script(AB).fault(sending('first'), { kind: 'timeout', node: 1 });
    expect(lines(simulate(script, going([0], hooks)), 'send', 'timeout', 'candidate').slice(1)).toEqual([
      '10ms B send first >A', '10ms B send second >A', '10ms B timeout', '10ms B candidate',
    ]);
  });
});

describe('clocks', () => {
  const ticking: Hooks = {
    start(context) { context.setTimer('tick', 20 * MS); },
    timer(context, state) {
      context.emit('apply', { text: `at ${context.nowUs / MS}` });
      state.disk = { count: state.disk.count + 1 };
      if (state.disk.count < 5) context.setTimer('tick', 20 * MS);
    },
  };
  it('that run fast fire their timers early', () => {
    const script = new Script({ nodes: ['A'], clients: [] }).fault(at(0), { kind: 'clock-runs', node: 0, rate: 2 });
    expect(lines(simulate(script, toy(ticking)), 'apply')).toEqual(['10ms A apply at 20', '20ms A apply at 40', '30ms A apply at 60', '40ms A apply at 80', '50ms A apply at 100']);
  });

  it('that change their pace take their timers along', () => {
    const script = new Script({ nodes: ['A'], clients: [] }).fault(at(30), { kind: 'clock-runs', node: 0, rate: 0.5 }).fault(at(60), { kind: 'clock-runs', node: 0, rate: 1 });
    expect(lines(simulate(script, toy(ticking)), 'clock', 'apply')).toEqual([
      '20ms A apply at 20', '30ms A clock runs 0.5x', '50ms A apply at 40', '60ms A clock runs 1x', '75ms A apply at 60', '95ms A apply at 80', '115ms A apply at 100',
    ]);
  });

  it('that jump leave timers and the monotonic clock alone', () => {
    const script = new Script({ nodes: ['A'], clients: [] }).fault(at(30), { kind: 'clock-jumps', node: 0, byUs: -1000 * MS });
    expect(lines(simulate(script, toy(ticking)), 'clock', 'apply').slice(0, 3)).toEqual(['20ms A apply at 20', '30ms A clock jumps -1s', '40ms A apply at 40']);
  });
});

describe('disks', () => {
  it('that are slow delay what is sent after a write, and nothing else', () => {
    const script = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS });
    expect(lines(simulate(script, going([0, 5], counter)), 'persist', 'send', 'apply').slice(2)).toEqual([
      '10ms B apply', '15ms B apply', '40ms B persist count 1', '40ms B send first >A', '40ms B send second >A', '70ms B persist count 2', '70ms B send first >A', '70ms B send second >A',
    ]);
  });

  it('lose in a crash what was under way', () => {
    const script = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS }).fault(at(50), crash(1)).fault(at(60), { kind: 'restart', node: 1 });
    expect(lines(simulate(script, going([0, 5], counter)), 'receive').at(-1)).toBe('70ms A receive back 1 <B');
  });

  it('that are slow tell a handler whether what it knows is on its way', () => {
    const script = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS });
    const run = simulate(script, going([0, 10, 40], {
      message(context, state, from, message) {
        if (message.type !== 'go') return;
        const before = context.durable;
        if (message.content === '0') { state.disk = { count: 1 }; context.persist(-1, 1, -1, ''); }
        context.emit('apply', { detail: `${before} ${context.durable}` });
      },
    }));
    // Written by the first handler, on its way in the second, on disk in the third.
    expect(lines(run, 'apply')).toEqual(['10ms B apply (false true)', '20ms B apply (false false)', '50ms B apply (true true)']);
  });

  it('that are slow set a timer when all that a handler wrote is written; others at once say that it is', () => {
    const written: Hooks = {
      message(context, state, _from, message) {
        if (message.type !== 'go') return;
        for (const count of [1, 2]) { state.disk = { count }; context.persist(-1, count, -1, `count ${count}`); }
        if (!context.whenOnDisk('written', 7)) context.emit('apply', { detail: 'at once' });
      },
      timer(context, _state, name, argument) { context.emit('apply', { detail: `${name} ${argument}` }); },
    };
    const script = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS });
    expect(lines(simulate(new Script(AB), going([0], written)), 'apply')).toEqual(['10ms B apply (at once)']);
    expect(lines(simulate(script, going([0], written)), 'apply')).toEqual(['70ms B apply (written 7)']);
    const crashed = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS }).fault(at(50), crash(1)).fault(at(60), { kind: 'restart', node: 1 });
    expect(lines(simulate(crashed, going([0], written)), 'apply')).toEqual([]);
    const paused = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS }).fault(at(50), { kind: 'pause', node: 1, durationUs: 50 * MS });
    expect(lines(simulate(paused, going([0], written)), 'apply')).toEqual(['100ms B apply (written 7)']);
  });

  it('that lie say at once that they have it', () => {
    const script = new Script(AB).fault(at(0), { kind: 'disk-lies', node: 1 });
    const run = simulate(script, going([0, 5], { message(context, state, from, message) {
      if (message.type !== 'go') return;
      context.emit('apply', { detail: String(context.durable) });
      counter.message?.(context, state, from, message);
    } }));
    expect(lines(run, 'apply')).toContain('15ms B apply (true)');
  });

  it('that are slow crash after fsync before the sends', () => {
    const script = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS }).fault(at(1), crash(1, { point: { kind: 'after-fsync' } }));
    expect(lines(simulate(script, going([0], counter)), 'persist', 'send', 'crash').slice(1)).toEqual(['40ms B persist count 1', '40ms B crash']);
  });

  it('that finish during a pause keep the sends until it ends', () => {
    const script = new Script(AB).fault(at(0), { kind: 'disk-slow', node: 1, byUs: 30 * MS }).fault(at(20), { kind: 'pause', node: 1, durationUs: 50 * MS });
    expect(lines(simulate(script, going([0], counter)), 'persist', 'send').slice(1)).toEqual(['40ms B persist count 1', '70ms B send first >A', '70ms B send second >A']);
  });

  it('that lie say nothing is durable, and a crash shows it', () => {
    const script = new Script(AB).fault(at(12), { kind: 'disk-lies', node: 1 }).fault(at(50), crash(1)).fault(at(60), { kind: 'restart', node: 1 });
    const run = simulate(script, going([0, 5], counter));
    expect(lines(run, 'persist', 'disk')).toEqual(['10ms B persist count 1', '12ms B disk lies']);
    expect(lines(run, 'receive').at(-1)).toBe('70ms A receive back 1 <B');
  });

  it('are written by a restart once its state is there', () => {
    const hooks: Hooks = { ...counter, restart(context, state) { state.disk = { count: state.disk.count + 10 }; context.persist(-1, -1, -1, 'restarted'); } };
    const script = new Script(AB).fault(at(30), crash(1)).fault(at(40), { kind: 'restart', node: 1 }).fault(at(50), crash(1));
    const run = simulate(script, going([0], hooks));
    expect(lines(run, 'persist')).toEqual(['10ms B persist count 1', '40ms B persist restarted']);
    expect(run.finalViews[1]!.values.get('count')).toBe('21');
  });
});
