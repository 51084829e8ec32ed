/** The acceptor (Paxos Made Simple §2.2): two promises, both on disk before anyone hears of them. */
import type { ProcessId } from '../../model/scenario.ts';
import { requestKey } from '../keyValue.ts';
import { acceptorOf, setAcceptor, type Decree, type Of, type Step } from './state.ts';
import { hearOf, preempt } from './proposer.ts';

/** 1b: promise to accept nothing numbered lower, and tell what was accepted with the highest number. */
export function onPrepare(step: Step, from: ProcessId, message: Of<'prepare'>): void {
  const { config, context, state } = step;
  const { epoch: ballot, slot } = message;
  if (config.ratchet && ballot < acceptorOf(state, slot).promised) return refuse(step, from, message);
  if (acceptorOf(state, slot).accepted?.ballot === ballot) return context.discard('it has accepted in that ballot already');
  promiseHere(step, slot, ballot, from);
  const { accepted } = acceptorOf(state, slot);
  context.send(from, { type: 'promise', epoch: ballot, slot, op: accepted?.decree.op ?? -1, content: accepted?.decree.content ?? 'nothing', accepted });
  overtaken(step, slot, ballot);
}

/**
 * The same question asked again gets the same answer again: promising a ballot twice promises nothing new. (It goes to disk
 * again where the first time is still on its way there.)
 */
export function promiseHere(step: Step, slot: number, ballot: number, proposer: ProcessId): void {
  const { config, context, state } = step;
  const known = acceptorOf(state, slot);
  if (ballot < known.promised) return;
  if (ballot > known.promised) {
    setAcceptor(state, slot, { ...known, promised: ballot });
    context.emit('promise', { epoch: ballot, slot, peer: proposer });
    context.emit('vote', { epoch: ballot, slot, peer: proposer });
  }
  if (config.persistPromises && !context.durable) context.persist(ballot, -1, -1, '');
}

/** 2b: accept, unless something higher was promised. A refusal of 1b or 2b is a courtesy that only helps the proposer along. */
export function onAccept(step: Step, from: ProcessId, message: Of<'accept'>): void {
  const { context } = step;
  const { epoch: ballot, slot, decree } = message;
  if (!acceptHere(step, slot, ballot, decree, from)) return refuse(step, from, message);
  context.send(from, { type: 'accepted', epoch: ballot, slot, op: decree.op, content: decree.content });
  overtaken(step, slot, ballot);
}

/** false: a higher ballot is promised. Accepting a ballot is promising it. */
export function acceptHere(step: Step, slot: number, ballot: number, decree: Decree, proposer: ProcessId): boolean {
  const { config, context, state } = step;
  const known = acceptorOf(state, slot);
  if (config.ratchet && ballot < known.promised) return false;
  const repeated = known.accepted?.ballot === ballot && requestKey(known.accepted.decree) === requestKey(decree);
  if (!repeated) {
    setAcceptor(state, slot, { promised: Math.max(ballot, known.promised), accepted: { ballot, decree } });
    if (ballot > known.promised) context.emit('promise', { epoch: ballot, slot, peer: proposer });
    context.emit('accept', { epoch: ballot, slot, op: decree.op, text: decree.content, peer: proposer });
  }
  if (config.persistAcceptances && !context.durable) context.persist(ballot, slot, decree.op, decree.content);
  else if (config.persistPromises && !context.durable) context.persist(ballot, -1, -1, '');
  return true;
}

function refuse(step: Step, proposer: ProcessId, message: Of<'prepare'> | Of<'accept'>): void {
  const { context, state } = step;
  const { promised } = acceptorOf(state, message.slot);
  context.discard(`it has promised {${promised}}`);
  context.send(proposer, { type: 'nack', epoch: -1, slot: message.slot, op: -1, content: `promised {${promised}}`, ballot: message.epoch, promised });
}

/** The node proposes too, and now knows of a higher ballot than its own. */
function overtaken(step: Step, slot: number, ballot: number): void {
  hearOf(step, slot, ballot);
  const proposal = step.state.proposals.get(slot);
  if (proposal !== undefined && proposal.ballot < ballot) preempt(step, slot);
}
