import { describe, expect, it } from 'vitest';
import { lostWrite } from '../../server/src/checkers/lostWrite.ts';
import { underReplicated } from '../../server/src/checkers/underReplicated.ts';
import { EVENT } from '../../server/src/engine/events.ts';
import { forSeeds } from './dice.ts';
import { all, randomStory } from './randomStory.ts';
import { findings, nodesOf, Story, without, write } from './story.ts';

/** A commits k = 1 with B and answers; C, which never heard of it, is elected. */
function forgotten(): Story {
  const story = new Story().at(0).leads('A', 1, 3).at(10);
  story.written('c1', 'A', 'k', '1', 1, 1, 'B');
  return story.at(120).on('A', 'crash').at(220).promise('B', 2).promise('C', 2).leads('C', 2, 2);
}

describe('lost-write', () => {
  it('is a later leader whose log lacks an acknowledged write', () => {
    const story = forgotten(), [found, ...others] = findings(lostWrite, story);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ severity: 'error', certainty: 'proved', operations: [0], slots: [1], epochs: [2] });
    expect(nodesOf(story, found)).toBe('C');
    expect(found!.timeUs).toBe(220_002);
    expect(found!.message).toBe("c1's write k = 1 was acknowledged to c1 at 10.006ms but is absent from C's history (epoch 2).");
  });

  it('is none without the answer, without the election, or when the leader has caught up', () => {
    expect(lostWrite.check(without(forgotten().execution(), 'ok')).findings).toEqual([]);
    expect(lostWrite.check(without(forgotten().execution(), 'leads', 1)).findings).toEqual([]);
    const caughtUp = new Story().leads('A', 1);
    const op = caughtUp.written('c1', 'A', 'k', '1', 1, 1, 'B');
    caughtUp.slot('accept', 'C', 1, op, { epoch: 2 }).leads('C', 2);
    expect(findings(lostWrite, caughtUp)).toEqual([]);
  });

  it('sees what a truncation and a restart take away', () => {
    const truncated = new Story().leads('A', 1);
    const op = truncated.written('c1', 'A', 'k', '1', 1, 1, 'B C');
    truncated.slot('truncate', 'C', 1, -1).leads('C', 2);
    expect(op).toBe(0);
    expect(findings(lostWrite, truncated)).toHaveLength(1);
    const restarted = (durable: boolean): Story => {
      const story = new Story().leads('A', 1);
      story.written('c1', 'A', 'k', '1', 1, 1, 'B C');
      if (durable) story.slot('persist', 'C', 1, 0);
      return story.on('C', 'crash').on('C', 'restart').leads('C', 2);
    };
    expect(findings(lostWrite, restarted(false))).toHaveLength(1);
    expect(findings(lostWrite, restarted(true))).toEqual([]);
  });

  it('is another content, or an abort, in its slot', () => {
    const other = new Story().leads('A', 1);
    other.written('c1', 'A', 'k', '1', 1, 1, 'B');
    other.ask('c2', write('k', '2'));
    other.slot('commit', 'B', 1, 1, { epoch: 2 });
    expect(findings(lostWrite, other)[0]!.message).toBe("c1's write k = 1 was acknowledged to c1 at 7us but B has k = 2 in its slot 1.");
    const aborted = new Story().leads('A', 1);
    aborted.written('c1', 'A', 'k', '1', 1, 1, 'B');
    aborted.slot('abort', 'B', 1, 0);
    expect(findings(lostWrite, aborted)[0]).toMatchObject({ nodes: [1], operations: [0], slots: [1] });
    expect(lostWrite.check(without(aborted.execution(), 'abort')).findings).toEqual([]);
    expect(lostWrite.check(without(aborted.execution(), 'ok')).findings).toEqual([]);
  });

  it('is none for a write that has moved to another slot, and for one that failed', () => {
    const moved = new Story().leads('A', 1);
    moved.written('c1', 'A', 'k', '1', 1, 1);
    moved.slot('apply', 'B', 2, 0, { epoch: 2 }).ask('c2', write('k', '2'));
    moved.slot('apply', 'B', 1, 1, { epoch: 2 });
    expect(findings(lostWrite, moved)).toEqual([]);
    const failed = new Story().leads('A', 1);
    const op = failed.ask('c1', { kind: 'cas', key: 'k', from: '1', to: '2' });
    failed.slot('commit', 'A', 1, op).answer(op, 'A', '', 'failed').leads('B', 2);
    expect(findings(lostWrite, failed)).toEqual([]);
  });

  it('agrees with replaying everything for each acknowledged write', () => {
    let positive = 0;
    forSeeds(4000, (dice) => {
      const story = randomStory(dice, { events: 50, kinds: ['ask', 'ask', 'answer', 'answer', 'answer', 'commit', 'apply', 'apply', 'accept', 'abort', 'leads', 'truncate', 'persist', 'crash', 'restart'] });
      const expected = story.operations.filter((operation) => operation.outcome === 'ok' && operation.action.kind !== 'read' && lostTwin(story, operation.op));
      const found = findings(lostWrite, story);
      expect(found.map(({ operations }) => operations[0]).sort()).toEqual(expected.map(({ op }) => op).sort());
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(300);
  });
});

