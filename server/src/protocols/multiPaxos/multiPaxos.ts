/**
 * `multi-paxos`: a sequence of slots, each decided by Paxos, with one leader that runs phase 1 for all of them at once.
 *
 * Source: Lamport, "Paxos Made Simple" (2001), §3. `q1` and `q2`: Howard, Malkhi and Spiegelman, "Flexible Paxos" (2016). The
 * words are those of protocols.md B6.
 *
 * The paper, and what it leaves open:
 * - A ballot is one number for all slots (../ballots.ts); the first node leads ballot 1 by decree, without a phase 1.
 * - Electing the leader is left open (§3, §2.4). Here a follower that hears nothing for its timer takes the next ballot of its
 *   own, and safety does not depend on who does so when.
 * - Every message carries its sender's ballot, and a higher one is a promise whoever says it: then one number a node is enough
 *   to see who is out of date. The paper promises on `prepare` and `accept` only; promising more is safe.
 * - An acceptor remembers that a value is chosen and tells a candidate so, which then need not propose it again.
 * - `chosen` goes to all when a slot is chosen, and every `commit-timeout` as a sign of life; `accept` carries the same number, and
 *   with `commit-prop piggyback` stands for both as long as there is something to propose. A node
 *   that lacks something asks with `learn`. There are no snapshots: logs are kept whole.
 * - Reads are values of slots (`read-path log`), or the leader's own while it has a lease (leases.ts).
 * - Membership does not change.
 *
 * Read on in this order: state.ts, leader.ts, acceptor.ts, learner.ts, leases.ts.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { sizeOf } from '../quorums.ts';
import { hashLease, leaseChoiceOf, NO_LEASE } from '../leases.ts';
import { onAccept, onPrepare, passesRatchet } from './acceptor.ts';
import { askAgain, onAccepted, onPromise, onRequest, sendHeartbeats, suspect } from './leader.ts';
import { onGrant, waitAfterRestart } from './leases.ts';
import { onChosen, onLearn, replay } from './learner.ts';
import { MULTI_PAXOS } from './spec.ts';
import { ASK_AGAIN_US, watchLeader, type Config, type Disk, type Log, type MultiPaxosContext, type MultiPaxosMessage, type MultiPaxosState, type Step } from './state.ts';

class MultiPaxos implements Machine<MultiPaxosState, MultiPaxosMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo = false;
  readonly firstLeader: ProcessId = 0;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.electionQuorum = config.q1;
    this.decisionQuorum = config.q2;
    this.mustMeet = [[config.q1, config.q2]];
  }

  initial(): MultiPaxosState {
    return {
      disk: { promised: 1, log: PersistentMap.empty() }, role: 'follower', ballot: 1, leader: 0, applied: 0,
      values: PersistentMap.empty(), results: PersistentMap.empty(), progress: PersistentMap.empty(), nextSlot: 1, bound: 0, lease: NO_LEASE, queue: [],
      promises: PersistentMap.empty(), round: 0, askedUs: Number.NEGATIVE_INFINITY,
    };
  }

  start(context: MultiPaxosContext, state: MultiPaxosState): void {
    const step = this.step(context, state);
    if (context.self !== 0) return watchLeader(step);
    state.role = 'leader';
    context.emit('leads', { epoch: 1, a: this.config.nodeCount, b: this.config.nodeCount });
    sendHeartbeats(step);
  }

  /** A follower of nobody, with what the disk holds. A ballot that it led or stood in is over: its next one is higher. */
  restart(context: MultiPaxosContext, _node: ProcessId, disk: Disk | undefined): MultiPaxosState {
    const state = this.initial();
    state.leader = undefined;
    if (disk !== undefined) state.disk = this.kept(disk);
    if (disk === undefined || (!this.config.persistAcceptances && disk.log.size > 0)) context.emit('truncate', { epoch: state.disk.promised, slot: 1 });
    state.ballot = state.disk.promised;
    replay(state, this.config.sessions);
    context.emit('promise', { epoch: state.disk.promised, peer: context.self });
    const step = this.step(context, state);
    waitAfterRestart(step);
    watchLeader(step);
    return state;
  }

  private kept({ promised, log }: Disk): Disk {
    const { persistAcceptances, persistPromises } = this.config;
    const still: Log = persistAcceptances ? log : PersistentMap.empty();
    return { promised: persistPromises ? promised : highestBallot(still), log: still };
  }

  onMessage(context: MultiPaxosContext, state: MultiPaxosState, from: ProcessId, message: MultiPaxosMessage): void {
    const step = this.step(context, state);
    if (!passesRatchet(step, from, message)) return;
    switch (message.type) {
      case 'prepare': return onPrepare(step, from, message);
      case 'promise': return onPromise(step, from, message);
      case 'accept': return onAccept(step, from, message);
      case 'accepted': return onAccepted(step, from, message);
      case 'chosen': return onChosen(step, from, message);
      case 'grant': return onGrant(step, from, message);
      case 'nack': return context.discard('it no longer leads or stands in an older ballot');
      case 'learn': return onLearn(step, from, message);
    }
  }

  onRequest(context: MultiPaxosContext, state: MultiPaxosState, request: Request): void { onRequest(this.step(context, state), request); }

  onTimer(context: MultiPaxosContext, state: MultiPaxosState, name: string, argument: number): void {
    const step = this.step(context, state);
    switch (name) {
      case 'suspect': return suspect(step);
      case 'heartbeat': return sendHeartbeats(step);
      case 'retry': return askAgain(step, argument);
    }
  }

  onSuspect(context: MultiPaxosContext, state: MultiPaxosState): void { suspect(this.step(context, state)); }

  corrupt(message: MultiPaxosMessage): MultiPaxosMessage {
    const content = damaged(message.content);
    if (message.type !== 'accept') return { ...message, content };
    const { action } = message.value;
    const changed = action?.kind === 'write' || action?.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
    return { ...message, content, value: { ...message.value, action: changed, content } };
  }

  view(state: MultiPaxosState): NodeView {
    const log = [...state.disk.log].map(([slot, { ballot, value, chosen }]) => ({
      slot, epoch: ballot, content: value.content,
      state: !chosen ? 'accepted' as const : slot <= state.applied ? 'applied' as const : 'committed' as const,
    }));
    return { role: state.role, epoch: state.ballot, leader: state.leader, log, values: new Map(state.values) };
  }

  hash(state: MultiPaxosState, hasher: StateHasher): void {
    this.ballot(hasher, state.disk.promised);
    this.ballot(hasher, state.ballot);
    this.log(hasher, state.disk.log);
    hasher.text(state.role);
    for (const number of [state.leader ?? -1, state.applied, state.nextSlot, state.bound, state.round]) hasher.int(number);
    for (const data of [state.values, state.results, state.progress, state.queue]) hasher.data(data);
    hasher.entries(state.promises, (to, _from, votes) => { this.log(to, votes); });
    hasher.time(state.askedUs, ASK_AGAIN_US);
    if (this.config.lease !== undefined) hashLease(this.config.lease, state.lease, hasher);
  }

  hashMessage(message: Message, hasher: StateHasher): void {
    const paxos = message as MultiPaxosMessage;
    hasher.text(paxos.type);
    this.ballot(hasher, paxos.epoch);
    for (const number of [paxos.slot, paxos.op]) hasher.int(number);
    hasher.text(paxos.content);
    if (paxos.type === 'promise') this.log(hasher, paxos.votes);
    if (paxos.type === 'accept') { hasher.data(paxos.value); hasher.int(paxos.upTo); }
    if (paxos.type === 'chosen') { hasher.int(paxos.upTo); if (paxos.entries !== undefined) this.log(hasher, paxos.entries); }
  }

  /** A ballot counts by how far it is from the floor, and by whose it is: a shift that changes leaders is not the same world. */
  private ballot(hasher: StateHasher, value: number): void {
    hasher.int(value % this.config.nodeCount);
    hasher.epoch(value);
  }

  private log(hasher: StateHasher, log: Log): void {
    hasher.entries(log, (to, _slot, { ballot, value, chosen }) => { this.ballot(to, ballot); to.data(value); to.int(chosen ? 1 : 0); });
  }

  /** Some rounds below the highest ballot promised, so that what is still on its way in a duel counts as current. */
  epochFloor(state: MultiPaxosState): number { return Math.max(0, state.disk.promised - ROUNDS_CURRENT * this.config.nodeCount); }

  private step(context: MultiPaxosContext, state: MultiPaxosState): Step { return { config: this.config, context, state }; }
}

