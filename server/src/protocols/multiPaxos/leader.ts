/** The distinguished proposer: one phase 1 for all slots, then a phase 2 for each (Paxos Made Simple §3). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { ballotAfter } from '../ballots.ts';
import { entryText, readValue, requestKey } from '../keyValue.ts';
import { acceptHere } from './acceptor.ts';
import { boundUs, dropLease, mayReadAlone, onAnswer, question } from './leases.ts';
import { learn } from './learner.ts';
import { MAX_ROUND, NO_OP, persistPromise, persistVote, RETRY_US, sendToOthers, type Log, type MultiPaxosMessage, type Of, type Progress, type Step, type Value } from './state.ts';

// --- Becoming leader ------------------------------------------------------------------------------------------------

/** The failure detector fires: phase 1 for all slots that the node does not know to be chosen. */
export function suspect(step: Step): void {
  const { config, context, state } = step;
  if (state.role === 'leader') return;
  if (state.role === 'candidate') state.round = Math.min(state.round + 1, MAX_ROUND);
  context.emit('timeout');
  if (boundUs(step) > 0) return context.setTimer('suspect', boundUs(step));
  const ballot = ballotAfter(state.disk.promised, context.self, config.nodeCount);
  state.role = 'candidate';
  state.leader = undefined;
  state.ballot = ballot;
  state.disk = { ...state.disk, promised: ballot };
  context.emit('candidate', { epoch: ballot });
  context.emit('promise', { epoch: ballot, peer: context.self });
  context.emit('vote', { epoch: ballot, peer: context.self });
  persistPromise(step);
  const from = state.applied + 1;
  state.promises = PersistentMap.empty<ProcessId, Log>().set(context.self, state.disk.log.after(state.applied));
  sendToOthers(context, { type: 'prepare', epoch: ballot, slot: from, op: -1, content: '' });
  const { base, stagger } = config.roundUs[context.self]!;
  context.setTimer('suspect', base * (config.backoff ? 2 ** state.round : 1) + stagger);
  if (state.promises.size >= config.q1) lead(step);
}

export function onPromise(step: Step, from: ProcessId, message: Of<'promise'>): void {
  const { config, context, state } = step;
  if (state.role !== 'candidate' || message.epoch !== state.ballot) return context.discard('it does not stand in that ballot');
  state.promises = state.promises.set(from, message.votes);
  if (state.promises.size >= config.q1) lead(step);
}

/**
 * A quorum has promised. For every slot that one of them has accepted something in, the leader is bound to the value of the
 * highest ballot, as in single-decree Paxos. A slot below those in which nobody has accepted anything is free: it becomes a
 * no-op, so that what comes after it can be executed without waiting for another client.
 */
function lead(step: Step): void {
  const { config, context, state } = step;
  const votes: Log = config.adoptHighest ? highestVotes(state.promises) : PersistentMap.empty();
  // It begins to lead with everything that it learned: what is chosen is executed, what is bound its own acceptor takes first.
  for (const [slot, { chosen, value }] of votes) if (chosen) learn(step, slot, value, state.ballot);
  const bound = boundValues(step, votes);
  for (const [slot, value] of bound) acceptHere(step, slot, state.ballot, value, context.self);
  context.emit('leads', { epoch: state.ballot, a: state.promises.size, b: config.nodeCount });
  state.role = 'leader';
  state.leader = context.self;
  state.round = 0;
  state.nextSlot = Math.max(state.applied, votes.max() ?? 0) + 1;
  state.bound = state.nextSlot - 1;
  dropLease(step);
  state.promises = PersistentMap.empty();
  state.progress = PersistentMap.empty();
  state.queue = [];
  context.clearTimer('suspect');
  sendHeartbeats(step);
  for (const [slot, value] of bound) propose(step, slot, value, []);
}

/** By slot, the vote of the highest ballot; one that is known to be chosen is as good as any. */
function highestVotes(promises: PersistentMap<ProcessId, Log>): Log {
  let highest: Log = PersistentMap.empty();
  for (const votes of promises.values()) {
    for (const [slot, vote] of votes) {
      const known = highest.get(slot);
      if (known === undefined || (!known.chosen && (vote.chosen || vote.ballot > known.ballot))) highest = highest.set(slot, vote);
    }
  }
  return highest;
}

/** What the new leader must propose: slots that are chosen need no proposal, holes are filled where the knob says so. */
function boundValues({ config, state }: Step, votes: Log): readonly (readonly [slot: number, value: Value])[] {
  const bound: (readonly [number, Value])[] = [];
  for (let slot = state.applied + 1; slot <= (votes.max() ?? 0); slot++) {
    const vote = votes.get(slot);
    if (vote !== undefined && !vote.chosen) bound.push([slot, vote.value]);
    else if (vote === undefined && config.fillHoles && state.disk.log.get(slot)?.chosen !== true) bound.push([slot, NO_OP]);
  }
  return bound;
}

/** The leader is alive, and all slots up to `upTo` are chosen. */
export function sendHeartbeats(step: Step): void {
  const { config, context, state } = step;
  if (state.role !== 'leader') return;
  sendToOthers(context, { type: 'chosen', epoch: state.ballot, slot: -1, op: -1, content: '', upTo: state.applied, entries: undefined, ...question(step) });
  context.setTimer('heartbeat', config.commitTimeoutUs);
}

