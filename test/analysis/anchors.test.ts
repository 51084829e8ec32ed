/** Where findings stand, what stands beside them, and that the quick fix mends what it says. */
import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import type { Analysis } from '../../server/src/analysis/analysis.ts';
import { helpfulFixes } from '../../server/src/analysis/helpfulFixes.ts';
import { allKnobsFix, permittingKnobs } from '../../server/src/analysis/knobs.ts';
import type { Diagnostic, QuickFix } from '../../server/src/model/diagnostic.ts';
import { protocolNamed } from '../../server/src/protocols/registry.ts';
import { checkSquiggles, squiggled } from './squiggles.ts';

function found(analysis: Analysis, code: string): Diagnostic {
  const diagnostic = analysis.diagnostics.find((each) => each.code === code);
  if (diagnostic === undefined) throw new Error(`no ${code}`);
  return diagnostic;
}

function relatedTexts(analysis: Analysis, code: string): readonly string[] {
  const { lines } = analysis.document;
  return found(analysis, code).related
    .map(({ place, message }) => `${(lines[place.line]?.text ?? '').slice(place.start, place.end)}: ${message}`);
}

/** The text after a quick fix. */
function fixed(text: string, fix: QuickFix): string {
  const lines = text.split('\n');
  // Replacements first: an inserted line would move the lines below it.
  for (const edit of [...fix.edits].sort((a, b) => Number(a.kind === 'insert-line') - Number(b.kind === 'insert-line'))) {
    if (edit.kind === 'insert-line') lines.splice(edit.line, 0, edit.text);
    else {
      const { line, start, end } = edit.place;
      lines[line] = lines[line]!.slice(0, start) + edit.text + lines[line]!.slice(end);
    }
  }
  return lines.join('\n');
}

const SPLIT = `scenario "halves" {
  protocol primary-backup like timers      // no majority anywhere
  nodes    A B C D E F
  clients  c1 c2
  timeouts E=200ms D=300ms F=400ms
  at 100ms  partition {A B C c1} | {D E F c2}
  at 600ms  w1: c1 writes k = 1 to A
  at 600ms  w2: c2 writes k = 2 to E       // error split-brain
  at 900ms  heal
  run to 2s
}
`;

describe('a split brain', () => {
  it('stands on the second acknowledged write, without indentation and comment', () => {
    const analysis = checkSquiggles(SPLIT);
    expect(squiggled(analysis, 'split-brain')).toEqual(['at 600ms  w2: c2 writes k = 2 to E']);
    expect(relatedTexts(analysis, 'split-brain')).toEqual([
      'at 100ms  partition {A B C c1} | {D E F c2}: allowed by this partition, from 100ms',
      expect.stringMatching(/^protocol primary-backup like timers: permitted by `[a-z-]+ reachable`, which this preset sets$/),
      expect.stringMatching(/^timeouts E=200ms D=300ms F=400ms: E became leader of epoch 2 at [\d.]+ms, with 2 of 6 votes$/),
    ]);
    expect(found(analysis, 'split-brain').message).toMatch(/ Also: [a-z, -]*diverged/);
  });

  it('whose election nobody timed stands beside the nodes', () => {
    const analysis = analyseNow(SPLIT.replace(/ {2}timeouts .*\n/, '').replace('to E', 'to D'));
    expect(relatedTexts(analysis, 'split-brain')[2]).toMatch(/^nodes {4}A B C D E F: D became leader/);
  });

  it('whose election a statement forced stands beside that', () => {
    const analysis = analyseNow(SPLIT.replace('at 900ms  heal', 'at 150ms  timeout E'));
    expect(relatedTexts(analysis, 'split-brain')[2]).toMatch(/^at 150ms {2}timeout E: E became leader/);
  });

  it('goes with the preferred fix', () => {
    const fixes = found(analyseNow(SPLIT), 'split-brain').fixes;
    expect(fixes.map(({ preferred }) => preferred)).toEqual(fixes.map((_, index) => index === 0));
    const text = fixed(SPLIT, fixes[0]!);
    expect(text).toMatch(/protocol primary-backup like timers \{ [a-z-]+ majority \} {6}\/\/ no majority anywhere/);
    const after = analyseNow(text);
    expect(after.diagnostics.filter(({ code }) => code === 'split-brain' || code === 'syntax')).toEqual([]);
    expect(after.blocks.map(({ verdict }) => verdict)).not.toContain('invalid');
  });
});

