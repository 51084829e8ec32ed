import { describe, expect, it } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import type { ClockName, Machine, Message, NodeState } from '../../server/src/engine/protocol.ts';
import type { Run } from '../../server/src/engine/run.ts';
import { at, lines, MS, Script, simulate, toy, toyMessage, write, type Plan } from './toys.ts';

const AB: Plan = { nodes: ['A', 'B'], clients: [] };
const CLOCKS: readonly ClockName[] = ['monotonic', 'wall', 'ticks'];

/** A says what its clocks show, in ms, whenever B's message comes: at 10, 20, … true ms. */
const telling = (): Machine<NodeState, Message> => toy({
  start(context) { if (context.self === 1) for (let ms = 0; ms < 100; ms += 10) context.setTimer('ask', ms * MS, ms); },
  timer(context) { context.send(0, toyMessage('ask')); },
  message(context) { if (context.self === 0) context.emit('apply', { text: CLOCKS.map((clock) => context.clockUs(clock) / MS).join(' ') }); },
});

const shown = (script: Script): readonly string[] => lines(simulate(script, telling()), 'apply').map((line) => line.replace(' A apply', ''));

describe('a node’s clocks', () => {
  it('agree where nothing befalls them', () => {
    expect(shown(new Script(AB)).slice(0, 2)).toEqual(['10ms 10 10 10', '20ms 20 20 20']);
  });

  it('run at one rate, and a jump moves the wall clock alone', () => {
    const script = new Script(AB).fault(at(15), { kind: 'clock-runs', node: 0, rate: 0.5 }).fault(at(35), { kind: 'clock-jumps', node: 0, byUs: -1000 * MS });
    expect(shown(script).slice(0, 4)).toEqual(['10ms 10 10 10', '20ms 17.5 17.5 17.5', '30ms 22.5 22.5 22.5', '40ms 27.5 -972.5 27.5']);
  });

  it('go on in a pause, but for the ticks', () => {
    const script = new Script(AB).fault(at(25), { kind: 'pause', node: 0, durationUs: 30 * MS });
    expect(shown(script)).toEqual(['10ms 10 10 10', '20ms 20 20 20', '55ms 55 55 25', '55ms 55 55 25', '55ms 55 55 25', '60ms 60 60 30', '70ms 70 70 40', '80ms 80 80 50', '90ms 90 90 60', '100ms 100 100 70']);
  });

  it('lose the ticks of a pause that a crash ends', () => {
    const script = new Script(AB).fault(at(25), { kind: 'pause', node: 0, durationUs: undefined }).fault(at(45), { kind: 'crash', node: 0, losing: undefined, point: undefined })
      .fault(at(55), { kind: 'restart', node: 0 });
    expect(shown(script).at(2)).toBe('60ms 60 60 40');
  });
});

/** At 10 ms A takes a lease of 40 ms of its clock, reckoned from 5 ms before. */
const leasing = (clock: ClockName, drops = false): Machine<NodeState, Message> => toy({
  start(context) { if (context.self === 0) { context.setTimer('lease', 10 * MS); context.setTimer('end', 30 * MS); } },
  timer(context, _state, name) {
    const nowUs = context.clockUs(clock);
    if (name === 'lease') context.holdLease({ epoch: 1, clock, fromUs: nowUs - 5 * MS, untilUs: nowUs + 35 * MS, waitUs: 60 * MS });
    else if (drops) context.dropLease();
  },
});

/** `at: from..to`, true ms. */
function leases({ log }: Run): readonly string[] {
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.lease).map((i) => `${log.timeUs(i) / MS}: ${log.a(i) / MS}..${log.b(i) / MS}`);
}

describe('a lease', () => {
  it('is recorded in true time, with its length and the others’ wait by their clocks', () => {
    const run = simulate(new Script({ ...AB, runToUs: 100 * MS }), leasing('monotonic')), { log } = run;
    expect(leases(run)).toEqual(['10: 5..45']);
    const event = Array.from({ length: log.length }, (_, i) => i).find((i) => log.kind(i) === EVENT.lease)!;
    expect([log.epoch(event), log.message(event), log.slot(event)]).toEqual([1, 40 * MS, 60 * MS]);
  });

  it.each([
    ['monotonic', ['10: 5..45']],
    ['wall', ['10: 5..45', '20: 5..120', '60: 5..60', '80: 80..140']],
    ['ticks', ['10: 5..45']],
  ] as const)('by the %s clock is recorded again where that clock is set', (clock, expected) => {
    const jump = (byMs: number) => ({ kind: 'clock-jumps', node: 0, byUs: byMs * MS } as const);
    const script = new Script({ ...AB, runToUs: 200 * MS }).fault(at(20), jump(-75)).fault(at(60), jump(200)).fault(at(80), jump(-220));
    expect(leases(simulate(script, leasing(clock)))).toEqual(expected);
  });

  it.each([['monotonic', ['10: 5..45']], ['ticks', ['10: 5..45', '70: 5..95']]] as const)('by the %s clock is recorded again after a pause', (clock, expected) => {
    const script = new Script({ ...AB, runToUs: 200 * MS }).fault(at(20), { kind: 'pause', node: 0, durationUs: 50 * MS });
    expect(leases(simulate(script, leasing(clock)))).toEqual(expected);
  });

  it('lasts longer on a clock that slows down, and ends where its holder gives it up', () => {
    const script = (): Script => new Script({ ...AB, runToUs: 200 * MS }).fault(at(25), { kind: 'clock-runs', node: 0, rate: 0.5 });
    expect(leases(simulate(script(), leasing('monotonic')))).toEqual(['10: 5..45', '25: 5..65']);
    expect(leases(simulate(script(), leasing('monotonic', true)))).toEqual(['10: 5..45', '25: 5..65', '35: 5..35']);
  });
});

describe('moments in messages', () => {
  /** A beats and says when; B gives it back; A remembers how old the last answer was. */
  const echoing = (): Machine<NodeState, Message> => toy({
    start(context) { if (context.self === 0) context.setTimer('beat', 50 * MS); },
    timer(context) { context.send(1, { ...toyMessage('beat'), sentUs: context.nowUs }); context.setTimer('beat', 50 * MS); },
    message(context, state, from, message) {
      state.got = state.got.before(0);
      if (context.self === 1 && message.sentUs !== undefined) context.send(from, { ...toyMessage('echo'), sentUs: message.sentUs });
    },
    request: () => { /* never answers */ },
  });

  it('keep no rounds apart that differ only in when they were', () => {
    const run = simulate(new Script({ nodes: ['A', 'B'], clients: ['c1'] }).operation(at(0), 'c1', write('k', '1'), { to: 'A' }), echoing());
    expect(run.end).toBe('cycling');
    expect(run.endUs).toBeLessThan(1000 * MS);
  });
});
