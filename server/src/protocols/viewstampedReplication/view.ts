/** A replica's state as others see it: hovers and the timeline, and the hash by which a repeated state is recognised. */
import type { NodeView, StateHasher } from '../../engine/protocol.ts';
import { primaryOf, type VrMessage, type VrState } from './state.ts';

export function viewOf(state: VrState): NodeView {
  const { view } = state.disk, primary = primaryOf(state, view), normal = state.status === 'normal';
  const log = [...state.disk.log].map(([slot, entry]) =>
    ({ slot, epoch: entry.view, content: entry.content, state: slot <= state.commit ? 'applied' as const : 'accepted' as const }));
  const role = !normal ? state.status : primary === state.self ? 'primary' : 'backup';
  return { role, epoch: view, leader: normal ? primary : undefined, log, values: new Map(state.values) };
}

/** The log counts as it is, views and all: in an endless view change it stays as it was. */
export function hashState(state: VrState, hasher: StateHasher): void {
  const { view, lastNormal, log, vector } = state.disk;
  hasher.epoch(view);
  hasher.epoch(lastNormal);
  hasher.text(state.status);
  hasher.int(state.sentDoViewChange ? 1 : 0);
  for (const number of [state.commit, state.round, state.nonce, state.transfer?.asked ?? -1]) hasher.int(number);
  hasher.epoch(state.transfer?.view ?? -1);
  for (const list of [state.members, state.epochStarted]) hasher.data(list);
  for (const map of [log, vector, state.values, state.clientTable, state.prepared, state.startViewChanges]) hasher.data(map);
  hasher.entries(state.doViewChanges, (feed, _node, message) => hashMessage(message, feed));
  hasher.entries(state.responses, (feed, _node, message) => hashMessage(message, feed));
}

export function hashMessage(message: VrMessage, hasher: StateHasher): void {
  hasher.text(message.type);
  hasher.epoch(message.epoch);
  hasher.int(message.slot);
  hasher.int(message.op);
  hasher.text(message.content);
  hasher.data(message.vector);
  switch (message.type) {
    case 'prepare':
      hasher.data(message.entry);
      return hasher.int(message.commit);
    case 'do-view-change':
      hasher.epoch(message.lastNormal);
      hasher.data(message.log);
      return hasher.int(message.commit);
    case 'start-view':
      hasher.data(message.log);
      return hasher.int(message.commit);
    case 'new-state':
      hasher.data(message.log);
      hasher.int(message.after);
      return hasher.int(message.commit);
    case 'get-state': return hasher.epoch(message.wanted);
    case 'recovery': return hasher.int(message.nonce);
    case 'start-epoch': return hasher.data(message.members);
    case 'recovery-response':
      hasher.int(message.nonce);
      hasher.data(message.members);
      hasher.data(message.log);
      return hasher.int(message.commit);
    case 'prepare-ok': case 'commit': case 'start-view-change': case 'epoch-started': return undefined;
  }
}
