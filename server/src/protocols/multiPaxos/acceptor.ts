/** The acceptor, for all slots at once (Paxos Made Simple §3), and following a leader. */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { boundUs, dropLease, granted } from './leases.ts';
import { learnUpTo } from './learner.ts';
import { persistPromise, persistVote, sameValue, setVote, watchLeader, type MultiPaxosMessage, type Of, type Step, type Value } from './state.ts';

/** What only the leader of a ballot says: hearing it is following it. */
const LEADER_WORDS: ReadonlySet<string> = new Set(['accept', 'chosen']);

/**
 * Before anything else: nothing of a lower ballot than the one promised is obeyed, and a higher one, whoever says it, is a
 * promise. (Promising more than one is asked for is always safe.) Returns whether the message may be handled.
 */
export function passesRatchet(step: Step, from: ProcessId, message: MultiPaxosMessage): boolean {
  const { config, context, state } = step;
  if (message.type === 'prepare' && boundUs(step) > 0) {
    context.discard(state.role === 'leader' ? 'its own lease runs' : 'it has granted a lease that may still run');
    return false;
  }
  if (message.epoch > state.disk.promised) raisePromise(step, message.epoch, from);
  if (!config.ratchet || message.epoch >= state.disk.promised) return !LEADER_WORDS.has(message.type) || follow(step, from, message.epoch);
  context.discard(`older than {${state.disk.promised}}, which it has promised`);
  if (message.type !== 'prepare' && !LEADER_WORDS.has(message.type)) return false;
  persistPromise(step);
  context.send(from, { type: 'nack', epoch: state.disk.promised, slot: message.slot, op: message.op, content: '' });
  return false;
}

export function raisePromise(step: Step, ballot: number, from: ProcessId): void {
  const { context, state } = step;
  state.disk = { ...state.disk, promised: ballot };
  context.emit('promise', { epoch: ballot, peer: from });
  persistPromise(step);
  if (state.role === 'leader') stepDown(step, `it heard of ballot {${ballot}}`);
  if (state.role === 'candidate') { state.role = 'follower'; watchLeader(step); }
  state.leader = undefined;
}

/** Its requests are forgotten; whoever asked asks again, and the session tells that it is the same request. */
function stepDown(step: Step, reason: string): void {
  const { context, state } = step;
  context.emit('stepsDown', { epoch: state.ballot, detail: reason });
  state.role = 'follower';
  dropLease(step);
  state.progress = PersistentMap.empty();
  state.queue = [];
  context.clearTimer('heartbeat');
  watchLeader(step);
}

function follow(step: Step, from: ProcessId, ballot: number): boolean {
  const { context, state } = step;
  if (state.role === 'leader') {
    context.discard('it leads itself');
    return false;
  }
  if (state.leader !== from || state.ballot !== ballot || state.role === 'candidate') context.emit('follows', { epoch: ballot, peer: from });
  state.role = 'follower';
  state.leader = from;
  state.ballot = ballot;
  state.round = 0;
  watchLeader(step);
  return true;
}

/** 1b, for infinitely many slots in one message: what was accepted from the asked slot on. The ballot is promised already. */
export function onPrepare(step: Step, from: ProcessId, message: Of<'prepare'>): void {
  const { context, state } = step;
  if (state.role === 'leader') return context.discard('it leads itself');
  context.emit('vote', { epoch: message.epoch, peer: from });
  persistPromise(step);
  watchLeader(step);
  context.send(from, { type: 'promise', epoch: message.epoch, slot: -1, op: -1, content: '', votes: state.disk.log.after(message.slot - 1) });
}

/** 2b: the ballot is not lower than the one promised. One leader proposes one value for a slot of its ballot, so this is it. */
export function onAccept(step: Step, from: ProcessId, message: Of<'accept'>): void {
  const { context } = step;
  acceptHere(step, message.slot, message.epoch, message.value, from);
  context.send(from, { type: 'accepted', epoch: message.epoch, slot: message.slot, op: message.op, content: message.content, ...granted(step, message) });
  learnUpTo(step, from, message.epoch, message.upTo);
}

export function acceptHere(step: Step, slot: number, ballot: number, value: Value, proposer: ProcessId): void {
  const { context, state } = step;
  const known = state.disk.log.get(slot);
  if (known?.ballot !== ballot || !sameValue(known.value, value)) {
    setVote(state, slot, { ballot, value, chosen: known?.chosen === true && sameValue(known.value, value) });
    context.emit('accept', { epoch: ballot, slot, op: value.op, text: value.content, peer: proposer });
  }
  persistVote(step, slot);
}
