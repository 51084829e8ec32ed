import { describe, expect, it } from 'vitest';
import type { Machine, Message, NodeState } from '../../server/src/engine/protocol.ts';
import { ALWAYS, at, lines, MS, Script, simulate, toy, toyMessage, write, type Hooks, type ToyState } from './toys.ts';

const silent: Hooks['request'] = () => { /* never answers */ };

/** Every node beats every 50 ms and remembers nothing. */
const beating = (more: Hooks = {}): Machine<NodeState, Message> => toy({
  start(context) { context.setTimer('beat', 50 * MS); },
  timer(context) {
    for (let to = 0; to < context.nodeCount; to++) if (to !== context.self) context.send(to, toyMessage('beat'));
    context.setTimer('beat', 50 * MS);
  },
  message(_context, state) { state.got = state.got.before(0); },
  request: silent,
  ...more,
});

/** Two candidates that outbid each other for ever: each round everybody's epoch grows by one. */
const duelling = (shown: (state: ToyState, epoch: number) => number, bounded = false): Machine<NodeState, Message> => toy({
  start(context) { context.setTimer('stand', 100 * MS); },
  timer(context, state) {
    state.epoch++;
    if (!bounded || state.epoch < 1000) context.setTimer('stand', 100 * MS);
    for (let to = 0; to < context.nodeCount; to++) if (to !== context.self) context.send(to, toyMessage('stand', '', -1, state.epoch, shown(state, state.epoch)));
  },
  message(_context, state) { state.got = state.got.before(0); },
  request: silent,
});

describe('a world that comes back', () => {
  it('is done where nothing is pending', () => {
    const run = simulate(new Script().operation(at(0), 'c1', write('k', '1')), beating({ request(context, _state, request) { context.reply(request, 'ok', ''); } }));
    expect(run.end).toBe('done');
    expect(run.endUs).toBeLessThan(400 * MS);
  });

  it('is cycling where an operation waits for ever', () => {
    const run = simulate(new Script().operation(at(0), 'c1', write('k', '1'), { to: 'A' }), beating());
    expect(run.end).toBe('cycling');
    expect(run.endUs).toBeLessThan(500 * MS);
  });

  it('is found through clients that ask round and round', () => {
    const run = simulate(new Script().operation(at(0), 'c1', write('k', '1')), toy({ request: silent }));
    expect(run.end).toBe('cycling');
  });

  it('is found without timers', () => {
    const run = simulate(new Script({ nodes: ['A', 'B', 'C'] }).operation(at(0), 'c1', write('k', '1'), { to: 'A' }), toy({
      start(context) { if (context.self === 0) context.send(1, toyMessage('token')); },
      message(context, state, _from, message) { state.got = state.got.before(0); context.send((context.self + 1) % 3, message); },
      request: silent,
    }));
    expect(run.end).toBe('cycling');
  });

  it('counts epochs from the least that lives', () => {
    const run = simulate(new Script().operation(at(0), 'c1', write('k', '1'), { to: 'A' }), duelling(() => 0));
    expect(run.end).toBe('cycling');
    expect(run.endUs).toBeLessThan(2000 * MS);
  });

  it('does not wait for a node that is down for good', () => {
    const script = new Script().operation(at(0), 'c1', write('k', '1'), { to: 'A' }).fault(at(250), { kind: 'crash', node: 2, losing: undefined, point: undefined });
    const run = simulate(script, duelling(() => 0));
    expect(run.end).toBe('cycling');
    expect(run.endUs).toBeGreaterThan(250 * MS);
  });

  it('counts ages of moments up to a horizon only', () => {
    const machine = (horizonUs: number | undefined): Machine<NodeState, Message> => {
      const inner = beating();
      return { ...inner, hash(state, hasher) { inner.hash(state, hasher); hasher.time(0, horizonUs); } };
    };
    const script = new Script({ runToUs: 2000 * MS }).operation(at(0), 'c1', write('k', '1'), { to: 'A' });
    expect(simulate(script, machine(300 * MS)).end).toBe('cycling');
    expect(simulate(script, machine(undefined)).end).toBe('horizon');
  });

  it('is noticed though a `when` still waits, and never though `#N` still counts', () => {
    const event = (nth: number | undefined, message: string) => ({ kind: 'when', event: { kind: 'delivery', from: 0, to: 1, message, nth } }) as const;
    const script = (nth: number | undefined, message: string): Script => new Script().operation(at(0), 'c1', write('k', '1'), { to: 'A' })
      .fault(event(nth, message), { kind: 'crash', node: 1, losing: undefined, point: undefined });
    expect(simulate(script(undefined, 'other'), beating()).end).toBe('cycling');
    expect(lines(simulate(script(40, 'beat'), beating()), 'crash')).toEqual(['2010ms B crash']);
  });
});

