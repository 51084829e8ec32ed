/**
 * Log compaction (§7; thesis 5): a server that has applied enough puts its state on disk in place of the entries that led to it,
 * and a leader sends that state to a follower that lacks entries which the leader no longer has.
 *
 * The log keeps the last entry that its snapshot covers, for its index and term: what comes after it is checked against it
 * (etcd's storage does the same).
 */
import type { ProcessId } from '../../model/scenario.ts';
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import { execute, requestKey, type Result, type Values } from '../keyValue.ts';
import { adopting, readAllConfigurations } from './configuration.ts';
import { follow } from './election.ts';
import { answerTo, question } from './leases.ts';
import { EXECUTED_BEFORE, refuse } from './replication.ts';
import { about, answer, lastIndex, save, store, termAt, type Config, type Entry, type Log, type Of, type RaftState, type Snapshot, type Step } from './state.ts';

/** §7: "discard all log entries up through" what has been applied, if there are enough of them since the last time. */
export function compact(step: Step): void {
  const { config, state } = step;
  const { log, snapshot } = state.disk, upTo = state.lastApplied;
  if (config.snapshotEvery === undefined || upTo - snapshot.lastIndex < config.snapshotEvery) return;
  let covered = snapshot.covered;
  for (const [index, entry] of log.before(upTo + 1)) covered = covered.set(index, entry);
  // The client table is part of the state (§8): a server that starts from a snapshot must know what has been executed.
  const results = config.snapshotSessions ? state.results : PersistentMap.empty<number, Result>();
  const configuration = state.configurations.findLast(({ index }) => index > 0 && index <= upTo);
  state.disk = { ...state.disk, log: log.after(upTo - 1), snapshot: { lastIndex: upTo, lastTerm: termAt(log, upTo), values: state.values, results, configuration, covered } };
  step.unsaved = true;
}

/** Whether a follower needs the snapshot: the entry before those that it lacks is gone. */
export function needsSnapshot({ disk }: RaftState, prevLogIndex: number): boolean { return prevLogIndex < disk.snapshot.lastIndex; }

/** "Send InstallSnapshot RPC if the leader has already discarded the next log entry that it needs to send." */
export function sendSnapshot(step: Step, node: ProcessId): void {
  const { context, config, state } = step;
  const { snapshot } = state.disk;
  if (!config.fsyncLate) save(step);
  state.sentIndex = state.sentIndex.set(node, snapshot.lastIndex);
  context.send(node, { ...about(step, -1, undefined, `up to ${snapshot.lastIndex}`), type: 'install-snapshot', snapshot, round: state.round, ...question(step) });
}

/** Figure 13, "InstallSnapshot RPC"; answered like an AppendEntries (as in etcd). */
export function onInstallSnapshot(step: Step, from: ProcessId, message: Of<'install-snapshot'>): void {
  const { config, context, state } = step;
  const { lastIndex: index } = message.snapshot;
  // 1. "Reply immediately if term < currentTerm."
  if (message.epoch < state.disk.currentTerm && !config.obeyStaleTerms) {
    context.discard(`older than term ${state.disk.currentTerm}`);
    return refuse(step, from, message.round, index + 1, 'stale term');
  }
  if (state.role === 'leader') return context.discard('it leads itself');
  follow(step, from, message.epoch);
  // It came late, or twice: what it covers is applied here, and what follows that may be committed.
  if (index <= state.commitIndex && !config.snapshotAlways) context.discard(`it has committed up to ${state.commitIndex}`);
  else adopting(step, () => { install(step, message.snapshot, message.epoch); });
  answer(step, from, { ...about(step), epoch: message.epoch, type: 'append-reply', success: true, matchIndex: index, conflictIndex: 0, round: message.round, ...answerTo(message) });
}

/** What replaces a server's log and state. */
function install(step: Step, snapshot: Snapshot, term: number): void {
  const { config, context, state } = step;
  const { log } = state.disk, index = snapshot.lastIndex, kept = Math.min(state.lastApplied, index);
  // 6. "If existing log entry has same index and term as snapshot's last included entry, retain log entries following it."
  const follows = termAt(log, index) === snapshot.lastTerm && !config.snapshotAlways;
  // 7. "Discard the entire log": what was applied here is in the snapshot.
  if (!follows && lastIndex(log) > kept) context.emit('truncate', { epoch: state.disk.currentTerm, slot: kept + 1 });
  const rest: Log = follows ? log.after(index) : PersistentMap.empty();
  state.disk = { ...state.disk, log: rest.set(index, snapshot.covered.get(index)!), snapshot };
  readAllConfigurations(step);
  step.unsaved = true;
  for (const [slot, entry, detail] of applications(config, snapshot)) {
    if (slot <= kept) continue;
    const fields = { epoch: term, slot, op: entry.op, text: entry.content };
    if (!follows || !log.has(slot)) {
      context.emit('accept', fields);
      store(step, slot);
    }
    context.emit('commit', fields);
    context.emit('apply', { ...fields, ...detail });
  }
  load(step, snapshot, term);
}

/** A server that restarts begins with its snapshot. */
export function loadAtRestart(step: Step): void {
  const { config, context, state } = step;
  const { snapshot, currentTerm } = state.disk;
  if (snapshot.lastIndex === 0) return;
  for (const [slot, entry, detail] of applications(config, snapshot)) context.emit('apply', { epoch: currentTerm, slot, op: entry.op, text: entry.content, ...detail });
  load(step, snapshot, currentTerm);
}

/** 8. "Reset state machine using snapshot contents." */
function load({ context, state }: Step, { lastIndex: index, values, results }: Snapshot, term: number): void {
  state.values = values;
  state.results = results;
  state.lastApplied = index;
  state.commitIndex = index;
  context.emit('commitIndex', { epoch: term, slot: index });
}

/** What the snapshot is the sum of, for those who watch: its entries, and whether each had an effect. */
function* applications(config: Config, { covered }: Snapshot): Generator<readonly [slot: number, entry: Entry, detail: { detail?: string }]> {
  const executed = new Set<number>();
  for (const [slot, entry] of covered) {
    const key = requestKey(entry), again = config.sessions && entry.action !== undefined && executed.has(key);
    executed.add(key);
    yield [slot, entry, again ? { detail: EXECUTED_BEFORE } : {}];
  }
}

// --- Damage (`corrupt`) ---------------------------------------------------------------------------------------------

export function damagedEntry(entry: Entry): Entry {
  const { action } = entry;
  const changed = action?.kind === 'write' || action?.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
  return { ...entry, action: changed, content: damaged(entry.content) };
}

/** Its last entry is another, and the values are as they would then be. */
export function damagedSnapshot(snapshot: Snapshot): Snapshot {
  const { lastIndex: index, covered } = snapshot;
  const entries = covered.set(index, damagedEntry(covered.get(index)!));
  let values: Values = PersistentMap.empty();
  for (const { action } of entries.values()) if (action !== undefined) ({ values } = execute(values, action));
  return { ...snapshot, values, covered: entries };
}
