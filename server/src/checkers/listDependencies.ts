/**
 * What transactions over lists tell of each other, where every value is appended once (Kingsbury and Alvaro 2020, Elle, §4.2; the
 * dependencies are those of Adya 1999). Reads are whole, so the longest read of a key is the order of its versions: then who
 * appended after whom (ww), who read from whom (wr) and who appended what a reader had not seen (rw) are all known. Values that
 * nobody read come after it, in any order. With nothing wrong in itself and no cycle in this, any order that keeps to it explains
 * everything.
 */
import type { History } from '../model/history.ts';
import { Graph, PASS, RW, WR, WW } from './cycles.ts';
import { callKindNamed, type Interval } from './intervals.ts';
import { elements } from './models.ts';

/** A transaction that is wrong whatever the order; `by`: the other one that it is about. */
export interface Wrong {
  readonly name: 'G1a' | 'G1b' | 'internal' | 'incompatible' | 'garbage';
  readonly transaction: number;
  readonly by?: number;
  readonly key: string;
  readonly value: string;
}

export interface Dependencies {
  readonly graph: Graph;
  readonly wrong: Wrong | undefined;
}

/** Whether all can be told: only appends of one value each, none twice to a key, and reads. */
export function valuesAreDistinct(intervals: readonly Interval[]): boolean {
  const seen = new Set<string>();
  return intervals.every(({ call }) => call.parts!.every(({ key, call: { kind, argument } }) => {
    if (kind === 'read') return true;
    const name = `${key}\u0000${argument}`;
    if (kind !== 'append' || seen.has(name) || elements(argument).length !== 1) return false;
    seen.add(name);
    return true;
  }));
}

/** Of one key: what was there before a transaction, and what it left of its own when it last looked. */
interface Look { readonly transaction: number; readonly before: readonly string[]; readonly own: readonly string[] }

interface Key {
  readonly looks: Look[];
  /** By value: its transaction, and its place among those that the transaction appended. */
  readonly writers: Map<string, { readonly transaction: number; readonly place: number }>;
  /** By transaction: its values in order. */
  readonly appended: Map<number, string[]>;
}

/** Values whose transactions failed, by key and value; with the index of the operation. */
export function failedAppends({ operations }: History): ReadonlyMap<string, number> {
  const failed = new Map<string, number>();
  operations.forEach((operation, index) => {
    if (operation.outcome !== 'failed') return;
    for (const { kind, key, argument } of operation.parts ?? [operation]) if (callKindNamed(kind) === 'append') failed.set(`${key}\u0000${argument}`, index);
  });
  return failed;
}

/** `transactions`: all with parts, of lists, with `valuesAreDistinct`. Nodes of the graph are their places. */
export function dependencies(transactions: readonly Interval[], failed: ReadonlyMap<string, number>): Dependencies {
  const graph = new Graph(transactions.length), keys = new Map<string, Key>();
  for (const [at, { call }] of transactions.entries()) {
    for (const { key, call: part } of call.parts!) if (part.kind === 'append') append(keyOf(keys, key), at, part.argument);
  }
  let wrong: Wrong | undefined;
  for (let at = 0; at < transactions.length && wrong === undefined; at++) wrong = look(keys, transactions[at]!, at);
  for (const [name, key] of keys) wrong ??= link(graph, name, key, failed);
  return { graph, wrong };
}

function keyOf(keys: Map<string, Key>, name: string): Key {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key: Key = { looks: [], writers: new Map(), appended: new Map() };
  keys.set(name, key);
  return key;
}

function append({ writers, appended }: Key, transaction: number, value: string): void {
  const own = appended.get(transaction) ?? [];
  appended.set(transaction, own);
  writers.set(value, { transaction, place: own.length });
  own.push(value);
}

/** What a transaction found at its keys, unless it does not fit with itself. */
function look(keys: Map<string, Key>, { call }: Interval, at: number): Wrong | undefined {
  const own = new Map<string, string[]>(), before = new Map<string, readonly string[]>();
  for (const { key, call: part } of call.parts!) {
    const mine = own.get(key) ?? [];
    own.set(key, mine);
    if (part.kind === 'append') mine.push(part.argument);
    if (part.kind !== 'read' || part.result === undefined) continue;
    const found = elements(part.result), base = found.slice(0, Math.max(0, found.length - mine.length)), known = before.get(key);
    const fits = isPrefix(mine, found.slice(base.length)) && found.length >= mine.length && (known === undefined || (known.length === base.length && isPrefix(known, base)));
    const self = base.find((value) => keyOf(keys, key).writers.get(value)?.transaction === at);
    if (!fits || self !== undefined) return { name: 'internal', transaction: at, key, value: part.result };
    before.set(key, base);
    keyOf(keys, key).looks.push({ transaction: at, before: base, own: [...mine] });
  }
  return undefined;
}

