/** Operations as intervals on one line of time, which is all that linearizability needs to know of them. */
import { foundIn, isTransaction, onlyReads } from '../model/actions.ts';
import type { History, HistoryOperation, HistoryStep } from '../model/history.ts';
import type { KeyAction, Transaction } from '../model/scenario.ts';
import type { Execution, ObservedOperation } from './checker.ts';

export type CallKind = 'write' | 'read' | 'add' | 'cas' | 'delete' | 'append' | 'remove' | 'contains' | 'enqueue' | 'dequeue' | 'acquire' | 'release' | 'transaction';

/** What was asked, and what came back: `result` is undefined where nothing is known of it. */
export interface Call {
  readonly kind: CallKind;
  /** The value (write, append, enqueue, …), the amount (add), or the expected value (cas). */
  readonly argument: string;
  /** cas: the new value. */
  readonly argument2: string;
  readonly result: string | undefined;
  /** What it asks of each key, in order, where it is about several keys or shares an object with one that is (`together`). Then
   *  `kind` is `read` if it only reads, else `transaction`. */
  readonly parts?: readonly KeyedCall[];
}

export interface KeyedCall {
  readonly key: string;
  readonly call: Call;
}

/** The call as it is before anybody has heard what came of it. */
export function unanswered(call: Call): Call {
  const silent = { ...call, result: undefined };
  return call.parts === undefined ? silent : { ...silent, parts: call.parts.map((part) => ({ ...part, call: unanswered(part.call) })) };
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

/** Whether a client began a call at the very moment at which its last one ended: then times do not tell which came first. */
export function clientsTouch(intervals: readonly Interval[]): boolean {
  const ends = new Map<string, number>();
  for (const { client, start, end } of [...intervals].sort((a, b) => a.start - b.start || a.id - b.id)) {
    if (ends.get(client) === start) return true;
    if (end !== Infinity) ends.set(client, end);
  }
  return false;
}

/** Of each, the place of the one of the same client that ended last before it began, or -1. Those of unknown end come in order of start, after or among the others. */
export function previousOfClient(intervals: readonly Interval[]): readonly number[] {
  const ofClient = new Map<string, number[]>();
  return intervals.map(({ client, start, end }, i) => {
    const earlier = ofClient.get(client) ?? [];
    ofClient.set(client, earlier);
    const before = earlier.findLast((j) => intervals[j]!.end <= start) ?? -1;
    if (end !== Infinity) earlier.push(i);
    return before;
  });
}

/** Operations that may have happened, by key. Those that certainly did not, and reads without an answer, say nothing. */
export type IntervalsByKey = ReadonlyMap<string, readonly Interval[]>;

/** Keys that transactions connect, in order: together they are one object. */
export interface ConnectedKeys {
  readonly keys: readonly string[];
  /** All of them with `parts`. */
  readonly intervals: readonly Interval[];
}

export interface Objects {
  /** Keys that no transaction touches, each an object of its own. */
  readonly byKey: IntervalsByKey;
  readonly connected: readonly ConnectedKeys[];
}

/** An operation with the key it is about; '' where it has parts. */
type Entry = readonly [key: string, interval: Interval];

/** `whole`: all keys are one object, whoever connects them. */
function objectsOf(entries: readonly Entry[], whole = false): Objects {
  const transactions = entries.filter(([, { call }]) => call.parts !== undefined);
  if (whole) return { byKey: new Map(), connected: entries.length === 0 ? [] : [{ keys: allKeys(entries), intervals: entries.map(([key, one]) => ({ ...one, call: inParts(key, one.call) })) }] };
  if (transactions.length === 0) return { byKey: group(entries), connected: [] };
  const names = connectedNames(transactions.map(([, { call }]) => call.parts!.map(({ key }) => key)));
  const alone: Entry[] = [], joined: Entry[] = [];
  for (const [key, interval] of entries) {
    const name = names.get(interval.call.parts?.[0]?.key ?? key);
    if (name === undefined) alone.push([key, interval]);
    else joined.push([name, { ...interval, call: inParts(key, interval.call) }]);
  }
  const connected = [...group(joined)].map(([name, intervals]) => ({ keys: [...names.keys()].filter((key) => names.get(key) === name).sort(), intervals }));
  return { byKey: group(alone), connected };
}

function allKeys(entries: readonly Entry[]): readonly string[] {
  return [...new Set(entries.flatMap(([key, { call }]) => call.parts?.map((part) => part.key) ?? [key]))].sort();
}

export function inParts(key: string, call: Call): Call {
  return call.parts !== undefined ? call : { kind: call.kind === 'read' ? 'read' : 'transaction', argument: '', argument2: '', result: call.result, parts: [{ key, call }] };
}

/** By key that occurs in some set: a name that is the same for all keys that chains of sets connect. */
function connectedNames(sets: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const parent = new Map<string, string>();
  const nameOf = (key: string): string => {
    let at = key;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const set of sets) {
    for (const key of set) {
      if (!parent.has(key)) parent.set(key, key);
      parent.set(nameOf(key), nameOf(set[0]!));
    }
  }
  return new Map([...parent.keys()].map((key) => [key, nameOf(key)]));
}

/** Every key as if its operations were about it alone: of a transaction, what it read there from others and what it left there. */
export function projected({ byKey, connected }: Objects): IntervalsByKey {
  if (connected.length === 0) return byKey;
  const single = connected.flatMap(({ intervals }) => intervals.flatMap((interval) => seenFromOutside(interval.call.parts!).map(({ key, call }): Entry => [key, { ...interval, call }])));
  return new Map([...byKey, ...group(single)]);
}

function seenFromOutside(parts: readonly KeyedCall[]): readonly KeyedCall[] {
  const before = parts.filter(({ key, call }, at) => call.kind === 'read' && call.result !== undefined && !parts.slice(0, at).some((other) => other.key === key && other.call.kind !== 'read'));
  const writes = parts.filter(({ call }) => call.kind !== 'read');
  return [...before, ...writes.filter(({ key }, at) => !writes.slice(at + 1).some((other) => other.key === key))];
}

function callOf(action: KeyAction, result: string | undefined): Call {
  const observed = action.kind === 'read' ? result : undefined;
  const call = (argument: string, argument2 = ''): Call => ({ kind: action.kind, argument, argument2, result: observed });
  switch (action.kind) {
    case 'read': case 'delete': return call('');
    case 'write': case 'append': return call(action.value);
    case 'add': return call(String(action.amount));
    case 'cas': return call(action.from, action.to);
  }
}

function transactionCall(action: Transaction, answer: string | undefined): Call {
  const found = [...foundIn(action, answer)];
  const parts = action.actions.map((part) => ({ key: part.key, call: callOf(part, part.kind === 'read' ? found.shift() : undefined) }));
  return { kind: onlyReads(action) ? 'read' : 'transaction', argument: '', argument2: '', result: answer, parts };
}

function group(entries: readonly Entry[]): IntervalsByKey {
  const byKey = new Map<string, Interval[]>();
  for (const [key, interval] of entries) {
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [interval]);
    else known.push(interval);
  }
  return byKey;
}

