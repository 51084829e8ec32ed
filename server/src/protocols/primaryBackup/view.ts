/** A node's state as others see it: hovers and the timeline, and the hash by which a repeated state is recognised. */
import type { NodeView, StateHasher } from '../../engine/protocol.ts';
import { hashLease } from '../leases.ts';
import { ASK_AGAIN_US } from './recovery.ts';
import { hearingUs, RETRY_US, type Config, type PbState } from './state.ts';

export function viewOf(state: PbState): NodeView {
  const log = [...state.disk.log].filter(([, entry]) => entry.status !== 'aborted').map(([slot, entry]) => ({
    slot, epoch: entry.epoch, content: entry.content,
    state: entry.status !== 'committed' ? 'accepted' as const : slot <= state.applied ? 'applied' as const : 'committed' as const,
  }));
  return { role: state.disk.stopped === undefined ? state.role : 'stopped', epoch: state.epoch, leader: state.leader, log, values: new Map(state.values) };
}

/**
 * The log counts as it is, epochs and all: worlds that differ by a shift of epochs are the rounds of an endless election,
 * whose logs stay as they were before it.
 */
export function hashState(config: Config, state: PbState, hasher: StateHasher): void {
  for (const epoch of [state.disk.promised, state.epoch, state.heard, state.synced, state.kept]) hasher.epoch(epoch);
  hasher.text(state.role);
  hasher.text(state.disk.stopped ?? '');
  hasher.int(state.disk.unreadable ?? -1);
  hasher.epoch(state.proven.epoch);
  hasher.int(state.proven.leader);
  for (const number of [state.leader ?? -1, state.applied, state.nextRead, state.adopted, state.round, state.newestProposal, state.newestCommit, state.toldUpTo]) hasher.int(number);
  for (const map of [state.disk.log, state.values, state.results, state.progress, state.reads, state.suspected, state.standings, state.echoes, state.told, state.awaited, state.writing]) hasher.data(map);
  hasher.data([...state.votes.keys()]);
  hasher.data(state.gathered);
  hasher.data(state.election);
  hashMoments(config, state, hasher);
}

/** How long ago matters only up to a point: a state that merely waits is one state. */
function hashMoments(config: Config, state: PbState, hasher: StateHasher): void {
  state.lastHeard.forEach((heardUs, node) => {
    hasher.int(node);
    hasher.time(heardUs, Math.max(...config.timeoutUs.map((_, self) => hearingUs(config, self, state))));
  });
  hasher.time(state.askedUs, ASK_AGAIN_US);
  hasher.int(state.behindUs < 0 ? 0 : 1);
  hasher.time(state.behindUs, RETRY_US);
  if (config.lease !== undefined) hashLease(config.lease, state.lease, hasher);
}
