/**
 * Who leads: suspicion, votes, reigns (protocols.md A5, A6; Raft §5.2 for the votes, VRR §4.2 for the succession by turns).
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { signedVote } from './hardening.ts';
import { bound, dropLease, question, suspectLater } from './leases.ts';
import { adoptHighest, onLeaderLog } from './recovery.ts';
import { expectedSlot } from './piggyback.ts';
import { proposeEntry } from './replication.ts';
import {
  about, epochsOn, HEARTBEAT_US, lastEpoch, lastSlot, MAX_ROUND, persistPromise, quorumSize, roundWaitUs, sendTo, sendToOthers, setEntry,
  type Ballot, type Of, type SignedVote, type Step,
} from './state.ts';

/** Restarts the failure detector. */
export function watchLeader(step: Step): void {
  const { config, context } = step;
  if (!config.detector) return;
  const jitter = config.jitterUs > 0 ? context.random('jitter', config.jitterUs + 1) : 0;
  context.setTimer('suspect', config.timeoutUs[context.self]! + jitter);
}

/** The failure detector fires: the leader is gone, slow, or cut off, and no one can tell which. */
export function suspect(step: Step): void {
  const { config, context, state } = step;
  if (state.role === 'leader') return;
  // Its log may lack what it has voted for: it does not offer it.
  if (state.disk.unreadable !== undefined) return watchLeader(step);
  if (state.role === 'candidate' && config.votes === 'reachable' && hasWon(step)) return reign(step);
  if (state.role === 'candidate') state.round = Math.min(state.round + 1, MAX_ROUND);
  context.emit('timeout');
  if (bound(step) !== undefined) return suspectLater(step);
  const epoch = Math.max(state.disk.promised, state.heard) + 1;
  switch (config.succession) {
    case 'election': return stand(step, epoch);
    case 'view-mod-n': return turnOf(step, epoch) === context.self ? stand(step, epoch) : awaitTurn(step, epoch);
    case 'sorted-live': return succeed(step, epoch);
  }
}

/** VR's round robin: epoch 1 belongs to the first node. */
const turnOf = (step: Step, epoch: number): ProcessId => (epoch - 1) % step.config.nodeCount;

function awaitTurn(step: Step, epoch: number): void {
  const { state } = step;
  raisePromise(step, epoch, step.context.self);
  state.role = 'follower';
  state.leader = undefined;
  watchLeader(step);
}

/** sorted-live: the first node that this one believes alive leads, and nobody is asked (that is what A6d shows). */
function succeed(step: Step, epoch: number): void {
  const { config, context, state } = step;
  if (state.leader !== undefined && state.leader !== context.self) state.suspected = state.suspected.set(state.leader, true);
  let next = 0;
  while (next < config.nodeCount && next !== context.self && state.suspected.has(next)) next++;
  if (next === context.self) {
    state.disk = { ...state.disk, promised: epoch };
    persistPromise(step);
    state.epoch = epoch;
    state.votes = PersistentMap.empty();
    return reign(step);
  }
  state.leader = next;
  watchLeader(step);
}

// --- Candidates -----------------------------------------------------------------------------------------------------

function stand(step: Step, epoch: number): void {
  const { config, context, state } = step;
  state.role = 'candidate';
  state.leader = undefined;
  state.epoch = epoch;
  state.disk = { ...state.disk, promised: epoch };
  context.emit('candidate', { epoch });
  if (epochsOn(config)) context.emit('promise', { epoch, peer: context.self });
  context.emit('vote', { epoch, peer: context.self });
  persistPromise(step);
  state.votes = PersistentMap.empty<ProcessId, Ballot>().set(context.self, { log: undefined, committed: state.applied, vote: voteFor(step, context.self, epoch) });
  sendToOthers(step, { ...about(step, lastSlot(state.disk.log)), type: 'propose-leader', lastEpoch: lastEpoch(state.disk.log) });
  context.setTimer('suspect', roundWaitUs(config, context.self, state.round));
  if (config.votes !== 'reachable' && hasWon(step)) reign(step);
}

export function onPromise(step: Step, from: ProcessId, message: Of<'promise'>): void {
  const { context, state } = step;
  if (state.role !== 'candidate' || message.epoch !== state.epoch) return context.discard('it does not stand in that epoch');
  state.votes = state.votes.set(from, { log: message.log, committed: message.committed, vote: message.vote });
  if (hasWon(step)) reign(step);
}

const hasWon = (step: Step): boolean => step.state.votes.size >= quorumSize(step, step.config.votes);

/** Begins to lead: learns what its voters know, says so, and proposes again whatever is not committed. */
function reign(step: Step): void {
  const { config, context, state } = step;
  const epoch = state.epoch;
  if (config.catchUp === 'pull-highest') adoptHighest(step, state.votes, epoch);
  for (const [slot, entry] of state.disk.log) if (entry.status === 'accepted' || entry.status === 'pre') setEntry(step, slot, { ...entry, epoch, status: 'accepted' });
  context.emit('leads', { epoch, a: Math.max(1, state.votes.size), b: config.nodeCount });
  state.role = 'leader';
  state.leader = context.self;
  state.heard = epoch;
  state.synced = epoch;
  state.round = 0;
  state.election = [...state.votes.values()].flatMap(({ vote }) => vote ?? []);
  state.proven = { epoch, leader: context.self };
  state.votes = PersistentMap.empty();
  state.progress = PersistentMap.empty();
  state.reads = PersistentMap.empty();
  state.adopted = lastSlot(state.disk.log);
  state.toldUpTo = state.applied;
  dropLease(step);
  context.clearTimer('suspect');
  context.setTimer('heartbeat', HEARTBEAT_US);
  sendToOthers(step, { ...about(step, state.applied), type: 'lead', log: config.catchUp === 'none' ? undefined : state.disk.log, committed: state.applied });
  for (const [slot, entry] of state.disk.log) if (entry.status === 'accepted') proposeEntry(step, slot, entry, []);
}

