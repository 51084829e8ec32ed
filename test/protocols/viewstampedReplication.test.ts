/** Viewstamped Replication, by the sections of the paper (Liskov and Cowling 2012); then storms, and what removing a guard costs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { VIEWSTAMPED_REPLICATION } from '../../server/src/protocols/viewstampedReplication/spec.ts';

type Knobs = Readonly<Record<string, string>>;

/** One scenario after its header; three replicas and two clients unless said otherwise. */
function ran(lines: readonly string[], knobs: Knobs = {}, nodes = 'A B C') {
  const set = Object.entries(knobs).map(([knob, value]) => `${knob} ${value}`).join('; ');
  const text = ['scenario "test" {', `  protocol viewstamped-replication { ${set} }`, `  nodes ${nodes}`, '  clients c1 c2',
    ...lines.map((line) => `  ${line}`), '}'].join('\n');
  const analysis = analyseNow(text), block = analysis.blocks[0]!;
  expect(block.verdict, analysis.diagnostics.map(({ message }) => message).join('\n')).not.toBe('invalid');
  const run = block.run!, { log, names } = run;
  const events = Array.from({ length: log.length }, (_, i) => i);
  const of = (kind: keyof typeof EVENT): readonly number[] => events.filter((i) => log.kind(i) === EVENT[kind]);
  return {
    run, end: run.end,
    codes: block.violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter(({ severity }) => severity === 'error').map(({ code }) => code),
    unmet: block.expectations.filter(({ met }) => !met).map(({ text: words }) => words),
    /** `node {epoch,slot}` of each event of a kind. */
    all: (kind: keyof typeof EVENT) => of(kind).map((i) => `${names[log.node(i)]} {${log.epoch(i)}${log.slot(i) < 0 ? '' : `,${log.slot(i)}`}}`),
    sent: (word: string) => of('send').filter((i) => log.word(i) === word).map((i) => `${names[log.node(i)]} -> ${names[log.peer(i)]} {${log.epoch(i)},${log.slot(i)}}`),
    discarded: (word: string) => of('discard').filter((i) => log.word(i) === word).map((i) => `${names[log.node(i)]}: ${log.detail(i)}`),
    logs: () => run.finalViews.map((view) => view.log.map(({ content }) => content).join(', ')),
    roles: () => run.finalViews.map(({ role, epoch }) => `${role} ${epoch}`),
    words: (from: number, to: number) => of('send').filter((i) => log.timeUs(i) >= from * 1000 && log.timeUs(i) < to * 1000).map((i) =>
      `${names[log.node(i)]} -> ${names[log.peer(i)]} ${log.word(i)}`),
  };
}

