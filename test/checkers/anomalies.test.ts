/** Transactions over lists by their dependencies, and weaker orders, against twins that try every order. */
import { describe, expect, it } from 'vitest';
import { anomalyFinding, areLists, listAnomaly } from '../../server/src/checkers/anomalies.ts';
import { checkHistory } from '../../server/src/checkers/index.ts';
import { intervalsOfHistory, type Interval } from '../../server/src/checkers/intervals.ts';
import type { Order } from '../../server/src/checkers/linearize.ts';
import { MODELS, type ObjectModel } from '../../server/src/checkers/models.ts';
import { searchable, searchOrder, weakerObjects } from '../../server/src/checkers/weakerOrders.ts';
import type { HistoryModel } from '../../server/src/language/syntax.ts';
import type { History, HistoryOperation, HistoryStep } from '../../server/src/model/history.ts';
import { forSeeds, type Dice } from './dice.ts';
import { parsed } from './histories.ts';

const ORDERS: readonly Order[] = ['linearizable', 'sequential', 'serializable'];

/** `code: the message up to the colon that names the anomaly` */
const found = (lines: string): readonly string[] => checkHistory(parsed(lines)).findings.map(({ code, message }) => `${code} ${/^G[\w-]*/.exec(message)?.[0] ?? ''}`.trim());

const lists = (order: Order, lines: string): readonly string[] => found(`model list\nconsistency ${order}\n${lines}`);

describe('anomalies by name', () => {
  it.each<readonly [name: string, order: Order, lines: string, found: readonly string[]]>([
    ['G0', 'serializable', 'A 1..9 does { appends 1 to x; appends 1 to y } ok\nB 1..9 does { appends 2 to x; appends 2 to y } ok\nC 1..9 reads x [1 2] \nC 10..11 reads y [2 1]', ['not-linearizable G0']],
    ['G1a', 'serializable', 'A 1..9 does { appends 1 to x } failed\nB 1..9 does { reads x [1] } ok', ['not-atomic G1a']],
    ['G1b', 'serializable', 'A 1..9 does { appends 1 to x; appends 2 to x } ok\nB 1..9 does { reads x [1] } ok', ['not-atomic G1b']],
    ['G1c', 'serializable', 'A 1..9 does { appends 1 to x; reads y [1] } ok\nB 1..9 does { appends 1 to y; reads x [1] } ok', ['not-linearizable G1c']],
    ['G-single, seen half done', 'serializable', 'A 1..9 does { appends 1 to x; appends 1 to y } ok\nB 1..9 does { reads x [1]; reads y [] } ok', ['not-atomic G-single']],
    ['G-single, a lost update', 'serializable', 'A 1..9 does { reads x []; appends 1 to x } ok\nB 1..9 does { reads x []; appends 2 to x } ok\nC 1..9 does { reads x [1 2] } ok', ['not-linearizable G-single']],
    ['G2', 'serializable', 'A 1..9 does { reads x []; appends 1 to y } ok\nB 1..9 does { reads y []; appends 1 to x } ok', ['not-linearizable G2']],
    ['G-single in real time', 'linearizable', 'A 1..2 does { appends 1 to x } ok\nB 3..4 does { reads x [] } ok', ['not-linearizable G-single-realtime']],
    ['the same, of other clients', 'sequential', 'A 1..2 does { appends 1 to x } ok\nB 3..4 does { reads x [] } ok', []],
    ['of one client', 'sequential', 'A 1..2 does { appends 1 to x } ok\nA 3..4 does { reads x [] } ok', ['not-linearizable G-single-process']],
    ['of one client, in any order', 'serializable', 'A 1..2 does { appends 1 to x } ok\nA 3..4 does { reads x [] } ok', []],
    ['what nobody appended', 'serializable', 'A 1..2 does { reads x [7] } ok', ['not-linearizable']],
    ['not what it appended itself', 'serializable', 'A 1..2 does { appends 1 to x; reads x [] } ok', ['not-linearizable']],
    ['two orders of one list', 'serializable', 'A 1..2 does { appends 1 to x } ok\nA 3..4 does { appends 2 to x } ok\nB 1..9 does { reads x [1 2] } ok\nC 1..9 does { reads x [2 1] } ok', ['not-linearizable']],
    ['of unknown outcome, and seen', 'serializable', 'A 1.. does { appends 1 to x; appends 1 to y }\nB 1..9 does { reads x [1]; reads y [] } ok', ['not-atomic G-single']],
    ['of unknown outcome, and not seen', 'linearizable', 'A 1.. does { appends 1 to x; appends 1 to y }\nB 3..9 does { reads x []; reads y [] } ok', []],
  ])('%s (%s)', (_name, order, lines, expected) => { expect(lists(order, lines)).toEqual(expected); });

  it('say who did what, each at its operation', () => {
    const { findings: [finding] } = checkHistory(parsed('model list\nconsistency serializable\nA 1..8 does { reads x []; appends 1 to y } ok\nB 2..9 does { reads y []; appends 1 to x } ok'));
    expect(finding).toMatchObject({ operations: [1, 0], timeUs: 9, notes: ['B (2..9) read y without 1, which A (1..8) appended', 'A (1..8) read x without 1, which B (2..9) appended'] });
    const late = checkHistory(parsed(`model list\nA 1..2 does { appends 1 to x; appends 1 to z } ok\n${[2, 3, 4].map((i) => `B ${10 * i}..${10 * i + 5} does { appends ${i} to x } ok`).join('\n')}\nC 60..61 does { reads x [1 2 3 4]; reads z [1] } ok\nD 70..71 does { reads x []; reads z [1] } ok`));
    // Time is one step, however much happened in it; and only the keys of the circle are named.
    expect(late.findings.map(({ operations }) => operations)).toEqual([[5, 0]]);
    expect(finding!.message).toBe('G2 (each missed what another did): no order of whole operations, one after another, explains keys x and y: '
      + 'B (2..9) read y without 1, which A (1..8) appended; A (1..8) read x without 1, which B (2..9) appended.');
  });
});

