/**
 * How a trace says which operation it means where its words do not: `write k = 1 #2` is the client's second operation, and
 * in what nodes say of a slot, `propose k = 1 #c1.2` is the second operation of c1.
 */
import { EVENT } from '../engine/events.ts';
import type { Run } from '../engine/run.ts';

/** A content in its parts: what it is about, and whose operation, where it says so. */
export interface Said {
  readonly content: string;
  readonly client: string | undefined;
  /** From 1. */
  readonly number: number | undefined;
}

const NUMBERED = /^(.*?) ?# ?(?:([A-Za-z][\w.-]*)\.)?(\d+)$/;

export function saidIn(text: string): Said {
  const parts = text.includes('#') ? NUMBERED.exec(text) : null;
  if (parts === null) return { content: text, client: undefined, number: undefined };
  return { content: parts[1]!, client: parts[2], number: Number(parts[3]) };
}

const ENDS: ReadonlySet<number> = new Set([EVENT.ok, EVENT.fail, EVENT.info]);

interface Span {
  readonly op: number;
  readonly client: number;
  readonly number: number;
  readonly first: number;
  /** Index of the last event that a client takes part in. */
  last: number;
  ended: boolean;
}

export interface Numbers {
  /** By operation under way together with another one of its client: its number. */
  readonly ofClients: ReadonlyMap<number, number>;
  /** By operation that asks the same as another one, or of which a node says something else than was asked: `c1.2`. */
  readonly ofSlots: ReadonlyMap<number, string>;
}

/** Which operations of a run a trace must number so that it can be read back. `sessions`: the clients all of whose are. */
export function numbersOf({ log, nodeCount, names }: Run, sessions: ReadonlySet<number>): Numbers {
  const spans = new Map<number, Span>();
  const asked = new Map<number, number>();
  const byText = new Map<string, Span[]>();
  const untrue = new Set<Span>();
  for (let i = 0; i < log.length; i++) {
    const op = log.op(i);
    if (log.kind(i) === EVENT.invoke && !spans.has(op)) {
      const client = log.node(i), number = (asked.get(client) ?? 0) + 1;
      const span = { op, client, number, first: i, last: i, ended: false };
      asked.set(client, number);
      spans.set(op, span);
      const same = byText.get(log.text(i));
      if (same === undefined) byText.set(log.text(i), [span]);
      else same.push(span);
    } else if (log.node(i) >= nodeCount || log.peer(i) >= nodeCount) {
      const span = spans.get(op);
      if (span === undefined) continue;
      span.last = i;
      span.ended ||= ENDS.has(log.kind(i));
    } else if (op >= 0 && log.slot(i) >= 0 && log.text(i) !== '') {
      const span = spans.get(op);
      if (span !== undefined && !log.text(i).includes(contentOf(log.text(span.first)))) untrue.add(span);
    }
  }
  const alike = new Set([...[...byText.values()].filter((group) => group.length > 1).flat(), ...untrue]);
  return {
    ofClients: new Map([...overlapping([...spans.values()]), ...[...spans.values()].filter(({ client }) => sessions.has(client))].map(({ op, number }) => [op, number])),
    ofSlots: new Map([...alike].map(({ op, client, number }) => [op, `${names[client]!}.${number}`])),
  };
}

/** `k = 1` of `write k = 1`. */
const contentOf = (asked: string): string => asked.slice(asked.indexOf(' ') + 1);

/** Spans of one client that meet another one; one that was never answered lasts to the end. */
function overlapping(spans: readonly Span[]): readonly Span[] {
  const found = new Set<Span>();
  const open = new Map<number, Span[]>();
  for (const span of spans) {
    const others = (open.get(span.client) ?? []).filter((other) => other.last > span.first || !other.ended);
    for (const other of others) {
      found.add(other);
      found.add(span);
    }
    others.push(span);
    open.set(span.client, others);
  }
  return [...found];
}