describe('§4.1 normal operation', () => {
  test('a request, message for message; the Commit comes when nothing else does', () => {
    const { words, codes } = ran(['at 110ms w1: c1 writes k = 1', 'run to 200ms', 'expect w1 acked by 150ms', 'expect k = 1 on A B C']);
    expect(words(110, 190)).toEqual([
      'c1 -> A write', 'A -> B prepare', 'A -> C prepare', 'B -> A prepare-ok', 'C -> A prepare-ok', 'A -> c1 ok', 'A -> B commit', 'A -> C commit',
    ]);
    expect(codes).toEqual([]);
  });

  test('a busy primary commits by its next Prepare and sends no Commit', () => {
    const { sent, all } = ran(['at 10ms c1 writes k = 1', 'at 45ms c1 writes k = 2', 'run to 90ms']);
    expect(sent('commit')).toEqual(['A -> B {1,0}', 'A -> C {1,0}']);
    expect(all('commit')).toEqual(['A {1,1}', 'B {1,1}', 'C {1,1}', 'A {1,2}']);
  });

  test('operations are prepared in the order of their numbers, and a later one shows what is missing', () => {
    const { discarded, all, logs } = ran(['drop A -> B prepare #1', 'at 10ms c1 writes k = 1', 'at 15ms c2 writes k = 2', 'run to 300ms']);
    expect(discarded('prepare')[0]).toBe('B: it lacks operation 1');
    expect(all('accept').filter((accept) => accept.startsWith('B'))).toEqual(['B {1,1}', 'B {1,2}']);
    expect(new Set(logs())).toEqual(new Set(['k = 1, k = 2']));
  });

  test('one PrepareOk stands for all operations before it', () => {
    const { unmet } = ran(['cut C -> A', 'drop B -> A prepare-ok #1', 'at 10ms w1: c1 writes k = 1', 'at 11ms w2: c2 writes k = 2', 'run to 300ms',
      'expect w1 acked by 55ms', 'expect w2 acked by 55ms']);
    expect(unmet).toEqual([]);
  });

  test('a Prepare that nobody received is sent again', () => {
    const { unmet, codes } = ran(['drop A -> B prepare #1', 'drop A -> C prepare #1', 'at 10ms w1: c1 writes k = 1 to A', 'run to 300ms', 'expect w1 acked']);
    expect([...unmet, ...codes]).toEqual([]);
  });

  test('a repeated request is answered from the client table; without it, it is done again', () => {
    const lines = ['drop A -> c1 ok #1', 'at 10ms c1 adds 1 to k within 100ms retrying', 'run to 300ms', 'expect k = 1 on A B C'];
    expect(ran(lines).unmet).toEqual([]);
    expect(ran(lines, { 'client-table': 'off' }).codes).toContain('duplicate-execution');
  });

  test('a backup names its primary, and one in a view change says nothing', () => {
    const { sent, discarded } = ran(['at 10ms c1 writes k = 1 to B within 50ms', 'at 100ms partition {A} | {B} | {C}', 'at 400ms c2 writes k = 2 to B within 50ms', 'run to 500ms']);
    expect(sent('redirect')).toEqual(['B -> c1 {-1,-1}']);
    expect(discarded('write')).toEqual(['B: its status is view-change']);
  });
});

describe('§4.1 step 6: what an idle primary says', () => {
  const write = ['at 0ms c1 writes k = 1 to A', 'run to 140ms'];

  test('after a while it tells what is committed', () => {
    expect(ran([...write, 'expect k = 1 on A B C'], { 'commit-timeout': '100ms' }).unmet).toEqual([]);
    expect(ran([...write, 'expect k = 1 on A', 'expect k = nil on B C'], { 'commit-timeout': '140ms' }).unmet).toEqual([]);
  });

  test('one that says it later than its backups wait is replaced', () => {
    expect(ran(['at 0ms w1: c1 writes k = 1 to A', 'run to 2s', 'expect w1 acked', 'expect B leads epoch 2', 'expect no violations'], { 'commit-timeout': '1s' }).unmet).toEqual([]);
  });
});

