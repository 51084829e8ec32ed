import { describe, expect, it } from 'vitest';
import { listed, nearest } from '../../server/src/model/suggest.ts';
import { VIOLATIONS } from '../../server/src/model/violations.ts';

describe('the nearest name', () => {
  const codes = VIOLATIONS.map((each) => each.code);
  it.each([
    ['split-brian', 'split-brain'], ['splitbrain', 'split-brain'], ['stale', 'stale-epoch'], ['Lost-Write', 'lost-write'], ['linearizable', 'not-linearizable'],
  ])('to %s is %s', (word, near) => { expect(nearest(word, codes)).toBe(near); });

  it('is none where nothing is near', () => {
    expect(nearest('banana', codes)).toBeUndefined();
    expect(nearest('D', ['A', 'B', 'C'])).toBeUndefined();
    expect(nearest('a', ['A', 'B', 'C'])).toBe('A');
    expect(nearest('', codes)).toBeUndefined();
  });
});

describe('a list in words', () => {
  it('ends with and', () => {
    expect(listed([])).toBe('none');
    expect(listed(['a'])).toBe('a');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
    expect(listed(['a', 'b', 'c'], 2)).toBe('a, b, …');
  });
});

describe('the violations', () => {
  it('are the twenty of the language', () => { expect(new Set(VIOLATIONS.map((each) => each.code)).size).toBe(20); });
});
