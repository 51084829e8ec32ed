/** Log replication (§5.3), the commit rule (§5.4.2), and clients (§8). */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { answerRepeated } from '../answers.ts';
import { entryText, execute, requestKey } from '../keyValue.ts';
import { adopting, readConfigurations } from './configuration.ts';
import { follow } from './election.ts';
import { afterCommit, heldByQuorum, isQuorum, proceed } from './membership.ts';
import { answerTo, onAnswer, question } from './leases.ts';
import { answerReads } from './reads.ts';
import { compact, needsSnapshot, sendSnapshot } from './snapshots.ts';
import { tellIfReady } from './transfer.ts';
import { about, answer, append, HEARTBEAT_US, lastIndex, save, termAt, type Disk, type Entry, type Log, type Of, type RaftState, type Step } from './state.ts';

// --- The leader -----------------------------------------------------------------------------------------------------

/** "If command received from client: append entry to local log, respond after entry applied to state machine." */
export function onCommand(step: Step, request: Request): void {
  const { config, context, state } = step;
  if (state.transferee !== undefined) return context.discard('it hands its leadership over');
  if (config.sessions && answerRepeated(step.context, state, request, state.disk.log.after(state.lastApplied))) return;
  const { op, session, sequence, action } = request;
  const index = appendOwn(step, { term: state.disk.currentTerm, action, content: entryText(action), op, session, sequence });
  state.waiting = state.waiting.set(index, [request]);
  broadcast(step);
}

/** §8: a leader "needs to have up-to-date information on which entries are committed", and the first entry of its term tells it. */
export function appendNoOp(step: Step): void {
  appendOwn(step, { term: step.state.disk.currentTerm, action: undefined, content: 'no-op', op: -1, session: -1, sequence: -1 });
}

/** A leader never overwrites or deletes entries of its log; it only appends (leader append-only). */
export function appendOwn(step: Step, entry: Entry): number {
  const index = lastIndex(step.state.disk.log) + 1;
  append(step, index, entry, entry.term);
  return index;
}

/** To every follower, what it lacks as far as the leader knows; a heartbeat where that is nothing. */
export function broadcast(step: Step): void {
  for (const node of step.state.nextIndex.keys()) sendEntries(step, node);
  // Where one server is a quorum, nobody's answer will say that the entries are committed.
  if (isQuorum(step, [step.context.self], 'commit')) advanceCommitIndex(step);
}

export function onHeartbeatTimer(step: Step): void {
  if (step.state.role !== 'leader') return;
  step.context.setTimer('heartbeat', HEARTBEAT_US);
  broadcast(step);
}

/** "If last log index ≥ nextIndex for a follower: send AppendEntries RPC with log entries starting at nextIndex." */
export function sendEntries(step: Step, node: ProcessId): void {
  const { context, config, state } = step;
  const { log } = state.disk, prevLogIndex = state.nextIndex.get(node)! - 1;
  if (needsSnapshot(state, prevLogIndex)) return sendSnapshot(step, node);
  const entries = entriesAfter(log, prevLogIndex), last = entries.at(-1), index = prevLogIndex + entries.length;
  if (last !== undefined && !config.fsyncLate) save(step);
  state.sentIndex = state.sentIndex.set(node, Math.max(state.sentIndex.get(node)!, index));
  context.send(node, {
    ...about(step, last === undefined ? -1 : index, last), type: 'append-entries',
    prevLogIndex, prevLogTerm: termAt(log, prevLogIndex), entries, leaderCommit: state.commitIndex, round: state.round, ...question(step),
  });
}

/**
 * The entries of one message are all of one term. (The paper leaves it open how many are sent together; were they always all
 * sent, no follower could hold an entry of an old term without the new leader's own, and Figure 8 (c) could not happen.)
 */
function entriesAfter(log: Log, prevLogIndex: number): readonly Entry[] {
  const entries: Entry[] = [];
  for (let index = prevLogIndex + 1; ; index++) {
    const entry = log.get(index);
    if (entry === undefined || (entries.length > 0 && entry.term !== entries[0]!.term)) return entries;
    entries.push(entry);
  }
}

