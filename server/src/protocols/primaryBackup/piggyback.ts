/**
 * Commits that ride on the next proposal (VRR §4.1, steps 3 and 6; protocols.md A10): it carries the number of the newest slot
 * such that all up to it are decided. Only a leader that has had nothing to propose for `commit-timeout` sends it alone.
 *
 * A number stands for what its leader's log holds. With epochs on a follower therefore commits only entries that this leader
 * has proposed to it (Multi-Paxos has the same rule for ballots); the others came with the leader's log, or are fetched.
 */
import type { ProcessId } from '../../model/scenario.ts';
import { commitWhenEchoed } from './hardening.ts';
import { requestCatchUp } from './recovery.ts';
import { about, acknowledges, epochsOn, fetches, inOrder, RETRY_US, sendTo, sendToOthers, type Of, type PbMessage, type Step } from './state.ts';

// --- The leader -----------------------------------------------------------------------------------------------------

/** All slots up to this one are decided, and none of them is aborted where somebody may not know. */
function decidedUpTo({ state }: Step): number {
  for (const [slot, { stage }] of state.progress) if (stage !== 'commit' && stage !== 'closed') return Math.min(state.applied, slot - 1);
  return state.applied;
}

/** The number that a proposal carries. */
export const ridingNumber = (step: Step): number => (step.config.piggyback ? decidedUpTo(step) : 0);

/** A proposal goes to everybody: the number it carries needs no message of its own any more. */
export function toldBy(step: Step, committed: number): void {
  if (!step.config.piggyback) return;
  step.state.toldUpTo = Math.max(step.state.toldUpTo, committed);
  step.context.clearTimer('commit-idle');
}

/** A slot is decided: its followers hear of it with the next proposal, or after a while without one. */
export function awaitProposal({ config, context }: Step): void {
  if (Number.isFinite(config.commitTimeoutUs)) context.setTimer('commit-idle', config.commitTimeoutUs);
}

/** Nothing to ride on. */
export function onCommitIdleTimer(step: Step): void {
  const { config, context, state } = step;
  const committed = decidedUpTo(step), entry = state.disk.log.get(committed);
  if (state.role !== 'leader' || entry === undefined || committed <= state.toldUpTo) return;
  state.toldUpTo = committed;
  sendToOthers(step, { ...about(step, committed, entry), type: 'commit', entry });
  if (!config.retry || !acknowledges(config)) return;
  for (const [slot, { stage }] of state.progress) if (slot <= committed && stage === 'commit') context.setTimer('retry', RETRY_US, slot);
}

/** The slot in a leader's heartbeat: what its followers should have heard of. */
export const expectedSlot = ({ config, state }: Step): number => (config.piggyback ? state.toldUpTo : state.applied);

// --- The followers --------------------------------------------------------------------------------------------------

export function onCommitNumber(step: Step, from: ProcessId, message: Of<'commit'>): void {
  const { config, context, state } = step;
  if (message.slot <= state.toldUpTo && state.applied >= message.slot) context.discard(`it has committed all up to slot ${message.slot} already`);
  learnCommits(step, from, message, message.slot);
  if (state.applied < message.slot && inOrder(config) && fetches(config)) requestCatchUp(step, from);
}

/** Commits what the number says is decided, as far as the log holds it; the rest when it comes. */
export function learnCommits(step: Step, from: ProcessId, message: PbMessage, committed: number): void {
  const { config, state } = step;
  if (!config.piggyback) return;
  state.toldUpTo = Math.max(state.toldUpTo, committed);
  for (let slot = state.disk.log.next(inOrder(config) ? state.applied : 0); slot !== undefined && slot <= state.toldUpTo; slot = state.disk.log.next(slot)) {
    const entry = state.disk.log.get(slot)!;
    if (epochsOn(config) && entry.epoch !== message.epoch) continue;
    if (entry.status === 'accepted' || entry.status === 'pre') {
      if (!commitWhenEchoed(step, slot, entry, message.epoch)) continue;
    } else if (entry.status === 'aborted' || slot !== message.slot || message.type !== 'commit') continue;
    if (acknowledges(config)) sendTo(step, from, { ...about(step, slot, entry), epoch: message.epoch, type: 'ack' });
  }
}
