/** Reads (§8; thesis 6.4): from the log, by ReadIndex, under a lease, or (what this is for is to be seen) from the leader's state alone. */
import type { Request } from '../../engine/protocol.ts';
import { answerOf, requestKey } from '../keyValue.ts';
import { isQuorum } from './membership.ts';
import { mayReadAlone } from './leases.ts';
import { broadcast, onCommand } from './replication.ts';
import type { Step } from './state.ts';

const replyNow = (step: Step, request: Request): void => step.context.reply(request, 'ok', answerOf(step.state.values, request.action));

/** A read at the leader. */
export function onRead(step: Step, request: Request): void {
  switch (step.config.readPath) {
    case 'log': return onCommand(step, request);
    case 'leader-local': return replyNow(step, request);
    case 'read-index': return onReadIndex(step, request);
    case 'lease': return mayReadAlone(step) && step.state.lastApplied >= readIndexOf(step) ? replyNow(step, request) : onReadIndex(step, request);
  }
}

/**
 * ReadIndex (thesis 6.4). A new leader holds every committed entry but does not know which they are until one of its own
 * term is committed; a leader that has been replaced does not know that either, until it asks. So the read waits until the
 * first entry of this term is applied (with the knob read-noop) and a round of heartbeats sent after it came is answered.
 */
function onReadIndex(step: Step, request: Request): void {
  const { context, state } = step;
  const key = requestKey(request);
  if (state.reads.has(key)) return context.discard('this read waits already');
  state.round++;
  state.reads = state.reads.set(key, { request, readIndex: readIndexOf(step), round: state.round });
  broadcast(step);
  answerReads(step);
}

const readIndexOf = ({ config, state }: Step): number => (config.readNoOp ? Math.max(state.commitIndex, state.firstOfTerm) : state.commitIndex);

/** Answers the reads whose leader is confirmed and whose index is applied. */
export function answerReads(step: Step): void {
  const { context, state } = step;
  for (const [key, { request, readIndex, round }] of state.reads) {
    const confirmed = [context.self, ...[...state.answered].filter(([, answered]) => answered >= round).map(([server]) => server)];
    if (!isQuorum(step, confirmed, 'commit') || state.lastApplied < readIndex) continue;
    state.reads = state.reads.delete(key);
    replyNow(step, request);
  }
}
