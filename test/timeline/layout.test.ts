import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scale } from '../../server/src/picture/axis.ts';
import { overlap } from '../../server/src/picture/labels.ts';
import { fitted, layout } from '../../server/src/picture/layout.ts';
import type { LayoutOptions, Picture } from '../../server/src/picture/layout.ts';
import { prepare } from '../../server/src/picture/prepare.ts';
import { primitivesIn, toSvg } from './dump.ts';
import type { TimelineData } from '../../server/src/features/timeline.ts';
import { FIXTURES, crowd, fates, happy, hostile, partition, stops } from './fixtures.ts';

const OPTIONS: LayoutOptions = { measure: (text, size) => text.length * size * 0.56, cursorLine: -1, focusKey: '', hoverKey: '' };

function draw(data: TimelineData, options: Partial<LayoutOptions> = {}, scale: Scale = 'idle', part: readonly [number, number] = [0, 1], width = 1000): Picture {
  const prepared = prepare(data, scale, true), { fromUnit, toUnit } = fitted(prepared), span = toUnit - fromUnit;
  return layout(prepared, { width, height: 600, fromUnit: fromUnit + part[0] * span, toUnit: fromUnit + part[1] * span }, { ...OPTIONS, ...options });
}

const groupsOf = (picture: Picture) => picture.scene.layers.flatMap((layer) => layer.groups);
const find = (picture: Picture, key: string) => groupsOf(picture).find((group) => group.key === key);

describe('drawings', () => {
  for (const name of ['happy', 'partition', 'fates', 'stops', 'history', 'hostile'] as const) {
    it(`of ${name} stay as they are`, async () => {
      await expect(toSvg(draw(FIXTURES[name]()).scene)).toMatchFileSnapshot(`goldens/${name}.svg`);
    });
  }

  it('are the same for the same input', () => {
    expect(draw(partition())).toEqual(draw(partition()));
  });
});

describe('what becomes of a message', () => {
  const shapes = (word: string, fate: string): string => {
    const data = fates(), index = data.messages.findIndex((message) => message.word === word && message.fate === fate);
    return find(draw(data), `m${index}`)!.primitives.map((primitive) => String(primitive.attributes['class'])).join(', ');
  };

  it('shows in its shape', () => {
    expect(shapes('write', 'delivered')).toBe('hit, shaft, head solid');
    expect(shapes('commit', 'discarded')).toBe('hit, shaft, head hollow, sign-stroke');
    expect(shapes('propose', 'lost')).toBe('hit, shaft, sign-stroke lost-sign');
    expect(shapes('commit', 'delivered')).toBe('hit, shaft, shaft parked, sign-stroke, shaft, head solid');
    expect(shapes('ack', 'in-flight')).toBe('hit, shaft, head open');
    expect(shapes('query', 'in-flight')).toBe('hit, shaft, shaft parked, sign-stroke');
  });

  it('goes from the sender at its time to the receiver at its own', () => {
    const data = happy(), picture = draw(data, {}, 'time'), shaft = find(picture, 'm1')!.primitives[1]!.attributes;
    const { lanes } = picture.frame;
    expect(data.messages[1]).toMatchObject({ from: 0, to: 1, sentUs: 10_000, endUs: 25_000 });
    expect(shaft['y1']).toBe(lanes[0]!.y);
    expect(Math.abs(Number(shaft['y2']) - lanes[1]!.y)).toBeLessThan(5);
    expect(Number(shaft['x2'])).toBeGreaterThan(Number(shaft['x1']));
  });

  it('is told in words as well', () => {
    const data = fates(), index = data.messages.findIndex((message) => message.fate === 'discarded');
    expect(find(draw(data), `m${index}`)!.label).toBe(
      'commit k = 1 {1,1} from A to B, sent at 60 ms, arrives at 75 ms, and B ignores it: older than {2}, which B heard of from C.');
  });
});