/** Time is the index of the event: the log's order is the order of a simulation. */
export function intervalsOfExecution(execution: Execution): Objects {
  const entry = (operation: ObservedOperation, id: number): readonly Entry[] => {
    const { action } = operation, answered = operation.outcome === 'ok' && operation.endEvent >= 0;
    // What sessions ask of znodes is no key: staleLook.ts judges it.
    if (action.kind === 'session' || action.kind === 'members' || operation.outcome === 'failed' || (onlyReads(action) && !answered)) return [];
    const value = answered ? operation.value : undefined;
    return [[isTransaction(action) ? '' : action.key, {
      id, client: String(operation.client), start: operation.invokeEvent, end: answered ? operation.endEvent : Infinity,
      call: isTransaction(action) ? transactionCall(action, value) : callOf(action, value),
    }]];
  };
  return objectsOf(execution.operations.flatMap(entry));
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

function historyCall({ argument, argument2, result }: HistoryStep, kind: CallKind): Call {
  const silent = result === '' || (result === 'ok' && kind === 'add');
  return { kind, argument, argument2, result: OBSERVING.has(kind) && !silent ? result : undefined };
}

function historyTransaction(parts: readonly HistoryStep[]): Call {
  const calls = parts.map((part) => ({ key: part.key, call: historyCall(part, callKindNamed(part.kind)!) }));
  const reads = calls.every(({ call }) => call.kind === 'read');
  return { kind: reads ? 'read' : 'transaction', argument: '', argument2: '', result: undefined, parts: calls };
}

/** Words that no model knows are left out and listed. `whole`: all keys are one object. */
export function intervalsOfHistory(history: History, whole = false): Objects & { readonly unknownWords: readonly string[] } {
  const unknownWords = new Set<string>();
  const entry = (operation: HistoryOperation, id: number): readonly Entry[] => {
    const kind = operation.parts === undefined ? callKindNamed(operation.kind) : 'transaction';
    if (kind === undefined) unknownWords.add(operation.kind);
    const answered = operation.outcome === 'ok' && operation.end !== undefined;
    if (kind === undefined || operation.outcome === 'failed') return [];
    const call = operation.parts === undefined ? historyCall(operation, kind) : historyTransaction(operation.parts);
    if (call.kind === 'read' && !answered) return [];
    const { key, client, start, end } = operation;
    return [[operation.parts === undefined ? key : '', { id, client, start, end: answered ? end! : Infinity, call: answered ? call : unanswered(call) }]];
  };
  return { ...objectsOf(history.operations.flatMap(entry), whole), unknownWords: [...unknownWords] };
}
