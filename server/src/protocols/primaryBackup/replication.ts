/**
 * Normal operation: a write from the client's request to its answer (Gray 1978; protocols.md A1, A2, B1, B3).
 *
 * Leader: propose to all, count accepts, decide, send commits in the order in which the accepts arrived, answer.
 * Follower: accept what the leader proposes, apply what it commits.
 */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { enqueue, executeEntry, holds } from './batch.ts';
import { beginDoubt, settle, writeAbort } from './doubt.ts';
import { chainOf, commitWhenEchoed, echo, hearEcho, heldAt, isEchoed, passesChain } from './hardening.ts';
import { awaitProposal, ridingNumber, toldBy } from './piggyback.ts';
import { grantLease } from './leases.ts';
import { answerReads } from './reads.ts';
import { requestCatchUp } from './recovery.ts';
import {
  about, acknowledges, contiguous, digestOf, fetches, inEvents, inOrder, onceOnDisk, persistEntry, quorumSize, RETRY_US, DOUBT_US, sameEntry, sendTo, sendToEach, sendToOthers, setEntry,
  type Entry, type Of, type PbMessage, type Progress, type Step,
} from './state.ts';
import { requestKey } from '../keyValue.ts';

// --- The leader -----------------------------------------------------------------------------------------------------

/** A write (or a read that goes through the log) at the leader. */
export function onWrite(step: Step, request: Request): void {
  if (step.config.sessions && answerRepeated(step, request)) return;
  enqueue(step, request);
}

/** A request seen before gets its answer again, or waits for the entry that is under way (protocols.md B12). */
function answerRepeated(step: Step, request: Request): boolean {
  const { context, state } = step;
  const result = state.results.get(requestKey(request));
  if (result !== undefined) {
    context.reply(request, result.outcome, result.value);
    return true;
  }
  if (state.gathered.some((waiting) => requestKey(waiting) === requestKey(request))) return true;
  const { log } = state.disk;
  for (let slot = log.next(inOrder(step.config) ? state.applied : 0); slot !== undefined; slot = log.next(slot)) {
    const entry = log.get(slot)!;
    if (entry.status === 'aborted' || !holds(entry, request)) continue;
    const progress = state.progress.get(slot);
    if (progress === undefined) return false;
    if (!progress.requests.some((known) => known.client === request.client && known.sequence === request.sequence)) setProgress(step, slot, { ...progress, requests: [...progress.requests, request] });
    return true;
  }
  return false;
}

/** Accepts the entry itself and asks all others to. */
export function proposeEntry(step: Step, slot: number, entry: Entry, requests: readonly Request[]): void {
  const { context, config } = step;
  setEntry(step, slot, entry);
  context.emit('accept', { epoch: entry.epoch, slot, ...inEvents(entry) });
  setProgress(step, slot, { accepted: [context.self], preAcknowledged: [context.self], acknowledged: [context.self], stage: 'propose', requests });
  if (!config.fsyncLate) persistProposal(step, slot, entry);
  const committed = ridingNumber(step);
  sendToOthers(step, { ...about(step, slot, entry), type: 'propose', entry, committed, before: chainOf(step, entry) });
  toldBy(step, committed);
  if (config.fsyncLate) persistEntry(step, slot, entry);
  if (config.retry) context.setTimer('retry', RETRY_US, slot);
  if (config.commitQuorum === 'reachable') context.setTimer('recount', config.timeoutUs[context.self]!, slot);
  if (config.phases === 3) context.setTimer('coordinate', DOUBT_US, slot);
  if (config.nodeCount === 1 || config.commitQuorum === '1') tryDecide(step, slot);
}

/** Its own accept counts, and it asks again, once its disk has the entry: before that nobody has been asked. */
function persistProposal(step: Step, slot: number, entry: Entry): void {
  const { context, state } = step;
  persistEntry(step, slot, entry);
  if (context.whenOnDisk('proposed', slot)) state.writing = state.writing.set(slot, (state.writing.get(slot) ?? 0) + 1);
}

/** A slow disk has one of this node's own proposals. */
export function onProposalKept(step: Step, slot: number): void {
  const { state } = step, left = (state.writing.get(slot) ?? 1) - 1;
  state.writing = left > 0 ? state.writing.set(slot, left) : state.writing.delete(slot);
  if (state.role === 'leader') tryDecide(step, slot);
}

