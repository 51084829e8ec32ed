/** Operations over several keys, against a twin that tries every order. */
import { describe, expect, it } from 'vitest';
import { checkExecution, checkHistory } from '../../server/src/checkers/index.ts';
import { intervalsOfHistory, type Interval, type KeyedCall } from '../../server/src/checkers/intervals.ts';
import { decideConnected, notAtomic } from '../../server/src/checkers/notAtomic.ts';
import type { History, HistoryOperation, HistoryStep } from '../../server/src/model/history.ts';
import type { KeyAction } from '../../server/src/model/scenario.ts';
import { moveOf } from '../../server/src/model/actions.ts';
import { forSeeds, type Dice } from './dice.ts';
import { findings, read, Story, write } from './story.ts';
import { parsed } from './histories.ts';

const found = (lines: string): readonly string[] => checkHistory(parsed(lines)).findings.map(({ code, operations }) => `${code} ${operations.join(' ')}`);

const BEGIN = 'A 0..1 writes x = 10 ok\nA 2..3 writes y = 0 ok\n';

describe('operations over several keys', () => {
  it('are seen whole, before or after', () => {
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y ok\nB 12..18 does { reads x 5; reads y 5 } ok`)).toEqual([]);
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y ok\nB 12..18 does { reads x 10; reads y 0 } ok`)).toEqual([]);
    expect(found(`${BEGIN}A 10..20 does { reads x 10; writes x = 5; reads x 5; adds 5 to y } ok\nB 22..23 reads y 5`)).toEqual([]);
  });

  it('are not atomic where one of them is seen half done', () => {
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y ok\nB 12..18 does { reads x 5; reads y 0 } ok`)).toEqual(['not-atomic 3 2 1']);
    expect(found(`${BEGIN}A 10.. does { writes x = 5; writes y = 5 }\nB 12..13 reads x 5\nB 14..15 reads y 0`)[0]).toMatch(/^not-atomic 4 2/);
    const [finding] = checkHistory(parsed(`${BEGIN}A 10..20 moves 5 from x to y ok\nB 12..13 reads y 5\nB 14..15 reads x 10`)).findings;
    expect(finding).toMatchObject({ code: 'not-atomic', message: 'A moves 5 from x to y (10..20) was seen half-done by B reads x: 10 (14..15).' });
  });

  it('are merely not linearizable where nothing was seen between two effects', () => {
    // Each of the two read before the other wrote: neither is half done.
    const skew = 'A 1..9 does { reads x nil; reads y nil; writes x = 1 } ok\nB 1..9 does { reads x nil; reads y nil; writes y = 1 } ok';
    expect(found(skew)).toEqual(['not-linearizable 1 0']);
    // Effects that came in full, and late.
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y ok\nB 22..28 does { reads x 10; reads y 0 } ok`)[0]).toMatch(/^not-linearizable 3/);
    // What nobody wrote.
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y ok\nB 12..18 does { reads x 7; reads y 0 } ok`)[0]).toMatch(/^not-linearizable 3/);
  });

  it('do not happen where they failed, and may where that is unknown', () => {
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y failed\nB 22..28 reads x 10`)).toEqual([]);
    expect(found(`${BEGIN}A 10..20 moves 5 from x to y failed\nB 22..28 reads x 5`)).toEqual(['not-linearizable 3']);
    for (const value of ['5', '10']) expect(found(`${BEGIN}A 10..20 moves 5 from x to y unknown\nB 22..28 reads x ${value}`)).toEqual([]);
  });

  it('leave other keys to be decided one by one', () => {
    const text = `${BEGIN}A 10..20 moves 5 from x to y ok\nA 30..31 writes z = 1 ok\nA 32..33 reads z nil`;
    expect(found(text)).toEqual(['not-linearizable 4 3', 'stale-read 4 3']);
    const { byKey, connected } = intervalsOfHistory(parsed(text));
    expect([...byKey.keys()]).toEqual(['z']);
    expect(connected.map(({ keys }) => keys)).toEqual([['x', 'y']]);
  });

  it('are about lists as well', () => {
    const lists = (text: string): readonly string[] => found(`model list\n${text}`);
    expect(lists('A 1..9 does { appends 1 to x; appends 2 to y; reads x [1] } ok\nB 10..12 does { reads x [1]; reads y [2] } ok')).toEqual([]);
    expect(lists('A 1..9 does { appends 1 to x; appends 2 to y } ok\nB 10..12 does { reads x []; reads y [] } ok')).toEqual(['not-linearizable 1 0']);
    expect(lists('A 1..9 does { appends 1 to x; appends 2 to y } ok\nB 4..8 does { reads x [1]; reads y [] } ok')).toEqual(['not-atomic 1 0']);
  });

  it('that found an old value are stale as well', () => {
    expect(found('A 1..2 writes x = 1 ok\nA 3..4 writes x = 2 ok\nB 5..6 does { reads x 1; writes y = 1 } ok')).toEqual(['not-linearizable 2 1 0', 'stale-read 2 1']);
  });

  it('in a run: the message, the operations and who answered', () => {
    const story = new Story();
    for (const action of [write('x', '10'), write('y', '0')]) story.answer(story.ask('c1', action), 'A');
    const move = story.ask('c1', moveOf(5, 'x', 'y'), { label: 't1' });
    story.answer(story.ask('c2', read('x'), { label: 'r1' }), 'A', '5');
    story.answer(story.ask('c2', read('y'), { label: 'r2' }), 'B', '0').answer(move, 'A');
    const [finding, ...others] = findings(notAtomic, story);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'not-atomic', severity: 'error', certainty: 'proved', nodes: [1] });
    expect(finding!.operations.slice(0, 2)).toEqual([4, 2]);
    expect(finding!.message).toMatch(/^t1 was seen half-done by r2: .*r1 found x = 5, then r2 found y = 0\.$/);
  });

  it('are not atomic where half of one is missing, even after it ended', () => {
    const story = new Story().recorded();
    for (const action of [write('x', '1'), { kind: 'do', actions: [write('x', '2') as KeyAction, write('y', '2') as KeyAction] } as const]) story.answer(story.ask('c1', action), 'A');
    story.answer(story.ask('c2', { kind: 'do', actions: [read('x') as KeyAction, read('y') as KeyAction] }), 'A', 'x = 1; y = 2');
    expect(checkExecution(story.execution()).chains.map(({ primary }) => primary.code)).toContain('not-atomic');
  });
});