export function onAppendReply(step: Step, from: ProcessId, message: Of<'append-reply'>): void {
  const { context, state } = step;
  if (message.epoch < state.disk.currentTerm) return context.discard(`an answer of term ${message.epoch}`);
  if (state.role !== 'leader') return context.discard('it does not lead');
  if (!state.nextIndex.has(from)) return context.discard('its sender is a member no longer');
  state.heardFrom = state.heardFrom.set(from, true);
  state.answered = state.answered.set(from, Math.max(state.answered.get(from) ?? 0, message.round));
  onAnswer(step, from, message);
  if (message.success) onSuccess(step, from, message.matchIndex);
  else retreat(step, from, message.conflictIndex);
  answerReads(step);
}

/** "If successful: update nextIndex and matchIndex for follower." An answer that comes late takes nothing back. */
function onSuccess(step: Step, from: ProcessId, matchIndex: number): void {
  const { state } = step;
  if (matchIndex > state.matchIndex.get(from)!) state.matchIndex = state.matchIndex.set(from, matchIndex);
  if (matchIndex >= state.nextIndex.get(from)!) state.nextIndex = state.nextIndex.set(from, matchIndex + 1);
  advanceCommitIndex(step);
  proceed(step);
  if (lastIndex(state.disk.log) > (state.sentIndex.get(from) ?? Infinity)) sendEntries(step, from);
  tellIfReady(step, from);
}

/** "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry." */
function retreat(step: Step, from: ProcessId, conflictIndex: number): void {
  const { state } = step;
  const next = Math.max(1, Math.min(conflictIndex, state.nextIndex.get(from)! - 1));
  state.nextIndex = state.nextIndex.set(from, next);
  state.sentIndex = state.sentIndex.set(from, next - 1);
  sendEntries(step, from);
}

/**
 * "If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == currentTerm: set
 * commitIndex = N." The last condition is §5.4.2: an entry of an older term that is on a majority may yet be overwritten by a
 * leader whose last entry is of a later term; an entry of this term on a majority keeps such a leader from being elected.
 */
export function advanceCommitIndex(step: Step): void {
  const { config, state } = step;
  const { log, currentTerm } = state.disk;
  const n = heldByQuorum(step);
  if (n <= state.commitIndex) return;
  if (!config.commitOldTerms && termAt(log, n) !== currentTerm) return;
  commitUpTo(step, n, currentTerm);
}

// --- The followers --------------------------------------------------------------------------------------------------

export function onAppendEntries(step: Step, from: ProcessId, message: Of<'append-entries'>): void {
  const { config, context, state } = step;
  // 1. "Reply false if term < currentTerm": its sender has been replaced.
  if (message.epoch < state.disk.currentTerm && !config.obeyStaleTerms) {
    context.discard(`older than term ${state.disk.currentTerm}`);
    return refuse(step, from, message.round, message.prevLogIndex + 1, 'stale term');
  }
  if (state.role === 'leader') return context.discard('it leads itself');
  follow(step, from, message.epoch);
  // 2. "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm." By induction, logs that
  // agree there agree in everything before (log matching).
  const conflictIndex = config.consistencyCheck ? conflictBefore(state.disk, message) : undefined;
  if (conflictIndex !== undefined) {
    context.discard(`it has no entry ${message.prevLogIndex} of term ${message.prevLogTerm}`);
    return refuse(step, from, message.round, conflictIndex, 'mismatch');
  }
  const lastNew = message.prevLogIndex + message.entries.length;
  takeOver(step, message);
  // 5. "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)." What lies beyond that
  // entry in this log may be of another leader.
  commitUpTo(step, Math.min(message.leaderCommit, config.commitBound === 'own-log' ? lastIndex(state.disk.log) : lastNew), message.epoch);
  const last = message.entries.at(-1);
  answer(step, from, {
    ...about(step, last === undefined ? -1 : lastNew, last), epoch: message.epoch, type: 'append-reply', success: true, matchIndex: lastNew, conflictIndex: 0, round: message.round, ...answerTo(message),
  });
}

export function refuse(step: Step, leader: ProcessId, round: number, conflictIndex: number, reason: string): void {
  answer(step, leader, { ...about(step, -1, undefined, reason), type: 'append-reply', success: false, matchIndex: 0, conflictIndex, round });
}

/** undefined: the logs agree at prevLogIndex, as they do wherever the snapshot covers it. Else the end of this log, or the first entry of the term that conflicts (§5.3). */
function conflictBefore({ log, snapshot }: Disk, { prevLogIndex, prevLogTerm }: Of<'append-entries'>): number | undefined {
  if (prevLogIndex < snapshot.lastIndex || prevLogIndex === 0 || termAt(log, prevLogIndex) === prevLogTerm) return undefined;
  if (!log.has(prevLogIndex)) return Math.min(prevLogIndex, lastIndex(log) + 1);
  let first = prevLogIndex;
  while (first > 1 && termAt(log, first - 1) === termAt(log, prevLogIndex)) first--;
  return first;
}

