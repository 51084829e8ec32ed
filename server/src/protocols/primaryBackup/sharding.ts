/** One handler at work on a node with several shards: runs the handlers of shards, and what they set off in each other. */
import type { Context, Machine, Request } from '../../engine/protocol.ts';
import { keysOf } from '../../model/actions.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { requestKey } from '../keyValue.ts';
import { holderIn, ownerOf } from '../stages.ts';
import { ShardContext } from './shardContext.ts';
import type { Plan, ShardedMessage, ShardedState } from './shards.ts';
import { partsOf, type PbContext, type PbMessage, type PbState } from './state.ts';
import { noteStage, onLeading, onPartDone, onStepDown } from './transactions.ts';

export type ShardMachine = Machine<PbState, PbMessage>;

interface Answer {
  readonly shard: number;
  readonly request: Request;
  readonly outcome: 'ok' | 'failed';
  readonly value: string;
}

export class Sharding {
  readonly plan: Plan;
  readonly context: Context<ShardedMessage>;
  readonly state: ShardedState;
  private readonly machines: readonly ShardMachine[];
  /** Answers of this node to itself, and shards that it has begun or ceased to lead: seen to when the handler at work has ended. */
  private readonly answers: Answer[] = [];
  private readonly turns: { readonly shard: number; readonly leads: boolean }[] = [];

  constructor(plan: Plan, machines: readonly ShardMachine[], context: Context<ShardedMessage>, state: ShardedState) {
    this.plan = plan;
    this.machines = machines;
    this.context = context;
    this.state = state;
  }

  /** Runs a handler of one shard, on a copy of its state. */
  in(shard: number, handler: (machine: ShardMachine, context: PbContext, state: PbState) => void): void {
    const { state } = this, before = state.shards[shard]!, own = { ...before };
    state.shards = state.shards.with(shard, own);
    handler(this.machines[shard]!, this.contextOf(shard), own);
    this.keepDisk(shard);
    if ((own.role === 'leader') !== (before.role === 'leader')) this.turns.push({ shard, leads: own.role === 'leader' });
  }

  contextOf(shard: number): PbContext { return new ShardContext(this, shard); }

  /** The node's disk is that of its shards. */
  keepDisk(shard: number): void {
    const { state } = this, own = state.shards[shard];
    if (own !== undefined && state.disk.shards[shard] !== own.disk) state.disk = { ...state.disk, shards: state.disk.shards.with(shard, own.disk) };
  }

  /** Whom this node takes for the leader of a shard. */
  leaderOf(shard: number): ProcessId | undefined {
    const { role, leader } = this.state.shards[shard]!;
    if (role === 'leader') return this.context.self;
    return leader === undefined ? undefined : this.plan.outer(shard, leader);
  }

  leads(shard: number): boolean { return this.state.shards[shard]!.role === 'leader'; }

  /** A request for a shard: where another operation holds one of its keys, it waits. */
  submit(shard: number, request: Request): void {
    const { state } = this;
    if (!this.leads(shard) || !this.isHeld(shard, request)) {
      this.in(shard, (machine, context, own) => { machine.onRequest(context, own, request); });
    } else if (!state.parked.some((other) => other.shard === shard && requestKey(other.request) === requestKey(request))) {
      state.parked = [...state.parked, { shard, request }];
    } else {
      this.context.discard('it waits for a key already');
    }
  }

  private isHeld(shard: number, { action }: Request): boolean {
    const stage = action.kind === 'do' ? action.stage : undefined;
    if (stage !== undefined && stage.step !== 'prepare') return false;
    return keysOf(action).some((key) => {
      const holder = holderOf(this.state.shards[shard]!, key);
      return holder !== undefined && holder !== (stage && ownerOf(stage));
    });
  }

  /** A shard that this node leads has done a part. */
  answerPart(shard: number, request: Request, outcome: 'ok' | 'failed', value: string): void {
    noteStage(this, shard, request, outcome);
    if (request.client === this.context.self) { this.answers.push({ shard, request, outcome, value }); return; }
    const content = outcome === 'failed' ? outcome : value;
    this.context.send(request.client, { type: 'part-done', epoch: -1, slot: -1, op: request.op, content, shard, request, outcome, value });
  }

  /** Sees to what the handler has set off, until there is no more of it. */
  settle(): void {
    for (;;) {
      const turn = this.turns.shift(), answer = turn === undefined ? this.answers.shift() : undefined;
      if (turn?.leads === true) onLeading(this, turn.shard);
      else if (turn !== undefined) onStepDown(this, turn.shard);
      else if (answer !== undefined) onPartDone(this, answer.shard, answer.request, answer.outcome, answer.value);
      else if (!this.unpark()) return;
    }
  }

  /** Lets the first request go on that no longer waits for anything. */
  private unpark(): boolean {
    const { state } = this;
    const free = state.parked.find(({ shard, request }) => !this.leads(shard) || !this.isHeld(shard, request));
    if (free === undefined) return false;
    state.parked = state.parked.filter((other) => other !== free);
    this.submit(free.shard, free.request);
    return true;
  }
}

/**
 * Who holds a key, or will when what is in the shard's log is applied. It is free only once that is: an outcome that is on its way
 * through this log may be visible in another shard already.
 */
function holderOf({ applied, disk: { log }, values }: PbState, key: string): string | undefined {
  let holder = holderIn(values, key);
  for (let slot = log.next(applied); slot !== undefined; slot = log.next(slot)) {
    const entry = log.get(slot)!;
    for (const { action } of entry.status === 'aborted' ? [] : partsOf(entry)) {
      const stage = action.kind === 'do' ? action.stage : undefined;
      if (stage?.step === 'prepare' && keysOf(action).includes(key)) holder ??= ownerOf(stage);
    }
  }
  return holder;
}
