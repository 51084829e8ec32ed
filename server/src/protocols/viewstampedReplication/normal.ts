/** Normal operation: a request from its client to its answer (VRR §4.1). */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { execute, readValue, requestKey } from '../keyValue.ts';
import { enterEpoch, epochEnds } from './reconfiguration.ts';
import { requestState } from './transfer.ts';
import {
  about, commitQuorum, entryOf, epochIn, isDurable, isPrimary, NOT_DURABLE, opNumber, persistEntry, primaryOf, RESEND_US,
  sendToOthers, watch, type Entry, type Of, type Step,
} from './state.ts';

// --- The primary ----------------------------------------------------------------------------------------------------

/** Steps 1 to 3: the request gets the next op-number and is sent to all. */
export function onRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  if (state.status === 'outside' && epochIn(state.disk.view) > 0) return context.redirect(request, primaryOf(state, state.disk.view));
  if (state.status !== 'normal') return context.discard(`its status is ${state.status}`);
  if (!isPrimary(step)) return context.redirect(request, primaryOf(state, state.disk.view));
  if (request.action.kind === 'read' && config.localReads) return context.reply(request, 'ok', readValue(state.values, request.action.key));
  if (config.clientTable && answerRepeated(step, request)) return;
  if (epochEnds(step)) return context.discard('the epoch ends with what it prepares now');
  const op = opNumber(state) + 1, entry = entryOf(request, state.disk.view);
  append(step, op, entry, state.disk.view);
  sendToOthers(step, { ...about(step, op, entry), type: 'prepare', entry, commit: state.commit });
  context.setTimer('commit', config.commitTimeoutUs);
  context.setTimer('resend', RESEND_US);
  tryCommit(step);
}

/**
 * Step 2. The table keeps every answer of a client, not only its newest one: clients here may have several requests under
 * way, and a smaller number is then no sign of an old request.
 */
function answerRepeated({ context, state }: Step, request: Request): boolean {
  const result = state.clientTable.get(requestKey(request));
  if (result !== undefined) {
    context.reply(request, result.outcome, result.value);
    return true;
  }
  for (const [, entry] of state.disk.log.after(state.commit)) {
    if (requestKey(entry.request) !== requestKey(request)) continue;
    context.discard('this request is in the log and will be answered when it commits');
    return true;
  }
  return false;
}

/** Step 5. Each PrepareOk stands for all operations before it too. */
export function onPrepareOk(step: Step, from: ProcessId, message: Of<'prepare-ok'>): void {
  const { context, state } = step;
  if (!isPrimary(step)) return context.discard('it is not the primary of its view');
  if (message.slot <= (state.prepared.get(from) ?? 0)) return context.discard('it knows that already');
  state.prepared = state.prepared.set(from, message.slot);
  tryCommit(step);
}

/**
 * An operation that f backups and the primary hold is committed: whoever starts a later view hears from one of these f+1,
 * so the operation is in the log that the view starts with.
 */
export function tryCommit(step: Step): void {
  const { context, state } = step;
  const before = state.commit;
  for (let op = before + 1; op <= opNumber(state); op++) {
    let replicas = 1;
    state.prepared.forEach((upTo) => { if (upTo >= op) replicas++; });
    if (replicas < commitQuorum(step)) break;
    executeOperation(step, op, state.disk.view);
  }
  if (state.commit === before) return;
  context.emit('commitIndex', { epoch: state.disk.view, slot: state.commit });
  if (state.commit === opNumber(state) && isPrimary(step)) context.clearTimer('resend');
}

/** Step 6: an idle primary tells what is committed, and that it is alive. */
export function onCommitTimer(step: Step): void {
  const { config, context, state } = step;
  if (!isPrimary(step)) return;
  sendToOthers(step, { ...about(step, state.commit), type: 'commit' });
  context.setTimer('commit', config.commitTimeoutUs);
}

