/**
 * What each node had promised (the newest epoch it heard of) when it acted: shared by the checkers of stale epochs and of
 * epochs that go back.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import { stateEvents } from './facts.ts';

export interface Promised {
  /** Newest promise since the last loss of it, or -1. */
  epoch: number;
  /** The event that made it, or -1. */
  event: number;
  /** The node restarted and has promised nothing since: what it still knows is not told. */
  restarted: boolean;
  /** The newest epoch this node gave its vote in, or -1. */
  voted: number;
  /** The newest epoch it led, or -1. */
  led: number;
}

/** Whether promises hold for one slot each: then every slot has epochs of its own. */
export function promisesBySlot(log: EventLog): boolean {
  return stateEvents(log).some((i) => log.kind(i) === EVENT.promise && log.slot(i) >= 0);
}

/** Walks the events that matter to promises, with what their node had promised (about their slot, where slots are apart) before each. */
export function walkPromises(log: EventLog, visit: (i: number, promised: Promised) => void): void {
  const bySlot = promisesBySlot(log);
  const nodes = new Map<number, Map<number, Promised>>();
  for (const i of stateEvents(log)) {
    const node = log.node(i), slot = bySlot ? log.slot(i) : -1;
    if (node < 0) continue;
    const own = nodes.get(node) ?? new Map<number, Promised>();
    nodes.set(node, own);
    const promised = own.get(slot) ?? { epoch: -1, event: -1, restarted: false, voted: -1, led: -1 };
    own.set(slot, promised);
    visit(i, promised);
    switch (log.kind(i)) {
      case EVENT.promise:
        promised.epoch = log.epoch(i); promised.event = i; promised.restarted = false;
        break;
      case EVENT.vote: promised.voted = Math.max(promised.voted, log.epoch(i)); break;
      case EVENT.leads: promised.led = log.epoch(i); break;
      case EVENT.restart: for (const each of own.values()) each.restarted = true; break;
      default:
    }
  }
}

/** Whether this node obeys an epoch here: it accepts, votes, commits or applies. */
export function obeys(log: EventLog, i: number): boolean {
  const kind = log.kind(i);
  return log.epoch(i) >= 0 && (kind === EVENT.accept || kind === EVENT.vote || kind === EVENT.commit || kind === EVENT.apply);
}

/**
 * Whether nodes keep epochs. Where they do, voting for a candidate is promising its epoch. Where messages carry none, the
 * epochs of the log are true but unknown to the nodes: they vote without a promise, and going back to an older leader is
 * obeying it, not a promise broken.
 */
export function nodesKeepEpochs(log: EventLog): boolean {
  let keep = true;
  walkPromises(log, (i, promised) => {
    if (log.kind(i) === EVENT.vote && promised.epoch < log.epoch(i)) keep = false;
  });
  return keep;
}
