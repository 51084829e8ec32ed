/** The examples read as a course: examples/README.md is its table of contents, and (examples.test.ts) has a line for each document. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../examples');
const contents = readFileSync(join(folder, 'README.md'), 'utf8');
const documents = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pawl')).sort();
const listed = [...contents.matchAll(/^- \[([^\]]+)\]\(([^)]+\.pawl)\)(.*)$/gm)].map(([, text, path, about]) => ({ text: text!, path: path!, about: about! }));

describe('examples/README.md', () => {
  test('lists nothing that is not there', () => { expect(listed.map(({ path }) => path).filter((path) => !documents.includes(path))).toEqual([]); });

  test('says of each in a line what it shows', () => {
    for (const { text, path, about } of listed) {
      expect(text, path).toBe(path.split('/').at(-1));
      expect(about, path).toMatch(/^: .{10,}\.$/);
    }
  });

  test('has the essay’s sections in the essay’s order', () => {
    const sections = ['Our first steps', 'What about 3pc?', 'The temporal ratchet', 'The illusion of linear time', 'A pawl for our ratchet', 'Reads are no longer simple',
      'OK, it works, now how can we make it fast?', 'Network round-trips', 'Key partitioning', 'A few words on Byzantine failure'];
    const found = [...contents.matchAll(/^##+ (.+)$/gm)].map(([, title]) => title!);
    expect(found.filter((title) => sections.includes(title))).toEqual(sections);
  });
});
