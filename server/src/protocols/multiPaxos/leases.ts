/**
 * Leases (Chandra, Griesemer and Redstone, "Paxos Made Live", 2007, §5.2): acceptors that granted one refuse the `prepare` of
 * others until it is over, and do not send one themselves, so the leader may answer reads from its own state.
 */
import type { Message } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { answered, runs, stillWaitsUs, waitFromNow, withoutLease } from '../leases.ts';
import type { Of, Step } from './state.ts';

/** What a sign of life, and an `accept`, carries besides: when it was sent, by the leader's clock. */
export function question({ config, context }: Step): Pick<Message, 'sentUs'> {
  return config.lease === undefined ? {} : { sentUs: context.clockUs(config.lease.clock) };
}

/** An acceptor hears its leader and waits from now on; what it gives back in its answer. */
export function granted({ config, context, state }: Step, message: Of<'chosen' | 'accept'>): Pick<Message, 'sentUs'> {
  if (config.lease === undefined || message.sentUs === undefined) return {};
  state.lease = waitFromNow(config.lease, context, state.lease);
  return { sentUs: message.sentUs };
}

export function grantLease(step: Step, from: ProcessId, message: Of<'chosen'>): void {
  const given = granted(step, message);
  if (given.sentUs !== undefined) step.context.send(from, { type: 'grant', epoch: message.epoch, slot: -1, op: -1, content: '', ...given });
}

export function onGrant(step: Step, from: ProcessId, message: Of<'grant'>): void {
  if (step.state.role !== 'leader' || message.epoch !== step.state.ballot) return step.context.discard(`it does not lead ballot {${message.epoch}}`);
  onAnswer(step, from, message);
}

/** Every quorum of phase 1 meets every quorum of phase 2: those who granted a lease to `q2` nodes can keep anybody else from leading. */
export function onAnswer({ config, context, state }: Step, from: ProcessId, message: Of<'grant' | 'accepted'>): void {
  if (config.lease === undefined || message.sentUs === undefined) return;
  state.lease = answered(config.lease, context, state.lease, from, message.sentUs, (nodes) => nodes.length >= config.q2, state.ballot);
}

export function dropLease({ config, context, state }: Step): void {
  if (config.lease !== undefined) state.lease = withoutLease(context, state.lease);
}

/** An acceptor that restarts does not know whether it granted a lease just before. */
export function waitAfterRestart({ config, context, state }: Step): void {
  if (config.lease?.waitsAfterRestart === true) state.lease = waitFromNow(config.lease, context, state.lease);
}

const holdsLease = ({ config, context, state }: Step): boolean => config.lease !== undefined && state.role === 'leader' && runs(config.lease, context, state.lease);

/** A new leader may not know yet that what it was bound to was chosen before it led: it waits until that is executed. */
export const mayReadAlone = (step: Step): boolean => holdsLease(step) && step.state.applied >= step.state.bound;

/** For how long yet it may promise nothing to others, and stand for nothing itself, µs. */
export function boundUs(step: Step): number {
  const { config, context, state } = step;
  if (config.lease === undefined) return 0;
  return holdsLease(step) ? state.lease.untilUs - context.clockUs(config.lease.clock) : stillWaitsUs(config.lease, context, state.lease);
}
