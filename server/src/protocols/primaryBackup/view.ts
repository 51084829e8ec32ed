/** A node's state as others see it: hovers and the timeline, and the hash by which a repeated state is recognised. */
import type { NodeView, StateHasher } from '../../engine/protocol.ts';
import { ASK_AGAIN_US } from './recovery.ts';
import { hearingUs, type Config, type Entry, type PbState } from './state.ts';

export function viewOf(state: PbState): NodeView {
  const log = [...state.disk.log].filter(([, entry]) => entry.status !== 'aborted').map(([slot, entry]) => ({
    slot, epoch: entry.epoch, content: entry.content,
    state: entry.status !== 'committed' ? 'accepted' as const : slot <= state.applied ? 'applied' as const : 'committed' as const,
  }));
  return { role: state.role, epoch: state.epoch, leader: state.leader, log, values: new Map(state.values) };
}

export function hashState(config: Config, state: PbState, hasher: StateHasher): void {
  hasher.epoch(state.disk.promised);
  for (const [slot, entry] of state.disk.log) hashEntry(slot, entry, hasher);
  hasher.text(state.role);
  hasher.epoch(state.epoch);
  hasher.int(state.leader ?? -1);
  hasher.epoch(state.heard);
  hasher.epoch(state.synced);
  hasher.int(state.applied);
  hasher.int(state.values.contentHash);
  hasher.int(state.results.contentHash);
  for (const [slot, progress] of state.progress) {
    hasher.int(slot);
    hasher.text(`${progress.stage} ${progress.accepted.join()}/${progress.preAcknowledged.join()}/${progress.acknowledged.join()}/${progress.requests.map((request) => request.op).join()}`);
  }
  for (const [read, pending] of state.reads) hasher.text(`${read} ${pending.slot} ${pending.request.op} ${pending.confirmed.join()}`);
  hasher.int(state.nextRead);
  hasher.int(state.adopted);
  hasher.text([...state.votes.keys()].join());
  hasher.int(state.round);
  hashMoments(config, state, hasher);
  hasher.text([...state.suspected.keys()].join());
  hasher.int(state.standings.contentHash);
  hasher.int(state.newestProposal);
  hasher.int(state.newestCommit);
}

function hashEntry(slot: number, entry: Entry, hasher: StateHasher): void {
  hasher.int(slot);
  hasher.epoch(entry.epoch);
  hasher.int(entry.previous);
  hasher.text(`${entry.status} ${entry.session}:${entry.sequence} ${entry.content}`);
}

/** How long ago matters only up to a point: a state that merely waits is one state. */
function hashMoments(config: Config, state: PbState, hasher: StateHasher): void {
  state.lastHeard.forEach((heardUs, node) => {
    hasher.int(node);
    hasher.time(heardUs, Math.max(...config.timeoutUs.map((_, self) => hearingUs(config, self, state))));
  });
  hasher.time(state.askedUs, ASK_AGAIN_US);
}