describe('a quick fix', () => {
  const withKnobs = (protocol: string): string => SPLIT.replace(/protocol primary-backup like timers.*/, protocol);
  const firstFixed = (text: string): string => {
    const diagnostic = analyseNow(text).diagnostics.find(({ fixes }) => fixes.length > 0);
    if (diagnostic === undefined) throw new Error('nothing to fix');
    return fixed(text, diagnostic.fixes[0]!);
  };

  it('changes a value where it is written', () => {
    const knobs = '    votes          reachable   // how many?\n    commit-quorum  reachable\n';
    const text = withKnobs(`protocol primary-backup {\n${knobs}  }`);
    expect(firstFixed(text)).toContain('commit-quorum  majority\n');
  });

  it('adds a line to knobs that have lines of their own', () => {
    const text = withKnobs('protocol primary-backup like timers {\n      jitter 0ms\n  }');
    expect(firstFixed(text)).toMatch(/like timers \{\n {6}[a-z-]+ majority\n {6}jitter 0ms\n {2}\}/);
  });

  it('adds to knobs on the line of the protocol', () => {
    const text = withKnobs('protocol primary-backup like timers { jitter 0ms }');
    const after = firstFixed(text);
    expect(analyseNow(after).diagnostics.filter(({ code }) => code === 'syntax')).toEqual([]);
  });

  it('writes a synonym as it was written', () => {
    const text = withKnobs('protocol primary-backup {\n    votes reachable\n    commit-quorum reachable\n    epochs off\n  }');
    const fixes = found(analyseNow(text), 'split-brain').fixes.filter(({ title }) => title.includes('ratchet'));
    expect(fixes).toHaveLength(1);
    for (const fix of fixes) expect(fixed(text, fix)).toContain('epochs on');
  });
});

describe('a commit that nobody hears of', () => {
  const text = `scenario "silence" {
  protocol primary-backup like piggyback {
    commit-timeout never
  }
  nodes   A B C
  clients c1
  at 0ms  w1: c1 writes k = 1 to A
}
`;

  it('stands on the knob that lets it wait, and goes with it', () => {
    const analysis = analyseNow(text);
    expect(squiggled(analysis, 'commit-lag')).toEqual(['commit-timeout never']);
    expect(found(analysis, 'commit-lag').message).toBe('B never learns of commit 1, though A could tell it: nothing is left to happen that changes it.');
    const fixes = helpfulFixes(analysis, found(analysis, 'commit-lag'));
    expect(fixes.map(({ title }) => title)).toEqual(['Set commit-timeout to 50ms']);
    expect(analyseNow(fixed(text, fixes[0]!)).diagnostics).toEqual([]);
  });
});

describe('of the quick fixes', () => {
  it('those that do not help are not offered', () => {
    const analysis = analyseNow(`scenario "a lost proposal" {
  protocol 2pc
  nodes   A B C
  clients c1
  drop A -> B propose #1
  at 0ms  w1: c1 writes k = 3 to A
}
`);
    const diagnostic = found(analysis, 'no-progress');
    expect(diagnostic.fixes.length).toBeGreaterThan(1);
    expect(helpfulFixes(analysis, diagnostic)).toMatchObject([{ title: 'Set retry to rto', preferred: true }]);
  });

  it('those that are offered keep the violation away', () => {
    const text = SPLIT.replace('like timers ', 'like timers {\n    votes reachable\n  } ');
    const analysis = analyseNow(text);
    const fixes = helpfulFixes(analysis, found(analysis, 'split-brain'));
    expect(fixes.length).toBeGreaterThan(0);
    for (const fix of fixes) expect(analyseNow(fixed(text, fix)).diagnostics.map(({ code }) => code)).not.toContain('split-brain');
  });

  it('all knobs at once are one edit each where they are written, and one insertion', () => {
    const text = SPLIT.replace('like timers ', 'like timers {\n    votes reachable\n  } ');
    const { document, blocks } = analyseNow(text);
    const scenario = blocks[0]!.scenario!;
    const fix = allKnobsFix(protocolNamed(scenario.protocol)!.spec, scenario, document.lines, 'split-brain')!;
    const after = analyseNow(fixed(text, fix));
    expect(after.blocks.map(({ verdict }) => verdict)).not.toContain('invalid');
    expect(permittingKnobs(protocolNamed(scenario.protocol)!.spec, after.blocks[0]!.scenario!, 'split-brain')).toEqual([]);
  });
});

