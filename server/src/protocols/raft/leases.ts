/**
 * Lease reads (thesis 6.4.1): a leader whose heartbeats a majority has answered answers reads alone for a while, without a round
 * of its own for each. As in etcd the other half of the bargain is check-quorum's: a server that hears its leader disregards
 * candidates for the shortest election timeout. Two things the thesis leaves open: a server waits that long before it stands,
 * too, and after a restart (knob lease-restart), since it may have answered a heartbeat just before.
 *
 * Leadership transfer passes by all this on purpose (3.10). Votes that a leader wished for may come late, so once it has
 * handed over, or tried to, it asks a majority for every read of that term. And a lease ends where the leader goes by another
 * configuration: those who granted it may be no members, and their majority none.
 */
import type { KnobRelation } from '../../model/catalogue.ts';
import type { Message } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { answered, leaseBound, runs, stillWaitsUs, waitFromNow, withoutLease } from '../leases.ts';
import { isQuorum } from './membership.ts';
import type { Step } from './state.ts';

/** What AppendEntries and InstallSnapshot carry besides: when they were sent, by the leader's clock. */
export function question({ config, context }: Step): Pick<Message, 'sentUs'> {
  return config.lease === undefined ? {} : { sentUs: context.clockUs(config.lease.clock) };
}

/** What their answers carry besides. */
export const answerTo = (message: Message): Pick<Message, 'sentUs'> => (message.sentUs === undefined ? {} : { sentUs: message.sentUs });

export function onAnswer(step: Step, from: ProcessId, message: Message): void {
  const { config, context, state } = step;
  if (config.lease === undefined || message.sentUs === undefined || state.handedOver) return;
  state.lease = answered(config.lease, context, state.lease, from, message.sentUs, (servers) => isQuorum(step, servers, 'commit'), state.disk.currentTerm);
}

/** It has heard its leader, or (`restarted`) may have before it crashed. */
export function beginWait({ config, context, state }: Step, restarted: boolean): void {
  if (config.lease === undefined || (restarted && !config.lease.waitsAfterRestart)) return;
  state.lease = waitFromNow(config.lease, context, state.lease);
}

export function dropLease({ config, context, state }: Step): void {
  if (config.lease !== undefined) state.lease = withoutLease(context, state.lease);
}

export const mayReadAlone = ({ config, context, state }: Step): boolean => config.lease !== undefined && runs(config.lease, context, state.lease);

/** For how long yet it may help nobody to lead, itself included, µs. */
export function boundUs({ config, context, state }: Step): number {
  return config.lease === undefined || !config.checkQuorum ? 0 : stillWaitsUs(config.lease, context, state.lease);
}

export const RAFT_RELATIONS: readonly KnobRelation[] = [
  leaseBound({
    knobs: ['base'], name: 'the shortest election timeout',
    us(scenario) {
      const baseUs = Number(scenario.knobs.get('base')!.value), staggerUs = Number(scenario.knobs.get('stagger')!.value);
      return Math.min(...scenario.nodes.map((_, rank) => scenario.timeouts.get(rank) ?? baseUs + rank * staggerUs));
    },
  }),
  {
    code: 'lease-overlap', knob: 'check-quorum', knobs: ['read-path', 'check-quorum'],
    breach(scenario) {
      if (scenario.knobs.get('read-path')!.value !== 'lease' || scenario.knobs.get('check-quorum')!.value === 'on') return undefined;
      return { message: 'With `check-quorum off` a server that hears its leader votes for another all the same, so no lease is safe.', safe: 'on' };
    },
  },
];
