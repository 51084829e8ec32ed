/**
 * Sequential specifications: what one copy of an object does with each call. A state is a string, so that it can be
 * compared and remembered. Sources: Herlihy and Wing 1990 (queue, register); Knossos and Porcupine for the usual set.
 */
import type { HistoryModel } from '../language/syntax.ts';
import type { Call, CallKind } from './intervals.ts';

export interface ObjectModel {
  readonly initial: string;
  readonly calls: ReadonlySet<CallKind>;
  /** The state after the call, or undefined if the call cannot have had its result in this state. */
  step(state: string, call: Call): string | undefined;
  /** Whether two calls that tell nothing back may change places: the state after both is the same. */
  commute?(a: Call, b: Call): boolean;
  /** Where a state is one value that blind writes replace: the state that a call must find (undefined: any will do). */
  needs?(call: Call): string | undefined;
  /** The calls that change the state without regard to what it was. */
  readonly blind?: ReadonlySet<CallKind>;
  /** The same object for these calls only, with fewer states where that can be told beforehand. */
  specialise?(calls: readonly Call[]): ObjectModel;
  /** Where appends make an object grow: what a read would have found had one not happened; undefined where that is not clear. */
  erase?(result: string, argument: string): string | undefined;
  /** The part of the object that a call is about, where parts have nothing to do with each other; undefined: all of it. */
  part?(call: Call): string | undefined;
  /** The calls for which `needs` tells all: with others among them, no state is ever known to be needed by nobody. */
  readonly plain?: ReadonlySet<CallKind>;
}

const calls = (...kinds: readonly CallKind[]): ReadonlySet<CallKind> => new Set(kinds);

/** A number as adds see it: `nil`, and anything that is no number, counts as 0. */
function numberOf(state: string): number {
  const number = Number(state);
  return state.trim() !== '' && Number.isFinite(number) ? number : 0;
}

/** The next state, unless the call says that it saw another. */
function seen(call: Call, value: string, next: string): string | undefined {
  return call.result === undefined || call.result === value ? next : undefined;
}

/** A register with compare-and-set; adds and appends work on its value as a replicated key does. */
export const REGISTER: ObjectModel = {
  initial: 'nil',
  calls: calls('read', 'write', 'cas', 'add', 'delete', 'append', 'remove'),
  commute: (a, b) => a.kind === 'add' && b.kind === 'add' && a.result === undefined && b.result === undefined,
  needs: (call) => (call.kind === 'read' ? call.result : call.kind === 'cas' ? call.argument : undefined),
  blind: calls('write', 'delete', 'remove'),
  plain: calls('read', 'write', 'cas', 'delete', 'remove'),
  step(state, call) {
    switch (call.kind) {
      case 'read': return seen(call, state, state);
      case 'write': return call.argument;
      case 'cas': return state === call.argument ? call.argument2 : undefined;
      case 'delete': case 'remove': return 'nil';
      case 'append': return state === 'nil' ? call.argument : `${state} ${call.argument}`;
      case 'add': {
        const sum = String(numberOf(state) + Number(call.argument));
        return seen(call, sum, sum);
      }
      default: return undefined;
    }
  },
};

/** The elements of a written collection: `[1 2]`, `1,2`, `{a, b}`; `nil` and the empty string have none. */
export function elements(text: string): readonly string[] {
  const words: readonly string[] = text.match(/"[^"]*"|[^\s,[\]{}()"]+/g) ?? [];
  return words.length === 1 && (words[0] === 'nil' || words[0] === 'empty') ? [] : words;
}

const joined = (words: readonly string[]): string => words.join(' ');

/** A state that no read will ever find, nor any that grows from it. Only a call that sets everything anew leaves it. */
const LOST = '\u0000';

