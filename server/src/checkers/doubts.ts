/** Nodes that are still in doubt at the end: they voted for a slot and have not learned how it ended. */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { Execution } from './checker.ts';
import { connectedAtEnd, hasAny, isDecision, stateEvents, unavailableAtEnd } from './facts.ts';

export interface Doubt {
  readonly node: number;
  readonly group: number;
  readonly slot: number;
  readonly op: number;
  /** The event that began it. */
  readonly event: number;
  /** Who knows how it ended, or -1. */
  readonly peer: number;
}

const key = (group: number, node: number, slot: number): string => `${group} ${node} ${slot}`;
const place = (group: number, slot: number): string => `${group} ${slot}`;

/** In the order in which they began; those of nodes that are down are not counted. A crash ends a doubt, a restart may begin it again. */
export function openDoubts(execution: Execution): readonly Doubt[] {
  const { log } = execution;
  const open = new Map<string, Doubt>();
  const begins = hasAny(log, EVENT.doubt) ? EVENT.doubt : undefined;
  const derived = begins === undefined && execution.source === 'recorded' && !hasElections(log);
  for (const i of stateEvents(log)) {
    const kind = log.kind(i), node = log.node(i), slot = log.slot(i), group = log.group(i);
    if (kind === EVENT.settled || isDecision(kind)) open.delete(key(group, node, slot));
    if (kind === EVENT.crash) close(open, node, 0);
    if (kind === EVENT.truncate) close(open, node, slot, group);
    const peer = kind === begins ? log.peer(i) : derived && kind === EVENT.accept ? coordinatorOf(log, i) : undefined;
    if (peer !== undefined && peer !== node) open.set(key(group, node, slot), { node, group, slot, op: log.op(i), event: i, peer });
  }
  return [...open.values()].filter((doubt) => execution.aliveAtEnd[doubt.node] !== false);
}

function close(open: Map<string, Doubt>, node: number, fromSlot: number, group?: number): void {
  for (const doubt of [...open.values()]) {
    if (doubt.node === node && doubt.slot >= fromSlot && (group ?? doubt.group) === doubt.group) open.delete(key(doubt.group, node, doubt.slot));
  }
}

/** A trace that shows elections has leaders that decide for those before them: then to have accepted is not to be in doubt. */
function hasElections(log: EventLog): boolean {
  const leaders = new Set(stateEvents(log).filter((i) => log.kind(i) === EVENT.leads).map((i) => log.node(i)));
  return leaders.size > 1 || hasAny(log, EVENT.vote, EVENT.candidate, EVENT.timeout);
}

/** Whose proposal a node accepted: the sender of the message that made it, or the leader of the epoch. */
function coordinatorOf(log: EventLog, i: number): number | undefined {
  const cause = log.cause(i);
  if (log.peer(i) >= 0) return log.peer(i);
  if (cause >= 0 && log.kind(cause) === EVENT.receive) return log.peer(cause);
  const leads = stateEvents(log).find((j) => log.kind(j) === EVENT.leads && log.epoch(j) === log.epoch(i));
  return leads === undefined ? undefined : log.node(leads);
}

/** What keeps a node that knows the outcome from telling it. */
export type Hindrance = 'down' | 'paused' | 'cut off';

export interface Knower { readonly node: number; readonly hindrance: Hindrance | undefined }

function cutOff(execution: Execution, p: number, q: number): 'cut off' | undefined { return connectedAtEnd(execution, p, q) ? undefined : 'cut off'; }

/**
 * Who could still tell each node in doubt: the peer that knows, and nodes that decided the slot themselves if the one in
 * doubt has asked them. A node that knows and is never asked tells nothing.
 */
export function knowersOf(execution: Execution, doubts: readonly Doubt[]): ReadonlyMap<Doubt, readonly Knower[]> {
  const { log } = execution;
  const bySlot = new Map<string, { readonly doubts: Doubt[]; readonly decided: Set<number> }>();
  const asked = new Map<Doubt, Set<number>>();
  for (const doubt of doubts) {
    const slot = bySlot.get(place(doubt.group, doubt.slot)) ?? { doubts: [], decided: new Set<number>() };
    bySlot.set(place(doubt.group, doubt.slot), slot);
    slot.doubts.push(doubt);
    asked.set(doubt, new Set());
  }
  for (let i = 0; i < log.length && doubts.length > 0; i++) {
    const slot = bySlot.get(place(log.group(i), log.slot(i))), kind = log.kind(i);
    if (slot === undefined) continue;
    if (isDecision(kind)) slot.decided.add(log.node(i));
    if (kind !== EVENT.send) continue;
    for (const doubt of slot.doubts) if (doubt.node === log.node(i) && i > doubt.event) asked.get(doubt)!.add(log.peer(i));
  }
  const unavailable = unavailableAtEnd(execution);
  return new Map(doubts.map((doubt) => {
    const told = [...asked.get(doubt)!].filter((node) => bySlot.get(place(doubt.group, doubt.slot))!.decided.has(node));
    const knowers = [...new Set([doubt.peer, ...told])].filter((node) => node >= 0 && node !== doubt.node);
    return [doubt, knowers.map((node) => ({ node, hindrance: unavailable[node] ?? cutOff(execution, node, doubt.node) }))];
  }));
}
