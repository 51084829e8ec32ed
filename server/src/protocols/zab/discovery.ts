/** Phase 1, discovery: a new epoch that a quorum has accepted, and the most recent history among that quorum. */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { lookForLeader } from './election.ts';
import { beginSynchronisation, sendNewLeader } from './synchronisation.ts';
import { about, JOIN_US, lastCounter, lastEpoch, persistEpochs, say, type Disk, type Of, type Step } from './state.ts';

/** Restarts the failure detector. */
export function watchLeader(step: Step): void {
  const { config, context, state } = step;
  const jitter = config.jitterUs > 0 ? context.random('jitter', config.jitterUs + 1) : 0;
  // Until it has joined a process is given twice the time (ZooKeeper: initLimit and syncLimit).
  context.setTimer('suspect', config.timeoutUs[context.self]! * (state.phase === 'broadcast' ? 1 : 2) + jitter);
}

// --- The leader -----------------------------------------------------------------------------------------------------

/** Step l.1.1 begins with the epoch that it has itself accepted. */
export function beginDiscovery(step: Step): void {
  const { config, context, state } = step;
  state.phase = 'discovery';
  state.epoch = 0;
  state.cepochs = PersistentMap.of([[context.self, state.disk.acceptedEpoch]]);
  context.setTimer('quorum', 2 * config.timeoutUs[context.self]!);
  if (state.cepochs.size >= config.quorum) chooseEpoch(step);
}

/** "Upon receiving CEPOCH(e) from a quorum, propose NEWEPOCH(e′) such that e′ is later than any e received." */
export function onCepoch(step: Step, from: ProcessId, message: Of<'cepoch'>): void {
  const { config, context, state } = step;
  if (state.role !== 'leading') return context.discard('it does not lead');
  state.cepochs = state.cepochs.set(from, message.epoch);
  // Also one that comes late, while or after the others are synchronised, is told the epoch and then everything else.
  if (state.epoch > 0) return say(step, from, { ...about(step), type: 'newepoch' });
  if (state.cepochs.size >= config.quorum) chooseEpoch(step);
}

function chooseEpoch(step: Step): void {
  const { config, context, state } = step;
  state.epoch = Math.max(...state.cepochs.values()) + 1;
  context.emit('candidate', { epoch: state.epoch });
  acceptEpoch(step, context.self);
  state.ackEs = PersistentMap.of<ProcessId, Answer>([[context.self, state.disk]]);
  for (const node of state.cepochs.keys()) if (node !== context.self) say(step, node, { ...about(step), type: 'newepoch' });
  if (state.ackEs.size >= config.quorum) beginSynchronisation(step, state.disk);
}

/**
 * "Upon receiving ACK-E from a quorum": whatever may be committed is in the history of one of them, and the most recent
 * history has it: of the last epoch that was synchronised, and of those the longest.
 */
export function onAckE(step: Step, from: ProcessId, message: Of<'ack-e'>): void {
  const { config, context, state } = step;
  if (state.role !== 'leading' || message.epoch !== state.epoch) return context.discard('it does not lead that epoch');
  if (state.phase !== 'discovery') return sendNewLeader(step, from);
  if (!message.fresh) return context.discard('the follower had accepted that epoch before');
  state.ackEs = state.ackEs.set(from, message);
  if (state.ackEs.size >= config.quorum) beginSynchronisation(step, mostRecent(step));
}

type Answer = Pick<Disk, 'currentEpoch' | 'history'>;

function mostRecent(step: Step): Answer {
  const { context, state } = step;
  let best: Answer = state.ackEs.get(context.self)!;
  for (const answer of state.ackEs.values()) if (isMoreRecent(step, answer, best)) best = answer;
  return best;
}

/**
 * Epochs first. A history counts as of the epoch in which it was last synchronised, since that alone may have committed what
 * older leaders proposed; the zxid of its last transaction may be older than that.
 */
function isMoreRecent({ config }: Step, a: Answer, b: Answer): boolean {
  const byEpoch = config.adopt === 'zxid' ? 0 : a.currentEpoch - b.currentEpoch;
  return (byEpoch || lastEpoch(a.history) - lastEpoch(b.history) || lastCounter(a.history) - lastCounter(b.history)) > 0;
}

// --- The followers --------------------------------------------------------------------------------------------------

/** Step f.1.1: it tells its leader the last epoch that it accepted, and again until it is answered: the leader may not lead yet. */
export function joinLeader(step: Step): void {
  const { state } = step;
  state.phase = 'discovery';
  state.epoch = 0;
  watchLeader(step);
  sendCepoch(step);
}

export function sendCepoch(step: Step): void {
  const { context, state } = step;
  if (state.role !== 'following' || state.phase !== 'discovery') return;
  say(step, state.leader!, { ...about(step), type: 'cepoch', epoch: state.disk.acceptedEpoch });
  context.setTimer('join', JOIN_US);
}

/**
 * Step f.1.2. Only a newer epoch is accepted: two leaders may choose the same e′, but each needs the first answers of a
 * quorum in it, so that an epoch has one leader at most. A follower that comes back to the leader whose epoch it has accepted
 * joins again, and is not counted (ZooKeeper sends -1 for its current epoch then).
 */
export function onNewepoch(step: Step, from: ProcessId, message: Of<'newepoch'>): void {
  const { config, context, state } = step;
  if (state.role !== 'following' || state.leader !== from || state.phase !== 'discovery') return context.discard('it does not wait for that leader’s epoch');
  const { acceptedEpoch, currentEpoch, history } = state.disk;
  if (message.epoch < acceptedEpoch && !config.acceptAnyEpoch) {
    context.discard(`older than epoch ${acceptedEpoch}, which it has accepted`);
    return lookForLeader(step, '');
  }
  const fresh = message.epoch > acceptedEpoch || config.acceptAnyEpoch;
  state.epoch = message.epoch;
  state.phase = 'synchronisation';
  context.clearTimer('join');
  if (fresh) acceptEpoch(step, from);
  watchLeader(step);
  say(step, from, { ...about(step, lastCounter(history)), type: 'ack-e', currentEpoch, history, fresh });
}

/** f.p ← e′, on disk before anybody hears of it. */
function acceptEpoch(step: Step, leader: ProcessId): void {
  const { context, state } = step;
  state.disk = { ...state.disk, acceptedEpoch: state.epoch };
  context.emit('promise', { epoch: state.epoch, peer: leader });
  context.emit('vote', { epoch: state.epoch, peer: leader });
  persistEpochs(step);
}
