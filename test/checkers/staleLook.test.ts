import { describe, expect, it } from 'vitest';
import type { ActionModel } from '../../server/src/model/scenario.ts';
import { staleLook } from '../../server/src/checkers/staleLook.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { findings, Story } from './story.ts';

const set = (value: string): ActionModel => ({ kind: 'session', key: '/a', call: { kind: 'set', path: '/a', value, version: -1 } });
const GET: ActionModel = { kind: 'session', key: '/a', call: { kind: 'get', path: '/a', watching: false } };

/** Operations one after the other, none overlapping: `c1 sets 5`, `c2 gets 4`; a call of c1 with its answer. */
function told(...lines: readonly (string | readonly [ActionModel, string])[]) {
  const story = new Story();
  for (const line of lines) {
    const [client, verb, argument] = (typeof line === 'string' ? line.split(' ') : ['c1', 'does', line[1]]) as [string, string, string];
    const op = story.ask(client, typeof line !== 'string' ? line[0] : verb === 'sets' ? set(argument) : GET), value = verb === 'sets' ? '' : argument;
    const endEvent = story.log.add(0, EVENT.ok, { node: story.id(client), op, text: value });
    story.operations[op] = { ...story.operations[op]!, endEvent, outcome: 'ok', value };
  }
  return findings(staleLook, story).map(({ severity, operations }) => `${severity} ${operations.join(' ')}`);
}

describe('looks at znodes', () => {
  it('that are old are information, where another client made them old', () => {
    expect(told('c1 sets 1', 'c1 sets 2', 'c2 gets 1')).toEqual(['information 2 1']);
    expect(told('c1 sets 1', 'c1 sets 2', 'c2 gets 2')).toEqual([]);
  });

  it('that are older than what their client did or saw are errors', () => {
    expect(told('c1 sets 1', 'c1 sets 2', 'c1 gets 1')).toEqual(['error 2 1']);
    expect(told('c1 sets 1', 'c1 sets 2', 'c2 gets 2', 'c2 gets 1')).toEqual(['error 3 1']);
    expect(told('c1 sets 1', 'c1 sets 2', 'c2 gets 1', 'c2 gets 2')).toEqual(['information 2 1']);
  });

  it('see of a transaction what it leaves', () => {
    const both = (value: string): ActionModel => ({ kind: 'session', key: '', call: { kind: 'multi', steps: [
      { kind: 'check', path: '/a', version: -1 }, { kind: 'set', path: '/a', value: 'on the way', version: -1 }, { kind: 'set', path: '/a', value, version: -1 }] } });
    expect(told([both('1'), '"ok; ok; ok"'], 'c1 sets 2', 'c2 gets 1')).toEqual(['information 2 1']);
    expect(told('c1 sets 1', [both('2'), '"ok; ok; ok"'], 'c1 gets 1')).toEqual(['error 2 1']);
    expect(told('c1 sets 1', [both('2'), '"ok; ok; ok"'], 'c1 gets 2')).toEqual([]);
  });

  it('know a sequential znode of a transaction by its answer', () => {
    const queued: ActionModel = { kind: 'session', key: '', call: { kind: 'multi', steps: [
      { kind: 'check', path: '/', version: -1 }, { kind: 'create', path: '/a', value: '1', ephemeral: false, sequential: true }] } };
    expect(told([queued, '"ok; /a"'], 'c1 sets 2', 'c1 gets 1')).toEqual(['error 2 1']);
    expect(told([queued, '"ok; /a0000000000"'], 'c1 sets 2', 'c1 gets 1')).toEqual([]);
  });

  it('agree with replaying every server that a client may have asked', () => {
    forSeeds(1500, (dice) => {
      const written: string[] = [], lines: string[] = [], expected: string[] = [];
      /** By client: the newest change that it has made or seen, as its place. */
      const seen = new Map<string, number>();
      for (let i = 0; i < 9; i++) {
        const client = dice.pick(['c1', 'c2']);
        if (written.length === 0 || dice.chance(50)) {
          written.push(String(i));
          lines.push(`${client} sets ${i}`);
          seen.set(client, written.length - 1);
          continue;
        }
        const place = dice.roll(written.length);
        lines.push(`${client} gets ${written[place]!}`);
        const back = place < (seen.get(client) ?? -1);
        if (place < written.length - 1) expected.push(`${back ? 'error' : 'information'} ${i}`);
        seen.set(client, Math.max(place, seen.get(client) ?? -1));
      }
      expect(told(...lines).map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual(expected);
    });
  });
});
