/** Reads (protocols.md A9): from local state, through the log, confirmed by a majority (Raft's ReadIndex, DISS 6.4), or under a lease. */
import type { Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { mayReadAlone } from './leases.ts';
import { onWrite } from './replication.ts';
import { majorityOf } from '../quorums.ts';
import { about, RETRY_US, sendTo, sendToOthers, type Of, type Step } from './state.ts';
import { answerOf, entryText } from '../keyValue.ts';

const replyNow = (step: Step, request: Request): void => step.context.reply(request, 'ok', answerOf(step.state.values, request.action));

/** A read at the leader. */
export function onRead(step: Step, request: Request): void {
  const { config, context, state } = step;
  if (config.readPath === 'log') return onWrite(step, request);
  const alone = config.readPath === 'lease' ? mayReadAlone(step) : config.readPath !== 'leader-confirmed';
  if (alone || config.nodeCount === 1) return replyNow(step, request);
  for (const pending of state.reads.values()) if (pending.request.op === request.op) return context.discard('this read waits for its confirmation already');
  const read = state.nextRead++;
  // What it adopted when it was elected may be committed without its knowing: the read waits for that too (E9).
  state.reads = state.reads.set(read, { request, confirmed: [context.self], slot: Math.max(state.applied, state.adopted) });
  sendToOthers(step, { ...about(step, state.applied), op: request.op, content: entryText(request.action), type: 'confirm', read });
  if (config.retry) context.setTimer('confirm', RETRY_US, read);
}

/** A read at any node, where the knob allows it. */
export function answerLocally(step: Step, request: Request): void { replyNow(step, request); }

export function onConfirm(step: Step, from: ProcessId, message: Of<'confirm'>): void {
  sendTo(step, from, { ...about(step, message.slot), epoch: message.epoch, op: message.op, content: message.content, type: 'confirmed', read: message.read });
}

export function onConfirmed(step: Step, from: ProcessId, message: Of<'confirmed'>): void {
  const { context, state } = step;
  const pending = state.reads.get(message.read);
  if (state.role !== 'leader' || pending === undefined) return context.discard('the read is answered');
  if (pending.confirmed.includes(from)) return context.discard('it has this confirmation already');
  state.reads = state.reads.set(message.read, { ...pending, confirmed: [...pending.confirmed, from] });
  answerReads(step);
}

/** Answers the reads that are confirmed and whose slot is applied. */
export function answerReads(step: Step): void {
  const { context, config, state } = step;
  for (const [read, pending] of state.reads) {
    if (pending.confirmed.length < majorityOf(config.nodeCount) || state.applied < pending.slot) continue;
    state.reads = state.reads.delete(read);
    context.clearTimer('confirm', read);
    replyNow(step, pending.request);
  }
}

export function onConfirmTimer(step: Step, read: number): void {
  const { context, state, config } = step;
  const pending = state.reads.get(read);
  if (pending === undefined) return;
  for (let node = 0; node < config.nodeCount; node++) {
    if (pending.confirmed.includes(node)) continue;
    sendTo(step, node, { ...about(step, state.applied), op: pending.request.op, content: entryText(pending.request.action), type: 'confirm', read });
  }
  context.setTimer('confirm', RETRY_US, read);
}