/** Tries every order of every choice of the unknown calls, a key's value at a time, remembering nothing. */
function orderable(calls: readonly Interval[], values: Readonly<Record<string, string>> = {}): boolean {
  if (calls.every((one) => one.end === Infinity)) return true;
  const precedes = (a: Interval, b: Interval): boolean => a.end < b.start || (a.client === b.client && a.end <= b.start && (a.start < b.start || a.id < b.id));
  return calls.some((next, at) => {
    if (calls.some((other) => other !== next && precedes(other, next))) return false;
    const after = applied(values, next.call.parts!);
    return after !== undefined && orderable(calls.filter((_, index) => index !== at), after);
  });
}

function applied(values: Readonly<Record<string, string>>, parts: readonly KeyedCall[]): Record<string, string> | undefined {
  const next = { ...values };
  for (const { key, call } of parts) {
    const before = next[key] ?? 'nil';
    if (call.kind === 'read' && call.result !== undefined && call.result !== before) return undefined;
    if (call.kind === 'cas' && before !== call.argument) return undefined;
    if (call.kind === 'write') next[key] = call.argument;
    if (call.kind === 'cas') next[key] = call.argument2;
    if (call.kind === 'delete') next[key] = 'nil';
    if (call.kind === 'add') next[key] = String((before === 'nil' ? 0 : Number(before)) + Number(call.argument));
  }
  return next;
}

