/** ZooKeeper's primitives above Zab, by the guarantees of the paper (Hunt, Konar, Junqueira and Reed 2010, sections 2.1 to 2.4). */
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { applyCall, EMPTY_TREE, type Tree } from '../../server/src/protocols/zab/znodes.ts';
import { runOf } from './scenarios.ts';
import { sessionStormOf, stepOf } from './sessionStorm.ts';
import { randomOf } from './storm.ts';
import type { SessionCall } from '../../server/src/model/sessions.ts';
import { ranDocument } from './documentRun.ts';

/** One scenario after its header; three servers and three clients, whose sessions are at A, B and C. */
function ran(lines: readonly string[], knobs = '') {
  const base = ranDocument('zab', ['nodes A B C', 'clients c1 c2 c3'], lines, knobs), { run, log, events } = base;
  return {
    ...base,
    /** What a client received, in order, without the signs of life. */
    heard: (client: string) => events.filter((i) => log.kind(i) === EVENT.receive && run.names[log.node(i)] === client && log.word(i) !== 'touched')
      .map((i) => `${log.word(i)} ${log.text(i)}`.trimEnd()),
    said: (word: string) => events.filter((i) => log.kind(i) === EVENT.send && log.word(i) === word).map((i) => `${run.names[log.node(i)]} -> ${run.names[log.peer(i)]}`),
    applied: (node: string) => events.filter((i) => log.kind(i) === EVENT.apply && run.names[log.node(i)] === node).map((i) => log.text(i)),
  };
}

describe('2.1, the tree', () => {
  /** The outcomes of calls in one session, one transaction each. */
  function done(...calls: readonly SessionCall[]): { readonly tree: Tree; readonly values: readonly string[] } {
    let { tree } = applyCall(EMPTY_TREE, { kind: 'open' }, { session: 0, client: 3, zxid: 1 });
    const values = calls.map((call, index) => {
      const result = applyCall(tree, call, { session: 1, client: 3, zxid: index + 2 });
      ({ tree } = result);
      return `${result.outcome} ${result.value}`.trimEnd();
    });
    return { tree, values };
  }
  const create = (path: string, more: Partial<Extract<SessionCall, { kind: 'create' }>> = {}): SessionCall => ({ kind: 'create', path, value: '', ephemeral: false, sequential: false, ...more });

  test('a sequential name counts up under its parent, whatever was removed', () => {
    const { values } = done(create('/q'), create('/q/a-', { sequential: true }), create('/q/b-', { sequential: true }), { kind: 'remove', path: '/q/b-0000000001', version: -1 }, create('/q/a-', { sequential: true }));
    expect(values).toEqual(['ok /q', 'ok /q/a-0000000000', 'ok /q/b-0000000001', 'ok', 'ok /q/a-0000000002']);
  });

  test('versions: -1 is any, another one than there is fails', () => {
    const set = (version: number): SessionCall => ({ kind: 'set', path: '/a', value: 'x', version });
    const { values } = done(create('/a'), set(-1), set(0), set(1), { kind: 'remove', path: '/a', version: 1 }, { kind: 'remove', path: '/a', version: 2 });
    expect(values).toEqual(['ok /a', 'ok', 'failed its version is 1', 'ok', 'failed its version is 2', 'ok']);
  });

  test('no child without its parent, no parent away under its children, no children under ephemerals', () => {
    const { values } = done(create('/a/b'), create('/a'), create('/a/b'), { kind: 'remove', path: '/a', version: -1 }, create('/e', { ephemeral: true }), create('/e/x'), create('/a'));
    expect(values.map((value) => value.split(' ')[0])).toEqual(['failed', 'ok', 'ok', 'failed', 'ok', 'failed', 'failed']);
  });

  test('with the session go its ephemerals, and nobody changes anything in it any more', () => {
    const { tree, values } = done(create('/e', { ephemeral: true }), create('/p'), { kind: 'close' }, create('/x'));
    expect([...tree.nodes.keys()]).toEqual(['/', '/p']);
    expect(values.at(-1)).toBe('failed the session is over');
  });
});