describe('a world that does not come back', () => {
  const pending = (): Script => new Script({ runToUs: 3000 * MS }).operation(at(0), 'c1', write('k', '1'), { to: 'A' });

  it('is one whose state grows', () => {
    expect(simulate(pending(), beating({ message: () => { /* `got` grows */ } })).end).toBe('horizon');
  });

  it('is one whose messages carry a number that might be an epoch', () => {
    expect(simulate(pending(), duelling((_state, epoch) => epoch)).end).toBe('horizon');
  });

  it('unless the protocol says which of a message’s numbers are epochs', () => {
    const machine: Machine<NodeState, Message> = {
      ...duelling((_state, epoch) => epoch),
      hashMessage(message, hasher) { hasher.text(message.type); hasher.epoch(message.epoch); hasher.epoch((message as unknown as { hops: number }).hops); },
    };
    expect(simulate(pending(), machine).end).toBe('cycling');
  });

  it('is one in which random numbers are drawn', () => {
    const jitter = beating({ timer(context) { context.setTimer('beat', 50 * MS + context.random('jitter', 2)); } });
    expect(simulate(pending(), jitter).end).toBe('horizon');
    const script = new Script({ runToUs: 3000 * MS, network: { loss: 0.5 } }).operation(at(0), 'c1', write('k', '1'), { to: 'A' });
    expect(simulate(script, beating()).end).toBe('horizon');
  });

  it('is one with something of the script to come', () => {
    const run = simulate(pending().fault(at(2500), { kind: 'heal' }), beating());
    expect(run.end).toBe('cycling');
    expect(run.endUs).toBeGreaterThan(2500 * MS);
  });

  it('is one whose timers count down', () => {
    const countdown = toy({
      start(context, state) { state.disk = { count: 50 }; if (context.self === 0) context.setTimer('tick', 10 * MS); },
      timer(context, state) { state.disk = { count: state.disk.count - 1 }; if (state.disk.count > 0) context.setTimer('tick', 10 * MS); },
      request: silent,
    });
    const run = simulate(pending(), countdown);
    expect([run.end, run.endUs]).toEqual(['stuck', 500 * MS]);
  });
});

describe('budgets', () => {
  it('end a run that makes no time', () => {
    const loop: Hooks = {
      start(context) { context.setTimer('again', 0); },
      timer(context, state) { state.disk = { count: state.disk.count + 1 }; context.setTimer('again', 0); },
    };
    const run = simulate(new Script(), toy(loop), 5000);
    expect([run.end, run.endUs]).toEqual(['budget', 0]);
    expect(lines(run, 'end')).toEqual(['0ms end (budget)']);
  });

  it('end a flood', () => {
    const flood = toy({
      start(context) { context.send(context.self, toyMessage('x')); },
      message(context, _state, _from, message) { context.send(0, message); context.send(1, message); },
    });
    expect(simulate(new Script({ network: { delays: [{ from: -1, to: -1, minUs: 0, maxUs: 0 }] } }), flood, 20000).end).toBe('budget');
  });

  it('do not count against a world that stands still at one instant: it is seen to come back', () => {
    const run = simulate(new Script().fault(ALWAYS, { kind: 'heal' }), toy({ start(context) { context.setTimer('again', 0); }, timer(context) { context.setTimer('again', 0); } }), 5000);
    expect(run.end).toBe('done');
  });
});
