/**
 * `primary-backup`: the road from two-phase commit towards Paxos, one knob at a time.
 *
 * Sources: Gray 1978 (2PC), Skeen 1981 (3PC), Ongaro and Ousterhout 2014 §5.2, §5.4.1 (votes), Liskov and Cowling 2012 §4
 * (succession, epochs), and the essay in whose order the presets stand. The words are those of protocols.md §A.
 *
 * Deviations, each for the reason given where it is written: with epochs off, messages still carry their leader's epoch
 * in the simulation, for the checkers alone, and no handler compares it (election.ts `follow`); a reachable quorum is
 * counted again when nobody has answered for a whole timeout, or a node cut off from all others could never show what
 * is wrong with it (replication.ts `onRecountTimer`, election.ts `suspect`).
 *
 * Read on in this order: state.ts, replication.ts, piggyback.ts, batch.ts, doubt.ts, election.ts, recovery.ts, reads.ts, leases.ts, hardening.ts.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { proposeGathered } from './batch.ts';
import { NO_LEASE } from '../leases.ts';
import { configOf } from './config.ts';
import { onAbortKept, onCollectTimer, beginDoubt, onDecision, onDoubtTimer, onQuery, onStanding } from './doubt.ts';
import { follow, onLead, onPromise, onProposeLeader, raisePromise, sendHeartbeats, suspect, watchLeader } from './election.ts';
import { onEcho, onEchoTimer, passesElection, passesSeal, readable, sealed } from './hardening.ts';
import { learnCommits, onCommitIdleTimer, onCommitNumber } from './piggyback.ts';
import { onGrant, question, waitAfterRestart } from './leases.ts';
import { answerLocally, onConfirm, onConfirmed, onConfirmTimer, onRead } from './reads.ts';
import { onCatchUp, onLeaderLog, replay } from './recovery.ts';
import {
  abortSlot, onAbort, onAccept, onAck, onAckPre, onCommit, onCoordinateTimer, onHeartbeat, onPreCommit, onProposalKept, onPropose, onRecountTimer, onReject, onRetryTimer, onWrite, resendCommit,
} from './replication.ts';
import { about, epochsOn, HEARTBEAT_US, lastEpoch, lastSlot, onPromiseKept, sendTo, sendToOthers, type Config, type Disk, type PbContext, type PbMessage, type PbState, type Step } from './state.ts';
import { counted, sizeOf } from '../quorums.ts';
import { Sharded } from './sharded.ts';
import { Plan } from './shards.ts';
import { hashState, viewOf } from './view.ts';
import { PRIMARY_BACKUP } from './spec.ts';

/** What only a leader sends: obeying it is following it, and an older one is told so. */
const LEADER_WORDS: ReadonlySet<string> = new Set(['propose', 'pre-commit', 'commit', 'abort', 'heartbeat', 'lead', 'confirm']);

