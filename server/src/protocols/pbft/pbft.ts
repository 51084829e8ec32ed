/**
 * `pbft`: Practical Byzantine Fault Tolerance (Castro and Liskov, OSDI 1999), with n = 3f+1 replicas, f of which may do anything.
 *
 * Views, sequence numbers, certificates, and the words of its messages are the paper's; a view is the epoch of events, a sequence number
 * their slot. View 0 is the first node's.
 *
 * Deviations. Signatures are taken for granted: a node can lie about what it says itself, not forge what others said (so certificates are
 * passed on as facts, and a request carries what its client signed). There are no checkpoints, no garbage collection and no watermarks:
 * logs are short here. Prepares and commits carry the request where the paper's carry its digest. Clients ask one node after another
 * rather than all; the node that is asked passes the request to the primary, and after 100 ms to all. What a replica has promised is on
 * disk, so that one that restarts is not one of the f (the paper has no restarts). Retransmission and catching up: repair.ts. Reads take
 * a number like writes (the optimisation of §5.1 for read-only operations is left out).
 *
 * For an n that is not 3f+1, f is ⌊(n−1)/3⌋ and a quorum is ⌊(n+f)/2⌋+1: any two quorums share f+1 nodes.
 *
 * Read on in this order: state.ts, normal.ts, viewChange.ts, repair.ts.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { requestKey } from '../keyValue.ts';
import { apply, onPassedRequest, onPrePrepare, onRequest, onVote, onVoteOnDisk, restoreOwnVotes, watchPrimary } from './normal.ts';
import { fetchMessage, keepTrying, onData, onFetch, onRetryTimer } from './repair.ts';
import { PBFT } from './spec.ts';
import { ASK_AGAIN_US, isAccepted, primaryOf, requestOf, sayToOthers, type Config, type Disk, type Of, type PbftMessage, type PbftState, type Step } from './state.ts';
import { nextNumber, noteOwnViewChange, onNewView, onViewChange, suspect } from './viewChange.ts';

/** The view changes of a new view are all of its own view. */
function hashNewView(message: Of<'new-view'> | undefined, hasher: StateHasher): void {
  hasher.data(message?.entries);
  hasher.data(message?.proof.map(({ node, certificates }) => ({ node, certificates })));
}

