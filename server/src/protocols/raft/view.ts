/** A server's state as others see it: hovers and the timeline, and the hash by which a repeated state is recognised. */
import type { NodeView, StateHasher } from '../../engine/protocol.ts';
import { hashLease } from '../leases.ts';
import type { Config, Entry, RaftMessage, RaftState, Snapshot } from './state.ts';

export function viewOf(state: RaftState): NodeView {
  const { log: entries, snapshot } = state.disk;
  const log = [...entries].map(([slot, { term, content }]) => ({
    slot, epoch: term, content: slot === snapshot.lastIndex ? `snapshot up to ${slot}` : content,
    state: slot <= state.lastApplied ? 'applied' as const : slot <= state.commitIndex ? 'committed' as const : 'accepted' as const,
  }));
  return { role: state.role, epoch: state.disk.currentTerm, leader: state.leader, log, values: new Map(state.values) };
}

/** An entry of the current term is another thing than the same entry in a later term (§5.4.2): terms in logs are epochs too. */
function feedEntry(hasher: StateHasher, entry: Entry): void {
  hasher.epoch(entry.term);
  hasher.int(entry.op);
  hasher.int(entry.session);
  hasher.int(entry.sequence);
  hasher.text(entry.content);
  hasher.data(entry.configuration);
}

const eachEntry = (hasher: StateHasher, _index: number, entry: Entry): void => { feedEntry(hasher, entry); };

function feedSnapshot(hasher: StateHasher, { lastIndex, lastTerm, values, results, configuration, covered }: Snapshot): void {
  hasher.int(lastIndex);
  hasher.epoch(lastTerm);
  hasher.data(values);
  hasher.data(results);
  hasher.data(configuration);
  hasher.entries(covered, eachEntry);
}

export function hashState(config: Config, state: RaftState, hasher: StateHasher): void {
  hasher.epoch(state.disk.currentTerm);
  hasher.text(state.role);
  for (const number of [state.disk.votedFor ?? -1, state.leader ?? -1, state.transferee ?? -1, state.commitIndex, state.lastApplied, state.firstOfTerm, state.round]) hasher.int(number);
  hasher.entries(state.disk.log, eachEntry);
  feedSnapshot(hasher, state.disk.snapshot);
  for (const map of [state.values, state.results, state.nextIndex, state.matchIndex, state.sentIndex, state.waiting, state.answered, state.reads, state.heardFrom]) hasher.data(map);
  for (const list of [state.votes, state.configurations, state.learners]) hasher.data(list);
  for (const { request, rounds, goal, sinceUs } of state.changes) {
    hasher.data(request);
    hasher.int(rounds);
    hasher.int(goal);
    hasher.time(sinceUs, config.baselineUs);
  }
  // How long ago matters up to a point, and only where somebody asks: a state that merely waits is one state.
  if (config.preVote || config.checkQuorum) hasher.time(state.heardLeaderUs, config.baselineUs);
  hasher.int(state.handedOver ? 1 : 0);
  if (config.lease !== undefined) hashLease(config.lease, state.lease, hasher);
}

export function hashMessage(message: RaftMessage, hasher: StateHasher): void {
  hasher.text(message.type);
  hasher.epoch(message.epoch);
  hasher.int(message.slot);
  hasher.int(message.op);
  hasher.text(message.content);
  switch (message.type) {
    case 'pre-vote':
      hasher.epoch(message.nextTerm);
      hasher.int(message.lastLogIndex);
      hasher.epoch(message.lastLogTerm);
      return;
    case 'request-vote':
      hasher.int(message.wished ? 1 : 0);
      hasher.int(message.lastLogIndex);
      hasher.epoch(message.lastLogTerm);
      return;
    case 'vote': return hasher.int(message.granted ? 1 : 0);
    case 'pre-vote-reply':
      hasher.epoch(message.nextTerm);
      return hasher.int(message.granted ? 1 : 0);
    case 'append-entries':
      for (const number of [message.prevLogIndex, message.leaderCommit, message.round, message.entries.length]) hasher.int(number);
      hasher.epoch(message.prevLogTerm);
      for (const entry of message.entries) feedEntry(hasher, entry);
      return;
    case 'install-snapshot':
      feedSnapshot(hasher, message.snapshot);
      return hasher.int(message.round);
    case 'append-reply':
      for (const number of [message.success ? 1 : 0, message.matchIndex, message.conflictIndex, message.round]) hasher.int(number);
  }
}