describe('transactions (multi)', () => {
  const TWO = 'at 0ms c1 does { creates /a = 1; creates /b = 1 }';

  test('all of it in one transaction of the log, under one zxid', () => {
    const { applied, unmet, run } = ran([TWO, 'at 200ms m1: c2 does { checks /a if version 0; sets /a = 2; removes /b if version 0; creates /q/n- sequential }', 'at 300ms m2: c2 does { creates /q; creates /q/n- = x sequential; creates /q/n- sequential; sets /a = 3 if version 0 }', 'run to 1s',
      'expect m1 failed', 'expect m2 = "/q; /q/n-0000000000; /q/n-0000000001; ok"', 'expect /a = 3 on A B C', 'expect /b = 1 on A B C']);
    expect(unmet).toEqual([]);
    for (const node of ['A', 'B', 'C']) expect(applied(node).filter((text) => text.startsWith('multi'))).toEqual(['multi create /a = 1; create /b = 1',
      'multi check /a if version 0; set /a = 2; remove /b if version 0; create /q/n- sequential', 'multi create /q; create /q/n- = x sequential; create /q/n- sequential; set /a = 3 if version 0']);
    expect([...run.finalViews[1]!.values.keys()]).toEqual(['/a', '/b', '/q', '/q/n-0000000000', '/q/n-0000000001']);
  });

  test('where one step fails none has happened, and each is told what became of it', () => {
    const { heard, unmet } = ran([TWO, 'at 200ms m1: c1 does { sets /a = 2; removes /b; checks /a if version 0; creates /c }', 'at 300ms m2: c1 does { checks /nowhere; sets /a = 5 }', 'run to 1s',
      'expect m1 failed', 'expect m2 failed', 'expect /a = 1 on A B C', 'expect /b = 1 on A B C', 'expect /c = nil on A B C']);
    expect(unmet).toEqual([]);
    expect(heard('c1').filter((text) => text.startsWith('failed'))).toEqual(['failed taken back; taken back; its version is 1; not tried', 'failed there is no such znode; not tried']);
  });

  test('watches are told of each znode once, and of nothing that was taken back', () => {
    const { heard } = ran([TWO, 'at 100ms c2 gets /a watching', 'at 100ms c2 lists / watching', 'at 200ms c1 does { sets /a = 2; creates /b }', 'at 300ms c1 does { sets /a = 2; creates /c; creates /d; sets /a = 3 }', 'run to 1s']);
    expect(heard('c2').filter((text) => text.startsWith('event'))).toEqual(['event /a changed', 'event children of / changed']);
  });

  test('a connection that is lost leaves its outcome open, and an ephemeral of it goes with the session', () => {
    const { unmet, run } = ran([TWO, 'at 200ms m1: c1 does { creates /e ephemeral; sets /a = 2 }', 'drop A -> c1 ok #2', 'at 1s c1 closes', 'run to 2s', 'expect m1 unanswered', 'expect /a = 2 on A B C']);
    expect(unmet).toEqual([]);
    expect(run.finalViews[0]!.values.has('/e')).toBe(false);
  });

  test('two znodes that only transactions change are alike at every server at every moment, whoever crashes', () => {
    const pair = (value: number) => `at ${100 + 40 * value}ms c${1 + value % 3} does { sets /a = ${value}; sets /b = ${value} }`;
    const { run: { log, names, finalViews } } = ran([TWO, ...Array.from({ length: 12 }, (_, index) => pair(index)), 'at 230ms crash A', 'at 700ms restart A', 'at 400ms pause B for 200ms', 'run to 3s']);
    const applied = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT.apply && log.text(i).startsWith('multi set'));
    expect(new Set(applied.map((i) => names[log.node(i)])).size).toBe(3);
    for (const { values } of finalViews) expect(values.get('/a')).toBe(values.get('/b'));
  });

  test('the whole of it changes what a tree is, or nothing does', () => {
    const start = applyCall(applyCall(EMPTY_TREE, { kind: 'open' }, { session: 0, client: 3, zxid: 1 }).tree, { kind: 'create', path: '/a', value: '0', ephemeral: false, sequential: false }, { session: 1, client: 3, zxid: 2 }).tree;
    const caller = { session: 1, client: 3, zxid: 3 };
    let failures = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = randomOf(seed), steps = Array.from({ length: 1 + random(4) }, () => stepOf(random, seed));
      const whole = applyCall(start, { kind: 'multi', steps }, caller);
      // The twin: one call after the other, as far as each works; a check is a set of what is there.
      let tree: Tree | undefined = start;
      for (const step of steps) {
        if (tree === undefined) break;
        const { outcome, tree: after } = applyCall(tree, step.kind === 'check' ? { ...step, kind: 'set', value: '' } : step, caller);
        tree = outcome === 'failed' ? undefined : step.kind === 'check' ? tree : after;
      }
      if (tree === undefined) failures++;
      expect(whole.outcome, `seed ${seed}`).toBe(tree === undefined ? 'failed' : 'ok');
      expect([...whole.tree.nodes], `seed ${seed}`).toEqual([...(tree ?? start).nodes]);
      expect(whole.value.split('; ')).toHaveLength(steps.length);
      if (tree === undefined) expect(whole.changes).toEqual([]);
    }
    expect(failures).toBeGreaterThan(50);
    expect(failures).toBeLessThan(350);
  });
});

