import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { checkExecution } from '../../server/src/checkers/index.ts';
import { EVENT, EVENT_NAMES, type EventLog } from '../../server/src/engine/events.ts';
import { executionOfTrace } from '../../server/src/interchange/trace.ts';
import type { TraceItem } from '../../server/src/model/trace.ts';
import { event, message, traceOf } from './traces.ts';

/** `promise C 2` and so on: kind, node, epoch of each event but the config and the end. */
function told(items: readonly TraceItem[], knobs: Readonly<Record<string, string>> = {}, ...kinds: readonly (keyof typeof EVENT)[]): readonly string[] {
  const { log, names } = executionOfTrace(traceOf(items, knobs));
  return indexes(log).filter((i) => kinds.length === 0 || kinds.includes(EVENT_NAMES[log.kind(i)]!))
    .map((i) => [EVENT_NAMES[log.kind(i)], names[log.node(i)], log.epoch(i) < 0 ? '' : log.epoch(i), log.text(i)].filter((part) => part !== '').join(' '));
}

function indexes(log: EventLog): readonly number[] {
  return Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) !== EVENT.config && log.kind(i) !== EVENT.end);
}

/** The trace of language.md. */
const LATE_COMMIT: readonly TraceItem[] = [
  event(0, 'A', 'leads', { epoch: 1, slot: 0 }),
  message([1000, 2000], 'c1', 'A', 'write', { content: 'k = 1' }),
  message([2000, 4000], 'A', 'B', 'propose', { content: 'k = 1', epoch: 1, slot: 1 }),
  message([2000, 5000], 'A', 'C', 'propose', { content: 'k = 1', epoch: 1, slot: 1 }),
  message([5000, 6000], 'C', 'A', 'accept', { epoch: 1, slot: 1 }),
  event(9000, 'B', 'leads', { epoch: 2, slot: 0 }),
  message([9000, 11000], 'B', 'C', 'heartbeat', { epoch: 2, slot: 0 }),
  message([12000, 14000], 'A', 'C', 'commit', { content: 'k = 1', epoch: 1, slot: 1 }),
  event(14000, 'C', 'applies', { content: 'k = 1', epoch: 1, slot: 1 }),
  message([14000, 'lost'], 'A', 'B', 'commit', { content: 'k = 1', epoch: 1, slot: 1 }),
  message([15000, 16000], 'A', 'c1', 'ok'),
];

describe('a trace as an execution', () => {
  it('has the one error of the late commit, on the application', () => {
    const execution = executionOfTrace(traceOf(LATE_COMMIT));
    const { chains } = checkExecution(execution);
    const errors = chains.filter(({ primary }) => primary.severity === 'error');
    expect(errors.map(({ primary }) => primary.code)).toEqual(['stale-epoch']);
    expect(execution.log.line(errors[0]!.primary.witnesses[0]!)).toBe(8);
    expect(chains.filter(({ primary }) => primary.severity === 'warning')).toEqual([]);
  });

  it('turns a request into an operation, and its reply into the end of it', () => {
    const execution = executionOfTrace(traceOf(LATE_COMMIT));
    expect(execution.operations).toMatchObject([{ client: 3, action: { kind: 'write', key: 'k', value: '1' }, outcome: 'ok' }]);
    const { log } = execution;
    expect(indexes(log).filter((i) => log.kind(i) === EVENT.apply).map((i) => log.op(i))).toEqual([0]);
    expect(indexes(log).filter((i) => log.kind(i) === EVENT.lost)).toHaveLength(1);
  });

  it('takes a newer epoch that is heard or said for a promise', () => {
    expect(told(LATE_COMMIT, {}, 'promise')).toEqual(['promise A 1', 'promise B 1', 'promise C 1', 'promise B 2', 'promise C 2']);
  });

  it('takes only a leader at its word where nodes keep no epochs', () => {
    const items = [
      message([0, 1000], 'B', 'C', 'propose-leader', { epoch: 2 }),
      message([2000, 3000], 'A', 'C', 'propose', { content: 'k = 1', epoch: 1, slot: 1 }),
      event(3000, 'C', 'accepts', { content: 'k = 1', epoch: 1, slot: 1 }),
    ];
    expect(told(items, { ratchet: 'none' }, 'promise')).toEqual(['promise C 1']);
    expect(told(items, {}, 'promise')).toEqual(['promise B 2', 'promise C 2', 'promise A 1']);
  });

  it('concludes that who sends accept has accepted, once', () => {
    const accepts = [
      message([0, 1000], 'A', 'B', 'propose', { content: 'k = 1', epoch: 1, slot: 1 }),
      message([1000, 2000], 'B', 'A', 'accept', { epoch: 1, slot: 1 }),
      message([3000, 4000], 'B', 'A', 'accept', { epoch: 1, slot: 1 }),
    ];
    expect(told(accepts, {}, 'accept')).toEqual(['accept A 1 k = 1', 'accept B 1 k = 1']);
    expect(told([...accepts, event(1000, 'B', 'accepts', { content: 'k = 1', epoch: 1, slot: 1 })], {}, 'accept')).toHaveLength(2);
  });

  it('does not conclude from a commit received that the node obeyed', () => {
    const items = [message([0, 1000], 'A', 'B', 'commit', { content: 'k = 1', epoch: 1, slot: 1 })];
    expect(told(items, {}, 'commit', 'apply')).toEqual(['commit A 1 k = 1']);
  });

  it('counts a repeated request as the same operation until it ends', () => {
    const ask = (from: number, to: string): TraceItem => message([from, from + 1000], 'c1', to, 'add', { content: '5 to k' });
    const items = [ask(0, 'A'), ask(2000, 'B'), message([4000, 5000], 'B', 'c1', 'ok', { content: '5' }), ask(6000, 'B')];
    const { operations } = executionOfTrace(traceOf(items));
    expect(operations.map(({ outcome, value }) => [outcome, value])).toEqual([['ok', '5'], ['unknown', undefined]]);
  });

  it('orders what has no times by the file, and says that the order is not known', () => {
    const items = [
      message([], 'c1', 'A', 'write', { content: 'k = 1' }),
      message([], 'A', 'B', 'propose', { content: 'k = 1', epoch: 1, slot: 1 }),
      event(undefined, 'B', 'accepts', { epoch: 1, slot: 1 }),
      message([], 'B', 'A', 'accept', { epoch: 1, slot: 1 }),
      message([], 'A', 'c1', 'ok'),
    ];
    const { log } = executionOfTrace(traceOf(items));
    expect(told(items, {}, 'send', 'receive', 'accept', 'invoke', 'ok')).toEqual([
      'invoke c1 write k = 1', 'send c1 k = 1', 'receive A k = 1', 'accept A 1 k = 1', 'send A 1 k = 1', 'receive B 1 k = 1', 'accept B 1 k = 1',
      'send B 1', 'receive A 1', 'send A', 'receive c1', 'ok c1',
    ]);
    expect(indexes(log).every((i) => log.timeUs(i) === -1)).toBe(true);
  });

  it('orders what has times by them, wherever it stands in the file', () => {
    const items = [event(5000, 'A', 'crashes'), message([1000, 7000], 'A', 'B', 'heartbeat', { epoch: 1 }), event(6000, 'B', 'pauses')];
    expect(told(items, {}, 'send', 'crash', 'pause', 'receive')).toEqual(['send A 1', 'crash A', 'pause B', 'receive B 1']);
  });
});

