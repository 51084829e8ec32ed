/** Which operations a written trace must number: those that a client has under way together with another one. */
import { EVENT } from '../engine/events.ts';
import type { Run } from '../engine/run.ts';

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

/** By operation, for those that need one: which of its client's operations it is, from 1. */
export function numbersOf({ log, nodeCount }: Run): ReadonlyMap<number, number> {
  const spans = new Map<number, Span>();
  const asked = new Map<number, number>();
  for (let i = 0; i < log.length; i++) {
    const op = log.op(i);
    if (log.kind(i) === EVENT.invoke && !spans.has(op)) {
      const client = log.node(i), number = (asked.get(client) ?? 0) + 1;
      asked.set(client, number);
      spans.set(op, { op, client, number, first: i, last: i, ended: false });
    } else if (log.node(i) >= nodeCount || log.peer(i) >= nodeCount) {
      const span = spans.get(op);
      if (span === undefined) continue;
      span.last = i;
      span.ended ||= ENDS.has(log.kind(i));
    }
  }
  return new Map(overlapping([...spans.values()]).map(({ op, number }) => [op, number]));
}

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
    open.set(span.client, [...others, span]);
  }
  return [...found];
}
