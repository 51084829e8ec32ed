import { describe, expect, it } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { timelineOf } from '../../server/src/features/timeline.ts';
import { fates, happy, history, partition, stops } from './fixtures.ts';
import { Story, emptyBlock } from './story.ts';

describe('messages', () => {
  it('are joined from their events, with their fates and reasons', () => {
    const told = fates().messages.map(({ word, fate, why, held, faultLine }) => ({ word, fate, why, held, faultLine }));
    expect(told).toContainEqual({ word: 'propose', fate: 'lost', why: 'dropped', held: [], faultLine: 8 });
    expect(told).toContainEqual({ word: 'commit', fate: 'discarded', why: 'older than {2}, which B heard of from C', held: [], faultLine: -1 });
    expect(told).toContainEqual({ word: 'commit', fate: 'delivered', why: '', held: [42_000, 110_000], faultLine: 10 });
    expect(told).toContainEqual({ word: 'ack', fate: 'in-flight', why: '', held: [], faultLine: -1 });
  });

  it('held to the end are held until then', () => {
    expect(fates().messages.find((message) => message.word === 'query')).toMatchObject({ fate: 'in-flight', held: [105_000, 160_000], endUs: 160_000 });
  });

  it('that arrive twice are drawn twice', () => {
    const story = new Story('A B', '').message(0, 10, 'A', 'B', 'commit').event(15, 'B', 'receive', { peer: 0, word: 'commit', message: 0 });
    expect(timelineOf(story.block('twice', 20)).messages.map(({ endUs }) => endUs)).toEqual([10_000, 15_000]);
  });

  it('point at their operation by its index', () => {
    const { messages, operations } = partition();
    const second = messages.find((message) => message.word === 'write' && message.content === 'k = 2')!;
    expect(operations[second.op]!.label).toBe('w2');
  });
});

describe('heartbeats', () => {
  it('are known by their beat, whatever they are called', () => {
    const { messages } = partition();
    expect(new Set(messages.filter((message) => message.faint).map((message) => message.word))).toEqual(new Set(['heartbeat']));
    expect(messages.filter((message) => message.word === 'heartbeat').every((message) => message.faint)).toBe(true);
  });

  it('take their answers with them, and not the answers of an election that repeats', () => {
    const story = new Story('A B', '');
    for (let i = 0; i < 20; i++) story.message(i * 50, i * 50 + 5, 'A', 'B', 'alive', { epoch: 1 });
    for (let i = 0; i < 20; i++) story.message(i * 50 + 20, i * 50 + 25, 'B', 'A', 'candidate', { epoch: i + 2 });
    const words = timelineOf(story.block('beats', 1000)).messages.filter((message) => message.faint).map((message) => message.word);
    expect(new Set(words)).toEqual(new Set(['alive']));
  });
});

describe('lanes', () => {
  it('reigns end when the leader steps down or dies', () => {
    expect(stops().reigns).toMatchObject([{ node: 0, epoch: 1, fromUs: 0, toUs: 670_000, open: false }, { node: 1, epoch: 2, toUs: 720_000, open: true, votes: 2 }]);
    const crashed = new Story('A', '').event(0, 'A', 'leads', { epoch: 1 }).event(30, 'A', 'crash', { line: 3 }).block('gone', 50);
    expect(timelineOf(crashed)).toMatchObject({ reigns: [{ toUs: 30_000, open: false }], spans: [{ kind: 'down', fromUs: 30_000, toUs: 50_000, open: true, line: 3 }] });
  });

  it('know when a node was paused or down', () => {
    expect(stops().spans).toMatchObject([{ kind: 'paused', node: 0, fromUs: 100_000, toUs: 650_000 }, { kind: 'down', node: 2, fromUs: 430_000, toUs: 600_000 }]);
  });

  it('carry what the nodes did', () => {
    expect(happy().marks.map((mark) => mark.kind)).toEqual(['accept', 'accept', 'commit', 'apply', 'apply', 'apply']);
    expect(EVENT.persist).toBeGreaterThan(0); // recorded, and not drawn
  });
});

describe('faults', () => {
  it('a partition lasts until it is healed, and knows its sides', () => {
    expect(partition().faults).toMatchObject([{ text: 'partition {A B C c1} | {D E F c2}', fromUs: 100_000, toUs: 900_000, open: false, line: 6,
      groups: [[0, 1, 2, 6], [3, 4, 5, 7]] }]);
  });
});

describe('what there is to say', () => {
  it('violations point at their operations', () => {
    expect(partition().violations).toMatchObject([{ code: 'split-brain', expected: true, operations: [1, 0] }, { code: 'diverged', expected: false }]);
  });

  it('a history has its clients and their intervals only', () => {
    const data = history();
    expect(data).toMatchObject({ unit: 'number', state: 'ready', messages: [], processes: [{ name: 'B', role: 'client' }, { name: 'C' }, { name: 'D' }] });
    expect(data.operations[6]).toMatchObject({ outcome: 'open', content: 'write k = 9' });
    expect(data.violations[0]).toMatchObject({ timeUs: 45, operations: [5] });
  });

  it('a block with errors names them, a cancelled run says so', () => {
    const place = { line: 3, start: 0, end: 4 };
    const wrong = { ...emptyBlock('scenario', 's'), diagnostics: [{ place, severity: 'error' as const, code: 'name', message: 'There is no node X.', related: [], fixes: [] }] };
    expect(timelineOf(wrong)).toMatchObject({ state: 'errors', problems: [{ line: 3, message: 'There is no node X.' }] });
    const ran = new Story('A', '').block('s', 1);
    expect(timelineOf({ ...ran, execution: { ...ran.execution!, end: 'cancelled' } }).state).toBe('cancelled');
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(partition()))).toEqual(partition());
  });
});