const names = fc.constantFrom('A', 'B', 'C', 'c1', 'c2');
const about = fc.record({ content: fc.constantFrom('', 'k = 1', 'k', '5 to k', 'x'), epoch: fc.integer({ min: -1, max: 3 }), slot: fc.integer({ min: -1, max: 3 }) });
const time = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
const words = fc.constantFrom('propose', 'accept', 'commit', 'heartbeat', 'promise', 'write', 'read', 'ok', 'failed', 'redirect', 'nack');
const verbs = fc.constantFrom('leads', 'follows', 'promises', 'votes', 'accepts', 'applies', 'commits', 'discards', 'crashes', 'restarts', 'pauses',
  'resumes', 'times-out', 'aborts', 'persists', 'steps-down', 'stands', 'truncates', 'doubts', 'settles', 'skips', 'commit-index');
const anyMessage = fc.tuple(time, fc.option(fc.nat(9), { nil: 'lost' as const }), names, names, words, about).filter(([, , from, to]) => from !== to)
  .map(([sent, delay, from, to, word, what]) => message([sent, delay === 'lost' ? delay : sent === undefined ? undefined : sent + delay], from, to, word, what));
const anyEvent = fc.tuple(time, fc.constantFrom('A', 'B', 'C'), verbs, fc.constantFrom('A', 'B', 'C'), about)
  .map(([at, node, verb, peer, what]) => event(at, node, verb, { ...what, peer }));
const anyItems = fc.array(fc.oneof(anyMessage, anyEvent), { maxLength: 40 });

describe('any trace', () => {
  it('gives an execution, and the same one each time', () => {
    fc.assert(fc.property(anyItems, (items) => {
      const once = executionOfTrace(traceOf(items)), again = executionOfTrace(traceOf(items));
      expect(again.log.data()).toEqual(once.log.data());
      expect(again.operations).toEqual(once.operations);
      checkExecution(once);
    }));
  });

  it('keeps causes before effects', () => {
    fc.assert(fc.property(anyItems, (items) => {
      const { log } = executionOfTrace(traceOf(items));
      for (let i = 0; i < log.length; i++) expect(log.cause(i)).toBeLessThan(i);
    }));
  });

  it('keeps each node\'s own order where nothing has a time', () => {
    fc.assert(fc.property(anyItems, (items) => {
      const untimed = items.map((item): TraceItem => (item.kind === 'event' ? { ...item, timeUs: undefined } : { ...item, sentUs: undefined, deliveredUs: undefined }));
      const { log } = executionOfTrace(traceOf(untimed));
      const last = new Map<number, number>();
      for (const i of indexes(log)) {
        expect(log.line(i)).toBeGreaterThanOrEqual(last.get(log.node(i)) ?? 0);
        last.set(log.node(i), log.line(i));
      }
    }));
  });
});