it('a stale epoch stands on the statement that brought the old leader back', () => {
  const analysis = checkSquiggles(`scenario "a leader back from garbage collection" {
  protocol primary-backup like catch-up
  nodes   A B C
  clients c1 c2
  at 100ms   pause A
  at 600ms   w2: c2 writes k = 2
  at 1400ms  w9: c1 writes k = 9 to A
  at 1500ms  resume A                   // error stale-epoch
  run to 3s
}
`);
  expect(relatedTexts(analysis, 'stale-epoch')).toEqual([
    'at 100ms   pause A: allowed by this pause, from 100ms',
    'protocol primary-backup like catch-up: permitted by `ratchet none`, which this preset sets',
    expect.stringMatching(/^nodes {3}A B C: B became leader of epoch 2 at /),
  ]);
  expect(found(analysis, 'stale-epoch').fixes.map(({ title }) => title)).toEqual(['Set ratchet to leader-epoch']);
});

it('a node in doubt stands on the operation that it is in doubt about', () => {
  const analysis = checkSquiggles(`scenario "the leader dies between accept and commit" {
  protocol 2pc
  nodes   A B C
  clients c1
  at 0ms                c1 writes k = 3 to A      // error blocked
  when C -> A accept #1 crash A
}
`);
  expect(relatedTexts(analysis, 'blocked')[0]).toBe('when C -> A accept #1 crash A: allowed by this crash, from 30ms');
});

it('a lost write stands on the write, beside the crash after which nobody knew it', () => {
  const analysis = checkSquiggles(`scenario "the only copy" {
  protocol primary-backup like majority
  nodes   A B C
  clients c1
  hold A -> C propose until released
  at 50ms   w1: c1 writes k = 1 to A      // error lost-write
  at 100ms  crash A
  at 100ms  isolate B
  at 110ms  heal
  at 120ms  timeout C
  at 600ms  r1: c1 reads k from C
  run to 2s
}
`);
  expect(relatedTexts(analysis, 'lost-write')[0]).toMatch(/crash A|hold A -> C propose/);
});

it('in a trace it stands on the event, beside its witnesses', () => {
  const analysis = analyseNow(`trace "late" {
  protocol primary-backup
  nodes A B C
  @0ms         A leads            {1,0}
  @9ms         B leads            {2,0}
  @9ms..11ms   B -> C  heartbeat  {2,0}
  @12ms..14ms  A -> C  commit k = 1  {1,1}
  @14ms        C applies k = 1    {1,1}   // here
}
`);
  expect(squiggled(analysis, 'stale-epoch')).toEqual(['@14ms        C applies k = 1    {1,1}']);
  expect(relatedTexts(analysis, 'stale-epoch')[0]).toMatch(/^@9ms\.\.11ms {3}B -> C {2}heartbeat/);
});

it('in a history it stands on the last operation of the smallest set', () => {
  checkSquiggles(`history "a read from the past" {
  B   4..11   writes k = 1   ok
  B  18..25   writes k = 5   ok
  C  36..44   writes k = 8   ok
  B  45..48   reads  k       5        // error not-linearizable
  D  50..     writes k = 9
}
`);
});
