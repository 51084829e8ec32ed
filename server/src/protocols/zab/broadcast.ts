/** Phase 3, broadcast: proposals in the order of their zxids, each committed once a quorum has it; and clients. */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { answerRepeated } from '../answers.ts';
import { entryText, execute, readValue, requestKey } from '../keyValue.ts';
import { watchLeader } from './discovery.ts';
import { lookForLeader } from './election.ts';
import { answerFlushes, callerOf, deliverCall, watchSessions } from './sessions.ts';
import { about, append, HEARTBEAT_US, lastCounter, say, type Of, type Step, type Transaction, type ZabState } from './state.ts';
import { applyCall, EMPTY_TREE } from './znodes.ts';

// --- The leader -----------------------------------------------------------------------------------------------------

/** A quorum has its history: it leads. */
export function beginBroadcast(step: Step): void {
  const { config, context, state } = step;
  context.emit('leads', { epoch: state.epoch, a: state.ackLds.size, b: config.nodeCount });
  startLeading(step);
  commitUpTo(step, reached(step));
}

export function startLeading(step: Step): void {
  const { config, context, state } = step;
  state.phase = 'broadcast';
  state.heard = PersistentMap.empty();
  context.setTimer('heartbeat', HEARTBEAT_US);
  context.setTimer('quorum', config.timeoutUs[context.self]!);
  watchSessions(step);
}

/** Step l.3.1: "Propose to all followers in Q in increasing order of zxid". */
export function propose(step: Step, request: Request): void {
  const { config, state } = step;
  if (config.sessions && answerRepeated(step.context, state, request, state.disk.history.after(state.applied))) return;
  const { op, session, sequence, action } = request;
  const counter = broadcast(step, { action, content: entryText(action), op, session, sequence });
  state.waiting = state.waiting.set(counter, [request]);
  advance(step);
}

/** Proposes a transaction; its counter. */
export function broadcast(step: Step, transaction: Omit<Transaction, 'epoch'>): number {
  const { state } = step, counter = lastCounter(state.disk.history) + 1;
  append(step, counter, { ...transaction, epoch: state.epoch });
  for (const node of state.proposedTo.keys()) sendProposal(step, node, counter);
  return counter;
}

function sendProposal(step: Step, to: ProcessId, counter: number): void {
  const transaction = step.state.disk.history.get(counter);
  if (transaction !== undefined) say(step, to, { ...about(step, counter, transaction), type: 'propose', transaction });
}

/** Step l.3.2. An ack speaks for everything up to its transaction: followers append in order only. */
export function onAck(step: Step, from: ProcessId, message: Of<'ack'>): void {
  const { context, state } = step;
  if (state.role !== 'leading' || message.epoch !== state.epoch) return context.discard('it does not lead that epoch');
  state.heard = state.heard.set(from, true);
  state.acked = state.acked.set(from, Math.max(message.slot, state.acked.get(from) ?? 0));
  advance(step);
}

/**
 * Commits what a quorum has acknowledged. Any two quorums share a process, and the discovery of a later epoch asks one: so
 * what is committed here is in every later leader's history.
 */
export function advance(step: Step): void {
  const { context, state } = step;
  if (state.phase !== 'broadcast') return;
  const before = state.committed;
  commitUpTo(step, reached(step));
  for (let counter = before + 1; counter <= state.committed; counter++) {
    for (const node of state.ackLds.keys()) {
      if (node !== context.self) say(step, node, { ...about(step, counter, state.disk.history.get(counter)), type: 'commit' });
    }
  }
}

/** Up to where a quorum has the leader's history. */
function reached({ config, state }: Step): number {
  const last = lastCounter(state.disk.history);
  const acked = [last, ...state.acked.values()].sort((a, b) => b - a)[config.quorum - 1] ?? 0;
  return Math.min(acked, last);
}

export function onHeartbeatTimer(step: Step): void {
  const { context, state } = step;
  if (state.role !== 'leading' || state.phase !== 'broadcast') return;
  context.setTimer('heartbeat', HEARTBEAT_US);
  const last = lastCounter(state.disk.history);
  for (const node of state.ackLds.keys()) if (node !== context.self) say(step, node, { ...about(step, state.committed), type: 'ping', last });
}

/** A leader that has lost its quorum, or not found one in time, goes back to phase 0. */
export function onQuorumTimer(step: Step): void {
  const { config, context, state } = step;
  if (state.role !== 'leading') return;
  if (state.phase !== 'broadcast') return lookForLeader(step, '');
  if (state.heard.size + 1 < config.quorum) return lookForLeader(step, 'it has not heard from a quorum');
  state.heard = PersistentMap.empty();
  context.setTimer('quorum', config.timeoutUs[context.self]!);
}

/** A follower lives. What had been proposed when it was asked, and it does not have, was lost on the way. */
export function onPong(step: Step, from: ProcessId, message: Of<'pong'>): void {
  const { config, context, state } = step;
  if (state.role !== 'leading' || message.epoch !== state.epoch) return context.discard('it does not lead that epoch');
  state.heard = state.heard.set(from, true);
  if (config.lateJoinersMiss) return;
  for (let counter = message.slot + 1; counter <= message.last; counter++) sendProposal(step, from, counter);
  state.acked = state.acked.set(from, Math.max(message.slot, state.acked.get(from) ?? 0));
  advance(step);
}

