/** Knobs that must fit together: said while typing, at the last one that is written, with the value that fits. */
import { describe, expect, it } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { helpfulFixes } from '../../server/src/analysis/helpfulFixes.ts';
import { checkSquiggles } from './squiggles.ts';

const road = (knobs: string, rest = ''): string => `scenario "a" {
  protocol primary-backup like leases {
${knobs}
  }
  nodes   A B C
  clients c1
  at 0ms c1 writes k = 1
  run to 300ms
${rest}
}`;

describe('the bound on leases', () => {
  it('is exact: equality is safe, one microsecond more is not', () => {
    checkSquiggles(road('    lease         100ms\n    follower-wait 150ms\n    rho           0.2'));
    checkSquiggles(road('    follower-wait 150ms\n    rho           0.2\n    lease         100001us // warning lease-overlap'));
    checkSquiggles(road('    lease         3ms\n    follower-wait 3ms\n    rho           0'));
    checkSquiggles(road('    lease         120ms\n    rho           0.1\n    follower-wait 146ms // warning lease-overlap'));
  });

  it('stands on the last knob that is written, or on the protocol, and names the longest that is safe', () => {
    const analysis = checkSquiggles(road('    lease 200ms\n    rho   0.2 // warning lease-overlap'));
    const [diagnostic] = analysis.diagnostics;
    expect(diagnostic!.message).toContain('safe up to 100ms');
    expect(helpfulFixes(analysis, diagnostic!)).toMatchObject([{ title: 'Set lease to 100ms', edits: [{ place: { line: 2 }, text: '100ms' }] }]);
    checkSquiggles('scenario "a" {\n  protocol raft { read-path lease\n check-quorum on\n base 120ms }\n  nodes A B C\n  run to 10ms\n}'.replace('base 120ms', 'base 120ms // warning lease-overlap\n'));
  });

  it('does not matter where nobody reads under a lease', () => {
    checkSquiggles(road('    lease 900ms\n    read-path log'));
  });

  it('is meant where the block expects what it permits', () => {
    const analysis = analyseNow(road('    lease 900ms', '  expect lease-overlap'));
    expect(analysis.diagnostics.filter(({ severity }) => severity === 'warning')).toEqual([]);
    expect(analysis.diagnostics.find(({ code }) => code === 'lease-overlap')?.severity).toBe('information');
  });

  it('needs check-quorum in raft', () => {
    const analysis = checkSquiggles('scenario "a" {\n  protocol raft {\n    read-path lease // warning lease-overlap\n  }\n  nodes A B C\n  run to 10ms\n}');
    expect(helpfulFixes(analysis, analysis.diagnostics[0]!).map(({ title }) => title)).toEqual(['Set check-quorum to on']);
  });

  it('needs a clock that runs', () => {
    expect(analyseNow(road('    rho 1')).diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual(['quantity: `rho` must be less than 1.']);
    expect(analyseNow(road('    lease 0ms')).diagnostics.map(({ code }) => code)).toEqual(['quantity']);
  });
});

describe('a fix of a lease that ran too long', () => {
  const slow = (rest: string): string => `scenario "a" {
  protocol primary-backup like leases${rest}
  nodes    A B C
  clients  c1 c2
  network  delay 5ms
  timeouts B=150ms C=400ms
  at 0ms    clock A runs 0.4x
  at 1ms    w1: c1 writes k = 1 to A
  at 50ms   partition {A c1} | {B C c2}
  at 180ms  w2: c2 writes k = 2 to B
  at 230ms  r1: c1 reads k from A
  run to 1s
}`;

  it('is the longest lease that is safe on the clocks of the run', () => {
    const analysis = analyseNow(slow(''));
    const found = analysis.diagnostics.find(({ code }) => code === 'lease-overlap')!;
    expect(found).toMatchObject({ severity: 'error', place: { line: 1 } });
    expect(found.related.map(({ message }) => message)).toEqual([expect.stringContaining('this clock'), expect.stringContaining('became leader of epoch 2')]);
    expect(helpfulFixes(analysis, found).map(({ title }) => title)).toEqual(['Set lease to 60ms']);
  });

  it('is a monotonic clock where the clock was set', () => {
    const analysis = analyseNow(slow(' { clock wall }').replace('runs 0.4x', 'jumps 0ms').replace('at 50ms ', 'at 52ms  clock A jumps -1s\n  at 50ms '));
    const found = analysis.diagnostics.find(({ code }) => code === 'lease-overlap')!;
    expect(helpfulFixes(analysis, found).map(({ title }) => title)).toEqual(['Set clock to monotonic']);
  });
});

describe('a fix by a check that is off', () => {
  const titles = (code: string, lines: readonly string[], nodes = 'A B C D'): readonly string[] => {
    const analysis = analyseNow(`scenario "a" {\n  protocol primary-backup\n  nodes   ${nodes}\n  clients c1 c2\n${lines.map((line) => `  ${line}\n`).join('')}  run to 1s\n}`);
    return helpfulFixes(analysis, analysis.diagnostics.find((each) => each.code === code)!).map(({ title }) => title);
  };

  it('is a checksum against damage', () => {
    expect(titles('diverged', ['corrupt A -> B propose #1', 'at 0ms c1 writes k = 1 to A'])).toEqual(['Set checksum to on']);
  });

  it('is a signature against another’s name', () => {
    expect(titles('split-brain', ['B forges C to A: accept', 'at 50ms partition {A B c1} | {C D E c2}', 'at 600ms c1 writes k = 1 to A', 'at 600ms c2 writes k = 2 to C'], 'A B C D E')).toEqual(['Set authentication to on']);
  });
});