describe('§4.2 view changes', () => {
  test('a replica alone changes no view; f more, and the next in turn leads', () => {
    const { all, codes } = ran(['at 100ms crash A', 'run to 600ms', 'expect B leads epoch 2']);
    expect(all('leads')).toEqual(['A {1}', 'B {2}']);
    expect(all('vote')).toEqual(['C {2}', 'B {2}']);
    expect(codes).toEqual([]);
    expect(ran(['at 100ms crash A', 'at 100ms crash B', 'run to 2s']).all('leads')).toEqual(['A {1}']);
  });

  test('what a majority has prepared survives, and its client is answered by the new primary', () => {
    const { unmet, codes, run } = ran(['at 10ms w1: c1 adds 1 to k', 'when B -> A prepare-ok crash A', 'run to 1s', 'expect w1 acked', 'expect k = 1 on B C']);
    expect([...unmet, ...codes]).toEqual([]);
    expect(run.finalViews[1]!.log.map(({ state }) => state)).toEqual(['applied']);
  });

  test('a view whose primary is down comes to nothing, and the one after it begins', () => {
    const { all, codes } = ran(['at 100ms crash A', 'at 100ms crash B', 'run to 2s'], {}, 'A B C D E');
    expect(all('leads')).toEqual(['A {1}', 'C {3}']);
    expect(codes).toEqual([]);
  });

  test('a StartView that is lost is sent again to whoever still asks', () => {
    const { roles } = ran(['drop B -> C start-view #1', 'at 100ms crash A', 'run to 450ms']);
    expect(roles().slice(1)).toEqual(['primary 2', 'backup 2']);
  });

  test('a deposed primary steps down when it hears of the later view, and its unprepared operation goes', () => {
    const { all, logs, codes, unmet } = ran(['at 50ms partition {A c1} | {B C c2}', 'at 100ms w1: c1 writes k = 1 to A within 100ms', 'at 500ms w2: c2 writes k = 2', 'at 900ms heal', 'run to 1500ms',
      'expect w1 unanswered', 'expect w2 acked']);
    expect(all('stepsDown')).toEqual(['A {1}']);
    expect(new Set(logs())).toEqual(new Set(['k = 2']));
    expect([...codes, ...unmet]).toEqual([]);
  });

  test('four replicas need three, whoever is heard', () => {
    const halves = ran(['at 50ms partition {A B c1} | {C D c2}', 'at 400ms w1: c1 writes k = 1 to A', 'run to 2s', 'expect w1 unanswered'], {}, 'A B C D');
    expect(halves.all('leads')).toEqual(['A {1}']);
    expect([...halves.codes, ...halves.unmet]).toEqual([]);
  });

  test('one replica is its own majority, and comes back with its log', () => {
    const { unmet, codes } = ran(['at 10ms w1: c1 writes k = 1', 'at 100ms crash A', 'at 150ms restart A', 'at 300ms r1: c1 reads k', 'run to 600ms', 'expect w1 acked', 'expect r1 = 1'], {}, 'A');
    expect([...unmet, ...codes]).toEqual([]);
  });

  test('views that come to nothing for ever are recognised as going round', () => {
    const { end, codes } = ran(['timeouts B=200ms C=200ms', 'cut B <-> C', 'at 100ms crash A', 'at 200ms c1 writes k = 1 to B']);
    expect(end).toBe('cycling');
    expect(codes).toEqual([]);
  });
});

describe('§4.3 recovery', () => {
  const diskless = { persistence: 'none', 'crash-vector': 'on' };

  test('a backup has its memory back from the primary, with an answer of f+1', () => {
    const { all, sent, unmet, codes } = ran(['at 10ms c1 writes k = 1', 'at 100ms crash C', 'at 150ms restart C', 'run to 300ms', 'expect k = 1 on A B C'], diskless);
    expect(sent('recovery')).toEqual(['C -> A {-1,-1}', 'C -> B {-1,-1}']);
    expect(sent('recovery-response')).toEqual(['A -> C {1,1}', 'B -> C {1,1}']);
    expect(all('follows')).toEqual(['C {1}']);
    expect([...unmet, ...codes]).toEqual([]);
  });

  test('a primary does not get its view back: it waits for the next', () => {
    const { all, roles } = ran(['at 100ms crash A', 'at 110ms restart A', 'run to 1s'], diskless);
    expect(all('leads')).toEqual(['A {1}', 'B {2}']);
    expect(roles()).toEqual(['backup 2', 'primary 2', 'backup 2']);
  });

  test('whoever recovers takes part in nothing', () => {
    const { discarded } = ran(['cut B -> C', 'at 100ms crash C', 'at 150ms restart C', 'at 200ms c1 writes k = 1', 'run to 300ms'], diskless);
    expect(new Set(discarded('prepare'))).toEqual(new Set(['C: it is recovering']));
  });

  test('an answer to an earlier recovery does not count', () => {
    const { discarded } = ran(['hold A -> C recovery-response #1 until 260ms', 'at 100ms crash C', 'at 110ms restart C', 'at 150ms crash C', 'at 200ms restart C',
      'hold A -> C recovery-response #2 until 300ms', 'run to 400ms'], diskless);
    expect(discarded('recovery-response')).toContain('C: it answers an earlier recovery');
  });

  test('more than f forget, and nobody can tell them', () => {
    const lines = ['at 10ms c1 writes k = 1', 'at 100ms crash *', 'at 150ms restart *', 'at 400ms r1: c1 reads k', 'run to 2s', 'expect r1 = 1'];
    expect(ran(lines, diskless).roles()).toEqual(['recovering 1', 'recovering 1', 'recovering 1']);
    expect(ran(lines).unmet).toEqual([]);
  });

  test('a replica with its log on disk asks nobody, unless the disk is gone', () => {
    expect(ran(['at 100ms crash C', 'at 150ms restart C', 'run to 400ms']).sent('recovery')).toEqual([]);
    const lost = ran(['at 10ms c1 writes k = 1', 'at 100ms crash C losing disk', 'at 150ms restart C', 'run to 400ms', 'expect k = 1 on A B C']);
    expect(lost.sent('recovery')).toHaveLength(2);
    expect([...lost.unmet, ...lost.codes]).toEqual([]);
  });
});

