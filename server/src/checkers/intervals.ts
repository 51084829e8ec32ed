/** Operations as intervals on one line of time, which is all that linearizability needs to know of them. */
import type { History, HistoryOperation } from '../model/history.ts';
import type { ActionModel } from '../model/scenario.ts';
import type { Execution, ObservedOperation } from './checker.ts';

export type CallKind = 'write' | 'read' | 'add' | 'cas' | 'delete' | 'append' | 'remove' | 'contains' | 'enqueue' | 'dequeue' | 'acquire' | 'release';

/** What was asked, and what came back: `result` is undefined where nothing is known of it. */
export interface Call {
  readonly kind: CallKind;
  /** The value (write, append, enqueue, …), the amount (add), or the expected value (cas). */
  readonly argument: string;
  /** cas: the new value. */
  readonly argument2: string;
  readonly result: string | undefined;
}

export interface Interval {
  /** Index among the operations of the execution or history. */
  readonly id: number;
  readonly client: string;
  readonly start: number;
  /** Infinity: it may have taken effect at any time after its start, or never. */
  readonly end: number;
  readonly call: Call;
}

/** Operations that may have happened, by key. Those that certainly did not, and reads without an answer, say nothing. */
export type IntervalsByKey = ReadonlyMap<string, readonly Interval[]>;

function callOf(action: ActionModel, result: string | undefined): Call {
  const observed = action.kind === 'read' ? result : undefined;
  const call = (argument: string, argument2 = ''): Call => ({ kind: action.kind, argument, argument2, result: observed });
  switch (action.kind) {
    case 'read': case 'delete': return call('');
    case 'write': case 'append': return call(action.value);
    case 'add': return call(String(action.amount));
    case 'cas': return call(action.from, action.to);
  }
}

function group(entries: readonly (readonly [key: string, interval: Interval])[]): IntervalsByKey {
  const byKey = new Map<string, Interval[]>();
  for (const [key, interval] of entries) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [interval]);
    else known.push(interval);
  }
  return byKey;
}

/** Time is the index of the event: the log's order is the order of a simulation. */
export function intervalsOfExecution(execution: Execution): IntervalsByKey {
  const entry = (operation: ObservedOperation, id: number): readonly (readonly [string, Interval])[] => {
    const answered = operation.outcome === 'ok' && operation.endEvent >= 0;
    if (operation.outcome === 'failed' || (operation.action.kind === 'read' && !answered)) return [];
    return [[operation.action.key, {
      id, client: String(operation.client), start: operation.invokeEvent, end: answered ? operation.endEvent : Infinity,
      call: callOf(operation.action, answered ? operation.value : undefined),
    }]];
  };
  return group(execution.operations.flatMap(entry));
}

const KINDS: Readonly<Record<string, CallKind>> = {
  write: 'write', set: 'write', put: 'write', read: 'read', get: 'read', add: 'add', increment: 'add', cas: 'cas', delete: 'delete',
  append: 'append', remove: 'remove', contains: 'contains', enqueue: 'enqueue', push: 'enqueue', dequeue: 'dequeue', pop: 'dequeue',
  acquire: 'acquire', lock: 'acquire', release: 'release', unlock: 'release',
};

/** `writes` and `write` alike; undefined for a word that no model knows. */
export function callKindNamed(word: string): CallKind | undefined { return KINDS[word] ?? KINDS[word.replace(/s$/, '')]; }

/** Calls whose result can say something: a value, not just that it was done. */
const OBSERVING: ReadonlySet<CallKind> = new Set<CallKind>(['read', 'dequeue', 'contains', 'add']);

function historyCall(operation: HistoryOperation, kind: CallKind): Call {
  const { argument, argument2, result } = operation;
  const silent = result === '' || (result === 'ok' && kind === 'add');
  return { kind, argument, argument2, result: OBSERVING.has(kind) && !silent ? result : undefined };
}

/** Words that no model knows are left out and listed. */
export function intervalsOfHistory(history: History): { readonly byKey: IntervalsByKey; readonly unknownWords: readonly string[] } {
  const unknownWords = new Set<string>();
  const entry = (operation: HistoryOperation, id: number): readonly (readonly [string, Interval])[] => {
    const kind = callKindNamed(operation.kind);
    if (kind === undefined) unknownWords.add(operation.kind);
    const answered = operation.outcome === 'ok' && operation.end !== undefined;
    if (kind === undefined || operation.outcome === 'failed' || (kind === 'read' && !answered)) return [];
    const call = historyCall(operation, kind);
    const { key, client, start, end } = operation;
    return [[key, { id, client, start, end: answered ? end! : Infinity, call: answered ? call : { ...call, result: undefined } }]];
  };
  return { byKey: group(history.operations.flatMap(entry)), unknownWords: [...unknownWords] };
}
