import { describe, expect, it } from 'vitest';
import { BAD, BROKEN, directoryWith, GOOD, pawl, pawlHere } from './pawl.ts';

interface Json {
  readonly version: number;
  readonly files: readonly {
    readonly path: string;
    readonly blocks: readonly { readonly name: string; readonly verdict: string }[];
    readonly diagnostics: readonly { readonly line: number; readonly column: number; readonly severity: string; readonly code: string }[];
  }[];
}

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly Readonly<Record<string, unknown>>[];
  }[];
}

const parse = (text: string): Json => JSON.parse(text) as Json;

describe('exit codes', () => {
  it('0 where everything is as expected', () => {
    const { code, out, err } = pawl(directoryWith({ 'a.pawl': GOOD }), ['check', 'a.pawl']);
    expect({ code, out, err }).toEqual({ code: 0, out: '1 file, 1 block: 1 as expected\n', err: '' });
  });

  it('1 for an unmet expectation, shown with its line and carets', () => {
    const { code, out } = pawl(directoryWith({ 'a.pawl': BAD }), ['check', 'a.pawl']);
    expect(code).toBe(1);
    expect(out).toMatch(/^a\.pawl:8:3: error expectation Not met: w1 was acknowledged at [\d.]+ms\.$/m);
    expect(out).toContain('    8 |   expect w1 unanswered\n      |   ^^^^^^^^^^^^^^^^^^^^\n');
    expect(out).toMatch(/1 file, 1 block: 1 violated; 1 error\n$/);
  });

  it('1 for an error in a document, which is one error', () => {
    const { code, out } = pawl(directoryWith({ 'a.pawl': BROKEN }), ['check', 'a.pawl', '--format', 'json']);
    expect(code).toBe(1);
    const [file] = parse(out).files;
    expect(file?.blocks.map(({ verdict }) => verdict)).toEqual(['invalid']);
    expect(file?.diagnostics).toMatchObject([{ line: 6, column: 19, severity: 'error' }]);
  });

  const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a missing file', ['check', 'none.pawl'], /^pawl: none\.pawl: no such file or directory\n$/],
    ['a directory without documents', ['check', 'empty'], /^pawl: empty: no \.pawl file in this directory or below it\n$/],
    ['bytes that are not UTF-8', ['check', 'latin1.pawl'], /^pawl: latin1\.pawl: not valid UTF-8 text\n$/],
    ['NUL bytes', ['check', 'binary.pawl'], /^pawl: binary\.pawl: not a text file \(it holds NUL bytes\)\n$/],
    ['UTF-16', ['check', 'utf16.pawl'], /^pawl: utf16\.pawl: this is UTF-16; save it as UTF-8\n$/],
  ];
  it.each(WRONG)('2 for %s, in one line', (_what, words, message) => {
    const directory = directoryWith({
      'empty/readme.txt': '', 'latin1.pawl': new Uint8Array([0x2f, 0x2f, 0xe9, 0x0a]), 'binary.pawl': new Uint8Array([0x61, 0x00, 0x62]),
      'utf16.pawl': new Uint8Array([0xff, 0xfe, 0x61, 0x00]),
    });
    const { code, out, err } = pawl(directory, words);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  const MISSPELT: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown option', ['check', '--formt', 'json'], /^pawl: check: unknown option --formt; did you mean --format\?\n$/],
    ['an option far from any', ['check', '--zzzzzz'], /^pawl: check: unknown option --zzzzzz; see pawl check --help\n$/],
    ['an unknown format', ['check', '--format', 'jsn'], /^pawl: --format cannot be “jsn”; did you mean json\?\n$/],
    ['a value that is missing', ['check', '--format'], /^pawl: --format needs a value: pretty, json, sarif, junit, github\n$/],
    ['a value that is too much', ['check', '--strict=yes'], /^pawl: --strict takes no value\n$/],
    ['an unknown command', ['chekc', 'a.pawl'], /^pawl: unknown command “chekc”; did you mean check\?\n$/],
    ['no command', [], /^pawl: say what to do: check, run, explore, import, format; see pawl --help\n$/],
    ['exploring', ['explore', 'a.pawl'], /^pawl: explore is not in this version; .*\n$/],
  ];
  it.each(MISSPELT)('2 for %s, in one line', async (_what, words, message) => {
    const { code, out, err } = await pawlHere(words);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

describe('files and directories', () => {
  it('a directory is every .pawl below it, sorted, each file once', () => {
    const directory = directoryWith({ 'd/b.pawl': GOOD, 'd/a/z.pawl': GOOD, 'd/a.pawl': GOOD, 'd/c.txt': 'no' });
    const { code, out } = pawl(directory, ['check', 'd/', 'd/a.pawl', '--format', 'json']);
    expect(code).toBe(0);
    expect(parse(out).files.map(({ path }) => path)).toEqual(['d/a.pawl', 'd/a/z.pawl', 'd/b.pawl']);
  });

  it('without files it checks the current directory', () => {
    const { out } = pawl(directoryWith({ 'a.pawl': GOOD, 'b/c.pawl': GOOD }), ['check', '--format', 'json']);
    expect(parse(out).files.map(({ path }) => path)).toEqual(['a.pawl', 'b/c.pawl']);
  });

  it('reads CRLF and a byte order mark, and columns do not move', () => {
    const directory = directoryWith({ 'a.pawl': `\ufeff${BAD.replaceAll('\n', '\r\n')}` });
    const { code, out } = pawl(directory, ['check', 'a.pawl', '--format', 'json']);
    expect(code).toBe(1);
    expect(parse(out).files[0]?.diagnostics).toMatchObject([{ line: 8, column: 3, endColumn: 23, severity: 'error', code: 'expectation' }]);
  });

  it('an empty document is fine', () => {
    expect(pawl(directoryWith({ 'a.pawl': '' }), ['check', 'a.pawl'])).toEqual({ code: 0, out: '1 file, 0 blocks\n', err: '' });
  });
});

describe('formats', () => {
  const files = { 'bad.pawl': BAD, 'broken.pawl': BROKEN, 'good.pawl': GOOD };

  it('json has the keys of the contract in their order, and is the same every time', () => {
    const directory = directoryWith(files);
    const first = pawl(directory, ['check', '.', '--format', 'json']);
    expect(pawl(directory, ['check', '.', '--format', 'json'])).toEqual(first);
    const report = parse(first.out);
    expect(Object.keys(report)).toEqual(['version', 'files']);
    expect(report.version).toBe(1);
    expect(Object.keys(report.files[0]!)).toEqual(['path', 'blocks', 'diagnostics']);
    expect(Object.keys(report.files[0]!.blocks[0]!)).toEqual(['kind', 'name', 'line', 'verdict', 'expectations', 'violations', 'events']);
    expect(Object.keys(report.files[0]!.diagnostics[0]!))
      .toEqual(['line', 'column', 'endLine', 'endColumn', 'severity', 'code', 'message']);
    expect(report.files[0]!.blocks[0]).toMatchObject({ line: 1, expectations: [{ text: 'w1 unanswered', line: 8, met: false }] });
  });

  it('sarif', () => {
    const { code, out } = pawl(directoryWith({ ...files, 'a dir/bad.pawl': BAD }), ['check', '.', '--format', 'sarif']);
    expect(code).toBe(1);
    const log = JSON.parse(out) as Sarif;
    expect(log.version).toBe('2.1.0');
    const { tool, results } = log.runs[0]!;
    expect(tool.driver.name).toBe('pawl');
    for (const result of results) expect(tool.driver.rules[result['ruleIndex'] as number]?.id).toBe(result['ruleId']);
    const physicalLocation = { artifactLocation: { uri: 'a%20dir/bad.pawl' }, region: { startLine: 8, startColumn: 3 } };
    expect(results[0]).toMatchObject({ level: 'error', locations: [{ physicalLocation }] });
  });

  it('github', () => {
    const { out } = pawl(directoryWith({ 'a,b.pawl': BAD }), ['check', '.', '--format', 'github']);
    expect(out).toMatch(/^::error file=a%2Cb\.pawl,line=8,col=3,endLine=8,endColumn=23,title=expectation::Not met: [^\n]*\n$/);
  });

  it('junit', () => {
    const directory = directoryWith({ ...files, 'names.pawl': GOOD.replace('one write', '<a> & b') });
    const { out } = pawl(directory, ['check', '.', '--format', 'junit']);
    expect(out).toContain('<testsuites name="pawl" tests="4" failures="1" errors="1" skipped="0">');
    expect(out).toContain('<testcase name="scenario &lt;a&gt; &amp; b" classname="names.pawl"/>');
    expect(out).toMatch(/<failure message="Not met: [^"]*" type="expectation">bad\.pawl:8:3: expectation: /);
  });

  it('pretty has no colours where nobody would see them', () => {
    expect(pawl(directoryWith(files), ['check']).out).not.toContain('\u001b');
  });
});

describe('strict', () => {
  const silent = GOOD.replace('expect w1 acked', 'drop c1 -> A write').replace('k = 1', 'k = 1 to A');

  it('makes warnings fail', () => {
    const directory = directoryWith({ 'a.pawl': silent });
    const [lax, strict] = [pawl(directory, ['check']), pawl(directory, ['check', '--strict'])];
    expect(lax.out).toContain('warning');
    expect([lax.code, strict.code]).toEqual([0, 1]);
  });
});

describe('help', () => {
  it.each(['--help', 'help', 'check --help', 'run -h', 'format --help', 'explore --help', 'help import'])('%s', async (words) => {
    const { code, out, err } = await pawlHere(words.split(' '));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^pawl /);
  });
});
