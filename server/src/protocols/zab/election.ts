/**
 * Phase 0, leader election. The paper leaves it to an oracle; this is ZooKeeper's fast leader election, made simple: everybody
 * tells everybody whom it would have lead, and takes over a better vote. Nothing of Zab's safety rests on it.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { beginDiscovery, joinLeader } from './discovery.ts';
import { forgetConnections } from './sessions.ts';
import { about, DECIDE_US, lastCounter, lastEpoch, others, RESEND_US, type Of, type Step, type Vote } from './state.ts';

/** Back to phase 0, from wherever it is. */
export function lookForLeader(step: Step, reason: string): void {
  const { context, state } = step;
  if (state.role === 'leading' && state.phase === 'broadcast') context.emit('stepsDown', { epoch: state.epoch, detail: reason });
  state.role = 'looking';
  state.phase = 'election';
  state.leader = undefined;
  state.epoch = 0;
  forgetLeadership(step);
  forgetConnections(step);
  for (const timer of ['heartbeat', 'quorum', 'suspect', 'join', 'decide']) context.clearTimer(timer);
  state.round++;
  state.vote = ownVote(step);
  state.votes = PersistentMap.of([[context.self, state.vote]]);
  notifyAll(step);
  decideOrWait(step);
}

export function forgetLeadership({ state }: Step): void {
  state.cepochs = PersistentMap.empty();
  state.ackEs = PersistentMap.empty();
  state.proposedTo = PersistentMap.empty();
  state.ackLds = PersistentMap.empty();
  state.acked = PersistentMap.empty();
  state.waiting = PersistentMap.empty();
  state.heard = PersistentMap.empty();
}

function ownVote({ context, state }: Step): Vote {
  const { currentEpoch, history } = state.disk;
  return { leader: context.self, currentEpoch, lastEpoch: lastEpoch(history), lastCounter: lastCounter(history) };
}

/** By the current epoch, then by the last zxid, then by the process. */
function isBetter(a: Vote, b: Vote): boolean {
  const difference = a.currentEpoch - b.currentEpoch || a.lastEpoch - b.lastEpoch || a.lastCounter - b.lastCounter || a.leader - b.leader;
  return difference > 0;
}

function notify(step: Step, to: ProcessId): void {
  const { context, state } = step;
  context.send(to, { ...about(step), epoch: -1, type: 'notification', role: state.role, round: state.round, vote: state.vote });
}

/** Now, and again for as long as it is looking: a notification may be lost. */
export function notifyAll(step: Step): void {
  if (step.state.role !== 'looking') return;
  for (const node of others(step)) notify(step, node);
  step.context.setTimer('resend', RESEND_US);
}

export function onNotification(step: Step, from: ProcessId, message: Of<'notification'>): void {
  const { context, state } = step;
  if (state.role !== 'looking') {
    if (message.role === 'looking') return notify(step, from);
    return context.discard('it is not looking for a leader');
  }
  // Whoever leads says so itself, and is joined: this is how a process comes back to an ensemble that works.
  if (message.role === 'leading') return follow(step, from);
  if (message.role === 'following') return context.discard('only the leader itself can be joined');
  if (message.round < state.round) return notify(step, from);
  if (message.round > state.round) {
    state.round = message.round;
    state.vote = ownVote(step);
    state.votes = PersistentMap.empty();
    takeOver(step, isBetter(message.vote, state.vote) ? message.vote : state.vote);
  } else if (isBetter(message.vote, state.vote)) {
    takeOver(step, message.vote);
  }
  state.votes = state.votes.set(from, message.vote);
  decideOrWait(step);
}

function takeOver(step: Step, vote: Vote): void {
  const { context, state } = step;
  context.clearTimer('decide');
  state.vote = vote;
  state.votes = state.votes.set(context.self, vote);
  notifyAll(step);
}

function supporters({ state }: Step): number {
  return [...state.votes.values()].filter(({ leader }) => leader === state.vote.leader).length;
}

/** A vote that all agree on is decided; one that a quorum agrees on waits a little for a better one. */
function decideOrWait(step: Step): void {
  const { config, context } = step, count = supporters(step);
  if (count === config.nodeCount) return decide(step);
  if (count >= config.quorum) context.setTimer('decide', DECIDE_US);
}

export function decide(step: Step): void {
  const { config, context, state } = step;
  if (state.role !== 'looking' || supporters(step) < config.quorum) return;
  if (state.vote.leader === context.self) return lead(step);
  follow(step, state.vote.leader);
}

function endElection({ context }: Step): void {
  context.clearTimer('decide');
  context.clearTimer('resend');
}

function lead(step: Step): void {
  const { context, state } = step;
  endElection(step);
  state.role = 'leading';
  state.leader = context.self;
  beginDiscovery(step);
}

function follow(step: Step, leader: ProcessId): void {
  const { state } = step;
  endElection(step);
  state.role = 'following';
  state.leader = leader;
  joinLeader(step);
}