describe('a register in a weaker order', () => {
  it('names reads that no order gives together, or what has no place', () => {
    const message = (lines: string): string | undefined => checkHistory(parsed(lines)).findings[0]?.message;
    expect(message('consistency sequential\nA 1..2 writes x = 1 ok\nA 3..4 writes x = 2 ok\nB 5..6 reads x 2\nB 7..8 reads x 1')).toBe(
      'No order that keeps each client\'s own explains key x: with all that was written, not even B reads x: 2 (5..6) and B reads x: 1 (7..8).');
    expect(message('model queue\nconsistency sequential\nA 1..2 enqueues 1 to q ok\nA 3..4 enqueues 2 to q ok\nB 1..2 dequeues q 2')).toBe(
      'No order that keeps each client\'s own explains key q: the one that comes farthest has no place for B dequeues q: 2 (1..2).');
  });

  it('is told at once that a value came from nowhere, however long the history', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `c${i % 10} ${10 * i}..${10 * i + 5} ${i === 777 ? 'reads k 77' : i % 2 === 0 ? `writes k = ${i % 7} ok` : `reads k ${(i - 1) % 7}`}`).join('\n');
    for (const order of ['sequential', 'serializable']) expect(checkHistory(parsed(`consistency ${order}\n${lines}`)).findings.map(({ operations }) => operations)).toEqual([[777]]);
  });
});

/** Tries every order of every choice of the unknown operations, remembering nothing. */
function orderable(modelOf: (key: string) => ObjectModel, calls: readonly Interval[], order: Order, states: ReadonlyMap<string, string> = new Map()): boolean {
  if (calls.every((one) => one.end === Infinity)) return true;
  const precedes = (a: Interval, b: Interval): boolean => order !== 'serializable' && ((order === 'linearizable' && a.end < b.start) || (a.client === b.client && a.end <= b.start));
  return calls.some((next) => {
    if (calls.some((other) => other !== next && precedes(other, next))) return false;
    const after = new Map(states);
    for (const { key, call } of next.call.parts!) {
      const state = modelOf(key).step(after.get(key) ?? modelOf(key).initial, call);
      if (state === undefined) return false;
      after.set(key, state);
    }
    return orderable(modelOf, calls.filter((one) => one !== next), order, after);
  });
}

/** Each client one after another, a few steps each; what was read is what an order of the whole would give, or something near it. */
function randomHistory(dice: Dice, model: HistoryModel, most: number): History {
  const clock = new Map<string, number>(), values = new Map<string, number>(), lists = new Map<string, string[]>();
  const step = (): HistoryStep => {
    const key = dice.pick(['x', 'x', 'y']), read = dice.chance(55), known = lists.get(key) ?? [];
    lists.set(key, known);
    if (model === 'register') return { kind: read ? 'read' : 'write', key, argument: read ? '' : String(dice.roll(3)), argument2: '', result: read ? dice.pick(['nil', '0', '1', '2']) : '' };
    if (read) {
      const shown = dice.chance(70) ? known : known.slice(0, dice.roll(known.length + 1));
      const swapped = dice.chance(8) ? [...shown].reverse() : dice.chance(3) ? [...shown, '99'] : shown;
      return { kind: 'read', key, argument: '', argument2: '', result: `[${swapped.join(' ')}]` };
    }
    const value = String((values.get(key) ?? 0) + 1);
    values.set(key, Number(value));
    if (dice.chance(80)) known.splice(dice.chance(15) ? dice.roll(known.length + 1) : known.length, 0, value);
    return { kind: 'append', key, argument: value, argument2: '', result: '' };
  };
  const operations = Array.from({ length: 2 + dice.roll(most - 1) }, (_, line): HistoryOperation => {
    const client = dice.pick(['a', 'b', 'c']), start = (clock.get(client) ?? 0) + dice.roll(4), end = start + 1 + dice.roll(6), open = dice.chance(10);
    clock.set(client, open ? start : end);
    const steps = Array.from({ length: dice.pick([1, 1, 2, 2, 3]) }, step), failed = !open && dice.chance(5);
    return { ...steps[0]!, kind: 'do', result: '', client, start, end: open ? undefined : end, outcome: open ? 'unknown' : failed ? 'failed' : 'ok', parts: steps, line };
  });
  return { name: 'random', line: 0, endLine: 9, models: new Map([['', model]]), operations };
}

