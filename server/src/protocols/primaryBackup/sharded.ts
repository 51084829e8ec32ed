/**
 * `primary-backup` with shards: a machine of the kind for each of them on every node, side by side. What each does is in the
 * files that primaryBackup.ts names; here is only what they share: one disk, one clock, one network, and the clients.
 *
 * A client asks whom it knows; a node that does not lead the key's shard sends it on. What spans several shards is in
 * transactions.ts. Read on: shards.ts, shardContext.ts, sharding.ts, transactions.ts.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Machine, NodeView, Request, StateHasher } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { isLock } from '../stages.ts';
import { shardTimer } from './shardContext.ts';
import type { PartMessage, Plan, ShardedDisk, ShardedMessage, ShardedState } from './shards.ts';
import { Sharding, type ShardMachine } from './sharding.ts';
import type { PbMessage, PbState } from './state.ts';
import { onPartDone, onTransaction, onTransactionTimer } from './transactions.ts';

const isPart = (message: ShardedMessage): message is PartMessage => message.type === 'part' || message.type === 'part-done';

export class Sharded implements Machine<ShardedState, ShardedMessage> {
  readonly electionQuorum: number;
  readonly decisionQuorum: number;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo: boolean;
  readonly firstLeader: ProcessId;
  private readonly plan: Plan;
  private readonly machines: readonly ShardMachine[];

  constructor(plan: Plan, machines: readonly ShardMachine[]) {
    this.plan = plan;
    this.machines = machines;
    const { electionQuorum, decisionQuorum = -1, mustMeet = [] } = machines[0]!;
    this.electionQuorum = electionQuorum;
    this.decisionQuorum = decisionQuorum;
    this.mustMeet = mustMeet;
    this.fifo = machines[0]!.fifo;
    this.firstLeader = plan.outer(0, 0);
  }

  initial(node: ProcessId): ShardedState { return this.stateOf(this.machines.map((machine, shard) => machine.initial(this.plan.inner(shard, node)))); }

  private stateOf(shards: readonly PbState[]): ShardedState {
    return { disk: { shards: shards.map(({ disk }) => disk) }, shards, transactions: PersistentMap.empty(), parked: [], doubts: PersistentMap.empty() };
  }

  start(context: Context<ShardedMessage>, state: ShardedState): void {
    this.handle(context, state, (sharding) => { this.machines.forEach((_, shard) => { sharding.in(shard, (machine, own, inner) => { machine.start(own, inner); }); }); });
  }

  /** What was on its way between shards is gone; what their logs hold is not. */
  restart(context: Context<ShardedMessage>, node: ProcessId, disk: ShardedDisk | undefined): ShardedState {
    const state = this.initial(node), sharding = new Sharding(this.plan, this.machines, context, state);
    state.shards = this.machines.map((machine, shard) => machine.restart(sharding.contextOf(shard), this.plan.inner(shard, node), disk?.shards[shard]));
    state.disk = { shards: state.shards.map((own) => own.disk) };
    return state;
  }

  onMessage(context: Context<ShardedMessage>, state: ShardedState, from: ProcessId, message: ShardedMessage): void {
    this.handle(context, state, (sharding) => {
      if (!isPart(message)) {
        const shard = (message.group ?? 1) - 1;
        sharding.in(shard, (machine, own, inner) => { machine.onMessage(own, inner, this.plan.inner(shard, from), message); });
      } else if (message.type === 'part') {
        sharding.submit(message.shard, message.request);
      } else {
        onPartDone(sharding, message.shard, message.request, message.outcome, message.value);
      }
    });
  }

  onRequest(context: Context<ShardedMessage>, state: ShardedState, request: Request): void {
    this.handle(context, state, (sharding) => {
      const shards = this.plan.shardsOf(request.action);
      if (shards.length > 1) onTransaction(sharding, request, shards);
      else sharding.submit(shards[0] ?? 0, request);
    });
  }

  onTimer(context: Context<ShardedMessage>, state: ShardedState, timer: string, argument: number): void {
    this.handle(context, state, (sharding) => {
      if (timer === 'transaction') return onTransactionTimer(sharding, argument);
      const { name, shard } = shardTimer(timer);
      sharding.in(shard, (machine, own, inner) => { machine.onTimer(own, inner, name, argument); });
    });
  }

  onSuspect(context: Context<ShardedMessage>, state: ShardedState): void {
    this.handle(context, state, (sharding) => { this.machines.forEach((_, shard) => { sharding.in(shard, (machine, own, inner) => { machine.onSuspect(own, inner); }); }); });
  }

  private handle(context: Context<ShardedMessage>, state: ShardedState, handler: (sharding: Sharding) => void): void {
    const sharding = new Sharding(this.plan, this.machines, context, state);
    handler(sharding);
    sharding.settle();
  }

  corrupt(message: ShardedMessage): ShardedMessage {
    return isPart(message) ? { ...message, content: `${message.content}?` } : this.machineOf(message).corrupt(message);
  }

  seal(message: ShardedMessage, signer: ProcessId): ShardedMessage {
    if (isPart(message)) return message;
    return this.machineOf(message).seal?.(message, this.plan.inner((message.group ?? 1) - 1, signer)) ?? message;
  }

  private machineOf({ group }: PbMessage): ShardMachine { return this.machines[(group ?? 1) - 1]!; }

  view(state: ShardedState): NodeView {
    const views = this.machines.map((machine, shard) => machine.view(state.shards[shard]!));
    const led = views.flatMap(({ role }, shard) => (role === 'leader' ? [shard + 1] : []));
    return {
      role: led.length === 0 ? 'follower' : `leader of shard ${led.join(' and ')}`, epoch: Math.max(...views.map(({ epoch }) => epoch)), leader: undefined,
      log: views.flatMap(({ log }, shard) => log.map((entry) => ({ ...entry, content: `${entry.content} (shard ${shard + 1})` }))),
      values: new Map(views.flatMap(({ values }) => [...values].filter(([key]) => !isLock(key)))),
    };
  }

  hash(state: ShardedState, hasher: StateHasher): void {
    this.machines.forEach((machine, shard) => { machine.hash(state.shards[shard]!, hasher); });
    for (const collection of [state.transactions, state.parked, state.doubts]) hasher.data(collection);
  }

  epochFloor(state: ShardedState): number { return Math.min(...this.machines.map((machine, shard) => machine.epochFloor(state.shards[shard]!))); }
}
