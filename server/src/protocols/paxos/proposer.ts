/** The proposer (Paxos Made Simple §2.2, §2.4), and the learner that it is for its own ballots (§2.3). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { ballotAfter } from '../ballots.ts';
import { keyOf } from '../../model/actions.ts';
import { entryText, execute, readValue, requestKey } from '../keyValue.ts';
import { acceptHere, promiseHere } from './acceptor.ts';
import { acceptorOf, backoffUs, RETRY_US, sendToOthers, type Accepted, type Decree, type Of, type PaxosMessage, type Promised, type Proposal, type Step, type Waiting } from './state.ts';

/** What a register holds once its decree is known, and what the decree's client hears. */
const outcomeOf = (decree: Decree): ReturnType<typeof execute> => execute(PersistentMap.empty(), decree.action);

const decreeOf = (request: Request): Decree => ({
  op: request.op, session: request.session, sequence: request.sequence, action: request.action, content: entryText(request.action),
});

const isRead = ({ request }: Waiting): boolean => request.action.kind === 'read';

// --- Requests -------------------------------------------------------------------------------------------------------

export function onRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  const slot = config.slots.get(keyOf(request.action))!;
  const chosen = state.disk.chosen.get(slot);
  if (chosen !== undefined) return answer(step, request, chosen);
  // `cas k 1 -> 2` on a register that can hold nothing before it holds its one value: it cannot succeed, chosen or not.
  if (execute(PersistentMap.empty(), request.action).result.outcome === 'failed') return context.reply(request, 'failed', '');
  const waiting = state.waiting.get(slot) ?? [];
  if (waiting.some(({ request: known }) => requestKey(known) === requestKey(request))) return context.discard('it is at work on this request already');
  const proposal = state.proposals.get(slot);
  state.waiting = state.waiting.set(slot, [...waiting, { request, since: proposal?.ballot ?? 0 }]);
  if (proposal === undefined) beginBallot(step, slot, 0);
}

/** The first value chosen is the register's for good: whoever proposed another one hears that it certainly was not chosen. */
function answer({ context }: Step, request: Request, chosen: Decree): void {
  const { values, result } = outcomeOf(chosen);
  if (request.action.kind === 'read') return context.reply(request, 'ok', readValue(values, request.action.key));
  if (requestKey(request) === requestKey(chosen)) return context.reply(request, result.outcome, result.value);
  context.reply(request, 'failed', '');
}

// --- Phase 1 --------------------------------------------------------------------------------------------------------

/** 1a: a new number, higher than any heard of. Its own acceptor promises first, so that a restart cannot use the number again. */
export function beginBallot(step: Step, slot: number, attempt: number): void {
  const { config, context, state } = step;
  const own = acceptorOf(state, slot);
  const ballot = ballotAfter(Math.max(own.promised, state.heard.get(slot) ?? 0), config.uniqueBallots ? context.self : 0, config.nodeCount);
  context.clearTimer('again', slot);
  context.emit('candidate', { epoch: ballot, slot });
  promiseHere(step, slot, ballot, context.self);
  const promises = [{ from: context.self, accepted: own.accepted }];
  setProposal(step, slot, { ballot, phase: 'prepare', promises, decree: undefined, accepted: [], attempt, preempted: false });
  sendToOthers(context, prepareMessage(step, slot, ballot));
  context.setTimer('retry', RETRY_US, slot);
  tryPropose(step, slot);
}

function prepareMessage({ state }: Step, slot: number, ballot: number): PaxosMessage {
  const first = state.waiting.get(slot)?.[0]?.request;
  return { type: 'prepare', epoch: ballot, slot, op: first?.op ?? -1, content: first === undefined ? '' : keyOf(first.action) };
}

export function onPromise(step: Step, from: ProcessId, message: Of<'promise'>): void {
  const { context, state } = step;
  const proposal = state.proposals.get(message.slot);
  if (proposal === undefined || proposal.ballot !== message.epoch) return context.discard(`it has no ballot {${message.epoch}} under way`);
  if (proposal.phase !== 'prepare') return context.discard('it has promises enough');
  if (proposal.promises.some((known) => known.from === from)) return context.discard('it has this promise already');
  setProposal(step, message.slot, { ...proposal, promises: [...proposal.promises, { from, accepted: message.accepted }] });
  tryPropose(step, message.slot);
}

