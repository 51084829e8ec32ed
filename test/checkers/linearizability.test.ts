import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../server/src/checkers/index.ts';
import type { Call, CallKind, Interval } from '../../server/src/checkers/intervals.ts';
import { intervalsOfHistory } from '../../server/src/checkers/intervals.ts';
import { decidedByRule, linearizability } from '../../server/src/checkers/linearizability.ts';
import { linearize, type Budget } from '../../server/src/checkers/linearize.ts';
import { minimalConflict } from '../../server/src/checkers/minimalSet.ts';
import { MODELS, REGISTER, type ObjectModel } from '../../server/src/checkers/models.ts';
import { decide, notLinearizable } from '../../server/src/checkers/notLinearizable.ts';
import { staleRead, staleReads } from '../../server/src/checkers/staleRead.ts';
import type { HistoryModel } from '../../server/src/language/syntax.ts';
import type { Dice } from './dice.ts';
import { forSeeds } from './dice.ts';
import { history } from './histories.ts';
import { findings, read, Story, without, write } from './story.ts';

const LEGAL = `
  B   4..11   write k 1  ok
  C  10..19   read  k    1
  B  18..25   write k 5  ok
  C  24..33   read  k    5
  C  36..44   write k 8  ok
  B  37..48   read  k    5`;

const PAST = `
  B   4..11   write k 1  ok
  B  18..25   write k 5  ok
  C  36..44   write k 8  ok
  B  45..48   read  k    5
  D  50..     write k 9  unknown`;

const codes = (text: string, model?: HistoryModel): readonly string[] => checkHistory(history(text, model)).findings.map(({ code }) => code);

describe('the two histories of the language', () => {
  it('the last read may be 5 or 8', () => {
    expect(codes(LEGAL)).toEqual([]);
    expect(codes(LEGAL.replace(/5$/, '8'))).toEqual([]);
    expect(codes(LEGAL.replace('37..48', '45..48'))).toEqual(['not-linearizable', 'stale-read']);
  });

  it('a read from the past: not linearizable, then stale, both on the last read', () => {
    const { findings: found, unknown } = checkHistory(history(PAST));
    expect(found.map(({ code, operations }) => `${code} ${operations[0]}`)).toEqual(['not-linearizable 3', 'stale-read 3']);
    expect(found[0]!.operations).toEqual([3, 2, 1]);
    expect(found[0]!.message).toBe('No single-copy order explains key k: B writes k = 5 (18..25), then C writes k = 8 (36..44), then B reads k: 5 (45..48).');
    expect(found[1]!.message).toBe('B reads k: 5 (45..48) is stale: C writes k = 8 (36..44) had completed before it began.');
    expect(unknown).toEqual([]);
  });
});

describe('outcomes', () => {
  it('a failed write did not happen, an unknown one may have at any time, or not', () => {
    expect(codes('A 1..2 write k 1 failed\n B 3..4 read k 1')).toEqual(['not-linearizable']);
    expect(codes('A 1..2 write k 1 failed\n B 3..4 read k nil')).toEqual([]);
    expect(codes('A 1..2 write k 1 unknown\n B 3..4 read k nil\n B 5..6 read k 1')).toEqual([]);
    expect(codes('A 1..2 write k 1 unknown\n B 3..4 read k 1\n B 5..6 read k nil')).toEqual(['not-linearizable']);
    expect(codes('A 5.. write k 1 unknown\n B 3..4 read k 1')).toEqual(['not-linearizable']);
  });

  it('a client\'s own operations are in order even if they touch; those of others are not', () => {
    expect(codes('A 1..2 write k 1 ok\n A 2..3 read k nil')).toEqual(['not-linearizable']);
    expect(codes('A 1..2 write k 1 ok\n B 2..3 read k nil')).toEqual([]);
  });

  it('keys are decided one by one', () => {
    const result = checkHistory(history('A 1..2 write x 1 ok\n A 3..4 read x nil\n A 5..6 write y 1 ok\n A 7..8 read y nil'));
    expect(result.findings.filter(({ code }) => code === 'not-linearizable').map(({ operations }) => operations[0])).toEqual([1, 3]);
  });
});

