/** Another primary: view changes (VRR §4.2). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { acknowledgeLog, append, executeUpTo, tryCommit } from './normal.ts';
import {
  about, isDurable, isPrimary, MAX_ROUND, opNumber, persistView, primaryOf, promiseIsDurable, RESEND_US, sendToOthers,
  viewChangeQuorum, watch, type Log, type Of, type Status, type Step,
} from './state.ts';

/** The failure timer of a backup fires, or that of a view change that does not come to its end. */
export function suspect(step: Step): void {
  const { context, state } = step;
  if (state.status === 'recovering' || state.status === 'transitioning' || state.status === 'outside' || isPrimary(step)) return;
  if (state.status === 'view-change') state.round = Math.min(state.round + 1, MAX_ROUND);
  context.emit('timeout');
  startViewChange(step, newestView(step) + 1, context.self);
}

/** The latest view it knows of: the one it is in, or the one whose log it waits for. */
export const newestView = ({ state }: Step): number => Math.max(state.disk.view, state.transfer?.view ?? 0);

/** Step 1. `from`: of whom it has heard of that view. */
function startViewChange(step: Step, view: number, from: ProcessId): void {
  const { context, state } = step;
  enter(step, view, 'view-change', from);
  if (primaryOf(state, view) === context.self) context.emit('candidate', { epoch: view });
  persistView(step);
  announce(step);
}

/** Says that it has left its view, and waits for the others. Also how a replica with its log on disk comes back. */
export function announce(step: Step): void {
  sendToOthers(step, { ...about(step, -1), type: 'start-view-change' });
  step.context.setTimer('resend', RESEND_US);
  watch(step);
  maySendDoViewChange(step);
}

/** Leaves what it was for a later view (or comes back into its own). Says so, and forgets what belonged to the old one. */
export function enter(step: Step, view: number, status: Status, heardFrom: ProcessId): void {
  const { context, state } = step;
  if (isPrimary(step)) context.emit('stepsDown', { epoch: state.disk.view, detail: `it has heard of view ${view}` });
  for (const timer of ['commit', 'resend', 'transfer']) context.clearTimer(timer);
  if (view !== state.disk.view) context.emit('promise', { epoch: view, peer: heardFrom });
  state.disk = { ...state.disk, view };
  state.status = status;
  state.transfer = undefined;
  state.startViewChanges = PersistentMap.empty();
  state.doViewChanges = PersistentMap.empty();
  state.sentDoViewChange = false;
  state.prepared = PersistentMap.empty();
}

/** Step 2. */
export function onStartViewChange(step: Step, from: ProcessId, message: Of<'start-view-change'>): void {
  const { config, context, state } = step;
  if (!joins(step, from, message.epoch)) return;
  // Only while the view changes: once it has begun, there is nothing left to promise.
  if (state.status === 'normal' && config.startViewChangeGuard) return context.discard(`view ${state.disk.view} has begun`);
  state.startViewChanges = state.startViewChanges.set(from, true);
  maySendDoViewChange(step);
}

/** Whether a message of a view change is of this replica's view; it joins a later one first. */
function joins(step: Step, from: ProcessId, view: number): boolean {
  const { context, state } = step;
  if (view < newestView(step)) {
    context.discard(`it is of view ${view}, and this replica knows of view ${newestView(step)}`);
    return false;
  }
  if (state.status === 'state-transfer' && view === newestView(step)) {
    context.discard(`view ${view} has begun elsewhere: this replica waits for its log`);
    return false;
  }
  if (view > state.disk.view) startViewChange(step, view, from);
  // Whoever asks for a view that has begun has not heard of it: its StartView was lost, or it was down.
  else if (isPrimary(step) && isDurable(step)) context.send(from, startView(step));
  return true;
}

/**
 * f others want the view too. From DoViewChange on, this replica prepares nothing in an older view; that promise, given by
 * f+1 replicas, is what lets the new primary believe that it has heard of everything committed.
 */
function maySendDoViewChange(step: Step): void {
  const { context, state } = step;
  if (state.sentDoViewChange || state.startViewChanges.size < viewChangeQuorum(step) - 1) return;
  state.sentDoViewChange = true;
  // The promise goes to disk first. If it is still on its way there, another write behind it makes the message wait.
  if (!promiseIsDurable(step)) persistView(step);
  context.emit('vote', { epoch: state.disk.view, peer: primaryOf(state, state.disk.view) });
  sendDoViewChange(step);
}

function sendDoViewChange(step: Step): void {
  const { context, state } = step;
  const { view, log, lastNormal } = state.disk, primary = primaryOf(state, view);
  const message: Of<'do-view-change'> = { ...about(step, opNumber(state)), type: 'do-view-change', log, lastNormal, commit: state.commit };
  if (primary !== context.self) return context.send(primary, message);
  state.doViewChanges = state.doViewChanges.set(primary, message);
  mayStartView(step);
}

