/** A process's state as others see it: hovers and the timeline, and the hash by which a repeated state is recognised. */
import type { NodeView, StateHasher } from '../../engine/protocol.ts';
import type { History, Transaction, Vote, ZabMessage, ZabState } from './state.ts';

/** The data of the znodes, by their paths; the root is there always. */
function dataOf({ tree }: ZabState): readonly (readonly [string, string])[] {
  return [...tree.nodes].filter(([path]) => path !== '/').map(([path, { data }]) => [path, data] as const);
}

export function viewOf(state: ZabState): NodeView {
  const log = [...state.disk.history].map(([slot, { epoch, content }]) => ({
    slot, epoch, content, state: slot <= state.applied ? 'applied' as const : slot <= state.committed ? 'committed' as const : 'accepted' as const,
  }));
  const role = state.role === 'looking' || state.phase === 'broadcast' ? state.role : `${state.role}, ${state.phase}`;
  return { role, epoch: state.phase === 'broadcast' ? state.epoch : state.disk.acceptedEpoch, leader: state.leader, log, values: new Map([...state.values, ...dataOf(state)]) };
}

function feedTransaction(hasher: StateHasher, { epoch, op, session, sequence, content }: Transaction): void {
  hasher.epoch(epoch);
  for (const number of [op, session, sequence]) hasher.int(number);
  hasher.text(content);
}

function feedHistory(hasher: StateHasher, history: History): void {
  hasher.entries(history, (feeder, _counter, transaction) => { feedTransaction(feeder, transaction); });
}

function feedVote(hasher: StateHasher, vote: Vote): void {
  hasher.int(vote.leader);
  hasher.epoch(vote.currentEpoch);
  hasher.epoch(vote.lastEpoch);
  hasher.int(vote.lastCounter);
}

export function hashState(state: ZabState, hasher: StateHasher): void {
  for (const epoch of [state.disk.acceptedEpoch, state.disk.currentEpoch]) hasher.epoch(epoch);
  // 0 is no epoch, not an old one.
  hasher.int(state.epoch === 0 ? 0 : 1);
  if (state.epoch !== 0) hasher.epoch(state.epoch);
  for (const word of [state.role, state.phase]) hasher.text(word);
  for (const number of [state.leader ?? -1, state.round, state.committed, state.applied]) hasher.int(number);
  feedHistory(hasher, state.disk.history);
  feedVote(hasher, state.vote);
  hasher.entries(state.votes, (feeder, _node, vote) => { feedVote(feeder, vote); });
  hasher.entries(state.cepochs, (feeder, _node, epoch) => { feeder.epoch(epoch); });
  for (const [node, { currentEpoch, history }] of state.ackEs) {
    hasher.int(node);
    hasher.epoch(currentEpoch);
    feedHistory(hasher, history);
  }
  for (const map of [state.values, state.results, state.proposedTo, state.ackLds, state.acked, state.waiting, state.heard]) hasher.data(map);
  for (const data of [state.tree.nodes, state.tree.sessions, state.connections, state.opening, state.watches, state.flushes]) hasher.data(data);
}

export function hashMessage(message: ZabMessage, hasher: StateHasher): void {
  for (const word of [message.type, message.content]) hasher.text(word);
  for (const number of [message.slot, message.op]) hasher.int(number);
  if (message.type !== 'notification') hasher.epoch(message.epoch);
  switch (message.type) {
    case 'notification':
      hasher.text(message.role);
      hasher.int(message.round);
      return feedVote(hasher, message.vote);
    case 'ack-e':
      hasher.epoch(message.currentEpoch);
      hasher.int(message.fresh ? 1 : 0);
      return feedHistory(hasher, message.history);
    case 'newleader': return feedHistory(hasher, message.history);
    case 'propose': return feedTransaction(hasher, message.transaction);
    case 'ping': case 'pong': return hasher.int(message.last);
    case 'forward': return feedTransaction(hasher, { ...message.transaction, epoch: message.epoch });
    default: return hashSessionMessage(message, hasher);
  }
}

/** Nothing in these may be an epoch. */
function hashSessionMessage(message: ZabMessage, hasher: StateHasher): void {
  switch (message.type) {
    case 'connect': return hasher.data([message.session, message.seen, message.watches]);
    case 'touch': return hasher.int(message.session);
    case 'flush': case 'flushed': return hasher.data([message.session, message.xid]);
    case 'event': return hasher.data([message.path, message.what, message.seen]);
    case 'connected': case 'expired': return hasher.data([message.session, message.seen]);
    case 'refused': case 'touched': return hasher.int(message.seen);
    case 'ok': case 'failed': return hasher.data([message.seen, message.xid, message.value, message.made]);
    case 'create': case 'set': case 'remove': case 'multi': case 'get': case 'list': case 'check': case 'sync': case 'close': return hasher.data([message.session, message.xid, message.call]);
    default:
  }
}