describe('2.1, watches', () => {
  test('an event comes once, and before the answer that shows the change', () => {
    const { heard } = ran(['at 0ms c1 creates /a = 1', 'at 200ms c2 gets /a watching', 'at 300ms c1 sets /a = 2', 'at 400ms c1 sets /a = 3', 'at 345ms c2 gets /a', 'run to 1s']);
    expect(heard('c2')).toEqual(['connected session 3', 'ok 1', 'event /a changed', 'ok 2']);
  });

  test('a client is told of its own change before the answer', () => {
    expect(ran(['at 0ms c1 creates /a = 1', 'at 100ms c1 gets /a watching', 'at 200ms c1 sets /a = 2', 'run to 500ms']).heard('c1')).toEqual(['connected session 1', 'ok /a', 'ok 1', 'event /a changed', 'ok']);
  });

  test('check watches what does not exist yet, list the children', () => {
    const { heard } = ran(['at 0ms c2 checks /a watching', 'at 0ms c2 lists / watching', 'at 200ms c1 creates /a', 'run to 500ms']);
    expect(heard('c2')).toEqual(['connected session 1', 'ok nil', 'ok nil', 'event /a created', 'event children of / changed']);
  });

  test('a watch moves with its session, and what it missed on the way is told at once', () => {
    const { heard } = ran(['at 0ms c1 creates /a = 1', 'at 100ms c2 gets /a watching', 'at 200ms isolate B', 'at 210ms c1 sets /a = 2', 'run to 1s']);
    expect(heard('c2').filter((text) => text.startsWith('event'))).toEqual(['event /a changed']);
  });
});

describe('2.3, the guarantees', () => {
  test('what a client asks is done in the order in which it asks', () => {
    const { applied, unmet } = ran(['at 0ms c2 creates /a', 'at 1ms c2 creates /a/b', 'at 2ms c2 sets /a/b = 1', 'at 3ms r1: c2 gets /a/b', 'run to 1s', 'expect r1 = 1']);
    expect(applied('C').filter((text) => !text.startsWith('open'))).toEqual(['create /a', 'create /a/b', 'set /a/b = 1']);
    expect(unmet).toEqual([]);
  });

  test('a look asks the server of the session alone', () => {
    const { said } = ran(['at 0ms c2 checks /a', 'at 200ms c2 gets /a', 'run to 250ms']);
    expect(said('get')).toEqual(['c2 -> B']);
    expect(said('forward')).toEqual(['B -> A']);
  });

  const BEHIND = ['network A -> C delay 200ms', 'at 0ms c1 creates /a = 1 to A', 'at 400ms c2 gets /a', 'at 500ms c1 sets /a = 2', 'at 600ms r1: c2 gets /a', 'at 650ms r2: c2 gets /a from C', 'run to 2s'];
  test('a server that is behind what the client has seen refuses it', () => {
    const { unmet, heard } = ran([...BEHIND, 'expect r1 = 2', 'expect r2 = 2']);
    expect(unmet).toEqual([]);
    expect(heard('c2')).toContain('refused it is at 3');
  });

  test('without that a client reads what is older than what it has read', () => {
    const { unmet, codes } = ran([...BEHIND, 'expect r1 = 2', 'expect r2 = 1'], 'reconnect anywhere');
    expect(unmet).toEqual([]);
    expect(codes).toEqual(['stale-read']);
  });

  const DEPOSED = ['at 0ms c1 creates /a = 1', 'at 0ms c2 checks /a', 'at 100ms partition {A c1} | {B C c2 c3}', 'at 130ms c1 checks /a'];
  test('a sync through a leader that leads no more is answered, and what is read then is old', () => {
    const old = [...DEPOSED, 'at 130ms s1: c1 syncs', 'run to 2s', 'expect s1 acked'];
    expect(ran(old).unmet).toEqual([]);
    expect(ran(old, 'sync quorum').unmet).toEqual(['s1 acked']);
  });
});

