/**
 * `zab`: ZooKeeper's atomic broadcast. A primary proposes transactions in order; a new primary first finds out what the last
 * ones may have committed, and has a quorum take that over, before it goes on.
 *
 * Source: Junqueira, Reed and Serafini, "Zab: High-performance broadcast for primary-backup systems", DSN 2011, section V
 * (phases and steps by their names there); the election after ZooKeeper's fast leader election; the rules for followers that
 * come late after the specification in ZooKeeper's repository.
 *
 * Deviations:
 * - The counter of a zxid goes on through all epochs, so that it is a transaction's place in the history; in ZooKeeper it
 *   begins anew with each epoch. zxids are ordered alike. It is the `slot` of events and messages, e′ their `epoch`.
 * - The first process leads epoch 1 from the start, and everybody follows it: every scenario has a leader at once.
 * - An ack and a commit speak for all transactions before theirs, and pings tell what was lost on the way: the paper's links
 *   lose and reorder nothing, those of a scenario may.
 * - A follower that does not join within twice its failure timer, and a leader without a quorum for that long, look again.
 * - Links keep their order, as TCP's do, unless `network unordered` says otherwise.
 *
 * Above it stand ZooKeeper's znodes, sessions and watches, after Hunt, Konar, Junqueira and Reed, USENIX ATC 2010.
 *
 * Not here: observers, snapshots.
 *
 * Read on in this order: state.ts, election.ts, discovery.ts, synchronisation.ts, broadcast.ts; znodes.ts, sessions.ts, watches.ts, client.ts, recipes.ts.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { ClientMachine, Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { onAck, onCommit, onHeartbeatTimer, onPing, onPong, onPropose, onQuorumTimer, onRequest, startLeading } from './broadcast.ts';
import { sessionClients } from './client.ts';
import { configOf } from './config.ts';
import { onAckE, onCepoch, onNewepoch, sendCepoch, watchLeader } from './discovery.ts';
import { decide, lookForLeader, notifyAll, onNotification } from './election.ts';
import { onCall, onConnect, onFlush, onFlushed, onForward, onSessionTimer, onTouch } from './sessions.ts';
import { ZAB } from './spec.ts';
import { lastEpoch, others, type Config, type Disk, type Step, type ZabContext, type ZabMessage, type ZabState } from './state.ts';
import { onAckLd, onCommitLd, onNewleader } from './synchronisation.ts';
import { hashMessage, hashState, viewOf } from './view.ts';
import { EMPTY_TREE } from './znodes.ts';

class Zab implements Machine<ZabState, ZabMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo = true;
  readonly firstLeader: ProcessId = 0;
  readonly clients: ClientMachine<object, ZabMessage>;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.electionQuorum = config.quorum;
    this.mustMeet = config.mustMeet;
    this.decisionQuorum = config.mustMeet.length > 0 ? config.quorum : -1;
    this.clients = sessionClients(config);
  }

  initial(): ZabState {
    return {
      disk: { acceptedEpoch: 1, currentEpoch: 1, history: PersistentMap.empty() }, role: 'following', phase: 'broadcast', leader: 0, epoch: 1,
      round: 0, vote: { leader: 0, currentEpoch: 1, lastEpoch: 0, lastCounter: 0 }, votes: PersistentMap.empty(),
      committed: 0, applied: 0, values: PersistentMap.empty(), results: PersistentMap.empty(), tree: EMPTY_TREE,
      connections: PersistentMap.empty(), opening: PersistentMap.empty(), watches: PersistentMap.empty(), flushes: [],
      cepochs: PersistentMap.empty(), ackEs: PersistentMap.empty(), proposedTo: PersistentMap.empty(), ackLds: PersistentMap.empty(),
      acked: PersistentMap.empty(), waiting: PersistentMap.empty(), heard: PersistentMap.empty(),
    };
  }

  start(context: ZabContext, state: ZabState): void {
    const step = this.step(context, state);
    if (context.self !== 0) return watchLeader(step);
    state.role = 'leading';
    const everybody = [context.self, ...others(step)].map((node) => [node, true] as const);
    state.ackLds = PersistentMap.of(everybody);
    state.proposedTo = PersistentMap.of(everybody.slice(1));
    context.emit('leads', { epoch: 1, a: this.config.nodeCount, b: this.config.nodeCount });
    startLeading(step);
  }

  /** Back to phase 0 with what is on disk; what of it is committed, the leader says. */
  restart(context: ZabContext, node: ProcessId, disk: Disk | undefined): ZabState {
    const state = this.initial();
    if (disk === undefined) context.emit('truncate', { epoch: 1, slot: 1 });
    else state.disk = this.config.persist === 'all' ? disk : { acceptedEpoch: Math.max(1, lastEpoch(disk.history)), currentEpoch: Math.max(1, lastEpoch(disk.history)), history: disk.history };
    context.emit('promise', { epoch: state.disk.acceptedEpoch, peer: node });
    lookForLeader(this.step(context, state), '');
    return state;
  }

  onMessage(context: ZabContext, state: ZabState, from: ProcessId, message: ZabMessage): void {
    const step = this.step(context, state);
    switch (message.type) {
      case 'notification': return onNotification(step, from, message);
      case 'cepoch': return onCepoch(step, from, message);
      case 'newepoch': return onNewepoch(step, from, message);
      case 'ack-e': return onAckE(step, from, message);
      case 'newleader': return onNewleader(step, from, message);
      case 'ack-ld': return onAckLd(step, from, message);
      case 'commit-ld': return onCommitLd(step, from, message);
      case 'propose': return onPropose(step, from, message);
      case 'ack': return onAck(step, from, message);
      case 'commit': return onCommit(step, from, message);
      case 'ping': return onPing(step, from, message);
      case 'pong': return onPong(step, from, message);
      case 'connect': return onConnect(step, from, message);
      case 'touch': return onTouch(step, from, message);
      case 'forward': return onForward(step, message);
      case 'flush': return onFlush(step, from, message);
      case 'flushed': return onFlushed(step, from, message);
      case 'event': case 'connected': case 'refused': case 'expired': case 'touched': case 'ok': case 'failed': return;
      default: return onCall(step, from, message);
    }
  }

  onRequest(context: ZabContext, state: ZabState, request: Request): void { onRequest(this.step(context, state), request); }

  onTimer(context: ZabContext, state: ZabState, name: string, argument: number): void {
    const step = this.step(context, state);
    switch (name) {
      case 'suspect': return this.onSuspect(context, state);
      case 'heartbeat': return onHeartbeatTimer(step);
      case 'quorum': return onQuorumTimer(step);
      case 'resend': return notifyAll(step);
      case 'decide': return decide(step);
      case 'join': return sendCepoch(step);
      case 'session': return onSessionTimer(step, argument);
    }
  }

  /** A follower that does not hear its leader any more looks for another. */
  onSuspect(context: ZabContext, state: ZabState): void {
    if (state.role === 'leading') return;
    context.emit('timeout');
    lookForLeader(this.step(context, state), '');
  }

  corrupt(message: ZabMessage): ZabMessage {
    const content = damaged(message.content);
    if (message.type !== 'propose') return { ...message, content };
    const { action } = message.transaction;
    const changed = action.kind === 'write' || action.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
    return { ...message, content, transaction: { ...message.transaction, action: changed, content } };
  }

  view(state: ZabState): NodeView { return viewOf(state); }

  hash(state: ZabState, hasher: StateHasher): void { hashState(state, hasher); }

  hashMessage(message: ZabMessage, hasher: StateHasher): void { hashMessage(message, hasher); }

  epochFloor(state: ZabState): number { return state.disk.acceptedEpoch; }

  private step(context: ZabContext, state: ZabState): Step { return { config: this.config, context, state }; }
}

export const zab: Protocol = {
  spec: ZAB,
  configure(scenario: Scenario): Machine<NodeState, Message> {
    return new Zab(configOf(scenario)) as unknown as Machine<NodeState, Message>;
  },
};
