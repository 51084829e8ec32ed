import { describe, expect, it } from 'vitest';
import { unfenced } from '../../server/src/checkers/unfenced.ts';
import { forSeeds } from './dice.ts';
import { check, findings, nodesOf, Story } from './story.ts';

/** Clients and two resources; a token of -1 is none. */
class Uses extends Story {
  constructor() { super('A B C', 'c1 c2 R S'); }
  use(resource: string, peer: string, token: number, op = -1): this { return this.on(resource, 'use', { peer, a: token, op, text: `token ${token}` }); }
}

describe('unfenced', () => {
  it('is an older token after a newer one, at one resource', () => {
    const uses = new Uses().use('R', 'c1', 5, 0).use('R', 'c2', 9, 1).use('R', 'c1', 5, 2);
    const [only, ...others] = findings(unfenced, uses);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ severity: 'error', operations: [2, 1], witnesses: [2, 1], message: 'R took token 5 of c1 after token 9 of c2: c1 held the lock no more.' });
    expect(nodesOf(uses, only)).toBe('c1 R');
  });

  it('is not the same token again, nor another resource, nor no token at all', () => {
    expect(findings(unfenced, new Uses().use('R', 'c1', 5).use('R', 'c1', 5).use('S', 'c2', 9).use('R', 'c1', 5).use('R', 'c2', 9).use('R', 'c1', -1))).toEqual([]);
  });

  it('says where a trace shows requests and not what the resource did', () => {
    const asked = new Uses().message('send', 'c1', 'R', 'use').recorded();
    expect(check(unfenced, asked).notCheckable.map(({ missing }) => missing)).toEqual(['events of the resource (`R serves c1 token 5`)']);
    expect(check(unfenced, new Uses().recorded()).notCheckable).toEqual([]);
  });

  it('agrees with comparing each pair', () => {
    forSeeds(2000, (dice) => {
      const uses = new Uses(), taken: (readonly [string, number])[] = [];
      for (let i = dice.roll(9); i >= 0; i--) {
        const one = [dice.pick(['R', 'S']), dice.roll(6) - 1] as const;
        taken.push(one);
        uses.use(one[0], dice.pick(['c1', 'c2']), one[1]);
      }
      const wrong = taken.filter(([resource, token], at) => token >= 0 && taken.slice(0, at).some(([other, newer]) => other === resource && newer > token));
      expect(findings(unfenced, uses)).toHaveLength(wrong.length);
    });
  });
});
