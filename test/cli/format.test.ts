import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { directoryWith, GOOD, pawl } from './pawl.ts';

const MESSY = GOOD.replaceAll('\n  ', '\n      ');

it('formats files in place and names those that it changed', () => {
  const directory = directoryWith({ 'a.pawl': MESSY, 'b.pawl': GOOD });
  expect(pawl(directory, ['format', 'a.pawl', 'b.pawl'])).toEqual({ code: 0, out: 'a.pawl\n', err: '' });
  expect(readFileSync(join(directory, 'a.pawl'), 'utf8')).toBe(GOOD);
});

it('--check changes nothing', () => {
  const directory = directoryWith({ 'a.pawl': MESSY, 'b.pawl': GOOD });
  expect(pawl(directory, ['format', '.', '--check'])).toEqual({ code: 1, out: 'a.pawl\n', err: '' });
  expect(readFileSync(join(directory, 'a.pawl'), 'utf8')).toBe(MESSY);
  expect(pawl(directory, ['format', 'b.pawl', '--check'])).toEqual({ code: 0, out: '', err: '' });
});

it('formats standard input to standard output', () => {
  const directory = directoryWith({});
  expect(pawl(directory, ['format'], MESSY)).toEqual({ code: 0, out: GOOD, err: '' });
  expect(pawl(directory, ['format', '-'], MESSY).out).toBe(GOOD);
  expect(pawl(directory, ['format', '-', '--check'], MESSY).code).toBe(1);
});

it('exits 2 where input and files are mixed, or a file is missing', () => {
  const directory = directoryWith({});
  expect(pawl(directory, ['format', '-', 'a.pawl']).err).toBe('pawl: format: - stands for standard input and cannot be mixed with files\n');
  expect(pawl(directory, ['format', 'a.pawl'])).toEqual({ code: 2, out: '', err: 'pawl: a.pawl: no such file or directory\n' });
});
