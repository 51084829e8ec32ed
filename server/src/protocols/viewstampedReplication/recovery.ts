/** Recovery: a replica that has lost its memory asks the others for it (VRR §4.3). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { acknowledgeLog, executeUpTo } from './normal.ts';
import {
  about, commitQuorum, epochIn, isDurable, isPrimary, NOT_DURABLE, opNumber, persistView, primaryOf, RESEND_US, watch, type CrashVector,
  type Of, type Step,
} from './state.ts';
import { emitGroup, groupOf, learnGroup } from './reconfiguration.ts';
import { enter, follow, installLog, reign } from './viewChange.ts';

/**
 * Step 1. The nonce is the replica's clock, which a crash does not stop: it is new each time, and larger. So it serves as the
 * number of the incarnation too, where crash vectors are kept.
 */
export function startRecovery(step: Step): void {
  const { config, context, state } = step;
  state.status = 'recovering';
  state.nonce = Math.floor(context.nowUs) + 1;
  if (config.crashVector) state.disk = { ...state.disk, vector: state.disk.vector.set(context.self, state.nonce) };
  context.emit('truncate', { epoch: state.disk.view, slot: 1 });
  askAll(step);
}

/** It takes part in a later epoch only by asking that epoch's group. */
export function recoverAgain(step: Step): void {
  const { context, state } = step;
  state.status = 'recovering';
  state.nonce = Math.floor(context.nowUs) + 1;
  state.responses = PersistentMap.empty();
  askAll(step);
}

/** Also the timer's: whoever was not normal before may be so now. */
export function askAll(step: Step): void {
  // Not only to the group that it remembers: there may be another.
  for (let node = 0; node < step.context.nodeCount; node++) if (node !== step.context.self) step.context.send(node, { ...about(step, -1), epoch: -1, type: 'recovery', nonce: step.state.nonce });
  step.context.setTimer('resend', RESEND_US);
}

/** Step 2: only a replica whose status is normal answers; in a view change nobody knows what the log will be. */
export function onRecovery(step: Step, from: ProcessId, message: Of<'recovery'>): void {
  const { config, context, state } = step;
  if (state.status !== 'normal') return context.discard(`its status is ${state.status}`);
  if (!isDurable(step)) return context.discard(NOT_DURABLE);
  const log = isPrimary(step) || !config.recoveryPrimary ? state.disk.log : undefined;
  context.send(from, { ...about(step, opNumber(state)), type: 'recovery-response', nonce: message.nonce, log, commit: state.commit, members: state.members });
}

/** Step 3. */
export function onRecoveryResponse(step: Step, from: ProcessId, message: Of<'recovery-response'>): void {
  const { context, state } = step;
  if (state.status !== 'recovering') return context.discard('it has recovered');
  if (message.nonce !== state.nonce) return context.discard('it answers an earlier recovery');
  // Its own word of before the crash, where that is on disk (`view-floor`): it has left all older views.
  const floor = state.disk.view;
  if (message.epoch < floor) return context.discard(`it is of view ${message.epoch}, and this replica has promised view ${floor}`);
  if (!learnGroup(step, message.members, message.epoch)) return;
  state.responses = state.responses.set(from, message);
  const source = sourceOf(step);
  if (source !== undefined) recover(step, source);
}

/**
 * f+1 answers, and among them that of the primary of the latest view they know: any view that this replica took part in
 * was known to f+1 replicas, so one of those that answer knows it (a quorum of commits meets one of view changes, too); and the primary's log holds all that this replica has
 * prepared in it.
 */
function sourceOf(step: Step): Of<'recovery-response'> | undefined {
  const { config, state } = step;
  if (state.responses.size < commitQuorum(step)) return undefined;
  const view = Math.max(...[...state.responses.values()].map((response) => response.epoch));
  if (config.recoveryPrimary) {
    const response = state.responses.get(primaryOf(state, view));
    return response?.epoch === view ? response : undefined;
  }
  let longest: Of<'recovery-response'> | undefined;
  for (const response of state.responses.values()) if (response.epoch === view && response.slot > (longest?.slot ?? -1)) longest = response;
  return longest;
}

function recover(step: Step, response: Of<'recovery-response'>): void {
  const { config, context, state } = step;
  const { epoch: view } = response, primary = primaryOf(state, view), answers = state.responses.size;
  // With crash vectors its peers refuse what it said before the crash, so that what it promised then binds it no more.
  context.emit('promise', { epoch: view, peer: primary, ...(config.crashVector ? { a: 1 } : {}) });
  state.disk = { ...state.disk, view };
  state.responses = PersistentMap.empty();
  if (epochIn(view) > 0) emitGroup(step, view);
  if (primary === context.self) enter(step, view, 'normal', primary);
  else follow(step, primary, view);
  installLog(step, response.log!, view);
  if (primary === context.self) reign(step, answers);
  executeUpTo(step, response.commit, view);
  if (primary !== context.self) acknowledgeLog(step, primary);
}

/** Comes back with its log: what it has promised and prepared is on disk, so there is nothing to ask. It rejoins its view. */
export function resumeFromDisk(step: Step): void {
  const { config, context, state } = step;
  state.members = groupOf(config, state.disk.log, epochIn(state.disk.view));
  context.emit('promise', { epoch: state.disk.view, peer: context.self });
  if (epochIn(state.disk.view) > 0) emitGroup(step, state.disk.view);
  state.status = state.members.includes(context.self) ? 'view-change' : 'outside';
  if (state.status === 'view-change') watch(step);
  else if (epochIn(state.disk.view) > 0) context.setTimer('resend', RESEND_US);
}

// --- Crash vectors (Michael et al. 2017) ------------------------------------------------------------------------------

/**
 * Whether a message comes from the incarnation of its sender that is known here, or a newer one. What an older one said is
 * forgotten at its own end, so that it must not count here either: a promise that its maker does not know of is none (E3).
 */
export function passesCrashVector(step: Step, from: ProcessId, theirs: CrashVector): boolean {
  const { context, state } = step;
  const mine = state.disk.vector;
  if ((theirs.get(from) ?? 0) < (mine.get(from) ?? 0)) {
    context.discard('its sender has crashed since, and knows nothing of it');
    return false;
  }
  theirs.forEach((incarnation, node) => { if (incarnation > (state.disk.vector.get(node) ?? 0)) learn(step, node, incarnation); });
  return true;
}

function learn(step: Step, node: ProcessId, incarnation: number): void {
  const { state } = step;
  state.disk = { ...state.disk, vector: state.disk.vector.set(node, incarnation) };
  state.startViewChanges = state.startViewChanges.delete(node);
  state.doViewChanges = state.doViewChanges.delete(node);
  persistView(step);
}
