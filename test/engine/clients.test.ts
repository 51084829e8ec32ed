import { describe, expect, it } from 'vitest';
import type { FaultModel } from '../../server/src/model/scenario.ts';
import { ALWAYS, at, lines, MS, Script, simulate, toy, write, type Hooks } from './toys.ts';

/** Only node `leader` answers; the others send the client there, or say nothing. */
const ledBy = (leader: number, othersRedirect: boolean): Hooks => ({
  firstLeader: 0,
  request(context, _state, request) {
    if (context.self === leader) context.reply(request, 'ok', '');
    else if (othersRedirect) context.redirect(request, leader);
  },
});
const W1 = write('k', '1');
const down = (node: number): FaultModel => ({ kind: 'crash', node, losing: undefined, point: undefined });

describe('a client that looks for the leader', () => {
  it('follows a redirect at once and remembers who answered', () => {
    const script = new Script().operation(at(0), 'c1', W1).operation(at(100), 'c1', W1);
    expect(lines(simulate(script, toy(ledBy(2, true))), 'send', 'ok')).toEqual([
      '0ms c1 send write k = 1 >A', '10ms A send redirect C >c1', '20ms c1 send write k = 1 >C', '30ms C send ok >c1', '40ms c1 ok <C',
      '100ms c1 send write k = 1 >C', '110ms C send ok >c1', '120ms c1 ok <C',
    ]);
  });

  it('asks the next node after 100 ms of silence, round and round, as the same session and number', () => {
    const asked: string[] = [];
    const machine = toy({
      ...ledBy(1, false),
      request(context, state, request) {
        asked.push(`${context.self} session ${request.session} #${request.sequence}`);
        if (asked.length === 5) context.reply(request, 'ok', '');
      },
    });
    expect(lines(simulate(new Script().operation(at(0), 'c1', W1), machine), 'receive', 'ok')).toEqual([
      '10ms A receive write k = 1 <c1', '110ms B receive write k = 1 <c1', '210ms C receive write k = 1 <c1', '310ms A receive write k = 1 <c1',
      '410ms B receive write k = 1 <c1', '420ms c1 receive ok <B', '420ms c1 ok <B',
    ]);
    expect(asked).toEqual([0, 1, 2, 0, 1].map((node) => `${node} session 3 #1`));
  });

  it('starts its patience anew with a redirect, and ignores one from a node that it has given up', () => {
    const script = new Script().fault(ALWAYS, { kind: 'slow', from: 0, to: 3, byUs: 85 * MS }).operation(at(0), 'c1', W1);
    const machine = toy({ firstLeader: 0, request(context, _state, request) { if (context.self === 0) context.redirect(request, 2); } });
    const run = simulate(new Script().operation(at(0), 'c1', W1), toy({ request(context, _state, request) { if (context.self === 0) context.redirect(request, 2); } }));
    expect(lines(run, 'send').slice(0, 7)).toEqual([
      '0ms c1 send write k = 1 >A', '10ms A send redirect C >c1', '20ms c1 send write k = 1 >C', '120ms c1 send write k = 1 >A', '130ms A send redirect C >c1',
      '140ms c1 send write k = 1 >C', '240ms c1 send write k = 1 >A',
    ]);
    expect(run.end).toBe('cycling');
    expect(lines(simulate(script, machine), 'discard')[0]).toBe('105ms c1 discard redirect C <A (the client has gone on to ask B)');
  });

  it('gives up after `within`, having asked everywhere', () => {
    const run = simulate(new Script().operation(at(0), 'c1', W1, { withinUs: 250 * MS }), toy(ledBy(-1, false)));
    expect(lines(run, 'send', 'info')).toEqual([
      '0ms c1 send write k = 1 >A', '100ms c1 send write k = 1 >B', '200ms c1 send write k = 1 >C', '250ms c1 info >C (no answer in time: it may have happened, or not)',
    ]);
    expect(run.end).toBe('done');
  });
});

