import { describe, expect, it } from 'vitest';
import { completion } from '../../server/src/features/completion.ts';
import { fixture } from './cursor.ts';

const labels = (marked: string): string[] => {
  const { document, position } = fixture(marked);
  return completion(document, position).map((item) => item.label);
};

const inScenario = (line: string): string => `scenario "x" {
  protocol primary-backup
  nodes A B
  clients c1
  at 1ms w1: c1 writes k = 1
${line}
}
`;

describe('completion', () => {
  it('offers whole blocks at the top level', () => {
    const { document, position } = fixture('$0');
    const items = completion(document, position);
    expect(items.filter((item) => item.kind === 'snippet').length).toBeGreaterThanOrEqual(3);
    expect(items.map((item) => item.label)).toEqual(expect.arrayContaining(['scenario', 'trace', 'history']));
    expect(items.some((item) => item.kind === 'node')).toBe(false);
  });

  it('offers statements in a scenario, and nothing that cannot begin one', () => {
    const offered = labels(inScenario('  $0'));
    expect(offered).toEqual(expect.arrayContaining(['at', 'when', 'every', 'expect', 'network']));
    expect(offered).not.toContain('c1');
    expect(offered).not.toContain('propose');
  });

  it('offers protocols, without blocks or knobs', () => {
    const offered = labels('scenario "x" {\n  protocol $0\n}\n');
    expect(offered).toContain('primary-backup');
    expect(offered).not.toContain('at');
  });

  it('offers the presets of the protocol', () => {
    const offered = labels('scenario "x" {\n  protocol primary-backup like $0\n}\n');
    expect(offered).toEqual(expect.arrayContaining(['naive', 'timers', 'ratchet']));
  });

  it('offers knobs, then the values of the knob', () => {
    expect(labels('scenario "x" {\n  protocol primary-backup {\n    $0\n  }\n}\n')).toContain('votes');
    const values = labels('scenario "x" {\n  protocol primary-backup {\n    votes $0\n  }\n}\n');
    expect(values).toContain('majority');
    expect(values).not.toContain('votes');
  });

  it('offers nodes after crash, not clients', () => {
    const offered = labels(inScenario('  at 5ms crash $0'));
    expect(offered).toEqual(expect.arrayContaining(['A', 'B']));
    expect(offered).not.toContain('c1');
  });

  it('offers message words in a pattern', () => {
    expect(labels(inScenario('  drop A -> B $0'))).toEqual(expect.arrayContaining(['propose', 'commit']));
  });

  it('offers paths where a path stands, and resources where one is used', () => {
    const zab = (line: string): string => `scenario "x" {\n  protocol zab\n  nodes A\n  clients c1\n  resource R fenced\n  at 1ms c1 creates /a/b = k\n  at 1ms c1 writes k = 1\n${line}\n}\n`;
    expect(labels(zab('  at 2ms c1 gets $0'))).toEqual(['/a/b']);
    expect(labels(zab('  at 2ms c1 gets /a$0'))).toContain('/a/b');
    expect(labels(zab('  at 2ms c1 reads $0'))).toEqual(['k']);
    expect(labels(zab('  at 2ms c1 uses $0'))).toEqual(['R']);
    expect(labels(zab('  at 2ms c1 gets /a/b $0'))).toEqual(expect.arrayContaining(['watching', 'to', 'within']));
  });

  it('offers violations, labels and nodes after expect', () => {
    const offered = labels(inScenario('  expect $0'));
    expect(offered).toEqual(expect.arrayContaining(['split-brain', 'w1', 'A', 'no']));
  });

  it('offers what an expectation is about first, then what fits that', () => {
    expect(labels(inScenario('  expect $0')).slice(0, 3)).toEqual(['w1', 'no', 'split-brain']);
    expect(labels(inScenario('  expect no $0'))[0]).toBe('violations');
    expect(labels(inScenario('  expect w1 $0'))).toEqual(['acked', 'failed', 'unanswered', 'by']);
    expect(labels(inScenario('  expect A $0'))).toEqual(['leads', 'by']);
    expect(labels(inScenario('  expect lost-write $0'))).toContain('w1');
  });

  it('offers clients and faults at a moment, and lies to nodes only', () => {
    const offered = labels(inScenario('  at 5ms $0'));
    expect(offered.slice(0, 2)).toEqual(['c1', 'crash']);
    expect(offered.at(-1)).toBe('B');
    expect(labels(inScenario('  at 5ms c1 $0'))).not.toContain('lies');
    expect(labels(inScenario('  at 5ms A $0'))).toContain('lies');
  });

  it('offers knobs with the values they have now', () => {
    const { document, position } = fixture('scenario "x" {\n  protocol primary-backup like timers {\n    phases 2\n    $0\n  }\n}\n');
    const detail = new Map(completion(document, position).map((item) => [item.label, item.detail]));
    expect(detail.get('votes')).toBe('reachable');
    expect(detail.get('base')).toBe('150ms');
    expect(detail.get('phases')).toBe('set already');
  });

  it('offers what follows the header once there are nodes', () => {
    expect(labels(inScenario('  $0')).slice(0, 4).toSorted()).toEqual(['at', 'every', 'expect', 'when']);
    expect(labels('scenario "x" {\n  $0\n}\n').slice(0, 3)).toEqual(['protocol', 'nodes', 'clients']);
  });

  it('knows the protocol, and which header lines are there, while they are half typed', () => {
    const text = (line: string): string => inScenario(line).replace('primary-backup', 'primary-backup like ');
    expect(labels(text('  drop A -> B $0'))).toContain('propose');
    const offered = labels(text('  $0'));
    expect(offered.indexOf('protocol')).toBeGreaterThan(offered.indexOf('expect'));
  });

  it('replaces the word before the cursor', () => {
    const { document, position } = fixture(inScenario('  expect split-b$0'));
    const item = completion(document, position).find((each) => each.label === 'split-brain');
    expect(item?.place).toEqual({ line: 5, start: 9, end: 16 });
    expect(item?.documentation).not.toBe('');
  });

  it('offers nothing in comments and strings', () => {
    expect(labels(inScenario('  // at $0'))).toEqual([]);
    expect(labels('scenario "s$0" {\n}\n')).toEqual([]);
  });
});
