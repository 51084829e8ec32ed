import { describe, expect, it } from 'vitest';
import type { Finding } from '../../server/src/checkers/checker.ts';
import { foldChains } from '../../server/src/checkers/chains.ts';
import { checkExecution, CHECKERS } from '../../server/src/checkers/index.ts';
import { VIOLATIONS } from '../../server/src/model/violations.ts';
import type { Dice } from './dice.ts';
import { forSeeds } from './dice.ts';
import { read, Story, write } from './story.ts';

let serial = 0;
const made = (code: string, about: Partial<Finding> = {}): Finding => ({
  code, severity: 'error', certainty: 'proved', message: '', timeUs: 0, witnesses: [serial++], operations: [], slots: [], epochs: [], nodes: [], ...about,
});

describe('chains', () => {
  it('join what shares an operation, a slot or an epoch, through others too', () => {
    const a = made('diverged', { operations: [1], timeUs: 3 }), b = made('lost-write', { operations: [1], slots: [4], timeUs: 2 });
    const c = made('stale-epoch', { slots: [4], epochs: [2], timeUs: 5 }), d = made('blocked', { epochs: [2], timeUs: 9 }), e = made('blocked', { operations: [7], timeUs: 1 });
    const chains = foldChains([a, b, c, d, e]);
    expect(chains.map(({ primary, folded }) => [primary, ...folded])).toEqual([[e], [b, a, c, d]]);
  });

  it('keep an operation, a slot and an epoch of the same number apart', () => {
    expect(foldChains([made('a', { operations: [1] }), made('b', { slots: [1] }), made('c', { epochs: [1] })])).toHaveLength(3);
  });

  it('have the earliest error first, before any warning, information or hint', () => {
    const hint = made('dual-leader', { severity: 'hint', epochs: [1], timeUs: 1 }), warning = made('no-progress', { severity: 'warning', epochs: [1], timeUs: 2 });
    const late = made('diverged', { epochs: [1], timeUs: 8 }), early = made('stale-epoch', { epochs: [1], timeUs: 5 });
    expect(foldChains([hint, warning, late, early]).map(({ primary, folded }) => [primary, ...folded])).toEqual([[early, late, warning, hint]]);
    expect(foldChains([hint, warning])[0]!.primary).toBe(warning);
    const first = made('a', { epochs: [1], witnesses: [3] }), second = made('b', { epochs: [1], witnesses: [7] });
    expect(foldChains([second, first])[0]!.primary).toBe(first);
  });

  it('put the divergence of the two leaders under their split brain', () => {
    const diverged = made('diverged', { operations: [1, 0], timeUs: 630 }), split = made('split-brain', { operations: [1, 0], timeUs: 640 });
    expect(foldChains([split, diverged])[0]!.primary).toBe(split);
    const stale = made('stale-epoch', { operations: [1], timeUs: 620 });
    expect(foldChains([split, diverged, stale])[0]!.primary).toBe(stale);
  });

  it('tell the same thing of the same nodes and slot once', () => {
    const first = made('diverged', { nodes: [0, 1], slots: [3] });
    expect(foldChains([first, made('diverged', { nodes: [1, 0], slots: [3] })])).toEqual([{ primary: first, folded: [] }]);
    expect(foldChains([made('no-progress', { operations: [1] }), made('no-progress', { operations: [2] })])).toHaveLength(2);
  });

  it('agree with merging groups until nothing changes', () => {
    forSeeds(2000, (dice) => {
      const findings = Array.from({ length: 1 + dice.roll(9) }, (_, i) => made(`code-${i}`, {
        timeUs: dice.roll(4), severity: dice.pick(['error', 'error', 'warning', 'hint']), operations: some(dice), slots: some(dice), epochs: some(dice),
      }));
      const chains = foldChains(findings);
      const groups = chains.map(({ primary, folded }) => new Set([primary, ...folded]));
      expect(new Set(groups.map((group) => ids(findings, group)))).toEqual(new Set(merged(findings).map((group) => ids(findings, group))));
      for (const { primary, folded } of chains) {
        const errors = [primary, ...folded].filter(({ severity }) => severity === 'error');
        if (errors.length > 0) expect(primary.timeUs).toBe(Math.min(...errors.map(({ timeUs }) => timeUs)));
      }
    });
  });
});

const some = (dice: Dice): readonly number[] => (dice.chance(40) ? [dice.roll(6)] : []);
const ids = (findings: readonly Finding[], group: ReadonlySet<Finding>): string => findings.map((finding, i) => (group.has(finding) ? i : '')).join(',');

function merged(findings: readonly Finding[]): readonly ReadonlySet<Finding>[] {
  const shares = (a: Finding, b: Finding): boolean => (['operations', 'slots', 'epochs'] as const).some((field) => a[field].some((id) => b[field].includes(id)));
  let groups = findings.map((finding) => new Set([finding]));
  for (;;) {
    const at = groups.findIndex((group, i) => groups.some((other, j) => j > i && [...group].some((a) => [...other].some((b) => shares(a, b)))));
    if (at < 0) return groups;
    const other = groups.findIndex((group, j) => j > at && [...groups[at]!].some((a) => [...group].some((b) => shares(a, b))));
    groups = [...groups.filter((_, i) => i !== at && i !== other), new Set([...groups[at]!, ...groups[other]!])];
  }
}

describe('an execution', () => {
  it('with a split brain is one chain, the divergence and the stale read under it', () => {
    const story = new Story('A B C D E F').leads('A', 1, 6).leads('E', 2, 3);
    const w1 = story.ask('c1', write('k', '1')), w2 = story.ask('c2', write('k', '2'));
    story.slot('commit', 'A', 1, w1).slot('commit', 'E', 1, w2, { epoch: 2 }).answer(w1, 'A').answer(w2, 'E');
    const r = story.ask('c1', read('k'));
    story.answer(r, 'A', 'nil');
    const { chains, notCheckable, unknown } = checkExecution(story.execution());
    expect(chains).toHaveLength(1);
    expect(chains[0]!.primary.code).toBe('split-brain');
    expect(new Set(chains[0]!.folded.map(({ code }) => code))).toEqual(new Set(['diverged', 'lost-write', 'not-linearizable', 'stale-read', 'dual-leader']));
    expect([notCheckable, unknown]).toEqual([[], []]);
  });

  it('is checked for every violation that this version knows', () => {
    expect([...new Set(CHECKERS.flatMap(({ codes }) => codes))].sort()).toEqual(VIOLATIONS.filter(({ available }) => available).map(({ code }) => code).sort());
  });

  it('without events is fine', () => {
    expect(checkExecution(new Story().execution()).chains).toEqual([]);
  });
});
