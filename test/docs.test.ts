/** The docs tell what is: every violation has its page, the protocol's page names all that a document may write, links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VIOLATIONS } from '../server/src/model/violations.ts';
import { PRIMARY_BACKUP } from '../server/src/protocols/primaryBackup/spec.ts';
import { CATALOGUE } from '../server/src/protocols/registry.ts';
import { TRUSTED } from './protocols/trusted.ts';

const root = join(import.meta.dirname, '..');

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? markdownFiles(path) : entry.name.endsWith('.md') ? [path] : [];
  });
}

describe('docs', () => {
  test.each(VIOLATIONS.filter((violation) => violation.available).map((violation) => violation.code))('%s has its page', (code) => {
    expect(readFileSync(join(root, 'docs/violations', `${code}.md`), 'utf8')).toContain(`# ${code}\n`);
  });

  test.each(CATALOGUE.protocols.filter(({ available, alias }) => available && alias === undefined))('$name has its page, and an entry in the table of trust', ({ name, messages }) => {
    const page = readFileSync(join(root, 'docs/protocols', `${name}.md`), 'utf8');
    for (const { word } of messages) expect(page).toContain(`\`${word}\``);
    expect(TRUSTED.map(({ under }) => under.protocol)).toContain(name);
  });

  test('the page of primary-backup names every preset, knob, value and message', () => {
    const page = readFileSync(join(root, 'docs/protocols/primary-backup.md'), 'utf8');
    const { presets, knobs, messages } = PRIMARY_BACKUP;
    const available = <T extends { readonly available: boolean }>(all: readonly T[]): readonly T[] => all.filter((each) => each.available);
    const words = [
      ...available(presets).map((preset) => preset.name), ...messages.map((message) => message.word),
      ...available(knobs).flatMap((knob) => available(knob.values).map((value) => value.value)),
    ];
    for (const word of words) expect(page).toContain(`\`${word}\``);
    for (const knob of available(knobs)) expect(page).toContain(`### ${knob.name}\n`);
  });

  const pages = [...markdownFiles(join(root, 'docs')), ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => join(root, name))];
  test.each(pages.map((page) => page.slice(root.length + 1)))('links of %s lead somewhere', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      expect(existsSync(join(root, dirname(page), target!)), `${page} -> ${target}`).toBe(true);
    }
  });
});
