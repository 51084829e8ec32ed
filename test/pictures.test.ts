/** The pictures in docs/ are drawn from the examples as they are: `npm run goldens` draws them again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';
import { timelineAt } from '../server/src/features/timeline.ts';
import { pictureOf } from '../server/src/picture/svg.ts';
import { withPictures } from '../client/src/pictures.ts';
import { DOCS_PICTURES, type DocsPicture } from './docsPictures.ts';

const root = join(import.meta.dirname, '..');
const us = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : 1000 * ms);

function drawn({ example, block, fromMs, toMs }: DocsPicture): string {
  const analysis = analyseNow(readFileSync(join(root, 'examples', example), 'utf8'));
  const index = analysis.blocks.findIndex(({ name }) => name === block), fromUs = us(fromMs), toUs = us(toMs);
  expect(index, `examples/${example} has a block “${block}”`).toBeGreaterThanOrEqual(0);
  return pictureOf(timelineAt(analysis, index)!, { titles: false, ...(fromUs === undefined ? {} : { fromUs }), ...(toUs === undefined ? {} : { toUs }) });
}

/** The pages that show a picture. */
function pagesWith(name: string): readonly string[] {
  return ['protocols', 'violations'].flatMap((folder) => readdirSync(join(root, 'docs', folder)).map((file) => `${folder}/${file}`))
    .filter((page) => readFileSync(join(root, 'docs', page), 'utf8').includes(`](../pictures/${name}.svg)`));
}

describe('the pictures of docs/', () => {
  test.each(DOCS_PICTURES.map((picture) => [picture.name, picture] as const))('%s is as its example runs', async (name, picture) => {
    await expect(drawn(picture)).toMatchFileSnapshot(join(root, 'docs/pictures', `${name}.svg`));
  });

  test.each(DOCS_PICTURES)('$name stands on a page', ({ name }) => { expect(pagesWith(name)).not.toEqual([]); });

  test('are all drawn from an example', () => {
    const names = DOCS_PICTURES.map(({ name }) => `${name}.svg`);
    expect(readdirSync(join(root, 'docs/pictures')).filter((file) => !names.includes(file))).toEqual([]);
  });

  test('go into the page that the editor shows', async () => {
    const read = async (path: string): Promise<Uint8Array | undefined> => (path.includes('none') ? undefined : readFileSync(join(root, 'docs', path)));
    const page = readFileSync(join(root, 'docs/protocols/raft.md'), 'utf8'), shown = await withPictures(page, read);
    const [, data] = /!\[[^\]]+\]\(data:image\/svg\+xml;base64,([^)]+)\)/.exec(shown)!;
    expect(Buffer.from(data!, 'base64').toString('utf8')).toBe(readFileSync(join(root, 'docs/pictures/raft.svg'), 'utf8'));
    expect(await withPictures('One.\n\n![a](../pictures/none.svg)\n\nTwo.\n', read)).toBe('One.\n\nTwo.\n');
  });

  test.each(readdirSync(join(root, 'docs/protocols')))('docs/protocols/%s shows one', (page) => {
    expect(readFileSync(join(root, 'docs/protocols', page), 'utf8')).toMatch(/!\[[^\]]+\]\(\.\.\/pictures\/[\w-]+\.svg\)/);
  });
});