/** The operations in a node's log just before event i, by replaying its past. */
function heldBefore(story: Story, node: number, i: number): ReadonlySet<number> {
  const { log } = story;
  const entries: [slot: number, op: number][] = [], disk: [slot: number, op: number][] = [];
  const remove = (list: [number, number][], gone: (slot: number) => boolean): void => { list.splice(0, list.length, ...list.filter(([slot]) => !gone(slot))); };
  let lostDisk = false;
  for (const j of all(story).filter((one) => one < i && log.node(one) === node)) {
    const slot = log.slot(j);
    switch (log.kind(j)) {
      case EVENT.accept: case EVENT.commit: case EVENT.apply: remove(entries, (s) => s === slot); entries.push([slot, log.op(j)]); break;
      case EVENT.abort: remove(entries, (s) => s === slot); break;
      case EVENT.truncate: remove(entries, (s) => s >= slot); remove(disk, (s) => s >= slot); break;
      case EVENT.persist: remove(disk, (s) => s === slot); disk.push([slot, log.op(j)]); break;
      case EVENT.crash: lostDisk = lostDisk || log.detail(j) === 'losing disk'; break;
      case EVENT.restart:
        if (lostDisk) disk.length = 0;
        lostDisk = false;
        entries.splice(0, entries.length, ...disk);
        break;
      default:
    }
  }
  return new Set(entries.map(([, op]) => op));
}

function lostTwin(story: Story, op: number): boolean {
  const { log } = story;
  const ack = story.operations[op]!.endEvent;
  const decisions = all(story, 'commit', 'apply', 'abort');
  const mine = decisions.filter((i) => log.op(i) === op && log.kind(i) !== EVENT.abort);
  const before = mine.filter((i) => i < ack), own = before.filter((i) => log.node(i) === log.peer(ack));
  const differs = (i: number): boolean => log.kind(i) === EVENT.abort || (log.op(i) >= 0 && log.op(i) !== op) || log.text(i) !== log.text(mine[0]!);
  const overwritten = (own.length > 0 ? own : before).some((decided) => decisions.some((i) => log.slot(i) === log.slot(decided) && differs(i)
    && !mine.some((j) => log.node(j) === log.node(i) && log.slot(j) !== log.slot(i))));
  const first = before[0];
  const forgottenBy = first !== undefined && all(story, 'leads').some((i) => i > first && log.epoch(i) > log.epoch(first) && !heldBefore(story, log.node(i), i).has(op));
  return overwritten || forgottenBy;
}

describe('under-replicated', () => {
  const acked = (quorum: number, copies: string): Story => {
    const story = new Story('A B C D E').config(quorum).leads('A', 1, 5);
    const op = story.ask('c1', write('k', '1'), { label: 'w1' });
    story.slot('persist', copies, 1, op).slot('commit', 'A', 1, op);
    return story.answer(op, 'A');
  };

  it('is fewer durable copies than every election quorum meets', () => {
    const found = findings(underReplicated, acked(3, 'A B'));
    expect(found.map(({ message, severity }) => `${severity}: ${message}`))
      .toEqual(['warning: w1 was acknowledged with 2 durable copies; surviving 2 failures needs 3.']);
    expect(findings(underReplicated, acked(3, 'A B C'))).toEqual([]);
    expect(findings(underReplicated, acked(4, 'A B'))).toEqual([]);
  });

  it('takes the fewest votes that made a leader where the quorum depends on who is heard', () => {
    expect(findings(underReplicated, acked(-1, 'A').leads('B', 2, 2))[0]!.message).toContain('surviving 3 failures needs 4');
  });

  it('says nothing without elections, or where no entry is ever put on disk', () => {
    expect(findings(underReplicated, acked(0, 'A'))).toEqual([]);
    const diskless = new Story().config(2).leads('A', 1);
    diskless.written('c1', 'A', 'k', '1', 1, 1);
    expect(findings(underReplicated, diskless)).toEqual([]);
    expect(findings(underReplicated, diskless.on('B', 'persist', { epoch: 2 }))).toEqual([]);
  });

  it('agrees with counting', () => {
    let positive = 0;
    forSeeds(2000, (dice) => {
      const quorum = dice.pick([-1, 0, 1, 2, 3]);
      const story = randomStory(dice, { kinds: ['ask', 'answer', 'answer', 'persist', 'persist', 'leads'] }).config(quorum);
      const { log } = story;
      const votes = all(story, 'leads').map((i) => log.a(i)).filter((a) => a > 0);
      const smallest = quorum > 0 ? quorum : quorum === -1 && votes.length > 0 ? Math.min(...votes) : undefined;
      const few = (op: number, ack: number): boolean => {
        const copies = new Set(all(story, 'persist').filter((i) => i < ack && log.op(i) === op).map((i) => log.node(i))).size;
        return smallest !== undefined && copies < story.nodeCount - smallest + 1;
      };
      const expected = all(story, 'persist').length === 0 ? [] : story.operations
        .filter((operation) => operation.outcome === 'ok' && operation.action.kind !== 'read' && few(operation.op, operation.endEvent)).map(({ op }) => op);
      const found = findings(underReplicated, story).map(({ operations }) => operations[0]);
      expect(found.sort()).toEqual(expected.sort());
      positive += found.length;
    });
    expect(positive).toBeGreaterThan(100);
  });
});
