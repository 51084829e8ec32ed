/** A replica's state as others see it: hovers and the timeline, and the hash by which a repeated state is recognised. */
import type { NodeView, StateHasher } from '../../engine/protocol.ts';
import { proposalText, type Config, type EpMessage, type EpState, type Instance } from './state.ts';

export function viewOf(config: Config, state: EpState): NodeView {
  const log = [...state.disk.instances].filter(([, { status }]) => status !== 'none').map(([slot, instance]) => ({
    slot, epoch: instance.vbal, content: proposalText(config, instance),
    state: instance.status !== 'committed' ? 'accepted' as const : state.executed.has(slot) ? 'applied' as const : 'committed' as const,
  }));
  const role = state.leading.size > 0 ? 'command leader' : 'replica';
  return { role, epoch: newestOpen(state), leader: undefined, log, values: new Map(state.values) };
}

/** The newest ballot of an instance that is not committed, or 0. */
function newestOpen({ disk }: EpState): number {
  let newest = 0;
  disk.instances.forEach(({ status, bal }) => { if (status !== 'committed') newest = Math.max(newest, bal); });
  return newest;
}

/** A replica without open instances takes no ballot. */
export const floorOf = (state: EpState): number => newestOpen(state) || Number.POSITIVE_INFINITY;

export function hashState(config: Config, state: EpState, hasher: StateHasher): void {
  hasher.int(state.disk.next);
  hasher.entries(state.disk.instances, (entry, _slot, instance) => feedInstance(config, entry, instance));
  hasher.entries(state.leading, (entry, _slot, { ballot, prepared, ...rest }) => {
    feedBallot(config, entry, ballot);
    entry.data(rest);
    for (const { vbal, ...told } of prepared) {
      feedBallot(config, entry, vbal);
      entry.data(told);
    }
  });
  for (const map of [state.heard, state.waiting, state.values, state.results, state.executed, state.writing, state.pending]) hasher.data(map);
  for (const map of [state.attempts, state.unacknowledged, state.stalled]) hasher.data(map);
}

function feedInstance(config: Config, hasher: StateHasher, { bal, vbal, ...rest }: Instance): void {
  // What is committed has no ballots to come.
  if (rest.status !== 'committed') for (const ballot of [bal, vbal]) feedBallot(config, hasher, ballot);
  hasher.data(rest);
}

/** Ballots count from the floor; whose turn one is does not follow from that, so it is told. */
function feedBallot({ nodeCount }: Config, hasher: StateHasher, ballot: number): void {
  hasher.epoch(ballot);
  hasher.int(ballot % nodeCount);
}

export function hashMessage(config: Config, message: EpMessage, hasher: StateHasher): void {
  const { epoch, ...rest } = message;
  feedBallot(config, hasher, epoch);
  if (!('bal' in rest)) return hasher.data(rest);
  const { bal, ...told } = rest;
  feedBallot(config, hasher, bal);
  if (!('vbal' in told)) return hasher.data(told);
  const { vbal, ...more } = told;
  feedBallot(config, hasher, vbal);
  hasher.data(more);
}
