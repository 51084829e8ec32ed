/**
 * Another group of replicas: reconfiguration (VRR §7). An administrator's request is an operation of the log, the last one of its
 * epoch. Once it is committed, the new group takes over what the old one has decided; those who are replaced stay until enough
 * of the new group have it.
 *
 * View-numbers carry the epoch-number here: view 1003 is view 3 of epoch 1. The paper begins each epoch with view 0 and compares
 * epochs first; so does a comparison of these numbers.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import { append, executeOperation, tryCommit } from './normal.ts';
import { recoverAgain } from './recovery.ts';
import {
  about, epochIn, firstViewOf, isPrimary, opNumber, persistView, primaryOf, quorumOf, RESEND_US, sendToOthers, type Config, type Log, type Of,
  type Step, type VrMessage,
} from './state.ts';
import { enter, follow, reign } from './viewChange.ts';

type Group = readonly ProcessId[];

// --- Groups ---------------------------------------------------------------------------------------------------------

/** The members after a request, in rank order. */
function after(members: Group, action: ActionModel): Group {
  if (action.kind !== 'members') return members;
  const wanted = action.to ?? [...members.filter((node) => !action.remove.includes(node)), ...action.add];
  return [...new Set(wanted)].sort((a, b) => a - b);
}

/** Who is in the group of an epoch: what the log's requests, as many as there were epochs before, make of the first group. */
export function groupOf(config: Config, log: Log, epochNumber: number): Group {
  let members = config.membersAtStart, epoch = 0;
  for (const { request } of log.values()) {
    if (epoch === epochNumber) break;
    if (request.action.kind !== 'members') continue;
    members = after(members, request.action);
    epoch++;
  }
  return members;
}

const epochsEndedIn = (log: Log): number => [...log.values()].filter(({ request }) => request.action.kind === 'members').length;

/** Step 1: the primary "stops accepting client requests": what it appends now is of the next epoch. */
export const epochEnds = ({ state }: Step): boolean => opNumber(state) > state.commit && state.disk.log.get(opNumber(state))?.request.action.kind === 'members';

// --- The end of an epoch --------------------------------------------------------------------------------------------

/** Step 3, at every replica that executes the request: it is of the next epoch from now on, if it is in the new group. */
export function enterEpoch(step: Step, op: number): void {
  const { config, context, state } = step;
  const old = state.members, epoch = epochsEndedIn(state.disk.log.before(op + 1));
  // After a restart it executes again what it had executed, and is of that epoch already.
  if (epoch <= epochIn(state.disk.view)) return;
  const view = firstViewOf(epoch);
  const members = groupOf(config, state.disk.log, epoch), added = members.filter((node) => !old.includes(node));
  // On the way to a later epoch it takes no part in those between.
  if (state.status === 'transitioning' && view < (state.transfer?.view ?? 0)) return passThrough(step, view, members);
  if (isPrimary(step)) {
    sendToOthers(step, { ...about(step, op), type: 'commit' });
    for (const node of added) context.send(node, startEpoch(step, view, op, members));
  }
  begin(step, view, members, context.self);
  for (const node of old.filter((each) => !members.includes(each))) {
    if (node !== context.self && members.includes(context.self)) context.send(node, { ...about(step, op), type: 'epoch-started' });
  }
  if (!members.includes(context.self) && old.includes(context.self)) context.setTimer('resend', RESEND_US);
}

function passThrough(step: Step, view: number, members: Group): void {
  const { state } = step;
  state.disk = { ...state.disk, view, lastNormal: view };
  state.members = members;
  emitGroup(step, view);
  persistView(step);
}

/** It takes up its part in the first view of an epoch: primary, backup, or none. */
function begin(step: Step, view: number, members: Group, heardFrom: ProcessId): void {
  const { context, state } = step, n = members.length;
  enter(step, view, 'normal', heardFrom);
  state.members = members;
  state.epochStarted = [];
  state.disk = { ...state.disk, lastNormal: view };
  emitGroup(step, view);
  persistView(step);
  if (!members.includes(context.self)) {
    state.status = 'outside';
    context.clearTimer('suspect');
  } else if (primaryOf(state, view) === context.self) {
    reign(step, n);
    // Whoever has not heard of the epoch hears of it so.
    sendToOthers(step, { ...about(step, state.commit), type: 'commit' });
    tryCommit(step);
  } else {
    follow(step, primaryOf(state, view), view);
  }
}

/** Says whom it counts. */
export function emitGroup({ config, context, state }: Step, view: number): void {
  const { length } = state.members;
  context.emit('config', { epoch: view, text: state.members.map((node) => config.names[node]!).join(' '), a: length, b: quorumOf(length) });
}

function startEpoch(step: Step, view: number, op: number, members: Group): Of<'start-epoch'> {
  return { ...about(step, op), epoch: view, type: 'start-epoch', members };
}

// --- Who has not heard of it ----------------------------------------------------------------------------------------

/** Messages that replicas of different epochs say to each other. */
const ACROSS: ReadonlySet<VrMessage['type']> = new Set<VrMessage['type']>(['start-epoch', 'epoch-started', 'get-state', 'new-state', 'recovery', 'recovery-response']);

/** Whether a message is of another epoch, and was answered by that. §7.2: of an older one, its sender is told of the new one. */
export function isOfOtherEpoch(step: Step, from: ProcessId, message: VrMessage): boolean {
  const { context, state } = step;
  if (ACROSS.has(message.type)) return false;
  const own = epochIn(state.disk.view), theirs = epochIn(message.epoch);
  if (theirs > own) {
    context.discard(`it is of epoch ${theirs}, which began without this replica`);
    transition(step, from, message.epoch);
  } else if (theirs < own) {
    context.discard(`it is of epoch ${theirs}, and this is epoch ${own}`);
    context.send(from, startEpoch(step, firstViewOf(own), lastOfEpochs(step), state.members));
  } else if (state.status === 'transitioning' || state.status === 'outside') {
    context.discard(state.status === 'outside' ? 'it is no member' : 'it waits for what the last epoch decided');
  } else {
    return false;
  }
  return true;
}

