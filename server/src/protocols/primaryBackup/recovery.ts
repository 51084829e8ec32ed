/** Catching up: a follower with its leader, a new leader with its voters, a restarted node with its disk. */
import type { ProcessId } from '../../model/scenario.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import { executeEntry } from './batch.ts';
import { commitWhenEchoed } from './hardening.ts';
import { about, inEvents, inOrder, lastEpoch, lastSlot, persistEntry, sameEntry, sendTo, setEntry, type Ballot, type Config, type Entry, type Log, type Of, type PbState, type Step } from './state.ts';
import type { Result } from '../keyValue.ts';

/** It does not ask twice within this time: the answer is likely on its way. */
export const ASK_AGAIN_US = 45_000;

export function requestCatchUp(step: Step, leader: ProcessId): void {
  const { context, state } = step;
  if (context.nowUs - state.askedUs < ASK_AGAIN_US) return;
  state.askedUs = context.nowUs;
  sendTo(step, leader, { ...about(step, state.applied), type: 'catch-up' });
}

export function onCatchUp(step: Step, from: ProcessId): void {
  const { context, state } = step;
  if (state.role !== 'leader') return context.discard('it does not lead');
  sendTo(step, from, { ...about(step, -1), type: 'state', standing: 'unknown', log: state.disk.log, committed: state.applied });
}

/** A leader's log arrives, by `lead` or by `state`. */
export function onLeaderLog(step: Step, message: Of<'lead'> | Of<'state'>): void {
  if (message.log === undefined) return;
  if (step.config.catchUp === 'none') fillHoles(step, message.log, message.committed, message.epoch);
  else replaceLog(step, message.log, message.committed, message.epoch);
  step.state.synced = message.epoch;
  step.state.toldUpTo = message.committed;
  // Whatever a majority held is in its leader's log.
  if (step.state.disk.unreadable !== undefined) repaired(step);
}

function repaired(step: Step): void {
  step.state.disk = { ...step.state.disk, unreadable: undefined };
  step.context.persist(step.state.disk.promised, -1, -1, '');
}

/** Without catch-up nothing that a node has is taken from it; it only learns what it lacks. */
function fillHoles(step: Step, log: Log, committed: number, epoch: number): void {
  for (const [slot, entry] of log) {
    const known = step.state.disk.log.get(slot);
    if (known === undefined) acceptEntry(step, slot, { ...entry, status: 'accepted' }, epoch);
    else if (!sameEntry(known, entry) || known.status === 'committed') continue;
    if (slot <= committed && entry.status === 'committed') commitWhenEchoed(step, slot, entry, epoch);
  }
}

/**
 * Makes this log the leader's: what differs goes, what is missing comes, what is committed there is committed here. What it
 * lacks stays where it is of the same epoch: a leader only adds to its log, so the message is older than the entry (as in Raft §5.3).
 */
export function replaceLog(step: Step, log: Log, committed: number, epoch: number): void {
  const { state } = step;
  const mine = state.disk.log;
  const conflict = [...mine].find(([slot, entry]) => { const theirs = log.get(slot); return theirs === undefined ? entry.epoch !== epoch : !sameEntry(entry, theirs); })?.[0];
  if (conflict !== undefined) truncate(step, conflict);
  for (const [slot, entry] of log) {
    const known = state.disk.log.get(slot);
    if (known === undefined || (known.status !== 'committed' && known.epoch !== entry.epoch)) {
      acceptEntry(step, slot, { ...entry, status: entry.status === 'aborted' ? 'aborted' : 'accepted' }, epoch);
    }
    if (slot <= committed && state.disk.log.get(slot)!.status === 'accepted') commitWhenEchoed(step, slot, entry, epoch);
  }
}

function acceptEntry(step: Step, slot: number, entry: Entry, epoch: number): void {
  setEntry(step, slot, entry);
  step.context.emit('accept', { epoch, slot, ...inEvents(entry) });
  persistEntry(step, slot, entry);
}

function truncate(step: Step, slot: number): void {
  const { context, state } = step;
  state.disk = { ...state.disk, log: state.disk.log.before(slot) };
  state.awaited = state.awaited.before(slot);
  context.emit('truncate', { epoch: state.epoch, slot });
  if (slot <= state.applied) replay(step.config, state);
}

/**
 * Values, results and the applied slot as the log gives them: its committed prefix, or, where commits are taken as they come,
 * all that is committed, holes or not.
 */
export function replay(config: Config, state: PbState): void {
  const replayed = { values: PersistentMap.empty<string, string>(), results: PersistentMap.empty<number, Result>() };
  let applied = 0;
  for (const [slot, entry] of state.disk.log) {
    const settled = entry.status === 'committed' || entry.status === 'aborted';
    if (inOrder(config) && (entry.previous > applied || !settled)) break;
    if (settled) applied = slot;
    if (entry.status === 'committed') executeEntry(replayed, entry, true);
  }
  state.values = replayed.values;
  state.results = replayed.results;
  state.applied = applied;
}

/**
 * pull-highest: the log with the highest last {epoch, slot} among the voters holds everything that a majority has
 * accepted, since any two majorities share a node (Paxos phase 1, VR's DoViewChange, Zab's ACK-E).
 */
export function adoptHighest(step: Step, ballots: PersistentMap<ProcessId, Ballot>, epoch: number): void {
  const { state } = step;
  let best: Log = state.disk.log, committed = state.applied;
  for (const ballot of ballots.values()) {
    committed = Math.max(committed, ballot.committed);
    if (ballot.log !== undefined && isHigher(ballot.log, best)) best = ballot.log;
  }
  replaceLog(step, best, committed, epoch);
}

const isHigher = (a: Log, b: Log): boolean => lastEpoch(a) > lastEpoch(b) || (lastEpoch(a) === lastEpoch(b) && lastSlot(a) > lastSlot(b));