/** A slot that is decided, answered and accepted everywhere needs no more attention. */
function setProgress(step: Step, slot: number, progress: Progress): void {
  const { state, config, context } = step;
  const over = progress.stage === 'closed' && progress.requests.length === 0 && progress.accepted.length === config.nodeCount;
  state.progress = over ? state.progress.delete(slot) : state.progress.set(slot, progress);
  if (over && config.retry) context.clearTimer('retry', slot);
}

export function onAccept(step: Step, from: ProcessId, message: Of<'accept'>): void {
  const { context, state, config } = step;
  const progress = state.progress.get(message.slot);
  if (state.role !== 'leader' || progress === undefined) return context.discard('it does not wait for this accept');
  if (message.epoch !== state.epoch && config.ratchet !== 'none') return context.discard(`an accept of epoch {${message.epoch}}`);
  if (progress.accepted.includes(from)) return context.discard('it has this accept already');
  const entry = state.disk.log.get(message.slot)!;
  if (!passesChain(step, entry, message.slot, message.before)) return;
  if (message.digest !== undefined && !hearEcho(step, from, message.slot, { epoch: entry.epoch, digest: message.digest })) return;
  setProgress(step, message.slot, { ...progress, accepted: [...progress.accepted, from] });
  if (progress.stage === 'propose') return tryDecide(step, message.slot);
  if (!config.piggyback && (progress.stage === 'commit' || progress.stage === 'closed')) sendTo(step, from, { ...about(step, message.slot, entry), type: 'commit', entry });
  if (progress.stage === 'pre-commit') sendTo(step, from, { ...about(step, message.slot, entry), type: 'pre-commit' });
}

/** Decides a slot if enough have accepted; on ordered links, never before the slots in front of it. */
export function tryDecide(step: Step, slot: number): void {
  const { config, state } = step;
  if (!inOrder(config)) {
    if (hasQuorum(step, slot)) decide(step, slot);
    return;
  }
  for (let next = state.progress.next(state.applied); next !== undefined; next = state.progress.next(next)) {
    if (hasQuorum(step, next)) decide(step, next);
    const stage = state.progress.get(next)?.stage;
    if (stage === 'propose' || stage === 'pre-commit') return;
  }
}

function hasQuorum(step: Step, slot: number): boolean {
  const progress = step.state.progress.get(slot);
  return progress !== undefined && progress.stage === 'propose' && !step.state.writing.has(slot) && progress.accepted.length >= quorumSize(step, step.config.commitQuorum) && isEchoed(step, slot);
}

function decide(step: Step, slot: number): void {
  if (step.config.phases === 2) return commitSlot(step, slot);
  const { context, state } = step;
  const progress = state.progress.get(slot)!, entry: Entry = { ...state.disk.log.get(slot)!, status: 'pre' };
  setEntry(step, slot, entry);
  persistEntry(step, slot, entry);
  setProgress(step, slot, { ...progress, stage: 'pre-commit' });
  context.setTimer('coordinate', DOUBT_US, slot);
  sendToEach(step, progress.accepted, { ...about(step, slot, entry), type: 'pre-commit' });
  if (progress.accepted.length === 1) commitSlot(step, slot);
}

export function onAckPre(step: Step, from: ProcessId, message: Of<'ack-pre'>): void {
  const progress = step.state.progress.get(message.slot);
  if (progress === undefined || progress.stage !== 'pre-commit') return step.context.discard('it does not wait for this acknowledgement');
  if (progress.preAcknowledged.includes(from)) return step.context.discard('it has this acknowledgement already');
  const next = { ...progress, preAcknowledged: [...progress.preAcknowledged, from] };
  setProgress(step, message.slot, next);
  if (next.preAcknowledged.length < next.accepted.length) return;
  commitSlot(step, message.slot);
  tryDecide(step, message.slot);
}

/** Decided: apply, tell those who accepted in the order of their accepts, answer the client (golden trace G0). */
export function commitSlot(step: Step, slot: number): void {
  const { context, config, state } = step;
  const progress = state.progress.get(slot)!, entry: Entry = { ...state.disk.log.get(slot)!, status: 'committed' };
  setEntry(step, slot, entry);
  if (config.commitQuorum === 'reachable') context.clearTimer('recount', slot);
  if (config.phases === 3) context.clearTimer('coordinate', slot);
  context.emit('commit', { epoch: state.epoch, slot, ...inEvents(entry) });
  applyReady(step, slot);
  persistEntry(step, slot, entry);
  if (config.piggyback) awaitProposal(step);
  else sendToEach(step, progress.accepted, { ...about(step, slot, entry), type: 'commit', entry });
  const answered = config.replyAt === 'commit-sent' || config.nodeCount === 1;
  if (answered) answer(step, progress.requests);
  setProgress(step, slot, { ...progress, stage: acknowledges(config) ? 'commit' : 'closed', requests: answered ? [] : progress.requests });
  answerReads(step);
}

