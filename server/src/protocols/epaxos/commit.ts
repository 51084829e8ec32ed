/** The commit phase of Figure 2: an instance is decided, and everybody learns of it. */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { requestKey, type Result } from '../keyValue.ts';
import { executeReady } from './execution.ts';
import { propose } from './phases.ts';
import {
  about, eventOf, hearOf, instanceAt, isOnItsWay, maySayAgain, othersOf, PEER, persistInstance, RETRY_US, setInstance,
  type EpState, type Instance, type Of, type Proposal, type Step,
} from './state.ts';

/** What a client is to hear once the decision is on disk. */
export interface Answer {
  readonly request: Request;
  readonly result: Result;
}

/** The leader of the round commits, and tells everybody. */
export function commitLed(step: Step, slot: number, ballot: number, proposal: Proposal): void {
  decide(step, slot, ballot, proposal);
  for (const peer of othersOf(step.context)) {
    sendCommit(step, peer, slot);
    owe(step, peer, slot);
  }
}

/**
 * Acknowledged, so that it can be sent again to a replica that was away (a deviation: see epaxos.ts). Who was leading the
 * instance itself tells everybody it has asked.
 */
export function onCommit(step: Step, from: ProcessId, message: Of<'commit'>): void {
  const { context, state } = step, { slot, epoch } = message;
  hearOf(step, slot);
  if (instanceAt(step, slot).status === 'committed') {
    if (isOnItsWay(step)) return;
    context.discard('the instance is committed');
  } else if (state.leading.has(slot)) commitLed(step, slot, epoch, message);
  else decide(step, slot, epoch, message);
  context.send(from, { ...about(step, slot, epoch), type: 'commit-ok' });
}

/**
 * Decided, and acted upon when that is on disk: an owner that had committed on the fast path and forgot it would tell a
 * recovery that it had not, and be believed.
 */
function decide(step: Step, slot: number, ballot: number, { command, seq, deps }: Proposal): void {
  const { context, state } = step;
  setInstance(step, slot, { command, seq, deps, status: 'committed', bal: Math.max(ballot, instanceAt(step, slot).bal), vbal: ballot });
  for (const timer of ['retry', 'recover']) context.clearTimer(timer, slot);
  state.leading = state.leading.delete(slot);
  state.attempts = state.attempts.delete(slot);
  // It cannot be executed before these are committed too.
  for (const dep of deps) hearOf(step, dep);
  persistInstance(step, slot);
  if (context.whenOnDisk('committed', slot)) state.writing = state.writing.set(slot, true);
  else onCommitted(step, slot);
}

/** The commit is on disk: what has become ready is executed, and clients are answered. */
export function onCommitted(step: Step, slot: number): void {
  const { context, state } = step, instance = instanceAt(step, slot);
  state.writing = state.writing.delete(slot);
  context.emit('commit', eventOf(step, slot, instance));
  const answers = [...atCommit(step, instance), ...executeReady(step, slot)];
  for (const { request, result } of answers) context.reply(request, result.outcome, result.value);
  if (instance.command === undefined) proposeAgain(step);
}

/** What returns no value need not wait for its execution to be answered (the paper answers such commands at their commit). */
function atCommit({ config, state }: Step, { command }: Instance): readonly Answer[] {
  if (config.replyAt !== 'commit' || command === undefined || !['write', 'delete', 'append'].includes(command.action.kind)) return [];
  const request = state.waiting.get(requestKey(command));
  if (request === undefined) return [];
  state.waiting = state.waiting.delete(requestKey(command));
  return [{ request, result: { outcome: 'ok', value: '' } }];
}

/** A no-op took the place of a command that nobody had heard: it is in no other instance, and its client still waits. */
function proposeAgain(step: Step): void {
  for (const [key, { op, session, sequence, action }] of step.state.waiting) {
    if (instanceOf(step, key) === undefined) propose(step, { op, session, sequence, action });
  }
}

/** An instance with the command of a request. */
export function instanceOf({ state }: Step, key: number): number | undefined {
  for (const [slot, { command }] of state.disk.instances) if (command !== undefined && requestKey(command) === key) return slot;
  return undefined;
}

// --- Telling a commit until everybody knows it -----------------------------------------------------------------------

export function sendCommit(step: Step, to: ProcessId, slot: number): void {
  const { command, seq, deps, vbal } = instanceAt(step, slot);
  step.context.send(to, { ...about(step, slot, vbal, { command, seq, deps }), type: 'commit', command, seq, deps });
}

/** Slots in the order in which they are sent again. */
function owedTo({ unacknowledged }: EpState, peer: ProcessId): readonly number[] {
  return [...unacknowledged.after(peer * PEER).before((peer + 1) * PEER).keys()].map((key) => key - peer * PEER);
}

export function owe({ context, state }: Step, peer: ProcessId, slot: number): void {
  if (owedTo(state, peer).length === 0) context.setTimer('commit', RETRY_US, peer);
  state.unacknowledged = state.unacknowledged.set(peer * PEER + slot, true);
}

/** A peer has said nothing for a while: the oldest commit is sent again, alone, since it may be away for long. */
export function onCommitTimer(step: Step, peer: ProcessId): void {
  const { context, state } = step;
  const [oldest] = owedTo(state, peer);
  if (oldest === undefined) return;
  if (maySayAgain(step)) {
    state.stalled = state.stalled.set(peer, true);
    sendCommit(step, peer, oldest);
  }
  context.setTimer('commit', RETRY_US, peer);
}

/** It is back: it gets the rest at once. */
export function onCommitOk(step: Step, from: ProcessId, message: Of<'commit-ok'>): void {
  const { context, state } = step, key = from * PEER + message.slot;
  if (!state.unacknowledged.has(key)) return context.discard('it has this acknowledgement already');
  state.unacknowledged = state.unacknowledged.delete(key);
  const owed = owedTo(state, from);
  if (state.stalled.has(from) && maySayAgain(step)) {
    for (const slot of owed) sendCommit(step, from, slot);
    state.stalled = state.stalled.delete(from);
  }
  if (owed.length === 0) context.clearTimer('commit', from);
  else context.setTimer('commit', RETRY_US, from);
}