/** Messages of this many rounds can be on their way at once. */
const ROUNDS_CURRENT = 8;

function highestBallot(log: Log): number {
  let highest = 1;
  for (const { ballot } of log.values()) highest = Math.max(highest, ballot);
  return highest;
}

function configOf(scenario: Scenario): Config {
  const knob = (name: string): string => scenario.knobs.get(name)!.value;
  const nodeCount = scenario.nodes.length, persist = knob('persist');
  const baseUs = Number(knob('base')), staggerUs = Number(knob('stagger'));
  const ranks = scenario.nodes.map((_, rank) => rank);
  return {
    q1: sizeOf(knob('q1'), nodeCount), q2: sizeOf(knob('q2'), nodeCount),
    persistPromises: persist === 'all' || persist === 'promise', persistAcceptances: persist === 'all' || persist === 'acceptance',
    adoptHighest: knob('adopt-highest') === 'on', fillHoles: knob('holes') === 'no-op', ratchet: knob('ratchet') === 'on',
    piggyback: knob('commit-prop') === 'piggyback', commitTimeoutUs: Number(knob('commit-timeout')), chosenGuard: knob('chosen-guard') === 'on',
    window: Math.max(1, Math.floor(Number(knob('window')))), readPath: knob('read-path') as Config['readPath'], lease: leaseChoiceOf(knob), sessions: knob('sessions') === 'on', backoff: knob('backoff') === 'on',
    timeoutUs: ranks.map((rank) => scenario.timeouts.get(rank) ?? baseUs + rank * staggerUs),
    // `timeouts` replaces the timer exactly, stagger and all: two nodes with equal timers stay equal in every round.
    roundUs: ranks.map((rank) => ({ base: scenario.timeouts.get(rank) ?? baseUs, stagger: scenario.timeouts.has(rank) ? 0 : rank * staggerUs })),
    nodeCount,
  };
}

export const multiPaxos: Protocol = {
  spec: MULTI_PAXOS,
  configure(scenario: Scenario): Machine<NodeState, Message> { return new MultiPaxos(configOf(scenario)) as unknown as Machine<NodeState, Message>; },
};