describe('§5.2 state transfer', () => {
  test('a replica that missed a view change gets its log, and keeps its own until then', () => {
    const { all, codes, logs } = ran(['at 50ms isolate C', 'at 60ms c1 writes k = 1', 'at 100ms crash A', 'at 120ms restart A', 'at 150ms timeout B', 'at 300ms c2 writes k = 2', 'at 700ms heal', 'run to 1500ms']);
    expect(all('truncate')).toEqual([]);
    expect(codes).toEqual([]);
    expect(new Set(logs())).toEqual(new Set(['k = 1, k = 2']));
  });

  test('who does not answer is not asked for ever', () => {
    const { sent, unmet } = ran(['drop A -> C prepare #1', 'drop C -> A get-state', 'at 10ms c1 writes k = 1', 'run to 400ms', 'expect k = 1 on C']);
    expect(new Set(sent('get-state'))).toEqual(new Set(['C -> A {1,0}', 'C -> B {1,0}']));
    expect(unmet).toEqual([]);
  });
});

/** Guards that chance seldom finds: E2 to E4, and those of the gallery. The examples say what must happen; here, that both forms are there. */
test.each([
  ['bugs/e02-vr-state-transfer.pawl', 'state-transfer paper', 'lost-write'],
  ['bugs/e03-vr-recovery-promise.pawl', 'persistence none', 'lost-write'],
  ['bugs/e04-vr-late-start-view.pawl', 'start-view-guard off', 'split-brain'],
  ['viewstamped-replication/which-log.pawl', 'log-choice longest', 'lost-write'],
  ['viewstamped-replication/late-promise.pawl', 'do-view-change-guard off', 'lost-write'],
  ['viewstamped-replication/recovery.pawl', 'recovery-primary off', 'diverged'],
])('%s: %s leads to %s, and without it all is well', (file, knob, code) => {
  const forms = [file, file.replace('.pawl', '-mended.pawl')].map((name) => join(import.meta.dirname, '../../examples', name)).filter((path) => existsSync(path));
  const text = forms.map((path) => readFileSync(path, 'utf8')).join('\n');
  const codes = analyseNow(text).blocks.map((block) => ({
    text: text.split('\n').slice(block.scenario!.line, block.scenario!.endLine + 1).join('\n'),
    found: block.violations.flatMap(({ finding, folded }) => [finding, ...folded]).filter(({ severity }) => severity === 'error').map((finding) => finding.code),
  }));
  expect(codes.find((block) => block.text.includes(knob) && block.found.includes(code))).toBeDefined();
  expect(codes.some((block) => block.found.length === 0)).toBe(true);
});

test('the page in docs/ names every preset, knob, value and message', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/protocols/viewstamped-replication.md'), 'utf8');
  const { knobs, presets, messages } = VIEWSTAMPED_REPLICATION;
  for (const word of [...presets.map(({ name }) => name), ...messages.map(({ word: name }) => name), ...knobs.flatMap(({ values }) => values.map(({ value }) => value))]) {
    expect(page).toContain(`\`${word}\``);
  }
  for (const { name } of knobs) expect(page).toContain(`### ${name}\n`);
});
