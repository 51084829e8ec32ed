import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryWith, pawl } from './pawl.ts';

const event = (process: number, type: string, f: string, value: string): string => `{:process ${process}, :type :${type}, :f :${f}, :value ${value}}\n`;
const WRITE = event(0, 'invoke', 'write', '1') + event(0, 'ok', 'write', '1');
const READ_NIL = event(0, 'invoke', 'read', 'nil') + event(0, 'ok', 'read', 'nil');

describe('import', () => {
  it('and check: the whole way', () => {
    const directory = directoryWith({ 'h.edn': WRITE + READ_NIL });
    expect(pawl(directory, ['import', 'h.edn', '--nil', 'absent', '-o', 'h.pawl'])).toEqual({ code: 0, out: '', err: '' });
    const { code, out } = pawl(directory, ['check', 'h.pawl']);
    expect(code).toBe(1);
    expect(out).toMatch(/^h\.pawl:3:3: error not-linearizable /);
  });

  it('says what it took nil to mean, where nobody said', () => {
    const { code, out, err } = pawl(directoryWith({ 'h.edn': WRITE + READ_NIL }), ['import', 'h.edn']);
    expect({ code, out }).toEqual({ code: 0, out: 'history "h.edn" {\n  p0 1..2 writes x = 1 ok\n}\n' });
    expect(err).toBe('pawl: h.edn: one read got nil, taken to mean that nobody learned the value; --nil absent if the key was not there\n');
  });

  it('reports bad lines, the first of them one by one, and imports the rest', () => {
    const { code, out, err } = pawl(directoryWith({ 'h.edn': WRITE + 'oops\n'.repeat(30) + WRITE }), ['import', 'h.edn', '--from', 'jepsen']);
    expect(code).toBe(0);
    expect(out).toMatch(/p0 1\.\.2 .*\n.*p0 3\.\.4 /);
    expect(err.split('\n')[0]).toBe('pawl: h.edn:3: ‘oops’ is no operation');
    expect(err).toContain('pawl: h.edn: and 10 more lines that were left out\n');
  });

  it.each([['empty', ''], ['blank', '\n\n'], ['without a client', event(0, 'invoke', 'read', 'nil').replace('0', ':nemesis')]])('says that a file is no history: %s', (_, content) => {
    const directory = directoryWith({ 'h.edn': content });
    expect(pawl(directory, ['import', 'h.edn', '-o', 'h.pawl'])).toEqual({ code: 1, out: '', err: 'pawl: h.edn: this is no history: it holds no operation\n' });
    expect(existsSync(join(directory, 'h.pawl'))).toBe(false);
  });

  const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
    [['import'], /^pawl: import: name the file to import\n$/],
    [['import', 'story.txt'], /^pawl: story\.txt: the format is not recognised; say which it is with --from jepsen\|jepsen-log\|porcupine-kv\|maelstrom\|jsonl\n$/],
    [['import', 'none.edn'], /^pawl: none\.edn: no such file or directory\n$/],
    [['import', 'h.edn', '--from', 'jespen'], /^pawl: --from cannot be “jespen”; did you mean jepsen\?\n$/],
    [['import', 'h.edn', '-o', './h.edn'], /^pawl: import: \.\/h\.edn is the file to import; write to another one\n$/],
  ];
  it.each(WRONG)('exits 2 for %j', (words, message) => {
    const directory = directoryWith({ 'h.edn': WRITE, 'story.txt': 'once upon a time' });
    const { code, out, err } = pawl(directory, words);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(readFileSync(join(directory, 'h.edn'), 'utf8')).toBe(WRITE);
  });
});