function randomStep(dice: Dice): HistoryStep {
  const kind = dice.pick(['read', 'read', 'read', 'write', 'write', 'add', 'cas', 'delete']);
  const argument = kind === 'read' || kind === 'delete' ? '' : String(dice.roll(3));
  return { kind, key: dice.pick(['x', 'x', 'y', 'y', 'z']), argument, argument2: kind === 'cas' ? String(dice.roll(3)) : '', result: kind === 'read' ? dice.pick(['nil', '0', '1', '2']) : '' };
}

/** A few overlapping operations, some of one key and some of several, that may have seen what is right. */
function randomHistory(dice: Dice): History {
  const operations = Array.from({ length: 2 + dice.roll(4) }, (_, index): HistoryOperation => {
    const start = dice.roll(12), open = dice.chance(15), length = dice.pick([1, 1, 2, 2, 3]);
    const steps = Array.from({ length }, () => randomStep(dice)), [first] = steps;
    const rest = { client: `c${dice.roll(3)}${index}`, start, end: open ? undefined : start + dice.roll(8), outcome: open ? 'unknown' as const : 'ok' as const, line: index };
    return length === 1 && dice.chance(50) ? { ...first!, ...rest } : { ...first!, kind: 'do', result: '', parts: steps, ...rest };
  });
  return { name: 'random', line: 0, endLine: 9, models: new Map(), operations };
}

describe('the search over several keys', () => {
  it('agrees with trying every order', () => {
    const answers = { yes: 0, no: 0 };
    forSeeds(6000, (dice) => {
      for (const object of intervalsOfHistory(randomHistory(dice)).connected) {
        const expected = orderable(object.intervals);
        expect(decideConnected(object, { states: 100_000 }).kind).toBe(expected ? 'fine' : 'conflict');
        answers[expected ? 'yes' : 'no']++;
      }
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(1000);
  });

  it('calls not atomic only what fits once the operation it names is taken apart, and what stays as it is does not', () => {
    let half = 0;
    forSeeds(6000, (dice) => {
      for (const { intervals, keys } of intervalsOfHistory(randomHistory(dice)).connected) {
        const decision = decideConnected({ keys, intervals }, { states: 100_000 });
        if (decision.kind !== 'conflict' || decision.half === undefined) continue;
        half++;
        const { whole, reader } = decision.half, { calls, last } = decision.conflict;
        expect(new Set(whole.call.parts!.filter(({ call }) => call.kind !== 'read').map(({ key }) => key)).size).toBeGreaterThan(1);
        expect(calls).toContain(reader);
        expect(reader.id).not.toBe(whole.id);
        const known = intervals.filter((one) => one.start <= last.end).map((one) => (one.end <= last.end ? one : { ...one, end: Infinity }));
        expect(orderable(known.filter((one) => one.end !== Infinity || one.call.kind !== 'read'))).toBe(false);
      }
    });
    expect(half).toBeGreaterThan(20);
  });

  it('gives up honestly', () => {
    const parts = (text: string): readonly KeyedCall[] => [{ key: 'x', call: { kind: 'append', argument: text, argument2: '', result: undefined } }, { key: 'y', call: { kind: 'append', argument: text, argument2: '', result: undefined } }];
    const calls = Array.from({ length: 14 }, (_, id): Interval => ({ id, client: `c${id}`, start: 0, end: 100, call: { kind: 'transaction', argument: '', argument2: '', result: undefined, parts: parts(String(id)) } }));
    const last: Interval = { id: 99, client: 'z', start: 200, end: 201, call: { kind: 'read', argument: '', argument2: '', result: undefined, parts: [{ key: 'x', call: { kind: 'read', argument: '', argument2: '', result: 'never' } }] } };
    expect(decideConnected({ keys: ['x', 'y'], intervals: [...calls, last] }, { states: 1000 }).kind).toBe('unknown');
  });
});
