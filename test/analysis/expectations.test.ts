/** Small scenarios whose comments say which expectations are not met; the messages say what happened instead. */
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/src/analysis/analysis.ts';
import { checkSquiggles } from './squiggles.ts';

/** A healthy group of three, one write and one read; and what is expected of it. */
function healthy(...expectations: readonly string[]): string {
  return `scenario "healthy" {
  protocol primary-backup
  nodes   A B C
  clients c1
  at 100ms  w1: c1 writes k = 1
  at 300ms  r1: c1 reads k
  run to 1s
  ${expectations.join('\n  ')}
}
`;
}

/** Two halves that count only the votes they can hear: split-brain, and more that follows from it. */
function halves(...expectations: readonly string[]): string {
  return `scenario "halves" {
  protocol primary-backup like timers
  nodes    A B C D E F
  clients  c1 c2
  timeouts E=200ms D=300ms F=400ms
  at 100ms  partition {A B C c1} | {D E F c2}
  at 600ms  w1: c1 writes k = 1 to A
  at 600ms  w2: c2 writes k = 2 to E
  at 900ms  heal
  ${expectations.join('\n  ')}
}
`;
}

const SECOND = 'w2: c2 writes k = 2 to E';

/** Its only write is asked of a node that is down. */
function silent(...expectations: readonly string[]): string {
  return `scenario "silent" {
  protocol primary-backup
  nodes   A B C
  clients c1
  at 0ms    crash C
  at 100ms  w1: c1 writes k = 1 to C within 300ms
  run to 1s
  ${expectations.join('\n  ')}
}
`;
}

function messages(analysis: Analysis): readonly string[] {
  return analysis.diagnostics.filter(({ code }) => code === 'expectation').map(({ message }) => message);
}

function met(analysis: Analysis): readonly boolean[] {
  return analysis.blocks.flatMap(({ expectations }) => expectations.map((each) => each.met));
}

describe('operations', () => {
  it('acked, failed, unanswered', () => {
    const analysis = checkSquiggles(healthy(
      'expect w1 unanswered by 101ms', 'expect w1 unanswered    // error expectation', 'expect r1 failed    // error expectation',
    ));
    checkSquiggles(healthy('expect w1 acked', 'expect w1 acked by 500ms', 'expect w1 unanswered by 101ms'));
    const late = checkSquiggles(healthy('expect w1 acked by 101ms            // error expectation'));
    expect([...messages(analysis), ...messages(late)]).toEqual([
      expect.stringMatching(/^Not met: w1 was acknowledged at [\d.]+ms\.$/),
      expect.stringMatching(/^Not met: r1 was acknowledged at [\d.]+ms and returned 1\.$/),
      expect.stringMatching(/^Not met: w1 was acknowledged at [\d.]+ms, not by 101ms\.$/),
    ]);
    expect(analysis.blocks[0]?.verdict).toBe('violated');
  });

  it('one that nobody answers', () => {
    const analysis = checkSquiggles(silent('expect w1 acked                     // error expectation'));
    expect(messages(analysis)).toEqual(['Not met: w1 was not answered; its client gave up at 400ms.']);
  });

  it('one that is never asked', () => {
    const asked = 'when B leads w2: c1 writes k = 2     // information note';
    const analysis = checkSquiggles(healthy(asked, 'expect w2 unanswered                // error expectation'));
    expect(messages(analysis)).toEqual(['Not met: w2 was never asked: what it waits for did not happen.']);
  });

  it('the value of a read', () => {
    checkSquiggles(healthy('expect r1 = 1'));
    const analysis = checkSquiggles(healthy('expect r1 = 2                       // error expectation'));
    expect(messages(analysis)).toEqual([expect.stringMatching(/^Not met: r1 was acknowledged at [\d.]+ms and returned 1\.$/)]);
  });

  it('a key at the end', () => {
    checkSquiggles(healthy('expect k = 1 on A B C', 'expect k = 1', 'expect j = nil on A'));
    const analysis = checkSquiggles(healthy('expect k = 2 on A B                 // error expectation'));
    expect(messages(analysis)).toEqual(['Not met: at the end k is 1 on A and B.']);
  });

  it('progress', () => {
    checkSquiggles(healthy('expect progress', 'expect progress by 500ms', 'expect progress by 50ms             // error expectation'));
    const analysis = checkSquiggles(silent('expect progress                     // error expectation'));
    expect(messages(analysis)).toEqual(['Not met: nothing was acknowledged: nothing is left to happen that could change it.']);
  });
});

describe('leaders', () => {
  it('who led, when, in which epoch', () => {
    const analysis = checkSquiggles(healthy(
      'expect A leads', 'expect A leads epoch 1 by 0ms', 'expect B leads                      // error expectation',
      'expect A leads epoch 2              // error expectation', 'expect no leader                    // error expectation',
    ));
    expect(messages(analysis)).toEqual([
      'Not met: B never led; A led epoch 1 for the whole run.',
      'Not met: A never led epoch 2; it led epoch 1 from 0ms.',
      'Not met: A leads epoch 1 at the end.',
    ]);
  });

  it('nobody, after the only leader has crashed', () => {
    checkSquiggles(`scenario "alone" {
  protocol primary-backup like tcp
  nodes A B C
  at 100ms crash A
  run to 300ms
  expect no leader by 200ms
  expect no leader by 50ms        // error expectation
}
`);
  });

  it('one that came too late', () => {
    const unmet = ['expect E leads by 250ms       // error expectation', 'expect F leads                // error expectation'];
    const analysis = checkSquiggles(halves('expect split-brain', ...unmet)
      .replace(SECOND, `${SECOND}     // information split-brain`));
    expect(messages(analysis)).toEqual([
      expect.stringMatching(/^Not met: E led only from [\d.]+ms on, in epoch 2\.$/),
      expect.stringMatching(/^Not met: F never led; A led epoch 1 .* and E led epoch 2 /),
    ]);
  });
});