/**
 * 2a, once a quorum has promised: the value of the highest-numbered proposal among their answers, or any value if there is
 * none. Why it is safe: if a value was chosen with a lower number, every quorum of phase 1 has a node that accepted it, and
 * every proposal numbered in between had, by the same rule, that value (§2.2, property P2c).
 */
function tryPropose(step: Step, slot: number): void {
  const { config, state } = step;
  const proposal = state.proposals.get(slot);
  if (proposal === undefined || proposal.phase !== 'prepare' || proposal.promises.length < config.q1) return;
  const own = (state.waiting.get(slot) ?? []).find((waiting) => !isRead(waiting));
  const highest = highestOf(proposal.promises)?.decree;
  const decree = own !== undefined && !config.adoptHighest ? decreeOf(own.request) : highest ?? (own === undefined ? undefined : decreeOf(own.request));
  if (decree === undefined) return answerNothingChosen(step, slot, proposal);
  propose(step, slot, proposal, decree);
}

function highestOf(promises: readonly Promised[]): Accepted | undefined {
  let highest: Accepted | undefined;
  for (const { accepted } of promises) if (accepted !== undefined && accepted.ballot > (highest?.ballot ?? 0)) highest = accepted;
  return highest;
}

/**
 * Readers only, and nobody in the quorum has accepted anything: nothing was chosen with a lower number, nor ever will be, and
 * anything chosen with a higher one before this ballot began would have kept the quorum from promising. So a read that came
 * before the ballot may say so; one that came later needs a ballot of its own.
 */
function answerNothingChosen(step: Step, slot: number, proposal: Proposal): void {
  const { context, state } = step;
  const waiting = state.waiting.get(slot) ?? [];
  const later = waiting.filter(({ since }) => since >= proposal.ballot);
  endProposal(step, slot);
  state.waiting = later.length === 0 ? state.waiting.delete(slot) : state.waiting.set(slot, later);
  for (const { request, since } of waiting) if (since < proposal.ballot) context.reply(request, 'ok', 'nil');
  if (later.length > 0) beginBallot(step, slot, 0);
}

// --- Phase 2 --------------------------------------------------------------------------------------------------------

/** One value a ballot, ever: `decree` is never replaced, and a ballot's number is never used again. */
function propose(step: Step, slot: number, proposal: Proposal, decree: Decree): void {
  const { context } = step;
  const accepted = acceptHere(step, slot, proposal.ballot, decree, context.self) ? [context.self] : [];
  setProposal(step, slot, { ...proposal, phase: 'accept', decree, accepted });
  sendToOthers(context, acceptMessage(slot, proposal.ballot, decree));
  context.setTimer('retry', RETRY_US, slot);
  tryLearn(step, slot);
}

function acceptMessage(slot: number, ballot: number, decree: Decree): PaxosMessage {
  return { type: 'accept', epoch: ballot, slot, op: decree.op, content: decree.content, decree };
}

export function onAccepted(step: Step, from: ProcessId, message: Of<'accepted'>): void {
  const { context, state } = step;
  const proposal = state.proposals.get(message.slot);
  if (proposal === undefined || proposal.ballot !== message.epoch) return context.discard(`it has no ballot {${message.epoch}} under way`);
  if (proposal.accepted.includes(from)) return context.discard('it has this acceptance already');
  setProposal(step, message.slot, { ...proposal, accepted: [...proposal.accepted, from] });
  tryLearn(step, message.slot);
}

/** Chosen: a quorum has accepted the same ballot. Acceptances of different ballots do not add up, whatever their values. */
function tryLearn(step: Step, slot: number): void {
  const { config, context, state } = step;
  const proposal = state.proposals.get(slot);
  if (proposal?.decree === undefined || proposal.accepted.length < config.q2) return;
  const { decree, ballot } = proposal;
  learn(step, slot, decree, ballot);
  sendToOthers(context, { type: 'chosen', epoch: ballot, slot, op: decree.op, content: decree.content, decree });
}