/** The op-number of the request that ended the last epoch. */
function lastOfEpochs({ state }: Step): number {
  let last = 0;
  state.disk.log.forEach(({ request }, op) => { if (request.action.kind === 'members' && op <= state.commit) last = op; });
  return last;
}

/** §7.1.1, steps 1 and 2: it asks for everything up to the request that began the epoch. */
function transition(step: Step, from: ProcessId, view: number): void {
  const { context, state } = step;
  if (state.status === 'transitioning') return;
  if (isPrimary(step)) context.emit('stepsDown', { epoch: state.disk.view, detail: `it has heard of epoch ${epochIn(view)}` });
  state.status = 'transitioning';
  for (const timer of ['commit', 'resend', 'suspect']) context.clearTimer(timer);
  // Whoever has lost its memory may have been of that epoch before, and have promised something in it.
  if (state.nonce > 0) return recoverAgain(step);
  askForEpoch(step, from, firstViewOf(epochIn(view)));
}

export function askForEpoch(step: Step, node: ProcessId, view: number): void {
  const { context, state } = step;
  state.transfer = { view, asked: node };
  context.send(node, { ...about(step, state.commit), type: 'get-state', wanted: view });
  context.setTimer('transfer', RESEND_US);
}

export function onStartEpoch(step: Step, from: ProcessId, message: Of<'start-epoch'>): void {
  const { config, context, state } = step;
  if (epochIn(message.epoch) <= epochIn(state.disk.view)) {
    context.discard(`it knows of epoch ${epochIn(message.epoch)}`);
    if (state.members.includes(context.self) && state.status === 'normal') context.send(from, { ...about(step, message.slot), type: 'epoch-started' });
    return;
  }
  if (!config.epochState) return begin(step, message.epoch, message.members, from);
  transition(step, from, message.epoch);
}

/**
 * What it knows to be decided, for a replica of an older epoch. Only that: what comes after it may be replaced in a view that the
 * other one knows nothing of.
 */
export function onGetEpochState(step: Step, from: ProcessId, message: Of<'get-state'>): void {
  const { context, state } = step;
  // After a restart it may be of that epoch and not know yet again what is committed.
  if (epochsEndedIn(state.disk.log.before(state.commit + 1)) < epochIn(message.wanted)) return context.discard(`it cannot tell what epoch ${epochIn(message.wanted)} began with`);
  const log = state.disk.log.after(message.slot).before(state.commit + 1);
  context.send(from, { ...about(step, state.commit), epoch: message.wanted, type: 'new-state', log, after: message.slot, commit: state.commit });
}

/** §7.1.1, step 3. Executing the request that ends the old epoch begins the new one. */
export function onEpochState(step: Step, message: Of<'new-state'>): void {
  const { context, state } = step;
  if (state.transfer?.view !== message.epoch || message.after > state.commit) return context.discard('it does not wait for this state');
  // There may have been more epochs since it asked.
  const decided = message.log.after(state.commit), ended = epochsEndedIn(state.disk.log.before(state.commit + 1)) + epochsEndedIn(decided);
  const view = firstViewOf(ended);
  state.transfer = { ...state.transfer, view };
  for (const [op, entry] of decided) {
    if (state.disk.log.get(op)?.request !== entry.request) {
      if (op <= opNumber(state)) {
        state.disk = { ...state.disk, log: state.disk.log.before(op) };
        context.emit('truncate', { epoch: view, slot: op });
      }
      append(step, op, entry, view);
    }
    executeOperation(step, op, view);
  }
  context.emit('commitIndex', { epoch: view, slot: state.commit });
  if (state.status !== 'transitioning') context.clearTimer('transfer');
}

// --- Who is replaced ------------------------------------------------------------------------------------------------

/** §7.1.2, step 2: f'+1 of the new group have all that was decided, and no view of theirs can lose it. */
export function onEpochStarted(step: Step, from: ProcessId, message: Of<'epoch-started'>): void {
  const { context, state } = step;
  if (state.status !== 'outside' || epochIn(message.epoch) !== epochIn(state.disk.view)) return context.discard('it is not waiting for that');
  if (!state.epochStarted.includes(from)) state.epochStarted = [...state.epochStarted, from].sort((a, b) => a - b);
  if (state.epochStarted.length >= quorumOf(state.members.length)) context.clearTimer('resend');
}

/** Step 3: it tells those again that it has not heard of. */
export function remindNewGroup(step: Step): void {
  const { context, state } = step;
  context.setTimer('resend', RESEND_US);
  const view = firstViewOf(epochIn(state.disk.view));
  for (const node of state.members) if (!state.epochStarted.includes(node)) context.send(node, startEpoch(step, view, lastOfEpochs(step), state.members));
}

/**
 * A replica without memory hears from a group. true: it is one of them, and of no newer group as far as it has heard. One that
 * is none of them waits: a newer group, which these do not know of, may count on it.
 */
export function learnGroup({ context, state }: Step, members: Group, view: number): boolean {
  const newest = Math.max(0, ...[...state.responses.values()].map(({ epoch }) => epochIn(epoch)));
  if (epochIn(view) < newest || !members.includes(context.self)) {
    context.discard(`the group of epoch ${epochIn(view)} is not its own, or not the newest`);
    return false;
  }
  if (epochIn(view) > newest) state.responses = PersistentMap.empty();
  state.members = members;
  return true;
}