describe('models', () => {
  const cases: readonly (readonly [model: HistoryModel, fine: string, wrong: string])[] = [
    ['register', 'A 1..2 write k 1 ok\n B 3..4 cas k 1 2 ok\n A 5..6 read k 2', 'A 1..2 write k 1 ok\n B 3..4 cas k 2 3 ok\n A 5..6 read k 3'],
    ['register', 'A 1..2 add k 5 ok\n A 3..4 read k 5', 'A 1..2 add k 5 ok\n A 3..4 read k 6'],
    ['register', 'A 1..2 write k 1 ok\n A 3..4 delete k ok\n A 5..6 read k nil', 'A 1..2 write k 1 ok\n A 3..4 delete k ok\n A 5..6 read k 1'],
    ['list', 'A 1..5 append k 1 ok\n B 1..5 append k 2 ok\n A 6..7 read k [2,1]', 'A 1..2 append k 1 ok\n B 3..5 append k 2 ok\n A 6..7 read k [2,1]'],
    ['set', 'A 1..2 add k 1 ok\n A 3..4 add k 2 ok\n A 5..6 read k 2,1', 'A 1..2 add k 1 ok\n A 3..4 remove k 1 ok\n A 5..6 read k 1'],
    ['set', 'A 1..2 add k 1 ok\n B 3..4 contains k 1 true', 'A 1..2 add k 1 ok\n B 3..4 contains k 1 false'],
    ['queue', 'A 1..2 enqueue k 1 ok\n A 3..4 enqueue k 2 ok\n B 5..6 dequeue k 1\n B 7..8 dequeue k 2\n B 9..10 dequeue k nil', 'A 1..2 enqueue k 1 ok\n A 3..4 enqueue k 2 ok\n B 5..6 dequeue k 2'],
    ['mutex', 'A 1..2 acquire k ok\n A 3..4 release k ok\n B 3..6 acquire k ok', 'A 1..2 acquire k ok\n B 3..4 acquire k ok'],
    ['counter', 'A 1..5 add k 2 ok\n B 1..5 add k 3 ok\n A 6..7 read k 5', 'A 1..2 add k 2 ok\n B 3..5 read k 0'],
  ];
  it.each(cases)('%s', (model, fine, wrong) => {
    expect(codes(fine, model)).toEqual([]);
    expect(codes(wrong, model)[0]).toBe('not-linearizable');
  });
});

/** Tries every order of every choice of the unknown calls, one after the other, remembering nothing. */
function orderable(model: ObjectModel, calls: readonly Interval[], state = model.initial): boolean {
  if (calls.every((one) => one.end === Infinity)) return true;
  const precedes = (a: Interval, b: Interval): boolean => a.end < b.start || (a.client === b.client && a.end <= b.start && (a.start < b.start || a.id < b.id));
  return calls.some((next, at) => {
    if (calls.some((other) => other !== next && precedes(other, next))) return false;
    const after = model.step(state, next.call);
    return after !== undefined && orderable(model, calls.filter((_, index) => index !== at), after);
  });
}

const VOCABULARY: Readonly<Record<HistoryModel, readonly CallKind[]>> = {
  register: ['write', 'write', 'read', 'read', 'cas', 'add', 'delete'], list: ['append', 'append', 'read'], set: ['add', 'remove', 'read', 'contains'],
  queue: ['enqueue', 'enqueue', 'dequeue', 'dequeue'], mutex: ['acquire', 'release'], counter: ['add', 'add', 'read'],
  stack: ['enqueue', 'enqueue', 'dequeue', 'dequeue'], text: ['append', 'append', 'read', 'write'],
};

