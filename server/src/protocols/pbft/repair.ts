/**
 * Repair: messages get lost, and nodes fall behind. The paper leaves retransmission to the reader; here a node that is not done
 * asks again every 100 ms, and one that fell behind takes over a request which f+1 others say they have committed under a number,
 * one of whom is honest (the paper's state transfer, without checkpoints).
 */
import type { ProcessId } from '../../model/scenario.ts';
import { commit, requestMessage } from './normal.ts';
import {
  about, ASK_AGAIN_US, digestOf, isAccepted, isPrimary, primaryOf, RETRY_US, say, sayToOthers, slotAt, votesFor,
  type Of, type Slot, type Step,
} from './state.ts';
import { tellNewView, viewChangeMessage } from './viewChange.ts';

/** Asks again in a while, if it is not done by then. */
export function keepTrying({ context, state }: Step): void {
  if (state.retrying) return;
  state.retrying = true;
  context.setTimer('retry', RETRY_US);
}

export function onRetryTimer(step: Step): void {
  const { state } = step;
  state.retrying = false;
  if (!state.disk.active) {
    sayToOthers(step, viewChangeMessage(step));
    return keepTrying(step);
  }
  // Its client may stay with this node: then nobody else would know that the primary is being waited for.
  if (!isPrimary(step)) for (const request of state.pending.values()) sayToOthers(step, requestMessage(request));
  const open = firstOpen(step);
  if (open !== undefined) sayToOthers(step, fetchMessage(step, open));
  const told = isPrimary(step) && tellAgain(step);
  if (told || open !== undefined || state.pending.size > 0) keepTrying(step);
}

/** The first number that it has heard of and not executed, or not prepared in this view. */
function firstOpen({ state }: Step): number | undefined {
  const { slots, view } = state.disk;
  for (const [slot, known] of slots) if (isAccepted(state, known) && known.prepared?.view !== view) return Math.min(slot, state.executed + 1);
  return Math.max(slots.max() ?? 0, state.votes.max() ?? 0) > state.executed ? state.executed + 1 : undefined;
}

/** The primary repeats what it has numbered to those that have not committed it; whether there were any. */
function tellAgain(step: Step): boolean {
  const { config, context, state } = step;
  let told = false;
  for (const [slot, known] of state.disk.slots) {
    if (!isAccepted(state, known)) continue;
    for (let node = 0; node < config.nodeCount; node++) {
      if (votesFor(state, slot).commit.some((vote) => vote.node === node && vote.view === state.disk.view) || node === context.self) continue;
      say(step, node, { ...about(step, slot, known.entry!), type: 'pre-prepare', entry: known.entry! });
      told = true;
    }
  }
  return told;
}

export function fetchMessage({ state }: Step, slot: number): Of<'fetch'> {
  return { type: 'fetch', epoch: state.disk.view, slot, op: -1, content: '', active: state.disk.active, executed: state.executed };
}

/** It has seen that it is behind: it asks the one that showed it, and not too often. */
export function askForMissing(step: Step, of: ProcessId): void {
  const { context, state } = step;
  if (context.nowUs - state.askedUs < ASK_AGAIN_US) return;
  state.askedUs = context.nowUs;
  say(step, of, fetchMessage(step, state.executed + 1));
}

export function onFetch(step: Step, from: ProcessId, message: Of<'fetch'>): void {
  const { state } = step;
  const { disk } = state;
  if (disk.view > message.epoch || (disk.view === message.epoch && !message.active)) tellNewView(step, from);
  for (const [slot, known] of disk.slots.after(message.slot - 1)) {
    if (known.committed !== undefined && slot > message.executed) say(step, from, { ...about(step, slot, known.committed), type: 'data', entry: known.committed });
    if (disk.active && message.epoch === disk.view && isAccepted(state, known)) repeat(step, from, slot, known);
  }
}

/** What this node has said of a number in this view, once more. */
function repeat(step: Step, to: ProcessId, slot: number, { entry, prepared }: Slot): void {
  const { config, context, state } = step;
  const message = { ...about(step, slot, entry!), entry: entry! }, primary = primaryOf(config, state.disk.view) === context.self;
  say(step, to, { ...message, type: primary ? 'pre-prepare' : 'prepare' });
  if (prepared?.view === state.disk.view) say(step, to, { ...message, type: 'commit' });
}

export function onData(step: Step, from: ProcessId, message: Of<'data'>): void {
  const { config, context, state } = step;
  const { slot, entry } = message, known = slotAt(state, slot);
  if (slot <= state.executed || known.committed !== undefined) return context.discard('it has committed this number');
  const offers = [...(state.offers.get(slot) ?? []).filter((offer) => offer.node !== from), { node: from, entry }];
  state.offers = state.offers.set(slot, offers);
  if (offers.filter((offer) => digestOf(offer.entry) === digestOf(entry)).length > config.f) commit(step, slot, entry);
}