export function sendHeartbeats(step: Step): void {
  if (step.state.role !== 'leader') return;
  sendToOthers(step, { ...about(step, expectedSlot(step)), type: 'heartbeat', ...question(step) });
  step.context.setTimer('heartbeat', HEARTBEAT_US);
}

// --- Voters ---------------------------------------------------------------------------------------------------------

/** As it can be shown to others, where votes are signed. */
const voteFor = (step: Step, candidate: ProcessId, epoch: number): SignedVote | undefined => (step.config.authentication ? signedVote(step, candidate, epoch) : undefined);

/** One vote an epoch, for the first who asks; with epochs off the rounds are counted all the same. */
export function onProposeLeader(step: Step, from: ProcessId, message: Of<'propose-leader'>): void {
  const { config, context, state } = step;
  const { epoch } = message, { unreadable } = state.disk;
  if (unreadable !== undefined) return refuse(step, from, `slot ${unreadable} on its disk is unreadable: it may have held an entry`);
  const mayVote = epoch > state.disk.promised || (config.succession === 'view-mod-n' && epoch === state.disk.promised && turnOf(step, epoch) === from);
  if (!mayVote) return refuse(step, from, `it has promised {${state.disk.promised}}`);
  const reason = bound(step);
  if (reason !== undefined) return refuse(step, from, reason);
  if (!epochsOn(config)) state.disk = { ...state.disk, promised: epoch };
  else raisePromise(step, epoch, from);
  if (config.catchUp === 'up-to-date-vote' && isOlder(step, message)) return refuse(step, from, 'the candidate’s log is older than its own');
  if (state.role === 'candidate') state.role = 'follower';
  if (state.role !== 'leader' && epochsOn(config)) state.leader = undefined;
  context.emit('vote', { epoch, peer: from });
  persistPromise(step);
  if (state.role !== 'leader') watchLeader(step);
  const vote = voteFor(step, from, epoch), signed = vote === undefined ? {} : { vote };
  sendTo(step, from, { ...about(step, lastSlot(state.disk.log)), epoch, type: 'promise', log: config.catchUp === 'pull-highest' ? state.disk.log : undefined, committed: state.applied, ...signed });
}

/** Raft 5.4.1: by epoch of the last entry, then by its slot. */
function isOlder(step: Step, message: Of<'propose-leader'>): boolean {
  const log = step.state.disk.log;
  return message.lastEpoch < lastEpoch(log) || (message.lastEpoch === lastEpoch(log) && message.slot < lastSlot(log));
}

function refuse(step: Step, candidate: ProcessId, reason: string): void {
  step.context.discard(reason);
  sendTo(step, candidate, { ...about(step, -1), epoch: step.state.disk.promised, type: 'refuse' });
}

// --- Epochs that only move forward ----------------------------------------------------------------------------------

/** Promises a newer epoch: nothing older will be obeyed, and who led or stood in an older one no longer does. */
export function raisePromise(step: Step, epoch: number, heardFrom: ProcessId): void {
  const { context, state } = step;
  if (epoch > state.disk.promised) {
    state.disk = { ...state.disk, promised: epoch };
    state.newestProposal = 0;
    state.newestCommit = 0;
    context.emit('promise', { epoch, peer: heardFrom });
    persistPromise(step);
  }
  if (state.role === 'leader') stepDown(step, `it heard of epoch {${epoch}}`);
  if (state.role === 'candidate' && state.epoch < epoch) { state.role = 'follower'; watchLeader(step); }
}

function stepDown(step: Step, reason: string): void {
  const { context, state } = step;
  context.emit('stepsDown', { epoch: state.epoch, detail: reason });
  state.role = 'follower';
  state.leader = undefined;
  state.progress = PersistentMap.empty();
  state.reads = PersistentMap.empty();
  state.gathered = [];
  for (const timer of ['heartbeat', 'linger', 'commit-idle']) context.clearTimer(timer);
  dropLease(step);
  watchLeader(step);
}

/** A message from a leader: follow it, unless this node leads itself. Returns whether the message may be handled. */
export function follow(step: Step, from: ProcessId, epoch: number): boolean {
  const { context, config, state } = step;
  if (state.role === 'leader') {
    context.discard('it leads itself');
    return false;
  }
  if (epoch > state.heard) {
    state.heard = epoch;
    // With epochs off nothing is promised on the wire; this is the promise that the checkers hold it to.
    if (!epochsOn(config)) context.emit('promise', { epoch, peer: from });
  }
  if (state.leader !== from || state.epoch !== epoch || state.role === 'candidate') context.emit('follows', { epoch, peer: from });
  state.role = 'follower';
  state.leader = from;
  state.epoch = epoch;
  state.round = 0;
  state.suspected = state.suspected.delete(from);
  watchLeader(step);
  return true;
}

export function onLead(step: Step, message: Of<'lead'>): void { onLeaderLog(step, message); }
