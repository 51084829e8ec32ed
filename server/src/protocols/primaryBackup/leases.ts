/** Leases on the road (protocols.md A11): whom a heartbeat binds, and when a leader may answer a read alone. */
import type { ProcessId } from '../../model/scenario.ts';
import { answered, runs, stillWaitsUs, waitFromNow, withoutLease } from '../leases.ts';
import { majorityOf } from '../quorums.ts';
import { about, sendTo, type Of, type Step } from './state.ts';

/** What a heartbeat carries besides, where leaders have leases. */
export function question({ config, context }: Step): { readonly sentUs?: number } {
  return config.lease === undefined ? {} : { sentUs: context.clockUs(config.lease.clock) };
}

/** A follower hears its leader, and grants it a lease. */
export function grantLease(step: Step, from: ProcessId, message: Of<'heartbeat'>): void {
  const { config, context, state } = step;
  if (config.lease === undefined || message.sentUs === undefined) return;
  state.lease = waitFromNow(config.lease, context, state.lease);
  sendTo(step, from, { ...about(step, -1), epoch: message.epoch, type: 'grant', sentUs: message.sentUs });
}

export function onGrant(step: Step, from: ProcessId, message: Of<'grant'>): void {
  const { config, context, state } = step;
  if (config.lease === undefined || message.sentUs === undefined || state.role !== 'leader') return context.discard('it does not lead');
  if (message.epoch !== state.epoch) return context.discard(`a lease of epoch {${message.epoch}}`);
  state.lease = answered(config.lease, context, state.lease, from, message.sentUs, (nodes) => nodes.length >= majorityOf(config.nodeCount), state.epoch);
}

export function dropLease(step: Step): void {
  if (step.config.lease !== undefined) step.state.lease = withoutLease(step.context, step.state.lease);
}

/** A restarted node does not know whether it granted a lease just before. */
export function waitAfterRestart({ config, context, state }: Step): void {
  if (config.lease?.waitsAfterRestart === true) state.lease = waitFromNow(config.lease, context, state.lease);
}

export const holdsLease = ({ config, context, state }: Step): boolean =>
  config.lease !== undefined && state.role === 'leader' && runs(config.lease, context, state.lease);

/** A leader with a lease may answer from its own state, once that holds all that it adopted when it was elected (E9). */
export const mayReadAlone = (step: Step): boolean => holdsLease(step) && step.state.applied >= step.state.adopted;

/** Why it may not help anybody to lead, itself included; undefined: it may. */
export function bound(step: Step): string | undefined {
  const { config, context, state } = step;
  if (config.lease === undefined) return undefined;
  if (holdsLease(step)) return 'its own lease runs';
  return stillWaitsUs(config.lease, context, state.lease) > 0 ? 'it has granted a lease that may still run' : undefined;
}

/** Its failure detector has fired too early: it fires again when the lease that it granted is over. */
export function suspectLater(step: Step): void {
  const { config, context, state } = step;
  if (config.lease !== undefined) context.setTimer('suspect', stillWaitsUs(config.lease, context, state.lease));
}
