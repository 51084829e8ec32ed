import { describe, expect, it } from 'vitest';
import { at, lines, MS, Script, simulate, toy, toyMessage, write } from './toys.ts';

const pings = toy({
  start(context) { if (context.self === 0) context.setTimer('beat', 0); },
  timer(context) {
    for (let to = 1; to < context.nodeCount; to++) context.send(to, toyMessage('ping', 'x'));
    context.setTimer('beat', 50 * MS);
  },
  message(context, _state, from, message) { if (message.type === 'ping') context.send(from, toyMessage('pong')); },
});

describe('Simulation', () => {
  it('delivers messages after 10 ms and stops when the world repeats', () => {
    const run = simulate(new Script({ nodes: ['A', 'B'] }), toy({
      start(context) { if (context.self === 0) context.send(1, toyMessage('ping', 'x')); },
      message(context, _state, from, message) { if (message.type === 'ping') context.send(from, toyMessage('pong')); },
    }));
    expect(lines(run)).toEqual([
      '0ms config',
      '0ms A send ping x >B', '10ms B receive ping x <A', '10ms B send pong >A', '20ms A receive pong <B', '20ms end (done)',
    ]);
  });

  it('runs to the horizon where it never repeats', () => {
    const run = simulate(new Script({ nodes: ['A', 'B'], runToUs: 120 * MS }), pings);
    expect(run.end).toBe('horizon');
    expect(run.endUs).toBe(120 * MS);
    expect(lines(run, 'receive')).toEqual([
      '10ms B receive ping x <A', '20ms A receive pong <B', '60ms B receive ping x <A', '70ms A receive pong <B', '110ms B receive ping x <A', '120ms A receive pong <B',
    ]);
  });

  it('answers clients', () => {
    const run = simulate(new Script().operation(at(5), 'c1', write('k', '1')), toy({}));
    expect(lines(run, 'invoke', 'ok', 'send', 'receive')).toEqual([
      '5ms c1 invoke write k = 1', '5ms c1 send write k = 1 >A', '15ms A receive write k = 1 <c1', '15ms A send ok >c1', '25ms c1 receive ok <A', '25ms c1 ok <A',
    ]);
    expect(run.end).toBe('done');
  });

  it('crashes and restarts', () => {
    const script = new Script({ runToUs: 300 * MS })
      .fault(at(25), { kind: 'crash', node: 1, losing: undefined, point: undefined })
      .fault(at(130), { kind: 'restart', node: 1 });
    const run = simulate(script, pings);
    expect(lines(run, 'crash', 'restart', 'lost')).toEqual(['25ms B crash', '60ms A lost ping x >B (B is down)', '110ms A lost ping x >B (B is down)', '130ms B restart']);
  });
});
