/**
 * `raft`: a leader with the most complete log, elected by a majority, whose log the others copy.
 *
 * Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC 2014 (sections and quoted
 * rules: Figure 2 and §5, §8), and Ongaro's thesis of the same year for what goes beyond it (pre-vote 9.6, check-quorum 6.2
 * and 4.2.3, ReadIndex 6.4, leases 6.4.1). Where etcd's raft decides what the thesis leaves open, the place says so.
 *
 * Deviations:
 * - The first server leads term 1 from the start, with everybody's vote: every scenario has a leader at once.
 * - Election timeouts are fixed (150 ms and 50 ms more for each rank, or what `timeouts` says) unless the knob `jitter` adds
 *   chance. §5.2 randomizes them: what that is for shows where two are equal.
 * - RPCs are messages. A heartbeat carries the entries that a follower has not acknowledged, which makes it the retry of
 *   AppendEntries; a RequestVote that gets lost is retried by the next election.
 * - A snapshot is one message, not a sequence of chunks (Figure 13), and taken between two entries, not beside them.
 * - The entries of one AppendEntries are of one term (replication.ts, `entriesAfter`).
 * - Links keep their order, as TCP's do, unless `network unordered` says otherwise. Nothing here depends on it.
 *
 * Read on in this order: state.ts, election.ts, replication.ts, reads.ts, leases.ts, snapshots.ts, transfer.ts, configuration.ts, membership.ts.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { NO_LEASE } from '../leases.ts';
import { configOf } from './config.ts';
import { adopting, readAllConfigurations } from './configuration.ts';
import { adoptTerm, beginTerm, hearsLeader, onElectionTimeout, onPreVote, onPreVoteReply, onQuorumTimer, onRequestVote, onVote, restartElectionTimer } from './election.ts';
import { mayCount, onMembersRequest } from './membership.ts';
import { beginWait, boundUs } from './leases.ts';
import { onRead } from './reads.ts';
import { onAppendEntries, onAppendReply, onCommand, onHeartbeatTimer } from './replication.ts';
import { RAFT } from './spec.ts';
import { damagedEntry, damagedSnapshot, loadAtRestart, onInstallSnapshot } from './snapshots.ts';
import { finish, lastTerm, NO_SNAPSHOT, type Config, type Disk, type RaftContext, type RaftMessage, type RaftState, type Step } from './state.ts';
import { onTimeoutNow, onTransfer, onTransferTimer } from './transfer.ts';
import { hashMessage, hashState, viewOf } from './view.ts';

class Raft implements Machine<RaftState, RaftMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo = true;
  readonly firstLeader: ProcessId = 0;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    const { length } = config.membersAtStart;
    this.electionQuorum = config.votes(length);
    this.decisionQuorum = config.commitQuorum(length);
    // Terms are nobody's own, so any two elections must share a voter as well.
    this.mustMeet = [[this.electionQuorum, this.decisionQuorum], ...config.votesCounted ? [[this.electionQuorum, this.electionQuorum] as const] : []];
  }

  /** A spare server knows the members and is none: it waits to hear from a leader. */
  initial(): RaftState {
    return {
      disk: { currentTerm: 1, votedFor: 0, log: PersistentMap.empty(), snapshot: NO_SNAPSHOT }, role: 'follower', leader: 0, commitIndex: 0, lastApplied: 0,
      values: PersistentMap.empty(), results: PersistentMap.empty(), heardLeaderUs: Number.NEGATIVE_INFINITY, votes: [],
      nextIndex: PersistentMap.empty(), matchIndex: PersistentMap.empty(), sentIndex: PersistentMap.empty(), waiting: PersistentMap.empty(),
      firstOfTerm: 0, round: 0, answered: PersistentMap.empty(), reads: PersistentMap.empty(), transferee: undefined, lease: NO_LEASE, handedOver: false, heardFrom: PersistentMap.empty(),
      configurations: [{ index: 0, configuration: { members: this.config.membersAtStart, next: undefined } }], changes: [], learners: [],
    };
  }

  start(context: RaftContext, state: RaftState): void {
    this.within(context, state, (step) => {
      if (!this.config.membersAtStart.includes(context.self)) state.leader = undefined;
      else if (context.self !== 0) restartElectionTimer(step);
      if (context.self !== 0) return;
      const { length } = this.config.membersAtStart;
      context.emit('leads', { epoch: 1, a: length, b: length });
      beginTerm(step);
    });
  }

  /** "Servers … respond to RPCs" as before from what is on disk; what is committed, the next leader says. */
  restart(context: RaftContext, node: ProcessId, disk: Disk | undefined): RaftState {
    const state = this.initial();
    if (disk === undefined) context.emit('truncate', { epoch: 1, slot: 1 });
    else state.disk = this.config.persist === 'all' ? disk : { currentTerm: Math.max(1, lastTerm(disk.log)), votedFor: undefined, log: disk.log, snapshot: disk.snapshot };
    state.leader = undefined;
    context.emit('promise', { epoch: state.disk.currentTerm, peer: node });
    const step = this.step(context, state);
    adopting(step, () => {
      readAllConfigurations(step);
      loadAtRestart(step);
    });
    beginWait(step, true);
    if (mayCount(step, node)) restartElectionTimer(step);
    return state;
  }

  onMessage(context: RaftContext, state: RaftState, from: ProcessId, message: RaftMessage): void {
    this.within(context, state, (step) => {
      // A server that hears its leader disregards a RequestVote, term and all (thesis 4.2.3; in etcd part of check-quorum).
      if (message.type === 'request-vote' && !message.wished && this.config.checkQuorum && message.epoch > state.disk.currentTerm && hearsLeader(step)) return context.discard('it hears a leader');
      if (message.type === 'request-vote' && !message.wished && boundUs(step) > 0) return context.discard('it has answered a leader whose lease may still run');
      // A pre-vote changes nobody's term (thesis 9.6).
      if (message.type !== 'pre-vote') adoptTerm(step, message.epoch, from);
      this.dispatch(step, from, message);
    });
  }

  private dispatch(step: Step, from: ProcessId, message: RaftMessage): void {
    switch (message.type) {
      case 'request-vote': return onRequestVote(step, from, message);
      case 'vote': return onVote(step, from, message);
      case 'append-entries': return onAppendEntries(step, from, message);
      case 'append-reply': return onAppendReply(step, from, message);
      case 'install-snapshot': return onInstallSnapshot(step, from, message);
      case 'timeout-now': return onTimeoutNow(step, message);
      case 'pre-vote': return onPreVote(step, from, message);
      case 'pre-vote-reply': return onPreVoteReply(step, from, message);
    }
  }

  /** §8: a follower sends its client to the leader that it knows. */
  onRequest(context: RaftContext, state: RaftState, request: Request): void {
    this.within(context, state, (step) => {
      if (state.role === 'leader' && request.action.kind === 'members') return onMembersRequest(step, request);
      if (state.role === 'leader') return request.action.kind === 'read' ? onRead(step, request) : onCommand(step, request);
      // Who has been removed may know an old leader, and what became of that one nobody tells it.
      if (state.leader === undefined || !mayCount(step, state.leader)) return context.discard('it knows no leader');
      context.redirect(request, state.leader);
    });
  }

  onTimer(context: RaftContext, state: RaftState, name: string): void {
    this.within(context, state, (step) => {
      switch (name) {
        case 'election': return onElectionTimeout(step);
        case 'heartbeat': return onHeartbeatTimer(step);
        case 'quorum': return onQuorumTimer(step);
        case 'transfer': return onTransferTimer(step);
      }
    });
  }

  onSuspect(context: RaftContext, state: RaftState): void { this.within(context, state, onElectionTimeout); }

  onTransfer(context: RaftContext, state: RaftState, to: ProcessId): void { this.within(context, state, (step) => { onTransfer(step, to); }); }

  corrupt(message: RaftMessage): RaftMessage {
    const content = damaged(message.content);
    if (message.type === 'install-snapshot') return { ...message, content, snapshot: damagedSnapshot(message.snapshot) };
    if (message.type !== 'append-entries') return { ...message, content };
    const last = message.entries.at(-1);
    return last === undefined ? { ...message, content } : { ...message, content, entries: [...message.entries.slice(0, -1), damagedEntry(last)] };
  }

  view(state: RaftState): NodeView { return viewOf(state); }

  hash(state: RaftState, hasher: StateHasher): void { hashState(this.config, state, hasher); }

  hashMessage(message: RaftMessage, hasher: StateHasher): void { hashMessage(message, hasher); }

  epochFloor(state: RaftState): number { return state.disk.currentTerm; }

  private step(context: RaftContext, state: RaftState): Step { return { config: this.config, context, state, late: [], unsaved: false }; }

  private within(context: RaftContext, state: RaftState, handler: (step: Step) => void): void {
    const step = this.step(context, state);
    handler(step);
    finish(step);
  }
}

export const raft: Protocol = {
  spec: RAFT,
  configure(scenario: Scenario): Machine<NodeState, Message> {
    return new Raft(configOf(scenario)) as unknown as Machine<NodeState, Message>;
  },
};
