import { describe, expect, it } from 'vitest';
import type { ActionModel } from '../../server/src/model/scenario.ts';
import { staleLook } from '../../server/src/checkers/staleLook.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { findings, Story } from './story.ts';

const set = (value: string): ActionModel => ({ kind: 'session', key: '/a', call: { kind: 'set', path: '/a', value, version: -1 } });
const GET: ActionModel = { kind: 'session', key: '/a', call: { kind: 'get', path: '/a', watching: false } };

/** Operations one after the other, none overlapping: `c1 sets 5`, `c2 gets 4`. */
function told(...lines: readonly string[]) {
  const story = new Story();
  for (const line of lines) {
    const [client, verb, value] = line.split(' ') as [string, string, string];
    const op = story.ask(client, verb === 'sets' ? set(value) : GET);
    const endEvent = story.log.add(0, EVENT.ok, { node: story.id(client), op, text: verb === 'gets' ? value : '' });
    story.operations[op] = { ...story.operations[op]!, endEvent, outcome: 'ok', value: verb === 'gets' ? value : '' };
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