// --- The followers --------------------------------------------------------------------------------------------------

/** Why a message of the broadcast is not for this process, or undefined. Proposals may come as soon as it is synchronised. */
function whyNot({ state }: Step, from: ProcessId, epoch: number, since: 'synchronisation' | 'broadcast'): string | undefined {
  if (state.leader !== from || state.role !== 'following' || state.epoch !== epoch) return 'it does not follow that leader in that epoch';
  if (state.disk.currentEpoch !== epoch || (since === 'broadcast' && state.phase !== 'broadcast')) return 'it is not synchronised yet';
  return undefined;
}

/** Step f.3.1: appended in order, on disk, then acknowledged. One that it has already is acknowledged again. */
export function onPropose(step: Step, from: ProcessId, message: Of<'propose'>): void {
  const { config, context, state } = step;
  const reason = whyNot(step, from, message.epoch, 'synchronisation');
  if (reason !== undefined) return context.discard(reason);
  if (state.phase === 'broadcast') watchLeader(step);
  const last = lastCounter(state.disk.history);
  if (message.slot > last + 1 && !config.lateJoinersMiss) return context.discard(`transaction ${last + 1} is missing before it`);
  if (message.slot <= last) context.discard('it has that one already');
  else append(step, message.slot, message.transaction);
  say(step, from, { ...about(step, message.slot, message.transaction), type: 'ack' });
}

/** Step f.3.2. What it does not have yet is delivered when it has it, and a ping says so. */
export function onCommit(step: Step, from: ProcessId, message: Of<'commit'>): void {
  const { context } = step;
  const reason = whyNot(step, from, message.epoch, 'broadcast');
  if (reason !== undefined) return context.discard(reason);
  watchLeader(step);
  commitUpTo(step, message.slot);
}

export function onPing(step: Step, from: ProcessId, message: Of<'ping'>): void {
  const { context, state } = step;
  const reason = whyNot(step, from, message.epoch, 'broadcast');
  if (reason !== undefined) return context.discard(reason);
  watchLeader(step);
  commitUpTo(step, message.slot);
  say(step, from, { ...about(step, lastCounter(state.disk.history)), type: 'pong', last: message.last });
}

// --- Delivery -------------------------------------------------------------------------------------------------------

/** Commits up to a counter, as far as the history goes, and delivers in order. */
export function commitUpTo(step: Step, upTo: number): void {
  const { config, context, state } = step;
  const { history } = state.disk, counter = config.lateJoinersMiss ? upTo : Math.min(upTo, lastCounter(history));
  if (counter <= state.committed) return;
  for (let slot = state.committed + 1; slot <= counter; slot++) {
    const transaction = history.get(slot);
    if (transaction !== undefined) context.emit('commit', { epoch: state.epoch, slot, op: transaction.op, text: transaction.content });
  }
  state.committed = counter;
  context.emit('commitIndex', { epoch: state.epoch, slot: counter });
  while (state.applied < state.committed) {
    state.applied++;
    const transaction = history.get(state.applied);
    if (transaction !== undefined) deliver(step, state.applied, transaction);
  }
  answerFlushes(step);
}

function deliver(step: Step, counter: number, transaction: Transaction): void {
  if (transaction.action.kind === 'session') return deliverCall(step, counter, transaction);
  const { config, context, state } = step;
  const executed = executeTransaction(state, transaction, config.sessions);
  context.emit('apply', { epoch: state.epoch, slot: counter, op: transaction.op, text: transaction.content, ...(executed ? {} : { detail: 'no effect: executed before' }) });
  const requests = state.waiting.get(counter);
  if (requests === undefined) return;
  state.waiting = state.waiting.delete(counter);
  const result = state.results.get(requestKey(transaction))!;
  for (const request of requests) context.reply(request, result.outcome, result.value);
}

/** false: with sessions, the same request has been executed in an earlier transaction. */
function executeTransaction(state: ZabState, transaction: Transaction, sessions: boolean): boolean {
  const key = requestKey(transaction);
  if (sessions && state.results.has(key)) return false;
  const { values, result } = execute(state.values, transaction.action);
  state.values = values;
  state.results = state.results.set(key, result);
  return true;
}

/** Values and results as the first transactions of the history give them. */
export function replay(state: ZabState, upTo: number): void {
  state.values = PersistentMap.empty();
  state.results = PersistentMap.empty();
  state.tree = EMPTY_TREE;
  for (let counter = 1; counter <= upTo; counter++) {
    const transaction = state.disk.history.get(counter);
    if (transaction?.action.kind === 'session') state.tree = applyCall(state.tree, transaction.action.call, callerOf(transaction, counter)).tree;
    else if (transaction !== undefined) executeTransaction(state, transaction, true);
  }
  state.applied = upTo;
}

// --- Clients --------------------------------------------------------------------------------------------------------

export function onRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  const reads = request.action.kind === 'read', leads = state.role === 'leading';
  const mayRead = config.readPath === 'any-local' || (config.readPath === 'leader-local' && leads);
  if (reads && mayRead && state.phase === 'broadcast') return context.reply(request, 'ok', readValue(state.values, request.action.key));
  if (leads && state.phase === 'broadcast') return propose(step, request);
  if (leads) return context.discard('it does not lead yet');
  if (state.leader === undefined) return context.discard('it knows no leader');
  context.redirect(request, state.leader);
}