/** A restarted coordinator found its decision on disk: the others may not have heard of it. */
export function resendCommit(step: Step, slot: number, entry: Entry): void {
  setProgress(step, slot, { ...step.state.progress.get(slot)!, stage: acknowledges(step.config) ? 'commit' : 'closed' });
  sendToOthers(step, { ...about(step, slot, entry), type: 'commit', entry });
  if (step.config.retry) step.context.setTimer('retry', RETRY_US, slot);
}

function answer({ context, state }: Step, requests: readonly Request[]): void {
  for (const request of requests) {
    const result = state.results.get(requestKey(request));
    if (result !== undefined) context.reply(request, result.outcome, result.value);
  }
}

export function onAck(step: Step, from: ProcessId, message: Of<'ack'>): void {
  const { config, context, state } = step;
  const progress = state.progress.get(message.slot);
  if (progress === undefined || progress.acknowledged.includes(from)) return context.discard('it has this acknowledgement already');
  const acknowledged = [...progress.acknowledged, from];
  const everyone = acknowledged.length === config.nodeCount;
  const answered = progress.stage === 'commit' && (config.replyAt === 'first-commit-ack' || (config.replyAt === 'all-commit-acks' && everyone));
  if (answered) answer(step, progress.requests);
  setProgress(step, message.slot, { ...progress, acknowledged, stage: everyone ? 'closed' : progress.stage, requests: answered ? [] : progress.requests });
}

/** A participant voted no (or the votes took too long): everybody forgets the slot. */
export function abortSlot(step: Step, slot: number): void {
  const { context, config, state } = step;
  const progress = state.progress.get(slot)!, entry: Entry = { ...state.disk.log.get(slot)!, status: 'aborted' };
  setEntry(step, slot, entry);
  persistEntry(step, slot, entry);
  context.clearTimer('coordinate', slot);
  context.emit('abort', { epoch: state.epoch, slot, ...inEvents(entry) });
  setProgress(step, slot, { ...progress, stage: acknowledges(config) ? 'abort' : 'closed', requests: [] });
  sendToOthers(step, { ...about(step, slot, entry), type: 'abort' });
  for (const request of progress.requests) context.reply(request, 'failed', '');
  applyReady(step, slot);
}

export function onReject(step: Step, message: Of<'reject'>): void {
  const progress = step.state.progress.get(message.slot);
  if (progress === undefined || progress.stage !== 'propose') return step.context.discard('the slot is decided');
  abortSlot(step, message.slot);
  tryDecide(step, message.slot);
}

/** Three phases: votes that take too long abort; acknowledgements that take too long are those of the dead (Skeen 1981). */
export function onCoordinateTimer(step: Step, slot: number): void {
  const stage = step.state.progress.get(slot)?.stage;
  if (stage === 'propose') abortSlot(step, slot);
  if (stage === 'pre-commit') commitSlot(step, slot);
  tryDecide(step, slot);
}

/** Nobody has answered for as long as this node waits for anyone: those who are silent count as unreachable. */
export function onRecountTimer(step: Step, slot: number): void {
  if (step.state.progress.get(slot)?.stage !== 'propose') return;
  tryDecide(step, slot);
  if (step.state.progress.get(slot)?.stage === 'propose') step.context.setTimer('recount', RETRY_US, slot);
}

export function onRetryTimer(step: Step, slot: number): void {
  const { context, config, state } = step;
  const progress = state.progress.get(slot), entry = state.disk.log.get(slot);
  if (state.role !== 'leader' || progress === undefined || entry === undefined) return;
  const missing = unanswered(step, slot, progress);
  if (missing.length === 0) return;
  if (!state.writing.has(slot)) for (const node of missing) sendTo(step, node, retried(step, slot, entry, progress, node));
  if (config.retry) context.setTimer('retry', RETRY_US, slot);
}

