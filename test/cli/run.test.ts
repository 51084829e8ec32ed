import { describe, expect, it } from 'vitest';
import { BAD, BROKEN, directoryWith, GOOD, pawl } from './pawl.ts';

describe('run', () => {
  it('prints a trace that check reads back', () => {
    const directory = directoryWith({ 'a.pawl': GOOD });
    const { code, out, err } = pawl(directory, ['run', 'a.pawl']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^trace "one write"/);
    const again = pawl(directoryWith({ 'trace.pawl': out }), ['check', 'trace.pawl']);
    expect(again.code).toBe(0);
  });

  it('prints every event as json', () => {
    const { out } = pawl(directoryWith({ 'a.pawl': GOOD }), ['run', 'a.pawl', '--format', 'json']);
    const { runs } = JSON.parse(out) as { runs: { name: string; nodes: string[]; events: { kind: string }[] }[] };
    expect(runs.map(({ name, nodes }) => ({ name, nodes }))).toEqual([{ name: 'one write', nodes: ['A', 'B', 'C'] }]);
    const kinds = new Set(runs[0]?.events.map(({ kind }) => kind));
    for (const kind of ['invoke', 'ok', 'send', 'receive', 'leads']) expect(kinds).toContain(kind);
  });

  it('runs the scenario that is named', () => {
    const directory = directoryWith({ 'a.pawl': `${GOOD}\n${BAD}` });
    expect(pawl(directory, ['run', 'a.pawl', '--block', 'one write']).code).toBe(0);
    const other = pawl(directory, ['run', 'a.pawl', '--block', 'no answer']);
    expect(other.code).toBe(1);
    expect(other.out).toMatch(/^trace "no answer"/);
  });

  it('says why a scenario was not run', () => {
    const { code, out, err } = pawl(directoryWith({ 'a.pawl': BROKEN }), ['run', 'a.pawl']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^pawl: the scenario “typo” was not run: a\.pawl:6:19: .*\n$/);
  });

  it('draws a block as a picture, or as a sequence diagram', () => {
    const directory = directoryWith({ 'a.pawl': `${GOOD}\n${BAD}\nhistory "h" {\n  B 1..2 writes k = 1 ok\n}\n` });
    const svg = pawl(directory, ['run', 'a.pawl', '--block', 'one write', '--format', 'svg']);
    expect({ code: svg.code, err: svg.err }).toEqual({ code: 0, err: '' });
    expect(svg.out).toMatch(/^<svg [^]*<title id="title">one write<\/title>[^]*<\/svg>\n$/);
    expect(pawl(directory, ['run', 'a.pawl', '--block', 'no answer', '--format', 'mermaid'])).toMatchObject({ code: 1, out: expect.stringContaining('sequenceDiagram') as string });
    expect(pawl(directory, ['run', 'a.pawl', '--block', 'h', '--format', 'svg']).out).toContain('write k = 1');
  });

  const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
    [['run'], /^pawl: run: name the file to run\n$/],
    [['run', 'a.pawl', 'a.pawl'], /^pawl: run: name one file only\n$/],
    [['run', 'two.pawl', '--format', 'svg'], /^pawl: run: svg draws one block; choose one with --block: “one write”, “no answer”\n$/],
    [['run', 'a.pawl', '--format', 'png'], /^pawl: --format cannot be “png”/],
    [['run', 'a.pawl', '--block', 'one wrte'], /^pawl: a\.pawl: no scenario is named “one wrte”; did you mean “one write”\?\n$/],
    [['run', 'history.pawl'], /^pawl: history\.pawl: there is no scenario to run\n$/],
  ];
  it.each(WRONG)('exits 2 for %j', (words, message) => {
    const { code, out, err } = pawl(directoryWith({ 'a.pawl': GOOD, 'two.pawl': `${GOOD}\n${BAD}`, 'history.pawl': 'history "h" {\n}\n' }), words);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