describe('a client that stays with a node', () => {
  it('asks once and waits for ever', () => {
    const run = simulate(new Script().fault(ALWAYS, down(0)).operation(at(0), 'c1', W1, { to: 'A' }), toy({}));
    expect(lines(run, 'send', 'lost', 'end')).toEqual(['0ms c1 send write k = 1 >A', '10ms c1 lost write k = 1 >A (A is down)', '10ms end (stuck)']);
  });

  it('ignores a redirect, aloud', () => {
    const run = simulate(new Script().operation(at(0), 'c1', W1, { to: 'A' }), toy(ledBy(2, true)));
    expect(lines(run, 'receive', 'discard').slice(1)).toEqual(['20ms c1 receive redirect C <A', '20ms c1 discard redirect C <A (the client stays with A)']);
    expect(run.end).toBe('stuck');
  });

  it('gives up after `within`; a late answer is ignored', () => {
    const script = new Script().fault(ALWAYS, { kind: 'slow', from: 0, to: 3, byUs: 300 * MS }).operation(at(0), 'c1', W1, { to: 'A', withinUs: 300 * MS });
    const run = simulate(script, toy({}));
    expect(lines(run, 'info', 'ok', 'discard')).toEqual([
      '300ms c1 info >A (no answer in time: it may have happened, or not)', '320ms c1 discard ok <A (the operation is over)',
    ]);
    expect(run.end).toBe('done');
  });

  it('retries the same node, as the same operation, and never gives up', () => {
    const script = new Script().fault(ALWAYS, { kind: 'drop', messages: { from: 3, to: 0, message: 'write', nth: 1 } })
      .fault(ALWAYS, { kind: 'drop', messages: { from: 0, to: 3, message: 'ok', nth: 1 } }).operation(at(0), 'c1', W1, { to: 'A', withinUs: 100 * MS, retrying: true });
    const sequences: number[] = [];
    const machine = toy({ request(context, _state, request) { sequences.push(request.sequence); context.reply(request, 'ok', ''); } });
    expect(lines(simulate(script, machine), 'send', 'ok')).toEqual([
      '0ms c1 send write k = 1 >A', '100ms c1 send write k = 1 >A', '110ms A send ok >c1', '200ms c1 send write k = 1 >A', '210ms A send ok >c1', '220ms c1 ok <A',
    ]);
    expect(sequences).toEqual([1, 1]);
  });
});

describe('operations', () => {
  it('of one client may be under way together, each with its number', () => {
    const sequences: string[] = [];
    const machine = toy({ request(context, _state, request) { sequences.push(`${request.op}:${request.sequence}`); context.reply(request, 'ok', ''); } });
    const run = simulate(new Script().operation(at(0), 'c1', W1).operation(at(1), 'c1', W1).operation(at(2), 'c2', W1), machine);
    expect(lines(run, 'invoke', 'ok')).toHaveLength(6);
    expect(sequences).toEqual(['0:1', '1:2', '2:1']);
  });

  it('end with the first answer', () => {
    const machine = toy({ request(context, _state, request) { context.reply(request, 'failed', ''); context.reply(request, 'ok', '5'); } });
    const run = simulate(new Script().operation(at(0), 'c1', { kind: 'read', key: 'k' }), machine);
    expect(lines(run, 'invoke', 'send', 'ok', 'fail', 'discard')).toEqual([
      '0ms c1 invoke read k', '0ms c1 send read k >A', '10ms A send failed >c1', '10ms A send ok 5 >c1', '20ms c1 fail <A', '20ms c1 discard ok 5 <A (the operation is over)',
    ]);
  });

  it('carry their value in the answer', () => {
    const run = simulate(new Script().operation(at(0), 'c1', { kind: 'read', key: 'k' }), toy({ request(context, _state, request) { context.reply(request, 'ok', '5'); } }));
    expect(lines(run, 'ok')).toEqual(['20ms c1 ok 5 <A']);
  });

  it('say what they are about', () => {
    const script = new Script().operation(at(0), 'c1', { kind: 'add', key: 'k', amount: 5 }).operation(at(1), 'c1', { kind: 'cas', key: 'k', from: '1', to: '2' })
      .operation(at(2), 'c1', { kind: 'delete', key: 'k' }).operation(at(3), 'c1', { kind: 'append', key: 'k', value: '7' });
    expect(lines(simulate(script, toy({})), 'invoke')).toEqual([
      '0ms c1 invoke add 5 to k', '1ms c1 invoke cas k 1 -> 2', '2ms c1 invoke delete k', '3ms c1 invoke append 7 to k',
    ]);
  });

  it('are bound by partitions like everybody else', () => {
    const script = new Script().fault(ALWAYS, { kind: 'partition', groups: [[0, 1, 2], [3]] }).operation(at(0), 'c1', W1, { to: 'A' });
    expect(lines(simulate(script, toy({})), 'lost')).toEqual(['10ms c1 lost write k = 1 >A (the partition)']);
  });
});
