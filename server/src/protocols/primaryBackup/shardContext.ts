/** What a handler of one shard sees of the world: nodes in its own order, timers and messages of its own, events of its group. */
import type { ClockName, Lease, ProtocolEvent, Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';
import type { Sharding } from './sharding.ts';
import type { PbContext, PbMessage } from './state.ts';

type Fields = NonNullable<Parameters<PbContext['emit']>[1]>;

export class ShardContext implements PbContext {
  readonly self: ProcessId;
  readonly nodeCount: number;
  private readonly sharding: Sharding;
  private readonly shard: number;

  constructor(sharding: Sharding, shard: number) {
    this.sharding = sharding;
    this.shard = shard;
    this.nodeCount = sharding.plan.nodeCount;
    this.self = sharding.plan.inner(shard, sharding.context.self);
  }

  get nowUs(): number { return this.sharding.context.nowUs; }

  clockUs(clock: ClockName): number { return this.sharding.context.clockUs(clock); }
  holdLease(lease: Lease): void { this.sharding.context.holdLease({ ...lease, group: this.shard + 1 }); }
  dropLease(): void { this.sharding.context.dropLease(this.shard + 1); }

  random(purpose: string, bound: number): number { return this.sharding.context.random(`${purpose} ${this.shard}`, bound); }

  send(to: ProcessId, message: PbMessage): void {
    this.sharding.context.send(this.outer(to), { ...message, group: this.shard + 1 });
  }

  /** What a node has asked for is a part of something larger, and goes back to that node. */
  reply(request: Request, outcome: 'ok' | 'failed', value: string): void {
    if (request.client < this.nodeCount) this.sharding.answerPart(this.shard, request, outcome, value);
    else this.sharding.context.reply(request, outcome, value);
  }

  redirect(request: Request, to: ProcessId): void {
    if (request.client < this.nodeCount) this.discard('it does not lead that shard');
    else this.sharding.context.redirect(request, this.outer(to));
  }

  setTimer(name: string, delayUs: number, argument = 0): void { this.sharding.context.setTimer(this.timer(name), delayUs, argument); }
  clearTimer(name: string, argument = 0): void { this.sharding.context.clearTimer(this.timer(name), argument); }

  persist(epoch: number, slot: number, op: number, content: string, ops: readonly number[] = []): void {
    this.sharding.keepDisk(this.shard);
    this.sharding.context.persist(epoch, slot, op, content, ops, this.shard + 1);
  }

  get durable(): boolean {
    this.sharding.keepDisk(this.shard);
    return this.sharding.context.durable;
  }

  whenOnDisk(name: string, argument = 0): boolean { return this.sharding.context.whenOnDisk(this.timer(name), argument); }

  discard(reason: string): void { this.sharding.context.discard(reason); }

  emit(kind: ProtocolEvent, fields: Fields = {}): void {
    const peer = fields.peer === undefined ? {} : { peer: fields.peer < 0 ? fields.peer : this.outer(fields.peer) };
    this.sharding.context.emit(kind, { ...fields, ...peer, group: this.shard + 1 });
  }

  private outer(place: ProcessId): ProcessId { return this.sharding.plan.outer(this.shard, place); }

  private timer(name: string): string { return timerOf(name, this.shard); }
}

const BETWEEN = '/';

/** A timer of a shard, by one name: `suspect/1`. */
export const timerOf = (name: string, shard: number): string => `${name}${BETWEEN}${shard}`;

export function shardTimer(timer: string): { readonly name: string; readonly shard: number } {
  const at = timer.indexOf(BETWEEN);
  return { name: timer.slice(0, at), shard: Number(timer.slice(at + 1)) };
}