class Pbft implements Machine<PbftState, PbftMessage> {
  readonly electionQuorum: number;
  readonly repliesNeeded: number;
  readonly fifo = false;
  readonly firstLeader: ProcessId = 0;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.electionQuorum = config.quorumSize;
    this.repliesNeeded = config.repliesNeeded;
  }

  initial(): PbftState {
    return {
      disk: { view: 0, active: true, slots: PersistentMap.empty(), newView: undefined }, votes: PersistentMap.empty(), executed: 0, values: PersistentMap.empty(), results: PersistentMap.empty(),
      pending: PersistentMap.empty(), viewChanges: PersistentMap.empty(), round: 0, next: 1, offers: PersistentMap.empty(), watching: false, retrying: false, askedUs: Number.NEGATIVE_INFINITY,
    };
  }

  start(context: Context<PbftMessage>): void {
    if (context.self === 0) context.emit('leads', { epoch: 0, a: this.config.nodeCount, b: this.config.nodeCount });
  }

  /** Goes on in the view that it was in, from what it has committed, and asks what it missed. */
  restart(context: Context<PbftMessage>, node: ProcessId, disk: Disk | undefined): PbftState {
    const state = this.initial(), step = this.step(context, state);
    if (disk === undefined) context.emit('truncate', { epoch: 0, slot: 1 });
    else state.disk = disk;
    const { view, active, slots } = state.disk;
    for (let entry = slots.get(1)?.committed; entry !== undefined; entry = slots.get(state.executed + 1)?.committed) {
      state.executed++;
      apply(step, entry);
    }
    for (const [, slot] of slots.after(state.executed)) {
      const request = isAccepted(state, slot) ? requestOf(slot.entry!) : undefined;
      if (request !== undefined) state.pending = state.pending.set(requestKey(request), request);
    }
    restoreOwnVotes(step);
    state.next = Math.max(nextNumber(state.disk), state.executed + 1);
    context.emit('promise', { epoch: view, peer: node });
    if (active && primaryOf(this.config, view) === node) context.emit('leads', { epoch: view, a: this.config.quorumSize, b: this.config.nodeCount });
    sayToOthers(step, fetchMessage(step, state.executed + 1));
    if (active) watchPrimary(step);
    else noteOwnViewChange(step);
    keepTrying(step);
    return state;
  }

  onMessage(context: Context<PbftMessage>, state: PbftState, from: ProcessId, message: PbftMessage): void {
    if (message.signer !== from) return context.discard('its signature is not that of its sender');
    const step = this.step(context, state);
    switch (message.type) {
      case 'request': return onPassedRequest(step, from, message);
      case 'pre-prepare': return onPrePrepare(step, from, message);
      case 'prepare': case 'commit': return onVote(step, from, message);
      case 'view-change': return onViewChange(step, from, message);
      case 'new-view': return onNewView(step, from, message);
      case 'fetch': return onFetch(step, from, message);
      case 'data': return onData(step, from, message);
    }
  }

  onRequest(context: Context<PbftMessage>, state: PbftState, request: Request): void { onRequest(this.step(context, state), request, undefined); }

  onTimer(context: Context<PbftMessage>, state: PbftState, name: string, argument: number): void {
    const step = this.step(context, state);
    switch (name) {
      case 'suspect': return suspect(step);
      case 'retry': return onRetryTimer(step);
      case 'prepare': case 'commit': return onVoteOnDisk(step, name, argument);
    }
  }

  onSuspect(context: Context<PbftMessage>, state: PbftState): void { suspect(this.step(context, state)); }

  seal(message: PbftMessage, signer: ProcessId): PbftMessage { return { ...message, signer }; }

  corrupt(message: PbftMessage): PbftMessage {
    const content = damaged(message.content);
    return 'entry' in message ? { ...message, content, entry: { ...message.entry, content } } : { ...message, content };
  }

  view(state: PbftState): NodeView {
    const { view, active, slots } = state.disk;
    const log = [...slots].flatMap(([slot, { entry, view: epoch, committed }]) => {
      const held = committed ?? entry;
      return held === undefined ? [] : [{ slot, epoch, content: held.content, state: committed === undefined ? 'accepted' as const : slot <= state.executed ? 'applied' as const : 'committed' as const }];
    });
    return { role: active ? 'replica' : 'view change', epoch: view, leader: active ? primaryOf(this.config, view) : undefined, log, values: new Map(state.values) };
  }

  hash(state: PbftState, hasher: StateHasher): void {
    const { view, active, slots, newView } = state.disk;
    hasher.epoch(view);
    hasher.int(active ? 1 : 0);
    hasher.data(slots);
    hashNewView(newView, hasher);
    for (const number of [state.executed, state.round, state.next, state.watching ? 1 : 0, state.retrying ? 1 : 0]) hasher.int(number);
    for (const map of [state.votes, state.values, state.results, state.pending, state.offers]) hasher.data(map);
    hasher.entries(state.viewChanges, (each, _node, change) => { each.epoch(change.view); each.data(change.certificates); });
    hasher.time(state.askedUs, ASK_AGAIN_US);
  }

  hashMessage(message: PbftMessage, hasher: StateHasher): void {
    const { epoch, ...rest } = message;
    hasher.epoch(epoch);
    if (message.type === 'new-view') hashNewView(message, hasher);
    else hasher.data(rest);
  }

  epochFloor(state: PbftState): number { return state.disk.view; }

  private step(context: Context<PbftMessage>, state: PbftState): Step { return { config: this.config, context, state }; }
}

function configOf(scenario: Scenario): Config {
  const knob = (name: string): string => scenario.knobs.get(name)!.value;
  const nodeCount = scenario.nodes.length, f = Math.floor((nodeCount - 1) / 3);
  const quorums: Readonly<Record<string, number>> = { byzantine: Math.floor((nodeCount + f) / 2) + 1, majority: Math.floor(nodeCount / 2) + 1, 'f-plus-1': f + 1 };
  return {
    nodeCount, f, quorumSize: quorums[knob('quorum')]!,
    repliesNeeded: knob('replies') === 'one' ? 1 : f + 1,
    prepare: knob('prepare') === 'on',
    signatures: knob('request-signatures') === 'on',
    carryOver: knob('carry-over') === 'prepared',
    persist: knob('persist') === 'all',
    sessions: knob('sessions') === 'on',
    timeoutUs: scenario.nodes.map((_, rank) => scenario.timeouts.get(rank) ?? Number(knob('base')) + rank * Number(knob('stagger'))),
  };
}

export const pbft: Protocol = {
  spec: PBFT,
  configure(scenario: Scenario): Machine<NodeState, Message> {
    return new Pbft(configOf(scenario)) as unknown as Machine<NodeState, Message>;
  },
};
