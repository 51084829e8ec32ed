/**
 * View changes (§4.4): who waits too long for a request leaves the view and says what it knows prepared; the next primary gathers
 * a quorum of that, and numbers again whatever it proves prepared.
 *
 * Each quorum of view changes shares an honest node with the quorum that knew a committed request prepared, so no committed request
 * is missing among them; and the newest view's certificate for a number is the one that counts.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { accept, advance, propose, requestMessage, startTimer, vote, watchPrimary } from './normal.ts';
import { keepTrying } from './repair.ts';
import {
  digestOf, isPrimary, NO_OP, primaryOf, save, say, sayToOthers,
  type Certificate, type Config, type Disk, type Numbered, type Of, type PbftState, type Step, type ViewChange, type Votes,
} from './state.ts';

/** The timer has run out: on to the next view. */
export function suspect(step: Step): void {
  const { context, state } = step;
  context.emit('timeout');
  state.watching = false;
  state.round++;
  leaveFor(step, state.disk.view + 1);
}

/** From here on it accepts nothing of an older view (§4.4: only view-change and new-view messages). */
function leaveFor(step: Step, view: number): void {
  const { config, context, state } = step;
  enter(step, view, false, context.self);
  context.emit('vote', { epoch: view, peer: primaryOf(config, view) });
  noteOwnViewChange(step);
  state.watching = false;
  context.clearTimer('suspect');
  sayToOthers(step, viewChangeMessage(step));
  keepTrying(step);
  gather(step);
}

export function noteOwnViewChange({ context, state }: Step): void {
  state.viewChanges = state.viewChanges.set(context.self, { node: context.self, view: state.disk.view, certificates: certificatesOf(state) });
}

/** Moves to a view, which begins at once or not yet. What was not prepared in an older view is no promise any more. */
function enter(step: Step, view: number, active: boolean, heardFrom: ProcessId): void {
  const { context, state } = step;
  if (view > state.disk.view) {
    if (state.disk.active && isPrimary(step)) context.emit('stepsDown', { epoch: state.disk.view, detail: `it moves to view ${view}` });
    context.emit('promise', { epoch: view, peer: heardFrom });
  }
  for (const [slot, votes] of state.votes) state.votes = state.votes.set(slot, sinceView(votes, view));
  state.disk = { view, active, slots: state.disk.slots, newView: undefined };
  save(step);
}

/** Votes of older views count no more. */
function sinceView({ prepare, commit }: Votes, view: number): Votes {
  return { prepare: prepare.filter((vote) => vote.view >= view), commit: commit.filter((vote) => vote.view >= view) };
}

const certificatesOf = ({ disk }: PbftState): readonly Certificate[] => [...disk.slots.values()].flatMap(({ prepared }) => (prepared === undefined ? [] : [prepared]));

export function viewChangeMessage({ state }: Step): Of<'view-change'> {
  return { type: 'view-change', epoch: state.disk.view, slot: -1, op: -1, content: '', certificates: certificatesOf(state) };
}

export function onViewChange(step: Step, from: ProcessId, message: Of<'view-change'>): void {
  const { config, context, state } = step;
  const { epoch: view, certificates } = message, { disk } = state;
  if (view < disk.view || (view === disk.view && disk.active)) {
    context.discard(`it is in view ${disk.view}`);
    return tellNewView(step, from);
  }
  state.viewChanges = state.viewChanges.set(from, { node: from, view, certificates });
  // §4.5.2: f+1 that are ahead cannot all be faulty. It does not wait for its own timer then, and joins the earliest of them.
  const ahead = [...state.viewChanges.values()].filter((other) => other.view > disk.view).map((other) => other.view);
  if (ahead.length > config.f) return leaveFor(step, Math.min(...ahead));
  gather(step);
}

/** For one that missed how this view began. */
export function tellNewView(step: Step, to: ProcessId): void {
  const { newView } = step.state.disk;
  if (newView !== undefined) say(step, to, newView);
}

/** With a quorum for its view the primary begins it; the others now expect that of it, and wait twice as long as for the one before. */
function gather(step: Step): void {
  const { config, context, state } = step;
  const { view, active } = state.disk;
  const proof = [...state.viewChanges.values()].filter((change) => change.view === view);
  if (active || proof.length < config.quorumSize) return;
  if (primaryOf(config, view) !== context.self) {
    if (!state.watching) startTimer(step);
    return;
  }
  const message: Of<'new-view'> = { type: 'new-view', epoch: view, slot: -1, op: -1, content: '', proof, entries: entriesOf(config, proof) };
  begin(step, message, context.self);
  context.emit('leads', { epoch: view, a: proof.length, b: config.nodeCount });
  sayToOthers(step, message);
  for (const request of state.pending.values()) propose(step, request);
}

/** The set O: for each number up to the highest prepared, the request of the newest certificate, and the null request in gaps. */
function entriesOf(config: Config, proof: readonly ViewChange[]): readonly Numbered[] {
  const newest = new Map<number, Certificate>();
  for (const certificate of config.carryOver ? proof.flatMap((change) => change.certificates) : []) {
    const known = newest.get(certificate.slot);
    if (known === undefined || certificate.view > known.view) newest.set(certificate.slot, certificate);
  }
  const last = Math.max(0, ...newest.keys());
  return Array.from({ length: last }, (_, index) => ({ slot: index + 1, entry: newest.get(index + 1)?.entry ?? NO_OP }));
}

export function onNewView(step: Step, from: ProcessId, message: Of<'new-view'>): void {
  const { config, context, state } = step;
  const { epoch: view, proof, entries } = message, { disk } = state;
  if (from !== primaryOf(config, view)) return context.discard('it is not from the primary of that view');
  if (view < disk.view || (view === disk.view && disk.active)) return context.discard(`it is in view ${disk.view}`);
  if (!isProof(config, view, proof) || !sameEntries(entries, entriesOf(config, proof))) return context.discard('its view changes do not prove it');
  begin(step, message, from);
  context.emit('follows', { epoch: view, peer: from });
  for (const { slot, entry } of entries) vote(step, slot, entry);
  for (const { slot } of entries) advance(step, slot);
  for (const request of state.pending.values()) say(step, from, requestMessage(request));
  watchPrimary(step);
}

function isProof(config: Config, view: number, proof: readonly ViewChange[]): boolean {
  return new Set(proof.filter((change) => change.view === view).map((change) => change.node)).size >= config.quorumSize;
}

function sameEntries(a: readonly Numbered[], b: readonly Numbered[]): boolean {
  return a.length === b.length && a.every(({ slot, entry }, at) => slot === b[at]!.slot && digestOf(entry) === digestOf(b[at]!.entry));
}

/** The view begins: its pre-prepares are accepted, and executed requests stay executed. */
function begin(step: Step, message: Of<'new-view'>, from: ProcessId): void {
  const { context, state } = step;
  const { epoch: view, entries } = message;
  enter(step, view, true, from);
  if (from === context.self) state.disk = { ...state.disk, newView: message };
  state.viewChanges = PersistentMap.empty();
  state.watching = false;
  context.clearTimer('suspect');
  for (const { slot, entry } of entries) accept(step, slot, entry, from);
  state.next = Math.max(entries.length, state.executed) + 1;
  keepTrying(step);
}

/** The number that a primary gives next after a restart. */
export function nextNumber(disk: Disk): number {
  let last = 0;
  for (const [slot, { view, entry, committed }] of disk.slots) if ((entry !== undefined && view === disk.view) || committed !== undefined) last = slot;
  return last + 1;
}
