/**
 * Figure 2 of the paper: a command from the client's request to its commit. Phase 1 (PreAccept) establishes the ordering
 * constraints; if a fast quorum agrees on them at once, the command is committed, otherwise phase 2 (Paxos-Accept) runs.
 */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { requestKey } from '../keyValue.ts';
import { commitLed, instanceOf, sendCommit } from './commit.ts';
import {
  about, attributes, defaultBallot, eventOf, fastPeers, hearOf, instanceAt, isOnItsWay, join, maySayAgain, othersOf, persistInstance, persistPromise, RETRY_US,
  sameAttributes, setInstance, slotOf, slowQuorum, union, watch, type Attributes, type Command, type EpMessage, type Instance, type Leading, type Of, type Proposal,
  type Step,
} from './state.ts';

const EMPTY = { prepared: [], preAccepted: [], accepted: [] } as const;

// --- The command leader ----------------------------------------------------------------------------------------------

/** Any replica leads the commands that its clients bring it. */
export function onRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  const key = requestKey(request);
  const result = config.sessions ? state.results.get(key) : undefined;
  if (result !== undefined) return context.reply(request, result.outcome, result.value);
  if (config.sessions && state.waiting.has(key)) return context.discard('this command is under way already');
  state.waiting = state.waiting.set(key, request);
  // Another replica was asked first, and this one has heard of it: it answers when that instance is executed.
  if (config.sessions && instanceOf(step, key) !== undefined) return;
  propose(step, { op: request.op, session: request.session, sequence: request.sequence, action: request.action });
}

/** The command takes the replica's next instance. */
export function propose(step: Step, command: Command): void {
  const { config, context, state } = step;
  const index = state.disk.next, slot = slotOf(config, context.self, index);
  state.disk = { ...state.disk, next: index + 1 };
  preAccept(step, slot, defaultBallot(config, slot), command, config.fastPath !== 'off');
}

/** Phase 1. `fast`: at the default ballot, where nobody else can have begun it, and so the fast path is open. */
export function preAccept(step: Step, slot: number, ballot: number, command: Command | undefined, fast: boolean): void {
  const { context, state } = step;
  const proposal = attributes(step, slot, { command, seq: command === undefined ? 0 : 1, deps: [] });
  vote(step, slot, ballot, 'pre-accepted', proposal, context.self);
  persistInstance(step, slot);
  state.leading = state.leading.set(slot, { ...proposal, ...EMPTY, ballot, phase: 'pre-accept', fast, widened: false });
  beginRound(step, slot);
  decidePreAccepted(step, slot);
}

function vote(step: Step, slot: number, ballot: number, status: 'pre-accepted' | 'accepted', proposal: Proposal, from: ProcessId): void {
  const { command, seq, deps } = proposal;
  const instance: Instance = { command, seq, deps, status, bal: ballot, vbal: ballot };
  setInstance(step, slot, instance);
  step.context.emit('accept', { ...eventOf(step, slot, instance), epoch: ballot, peer: from, detail: status });
}

/** Sends the round's message, and again to those who do not answer; the owner also waits for its fast quorum. */
function beginRound(step: Step, slot: number): void {
  sendRound(step, slot);
  step.context.setTimer('retry', RETRY_US, slot);
  watch(step, slot);
}

function sendRound(step: Step, slot: number): void {
  const { config, context, state } = step;
  const leading = state.leading.get(slot)!;
  const asked = leading.phase === 'pre-accept' && leading.fast && !leading.widened ? fastPeers(config, context.self) : othersOf(context);
  const answered = answeredBy(leading);
  for (const node of asked) if (!answered.includes(node)) context.send(node, roundMessage(step, slot, leading));
}

function answeredBy({ phase, prepared, preAccepted, accepted }: Leading): readonly ProcessId[] {
  if (phase === 'prepare') return prepared.map(({ from }) => from);
  return phase === 'pre-accept' ? preAccepted.map(({ from }) => from) : accepted;
}

