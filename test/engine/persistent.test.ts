import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { hashData, PersistentMap } from '../../server/src/engine/persistent.ts';

type Step = { readonly key: number; readonly value: number | undefined };

const steps = fc.array(fc.record({ key: fc.integer({ min: -5, max: 30 }), value: fc.option(fc.integer(), { nil: undefined }) }), { maxLength: 60 });

function play(list: readonly Step[]): { map: PersistentMap<number, { n: number }>; model: Map<number, { n: number }> } {
  let map = PersistentMap.empty<number, { n: number }>();
  const model = new Map<number, { n: number }>();
  for (const { key, value } of list) {
    if (value === undefined) { map = map.delete(key); model.delete(key); } else { const v = { n: value }; map = map.set(key, v); model.set(key, v); }
  }
  return { map, model };
}

describe('PersistentMap', () => {
  it('agrees with a Map, in ascending order of keys', () => {
    fc.assert(fc.property(steps, (list) => {
      const { map, model } = play(list);
      const sorted = [...model].sort((a, b) => a[0] - b[0]);
      expect([...map]).toEqual(sorted);
      expect(map.size).toBe(model.size);
      expect(map.max()).toBe(sorted.at(-1)?.[0]);
      expect(map.min()).toBe(sorted[0]?.[0]);
      for (let key = -6; key < 32; key++) {
        expect(map.get(key)).toBe(model.get(key));
        expect(map.has(key)).toBe(model.has(key));
        expect([...map.before(key).keys()]).toEqual(sorted.filter(([k]) => k < key).map(([k]) => k));
        expect([...map.after(key).keys()]).toEqual(sorted.filter(([k]) => k > key).map(([k]) => k));
      }
    }));
  });

  it('has the hash of a map built anew from its entries, in any order and whenever it is asked', () => {
    fc.assert(fc.property(steps, fc.integer({ min: 0, max: 60 }), (list, cut) => {
      void play(list.slice(0, cut)).map.contentHash;
      const { map, model } = play(list);
      const anew = PersistentMap.of([...model].reverse().map(([k, v]) => [k, { ...v }] as const));
      expect(map.contentHash).toBe(anew.contentHash);
      expect(map.set(100, { n: 1 }).contentHash).not.toBe(map.contentHash);
      expect(map.set(100, { n: 1 }).delete(100).contentHash).toBe(map.contentHash);
    }));
  });

  it('leaves the map it came from as it was', () => {
    const one = PersistentMap.empty<string, number>().set('b', 1);
    const two = one.set('a', 2).set('b', 3).delete('b');
    expect([...one]).toEqual([['b', 1]]);
    expect([...two]).toEqual([['a', 2]]);
    expect(one.set('b', 1)).toBe(one);
    expect(one.delete('z')).toBe(one);
  });

  it('stays shallow when keys come in order', () => {
    let map = PersistentMap.empty<number, number>();
    for (let i = 0; i < 20000; i++) map = map.set(i, i);
    expect(map.size).toBe(20000);
    expect([...map.keys()].at(-1)).toBe(19999);
  });

  it('has a hash for a number, remembered for the last one asked', () => {
    fc.assert(fc.property(steps, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }), (list, numbers) => {
      const { map, model } = play(list);
      for (const number of numbers) {
        const expected = [...model].reduce((sum, [key, value]) => sum + (key + 10) * 100 + (value.n & 15) * number, 0);
        expect(map.hashFor(number, (key, value) => (key + 10) * 100 + (value.n & 15) * number)).toBe(expected);
        void map.contentHash;
      }
    }));
  });

  it('hashes values with the function it was given', () => {
    const byLength = (text: string): number => text.length;
    const a = PersistentMap.empty<number, string>(byLength).set(1, 'ab');
    const b = PersistentMap.empty<number, string>(byLength).set(1, 'cd');
    expect(a.contentHash).toBe(b.contentHash);
    expect(PersistentMap.empty<number, string>().set(1, 'ab').contentHash).not.toBe(PersistentMap.empty<number, string>().set(1, 'cd').contentHash);
  });
});

describe('next', () => {
  it('is the smallest key above', () => {
    fc.assert(fc.property(steps, fc.integer({ min: -6, max: 31 }), (list, key) => {
      const { map, model } = play(list);
      expect(map.next(key)).toBe([...model.keys()].filter((other) => other > key).sort((a, b) => a - b)[0]);
    }));
  });
});

describe('hashData', () => {
  it('tells apart what differs and nothing else', () => {
    expect(hashData({ a: 1, b: [2, 'x'] })).toBe(hashData({ b: [2, 'x'], a: 1 }));
    expect(hashData({ a: 1, b: undefined })).toBe(hashData({ a: 1 }));
    const different = [1, '1', true, false, null, undefined, [1], [[1]], { a: 1 }, { a: '1' }, { b: 1 }, -1, 0.5, 2 ** 40, 2 ** 40 + 1, [], {}, '', ['a', 'b'], ['ab']];
    expect(new Set(different.map(hashData)).size).toBe(different.length);
  });

  it('spreads small records over 52 bits', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) for (let j = 0; j < 200; j++) seen.add(hashData({ slot: i, epoch: j }));
    expect(seen.size).toBe(40000);
    for (const hash of seen) expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 52).toBe(true);
  });
});
