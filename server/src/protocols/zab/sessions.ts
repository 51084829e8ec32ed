/**
 * Clients at their servers (Hunt et al. 2010, section 4.4): changes go through the leader, reads are answered from the server's
 * own copy, and a session that nobody has heard of for its timeout is closed by the leader, in a transaction.
 *
 * Reads are therefore not linearizable: they may be old, but never older than what the client has seen. `sync` makes the
 * server catch up with the leader it follows; a leader that is one no more answers it all the same, as in ZooKeeper, so that
 * a sync and a read through it can still be old. `sync quorum` takes that away, for the price of a transaction.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { sessionText } from '../../model/sessions.ts';
import { advance, broadcast } from './broadcast.ts';
import { about, lastCounter, say, type CallMessage, type Of, type Step, type ToClient, type Transaction } from './state.ts';
import { addWatch, forgetWatches, takeOverWatches, tellWatchers, watchOf } from './watches.ts';
import { applyCall, look } from './znodes.ts';

/** Ends every connection: a server that has no leader serves nobody. Sessions are no state of one server, and go on. */
export function forgetConnections({ state }: Step): void {
  state.connections = PersistentMap.empty();
  state.opening = PersistentMap.empty();
  state.watches = PersistentMap.empty();
  state.flushes = [];
}

// --- What clients say -----------------------------------------------------------------------------------------------

/** What a server tells a client: under no epoch, and with how far it is itself. */
function tell(step: Step, client: ProcessId, op: number, content: string, message: ToClient): void {
  say(step, client, { epoch: -1, slot: -1, op, content, seen: step.state.applied, ...message });
}

export function onConnect(step: Step, client: ProcessId, message: Of<'connect'>): void {
  const { config, context, state } = step, { session, seen } = message;
  if (state.phase !== 'broadcast') return context.discard('it has no leader, and serves nobody');
  // "The client will not connect to a server whose view is older": else its reads would go back.
  if (seen > state.applied && !config.reconnectAnywhere) return tell(step, client, -1, `it is at ${state.applied}`, { type: 'refused' });
  if (session === 0) {
    state.opening = state.opening.set(client, true);
    return propose(step, { op: -1, session: 0, sequence: client, content: `open session of ${message.name}`, action: { kind: 'session', key: '', call: { kind: 'open' } } });
  }
  if (!state.tree.sessions.has(session)) return tell(step, client, -1, `session ${session}`, { type: 'expired', session });
  forgetWatches(step, session);
  connect(step, client, session);
  touchSession(step, session);
  takeOverWatches(step, session, message.watches, seen);
}

function connect(step: Step, client: ProcessId, session: number): void {
  const { state } = step;
  state.connections = state.connections.set(session, client);
  tell(step, client, -1, `session ${session}`, { type: 'connected', session });
}

/** A client lives, or a follower says that one does. */
export function onTouch(step: Step, from: ProcessId, message: Of<'touch'>): void {
  const { context, state } = step, { session } = message;
  if (from < context.nodeCount) return state.role === 'leading' ? touchSession(step, session) : context.discard('it does not lead');
  if (!isConnected(step, from, session)) return;
  touchSession(step, session);
  tell(step, from, -1, '', { type: 'touched' });
}

/** Whether a client's session is at this server; one that is over is told so. */
function isConnected(step: Step, client: ProcessId, session: number): boolean {
  const { context, state } = step;
  if (state.phase !== 'broadcast') context.discard('it has no leader, and serves nobody');
  else if (state.connections.get(session) === client) return true;
  else if (!state.tree.sessions.has(session)) tell(step, client, -1, `session ${session}`, { type: 'expired', session });
  else context.discard('the session is not at this server');
  return false;
}

export function onCall(step: Step, client: ProcessId, message: CallMessage): void {
  const { call, session, xid, op, type } = message;
  if (!isConnected(step, client, session)) return;
  touchSession(step, session);
  if (call.kind === 'get' || call.kind === 'list' || call.kind === 'check') return answerLook(step, client, message);
  if (call.kind === 'sync' && !step.config.syncByQuorum) return flush(step, session, xid, op);
  const content = call.kind === 'close' ? `close session ${session}` : sessionText(type, call);
  propose(step, { op, session: -session, sequence: xid, content, action: { kind: 'session', key: 'path' in call ? call.path : '', call } });
}

function answerLook(step: Step, client: ProcessId, { call, session, xid, op }: CallMessage): void {
  if (call.kind !== 'get' && call.kind !== 'list' && call.kind !== 'check') return;
  const { outcome, value, made } = look(step.state.tree, call), watch = watchOf(call, outcome === 'ok');
  if (watch !== undefined) addWatch(step, session, watch);
  tell(step, client, op, value, { type: outcome, xid, value, made });
}

// --- Changes --------------------------------------------------------------------------------------------------------

/** A change: the leader proposes it, anybody else hands it on. */
function propose(step: Step, transaction: Omit<Transaction, 'epoch'>): void {
  const { state } = step;
  if (state.role !== 'leading') {
    const { op, content } = transaction;
    return say(step, state.leader!, { epoch: state.epoch, slot: -1, op, content, type: 'forward', transaction });
  }
  broadcast(step, transaction);
  advance(step);
}