class PrimaryBackup implements Machine<PbState, PbMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo: boolean;
  readonly firstLeader: ProcessId = 0;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.fifo = config.fifo;
    const { commitQuorum, nodeCount, votes } = config, counts = config.detector && config.succession !== 'sorted-live';
    this.electionQuorum = !config.detector ? 0 : counts ? sizeOf(votes, nodeCount) : -1;
    // Epochs are nobody's own, so elections must meet each other too. Where they are (view-mod-n), a majority confirms reads all the same.
    this.mustMeet = counts ? counted(nodeCount, [votes, commitQuorum], [votes, votes]) : [];
    this.decisionQuorum = this.mustMeet.length > 0 ? sizeOf(commitQuorum, nodeCount) : -1;
  }

  initial(): PbState {
    return {
      disk: { promised: 1, log: PersistentMap.empty() }, role: 'follower', epoch: 1, leader: 0, heard: 1, synced: 1, applied: 0,
      values: PersistentMap.empty(), results: PersistentMap.empty(), progress: PersistentMap.empty(), reads: PersistentMap.empty(), nextRead: 1, adopted: 0, toldUpTo: 0, gathered: [],
      votes: PersistentMap.empty(), round: 0, lastHeard: PersistentMap.empty(), suspected: PersistentMap.empty(), standings: PersistentMap.empty(),
      behindUs: Number.NEGATIVE_INFINITY, askedUs: Number.NEGATIVE_INFINITY, lease: NO_LEASE, newestProposal: 0, newestCommit: 0,
      echoes: PersistentMap.empty(), told: PersistentMap.empty(), awaited: PersistentMap.empty(), kept: 1, writing: PersistentMap.empty(), proven: { epoch: 1, leader: 0 }, election: [],
    };
  }

  start(context: PbContext, state: PbState): void {
    const step = this.step(context, state);
    if (context.self !== 0) return watchLeader(step);
    this.leadFirst(step);
  }

  /** The first node leads epoch 1 by decree. */
  private leadFirst(step: Step): void {
    step.state.role = 'leader';
    step.context.emit('leads', { epoch: 1, a: this.config.nodeCount, b: this.config.nodeCount });
    if (!this.config.detector) return;
    sendToOthers(step, { ...about(step, 0), type: 'heartbeat', ...question(step) });
    step.context.setTimer('heartbeat', HEARTBEAT_US);
  }

  restart(context: PbContext, node: ProcessId, disk: Disk | undefined): PbState {
    const state = this.initial();
    const step = this.step(context, state);
    const found = disk === undefined ? undefined : readable(this.config, disk);
    if (found !== undefined) state.disk = this.config.persist === 'log' ? { ...found, promised: Math.max(1, lastEpoch(found.log)) } : found;
    if (found === undefined || found !== disk) context.emit('truncate', { epoch: state.epoch, slot: found === undefined ? 1 : lastSlot(found.log) + 1 });
    replay(this.config, state);
    if (state.disk.stopped !== undefined) return state;
    if (!this.config.detector) {
      if (node === 0) this.resumeCoordinator(step);
      else for (const [slot, entry] of state.disk.log) if (entry.status === 'accepted' || entry.status === 'pre') beginDoubt(step, 0, slot, entry);
      return state;
    }
    state.epoch = state.disk.promised;
    state.kept = state.disk.promised;
    state.heard = epochsOn(this.config) ? state.disk.promised : 1;
    state.leader = undefined;
    state.synced = 0;
    if (epochsOn(this.config)) context.emit('promise', { epoch: state.disk.promised, peer: node });
    waitAfterRestart(step);
    watchLeader(step);
    return state;
  }

  /** Presumed abort (protocols.md B1.6): a coordinator that finds no decision on its disk aborts. */
  private resumeCoordinator(step: Step): void {
    this.leadFirst(step);
    for (const [slot, entry] of step.state.disk.log) {
      if (entry.status === 'aborted') continue;
      step.state.progress = step.state.progress.set(slot, { accepted: [0], preAcknowledged: [0], acknowledged: [0], stage: 'propose', requests: [] });
      if (entry.status === 'committed') resendCommit(step, slot, entry);
      else abortSlot(step, slot);
    }
  }

  onMessage(context: PbContext, state: PbState, from: ProcessId, message: PbMessage): void {
    const step = this.step(context, state);
    if (state.disk.stopped !== undefined) return context.discard(`it has stopped: ${state.disk.stopped}`);
    if (!passesSeal(step, from, message)) return;
    if (this.config.votes === 'reachable' || this.config.commitQuorum === 'reachable') state.lastHeard = state.lastHeard.set(from, context.nowUs);
    if (LEADER_WORDS.has(message.type) && !passesElection(step, from, message)) return;
    if (epochsOn(this.config) && message.type !== 'propose-leader' && !this.passesRatchet(step, from, message)) return;
    if (this.config.detector && LEADER_WORDS.has(message.type) && !follow(step, from, message.epoch)) return;
    this.dispatch(step, from, message);
  }

  /** Every message carries its origin's epoch; nothing older than the promise is obeyed (VRR §4; protocols.md A8). */
  private passesRatchet(step: Step, from: ProcessId, message: PbMessage): boolean {
    const { context, state } = step;
    if (state.role === 'leader' && !this.config.ratchetLeaders) return true;
    // An echo says what was told then; nobody obeys it.
    if (message.epoch < state.disk.promised && message.type === 'echo') return true;
    if (message.epoch < state.disk.promised) {
      context.discard(`older than {${state.disk.promised}}, which it has promised`);
      if (LEADER_WORDS.has(message.type)) sendTo(step, from, { ...about(step, message.slot), epoch: state.disk.promised, type: 'nack' });
      return false;
    }
    if (message.epoch > state.disk.promised) raisePromise(step, message.epoch, from);
    return this.config.ratchet !== 'naive-tuple' || this.passesTuple(step, message);
  }

  /** The mistake of comparing whole {epoch, slot} pairs: a late message of the same leader is taken for an old one (A8b). */
  private passesTuple(step: Step, message: PbMessage): boolean {
    const { context, state } = step;
    if (message.type !== 'propose' && message.type !== 'commit') return true;
    const newest = message.type === 'propose' ? state.newestProposal : state.newestCommit;
    if (message.slot < newest) {
      context.discard(`{${message.epoch},${message.slot}} is older than {${message.epoch},${newest}}, which it has seen`);
      return false;
    }
    if (message.type === 'propose') state.newestProposal = message.slot;
    else state.newestCommit = message.slot;
    return true;
  }

  private dispatch(step: Step, from: ProcessId, message: PbMessage): void {
    switch (message.type) {
      case 'propose':
        onPropose(step, from, message);
        return learnCommits(step, from, message, message.committed);
      case 'accept': return onAccept(step, from, message);
      case 'echo': return onEcho(step, from, message);
      case 'reject': return onReject(step, message);
      case 'pre-commit': return onPreCommit(step, from, message);
      case 'ack-pre': return onAckPre(step, from, message);
      case 'commit': return this.config.piggyback ? onCommitNumber(step, from, message) : onCommit(step, from, message);
      case 'abort': return onAbort(step, from, message);
      case 'ack': return onAck(step, from, message);
      case 'query': return onQuery(step, from, message);
      case 'decision': return onDecision(step, message);
      case 'state': return message.slot >= 0 ? onStanding(step, from, message) : this.onLeaderState(step, message);
      case 'propose-leader': return onProposeLeader(step, from, message);
      case 'promise': return onPromise(step, from, message);
      case 'refuse': return step.context.discard('no vote');
      case 'lead': return onLead(step, message);
      case 'heartbeat': return onHeartbeat(step, from, message);
      case 'catch-up': return onCatchUp(step, from);
      case 'nack': return step.context.discard('it leads no older epoch any more');
      case 'grant': return onGrant(step, from, message);
      case 'confirm': return onConfirm(step, from, message);
      case 'confirmed': return onConfirmed(step, from, message);
    }
  }

  private onLeaderState(step: Step, message: Extract<PbMessage, { type: 'state' }>): void {
    if (step.state.role === 'leader') return step.context.discard('it leads itself');
    onLeaderLog(step, message);
  }

  onRequest(context: PbContext, state: PbState, request: Request): void {
    const step = this.step(context, state);
    if (state.disk.stopped !== undefined) return context.discard(`it has stopped: ${state.disk.stopped}`);
    if (request.action.kind === 'read' && this.config.readPath === 'any-local') return answerLocally(step, request);
    if (state.role !== 'leader') {
      if (state.leader === undefined || state.leader === context.self) return context.discard('it knows no leader');
      return context.redirect(request, state.leader);
    }
    if (request.action.kind === 'read') return onRead(step, request);
    onWrite(step, request);
  }

  onTimer(context: PbContext, state: PbState, name: string, argument: number): void {
    const step = this.step(context, state);
    if (state.disk.stopped !== undefined) return;
    switch (name) {
      case 'suspect': return suspect(step);
      case 'heartbeat': return sendHeartbeats(step);
      case 'retry': return onRetryTimer(step, argument);
      case 'recount': return onRecountTimer(step, argument);
      case 'coordinate': return onCoordinateTimer(step, argument);
      case 'doubt': return onDoubtTimer(step, argument);
      case 'collect': return onCollectTimer(step, argument);
      case 'echo': return onEchoTimer(step, argument);
      case 'confirm': return onConfirmTimer(step, argument);
      case 'linger': return proposeGathered(step);
      case 'commit-idle': return onCommitIdleTimer(step);
      case 'promised': return onPromiseKept(step, argument);
      case 'aborted': return onAbortKept(step, argument);
      case 'proposed': return onProposalKept(step, argument);
    }
  }

  onSuspect(context: PbContext, state: PbState): void {
    if (this.config.detector && state.disk.stopped === undefined) suspect(this.step(context, state));
  }

  corrupt(message: PbMessage): PbMessage {
    const content = damaged(message.content);
    if (message.type !== 'propose' && message.type !== 'commit') return { ...message, content };
    const action = message.entry.action;
    const changed = action.kind === 'write' || action.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
    return { ...message, content, entry: { ...message.entry, action: changed, content } };
  }

  seal(message: PbMessage, signer: ProcessId): PbMessage { return sealed(this.config, message, signer); }

  view(state: PbState): NodeView { return viewOf(state); }

  hash(state: PbState, hasher: StateHasher): void { hashState(this.config, state, hasher); }

  epochFloor(state: PbState): number { return Math.max(state.disk.promised, state.heard); }

  private step(context: PbContext, state: PbState): Step { return { config: this.config, context, state }; }
}

export const primaryBackup: Protocol = {
  spec: PRIMARY_BACKUP,
  configure(scenario: Scenario): Machine<NodeState, Message> {
    const { shards = [] } = scenario;
    if (shards.length === 0) return new PrimaryBackup(configOf(scenario)) as unknown as Machine<NodeState, Message>;
    const plan = new Plan(scenario, shards);
    const machines = shards.map((_, shard) => new PrimaryBackup(configOf(plan.scenarioOf(scenario, shard))));
    return new Sharded(plan, machines) as unknown as Machine<NodeState, Message>;
  },
};
