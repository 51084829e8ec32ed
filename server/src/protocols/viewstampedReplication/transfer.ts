/** State transfer: a replica that missed something asks for it (VRR §5.2). */
import type { ProcessId } from '../../model/scenario.ts';
import { acknowledgeLog, append, executeUpTo } from './normal.ts';
import { askForEpoch, onEpochState, onGetEpochState } from './reconfiguration.ts';
import { about, epochIn, isDurable, isPrimary, NOT_DURABLE, opNumber, primaryOf, RESEND_US, watch, type Log, type Of, type Step } from './state.ts';
import { follow, installLog } from './viewChange.ts';

/** It lacks operations of its own view: it asks for what comes after its op-number, and goes on meanwhile. */
export function requestState(step: Step, from: ProcessId, view: number): void {
  if (step.state.transfer?.view === view) return;
  ask(step, from, view);
}

/**
 * A message of normal operation, of a later view than its own: that view began without this replica.
 *
 * safe (Vanlightly's mending of 2022): it keeps its view, its log and v′ until it holds the log of the new view, so that a
 * DoViewChange in between tells the truth about it.
 */
export function onLaterView(step: Step, from: ProcessId, view: number): void {
  const { config, context, state } = step;
  context.discard(`it is of view ${view}, which began without this replica`);
  if (config.stateTransfer === 'paper') return truncateAndAsk(step, from, view);
  if (isPrimary(step)) context.emit('stepsDown', { epoch: state.disk.view, detail: `it has heard of view ${view}` });
  state.status = 'state-transfer';
  for (const timer of ['commit', 'resend']) context.clearTimer(timer);
  watch(step);
  ask(step, from, view);
}

/**
 * As the paper has it: what is not committed as far as this replica knows is thrown away, and it is in the new view at
 * once. A view change in the meantime takes it for a replica that holds all of that view's log (E2).
 */
function truncateAndAsk(step: Step, from: ProcessId, view: number): void {
  const { state } = step;
  follow(step, primaryOf(state, view), view);
  installLog(step, state.disk.log.before(state.commit + 1), view);
  ask(step, from, view);
}

/** n′: up to where its log is certainly that of the view. On the way into a later one, only what it knows to be committed. */
function known({ state }: Step): number {
  return state.status === 'normal' ? opNumber(state) : Math.min(state.commit, opNumber(state));
}

function ask(step: Step, node: ProcessId, view: number): void {
  const { context, state } = step;
  state.transfer = { view, asked: node };
  const after = known(step);
  context.send(node, { ...about(step, after), type: 'get-state', wanted: view });
  context.setTimer('transfer', RESEND_US);
}

/** No answer: any other replica of that view will do. */
export function onTransferTimer(step: Step): void {
  const { context, state } = step;
  if (state.transfer === undefined) return;
  const from = (state.transfer.asked + 1) % context.nodeCount, next = from === context.self ? (from + 1) % context.nodeCount : from;
  if (state.status === 'transitioning') askForEpoch(step, next, state.transfer.view);
  else ask(step, next, state.transfer.view);
}

export function onGetState(step: Step, from: ProcessId, message: Of<'get-state'>): void {
  const { context, state } = step;
  if (epochIn(message.wanted) > epochIn(message.epoch)) return onGetEpochState(step, from, message);
  if (state.status !== 'normal' || message.wanted !== state.disk.view) return context.discard(`it is not normal in view ${message.wanted}`);
  if (!isDurable(step)) return context.discard(NOT_DURABLE);
  const after = message.slot;
  context.send(from, { ...about(step, opNumber(state)), type: 'new-state', log: state.disk.log.after(after), after, commit: state.commit });
}

export function onNewState(step: Step, message: Of<'new-state'>): void {
  const { context, state } = step;
  const { epoch: view } = message;
  if (state.status === 'transitioning') return onEpochState(step, message);
  if (state.transfer?.view !== view) return context.discard('it does not wait for this state');
  if (message.after > known(step)) return context.discard(`it starts after operation ${message.after}`);
  context.clearTimer('transfer');
  const primary = primaryOf(state, view);
  if (state.status === 'state-transfer') {
    const log = joined(state.disk.log.before(message.after + 1), message.log);
    follow(step, primary, view);
    installLog(step, log, view);
  } else {
    state.transfer = undefined;
    for (const [op, entry] of message.log.after(opNumber(state))) append(step, op, entry, view);
  }
  executeUpTo(step, message.commit, view);
  acknowledgeLog(step, primary);
}

function joined(prefix: Log, suffix: Log): Log {
  let log = prefix;
  for (const [op, entry] of suffix) log = log.set(op, entry);
  return log;
}