// --- Leading --------------------------------------------------------------------------------------------------------

export function onRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  if (state.role !== 'leader') {
    if (state.leader === undefined || state.leader === context.self) return context.discard('it knows no leader');
    return context.redirect(request, state.leader);
  }
  if (request.action.kind === 'read' && (config.readPath === 'leader-local' || mayReadAlone(step))) return context.reply(request, 'ok', readValue(state.values, request.action.key));
  if (config.sessions && answerRepeated(step, request)) return;
  if (!hasRoom(step)) state.queue = [...state.queue, request];
  else proposeNext(step, request);
}

/** A request seen before gets its answer again, or waits for the slot that it is in. */
function answerRepeated(step: Step, request: Request): boolean {
  const { context, state } = step;
  const key = requestKey(request), result = state.results.get(key);
  if (result !== undefined) {
    context.reply(request, result.outcome, result.value);
    return true;
  }
  if (state.queue.some((queued) => requestKey(queued) === key)) return true;
  for (const [slot, { value, chosen }] of state.disk.log.after(state.applied)) {
    if (value.action === undefined || requestKey(value) !== key) continue;
    const progress = state.progress.get(slot);
    if (progress === undefined && !chosen) continue;
    const { accepted, requests } = progress ?? { accepted: [], requests: [] };
    if (!requests.some((known) => known.client === request.client)) state.progress = state.progress.set(slot, { accepted, requests: [...requests, request] });
    return true;
  }
  return false;
}

/** The window: at most so many slots are proposed beyond those executed (α of Paxos Made Simple §3). */
const hasRoom = ({ config, state }: Step): boolean => state.nextSlot <= state.applied + config.window;

function proposeNext(step: Step, request: Request): void {
  const slot = step.state.nextSlot++;
  propose(step, slot, { op: request.op, session: request.session, sequence: request.sequence, action: request.action, content: entryText(request.action) }, [request]);
}

/** 2a: its own acceptor first. */
function propose(step: Step, slot: number, value: Value, requests: readonly Request[]): void {
  const { config, context, state } = step;
  acceptHere(step, slot, state.ballot, value, context.self);
  state.progress = state.progress.set(slot, { accepted: [context.self], requests });
  sendToOthers(context, acceptMessage(step, slot, value));
  // It says how far everything is chosen, and is a sign of life: the next one of its own is not due before long.
  if (config.piggyback) context.setTimer('heartbeat', config.commitTimeoutUs);
  context.setTimer('retry', RETRY_US, slot);
  tryChoose(step, slot);
}

function acceptMessage(step: Step, slot: number, value: Value): MultiPaxosMessage {
  const { state } = step;
  return { type: 'accept', epoch: state.ballot, slot, op: value.op, content: value.content, value, upTo: state.applied, ...question(step) };
}

export function onAccepted(step: Step, from: ProcessId, message: Of<'accepted'>): void {
  const { context, state } = step;
  const progress = state.progress.get(message.slot);
  if (state.role !== 'leader' || message.epoch !== state.ballot) return context.discard(`it does not lead ballot {${message.epoch}}`);
  onAnswer(step, from, message);
  if (progress === undefined || state.disk.log.get(message.slot)?.chosen === true) return context.discard('the slot is chosen already');
  if (progress.accepted.includes(from)) return context.discard('it has this acceptance already');
  state.progress = state.progress.set(message.slot, { ...progress, accepted: [...progress.accepted, from] });
  tryChoose(step, message.slot);
}

/** Chosen: a quorum has accepted it in the same ballot. Slots are chosen in any order, and executed in theirs. */
function tryChoose(step: Step, slot: number): void {
  const { config, context, state } = step;
  if (state.progress.get(slot)!.accepted.length < config.q2) return;
  const { value } = state.disk.log.get(slot)!;
  learn(step, slot, value, state.ballot);
  context.clearTimer('retry', slot);
  if (!config.piggyback) sendToOthers(context, { type: 'chosen', epoch: state.ballot, slot, op: value.op, content: value.content, upTo: state.applied, entries: undefined });
  answerExecuted(step);
  while (state.queue.length > 0 && hasRoom(step)) {
    const [first, ...rest] = state.queue;
    state.queue = rest;
    proposeNext(step, first!);
  }
}

/** Answers the requests of all slots that are executed now. */
function answerExecuted({ context, state }: Step): void {
  for (const [slot, { requests }] of state.progress) {
    if (slot > state.applied) return;
    state.progress = state.progress.delete(slot);
    for (const request of requests) {
      const result = state.results.get(requestKey(request));
      if (result !== undefined) context.reply(request, result.outcome, result.value);
    }
  }
}

/** Asks those again that have not accepted, not before its own vote is on disk, where it may still be on its way to. */
export function askAgain(step: Step, slot: number): void {
  const { context, state } = step;
  const progress: Progress | undefined = state.progress.get(slot), vote = state.disk.log.get(slot);
  if (state.role !== 'leader' || progress === undefined || vote === undefined || vote.chosen) return;
  persistVote(step, slot);
  for (let node = 0; node < context.nodeCount; node++) if (!progress.accepted.includes(node)) context.send(node, acceptMessage(step, slot, vote.value));
  context.setTimer('retry', RETRY_US, slot);
}
