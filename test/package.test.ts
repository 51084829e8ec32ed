/** The manifest, the lock file and the documents at the root agree with what is there. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyseNow } from '../server/src/analysis/analyse.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Manifest {
  readonly version: string;
  readonly icon: string;
  readonly license: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly contributes: {
    readonly languages: readonly { configuration: string; icon: { light: string; dark: string } }[];
    readonly grammars: readonly { path: string; scopeName: string }[];
    readonly commands: readonly { command: string; icon?: string | { light: string; dark: string } }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { description?: string; markdownDescription?: string }>> };
    readonly snippets?: readonly { path: string }[];
  };
}

const MANIFEST = JSON.parse(text('package.json')) as Manifest;
const { contributes } = MANIFEST;
const clientSources = (): string => readdirSync(join(ROOT, 'client/src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts')).map((path) => text(`client/src/${path}`)).join('\n');

describe('the manifest', () => {
  it('names files that are there, and that the package takes along', () => {
    const icons = [...contributes.languages.map(({ icon }) => icon), ...contributes.commands.flatMap(({ icon }) => (icon === undefined || typeof icon === 'string' ? [] : icon))];
    const paths = [MANIFEST.icon, ...contributes.languages.map(({ configuration }) => configuration), ...contributes.grammars.map(({ path }) => path),
      ...icons.flatMap(({ light, dark }) => [light, dark]), ...(contributes.snippets ?? []).map(({ path }) => path)].map((path) => path.replace('./', ''));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(paths.filter((path) => !/^(media|syntaxes)\//.test(path))).toEqual([]);
  });

  it('declares the grammar that the grammar file says it is', () => {
    for (const { path, scopeName } of contributes.grammars) expect(JSON.parse(text(path)).scopeName).toBe(scopeName);
  });

  it('declares only commands that the client knows', () => {
    const registered = [...clientSources().matchAll(/ommand\(\s*'(pawl\.[^']+)'/g)].map(([, name]) => name);
    const declared = contributes.commands.map(({ command }) => command);
    expect(declared.filter((command) => !registered.includes(command))).toEqual([]);
  });

  it('has settings that say what they do, and that the client reads', () => {
    const sources = clientSources();
    for (const [name, { description, markdownDescription }] of Object.entries(contributes.configuration.properties)) {
      expect(description ?? markdownDescription, name).toMatch(/\.$/);
      // `trace.server` is read by the language client itself.
      if (name !== 'pawl.trace.server') expect(sources, name).toContain(name.slice(name.lastIndexOf('.') + 1));
    }
  });

  it('has an icon below 10 KB', () => {
    expect(readFileSync(join(ROOT, MANIFEST.icon)).length).toBeLessThan(10_000);
  });
});

describe('installing', () => {
  interface Lock { readonly packages: Readonly<Record<string, { hasInstallScript?: boolean; version?: string }>> }
  const lock = JSON.parse(text('package-lock.json')) as Lock;

  it('every package with an install script is allowed it or denied it', () => {
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
      .filter((name) => name !== 'fsevents');
    expect(Object.keys(MANIFEST.allowScripts).sort()).toEqual([...new Set(scripted)].sort());
  });

  it('the lock file is of this version', () => {
    expect(lock.packages['']?.version).toBe(MANIFEST.version);
  });
});

describe('the documents at the root', () => {
  it('the examples of the README give what it says', () => {
    const blocks = [...text('README.md').matchAll(/```pawl\n([\s\S]*?)```/g)].flatMap(([, example]) => analyseNow(example ?? '').blocks);
    const found = blocks.map(({ name, verdict, violations }) => [name, verdict, ...violations.map(({ finding }) => finding.code)]);
    expect(found).toEqual([
      ['six nodes split in half', 'violated', 'split-brain'],
      ['the leader dies between accept and commit', 'as-expected', 'blocked'],
      ['a late commit from the old leader', 'violated', 'stale-epoch'],
      ['a read from the past', 'violated', 'not-linearizable'],
    ]);
  });

  it('the changelog has this version', () => {
    expect(text('CHANGELOG.md')).toContain(`## ${MANIFEST.version}`);
  });

  it('name only scripts and files that exist', () => {
    for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
      const scripts = [...text(page).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '');
      expect(scripts.filter((name) => MANIFEST.scripts[name] === undefined), page).toEqual([]);
      const links = [...text(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path]) => path ?? '');
      expect(links.filter((path) => !existsSync(join(ROOT, path))), page).toEqual([]);
    }
  });
});