describe('lanes', () => {
  it('are broken while a node is down', () => {
    const lines = find(draw(stops()), 'lane 2')!.primitives;
    expect(lines).toHaveLength(2);
    expect(Number(lines[0]!.attributes['x2'])).toBeLessThan(Number(lines[1]!.attributes['x1']));
  });

  it('show two reigns at once with their epochs', () => {
    const texts = draw(partition()).labels.map((label) => label.text);
    expect(texts).toContain('leads {1}');
    expect(texts).toContain('leads {2}');
  });

  it('keep reigns labelled when their start is out of sight', () => {
    const label = draw(partition(), {}, 'time', [0.5, 0.55]).labels.find(({ text }) => text === 'leads {2}');
    expect(label).toBeDefined();
  });
});

describe('labels', () => {
  it('never lie over one another, whatever is shown', () => {
    const all = Object.values(FIXTURES).map((make) => make());
    fc.assert(fc.property(fc.nat(all.length - 1), fc.constantFrom<Scale>('time', 'idle', 'order'), fc.double({ min: 0, max: 0.95, noNaN: true }),
      fc.double({ min: 0.001, max: 1, noNaN: true }), fc.integer({ min: 260, max: 1800 }), (which, scale, from, part, width) => {
        const { labels } = draw(all[which]!, {}, scale, [from, from + part], width);
        for (let i = 0; i < labels.length; i++) for (let j = i + 1; j < labels.length; j++) expect(overlap(labels[i]!, labels[j]!)).toBe(false);
      }), { numRuns: 150 });
  });

  it('of what the cursor is on come first', () => {
    const data = crowd(2000);
    const plain = draw(data).labels, lit = draw(data, { focusKey: 'm700' }).labels;
    expect(plain.some((label) => label.key === 'label m700')).toBe(false);
    expect(lit.some((label) => label.key === 'label m700')).toBe(true);
  });
});

describe('the cursor', () => {
  it('lights every shape that stems from its line', () => {
    const picture = draw(partition(), { cursorLine: 8 });
    const lit = groupsOf(picture).filter((group) => group.classes.includes('at-cursor') && group.label !== undefined);
    expect(lit.map((group) => group.key)).toContain('o1');
    expect(lit.length).toBeGreaterThan(5);
    expect(lit.every((group) => !group.key.startsWith('o') || group.key === 'o1')).toBe(true);
  });
});

describe('a hundred thousand events', () => {
  const data = crowd(100_000), prepared = prepare(data, 'idle', true);
  const shapes = (from: number, to: number, options: Partial<LayoutOptions> = {}): number =>
    primitivesIn(layout(prepared, { width: 1200, height: 700, fromUnit: from, toUnit: to }, { ...OPTIONS, ...options }).scene);

  it('take a bounded number of shapes at any zoom', () => {
    const { span } = prepared.axis;
    for (const part of [1, 0.3, 0.1, 0.01, 0.001]) expect(shapes(0.4 * span, (0.4 + part) * span)).toBeLessThan(10_000);
  });

  it('draw only what is shown', () => {
    const { span } = prepared.axis;
    expect(shapes(0.5 * span, 0.5002 * span)).toBeLessThan(1500);
  });

  it('draw what has the focus in any case', () => {
    const picture = layout(prepared, { width: 1200, height: 700, ...fitted(prepared) }, { ...OPTIONS, focusKey: 'm54321' });
    expect(find(picture, 'm54321')).toBeDefined();
  });
});

describe('names that look like markup', () => {
  it('stay text', () => {
    const svg = toSvg(draw(hostile()).scene);
    const tags = new Set([...svg.matchAll(/<\/?([A-Za-z]+)/g)].map((match) => match[1]));
    expect([...tags].sort()).toEqual(['circle', 'g', 'line', 'path', 'rect', 'svg', 'text']);
    expect(svg).toContain('&#60;img/src=x&#62;');
  });
});
