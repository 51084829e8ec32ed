/**
 * Normal-case operation (§4.2): request, pre-prepare, prepare, commit, reply.
 *
 * Two certificates follow each other. *Prepared*: a quorum was told the same request for this number in this view; so no other can be
 * prepared there in this view, since two quorums share an honest node, and it accepts one. *Committed*: a quorum knows it prepared; so
 * one of any quorum of view changes tells the next primary of it.
 */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { entryText, execute, requestKey } from '../keyValue.ts';
import { askForMissing, keepTrying } from './repair.ts';
import {
  about, digestOf, entryOf, isAccepted, isPrimary, MAX_ROUND, NO_OP, persistSlot, primaryOf, requestOf, save, say, sayToOthers, setSlot, slotAt, votesFor,
  type Entry, type Of, type PbftState, type Step, type Vote,
} from './state.ts';

// --- Requests -------------------------------------------------------------------------------------------------------

/** From its client, or from a node that was asked. A backup passes it to the primary, and watches whether it is executed (§4.4). */
export function onRequest(step: Step, request: Request, from: ProcessId | undefined): void {
  const { config, context, state } = step;
  const key = requestKey(request);
  if (config.sessions && state.results.has(key)) return answer(step, request);
  const known = state.pending.has(key);
  if (known && from !== undefined) context.discard('it knows this request');
  state.pending = state.pending.set(key, request);
  keepTrying(step);
  if (!state.disk.active) return;
  if (isPrimary(step)) return propose(step, request);
  watchPrimary(step);
  if (from === undefined) say(step, primaryOf(config, state.disk.view), requestMessage(request));
}

export const requestMessage = (request: Request): Of<'request'> =>
  ({ type: 'request', epoch: -1, slot: -1, op: request.op, content: entryText(request.action), request, signed: entryText(request.action) });

export function onPassedRequest(step: Step, from: ProcessId, message: Of<'request'>): void {
  if (step.config.signatures && entryText(message.request.action) !== message.signed) return step.context.discard('its client did not ask for this');
  onRequest(step, message.request, from);
}

/** While it waits for a request, a backup's timer runs; each view that fails doubles it. */
export function watchPrimary(step: Step, again = false): void {
  const { context, state } = step;
  if (state.pending.size === 0 || isPrimary(step)) {
    state.watching = false;
    context.clearTimer('suspect');
  } else if (again || !state.watching) {
    startTimer(step);
  }
}

export function startTimer({ config, context, state }: Step): void {
  state.watching = true;
  context.setTimer('suspect', config.timeoutUs[context.self]! * 2 ** Math.min(state.round, MAX_ROUND));
}

// --- Pre-prepare ----------------------------------------------------------------------------------------------------

/** The primary gives a request the next number, unless it has one in this view. */
export function propose(step: Step, request: Request): void {
  const { state } = step;
  for (const [, slot] of state.disk.slots.after(state.executed)) {
    if (isAccepted(state, slot) && slot.entry!.session === request.session && slot.entry!.sequence === request.sequence) return;
  }
  const slot = state.next++, entry = entryOf(request);
  accept(step, slot, entry, step.context.self);
  sayToOthers(step, { ...about(step, slot, entry), type: 'pre-prepare', entry });
  advance(step, slot);
}

export function accept(step: Step, slot: number, entry: Entry, from: ProcessId): void {
  const { context, state } = step;
  const known = slotAt(state, slot);
  setSlot(step, slot, { ...known, view: state.disk.view, entry });
  context.emit('accept', { peer: from, epoch: state.disk.view, slot, op: entry.op, text: entry.content });
  // What an older view had put here is on disk, but for the view: that goes with the next thing it says.
  if (known.entry === undefined || digestOf(known.entry) !== digestOf(entry)) persistSlot(step, slot, entry);
  const request = requestOf(entry);
  if (request !== undefined && slot > state.executed && !state.results.has(requestKey(request))) {
    state.pending = state.pending.set(requestKey(request), request);
    watchPrimary(step);
  }
  keepTrying(step);
}