/** A few overlapping calls with small values, results as likely wrong as right. */
function randomCalls(dice: Dice, model: HistoryModel, most: number): readonly Interval[] {
  return Array.from({ length: 1 + dice.roll(most) }, (_, id): Interval => {
    const kind = dice.pick(VOCABULARY[model]), start = dice.roll(12), number = String(dice.roll(3));
    const results: Partial<Record<CallKind, readonly string[]>> = {
      read: model === 'counter' ? ['0', '1', '2', '3'] : model === 'register' ? ['0', '1', '2', 'nil'] : ['nil', '0', '1', '0 1', '1 0', '1 2'],
      dequeue: ['0', '1', '2', 'nil'], contains: ['true', 'false'],
    };
    const open = dice.chance(15), result = results[kind];
    const call: Call = { kind, argument: number, argument2: String(dice.roll(3)), result: open || result === undefined ? undefined : dice.pick(result) };
    return { id, client: `c${id}`, start, end: open ? Infinity : start + dice.roll(6), call };
  }).filter((one) => one.end !== Infinity || !['read', 'contains'].includes(one.call.kind));
}

describe('the search', () => {
  it.each(Object.keys(MODELS) as HistoryModel[])('agrees with trying every order: %s', (name) => {
    const model = MODELS[name];
    const answers = { yes: 0, no: 0 };
    forSeeds(2500, (dice) => {
      const calls = randomCalls(dice, name, 6), expected = orderable(model, calls);
      expect(linearizability(model, calls, { states: 100_000 })).toBe(expected ? 'linearizable' : 'not-linearizable');
      expect(decide(model, calls, { states: 100_000 }).kind).toBe(expected ? 'fine' : 'conflict');
      answers[expected ? 'yes' : 'no']++;
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(200);
  });

  it('orders the operations of one client', () => {
    forSeeds(1500, (dice) => {
      const calls = randomCalls(dice, 'register', 6).map((one) => ({ ...one, client: `c${one.id % 2}` }));
      expect(linearizability(REGISTER, calls, { states: 100_000 })).toBe(orderable(REGISTER, calls) ? 'linearizable' : 'not-linearizable');
    });
  });

  it('gives an order that explains everything, or as much as can be explained', () => {
    forSeeds(1500, (dice) => {
      const calls = randomCalls(dice, 'register', 6), { verdict, order } = linearize(REGISTER, calls, { states: 100_000 });
      let state: string | undefined = REGISTER.initial;
      for (const { call } of order) state = REGISTER.step(state!, call);
      expect(state).toBeDefined();
      for (const [at, one] of order.entries()) for (const later of order.slice(at + 1)) expect(later.end < one.start).toBe(false);
      const left = calls.filter((one) => one.end !== Infinity && !order.includes(one));
      expect(left.length === 0).toBe(verdict === 'linearizable');
    });
  });

  it('gives up honestly', () => {
    const calls = Array.from({ length: 14 }, (_, id): Interval => ({ id, client: `c${id}`, start: 0, end: 100, call: { kind: 'append', argument: String(id), argument2: '', result: undefined } }));
    const last: Interval = { id: 99, client: 'z', start: 200, end: 201, call: { kind: 'read', argument: '', argument2: '', result: 'never' } };
    expect(linearizability(MODELS.list, [...calls, last], { states: 1000 })).toBe('unknown');
    const budget: Budget = { states: 1000 };
    expect(decide(MODELS.list, [...calls, last], budget).kind).toBe('unknown');
    expect(budget.reached).toEqual({ ordered: 14, of: 15 });
  });

  it('is not confused by long histories', () => {
    const text = Array.from({ length: 400 }, (_, i) => `A ${4 * i}..${4 * i + 2} write k ${i} ok\n B ${4 * i + 1}..${4 * i + 3} read k ${i}`).join('\n');
    expect(codes(text)).toEqual([]);
    expect(codes(`${text}\n C 5000..5001 read k 7`)).toEqual(['not-linearizable', 'stale-read']);
  });
});

describe('registers whose writes are all different', () => {
  /** Reads of any of the values, of none, and of what nobody wrote. */
  const distinct = (dice: Dice, most: number): readonly Interval[] => {
    const calls = randomCalls(dice, 'register', most).filter(({ call }) => call.kind === 'write' || call.kind === 'read');
    return calls.map((one) => {
      const values = calls.filter(({ call }) => call.kind === 'write').map(({ id }) => `v${id}`);
      if (one.call.kind === 'write') return { ...one, call: { ...one.call, argument: `v${one.id}` } };
      return { ...one, call: { ...one.call, result: dice.pick([...values, ...values, 'nil', 'never']) } };
    });
  };

  it('are decided as by trying every order', () => {
    const answers = { yes: 0, no: 0 };
    forSeeds(6000, (dice) => {
      const calls = distinct(dice, 7), expected = orderable(REGISTER, calls), found = decidedByRule(REGISTER, calls);
      expect(found).toSatisfy((one) => (expected ? one === null : Array.isArray(one)));
      if (Array.isArray(found)) expect(orderable(REGISTER, found)).toBe(false);
      answers[expected ? 'yes' : 'no']++;
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(500);
  });

  it('take no search, however long', () => {
    const calls = Array.from({ length: 20_000 }, (_, id): Interval => ({
      id, client: `c${id % 50}`, start: 10 * id, end: 10 * id + 400,
      call: id % 2 === 0 ? { kind: 'write', argument: `v${id}`, argument2: '', result: undefined } : { kind: 'read', argument: '', argument2: '', result: `v${id - 1}` },
    }));
    const budget = { states: 0 };
    expect(linearizability(REGISTER, calls, budget)).toBe('linearizable');
    const wrong = { ...calls[10_001]!, call: { ...calls[10_001]!.call, result: 'v100' } };
    const { last, calls: core } = minimalConflict(REGISTER, calls.with(10_001, wrong), { states: 1000 });
    expect(last).toBe(core.find(({ id }) => id === 10_001));
    expect(core.length).toBeLessThan(4);
  });
});

describe('rules without a search', () => {
  /** Each value put in once, each taken or read as anything. */
  const once = (dice: Dice, model: 'queue' | 'stack' | 'set', most: number): readonly Interval[] => {
    const grow: CallKind = model === 'set' ? 'add' : 'enqueue', look: CallKind = model === 'set' ? 'read' : 'dequeue';
    const calls = randomCalls(dice, model, most).filter(({ call }) => call.kind === grow || call.kind === look);
    const values = calls.filter(({ call }) => call.kind === grow).map(({ id }) => String(id));
    return calls.filter((one) => one.call.kind === grow || one.end !== Infinity).map((one) => {
      if (one.call.kind === grow) return { ...one, call: { ...one.call, argument: String(one.id) } };
      const some = model !== 'set' ? dice.pick([...values, ...values, 'nil']) : values.filter(() => dice.chance(60)).join(' ') || 'nil';
      return { ...one, call: { ...one.call, result: some } };
    });
  };

  it.each(['queue', 'stack', 'set'] as const)('decide as trying every order does: %s', (name) => {
    const answers = { yes: 0, no: 0 };
    forSeeds(8000, (dice) => {
      const calls = once(dice, name, 7), expected = orderable(MODELS[name], calls), found = decidedByRule(MODELS[name], calls);
      expect(found).toSatisfy((one) => (expected ? one === null : Array.isArray(one)));
      if (Array.isArray(found)) expect(orderable(MODELS[name], found)).toBe(false);
      answers[expected ? 'yes' : 'no']++;
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(500);
  });

  it('decide stacks in which much overlaps, where each value is taken once, as trying every order does', () => {
    const answers = { yes: 0, no: 0 };
    forSeeds(8000, (dice) => {
      const values = 3 + dice.roll(2), span = 4 + dice.roll(12);
      const calls = Array.from({ length: values }, (_, value) => ['enqueue', 'dequeue'].map((kind, side): Interval => {
        const start = dice.roll(span) + side * dice.roll(4), number = String(value);
        return { id: 2 * value + side, client: `c${2 * value + side}`, start, end: start + dice.roll(4), call: { kind: kind as CallKind, argument: side === 0 ? number : '', argument2: '', result: side === 0 ? undefined : number } };
      })).flat().filter(({ call }) => call.kind === 'enqueue' || dice.chance(85));
      if (dice.chance(30)) calls.push({ id: 98, client: 'e', start: 3, end: 3 + dice.roll(6), call: { kind: 'dequeue', argument: '', argument2: '', result: 'nil' } });
      const expected = orderable(MODELS.stack, calls), found = decidedByRule(MODELS.stack, calls);
      expect(found).toSatisfy((one) => (expected ? one === null : Array.isArray(one)));
      if (Array.isArray(found)) expect(orderable(MODELS.stack, found)).toBe(false);
      answers[expected ? 'yes' : 'no']++;
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(1000);
  });

  it('find a few calls that contradict each other in a long stack, without a search', () => {
    const push = (id: number, start: number): Interval => ({ id, client: `c${id}`, start, end: start + 5, call: { kind: 'enqueue', argument: `v${id}`, argument2: '', result: undefined } });
    const pop = (id: number, start: number): Interval => ({ ...push(id, start), id: id + 100_000, client: `d${id}`, call: { kind: 'dequeue', argument: '', argument2: '', result: `v${id}` } });
    // Deep in, and at each depth a value that only passes by.
    const calls = Array.from({ length: 1500 }, (_, id) => [push(id, 6 * id), pop(id, 30_000 - 6 * id), push(id + 5000, 6 * id + 2), pop(id + 5000, 6 * id + 3)]).flat();
    expect(decidedByRule(MODELS.stack, calls)).toBe(null);
    const wrong = calls.map((one) => (one.id === 100_700 ? { ...one, start: 29_990, end: 29_992 } : one));
    expect(decidedByRule(MODELS.stack, wrong)!.map(({ id }) => id % 100_000 % 5000)).toContain(700);
    expect(decidedByRule(MODELS.stack, wrong)!.length).toBeLessThan(9);
  });
});

describe('the minimal set', () => {
  /** What calls leave behind may be there at any time, or never: as writes in enough copies that it is there as often as it helps. */
  const freed = (calls: readonly Interval[]): readonly Interval[] => calls.filter(({ call }) => call.kind !== 'read').flatMap((one) => [1, 2, 3].map((copy) => {
    const call: Call = one.call.kind === 'cas' ? { ...one.call, kind: 'write', argument: one.call.argument2 } : one.call;
    return { id: one.id + 100 * copy, client: `free ${one.id} ${copy}`, start: -Infinity, end: Infinity, call };
  }));

  it('cannot be ordered whatever the others did, and every one of it is needed', () => {
    let conflicts = 0;
    forSeeds(1500, (dice) => {
      const calls = randomCalls(dice, 'register', 5).filter(({ call }) => call.kind !== 'add');
      if (orderable(REGISTER, calls)) return;
      conflicts++;
      const { calls: core, last } = minimalConflict(REGISTER, calls, { states: 1_000_000 });
      expect(core).toContain(last);
      const others = calls.filter((one) => one.start <= last.end && !core.some(({ id }) => id === one.id));
      const answer = (kept: readonly Interval[], gone: readonly Interval[]): string => linearizability(REGISTER, [...kept, ...freed(gone)], { states: 1_000_000 });
      expect(answer(core, others)).toBe('not-linearizable');
      for (const one of core) expect(answer(core.filter((other) => other !== one), [...others, one])).toBe('linearizable');
    });
    expect(conflicts).toBeGreaterThan(300);
  });

  it('stands on what broke it first, not on what came later', () => {
    const text = 'A 1..2 write k 1 ok\n A 3..4 write k 2 ok\n B 5..6 read k 1\n A 7..8 write k 3 ok\n B 9..10 read k 3\n B 11..12 read k 2';
    const [found] = checkHistory(history(text)).findings;
    expect(found!.operations).toEqual([2, 1, 0]);
  });

  it('names one culprit among reads that end together', () => {
    const [found] = checkHistory(history('A 1..2 write k 1 ok\n B 3..9 read k 1\n C 4..9 read k nil')).findings;
    expect(found!.operations).toEqual([2, 0]);
  });

  it('takes calls away from other objects, too', () => {
    const text = 'A 1..2 enqueue k 1 ok\n A 3..4 enqueue k 2 ok\n A 5..6 enqueue k 3 ok\n B 7..8 dequeue k 2';
    expect(checkHistory(history(text, 'queue')).findings[0]!.operations).toEqual([3, 1, 0]);
  });
});

describe('stale reads', () => {
  it('agree with comparing all writes for each read', () => {
    let positive = 0;
    forSeeds(4000, (dice) => {
      const calls = randomCalls(dice, 'register', 8).filter(({ call }) => call.kind !== 'add');
      const value = ({ call }: Interval): string => (call.kind === 'write' ? call.argument : call.kind === 'cas' ? call.argument2 : 'nil');
      const writes = calls.filter(({ call }) => call.kind !== 'read');
      const stale = calls.filter((one) => {
        if (one.call.kind !== 'read') return false;
        const beginning = { end: -Infinity, start: -Infinity };
        const sources = [...writes.filter((w) => value(w) === one.call.result && w.start <= one.end), ...(one.call.result === 'nil' ? [beginning] : [])];
        const superseded = (w: { end: number }): boolean => writes.some((newer) => w.end < newer.start && newer.end < one.start);
        return sources.length > 0 && sources.every(superseded);
      });
      expect(staleReads(calls).map(({ read: one }) => one.id).sort()).toEqual(stale.map(({ id }) => id).sort());
      positive += stale.length;
    });
    expect(positive).toBeGreaterThan(200);
  });

  it('never say more than linearizability does', () => {
    forSeeds(1000, (dice) => {
      const calls = randomCalls(dice, 'register', 7).filter(({ call }) => call.kind !== 'add');
      if (staleReads(calls).length > 0) expect(orderable(REGISTER, calls)).toBe(false);
    });
  });
});

describe('executions', () => {
  const story = (value: string): Story => {
    const one = new Story();
    const first = one.at(0).ask('c1', write('k', '1'));
    one.at(10).answer(first, 'A');
    const second = one.at(20).ask('c2', write('k', '2'), { label: 'w2' });
    one.at(40).answer(second, 'B');
    const last = one.at(100).ask('c1', read('k'), { label: 'r1' });
    return one.at(110).answer(last, 'A', value);
  };

  it('say which read is stale, and by how much', () => {
    const found = [...findings(notLinearizable, story('1')), ...findings(staleRead, story('1'))];
    expect(found.map(({ code, operations, nodes, timeUs }) => ({ code, operations, nodes, timeUs }))).toEqual([
      { code: 'not-linearizable', operations: [2, 1, 0], nodes: [0], timeUs: 110_000 }, { code: 'stale-read', operations: [2, 1], nodes: [0], timeUs: 110_000 },
    ]);
    expect(found[0]!.message).toBe("No single-copy order explains key k: c1's write k = 1, then w2, then r1 returned 1.");
    expect(found[1]!.message).toBe('r1 returned 1; w2 had completed 60ms earlier.');
  });

  it('are fine with the newest value, or with a newer write that was never answered', () => {
    expect(findings(notLinearizable, story('2'))).toEqual([]);
    expect(findings(staleRead, story('2'))).toEqual([]);
    expect(notLinearizable.check(without(story('1').execution(), 'ok', 1)).findings).toEqual([]);
    expect(staleRead.check(without(story('1').execution(), 'ok', 1)).findings).toEqual([]);
  });

  it('see a value from nowhere', () => {
    expect(findings(notLinearizable, story('7')).map(({ operations }) => operations)).toEqual([[2]]);
    expect(findings(staleRead, story('7'))).toEqual([]);
  });
});

it('reads a history\'s words as the language has them', () => {
  const { byKey, unknownWords } = intervalsOfHistory(history('A 1..2 writes k 1 ok\n A 3..4 locks m ok\n A 5..6 frobs k ok'));
  expect(byKey.get('k')!.map(({ call }) => call.kind)).toEqual(['write']);
  expect(byKey.get('m')!.map(({ call }) => call.kind)).toEqual(['acquire']);
  expect(unknownWords).toEqual(['frobs']);
});
