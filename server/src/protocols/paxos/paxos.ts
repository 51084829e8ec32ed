/**
 * `paxos`: single-decree Paxos, once for each register.
 *
 * Source: Lamport, "Paxos Made Simple" (2001), §2; the acceptor's variables maxBal, vBal and vVal are those of its TLA+
 * specification. `q1` and `q2`: Howard, Malkhi and Spiegelman, "Flexible Paxos" (2016). The words are those of protocols.md B5.
 *
 * The service. A key is a register that is written once. Any node serves any client: the node that is asked proposes the
 * write for that key. The first value chosen is the register's value for good; whoever proposed another one hears `failed`,
 * which is certain. So `cas k nil -> v` is a write by another name, other `cas` fail, and `add`, `append` and `delete` propose
 * what they would make of nothing. A read at a node that has learned the value answers at once. At another it runs a ballot:
 * if a quorum has accepted nothing it proposes nothing and the answer is `nil`, otherwise it has the value chosen, and answers
 * with that. So reads are linearizable, and a read may finish what a dead proposer began.
 *
 * Deviations, and what the paper leaves open:
 * - Every node is proposer, acceptor and learner; it is its own first acceptor, without a message.
 * - A refused ballot is told so (`nack`); §2.2 allows silence. A proposer that is refused, or that hears of a higher ballot,
 *   tries again after a wait that differs by rank and doubles (`backoff`); the paper asks for a distinguished proposer (§2.4)
 *   and leaves its election open.
 * - The proposer of a ballot is its distinguished learner and tells the others with `chosen`. A node that misses it learns the
 *   value when it is asked.
 * - Unanswered messages are sent again every 100 ms, as everywhere in Pawl. `timeout B` makes B try again at once.
 *
 * Registers are independent: a promise about one (the slot of the event) binds nobody about another.
 *
 * Read on in this order: state.ts, ../ballots.ts, proposer.ts, acceptor.ts.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import { keyOf } from '../../model/actions.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { sizeOf } from '../quorums.ts';
import { execute } from '../keyValue.ts';
import { onAccept, onPrepare } from './acceptor.ts';
import { askAgain, beginAgain, onAccepted, onChosen, onNack, onPromise, onRequest } from './proposer.ts';
import { PAXOS } from './spec.ts';
import type { Acceptor, Config, Disk, PaxosContext, PaxosMessage, PaxosState, Step } from './state.ts';

class Paxos implements Machine<PaxosState, PaxosMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo = false;
  readonly firstLeader = undefined;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.electionQuorum = config.q1;
    this.decisionQuorum = config.q2;
    this.mustMeet = [[config.q1, config.q2]];
  }

  initial(): PaxosState {
    return {
      disk: { acceptors: PersistentMap.empty(), chosen: PersistentMap.empty() },
      proposals: PersistentMap.empty(), waiting: PersistentMap.empty(), heard: PersistentMap.empty(),
    };
  }

  /** Nothing happens until a client asks. */
  start(): void { /* no leader, no timers */ }

  /** What the acceptor wrote down it still knows; ballots that were under way are gone, and their numbers used up. */
  restart(context: PaxosContext, _node: ProcessId, disk: Disk | undefined): PaxosState {
    const state = this.initial();
    if (disk === undefined) context.emit('truncate', { slot: 1 });
    else state.disk = { ...disk, acceptors: PersistentMap.of([...disk.acceptors].map(([slot, acceptor]) => [slot, this.kept(acceptor)] as const)) };
    for (const [slot, { promised }] of state.disk.acceptors) if (promised > 0) context.emit('promise', { epoch: promised, slot, peer: context.self });
    return state;
  }

  private kept({ promised, accepted }: Acceptor): Acceptor {
    const { persistAcceptances, persistPromises } = this.config;
    const still = persistAcceptances ? accepted : undefined;
    return { promised: persistPromises ? promised : still?.ballot ?? 0, accepted: still };
  }

  onMessage(context: PaxosContext, state: PaxosState, from: ProcessId, message: PaxosMessage): void {
    const step = this.step(context, state);
    switch (message.type) {
      case 'prepare': return onPrepare(step, from, message);
      case 'promise': return onPromise(step, from, message);
      case 'accept': return onAccept(step, from, message);
      case 'accepted': return onAccepted(step, from, message);
      case 'nack': return onNack(step, message);
      case 'chosen': return onChosen(step, message);
    }
  }

  onRequest(context: PaxosContext, state: PaxosState, request: Request): void { onRequest(this.step(context, state), request); }

  onTimer(context: PaxosContext, state: PaxosState, name: string, slot: number): void {
    const step = this.step(context, state);
    if (name === 'retry') return askAgain(step, slot);
    beginAgain(step, slot);
  }

  onSuspect(context: PaxosContext, state: PaxosState): void {
    context.emit('timeout');
    for (const slot of [...state.proposals.keys()]) beginAgain(this.step(context, state), slot);
  }

  corrupt(message: PaxosMessage): PaxosMessage {
    const content = damaged(message.content);
    if (message.type !== 'accept' && message.type !== 'chosen') return { ...message, content };
    const { action } = message.decree;
    const changed = action.kind === 'write' || action.kind === 'append' ? { ...action, value: damaged(action.value) } : action;
    return { ...message, content, decree: { ...message.decree, action: changed, content } };
  }

  view(state: PaxosState): NodeView {
    const values = new Map<string, string>(), log: NodeView['log'][number][] = [];
    let epoch = 0;
    for (const [slot, { promised, accepted }] of state.disk.acceptors) {
      epoch = Math.max(epoch, promised);
      if (accepted !== undefined && !state.disk.chosen.has(slot)) log.push({ slot, epoch: accepted.ballot, content: accepted.decree.content, state: 'accepted' });
    }
    for (const [slot, decree] of state.disk.chosen) {
      for (const [key, value] of execute(PersistentMap.empty(), decree.action).values) values.set(key, value);
      log.push({ slot, epoch: state.disk.acceptors.get(slot)?.accepted?.ballot ?? 0, content: decree.content, state: 'applied' });
    }
    return { role: state.proposals.size > 0 ? 'proposer' : 'acceptor', epoch, leader: undefined, log: log.sort((a, b) => a.slot - b.slot), values };
  }

  /** A ballot counts by how far it is from the floor, and by whose it is: a shift that changes proposers is not the same world. */
  hash(state: PaxosState, hasher: StateHasher): void {
    const ballot = (to: StateHasher, value: number): void => { to.int(value % this.config.nodeCount); to.epoch(value); };
    hasher.entries(state.disk.acceptors, (to, _slot, { promised, accepted }) => {
      ballot(to, promised);
      ballot(to, accepted?.ballot ?? 0);
      to.data(accepted?.decree);
    });
    hasher.data(state.disk.chosen);
    hasher.entries(state.proposals, (to, _slot, proposal) => {
      ballot(to, proposal.ballot);
      to.data([proposal.phase, proposal.decree, proposal.accepted, proposal.preempted ? 1 : 0]);
      // With waits that no longer double, another attempt is no difference.
      to.int(this.config.backoff ? Math.min(proposal.attempt, ATTEMPTS_ALIKE) : 0);
      for (const { from, accepted } of proposal.promises) { to.int(from); ballot(to, accepted?.ballot ?? 0); to.data(accepted?.decree); }
    });
    hasher.entries(state.waiting, (to, _slot, waiting) => { for (const { request, since } of waiting) { to.data(request); ballot(to, since); } });
    hasher.entries(state.heard, (to, _slot, value) => { ballot(to, value); });
  }

  hashMessage(message: Message, hasher: StateHasher): void {
    const paxos = message as PaxosMessage;
    const ballot = (value: number): void => { hasher.int(value % this.config.nodeCount); hasher.epoch(value); };
    hasher.text(paxos.type);
    ballot(paxos.epoch);
    for (const number of [paxos.slot, paxos.op]) hasher.int(number);
    if (paxos.type === 'nack') { ballot(paxos.ballot); return ballot(paxos.promised); }
    hasher.text(paxos.content);
    if (paxos.type === 'promise') { ballot(paxos.accepted?.ballot ?? 0); hasher.data(paxos.accepted?.decree); }
    if (paxos.type === 'accept' || paxos.type === 'chosen') hasher.data(paxos.decree);
  }

  /** Some rounds below the highest ballot heard of, so that what is still on its way in a duel counts as current. */
  epochFloor(state: PaxosState): number {
    let highest = 0;
    for (const { promised } of state.disk.acceptors.values()) highest = Math.max(highest, promised);
    for (const heard of state.heard.values()) highest = Math.max(highest, heard);
    return Math.max(0, highest - ROUNDS_CURRENT * this.config.nodeCount);
  }

  private step(context: PaxosContext, state: PaxosState): Step { return { config: this.config, context, state }; }
}

