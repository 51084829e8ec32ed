/** What actions do to keys: the one sequential meaning that protocols execute and checkers follow. */
import type { ActionModel, KeyAction, Transaction } from './scenario.ts';
import { answersWithValue, changesZnodes } from './sessions.ts';

export function isTransaction(action: ActionModel): action is Transaction { return action.kind === 'do' || action.kind === 'move'; }

export function isOnOneKey(action: ActionModel): action is KeyAction { return !isTransaction(action) && action.kind !== 'session' && action.kind !== 'members'; }

/** The actions on single keys, in order; a session or an administrator asks of none. */
export function partsOf(action: ActionModel): readonly KeyAction[] {
  if (action.kind === 'session' || action.kind === 'members') return [];
  return isTransaction(action) ? action.actions : [action];
}

/** The keys, each once, in the order they are named. */
export function keysOf(action: ActionModel): readonly string[] {
  return [...new Set(partsOf(action).map(({ key }) => key))];
}

/** The one key, for those who know each key by itself. */
export function keyOf(action: ActionModel): string { return keysOf(action)[0]!; }

/** Whether it changes nothing, whatever is there. */
export function onlyReads(action: ActionModel): boolean {
  if (action.kind === 'session') return !changesZnodes(action.call);
  return action.kind !== 'members' && partsOf(action).every(({ kind }) => kind === 'read');
}

/** Whether it asks for a value. */
export function asksForValue(action: ActionModel): boolean { return action.kind === 'session' ? answersWithValue(action.call) : partsOf(action).some(({ kind }) => kind === 'read'); }

export function moveOf(amount: number, from: string, to: string): Transaction {
  return { kind: 'move', amount, from, to, actions: [{ kind: 'add', key: from, amount: -amount }, { kind: 'add', key: to, amount }] };
}

/** What an action leaves behind: the keys it set, with their values (`nil`: removed), and what its reads found, in order. */
export interface Effect {
  readonly changes: ReadonlyMap<string, string>;
  readonly found: readonly string[];
}

/** Of a staged transaction only its commit leaves anything. */
function carriedOut(action: ActionModel): readonly KeyAction[] {
  return action.kind === 'do' && (action.stage?.step ?? 'commit') !== 'commit' ? [] : partsOf(action);
}

/** `valueOf` gives `nil` for a key that is not there. Undefined where a `cas` finds another value: then nothing happens at all. */
export function effectOf(action: ActionModel, valueOf: (key: string) => string): Effect | undefined {
  const changes = new Map<string, string>(), found: string[] = [];
  for (const part of carriedOut(action)) {
    const before = changes.get(part.key) ?? valueOf(part.key);
    if (part.kind === 'cas' && before !== part.from) return undefined;
    if (part.kind === 'read') found.push(before);
    else changes.set(part.key, valueAfter(part, before));
  }
  return { changes, found };
}

/** What a key holds after an action that does not only look at it. */
export function valueAfter(action: Exclude<KeyAction, { kind: 'read' }>, before: string): string {
  switch (action.kind) {
    case 'write': return action.value;
    case 'delete': return 'nil';
    case 'cas': return action.to;
    case 'append': return before === 'nil' ? action.value : `${before} ${action.value}`;
    case 'add': return String(numberOf(before) + action.amount);
  }
}

/** `nil`, and anything that is no number, counts as 0. */
function numberOf(value: string): number {
  const number = Number(value);
  return Number.isFinite(number) ? number : 0;
}

/** What a client hears of what its reads found: the value; of a transaction each with its key, `x = 1; y = 2`. */
export function answerText(action: ActionModel, found: readonly string[]): string {
  if (!isTransaction(action)) return found[0] ?? '';
  return readsOf(action).map(({ key }, at) => `${key} = ${found[at] ?? 'nil'}`).join('; ');
}

/** What each read of an answered action found, in order; undefined for one that the answer does not tell. */
export function foundIn(action: ActionModel, answer: string | undefined): readonly (string | undefined)[] {
  const reads = readsOf(action);
  if (!isTransaction(action)) return reads.map(() => answer);
  const told = stepsIn(answer ?? '');
  return reads.map(({ key }, at) => (told[at]?.startsWith(`${key} = `) ? told[at].slice(key.length + 3) : undefined));
}

function readsOf(action: ActionModel): readonly KeyAction[] { return partsOf(action).filter(({ kind }) => kind === 'read'); }

/** The parts between semicolons that are not in quotes. */
export function stepsIn(text: string): readonly string[] {
  return text === '' ? [] : (text.match(/(?:"[^"]*"|[^;"])+/g) ?? []).map((step) => step.trim()).filter((step) => step !== '');
}
