/**
 * Leadership transfer (thesis 3.10): a leader stops taking commands, brings another server's log up to its own, and tells it to
 * stand for election at once. Such an election is the leader's own wish, so neither a pre-vote nor a server that hears the
 * leader stands in its way; nothing else about it is special, and if it fails the leader goes on.
 */
import type { ProcessId } from '../../model/scenario.ts';
import { lead, raiseTerm, stand } from './election.ts';
import { voters } from './membership.ts';
import { dropLease } from './leases.ts';
import { sendEntries } from './replication.ts';
import { about, answer, lastIndex, type Of, type Step } from './state.ts';

/** `transfer A to B`, at A. */
export function onTransfer(step: Step, to: ProcessId): void {
  const { config, context, state } = step;
  if (state.role !== 'leader') return context.discard('it does not lead');
  if (!voters(step).includes(to)) return context.discard(`${config.names[to]!} is no member`);
  state.transferee = to;
  state.handedOver = true;
  dropLease(step);
  context.setTimer('transfer', config.timeoutUs[context.self]!);
  if (!tellIfReady(step, to)) sendEntries(step, to);
}

/** Once the server's log is as long as the leader's: "sends a TimeoutNow request to the target server". */
export function tellIfReady(step: Step, to: ProcessId): boolean {
  const { state } = step;
  if (state.transferee !== to || state.matchIndex.get(to) !== lastIndex(state.disk.log)) return false;
  answer(step, to, { ...about(step), type: 'timeout-now' });
  return true;
}

/** "If leadership transfer does not complete after about an election timeout, the prior leader aborts the transfer and resumes." */
export function onTransferTimer({ state }: Step): void { state.transferee = undefined; }

/** At the server that is to lead: as if its election timeout had elapsed, whenever that would have been. */
export function onTimeoutNow(step: Step, message: Of<'timeout-now'>): void {
  const { config, context, state } = step;
  if (message.epoch < state.disk.currentTerm) return context.discard(`older than term ${state.disk.currentTerm}`);
  if (state.role === 'leader') return context.discard('it leads itself');
  if (!config.transferAppoints) return stand(step, true);
  raiseTerm(step);
  lead(step);
}
