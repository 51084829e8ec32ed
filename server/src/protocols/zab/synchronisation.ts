/** Phase 2, synchronisation: a quorum makes its history that of the new leader, which is thereby committed. */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { advance, beginBroadcast, commitUpTo, replay } from './broadcast.ts';
import { watchLeader } from './discovery.ts';
import { about, append, epochAt, lastCounter, persistEpochs, say, type Disk, type History, type Of, type Step } from './state.ts';

// --- The leader -----------------------------------------------------------------------------------------------------

/** It takes the most recent history for its own, as its followers will, and proposes it. */
export function beginSynchronisation(step: Step, { history }: Pick<Disk, 'history'>): void {
  const { config, context, state } = step;
  state.phase = 'synchronisation';
  synchronise(step, history);
  state.ackLds = PersistentMap.of([[context.self, true]]);
  for (const node of state.ackEs.keys()) if (node !== context.self) sendNewLeader(step, node);
  if (state.ackLds.size >= config.quorum) beginBroadcast(step);
}

/**
 * NEWLEADER(e′, history). From here on the follower is sent every proposal: what is proposed after this history was sent is
 * in no message but those. (The specification in ZooKeeper's repository found the paper silent on followers that come late.)
 */
export function sendNewLeader(step: Step, to: ProcessId): void {
  const { config, state } = step;
  const { history } = state.disk;
  say(step, to, { ...about(step, lastCounter(history)), type: 'newleader', history });
  state.proposedTo = config.lateJoinersMiss ? state.proposedTo.delete(to) : state.proposedTo.set(to, true);
}

/** "Upon receiving ACK-LD from a quorum": its history is committed, and it begins to broadcast. */
export function onAckLd(step: Step, from: ProcessId, message: Of<'ack-ld'>): void {
  const { config, context, state } = step;
  if (state.role !== 'leading' || message.epoch !== state.epoch) return context.discard('it does not lead that epoch');
  state.heard = state.heard.set(from, true);
  state.proposedTo = state.proposedTo.set(from, true);
  state.acked = state.acked.set(from, Math.max(message.slot, state.acked.get(from) ?? 0));
  // What this makes committed the others hear by COMMIT, and this one by COMMIT-LD.
  if (state.phase === 'broadcast') advance(step);
  state.ackLds = state.ackLds.set(from, true);
  if (state.phase === 'broadcast') return sendCommitLd(step, from);
  if (state.ackLds.size < config.quorum) return;
  beginBroadcast(step);
  for (const node of state.ackLds.keys()) if (node !== context.self) sendCommitLd(step, node);
}

/** With what is committed by now, which may be more than the history that was sent. */
function sendCommitLd(step: Step, to: ProcessId): void {
  say(step, to, { ...about(step, step.state.committed), type: 'commit-ld' });
}

// --- The followers --------------------------------------------------------------------------------------------------

/** Step f.2.1: only from the leader whose epoch it accepted last. The history is on disk before anybody hears of it. */
export function onNewleader(step: Step, from: ProcessId, message: Of<'newleader'>): void {
  const { config, context, state } = step;
  if (state.leader !== from || state.phase !== 'synchronisation' || message.epoch !== state.epoch) return context.discard('it does not wait for that leader’s history');
  if (state.disk.acceptedEpoch !== message.epoch) return context.discard(`it has accepted epoch ${state.disk.acceptedEpoch}`);
  context.emit('follows', { epoch: message.epoch, peer: from });
  watchLeader(step);
  if (config.ackBeforeHistory) context.send(from, { ...about(step, message.slot), type: 'ack-ld' });
  synchronise(step, message.history);
  if (!config.ackBeforeHistory) say(step, from, { ...about(step, message.slot), type: 'ack-ld' });
}

/**
 * f.a ← e′ and the history ← the leader's. The paper does both at once; where they are two writes, the history comes first:
 * a process that calls its history one of epoch e′ would be believed, and what it lacks would be lost.
 */
function synchronise(step: Step, history: History): void {
  const { config, state } = step;
  const enterEpoch = (): void => {
    state.disk = { ...state.disk, currentEpoch: state.epoch };
    persistEpochs(step);
  };
  // Of the same epoch already: then its own history is this leader's, and longer if this message has been on its way for long.
  const known = state.disk.currentEpoch === state.epoch;
  if (config.epochFirst) enterEpoch();
  takeOver(step, history, known);
  if (!config.epochFirst) enterEpoch();
}

/** TRUNC what the leader does not have, then DIFF: what is lacking. (ZooKeeper's words; SNAP is not needed here.) */
function takeOver(step: Step, history: History, known: boolean): void {
  const { config, state } = step;
  const last = lastCounter(history), own = state.disk.history;
  const common = config.truncate ? commonPrefix(own, history) : Math.min(lastCounter(own), last);
  const isPrefix = common === last;
  if (config.truncate && lastCounter(own) > common && !(known && isPrefix)) truncate(step, common + 1);
  for (let counter = common + 1; counter <= last; counter++) {
    const transaction = history.get(counter);
    if (transaction !== undefined) append(step, counter, transaction);
  }
}

/** Two histories that have a zxid in common agree in everything before it. */
function commonPrefix(a: History, b: History): number {
  let counter = Math.min(lastCounter(a), lastCounter(b));
  while (counter > 0 && epochAt(a, counter) !== epochAt(b, counter)) counter--;
  return counter;
}

/** Drops the transactions from a counter on. Where a mistake lets it reach what was delivered, that is undone. */
function truncate(step: Step, from: number): void {
  const { config, context, state } = step;
  state.disk = { ...state.disk, history: state.disk.history.before(from) };
  context.emit('truncate', { epoch: state.epoch, slot: from });
  if (config.persist !== 'none') context.persist(state.disk.acceptedEpoch, -1, -1, '');
  state.committed = Math.min(state.committed, from - 1);
  if (from <= state.applied) replay(state, from - 1);
}

/** Step f.2.2: what the leader has committed is delivered, and the broadcast begins. */
export function onCommitLd(step: Step, from: ProcessId, message: Of<'commit-ld'>): void {
  const { context, state } = step;
  if (state.leader !== from || state.phase !== 'synchronisation' || message.epoch !== state.epoch || state.disk.currentEpoch !== state.epoch) {
    return context.discard('it does not wait for that leader’s commit');
  }
  state.phase = 'broadcast';
  watchLeader(step);
  commitUpTo(step, message.slot);
}
