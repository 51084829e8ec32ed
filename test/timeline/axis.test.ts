import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAxis, roundStep, timeText } from '../../server/src/picture/axis.ts';
import type { Scale } from '../../server/src/picture/axis.ts';

const SCALES = fc.constantFrom<Scale>('time', 'idle', 'order');
const TIMES = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 60 });

describe('the axis', () => {
  it('is monotonic on every scale, and can be read backwards', () => {
    fc.assert(fc.property(TIMES, fc.integer({ min: 0, max: 10_000_000 }), SCALES, fc.integer({ min: 1, max: 100_000 }), TIMES, (instants, end, scale, kept, asked) => {
      const axis = buildAxis(instants, end, scale, kept);
      const sorted = [...asked].sort((a, b) => a - b);
      for (let i = 1; i < sorted.length; i++) expect(axis.at(sorted[i]!)).toBeGreaterThanOrEqual(axis.at(sorted[i - 1]!));
      for (const time of sorted) expect(axis.timeAt(axis.at(time))).toBeCloseTo(time, 1);
    }));
  });

  it('begins at 0 and ends with the run', () => {
    const axis = buildAxis([5, 7], 100, 'time', 1);
    expect([axis.at(0), axis.at(100), axis.span]).toEqual([0, 100, 100]);
  });

  it('shortens idle stretches, and says where', () => {
    const axis = buildAxis([0, 10, 20, 5000, 5010], 5020, 'idle', 15);
    expect(axis.breaks).toEqual([{ fromUs: 20, toUs: 5000 }]);
    expect(axis.at(20) - axis.at(10)).toBe(10);
    expect(axis.at(5000) - axis.at(20)).toBeLessThan(60);
  });

  it('by order gives each moment one step', () => {
    const axis = buildAxis([0, 3, 3, 900], 1000, 'order', 1);
    expect([0, 3, 900, 1000].map((time) => axis.at(time))).toEqual([0, 1, 2, 3]);
  });
});

describe('texts of times', () => {
  it.each([[0, '0 ms'], [250, '250 µs'], [12_000, '12 ms'], [12_500, '12.5 ms'], [1_400_000, '1400 ms'], [2_000_000, '2 s'], [12_500_000, '12.5 s']])('%i µs is %s', (us, text) => {
    expect(timeText(us, 'us')).toBe(text);
  });

  it('steps are round', () => {
    expect([0.9, 1, 3, 11, 260].map(roundStep)).toEqual([1, 1, 5, 20, 500]);
  });
});