// --- Learning -------------------------------------------------------------------------------------------------------

/** The proposer is the distinguished learner of its ballot and tells the others (§2.3). */
export function onChosen(step: Step, message: Of<'chosen'>): void {
  const { context, state } = step;
  const known = state.disk.chosen.get(message.slot);
  if (known !== undefined) return context.discard(requestKey(known) === requestKey(message.decree) ? 'it knows that already' : `it has learned ${known.content}`);
  learn(step, message.slot, message.decree, message.epoch);
}

/** Nobody needs a ballot for this register any more. */
function learn(step: Step, slot: number, decree: Decree, ballot: number): void {
  const { config, context, state } = step;
  state.disk = { ...state.disk, chosen: state.disk.chosen.set(slot, decree) };
  // Learning obeys no ballot: what was chosen stays chosen, whatever this node has promised since. It is told under the newer.
  const about = { epoch: Math.max(ballot, acceptorOf(state, slot).promised), slot, op: decree.op, text: decree.content };
  context.emit('commit', about);
  context.emit('apply', about);
  if (config.persistPromises || config.persistAcceptances) context.persist(about.epoch, slot, decree.op, decree.content);
  const waiting = state.waiting.get(slot) ?? [];
  endProposal(step, slot);
  state.waiting = state.waiting.delete(slot);
  for (const { request } of waiting) answer(step, request, decree);
}

// --- Ballots that get in each other's way ---------------------------------------------------------------------------

export function onNack(step: Step, message: Of<'nack'>): void {
  const { context, state } = step;
  const { slot, promised } = message;
  hearOf(step, slot, promised);
  const proposal = state.proposals.get(slot);
  if (proposal === undefined || proposal.ballot !== message.ballot) return context.discard(`it has no ballot {${message.ballot}} under way`);
  preempt(step, slot);
}

export function hearOf({ state }: Step, slot: number, ballot: number): void {
  if (ballot > (state.heard.get(slot) ?? 0)) state.heard = state.heard.set(slot, ballot);
}

/**
 * A higher ballot is about, so this one will hardly be chosen. Two proposers that both go on at once can overtake each other
 * for ever (§2.4); waits that differ let one of them finish. Until then its answers still count: it may be chosen after all.
 */
export function preempt(step: Step, slot: number): void {
  const { config, context, state } = step;
  const proposal = state.proposals.get(slot);
  if (proposal === undefined || proposal.preempted) return;
  if (!config.backoff) return beginBallot(step, slot, proposal.attempt + 1);
  setProposal(step, slot, { ...proposal, preempted: true });
  context.setTimer('again', backoffUs(context.self, proposal.attempt), slot);
}

/** The next ballot, if the register still has one under way here. */
export function beginAgain(step: Step, slot: number): void {
  const proposal = step.state.proposals.get(slot);
  if (proposal !== undefined) beginBallot(step, slot, proposal.attempt + 1);
}

/** Asks those again that have not answered: not before its own promise is on disk, where it may still be on its way to. */
export function askAgain(step: Step, slot: number): void {
  const { config, context, state } = step;
  const proposal = state.proposals.get(slot);
  if (proposal === undefined) return;
  const answered = proposal.phase === 'prepare' ? proposal.promises.map(({ from }) => from) : proposal.accepted;
  const message = proposal.decree === undefined ? prepareMessage(step, slot, proposal.ballot) : acceptMessage(slot, proposal.ballot, proposal.decree);
  if (config.persistPromises && !context.durable) context.persist(proposal.ballot, -1, -1, '');
  for (let node = 0; node < config.nodeCount; node++) if (node !== context.self && !answered.includes(node)) context.send(node, message);
  context.setTimer('retry', RETRY_US, slot);
}

function setProposal({ state }: Step, slot: number, proposal: Proposal): void { state.proposals = state.proposals.set(slot, proposal); }

function endProposal({ context, state }: Step, slot: number): void {
  state.proposals = state.proposals.delete(slot);
  context.clearTimer('retry', slot);
  context.clearTimer('again', slot);
}