/** Who still owes an answer for a slot. Where followers fetch what they lack, a decided slot is not offered again. */
function unanswered(step: Step, slot: number, progress: Progress): readonly ProcessId[] {
  const { config } = step;
  const nodes = Array.from({ length: config.nodeCount }, (_, node) => node);
  if (progress.stage === 'closed' && config.catchUp !== 'none') return [];
  if (progress.stage === 'pre-commit') return nodes.filter((node) => !progress.preAcknowledged.includes(node));
  // It has not been told yet: there is nothing to repair.
  if (progress.stage === 'commit' && config.piggyback && slot > step.state.toldUpTo) return [];
  if (progress.stage === 'commit' || progress.stage === 'abort') return nodes.filter((node) => !progress.acknowledged.includes(node));
  if (progress.stage === 'closed' && acknowledges(config)) return [];
  return nodes.filter((node) => !progress.accepted.includes(node));
}

function retried(step: Step, slot: number, entry: Entry, progress: Progress, node: ProcessId): PbMessage {
  const base = about(step, slot, entry);
  if (!progress.accepted.includes(node) && progress.stage !== 'abort') return { ...base, type: 'propose', entry, committed: ridingNumber(step), before: chainOf(step, entry) };
  if (progress.stage === 'pre-commit') return { ...base, type: 'pre-commit' };
  if (progress.stage === 'abort') return { ...base, type: 'abort' };
  return { ...base, type: 'commit', entry };
}

// --- The followers --------------------------------------------------------------------------------------------------

export function onPropose(step: Step, from: ProcessId, message: Of<'propose'>): void {
  const { context, config, state } = step;
  const { slot, entry } = message;
  const known = state.disk.log.get(slot);
  if (known?.status === 'aborted' && sameEntry(known, entry)) {
    onceOnDisk(step, slot);
    return sendTo(step, from, { ...about(step, slot, entry), type: 'reject' });
  }
  if (contiguous(config) && !ready(step, from, message)) return;
  if (!passesChain(step, entry, slot, message.before)) return;
  if (config.echoes > 0 && !hearEcho(step, from, slot, { epoch: entry.epoch, digest: digestOf(entry) })) return;
  if (known !== undefined && sameEntry(known, entry) && (known.epoch === entry.epoch || known.status === 'committed')) {
    // A vote repeated before the disk has it would promise what a crash forgets.
    if (config.persist === 'all' && !config.fsyncLate && !context.durable) return context.discard('its disk has not caught up yet');
    return sendTo(step, from, { ...about(step, slot, entry), epoch: message.epoch, type: 'accept', before: chainOf(step, entry), ...heldAt(step, slot) });
  }
  const accepted: Entry = { ...entry, status: 'accepted' };
  setEntry(step, slot, accepted);
  context.emit('accept', { peer: from, epoch: message.epoch, slot, ...inEvents(entry) });
  if (!config.fsyncLate) persistEntry(step, slot, accepted);
  sendTo(step, from, { ...about(step, slot, entry), epoch: message.epoch, type: 'accept', before: chainOf(step, entry), ...heldAt(step, slot) });
  echo(step, from, message);
  if (config.fsyncLate) persistEntry(step, slot, accepted);
  beginDoubt(step, from, slot, accepted);
}

/** Whether this log may take the slot: it has its leader's log, and no hole before the slot. */
function ready(step: Step, from: ProcessId, message: Of<'propose'>): boolean {
  const { context, config, state } = step;
  if (config.ratchet !== 'none' && state.synced !== message.epoch) {
    context.discard(`it has not caught up with epoch {${message.epoch}} yet`);
    requestCatchUp(step, from);
    return false;
  }
  if (message.entry.previous > 0 && !state.disk.log.has(message.entry.previous)) {
    context.discard(`it lacks slot ${message.entry.previous}`);
    requestCatchUp(step, from);
    return false;
  }
  return true;
}

export function onPreCommit(step: Step, from: ProcessId, message: Of<'pre-commit'>): void {
  const { context, state } = step;
  const entry = state.disk.log.get(message.slot);
  if (entry === undefined || entry.status === 'aborted') return context.discard('it never voted for this slot, or has aborted it');
  if (entry.status === 'accepted') {
    const next: Entry = { ...entry, status: 'pre' };
    setEntry(step, message.slot, next);
    persistEntry(step, message.slot, next);
    context.setTimer('doubt', DOUBT_US, message.slot);
  }
  onceOnDisk(step, message.slot);
  sendTo(step, from, { ...about(step, message.slot, entry), type: 'ack-pre' });
}

