/** The rules of the house, read off the files: who may import whom, what the core must not touch, how long a file may be. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)));
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** For each layer, the layers it may import besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  language: [],
  model: ['language'],
  engine: ['model', 'language'],
  protocols: ['engine', 'model', 'language'],
  checkers: ['engine', 'model', 'language'],
  explore: ['protocols', 'checkers', 'engine', 'model', 'language'],
  interchange: ['protocols', 'checkers', 'engine', 'model', 'language'],
  analysis: ['interchange', 'explore', 'protocols', 'checkers', 'engine', 'model', 'language'],
  features: ['analysis', 'interchange', 'explore', 'protocols', 'checkers', 'engine', 'model', 'language'],
  picture: ['features'],
  lsp: ['features', 'interchange', 'analysis', 'explore', 'protocols', 'checkers', 'engine', 'model', 'language'],
  cli: ['picture', 'features', 'interchange', 'analysis', 'explore', 'protocols', 'checkers', 'engine', 'model', 'language'],
};
const EDGES = ['lsp', 'cli'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(path: string): Import[] {
  return [...text(path).matchAll(IMPORT)].map(([, type, named, dynamic]) => {
    const to = named ?? dynamic ?? '';
    return { from: path, to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to, typeOnly: type !== undefined };
  });
}

const SOURCES = FILES.filter((path) => /^(server|client)\/.*\.ts$/.test(path) && !path.endsWith('.d.ts'));
const IMPORTS = SOURCES.flatMap(importsOf);
const layerOf = (path: string): string | undefined => /^server\/src\/([^/]+)\//.exec(path)?.[1];
const CORE = SOURCES.filter((path) => {
  const layer = layerOf(path);
  return layer !== undefined && !EDGES.includes(layer);
});
const say = ({ from, to }: Import): string => `${from} imports ${to}`;

/** The code of a file with comments and the contents of strings blanked out. */
function codeOf(path: string): string {
  return text(path).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, (match) => (match.startsWith('/') ? ' ' : "''"));
}

describe('imports', () => {
  it('finds sources to read', () => {
    expect(SOURCES.length).toBeGreaterThan(10);
    expect(IMPORTS.length).toBeGreaterThan(10);
  });

  it('every folder of server/src is a layer with a place', () => {
    const unknown = new Set(SOURCES.map(layerOf).filter((layer) => layer !== undefined && LAYERS[layer] === undefined));
    expect([...unknown]).toEqual([]);
    expect(SOURCES.filter((path) => /^server\/src\/[^/]+\.ts$/.test(path))).toEqual([]);
  });

  it('in the server point down only', () => {
    const wrong = IMPORTS.filter(({ from, to }) => {
      const above = layerOf(from), below = layerOf(to);
      return above !== undefined && to.includes('/') && below !== undefined && above !== below && !(LAYERS[above] ?? []).includes(below);
    });
    expect(wrong.map(say)).toEqual([]);
  });

  it('of the client reach only types of lsp/requests.ts, and those of the page the picture', () => {
    const wrong = IMPORTS.filter(({ from, to, typeOnly }) => from.startsWith('client/') && to.startsWith('server/')
      && !(to === 'server/src/lsp/requests.ts' && typeOnly) && !(from.startsWith('client/webview/') && layerOf(to) === 'picture'));
    expect(wrong.map(say)).toEqual([]);
  });

  it('of the picture are types, so that nothing else of the server comes into the page', () => {
    expect(IMPORTS.filter(({ from, to, typeOnly }) => layerOf(from) === 'picture' && layerOf(to) !== 'picture' && !typeOnly).map(say)).toEqual([]);
  });

  it('of the server never reach the client', () => {
    expect(IMPORTS.filter(({ from, to }) => from.startsWith('server/') && to.startsWith('client/')).map(say)).toEqual([]);
  });

  it("name 'vscode' only in client/src", () => {
    expect(IMPORTS.filter(({ from, to }) => to === 'vscode' && !from.startsWith('client/src/')).map(say)).toEqual([]);
  });

  it('name packages only in lsp/ and client/src', () => {
    const wrong = IMPORTS.filter(({ from, to }) => !/^(node:|server\/|client\/)/.test(to) && !from.startsWith('client/src/') && layerOf(from) !== 'lsp');
    expect(wrong.map(say)).toEqual([]);
  });

  it('name node:* only where Node is: lsp/, cli/ and client/src', () => {
    const wrong = IMPORTS.filter(({ from, to }) => to.startsWith('node:') && !from.startsWith('client/src/') && !EDGES.includes(layerOf(from) ?? ''));
    expect(wrong.map(say)).toEqual([]);
  });
});

describe('the core', () => {
  /** Clocks, chance, waiting, the machine. */
  const BANNED: readonly (readonly [string, RegExp])[] = [
    ['Date', /\bDate\b/], ['Math.random', /Math\s*\.\s*random/], ['crypto', /\bcrypto\b/], ['performance', /\bperformance\s*\./],
    ['timers', /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/], ['promises', /\bPromise\b|\basync\b|\bawait\b/],
    ['process', /\bprocess\s*\.\s*(?:env|argv|hrtime|nextTick|exit|cwd|memoryUsage)\b/],
    ['console', /\bconsole\s*\./], ['locale', /\btoLocale|\bIntl\b|localeCompare/],
  ];
  it.each(BANNED)('has no %s', (_name, pattern) => {
    expect(CORE.filter((path) => pattern.test(codeOf(path)))).toEqual([]);
  });
});

describe('names of protocols', () => {
  it('are unknown to the engine and the checkers', () => {
    const names = /primary-?backup|\bviewstamped|\bpaxos\b|\braft\b|\bepaxos\b|\bpbft\b|\bzab\b|\babd\b|\b[23]pc\b/i;
    const wrong = CORE.filter((path) => ['engine', 'checkers'].includes(layerOf(path) ?? '')).filter((path) =>
      names.test(text(path).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')));
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  const OURS = FILES.filter((path) => /\.(?:ts|mts|mjs)$/.test(path));

  it('are short enough to hold in mind', () => {
    const long = OURS.map((path) => [path, text(path).split('\n').length] as const).filter(([, lines]) => lines > 500);
    expect(long).toEqual([]);
  });

  it('are named in camelCase', () => {
    expect(SOURCES.filter((path) => !/^[a-z][A-Za-z0-9]*(?:\.d)?\.ts$/.test(posix.basename(path)))).toEqual([]);
  });

  it('speak of the project alone: no paths of a machine, no registry', () => {
    const readable = FILES.filter((path) => !/\.(?:png|jpg|vsix)$/.test(path) && path !== 'test/house.test.ts');
    const machine = /\/(?:work|home|root|Users|tmp)\/[a-z]|registry\.(?:npmjs|yarnpkg)|https?:\/\/[^\s"']*(?:artifactory|nexus|verdaccio)/i;
    expect(readable.filter((path) => machine.test(text(path)))).toEqual([]);
  });

  it('the lock file names no addresses', () => {
    expect(text('package-lock.json')).not.toMatch(/"resolved"/);
  });
});