describe('sessions', () => {
  test('one that is not heard of is closed, in the same place of every history', () => {
    const { applied, heard } = ran(['at 0ms c1 creates /e ephemeral to B', 'at 200ms pause c1', 'at 1s resume c1', 'run to 2s']);
    for (const node of ['A', 'B', 'C']) expect(applied(node)).toEqual(['open session of c1', 'create /e ephemeral', 'close session 1']);
    expect(heard('c1').at(-1)).toBe('expired session 1');
  });

  test('one outlives its server, and its leader', () => {
    for (const node of ['A', 'B']) {
      const { run, unmet } = ran([`at 0ms w1: c1 creates /e ephemeral to ${node}`, `at 200ms crash ${node}`, 'at 1500ms c1 gets /e from C', 'run to 3s', 'expect /e = nil on C', 'expect w1 acked']);
      expect(unmet).toEqual([]);
      expect(run.finalViews[2]!.values.has('/e')).toBe(true);
    }
  });

  test('a change that was asked when the connection was lost ends with nobody knowing; what waits behind it is asked elsewhere', () => {
    const { run: { log } } = ran(['at 0ms c1 creates /a = 1 to B', 'at 200ms isolate B', 'at 210ms c1 sets /a = 2', 'at 220ms r1: c1 gets /a', 'run to 2s']);
    const ends = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) >= EVENT.ok && log.kind(i) <= EVENT.info).map((i) => log.kind(i));
    expect(ends).toEqual([EVENT.ok, EVENT.info, EVENT.ok]);
  });
});

describe('2.4, the lock', () => {
  test('goes from one to the next, and wakes nobody else', () => {
    const lines = ['at 0ms a: c1 locks /lock', 'at 100ms b: c2 locks /lock', 'at 150ms c: c3 locks /lock', 'at 500ms c1 unlocks /lock', 'at 800ms c2 unlocks /lock', 'run to 1500ms'];
    const { heard, unmet, run } = ran([...lines, 'expect a = /lock/c1-0000000000', 'expect b = /lock/c2-0000000001', 'expect c = /lock/c3-0000000002']);
    expect(unmet).toEqual([]);
    expect(heard('c3').filter((text) => text.startsWith('event'))).toEqual(['event /lock/c2-0000000001 removed']);
    expect([...run.finalViews[0]!.values.keys()]).toEqual(['/lock', '/lock/c3-0000000002']);
  });

  test('a client that waits no longer leaves nothing behind', () => {
    const { run, unmet } = ran(['at 0ms c1 locks /lock', 'at 100ms c2 locks /lock within 200ms', 'at 200ms c: c3 locks /lock', 'at 500ms c1 unlocks /lock', 'run to 1s', 'expect c acked']);
    expect(unmet).toEqual([]);
    expect([...run.finalViews[0]!.values.keys()]).toEqual(['/lock', '/lock/c3-0000000002']);
  });

  test('a client that lost its connection finds its znode again', () => {
    const { run, unmet } = ran(['at 0ms c1 creates /lock', 'at 200ms l: c1 locks /lock', 'drop A -> c1 ok #2', 'run to 2s', 'expect l = /lock/c1-0000000000']);
    expect(unmet).toEqual([]);
    expect([...run.finalViews[0]!.values.keys()]).toEqual(['/lock', '/lock/c1-0000000000']);
  });
});

/** The events of a run, and its log. */
function story(seed: number, knobs: Readonly<Record<string, string>> = {}) {
  const run = runOf(sessionStormOf(knobs, seed)), { log } = run;
  return { run, log, events: Array.from({ length: log.length }, (_, i) => i) };
}

describe('in a storm', () => {
  test('most of what is asked is answered, and every kind of thing happens', () => {
    const kinds = new Set<string>();
    let asked = 0, answered = 0;
    for (let seed = 1; seed <= 45; seed++) {
      const { log, events } = story(seed);
      for (const i of events) {
        if (log.kind(i) === EVENT.invoke) asked++;
        if (log.kind(i) === EVENT.ok || log.kind(i) === EVENT.fail) answered++;
        if (log.kind(i) === EVENT.receive) kinds.add(log.word(i));
      }
    }
    expect(answered / asked).toBeGreaterThan(0.6);
    expect([...kinds]).toEqual(expect.arrayContaining(['connected', 'refused', 'expired', 'event', 'use', 'ok', 'failed', 'flushed', 'forward']));
  });

  test('each holder of the lock has a higher token than those before', () => {
    for (let seed = 1; seed <= 90; seed++) {
      const { log, events } = story(seed);
      const tokens = events.filter((i) => log.kind(i) === EVENT.use && log.a(i) >= 0).map((i) => log.a(i));
      expect(tokens, `seed ${seed}`).toEqual([...tokens].sort((a, b) => a - b));
    }
  });

  test('servers that have delivered as much have the same tree', () => {
    for (let seed = 1; seed <= 90; seed++) {
      const { run } = story(seed);
      const views = run.finalViews.map(({ log, values }) => ({ applied: log.filter(({ state }) => state === 'applied').length, values: [...values].sort() }));
      for (const view of views) for (const other of views) if (view.applied === other.applied) expect(view.values, `seed ${seed}`).toEqual(other.values);
    }
  });
});