/** A Prepare or its answer may be lost: the primary sends again what a backup has not prepared. */
export function resendPrepares(step: Step): void {
  const { context, state } = step;
  if (state.commit === opNumber(state)) return;
  context.setTimer('resend', RESEND_US);
  if (!isDurable(step)) return;
  for (const node of state.members) {
    if (node === context.self) continue;
    const lacking = state.disk.log.after(Math.max(state.commit, state.prepared.get(node) ?? 0));
    for (const [op, entry] of lacking) context.send(node, { ...about(step, op, entry), type: 'prepare', entry, commit: state.commit });
  }
}

// --- The backups ----------------------------------------------------------------------------------------------------

/** Step 4: strictly in the order of op-numbers; a hole is filled by state transfer before anything behind it is taken. */
export function onPrepare(step: Step, from: ProcessId, message: Of<'prepare'>): void {
  const { context, state } = step;
  watch(step);
  const op = message.slot;
  if (op > opNumber(state) + 1) {
    context.discard(`it lacks operation ${opNumber(state) + 1}`);
    return requestState(step, from, message.epoch);
  }
  if (op === opNumber(state) + 1) append(step, op, message.entry, message.epoch);
  // The PrepareOk of the first time waits for the disk. One that does not would promise what a crash forgets.
  else if (!isDurable(step)) return context.discard(NOT_DURABLE);
  else context.discard(`it has operation ${op} already`);
  context.send(from, { ...about(step, op, message.entry), epoch: message.epoch, type: 'prepare-ok' });
  executeUpTo(step, message.commit, message.epoch);
}

/** Step 7. */
export function onCommit(step: Step, from: ProcessId, message: Of<'commit'>): void {
  watch(step);
  if (message.slot > opNumber(step.state)) requestState(step, from, message.epoch);
  executeUpTo(step, message.slot, message.epoch);
}

/** What is not committed yet is prepared, as far as this replica is concerned: after a view change and a state transfer. */
export function acknowledgeLog(step: Step, primary: ProcessId): void {
  const { context, state } = step;
  const op = opNumber(state);
  if (op > state.commit && isDurable(step)) context.send(primary, { ...about(step, op, state.disk.log.get(op)), type: 'prepare-ok' });
}

// --- Both -----------------------------------------------------------------------------------------------------------

/** `view`: that of the message obeyed. */
export function append(step: Step, op: number, entry: Entry, view: number): void {
  const { context, state } = step;
  state.disk = { ...state.disk, log: state.disk.log.set(op, entry) };
  context.emit('accept', { epoch: view, slot: op, op: entry.request.op, text: entry.content });
  persistEntry(step, op, entry);
}

/** Executes what is committed, in order, as far as the log goes. The commit-number never goes back. */
export function executeUpTo(step: Step, commit: number, view: number): void {
  const { context, state } = step;
  const last = Math.min(commit, opNumber(state));
  if (last <= state.commit) return;
  for (let op = state.commit + 1; op <= last; op++) executeOperation(step, op, view);
  context.emit('commitIndex', { epoch: view, slot: state.commit });
}

/** One more operation is committed: its effect, its place in the client table, and, at the primary, its answer. */
export function executeOperation(step: Step, op: number, view: number): void {
  const { config, context, state } = step;
  const { request, content } = state.disk.log.get(op)!, key = requestKey(request);
  const repeated = config.clientTable && state.clientTable.has(key);
  if (!repeated) {
    const { values, result } = execute(state.values, request.action);
    state.values = values;
    state.clientTable = state.clientTable.set(key, result);
  }
  state.commit = op;
  const event = { epoch: view, slot: op, op: request.op, text: content };
  context.emit('commit', event);
  context.emit('apply', repeated ? { ...event, detail: 'no effect: executed before' } : event);
  if (isPrimary(step)) {
    const result = state.clientTable.get(key)!;
    context.reply(request, result.outcome, result.value);
  }
  if (request.action.kind === 'members') enterEpoch(step, op);
}
