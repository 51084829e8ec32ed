/** A block as a picture that stands alone: SVG for pages, a sequence diagram for Mermaid. */
import { describe, expect, it } from 'vitest';
import { sequenceOf } from '../../server/src/picture/mermaid.ts';
import { pictureOf } from '../../server/src/picture/svg.ts';
import { textWidth } from '../../server/src/picture/letters.ts';
import { FIXTURES, hostile } from './fixtures.ts';

const NAMES = ['happy', 'partition', 'fates', 'stops', 'history', 'hostile'] as const;

describe('a picture', () => {
  it.each(NAMES)('of %s stays as it is', async (name) => {
    await expect(pictureOf(FIXTURES[name]())).toMatchFileSnapshot(`goldens/pictures/${name}.svg`);
  });

  it('is the same for the same run', () => { expect(pictureOf(FIXTURES.partition())).toBe(pictureOf(FIXTURES.partition())); });

  it('is told to those who do not see it', () => {
    const svg = pictureOf(FIXTURES.partition());
    expect(svg).toContain('role="img" aria-labelledby="title told"');
    expect(svg).toMatch(/<desc id="told">.*leads \{1\} from 0 ms.*<\/desc>/);
  });

  it('has its own colours, for light and for dark', () => {
    const svg = pictureOf(FIXTURES.happy()), [light, dark] = svg.split('@media (prefers-color-scheme:dark)');
    const colours = (css: string): readonly string[] => [...css.slice(0, css.indexOf('}') + 1).matchAll(/--([a-z0-9-]+):/g)].map(([, name]) => name!);
    expect(colours(dark!)).toEqual(colours(light!.slice(light!.indexOf('svg{'))));
    for (const [, name] of svg.matchAll(/var\(--([a-z0-9-]+)\)/g)) expect(colours(dark!)).toContain(name);
    expect(svg).not.toContain('--vscode');
  });

  it('explains the signs that it has, and no others', () => {
    const legend = (name: typeof NAMES[number]): string => pictureOf(FIXTURES[name]()).split('class="legend"')[1]!;
    expect(legend('fates')).toContain('>lost<');
    expect(legend('happy')).not.toContain('>lost<');
    expect(legend('stops')).toContain('down, from crash to restart');
  });

  it('writes what a document says as text', () => {
    const svg = pictureOf(hostile());
    expect(svg).not.toContain('<img');
    expect(svg.match(/<\w+/g)!.every((tag) => ['<svg', '<title', '<desc', '<style', '<rect', '<text', '<g', '<line', '<path', '<circle', '<clipPath'].includes(tag))).toBe(true);
  });

  it('leaves no text outside', () => {
    for (const name of NAMES) {
      const svg = pictureOf(FIXTURES[name]()), width = Number(/width="(\d+)"/.exec(svg)![1]);
      for (const [, x, anchor, words] of svg.matchAll(/<text class="[^"]*" x="([\d.-]+)" y="[\d.-]+" text-anchor="(\w+)">([^<]*)</g)) {
        const right = Number(x) + (anchor === 'start' ? 0.9 : anchor === 'middle' ? 0.45 : 0) * textWidth(words!, 11);
        expect(right, `${name}: ${words}`).toBeLessThanOrEqual(width + 12);
      }
    }
  });
});

describe('a sequence diagram', () => {
  it.each(NAMES)('of %s stays as it is', async (name) => {
    await expect(sequenceOf(FIXTURES[name]())).toMatchFileSnapshot(`goldens/pictures/${name}.mmd`);
  });

  it('has a line for each message but heartbeats', () => {
    const data = FIXTURES.fates();
    expect(sequenceOf(data).match(/^ {2}p\d+\S+p\d+: /gm)).toHaveLength(data.messages.filter(({ faint }) => !faint).length);
  });

  it('writes nothing that Mermaid would read as its own', () => {
    for (const line of sequenceOf(hostile()).split('\n').slice(4)) expect(line.slice(line.indexOf(': ') + 2)).not.toMatch(/[<>]|;(?<!#\d+;)/);
  });
});