describe('violations', () => {
  it('expected ones are information, and all of their chain is expected', () => {
    const analysis = checkSquiggles(halves('expect split-brain').replace(SECOND, `${SECOND}     // information split-brain`));
    const [block] = analysis.blocks;
    expect(block?.verdict).toBe('as-expected');
    expect(block?.violations.every(({ expected }) => expected)).toBe(true);
  });

  it('what is folded under it can be expected by name', () => {
    const analysis = checkSquiggles(halves('expect diverged').replace(SECOND, `${SECOND}     // information split-brain`));
    expect(met(analysis)).toEqual([true]);
  });

  it('not expected, they are errors where they stand', () => {
    const analysis = checkSquiggles(halves('expect w1 acked').replace(SECOND, `${SECOND}     // error split-brain`));
    expect(analysis.blocks[0]?.verdict).toBe('violated');
  });

  it('`expect no X` speaks of what is folded too, expected or not', () => {
    const analysis = checkSquiggles(halves('expect split-brain', 'expect no diverged     // error expectation')
      .replace(SECOND, `${SECOND}     // information split-brain`));
    expect(met(analysis)).toEqual([true, false]);
  });

  it('`expect no violations` means none of severity error', () => {
    checkSquiggles(healthy('expect no violations'));
    const analysis = checkSquiggles(halves('expect no violations            // error expectation')
      .replace(SECOND, `${SECOND}     // error split-brain`));
    expect(messages(analysis)[0]).toMatch(/^Not met: split-brain at /);
  });

  it('on nodes, on an operation, by a time', () => {
    const analysis = checkSquiggles(halves(
      'expect split-brain on A E', 'expect split-brain w2', 'expect split-brain by 900ms',
      'expect split-brain on A B           // error expectation', 'expect split-brain by 500ms         // error expectation',
      'expect blocked B                    // error expectation',
    ).replace(SECOND, `${SECOND}     // information split-brain`));
    expect(messages(analysis)).toEqual([
      'Not met: no split-brain on B; it was found on A and E.',
      expect.stringMatching(/^Not met: split-brain came at [\d.]+ms, not by 500ms\.$/),
      expect.stringMatching(/^Not met: no blocked in this run; what was found is split-brain/),
    ]);
  });

  it('a node in doubt', () => {
    const blocked = (expectation: string): string => `scenario "in doubt" {
  protocol 2pc
  nodes   A B C
  clients c1
  at 0ms                w1: c1 writes k = 3 to A      // information blocked
  when C -> A accept #1 crash A
  ${expectation}
}
`;
    checkSquiggles(blocked('expect blocked B C'));
    const analysis = checkSquiggles(blocked('expect blocked A B            // error expectation'));
    expect(messages(analysis)).toEqual(['Not met: no blocked on A; it was found on B and C.']);
  });
});

describe('progress once everything is stable', () => {
  const duel = (stagger: string, ...lines: readonly string[]): string => `scenario "duel" {
  protocol primary-backup like majority { stagger ${stagger} backoff off }
  nodes   A B C
  clients c1
  stable  from 1s
  at 60ms crash A
${lines.map((line) => `  ${line}`).join('\n')}
}
`;

  it('is refuted where a round repeats itself', () => {
    const analysis = checkSquiggles(duel('0ms', 'at 500ms w1: c1 writes k = 1   // warning no-progress', 'expect progress   // error expectation'));
    expect(messages(analysis)).toEqual(['Not met: nothing was acknowledged: the same round repeats every 300ms, for ever.']);
  });

  it('is proved where nothing waits, and says so', () => {
    const analysis = checkSquiggles(duel('25ms', 'at 500ms w1: c1 writes k = 1', 'expect progress'));
    expect(analysis.blocks[0]?.expectations[0]?.message).toMatch(/^all that was asked has been answered, the last at \d+/);
  });

  it('is not made by what was answered before', () => {
    const early = duel('0ms', 'at 0ms c1 writes k = 1', 'at 500ms w1: c1 writes k = 2   // warning no-progress', 'expect progress    // error expectation');
    expect(messages(checkSquiggles(early))).toEqual([expect.stringMatching(/^Not met: nothing was acknowledged after \d.*; w1 is waiting at the end: the same round repeats every 300ms, for ever\.$/)]);
  });

  it('with random delays is known within a bound only', () => {
    const text = duel('0ms', 'network delay 9ms..10ms', 'at 500ms w1: c1 writes k = 1   // warning no-progress', 'run to 3s', 'expect progress   // error expectation');
    expect(messages(checkSquiggles(text))).toEqual(['Not met: nothing was acknowledged: not in the 2000ms from 1000ms on, when all was stable, up to the end of the run.']);
  });
});

describe('a run that is stopped', () => {
  it('is unknown, says so at the header, and does not fail what could still come', () => {
    const text = halves('expect E leads', 'expect A leads', 'expect w1 acked', 'expect split-brain', 'expect no lost-write')
      .replace('"halves" {', '"halves" {    // error budget');
    const analysis = checkSquiggles(text, { budget: 60 });
    expect(analysis.blocks[0]?.verdict).toBe('unknown');
    expect(met(analysis)).toEqual([false, true, false, false, false]);
    expect(analysis.diagnostics[0]?.message).toMatch(/^Stopped after \d+ events, at [\d.]+ms of simulated time, so /);
  });
});