const isPrefix = (short: readonly string[], long: readonly string[]): boolean => short.length <= long.length && short.every((value, at) => value === long[at]);

/** Adds what one key tells, unless something in it is wrong by itself. */
function link(graph: Graph, key: string, about: Key, failed: ReadonlyMap<string, number>): Wrong | undefined {
  const { looks, writers } = about, versions = looks.map(({ before, own }) => (own.length === 0 ? before : [...before, ...own]));
  let longest = -1;
  for (const [at, version] of versions.entries()) if (longest < 0 || version.length > versions[longest]!.length) longest = at;
  const order = versions[longest] ?? [];
  const wrong = wrongVersions(key, about, versions, longest, failed);
  if (wrong !== undefined) return wrong;
  const writer = (at: number): number => writers.get(order[at]!)!.transaction;
  for (let at = 1; at < order.length; at++) graph.add(writer(at - 1), writer(at), WW, key, order[at]!);
  for (const { transaction, before } of looks) {
    if (before.length > 0) graph.add(writer(before.length - 1), transaction, WR, key, before.at(-1)!);
    if (before.length < order.length) graph.add(transaction, writer(before.length), RW, key, order[before.length]!);
  }
  const read = new Set(order), unread = [...writers].filter(([value]) => !read.has(value));
  linkUnread(graph, key, unread.map(([value, { transaction }]) => [transaction, value]), looks.filter(({ before }) => before.length === order.length).map(({ transaction }) => transaction), order.length === 0 ? undefined : writer(order.length - 1));
  return undefined;
}

/** What nobody read comes after all that was: through one node for all, except for those that stand on both sides. */
function linkUnread(graph: Graph, key: string, unread: readonly (readonly [transaction: number, value: string])[], readers: readonly number[], last: number | undefined): void {
  if (unread.length === 0 || (readers.length === 0 && last === undefined)) return;
  const later = new Set(unread.map(([transaction]) => transaction));
  const hub = graph.node();
  for (const [transaction, value] of unread) graph.add(hub, transaction, PASS, key, value);
  const before = [...[...new Set(readers)].map((reader) => [reader, RW] as const), ...(last === undefined ? [] : [[last, WW] as const])];
  for (const [one, kind] of before) if (!later.has(one)) graph.add(one, hub, kind, key, '');
  // Two that read the same and both appended are a cycle already: more of them need no telling.
  for (const [one, kind] of before.filter(([each]) => later.has(each)).slice(-3)) {
    for (const [transaction, value] of unread) graph.add(one, transaction, kind, key, value);
  }
}

/** Versions that are no beginnings of the longest, or hold what was not there, or a part of what one transaction appended. */
function wrongVersions(key: string, { looks, writers, appended }: Key, versions: readonly (readonly string[])[], longest: number, failed: ReadonlyMap<string, number>): Wrong | undefined {
  const order = versions[longest] ?? [], seen = new Set<string>();
  for (const [at, version] of versions.entries()) {
    if (!isPrefix(version, order)) return { name: 'incompatible', transaction: looks[at]!.transaction, by: looks[longest]!.transaction, key, value: `[${version.join(' ')}]` };
  }
  const reader = (at: number): number => looks[versions.findIndex((version) => version.length > at)]!.transaction;
  for (const [at, value] of order.entries()) {
    const writer = writers.get(value), by = failed.get(`${key}\u0000${value}`);
    if (writer === undefined && by !== undefined) return { name: 'G1a', transaction: reader(at), by: -1 - by, key, value };
    if (writer === undefined || seen.has(value)) return { name: 'garbage', transaction: reader(at), key, value };
    const previous = writer.place === 0 ? undefined : appended.get(writer.transaction)![writer.place - 1]!;
    if (previous !== undefined && !seen.has(previous)) return { name: 'incompatible', transaction: reader(at), by: writer.transaction, key, value };
    seen.add(value);
  }
  for (const { transaction, before } of looks) {
    const value = before.at(-1), writer = value === undefined ? undefined : writers.get(value)!;
    if (writer !== undefined && writer.place < appended.get(writer.transaction)!.length - 1) return { name: 'G1b', transaction, by: writer.transaction, key, value: value! };
  }
  return undefined;
}
