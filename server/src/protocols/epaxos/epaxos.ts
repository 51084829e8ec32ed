/**
 * `epaxos`: Egalitarian Paxos, in which any replica leads the commands that its clients bring it.
 *
 * Source: Moraru, Andersen and Kaminsky, "There Is More Consensus in Egalitarian Parliaments", SOSP 2013: §4.3 with Figures
 * 2 and 3, the basic protocol (fast quorums of 2F). Read on in this order: state.ts, phases.ts and commit.ts (Figure 2),
 * execution.ts (§4.3.2), recovery.ts (Figure 3).
 *
 * An instance Q.i is slot (i - 1) * n + Q + 1. A ballot (round, replica) is round * n + replica + 1; an instance's default
 * ballot is its owner's of round 0.
 *
 * Deviations and choices:
 * - Two ballot variables. The paper keeps one, "the most recent ballot number accepted", which its pseudocode also raises on
 *   Prepare; Sutra ("On the correctness of Egalitarian Paxos", 2020) shows that replicas then diverge. Knob `ballots`.
 * - An owner always asks the same fast quorum, which the paper leaves open. A recovery counts only its members: with n = 3,
 *   if different quorums could be asked, two different pre-accepts could each look like one that was committed.
 * - A fast quorum that does not answer is waited for as long as for any open instance; then the others are asked too.
 * - deps are all interfering instances, not the latest of each replica: the shorter form is safe only under further rules.
 * - A commit is acknowledged, and sent again to who does not; the paper relies on later commands to make a replica ask.
 * - A replica recovers any open instance it has heard of, whether or not something waits for it, and takes a later
 *   instance of a replica as a sign of the earlier ones. A command that lost its instance to a no-op gets a new one.
 * - Ties of seq within a component are broken by replica and index. One configuration only: ballots have no epochs.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { onCommit, onCommitOk, onCommitted, onCommitTimer, owe } from './commit.ts';
import { executeAgain } from './execution.ts';
import { onAccept, onAcceptOk, onPreAccept, onPreAcceptOk, onRequest, onRetryTimer } from './phases.ts';
import { onPrepare, onPrepareOk, onRecoverTimer, suspect } from './recovery.ts';
import { EPAXOS } from './spec.ts';
import {
  defaultBallot, hearOf, othersOf, ownerOf, slowQuorum, watch, type Config, type Disk, type EpContext, type EpMessage, type EpState, type Step,
} from './state.ts';
import { floorOf, hashMessage, hashState, viewOf } from './view.ts';

class EPaxos implements Machine<EpState, EpMessage> {
  /** What a recovery asks. */
  readonly electionQuorum: number;
  /** The paper asks no order of its network. */
  readonly fifo = false;
  readonly firstLeader = undefined;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.electionQuorum = slowQuorum(config);
  }

  initial(): EpState {
    return {
      disk: { instances: PersistentMap.empty(), next: 1 }, heard: PersistentMap.empty(), leading: PersistentMap.empty(), waiting: PersistentMap.empty(),
      values: PersistentMap.empty(), results: PersistentMap.empty(), executed: PersistentMap.empty(), writing: PersistentMap.empty(),
      pending: PersistentMap.empty(), attempts: PersistentMap.empty(), unacknowledged: PersistentMap.empty(), stalled: PersistentMap.empty(),
    };
  }

  /** Nobody leads. A replica's own instances are its to begin; said once, so that the log shows that each slot has its own ballots. */
  start(context: EpContext): void { context.emit('promise', { epoch: context.self + 1, slot: context.self + 1, peer: context.self }); }

  /** It leads nothing any more: what is open it recovers, like anybody else; what it had committed it tells again. */
  restart(context: EpContext, node: ProcessId, disk: Disk | undefined): EpState {
    const state = this.initial();
    if (disk === undefined) {
      context.emit('truncate', { slot: 1 });
      return state;
    }
    state.disk = disk;
    const step = this.step(context, state);
    executeAgain(step);
    for (const [slot, { status, bal, deps }] of disk.instances) {
      for (const dep of deps) hearOf(step, dep);
      if (status === 'committed' && ownerOf(this.config, slot) === node) for (const peer of othersOf(context)) owe(step, peer, slot);
      if (status === 'committed') continue;
      if (bal > defaultBallot(this.config, slot)) context.emit('promise', { epoch: bal, slot, peer: node });
      watch(step, slot);
    }
    return state;
  }

  onMessage(context: EpContext, state: EpState, from: ProcessId, message: EpMessage): void {
    const step = this.step(context, state);
    switch (message.type) {
      case 'pre-accept': return onPreAccept(step, from, message);
      case 'pre-accept-ok': return onPreAcceptOk(step, from, message);
      case 'accept': return onAccept(step, from, message);
      case 'accept-ok': return onAcceptOk(step, from, message);
      case 'commit': return onCommit(step, from, message);
      case 'commit-ok': return onCommitOk(step, from, message);
      case 'prepare': return onPrepare(step, from, message);
      case 'prepare-ok': return onPrepareOk(step, from, message);
    }
  }

  onRequest(context: EpContext, state: EpState, request: Request): void { onRequest(this.step(context, state), request); }

  onTimer(context: EpContext, state: EpState, name: string, argument: number): void {
    const step = this.step(context, state);
    switch (name) {
      case 'retry': return onRetryTimer(step, argument);
      case 'recover': return onRecoverTimer(step, argument);
      case 'commit': return onCommitTimer(step, argument);
      case 'committed': return onCommitted(step, argument);
    }
  }

  onSuspect(context: EpContext, state: EpState): void { suspect(this.step(context, state)); }

  corrupt(message: EpMessage): EpMessage {
    const content = damaged(message.content);
    if (!('command' in message) || message.command === undefined) return { ...message, content };
    const { action } = message.command;
    const changed = action.kind === 'write' || action.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
    return { ...message, content, command: { ...message.command, action: changed } };
  }

  view(state: EpState): NodeView { return viewOf(this.config, state); }

  hash(state: EpState, hasher: StateHasher): void { hashState(this.config, state, hasher); }

  hashMessage(message: EpMessage, hasher: StateHasher): void { hashMessage(this.config, message, hasher); }

  epochFloor(state: EpState): number { return floorOf(state); }

  private step(context: EpContext, state: EpState): Step { return { config: this.config, context, state }; }
}