export function onForward(step: Step, message: Of<'forward'>): void {
  const { context, state } = step;
  if (state.role !== 'leading' || state.phase !== 'broadcast' || message.epoch !== state.epoch) return context.discard('it does not lead that epoch');
  propose(step, message.transaction);
}

/** A transaction of a session is delivered: events first, then the answer, so that nobody sees the new before hearing of it. */
export function deliverCall(step: Step, counter: number, transaction: Transaction): void {
  const { config, context, state } = step, { action, op, content, sequence } = transaction;
  if (action.kind !== 'session') return;
  const session = -transaction.session, { tree, outcome, value, changes } = applyCall(state.tree, action.call, callerOf(transaction, counter));
  state.tree = tree;
  context.emit('apply', { epoch: state.epoch, slot: counter, op, text: content });
  for (const change of changes) tellWatchers(step, change, op);
  if (action.call.kind === 'open') {
    if (state.role === 'leading') context.setTimer('session', config.sessionTimeoutUs, counter);
    if (!state.opening.has(sequence)) return;
    state.opening = state.opening.delete(sequence);
    return connect(step, sequence, counter);
  }
  const client = state.connections.get(session);
  if (client !== undefined && sequence >= 0) tell(step, client, op, value, { type: outcome, xid: sequence, value, made: counter });
  if (action.call.kind === 'close') closeSession(step, session, sequence >= 0);
}

export function callerOf({ session, sequence }: Transaction, zxid: number): { session: number; client: ProcessId; zxid: number } {
  return { session: -session, client: sequence, zxid };
}

function closeSession(step: Step, session: number, asked: boolean): void {
  const { context, state } = step, client = state.connections.get(session);
  context.clearTimer('session', session);
  forgetWatches(step, session);
  if (client === undefined) return;
  state.connections = state.connections.delete(session);
  if (!asked) tell(step, client, -1, `session ${session}`, { type: 'expired', session });
}

// --- Sync -----------------------------------------------------------------------------------------------------------

/** The server answers when it has delivered all that the leader had proposed when it was asked. */
function flush(step: Step, session: number, xid: number, op: number): void {
  const { state } = step;
  if (state.role === 'leading') return flushed(step, { session, xid, op, upTo: lastCounter(state.disk.history) });
  say(step, state.leader!, { epoch: state.epoch, slot: -1, op, content: '', type: 'flush', session, xid });
}

export function onFlush(step: Step, from: ProcessId, { epoch, session, xid, op }: Of<'flush'>): void {
  const { context, state } = step;
  if (state.role !== 'leading' || state.phase !== 'broadcast' || epoch !== state.epoch) return context.discard('it does not lead that epoch');
  say(step, from, { ...about(step, lastCounter(state.disk.history)), op, type: 'flushed', session, xid });
}

export function onFlushed(step: Step, from: ProcessId, { epoch, slot, session, xid, op }: Of<'flushed'>): void {
  const { context, state } = step;
  if (state.leader !== from || state.epoch !== epoch) return context.discard('it does not follow that leader in that epoch');
  flushed(step, { session, xid, op, upTo: slot });
}

export interface Flush {
  readonly session: number;
  readonly xid: number;
  readonly op: number;
  readonly upTo: number;
}

function flushed(step: Step, flushOf: Flush): void {
  step.state.flushes = [...step.state.flushes, flushOf];
  answerFlushes(step);
}

/** To be called whenever something was delivered. */
export function answerFlushes(step: Step): void {
  const { state } = step;
  if (state.flushes.length === 0) return;
  const due = state.flushes.filter(({ upTo }) => upTo <= state.applied);
  state.flushes = state.flushes.filter(({ upTo }) => upTo > state.applied);
  for (const { session, xid, op } of due) {
    const client = state.connections.get(session);
    if (client !== undefined) tell(step, client, op, '', { type: 'ok', xid, value: '', made: -1 });
  }
}

// --- Timeouts -------------------------------------------------------------------------------------------------------

/** The leader counts the time; whoever else hears a client tells it. */
function touchSession(step: Step, session: number): void {
  const { config, context, state } = step;
  if (state.role !== 'leading') say(step, state.leader!, { epoch: -1, slot: -1, op: -1, content: `session ${session}`, type: 'touch', session });
  else if (state.tree.sessions.has(session)) context.setTimer('session', config.sessionTimeoutUs, session);
}

/** A new leader gives every session its whole timeout again: it does not know who was heard of last. */
export function watchSessions({ config, context, state }: Step): void {
  for (const session of state.tree.sessions.keys()) context.setTimer('session', config.sessionTimeoutUs, session);
}

export function onSessionTimer(step: Step, session: number): void {
  const { state } = step;
  if (state.role !== 'leading' || state.phase !== 'broadcast' || !state.tree.sessions.has(session)) return;
  propose(step, { op: -1, session: -session, sequence: -1, content: `close session ${session}`, action: { kind: 'session', key: '', call: { kind: 'close' } } });
}