/** What grows by appends is read whole: a state that is not the beginning of anything read is as good as any other such. */
function withoutLostStates(model: ObjectModel, calls: readonly Call[], contentOf: (result: string) => string): ObjectModel {
  const sorted = calls.filter(({ kind, result }) => kind === 'read' && result !== undefined).map(({ result }) => contentOf(result!)).sort();
  // Most of what is read is the beginning of what is read later.
  const read = sorted.filter((each, i) => sorted[i + 1]?.startsWith(each) !== true);
  const isBeginning = (state: string): boolean => {
    let low = 0, high = read.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (read[middle]! < state) low = middle + 1;
      else high = middle;
    }
    return low < read.length && read[low]!.startsWith(state);
  };
  return {
    ...model,
    step(state, call) {
      if (state === LOST && (call.kind === 'append' || call.kind === 'read')) return call.kind === 'append' || call.result === undefined ? LOST : undefined;
      const next = model.step(state, call);
      return next === undefined || isBeginning(next) ? next : LOST;
    },
  };
}

export const LIST: ObjectModel = {
  initial: '',
  calls: calls('read', 'append', 'write', 'delete'),
  specialise: (all) => withoutLostStates(LIST, all, (result) => joined(elements(result))),
  erase(result, argument) {
    const found = elements(result), gone = elements(argument);
    if (gone.some((word) => found.indexOf(word) !== found.lastIndexOf(word))) return undefined;
    return joined(found.filter((word) => !gone.includes(word)));
  },
  step(state, call) {
    switch (call.kind) {
      case 'read': return call.result === undefined || joined(elements(call.result)) === state ? state : undefined;
      case 'append': return joined([...elements(state), ...elements(call.argument)]);
      case 'write': return joined(elements(call.argument));
      case 'delete': return '';
      default: return undefined;
    }
  },
};

/** What `contains` returned. */
function isYes(result: string): boolean { return /^(true|yes|1|present)$/i.test(result); }

/** Elements may join a set in any order. */
const GROWS = calls('add', 'append', 'write');

export const SET: ObjectModel = {
  initial: '',
  calls: calls('read', 'contains', 'add', 'append', 'remove', 'delete', 'write'),
  commute: (a, b) => GROWS.has(a.kind) && GROWS.has(b.kind),
  part(call) {
    const words = call.kind === 'read' ? [] : elements(call.argument);
    return words.length === 1 ? words[0] : undefined;
  },
  step(state, call) {
    const members = new Set(elements(state));
    switch (call.kind) {
      case 'read': return call.result === undefined || joined([...new Set(elements(call.result))].sort()) === state ? state : undefined;
      case 'contains': {
        const contained = elements(call.argument).every((word) => members.has(word));
        return call.result === undefined || isYes(call.result) === contained ? state : undefined;
      }
      case 'add': case 'append': case 'write': for (const word of elements(call.argument)) members.add(word); break;
      case 'remove': case 'delete': for (const word of elements(call.argument)) members.delete(word); break;
      default: return undefined;
    }
    return joined([...members].sort());
  },
};

/** First in, first out. A dequeue that found nothing returns `nil` (or `empty`). */
export const QUEUE: ObjectModel = {
  initial: '',
  calls: calls('enqueue', 'dequeue', 'append', 'add', 'write', 'read'),
  step(state, call) {
    const queue = elements(state);
    switch (call.kind) {
      case 'enqueue': case 'append': case 'add': case 'write': return joined([...queue, ...elements(call.argument)]);
      case 'read': return call.result === undefined || joined(elements(call.result)) === state ? state : undefined;
      case 'dequeue': {
        const found = call.result === undefined ? undefined : elements(call.result)[0] ?? '';
        return found === undefined || found === (queue[0] ?? '') ? joined(queue.slice(1)) : undefined;
      }
      default: return undefined;
    }
  },
};

/** Last in, first out. A pop that found nothing returns `nil` (or `empty`). */
export const STACK: ObjectModel = {
  initial: '',
  calls: calls('enqueue', 'dequeue'),
  step(state, call) {
    const stack = elements(state);
    if (call.kind === 'enqueue') return joined([...stack, ...elements(call.argument)]);
    const found = call.result === undefined ? undefined : elements(call.result)[0] ?? '';
    return found === undefined || found === (stack.at(-1) ?? '') ? joined(stack.slice(0, -1)) : undefined;
  },
};

