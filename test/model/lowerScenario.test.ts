import { describe, expect, it } from 'vitest';
import { lowered } from './expected.ts';
import type { Scenario } from '../../server/src/model/scenario.ts';

function scenario(text: string): Scenario {
  const { scenario: found, diagnostics } = lowered(text);
  if (found === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

function knobs(header: string): (knob: string) => string | undefined {
  const { knobs: found } = scenario(`scenario "a" {\n  protocol ${header}\n  nodes A B C\n}`);
  return (knob) => found.get(knob)?.value;
}

describe('knobs', () => {
  it('come from the default preset', () => {
    const knob = knobs('primary-backup');
    expect([knob('ratchet'), knob('votes'), knob('read-path')]).toEqual(['leader-epoch', 'majority', 'leader-local']);
  });

  it('come from the preset, and then from what is written', () => {
    const knob = knobs('primary-backup like timers {\n    votes majority\n    stagger 20ms\n    epochs on\n  }');
    expect([knob('votes'), knob('commit-quorum'), knob('ratchet'), knob('stagger')]).toEqual(['majority', 'reachable', 'leader-epoch', '20000']);
  });

  it('know the line they were written on', () => {
    const { knobs: found } = scenario('scenario "a" {\n  protocol primary-backup like timers {\n    votes all-majority\n  }\n  nodes A B C\n}');
    expect(found.get('votes')).toEqual({ value: 'majority', line: 2, written: true });
    expect(found.get('ratchet')).toEqual({ value: 'none', line: 1, written: false });
  });

  it('of another name for a protocol are those of its preset', () => {
    expect(knobs('2pc')('commit-quorum')).toBe('all');
    expect(knobs('3pc')('phases')).toBe('3');
    expect(scenario('scenario "a" {\n  protocol 2pc\n  nodes A B\n}').protocol).toBe('primary-backup');
  });
});

describe('a scenario', () => {
  it('is all that its statements say', () => {
    const found = scenario(`// before
scenario "six nodes" {
  protocol primary-backup like timers
  nodes    A B C D E F                       // the first leads
  clients  c1 c2
  network  delay 2ms..5ms
  network  A -> B delay 1ms
  network  loss 5%
  network  unordered
  timeouts E=200ms D=300ms
  seed     7

  at 100ms  partition {A B C c1} | {D E F c2}
  at 600ms  w1: c1 writes k = 1 to A
  when E leads #2  c2 reads k within 300ms
  50ms after w1 acked  pause A for 20ms
  every 10ms from 20ms to 50ms  c1 adds 5 to n
  hold A -> B commit #2 until released
  run to 2s

  expect E leads epoch 2 by 600ms            // a comment
  expect split-brain on A E
  expect k = 1 on A B
}`);
    expect(found).toMatchObject({
      name: 'six nodes', line: 1, endLine: 23, protocol: 'primary-backup', nodes: ['A', 'B', 'C', 'D', 'E', 'F'], clients: ['c1', 'c2'], seed: 7, runToUs: 2_000_000,
      network: { delays: [{ from: -1, to: -1, minUs: 2000, maxUs: 5000 }, { from: 0, to: 1, minUs: 1000, maxUs: 1000 }], loss: 0.05, duplicates: 0, order: 'unordered' },
    });
    expect([...found.timeouts]).toEqual([[4, 200_000], [3, 300_000]]);
    expect(found.script.slice(0, 6).map(({ trigger, line }) => [line, trigger.kind])).toEqual([[12, 'at'], [13, 'at'], [14, 'when'], [15, 'after'], [16, 'at'], [17, 'always']]);
    expect(found.script.slice(6).map(({ trigger }) => trigger)).toEqual([30_000, 40_000, 50_000].map((timeUs) => ({ kind: 'at', timeUs })));
    expect(found.script[0]).toMatchObject({ fault: { kind: 'partition', groups: [[0, 1, 2, 6], [3, 4, 5, 7]] } });
    expect(found.script[3]).toMatchObject({ trigger: { delayUs: 50_000, event: { kind: 'acked', operation: 0 } }, fault: { kind: 'pause', node: 0, durationUs: 20_000 } });
    expect(found.script[5]).toMatchObject({ fault: { kind: 'hold', messages: { from: 0, to: 1, message: 'commit', nth: 2 }, until: { kind: 'released' } } });
    expect(found.operations.slice(0, 3)).toMatchObject([
      { id: 0, label: 'w1', client: 6, target: 0, action: { kind: 'write', key: 'k', value: '1' } },
      { id: 1, label: undefined, client: 7, target: undefined, withinUs: 300_000 },
      { id: 2, action: { kind: 'add', key: 'n', amount: 5 } },
    ]);
    expect(found.expectations).toEqual([
      { kind: 'leads', line: 20, text: 'E leads epoch 2 by 600ms', node: 4, epoch: 2, byUs: 600_000 },
      { kind: 'violation', line: 21, text: 'split-brain on A E', negated: false, code: 'split-brain', nodes: [0, 4], operation: undefined, byUs: undefined },
      { kind: 'key-value', line: 22, text: 'k = 1 on A B', key: 'k', value: '1', nodes: [0, 1] },
    ]);
  });

  it('of five nodes names them', () => {
    expect(scenario('scenario "a" {\n  protocol primary-backup\n  nodes 5\n}').nodes).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
  });

  it('does a fault of every node to each of them', () => {
    const found = scenario('scenario "a" {\n  protocol primary-backup\n  nodes A B\n  at 5ms crash *\n}');
    expect(found.script).toMatchObject([{ fault: { kind: 'crash', node: 0 } }, { fault: { kind: 'crash', node: 1 } }]);
  });
});