/** The scenario's knobs as the state machine uses them. The model has checked names and values. */
function configOf(scenario: Scenario): Config {
  const knob = <T extends string>(name: string): T => {
    const value = scenario.knobs.get(name)?.value;
    if (value === undefined) throw new Error(`epaxos: the knob ${name} has no value`);
    return value as T;
  };
  const base = Number(knob('base')), stagger = Number(knob('stagger'));
  return {
    ballots: knob('ballots'),
    conflicts: knob('conflict-detect') === 'on',
    fastPath: knob('fast-path'),
    fastQuorum: knob('fast-quorum'),
    recovery: knob('recovery'),
    execution: knob('execution'),
    replyAt: knob('reply-at'),
    sessions: knob('sessions') === 'on',
    persist: knob('persist') === 'all',
    // `timeouts` replaces the wait exactly, stagger and all.
    waitUs: scenario.nodes.map((_, rank) => {
      const set = scenario.timeouts.get(rank);
      return set === undefined ? { base, stagger: rank * stagger } : { base: set, stagger: 0 };
    }),
    names: scenario.nodes,
    nodeCount: scenario.nodes.length,
  };
}

export const epaxos: Protocol = {
  spec: EPAXOS,
  configure(scenario: Scenario): Machine<NodeState, Message> { return new EPaxos(configOf(scenario)) as unknown as Machine<NodeState, Message>; },
};