/** What the same leader proposed is what is decided: the entry in a commit is for those who lack it. */
export function onCommit(step: Step, from: ProcessId, message: Of<'commit'>): void {
  const { context, config, state } = step;
  const { slot, entry } = message;
  const known = state.disk.log.get(slot);
  if (known?.status === 'aborted' && sameEntry(known, entry)) return context.discard(`it has aborted slot ${slot}`);
  const accepted = (known?.status === 'accepted' || known?.status === 'pre') && known.epoch === entry.epoch;
  const repeated = known?.status === 'committed' && (known.epoch === entry.epoch || sameEntry(known, entry));
  if (repeated && inOrder(config)) context.discard(`it has committed slot ${slot} already`);
  else if (!commitWhenEchoed(step, slot, accepted || repeated ? known : entry, message.epoch)) return;
  if (acknowledges(config)) acknowledge(step, from, slot, entry, message.epoch);
  if (state.applied < slot && inOrder(config) && fetches(config)) requestCatchUp(step, from);
}

/** The slot is decided, as this node has heard: apply it when its turn comes. `epoch`: of the message obeyed. */
export function commitAt(step: Step, slot: number, entry: Entry, epoch: number): void {
  settle(step, slot);
  setEntry(step, slot, entry);
  step.context.emit('commit', { epoch, slot, ...inEvents(entry) });
  applyReady(step, slot, epoch);
  persistEntry(step, slot, entry);
}

export function onAbort(step: Step, from: ProcessId, message: Of<'abort'>): void {
  const { context, config, state } = step;
  const entry = state.disk.log.get(message.slot);
  if (entry?.status === 'committed') context.discard(`it has committed slot ${message.slot}`);
  else if (entry !== undefined && entry.status !== 'aborted') abortAt(step, message.slot, entry);
  if (acknowledges(config)) acknowledge(step, from, message.slot, entry, state.epoch);
}

/** A decision is heard, and on disk: nobody will tell it again. */
function acknowledge(step: Step, coordinator: ProcessId, slot: number, entry: Entry | undefined, epoch: number): void {
  onceOnDisk(step, slot);
  sendTo(step, coordinator, { ...about(step, slot, entry), epoch, type: 'ack' });
}

export function abortAt(step: Step, slot: number, entry: Entry): void {
  const aborted: Entry = { ...entry, status: 'aborted' };
  settle(step, slot);
  writeAbort(step, slot, aborted, step.state.epoch);
  applyReady(step, slot);
}

/**
 * The leader's heartbeat says how far it has committed. Commits have messages of their own; one that is late by more than a
 * retry is asked for.
 */
export function onHeartbeat(step: Step, from: ProcessId, message: Of<'heartbeat'>): void {
  const { config, context, state } = step;
  grantLease(step, from, message);
  if (!inOrder(config) || !fetches(config)) return;
  if (contiguous(config) && config.ratchet !== 'none' && state.synced !== message.epoch) return requestCatchUp(step, from);
  if (state.applied >= message.slot) state.behindUs = Number.NEGATIVE_INFINITY;
  else if (state.behindUs < 0) state.behindUs = context.nowUs;
  else if (context.nowUs - state.behindUs >= RETRY_US) requestCatchUp(step, from);
}

// --- Applying -------------------------------------------------------------------------------------------------------

/**
 * Applies what can be applied: on ordered links each slot after the one before it in the leader's log, otherwise
 * `decided` at once, whatever came before (this is what diverges in A2a and A2b).
 */
export function applyReady(step: Step, decided: number, epoch = step.state.epoch): void {
  const { state, config } = step;
  if (!inOrder(config) || decided <= state.applied) {
    const entry = state.disk.log.get(decided)!;
    if (entry.status === 'committed') applyEntry(step, decided, entry, epoch);
    return;
  }
  const { log } = state.disk;
  for (let slot = log.next(state.applied); slot !== undefined; slot = log.next(slot)) {
    const entry = log.get(slot)!;
    if (entry.previous > state.applied || (entry.status !== 'committed' && entry.status !== 'aborted')) return;
    if (entry.status === 'committed') applyEntry(step, slot, entry, epoch);
    state.applied = slot;
  }
}

function applyEntry(step: Step, slot: number, entry: Entry, epoch: number): void {
  const { state, context, config } = step;
  const ops = executeEntry(state, entry, config.sessions), repeated = ops.every((op) => op < 0);
  if (!inOrder(config)) state.applied = Math.max(state.applied, slot);
  context.emit('apply', { epoch, slot, ...inEvents(entry), ...(repeated ? { detail: 'no effect: executed before' } : ops.length > 1 ? { ops } : {}) });
}
