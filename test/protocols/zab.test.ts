/** Zab, by the phases of the paper (Junqueira, Reed and Serafini 2011, section V); then storms, and the storms' canaries. */
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { ranDocument } from './documentRun.ts';


/** One scenario after its header; three processes and two clients. */
function ran(lines: readonly string[], knobs = '') {
  const base = ranDocument('zab', ['nodes A B C', 'clients c1 c2'], lines, knobs), { run, log, events } = base;
  return {
    ...base,
    /** `node epoch` of each event of a kind. */
    all: (kind: keyof typeof EVENT) => events.filter((i) => log.kind(i) === EVENT[kind]).map((i) => `${run.names[log.node(i)]} ${log.epoch(i)}`),
    /** The words sent between two processes, in order, without the pings. */
    said: () => events.filter((i) => log.kind(i) === EVENT.send && !/^(ping|pong|notification)$/.test(log.word(i)) && log.node(i) < 3 && log.peer(i) < 3)
      .map((i) => `${run.names[log.node(i)]} -> ${run.names[log.peer(i)]} ${log.word(i)}`),
    histories: () => run.finalViews.map((view) => view.log.map(({ epoch, content }) => `${epoch}: ${content}`).join(', ')),
  };
}

describe('phase 0, election', () => {
  test('the last zxid leads, and among equals the last process', () => {
    expect(ran(['at 100ms crash A', 'run to 1s']).all('leads')).toEqual(['A 1', 'C 2']);
    expect(ran(['cut A -> C', 'at 10ms c1 writes k = 1', 'at 60ms crash A', 'run to 1s']).all('leads')).toEqual(['A 1', 'B 2']);
  });

  test('a follower that suspects a leader which lives joins it again', () => {
    const { all, said } = ran(['at 100ms timeout B', 'run to 400ms']);
    expect(all('leads')).toEqual(['A 1']);
    expect(said()).toEqual(['B -> A cepoch', 'A -> B newepoch', 'B -> A ack-e', 'A -> B newleader', 'B -> A ack-ld', 'A -> B commit-ld']);
  });

  test('a leader without a quorum gives up, and comes back as a follower', () => {
    const { all, run } = ran(['at 100ms isolate A', 'at 1s heal', 'run to 2s']);
    expect(all('stepsDown')).toEqual(['A 1']);
    expect(run.finalViews.map(({ role, epoch }) => `${role} ${epoch}`)).toEqual(['following 2', 'following 2', 'leading 2']);
  });
});

describe('phases 1 and 2, discovery and synchronisation', () => {
  test('three round trips make a leader', () => {
    const { said } = ran(['at 100ms crash A', 'run to 1s']);
    const steps = said().filter((words) => words !== 'B -> C cepoch');
    expect(steps).toEqual(['C -> B newepoch', 'B -> C ack-e', 'C -> B newleader', 'B -> C ack-ld', 'C -> B commit-ld']);
  });

  test('a new epoch is accepted before anything else of it happens', () => {
    const { all } = ran(['at 100ms crash A', 'run to 1s']);
    expect(all('promise')).toEqual(['C 2', 'B 2']);
  });

  test('what one follower of the old leader had is in the new history, and committed', () => {
    const { histories, codes } = ran(['cut A -> B', 'at 10ms c1 writes k = 1', 'at 35ms crash A', 'at 40ms heal', 'at 1s restart A', 'run to 2s']);
    expect(histories()).toEqual(['1: k = 1', '1: k = 1', '1: k = 1']);
    expect(codes).toEqual([]);
  });

  test('what the old leader alone had is dropped', () => {
    const lines = ['at 100ms partition {A c1} | {B C c2}', 'at 110ms c1 writes k = 1 to A within 50ms', 'at 150ms crash A', 'at 600ms c2 writes k = 2', 'at 900ms heal', 'at 1s restart A', 'run to 2s'];
    const { histories, all, codes } = ran(lines);
    expect(histories()).toEqual(['2: k = 2', '2: k = 2', '2: k = 2']);
    expect(all('truncate')).toEqual(['A 2']);
    expect(codes).toEqual([]);
    expect(ran(lines, 'truncate off').histories()[0]).toBe('1: k = 1');
  });
});

describe('phase 3, broadcast', () => {
  test('propose, ack, commit, once each', () => {
    const { said, histories } = ran(['at 10ms c1 writes k = 1', 'run to 100ms']);
    expect(said()).toEqual(['A -> B propose', 'A -> C propose', 'B -> A ack', 'C -> A ack', 'A -> B commit', 'A -> C commit']);
    expect(histories()).toEqual(['1: k = 1', '1: k = 1', '1: k = 1']);
  });

  test.each(['A -> B propose', 'B -> A ack', 'A -> B commit'])('%s: one that is lost is made good', (message) => {
    const { unmet, codes } = ran(['cut A -> C', `drop ${message} #1`, 'at 10ms w1: c1 writes k = 1', 'at 200ms heal', 'run to 2s', 'expect w1 acked by 150ms', 'expect k = 1 on A B C']);
    expect(codes).toEqual([]);
    expect(unmet).toEqual([]);
  });

  test('a request repeated after its leader died is executed once', () => {
    const lines = ['hold A -> c1 ok until released', 'at 10ms w1: c1 adds 5 to k', 'at 75ms crash A', 'at 1s r1: c2 reads k', 'run to 2s', 'expect w1 acked'];
    expect(ran([...lines, 'expect r1 = 5']).unmet).toEqual([]);
    expect(ran([...lines, 'expect r1 = 10', 'expect duplicate-execution'], 'sessions off').unmet).toEqual([]);
  });

  test('a leader that was replaced answers reads only by asking', () => {
    const lines = ['timeouts A=900ms B=100ms C=150ms', 'at 10ms w1: c1 writes k = 1', 'at 100ms partition {A c1} | {B C c2}', 'at 600ms w2: c2 writes k = 2', 'at 850ms r1: c1 reads k within 50ms', 'run to 2s'];
    expect(ran(lines).codes).toEqual([]);
    expect(ran(lines, 'read-path leader-local').codes).toContain('stale-read');
  });
});

// --- Storms -----------------------------------------------------------------------------------------------------------
