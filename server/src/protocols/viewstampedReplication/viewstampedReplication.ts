/**
 * `viewstamped-replication`: Viewstamped Replication Revisited (Barbara Liskov and James Cowling, MIT-CSAIL-TR-2012-021),
 * §4.1 normal operation, §4.2 view changes, §4.3 recovery, §5.2 state transfer, §7 reconfiguration.
 *
 * Views count from 1 here, not from 0: the epoch of an event is the view-number, the first node is the primary of view 1, and
 * view v belongs to node (v−1) mod n. The slot is the op-number. Request and Reply are the clients' own messages.
 *
 * Deviations and what the paper leaves open:
 * - Disk: by default view-number, v′ and log are written before any message that depends on them, as in TigerBeetle, and a
 *   restarted replica skips recovery. `persistence none` is the paper's, whose recovery forgets promises (E3; Michael et al., DISC
 *   2017, with the crash vectors that mend it).
 * - State transfer into a later view waits for the log (Jack Vanlightly's analysis of 2022); `state-transfer paper` cuts the
 *   log at the commit-number and is in the view at once (E2).
 * - StartView counts in a view change to its view or from a later one (E4); StartViewChange and DoViewChange at their own view.
 * - Recovery needs the primary of the latest view among f+1 answers; the paper does not say what to do with answers of several views.
 * - The network loses messages, so what is not answered is sent again: Prepare, StartViewChange, DoViewChange, GetState, Recovery;
 *   StartView answers whoever still asks for a view that has begun.
 * - The client table keeps every answer, not only a client's latest (normal.ts).
 * - Checkpoints (§5.1) are left out: logs are short here and stay whole.
 *
 * Read on in this order: state.ts, normal.ts, viewChange.ts, transfer.ts, recovery.ts, reconfiguration.ts.
 */