/** What this replica says again while the view changes and nothing happens. */
export function resendViewChange(step: Step): void {
  const { context, state } = step;
  context.setTimer('resend', RESEND_US);
  if (!promiseIsDurable(step)) return;
  sendToOthers(step, { ...about(step, -1), type: 'start-view-change' });
  if (state.sentDoViewChange && primaryOf(state, state.disk.view) !== context.self) sendDoViewChange(step);
}

/** Step 3, at the new primary. Whoever sends it wants the view, so it counts for step 2 as well. */
export function onDoViewChange(step: Step, from: ProcessId, message: Of<'do-view-change'>): void {
  const { config, context, state } = step;
  const late = !config.doViewChangeGuard && state.status === 'view-change' && message.epoch < state.disk.view;
  if (!late && !joins(step, from, message.epoch)) return;
  if (state.status !== 'view-change') return context.discard(`view ${state.disk.view} has begun`);
  if (primaryOf(state, state.disk.view) !== context.self) return context.discard(`it is not the primary of view ${state.disk.view}`);
  state.doViewChanges = state.doViewChanges.set(from, message);
  state.startViewChanges = state.startViewChanges.set(from, true);
  maySendDoViewChange(step);
  mayStartView(step);
}

/**
 * f+1 DoViewChanges, its own among them. Of their logs the one whose sender was normal in the latest view counts, and of
 * those the longest: a log of an older view may hold operations that a later one has replaced.
 */
function mayStartView(step: Step): void {
  const { context, state } = step;
  const own = state.doViewChanges.get(context.self);
  if (state.status !== 'view-change' || own === undefined || state.doViewChanges.size < viewChangeQuorum(step)) return;
  let best = own, commit = state.commit;
  for (const message of state.doViewChanges.values()) {
    if (better(step, message, best)) best = message;
    commit = Math.max(commit, message.commit);
  }
  const votes = state.doViewChanges.size, { view } = state.disk;
  enter(step, view, 'normal', context.self);
  installLog(step, best.log, view);
  reign(step, votes);
  sendToOthers(step, startView(step, commit));
  // Step 4: what is committed and not executed here yet is executed, and its clients are answered.
  executeUpTo(step, commit, view);
  if (isPrimary(step)) tryCommit(step);
}

function better({ config }: Step, a: Of<'do-view-change'>, b: Of<'do-view-change'>): boolean {
  if (config.logChoice === 'longest' || a.lastNormal === b.lastNormal) return a.slot > b.slot;
  return a.lastNormal > b.lastNormal;
}

function startView(step: Step, commit = step.state.commit): Of<'start-view'> {
  const { state } = step, op = opNumber(state);
  return { ...about(step, op), type: 'start-view', log: state.disk.log, commit };
}

/** It is the primary now, with the log that its view starts with. */
export function reign(step: Step, votes: number): void {
  const { config, context, state } = step;
  state.round = 0;
  context.emit('leads', { epoch: state.disk.view, a: votes, b: state.members.length });
  context.clearTimer('suspect');
  context.setTimer('commit', config.commitTimeoutUs);
  context.setTimer('resend', RESEND_US);
}

/** Step 5. */
export function onStartView(step: Step, from: ProcessId, message: Of<'start-view'>): void {
  const { config, context, state } = step;
  const { view } = state.disk, newest = newestView(step);
  // The paper leaves this to the reader: one of an older view, or of a view that has begun here, would undo what came since (E4).
  if (config.startViewGuard && message.epoch < newest) return context.discard(`this replica knows of view ${newest}`);
  if (config.startViewGuard && message.epoch === view && state.status === 'normal') return context.discard(`view ${view} has begun here`);
  follow(step, from, message.epoch);
  installLog(step, message.log, message.epoch);
  executeUpTo(step, message.commit, message.epoch);
  acknowledgeLog(step, from);
}

/** It is a backup of that view from now on. */
export function follow(step: Step, primary: ProcessId, view: number): void {
  enter(step, view, 'normal', primary);
  step.state.round = 0;
  step.context.emit('follows', { epoch: view, peer: primary });
  watch(step);
}

/**
 * Makes this log its own: what differs goes, what is missing comes, and last of all v′. In between, a crash leaves the log of a
 * newer view under an older v′ on disk, which takes nothing committed away; a short log under a newer v′ would.
 */
export function installLog(step: Step, log: Log, view: number): void {
  const { context, state } = step;
  const mine = state.disk.log;
  let same = 0;
  while (log.has(same + 1) && mine.get(same + 1)?.request === log.get(same + 1)!.request) same++;
  if (opNumber(state) > same) {
    state.disk = { ...state.disk, log: mine.before(same + 1) };
    context.emit('truncate', { epoch: view, slot: same + 1 });
  }
  for (const [op, entry] of log.after(same)) append(step, op, entry, view);
  state.disk = { ...state.disk, lastNormal: view };
  persistView(step);
  // Whoever did not bring what is executed here has undone it: neither the values nor the commit-number go back with it (E2).
  if (state.commit > opNumber(state)) context.emit('commitIndex', { epoch: view, slot: state.commit });
}