export function onPrePrepare(step: Step, from: ProcessId, message: Of<'pre-prepare'>): void {
  const { config, context, state } = step;
  const { slot, entry } = message, known = slotAt(state, slot);
  if (from !== primaryOf(config, message.epoch)) return context.discard('it is not from the primary of its view');
  if (!inView(step, message.epoch, from)) return;
  if (config.signatures && entry.content !== entry.signed) return context.discard('its client did not ask for this');
  if (isAccepted(state, known)) {
    if (digestOf(known.entry!) !== digestOf(entry)) return context.discard('it has accepted another request under this number in this view');
    return repeatVotes(step, from, slot);
  }
  accept(step, slot, entry, from);
  vote(step, slot, entry);
  advance(step, slot);
}

/** Whether a message of a view may be handled: of this one, if it has begun. One of a newer view says that something was missed. */
export function inView(step: Step, view: number, from: ProcessId): boolean {
  const { context, state } = step;
  if (view === state.disk.view && state.disk.active) return true;
  if (view < state.disk.view) context.discard(`of a view older than ${state.disk.view}`);
  else {
    context.discard(`view ${view} has not begun for it`);
    askForMissing(step, from);
  }
  return false;
}

/** A backup has accepted: it tells all. The primary's pre-prepare counts as its own. */
export function vote(step: Step, slot: number, entry: Entry): void {
  sayToOthers(step, { ...about(step, slot, entry), type: 'prepare', entry });
  countOwn(step, 'prepare', slot);
}

/** Its own vote counts once what it promises is on disk, like those of others. */
function countOwn(step: Step, type: 'prepare' | 'commit', slot: number): void {
  const { context, state } = step;
  save(step);
  if (!context.whenOnDisk(type, slot * MOST_VIEWS + state.disk.view)) ownVoteOnDisk(step, type, slot, state.disk.view);
}

/** The timer of `countOwn`: one argument for a number and a view. */
const MOST_VIEWS = 65_536;

export function onVoteOnDisk(step: Step, type: 'prepare' | 'commit', argument: number): void {
  const slot = Math.floor(argument / MOST_VIEWS);
  if (ownVoteOnDisk(step, type, slot, argument % MOST_VIEWS)) advance(step, slot);
}

function ownVoteOnDisk(step: Step, type: 'prepare' | 'commit', slot: number, view: number): boolean {
  const { context, state } = step;
  const { entry } = slotAt(state, slot);
  if (view !== state.disk.view || entry === undefined) return false;
  return addVote(state, slot, type, { node: context.self, view, digest: digestOf(entry) });
}

/** After a restart: what its disk holds it has said, or will say when asked. */
export function restoreOwnVotes(step: Step): void {
  const { state } = step;
  for (const [slot, known] of state.disk.slots) {
    if (!isAccepted(state, known)) continue;
    if (!isPrimary(step)) ownVoteOnDisk(step, 'prepare', slot, state.disk.view);
    if (known.prepared?.view === state.disk.view) ownVoteOnDisk(step, 'commit', slot, state.disk.view);
  }
}

/** false: that node has voted in that view. */
function addVote(state: PbftState, slot: number, type: 'prepare' | 'commit', vote: Vote): boolean {
  const votes = votesFor(state, slot);
  if (votes[type].some((earlier) => earlier.node === vote.node && earlier.view === vote.view)) return false;
  state.votes = state.votes.set(slot, { ...votes, [type]: [...votes[type], vote] });
  return true;
}

/** Whoever says something again may not have heard the answer. */
function repeatVotes(step: Step, to: ProcessId, slot: number): void {
  const { state } = step;
  const { entry, prepared } = slotAt(state, slot);
  say(step, to, { ...about(step, slot, entry!), type: 'prepare', entry: entry! });
  if (prepared?.view === state.disk.view) say(step, to, { ...about(step, slot, entry!), type: 'commit', entry: entry! });
}