import { damaged } from '../../engine/forge.ts';
import type { Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import { membersAtStart, type ProcessId, type Scenario } from '../../model/scenario.ts';
import { onCommit, onCommitTimer, onPrepare, onPrepareOk, onRequest, resendPrepares } from './normal.ts';
import { counted, sizeOf } from '../quorums.ts';
import { isOfOtherEpoch, onEpochStarted, onStartEpoch, remindNewGroup } from './reconfiguration.ts';
import { askAll, onRecovery, onRecoveryResponse, passesCrashVector, resumeFromDisk, startRecovery } from './recovery.ts';
import {
  about, initialState, isPrimary, persistView, sendToOthers, watch, type Config, type Disk, type Of, type Step,
  type VrContext, type VrMessage, type VrState,
} from './state.ts';
import { VIEWSTAMPED_REPLICATION } from './spec.ts';
import { onGetState, onLaterView, onNewState, onTransferTimer } from './transfer.ts';
import { hashMessage, hashState, viewOf } from './view.ts';
import { announce, newestView, onDoViewChange, onStartView, onStartViewChange, resendViewChange, suspect } from './viewChange.ts';

const BASE_US = 150_000, STAGGER_US = 50_000;

function configOf(scenario: Scenario): Config {
  const knob = (name: string): string => {
    const value = scenario.knobs.get(name)?.value;
    if (value === undefined) throw new Error(`viewstamped-replication: the knob ${name} has no value`);
    return value;
  };
  const on = (name: string): boolean => knob(name) === 'on';
  const ranks = scenario.nodes.map((_, rank) => rank);
  return {
    persistence: knob('persistence') as Config['persistence'],
    stateTransfer: knob('state-transfer') as Config['stateTransfer'],
    crashVector: on('crash-vector'),
    viewGuard: on('view-guard'),
    startViewGuard: on('start-view-guard'),
    startViewChangeGuard: on('start-view-change-guard'),
    doViewChangeGuard: on('do-view-change-guard'),
    logChoice: knob('log-choice') as Config['logChoice'],
    recoveryPrimary: on('recovery-primary'),
    viewChangeQuorum: knob('view-change-quorum'),
    commitQuorum: knob('commit-quorum'),
    clientTable: on('client-table'),
    localReads: knob('read-path') === 'primary-local',
    commitTimeoutUs: Number(knob('commit-timeout')),
    timeoutUs: ranks.map((rank) => scenario.timeouts.get(rank) ?? BASE_US + rank * STAGGER_US),
    doubledUs: ranks.map((rank) => scenario.timeouts.get(rank) ?? BASE_US),
    names: scenario.nodes,
    membersAtStart: membersAtStart(scenario),
    epochState: knob('epoch-state') === 'wait',
  };
}

class ViewstampedReplication implements Machine<VrState, VrMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  /** The paper's network reorders, loses and repeats. */
  readonly fifo = false;
  readonly firstLeader: ProcessId = 0;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    const { commitQuorum, membersAtStart: { length }, viewChangeQuorum } = config;
    this.electionQuorum = sizeOf(viewChangeQuorum, length);
    this.mustMeet = counted(length, [viewChangeQuorum, commitQuorum]);
    this.decisionQuorum = this.mustMeet.length > 0 ? sizeOf(commitQuorum, length) : -1;
  }

  initial(node: ProcessId): VrState { return initialState(node, this.config.membersAtStart); }

  start(context: VrContext, state: VrState): void {
    const step = this.step(context, state);
    persistView(step);
    if (state.status === 'outside') return;
    if (!isPrimary(step)) return watch(step);
    const { length } = state.members;
    context.emit('leads', { epoch: 1, a: length, b: length });
    sendToOthers(step, { ...about(step, 0), type: 'commit' });
    context.setTimer('commit', this.config.commitTimeoutUs);
  }

  restart(context: VrContext, node: ProcessId, disk: Disk | undefined): VrState {
    const state = initialState(node, this.config.membersAtStart), step = this.step(context, state);
    const kept = this.config.persistence === 'none' ? undefined : disk;
    if (kept !== undefined && this.config.persistence === 'view-log') {
      state.disk = kept;
      resumeFromDisk(step);
      if (state.status !== 'outside') announce(step);
      return state;
    }
    if (kept !== undefined) state.disk = { ...state.disk, view: kept.view };
    startRecovery(step);
    return state;
  }

  onMessage(context: VrContext, state: VrState, from: ProcessId, message: VrMessage): void {
    const step = this.step(context, state);
    if (message.vector !== undefined && !passesCrashVector(step, from, message.vector)) return;
    // §4.3: while recovering, a replica takes no part in anything.
    if (state.status === 'recovering' && message.type !== 'recovery-response') return context.discard('it is recovering');
    if (isOfOtherEpoch(step, from, message)) return;
    switch (message.type) {
      case 'prepare': case 'commit': case 'prepare-ok': return this.onNormal(step, from, message);
      case 'start-view-change': return onStartViewChange(step, from, message);
      case 'do-view-change': return onDoViewChange(step, from, message);
      case 'start-view': return onStartView(step, from, message);
      case 'get-state': return onGetState(step, from, message);
      case 'new-state': return onNewState(step, message);
      case 'start-epoch': return onStartEpoch(step, from, message);
      case 'epoch-started': return onEpochStarted(step, from, message);
      case 'recovery': return onRecovery(step, from, message);
      case 'recovery-response': return onRecoveryResponse(step, from, message);
    }
  }

  /** §4: a message of normal operation counts in its own view; an older one is dropped, a later one shows that something was missed. */
  private onNormal(step: Step, from: ProcessId, message: Of<'prepare'> | Of<'commit'> | Of<'prepare-ok'>): void {
    const { context, state } = step;
    const newest = newestView(step), { view } = state.disk;
    if (message.epoch > newest) return onLaterView(step, from, message.epoch);
    if (message.epoch < newest && this.config.viewGuard) return context.discard(`older than view ${newest}`);
    if (state.status === 'state-transfer') return context.discard(`it waits for the log of view ${newest}`);
    if (state.status !== 'normal') return context.discard(`view ${view} has not begun here`);
    if (message.type === 'prepare-ok') return onPrepareOk(step, from, message);
    if (isPrimary(step)) return context.discard('it is the primary itself');
    if (message.type === 'prepare') return onPrepare(step, from, message);
    onCommit(step, from, message);
  }

  onRequest(context: VrContext, state: VrState, request: Request): void { onRequest(this.step(context, state), request); }

  onTimer(context: VrContext, state: VrState, name: string): void {
    const step = this.step(context, state);
    switch (name) {
      case 'suspect': return suspect(step);
      case 'commit': return onCommitTimer(step);
      case 'transfer': return onTransferTimer(step);
      case 'resend': return this.resend(step);
    }
  }

  private resend(step: Step): void {
    if (step.state.status === 'recovering') return askAll(step);
    if (step.state.status === 'outside') return remindNewGroup(step);
    if (step.state.status === 'view-change') return resendViewChange(step);
    if (isPrimary(step)) resendPrepares(step);
  }

  onSuspect(context: VrContext, state: VrState): void { suspect(this.step(context, state)); }

  corrupt(message: VrMessage): VrMessage {
    const content = damaged(message.content);
    if (message.type !== 'prepare') return { ...message, content };
    const { request } = message.entry, { action } = request;
    const changed = action.kind === 'write' || action.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
    return { ...message, content, entry: { ...message.entry, request: { ...request, action: changed }, content } };
  }

  view(state: VrState): NodeView { return viewOf(state); }

  hash(state: VrState, hasher: StateHasher): void { hashState(state, hasher); }

  hashMessage(message: VrMessage, hasher: StateHasher): void { hashMessage(message, hasher); }

  /** One that is recovering takes no view of its own accord. */
  epochFloor(state: VrState): number {
    return state.status === 'recovering' ? Infinity : Math.max(state.disk.view, state.transfer?.view ?? 0);
  }

  private step(context: VrContext, state: VrState): Step { return { config: this.config, context, state }; }
}

export const viewstampedReplication: Protocol = {
  spec: VIEWSTAMPED_REPLICATION,
  configure(scenario: Scenario): Machine<NodeState, Message> {
    return new ViewstampedReplication(configOf(scenario)) as unknown as Machine<NodeState, Message>;
  },
};