describe('orders of transactions', () => {
  it.each(ORDERS)('over lists are told by dependencies as by trying every order: %s', (order) => {
    const answers = { yes: 0, no: 0 }, names = new Set<string>();
    forSeeds(5000, (dice) => {
      const history = randomHistory(dice, 'list', 6);
      for (const object of intervalsOfHistory(history, true).connected) {
        expect(areLists(object, () => MODELS.list)).toBe(true);
        const anomaly = listAnomaly(history, object, order), expected = orderable(() => MODELS.list, object.intervals, order);
        expect(anomaly === undefined).toBe(expected);
        answers[expected ? 'yes' : 'no']++;
        if (anomaly === undefined) continue;
        names.add(anomaly.name);
        const { message, operations, timeUs } = anomalyFinding(history, anomaly, order);
        expect(message).not.toMatch(/undefined|NaN|\u0000/);
        expect(new Set(operations).size).toBe(operations.length);
        expect(Number.isFinite(timeUs)).toBe(true);
      }
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(500);
    expect([...names]).toEqual(expect.arrayContaining(['', 'G1a', 'G1b', 'G1c', 'G-single', 'G2']));
    expect([...names].some((name) => name.includes('-process') || name.includes('-realtime'))).toBe(order !== 'serializable');
  });

  it.each(['sequential', 'serializable'] as const)('over registers are found by the search as by trying every order: %s', (order) => {
    const answers = { yes: 0, no: 0 };
    forSeeds(5000, (dice) => {
      const history = randomHistory(dice, 'register', 5);
      for (const object of weakerObjects(history, order).objects) {
        const expected = orderable(() => MODELS.register, object.intervals, order), found = searchOrder(searchable(history, object), order, { states: 100_000 });
        expect(found === undefined).toBe(expected);
        expect(found).not.toBe('unknown');
        if (Array.isArray(found)) expect(found.length).toBeGreaterThan(0);
        answers[expected ? 'yes' : 'no']++;
      }
    });
    expect(Math.min(answers.yes, answers.no)).toBeGreaterThan(500);
  });

  it.each(ORDERS)('that hold, hold for all that ask for less: %s', (order) => {
    forSeeds(1500, (dice) => {
      const history = randomHistory(dice, dice.pick(['list', 'register']), 6), wrong = (each: Order): boolean => checkHistory({ ...history, consistency: each }).findings.some(({ code }) => code !== 'stale-read');
      for (const less of ORDERS.slice(ORDERS.indexOf(order))) if (wrong(less)) expect(wrong(order)).toBe(true);
    });
  });

  it('over long histories of lists are told at once, wherever they go wrong', () => {
    const operations = Array.from({ length: 20_000 }, (_, i): HistoryOperation => {
      const key = `k${i >> 6}`, at = i & 63, values = Array.from({ length: at }, (__, each) => each);
      const parts: readonly HistoryStep[] = [{ kind: 'read', key, argument: '', argument2: '', result: `[${values.join(' ')}]` }, { kind: 'append', key, argument: String(at), argument2: '', result: '' },
        { kind: 'append', key: `k${(i >> 6) + 1}x`, argument: String(at), argument2: '', result: '' }];
      return { ...parts[0]!, kind: 'do', client: `c${i % 20}`, start: 10 * i, end: 10 * i + 150, outcome: 'ok', parts, result: '', line: i };
    });
    const history: History = { name: 'long', line: 0, endLine: 1, models: new Map([['', 'list']]), operations };
    for (const consistency of ORDERS) expect(checkHistory({ ...history, consistency }).findings).toEqual([]);
    const one = operations[10_050]!, wrong = { ...one, parts: [{ ...one.parts![0]!, result: '[]' }, ...one.parts!.slice(1)] };
    expect(checkHistory({ ...history, operations: operations.with(10_050, wrong) }).findings.map(({ message }) => message.split(' ')[0])).toEqual(['G-single']);
  });
});