/**
 * 3. "If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and all that
 * follow it." 4. "Append any new entries not already in the log." Only a conflict deletes: the message may be an old one,
 * and what follows its entries may be committed.
 */
function takeOver(step: Step, { prevLogIndex, entries, epoch }: Of<'append-entries'>): void {
  const { config, state } = step;
  const { lastIndex: covered } = state.disk.snapshot;
  if (config.truncateAlways && entries.length > 0) truncate(step, Math.max(covered, prevLogIndex + entries.length) + 1);
  entries.forEach((entry, offset) => {
    const index = prevLogIndex + 1 + offset, known = state.disk.log.get(index);
    if (index <= covered || (known !== undefined && known.term === entry.term)) return;
    if (known !== undefined) truncate(step, index);
    append(step, index, entry, epoch);
  });
}

/** Drops the entries from `index` on. Where a mistake lets it reach what was applied, that is undone. */
function truncate(step: Step, index: number): void {
  const { context, state } = step;
  if (lastIndex(state.disk.log) < index) return;
  adopting(step, () => {
    state.disk = { ...state.disk, log: state.disk.log.before(index) };
    readConfigurations(step, index);
  });
  step.unsaved = true;
  context.emit('truncate', { epoch: state.disk.currentTerm, slot: index });
  state.commitIndex = Math.min(state.commitIndex, index - 1);
  if (index <= state.lastApplied) replay(state, index - 1);
}

// --- The state machine ----------------------------------------------------------------------------------------------

/** The commit index only grows; "if commitIndex > lastApplied: increment lastApplied, apply log[lastApplied]". */
function commitUpTo(step: Step, index: number, term: number): void {
  const { context, state } = step;
  if (index <= state.commitIndex) return;
  for (let slot = state.commitIndex + 1; slot <= index; slot++) {
    const entry = state.disk.log.get(slot);
    if (entry === undefined) continue;
    context.emit('commit', { epoch: term, slot, op: entry.op, text: entry.content });
  }
  adopting(step, () => { state.commitIndex = index; });
  context.emit('commitIndex', { epoch: term, slot: index });
  while (state.lastApplied < state.commitIndex) {
    const entry = state.disk.log.get(state.lastApplied + 1);
    if (entry === undefined) break;
    state.lastApplied++;
    applyEntry(step, state.lastApplied, entry, term);
  }
  compact(step);
  if (state.role === 'leader') answerReads(step);
  afterCommit(step);
}

/** What `apply` says of an entry whose request has been executed in an earlier one. */
export const EXECUTED_BEFORE = 'no effect: executed before';

function applyEntry(step: Step, index: number, entry: Entry, term: number): void {
  const { context, config, state } = step;
  const applied = executeEntry(state, entry, config.sessions);
  context.emit('apply', { epoch: term, slot: index, op: entry.op, text: entry.content, ...(applied ? {} : { detail: EXECUTED_BEFORE }) });
  const requests = state.waiting.get(index);
  if (requests === undefined || state.role !== 'leader') return;
  state.waiting = state.waiting.delete(index);
  const result = state.results.get(requestKey(entry))!;
  for (const request of requests) context.reply(request, result.outcome, result.value);
}

/** Executes an entry. false: with sessions, the same request has been executed in an earlier one. */
function executeEntry(state: RaftState, entry: Entry, sessions: boolean): boolean {
  if (entry.action === undefined) return true;
  const key = requestKey(entry);
  if (sessions && state.results.has(key)) return false;
  const { values, result } = execute(state.values, entry.action);
  state.values = values;
  state.results = state.results.set(key, result);
  return true;
}

/** Values and results as the snapshot and the entries after it give them. */
function replay(state: RaftState, upTo: number): void {
  const { snapshot } = state.disk;
  state.values = snapshot.values;
  state.results = snapshot.results;
  for (let index = snapshot.lastIndex + 1; index <= upTo; index++) {
    const entry = state.disk.log.get(index);
    if (entry !== undefined) executeEntry(state, entry, true);
  }
  state.lastApplied = upTo;
}