function roundMessage(step: Step, slot: number, { command, seq, deps, phase, ballot }: Leading): EpMessage {
  if (phase === 'prepare') return { ...about(step, slot, ballot), type: 'prepare' };
  return { ...about(step, slot, ballot, { command, seq, deps }), type: phase, command, seq, deps };
}

export function onRetryTimer(step: Step, slot: number): void {
  if (!step.state.leading.has(slot)) return;
  if (maySayAgain(step)) sendRound(step, slot);
  step.context.setTimer('retry', RETRY_US, slot);
}

/** A round of recovery begins like any other (recovery.ts). */
export function lead(step: Step, slot: number, leading: Leading): void {
  step.state.leading = step.state.leading.set(slot, leading);
  beginRound(step, slot);
}

/** The fast quorum is slow: everybody is asked, and a majority is enough for phase 2. */
export function widen(step: Step, slot: number, leading: Leading): void {
  step.state.leading = step.state.leading.set(slot, { ...leading, widened: true });
  if (maySayAgain(step)) sendRound(step, slot);
  watch(step, slot);
  decidePreAccepted(step, slot);
}

/** The round that an answer belongs to; undefined (said aloud) if that is over, or the answer is no. */
export function roundOf(step: Step, from: ProcessId, message: Of<`${Leading['phase']}-ok`>, phase: Leading['phase']): Leading | undefined {
  const { context, state } = step;
  const leading = state.leading.get(message.slot);
  if (leading === undefined || leading.phase !== phase || leading.ballot !== message.epoch) {
    context.discard('the round that it answers is over');
    return undefined;
  }
  if (message.bal > leading.ballot) {
    context.discard(`overtaken by ballot ${message.bal}`);
    overtaken(step, message.slot, message.bal, from);
    return undefined;
  }
  if (!answeredBy(leading).includes(from)) return leading;
  context.discard('it has this answer already');
  return undefined;
}

/** Somebody recovers the instance in a newer ballot: this replica leaves it to them, and looks again later. */
function overtaken(step: Step, slot: number, ballot: number, from: ProcessId): void {
  join(step, slot, ballot, from);
  persistPromise(step, ballot);
  step.state.attempts = step.state.attempts.set(slot, (step.state.attempts.get(slot) ?? 0) + 1);
  watch(step, slot);
}

export function onPreAcceptOk(step: Step, from: ProcessId, message: Of<'pre-accept-ok'>): void {
  const leading = roundOf(step, from, message, 'pre-accept');
  if (leading === undefined) return;
  const preAccepted = [...leading.preAccepted, { from, seq: message.seq, deps: message.deps }];
  step.state.leading = step.state.leading.set(message.slot, { ...leading, preAccepted });
  decidePreAccepted(step, message.slot);
}

/**
 * Fast path: all of the fast quorum answered, and with the same attributes as each other (they may differ
 * from the leader's own). Whoever recovers the instance from a majority then meets ⌊n/2⌋ of those answers, and with the
 * leader they are a majority that knows everything in deps. Otherwise the union of what a majority knows goes to phase 2.
 */
function decidePreAccepted(step: Step, slot: number): void {
  const { config, context, state } = step;
  const leading = state.leading.get(slot)!;
  const { preAccepted } = leading;
  const fast = fastPeers(config, context.self);
  const replies = preAccepted.filter(({ from }) => fast.includes(from));
  const equal = config.fastPath === 'any-replies' || replies.every((reply) => sameAttributes(reply, replies[0]!));
  if (leading.fast && equal && replies.length === fast.length) return commitLed(step, slot, leading.ballot, together(leading, replies));
  const mayStillBeFast = leading.fast && equal && !leading.widened;
  if (!mayStillBeFast && preAccepted.length + 1 >= slowQuorum(config)) accept(step, slot, leading.ballot, together(leading, preAccepted));
}