/** Messages of this many rounds can be on their way at once. */
const ROUNDS_CURRENT = 8;

/** From this attempt on all waits are the same (state.ts `backoffUs`). */
const ATTEMPTS_ALIKE = 3;

function configOf(scenario: Scenario): Config {
  const knob = (name: string): string => scenario.knobs.get(name)!.value;
  const nodeCount = scenario.nodes.length;
  const slots = new Map<string, number>();
  for (const { action } of scenario.operations) if (!slots.has(keyOf(action))) slots.set(keyOf(action), slots.size + 1);
  const persist = knob('persist');
  return {
    q1: sizeOf(knob('q1'), nodeCount), q2: sizeOf(knob('q2'), nodeCount),
    persistPromises: persist === 'all' || persist === 'promise', persistAcceptances: persist === 'all' || persist === 'acceptance',
    adoptHighest: knob('adopt-highest') === 'on', ratchet: knob('ratchet') === 'on', uniqueBallots: knob('unique-ballots') === 'on', backoff: knob('backoff') === 'on',
    nodeCount, slots,
  };
}

export const paxos: Protocol = {
  spec: PAXOS,
  configure(scenario: Scenario): Machine<NodeState, Message> { return new Paxos(configOf(scenario)) as unknown as Machine<NodeState, Message>; },
};