// --- Prepare and commit ---------------------------------------------------------------------------------------------

/** A vote for this view counts even before the view has begun here, or before the pre-prepare has come: it is kept until then. */
export function onVote(step: Step, from: ProcessId, message: Of<'prepare'> | Of<'commit'>): void {
  const { config, context, state } = step;
  const { type, slot, epoch: view, entry } = message;
  if (view < state.disk.view) return context.discard(`of a view older than ${state.disk.view}`);
  if (type === 'prepare' && from === primaryOf(config, view)) return context.discard('the primary of a view does not prepare');
  if (!addVote(state, slot, type, { node: from, view, digest: digestOf(entry) })) return context.discard('it has this vote already');
  keepTrying(step);
  if (view > state.disk.view || !state.disk.active) return askForMissing(step, from);
  advance(step, slot);
}

const agreeing = (votes: readonly Vote[], view: number, digest: string): number => votes.filter((vote) => vote.view === view && vote.digest === digest).length;

/** Takes a number as far as its votes go. */
export function advance(step: Step, slot: number): void {
  const { config, state } = step;
  const { view } = state.disk;
  const known = slotAt(state, slot);
  if (!isAccepted(state, known)) return;
  const entry = known.entry!, digest = digestOf(entry);
  if (known.prepared?.view !== view) {
    if (config.prepare && agreeing(votesFor(state, slot).prepare, view, digest) < config.quorumSize - 1) return;
    setSlot(step, slot, { ...known, prepared: { slot, view, entry } });
    sayToOthers(step, { ...about(step, slot, entry), type: 'commit', entry });
    countOwn(step, 'commit', slot);
  }
  if (agreeing(votesFor(state, slot).commit, view, digest) >= config.quorumSize) commit(step, slot, entry);
}

/** Committed-local: whatever comes, nothing else is executed under this number. */
export function commit(step: Step, slot: number, entry: Entry): void {
  const { context, state } = step;
  const known = slotAt(state, slot);
  if (known.committed !== undefined && digestOf(known.committed) === digestOf(entry)) return;
  setSlot(step, slot, { ...known, committed: entry });
  context.emit('commit', { epoch: state.disk.view, slot, op: entry.op, text: entry.content });
  const executed = executeReady(step);
  if (digestOf(known.entry ?? NO_OP) !== digestOf(entry)) persistSlot(step, slot, entry);
  for (const request of executed) answer(step, request);
}

function answer({ context, state }: Step, request: Request): void {
  const { outcome, value } = state.results.get(requestKey(request))!;
  context.reply(request, outcome, value);
}

// --- Execution ------------------------------------------------------------------------------------------------------

/** In the order of numbers; which requests are to be answered. Every replica does, and the client waits for f+1 that say the same. */
function executeReady(step: Step): readonly Request[] {
  const { context, state } = step;
  const executed: Request[] = [];
  for (;;) {
    const slot = state.executed + 1, entry = slotAt(state, slot).committed;
    if (entry === undefined) return executed;
    state.executed = slot;
    state.offers = state.offers.delete(slot);
    const repeated = apply(step, entry), request = requestOf(entry);
    context.emit('apply', { epoch: state.disk.view, slot, op: entry.op, text: entry.content, ...(repeated ? { detail: 'no effect: executed before' } : {}) });
    if (request === undefined) continue;
    if (!repeated) executed.push(request);
    state.pending = state.pending.delete(requestKey(request));
    state.round = 0;
    watchPrimary(step, true);
  }
}

/** Changes the values; whether the request had been executed before, and nothing was done. */
export function apply({ config, state }: Pick<Step, 'config' | 'state'>, { action, session, sequence }: Entry): boolean {
  if (action === undefined) return false;
  const key = requestKey({ session, sequence });
  if (config.sessions && state.results.has(key)) return true;
  const { values, result } = execute(state.values, action);
  state.values = values;
  state.results = state.results.set(key, result);
  return false;
}
