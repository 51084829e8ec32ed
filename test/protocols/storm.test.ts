/** The end of the road's first half survives storms; with any one guard taken away, the same storms break it. */
import { describe, expect, test } from 'vitest';
import { errorsOf } from './scenarios.ts';
import { stormOf } from './storm.ts';

type Knobs = Readonly<Record<string, string>>;

const SAFE: readonly Knobs[] = [
  {}, { 'catch-up': 'up-to-date-vote' }, { succession: 'view-mod-n' }, { 'read-path': 'log' }, { order: 'unordered' }, { dup: 'on' }, { retry: 'none' },
  { 'reply-at': 'first-commit-ack' }, { jitter: '40000' }, { stagger: '0' },
];

/** A guard of the road, what replaces it, and one violation that this must lead to. */
const CANARIES: readonly (readonly [guard: string, without: Knobs, caught: string])[] = [
  ['votes of a majority', { votes: 'reachable' }, 'diverged'],
  ['a majority, not half', { votes: 'f-plus-1' }, 'epoch-collision'],
  ['commits by a majority', { 'commit-quorum': 'reachable' }, 'lost-write'],
  ['asking anyone at all', { succession: 'sorted-live' }, 'lost-write'],
  ['learning from the voters', { 'catch-up': 'none' }, 'lost-write'],
  ['epochs on messages', { ratchet: 'none' }, 'stale-epoch'],
  ['the ratchet on epochs, not on slots', { ratchet: 'naive-tuple' }, 'diverged'],
  ['confirming a read', { 'read-path': 'leader-local' }, 'stale-read'],
  ['reading at the leader', { 'read-path': 'any-local' }, 'not-linearizable'],
  ['the promise on disk', { persist: 'log' }, 'epoch-regression'],
  ['anything on disk', { persist: 'none' }, 'lost-write'],
  ['sessions', { sessions: 'off' }, 'duplicate-execution'],
  ['not guessing', { 'in-doubt': 'abort' }, 'diverged'],
];

const SCHEDULES = 400, AT_MOST = 4000;

describe('quorum-reads in a storm', () => {
  test.each(SAFE)('%j survives', (knobs) => {
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const errors = errorsOf(stormOf('quorum-reads', knobs, seed));
      expect(errors, `replay: errorsOf(stormOf('quorum-reads', ${JSON.stringify(knobs)}, ${seed}))`).toEqual([]);
    }
  });

  test.each(CANARIES)('without %s it is caught', (_guard, knobs, caught) => {
    let schedules = 1;
    while (schedules <= AT_MOST && !errorsOf(stormOf('quorum-reads', knobs, schedules)).includes(caught)) schedules++;
    expect(schedules, `${caught} within ${AT_MOST} schedules`).toBeLessThanOrEqual(AT_MOST);
  });
});
