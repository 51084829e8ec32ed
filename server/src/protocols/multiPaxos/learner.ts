/** Learning what is chosen, and executing it in the order of slots. */
import type { ProcessId } from '../../model/scenario.ts';
import { execute, requestKey } from '../keyValue.ts';
import { grantLease } from './leases.ts';
import { ASK_AGAIN_US, persistVote, sameValue, setVote, type MultiPaxosState, type Of, type Step, type Value } from './state.ts';

export function onChosen(step: Step, from: ProcessId, message: Of<'chosen'>): void {
  const { state } = step;
  grantLease(step, from, message);
  for (const [slot, { value, chosen }] of message.entries ?? []) if (chosen) learn(step, slot, value, message.epoch);
  const vote = state.disk.log.get(message.slot);
  if (vote?.ballot === message.epoch) learn(step, message.slot, vote.value, message.epoch);
  learnUpTo(step, from, message.epoch, message.upTo);
}

/**
 * All slots up to `upTo` are chosen. What was accepted in the leader's own ballot is the value chosen, for a ballot has one
 * value a slot; of a vote in an older ballot that is not known, so the node asks.
 */
export function learnUpTo(step: Step, leader: ProcessId, ballot: number, upTo: number): void {
  const { config, state } = step;
  let missing = 0;
  for (let slot = state.applied + 1; slot <= upTo; slot++) {
    const vote = state.disk.log.get(slot);
    if (vote?.chosen === true) continue;
    if (vote !== undefined && (vote.ballot === ballot || !config.chosenGuard)) learn(step, slot, vote.value, ballot);
    else if (missing === 0) missing = slot;
  }
  if (missing > 0) ask(step, leader, missing);
}

function ask({ context, state }: Step, leader: ProcessId, from: number): void {
  if (context.nowUs - state.askedUs < ASK_AGAIN_US) return;
  state.askedUs = context.nowUs;
  context.send(leader, { type: 'learn', epoch: state.disk.promised, slot: from, op: -1, content: '' });
}

/** The node that is asked may know of more than it has executed. */
export function onLearn({ context, state }: Step, from: ProcessId, message: Of<'learn'>): void {
  if (state.role !== 'leader') return context.discard('it does not lead');
  context.send(from, { type: 'chosen', epoch: state.ballot, slot: -1, op: -1, content: '', upTo: state.applied, entries: state.disk.log.after(message.slot - 1) });
}

/** `epoch`: of the message obeyed. */
export function learn(step: Step, slot: number, value: Value, epoch: number): void {
  const { context, state } = step;
  const known = state.disk.log.get(slot);
  const same = known !== undefined && sameValue(known.value, value);
  if (same && known.chosen) return;
  setVote(state, slot, { ballot: same ? known.ballot : epoch, value, chosen: true });
  context.emit('commit', { epoch, slot, op: value.op, text: value.content });
  if (slot <= state.applied) apply(step, slot, value, epoch);
  applyReady(step, epoch);
  persistVote(step, slot);
}

function applyReady(step: Step, epoch: number): void {
  const { state } = step;
  for (let next = state.disk.log.get(state.applied + 1); next?.chosen === true; next = state.disk.log.get(state.applied + 1)) {
    state.applied++;
    apply(step, state.applied, next.value, epoch);
  }
}

/** With sessions, a request that was executed in another slot has no second effect. */
function apply({ config, context, state }: Step, slot: number, value: Value, epoch: number): void {
  const repeated = value.action !== undefined && config.sessions && state.results.has(requestKey(value));
  if (!repeated) execution(state, value);
  context.emit('apply', { epoch, slot, op: value.op, text: value.content, ...(repeated ? { detail: 'no effect: executed before' } : {}) });
}

function execution(state: MultiPaxosState, value: Value): void {
  if (value.action === undefined) return;
  const { values, result } = execute(state.values, value.action);
  state.values = values;
  state.results = state.results.set(requestKey(value), result);
}

/** Values, results and the slot executed last as the disk gives them. */
export function replay(state: MultiPaxosState, sessions: boolean): void {
  for (let next = state.disk.log.get(state.applied + 1); next?.chosen === true; next = state.disk.log.get(state.applied + 1)) {
    state.applied++;
    if (!sessions || !state.results.has(requestKey(next.value))) execution(state, next.value);
  }
}