/** All dependencies that anyone named, and the highest seq. Equal answers give themselves, since each builds on what it was told. */
function together({ command, seq, deps }: Proposal, replies: readonly Attributes[]): Proposal {
  const all = (sum: Proposal, reply: Attributes): Proposal => ({ command, seq: Math.max(sum.seq, reply.seq), deps: union(sum.deps, reply.deps) });
  return replies.reduce(all, { command, seq, deps });
}

/** Phase 2, Paxos-Accept, with the command and its attributes as the value. */
export function accept(step: Step, slot: number, ballot: number, proposal: Proposal): void {
  const { context, state } = step;
  const { command, seq, deps } = proposal;
  vote(step, slot, ballot, 'accepted', proposal, context.self);
  persistInstance(step, slot);
  const leading: Leading = { command, seq, deps, ...EMPTY, ballot, phase: 'accept', fast: false, widened: true, accepted: [context.self] };
  state.leading = state.leading.set(slot, leading);
  beginRound(step, slot);
  decideAccepted(step, slot);
}

export function onAcceptOk(step: Step, from: ProcessId, message: Of<'accept-ok'>): void {
  const leading = roundOf(step, from, message, 'accept');
  if (leading === undefined) return;
  step.state.leading = step.state.leading.set(message.slot, { ...leading, accepted: [...leading.accepted, from] });
  decideAccepted(step, message.slot);
}

/** F+1 accepted it in one ballot, so that any later Prepare hears of it. */
function decideAccepted(step: Step, slot: number): void {
  const leading = step.state.leading.get(slot)!;
  if (leading.accepted.length >= slowQuorum(step.config)) commitLed(step, slot, leading.ballot, leading);
}

// --- The others ------------------------------------------------------------------------------------------------------

/** Whether a message of an older ballot than the one joined was refused, or the instance is over. */
function isOver(step: Step, from: ProcessId, message: Of<'pre-accept' | 'accept'>): boolean {
  const { slot, epoch } = message, instance = instanceAt(step, slot);
  hearOf(step, slot);
  if (instance.status === 'committed') {
    if (isOnItsWay(step)) return true;
    step.context.discard('the instance is committed');
    sendCommit(step, from, slot);
    return true;
  }
  if (epoch >= instance.bal) return false;
  step.context.discard(`older than ballot ${instance.bal}, which it has joined`);
  const base = about(step, slot, epoch);
  if (message.type === 'accept') step.context.send(from, { ...base, type: 'accept-ok', bal: instance.bal });
  else step.context.send(from, { ...base, type: 'pre-accept-ok', bal: instance.bal, seq: 0, deps: [] });
  return true;
}

/** Adds what interferes here, remembers the command so that later ones depend on it, and says so. */
export function onPreAccept(step: Step, from: ProcessId, message: Of<'pre-accept'>): void {
  if (isOver(step, from, message)) return;
  const { slot, epoch } = message, known = instanceAt(step, slot);
  if (known.vbal === epoch && known.status === 'accepted') return step.context.discard('it has accepted the instance in this ballot');
  if (known.vbal !== epoch) {
    join(step, slot, epoch, from);
    vote(step, slot, epoch, 'pre-accepted', attributes(step, slot, message), from);
    persistInstance(step, slot);
  }
  watch(step, slot);
  if (isOnItsWay(step)) return;
  const { command, seq, deps } = instanceAt(step, slot);
  step.context.send(from, { ...about(step, slot, epoch, { command, seq, deps }), type: 'pre-accept-ok', bal: epoch, seq, deps });
}

/** The attributes are settled: from here on the instance is a Paxos instance like any other. */
export function onAccept(step: Step, from: ProcessId, message: Of<'accept'>): void {
  if (isOver(step, from, message)) return;
  const { slot, epoch } = message, known = instanceAt(step, slot);
  if (known.vbal !== epoch || known.status !== 'accepted') {
    join(step, slot, epoch, from);
    vote(step, slot, epoch, 'accepted', message, from);
    persistInstance(step, slot);
  }
  watch(step, slot);
  if (isOnItsWay(step)) return;
  step.context.send(from, { ...about(step, slot, epoch, message), type: 'accept-ok', bal: epoch });
}