/** What stands between the quotes, where a value needs them. */
const bare = (value: string): string => (value.startsWith('"') ? value.slice(1, -1) : value);

/** What a read found. */
const textOf = (result: string): string => (result === 'nil' ? '' : bare(result));

/** A string, empty at first, that appends make longer. A read of `nil` found it empty. */
export const TEXT: ObjectModel = {
  initial: '',
  calls: calls('write', 'read', 'append', 'delete'),
  specialise: (all) => withoutLostStates(TEXT, all, textOf),
  erase(result, argument) {
    const found = textOf(result), gone = bare(argument), at = found.indexOf(gone);
    if (at < 0 || gone === '') return result;
    return found.includes(gone, at + 1) ? undefined : `"${found.slice(0, at)}${found.slice(at + gone.length)}"`;
  },
  step(state, call) {
    switch (call.kind) {
      case 'read': return call.result === undefined || textOf(call.result) === state ? state : undefined;
      case 'write': return bare(call.argument);
      case 'append': return state + bare(call.argument);
      case 'delete': return '';
      default: return undefined;
    }
  },
};

/** One holder at a time. Who releases is not asked (as in Knossos): a lock may be handed on. */
export const MUTEX: ObjectModel = {
  initial: 'free',
  calls: calls('acquire', 'release'),
  step(state, call) {
    if (call.kind === 'acquire') return state === 'free' ? 'held' : undefined;
    return call.kind === 'release' && state === 'held' ? 'free' : undefined;
  },
};

export const COUNTER: ObjectModel = {
  initial: '0',
  calls: calls('read', 'add', 'write', 'delete'),
  commute: (a, b) => a.kind === 'add' && b.kind === 'add' && a.result === undefined && b.result === undefined,
  step(state, call) {
    switch (call.kind) {
      case 'read': return call.result === undefined || String(numberOf(call.result)) === state ? state : undefined;
      case 'write': return String(numberOf(call.argument));
      case 'delete': return '0';
      case 'add': {
        const sum = String(numberOf(state) + (call.argument === '' ? 1 : numberOf(call.argument)));
        return call.result === undefined || String(numberOf(call.result)) === sum ? sum : undefined;
      }
      default: return undefined;
    }
  },
};

export const MODELS: Readonly<Record<HistoryModel, ObjectModel>> = {
  register: REGISTER, list: LIST, set: SET, queue: QUEUE, mutex: MUTEX, counter: COUNTER, stack: STACK, text: TEXT,
};

/** Between the states of several objects: stands in none. */
const BETWEEN = '\u0001';

/**
 * Objects that transactions connect, as one: its calls are those with parts, each part a call of one key. Calls that share no
 * key, or at every shared key change places there, may change places whatever they tell.
 */
export function together(keys: readonly string[], modelOf: (key: string) => ObjectModel): ObjectModel {
  const places = new Map(keys.map((key, at) => [key, at])), models = keys.map(modelOf);
  const changePlaces = (a: Call, b: Call, model: ObjectModel): boolean => (a.kind === 'read' && b.kind === 'read') || model.commute?.(a, b) === true;
  return {
    initial: models.map(({ initial }) => initial).join(BETWEEN),
    calls: calls('read', 'transaction'),
    commute: (a, b) => a.parts!.every((part) => b.parts!.every((other) => part.key !== other.key || changePlaces(part.call, other.call, models[places.get(part.key)!]!))),
    step(state, { parts }) {
      const values = state.split(BETWEEN);
      for (const { key, call } of parts!) {
        const place = places.get(key)!, next = models[place]!.step(values[place]!, call);
        if (next === undefined) return undefined;
        values[place] = next;
      }
      return values.join(BETWEEN);
    },
  };
}
