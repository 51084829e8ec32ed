/** What a handler of one node sees and may do. A world has one at a time: handlers do not nest. */
import { beginLease, endLease } from './clocks.ts';
import { crash } from './crash.ts';
import { EVENT, inGroup } from './events.ts';
import { transmit } from './network.ts';
import type { ClockName, Context, Lease, Message, ProtocolEvent, Request } from './protocol.ts';
import { ITEM, Item, RANK } from './queue.ts';
import { below, bits, purposeOf } from './random.ts';
import { remember, writeDown } from './disk.ts';
import type { NodeSlot, Unsynced, World } from './world.ts';

/** A node's answer as it travels. */
export interface Reply extends Message {
  readonly request: Request;
  readonly value: string;
  /** `redirect`: whom to ask. */
  readonly leader: number;
}

/** A client's request as it travels. */
export interface Ask extends Message {
  readonly request: Request;
}

/** A send that waits for a disk, or a timer that does: then the message holds its name and argument. */
export interface Outgoing {
  readonly kind: 0 | 1 | 2 | typeof ITEM.timer;
  readonly to: number;
  readonly message: Message;
  readonly cause: number;
  readonly line: number;
}

/** A write on its way to a slow disk, and what waits for it. */
export interface DiskWrite extends Unsynced {
  /** false: the disk lies, and nothing is written. */
  readonly real: boolean;
  /** Filled by the handler that wrote, then left alone. */
  readonly waiting: Outgoing[];
}

export class NodeContext implements Context<Message> {
  readonly self: number;
  readonly nodeCount: number;
  private readonly world: World;
  private readonly slot: NodeSlot;
  /** The event being handled, and the line it stems from. */
  private cause: number;
  private readonly line: number;
  /** The last slow write of this handler: later sends wait for it. */
  private write: DiskWrite | undefined = undefined;
  /** Sends of this handler so far, for `crash … after N sends`. */
  private sends = 0;
  /** Writes of a `restart` that has not returned its state yet. */
  private early: Omit<DiskWrite, 'contents' | 'waiting'>[] | undefined;

  constructor(world: World, node: number, slot: NodeSlot, cause: number, line: number, restarting = false) {
    this.world = world;
    this.self = node;
    this.nodeCount = world.setup.nodeCount;
    this.slot = slot;
    this.cause = cause;
    this.line = line;
    this.early = restarting ? [] : undefined;
  }

  get nowUs(): number { return this.slot.localUs(this.world.nowUs); }

  clockUs(clock: ClockName): number { return this.slot.clockUs(clock, this.world.nowUs); }

  holdLease(lease: Lease): void {
    if (!this.world.dead) beginLease(this.world, this.self, this.slot, lease, this.cause, this.line);
  }

  dropLease(group?: number): void {
    if (!this.world.dead) endLease(this.world, this.self, this.slot, group, this.cause, this.line);
  }

  random(purpose: string, bound: number): number {
    const { slot } = this, number = slot.draws.get(purpose) ?? 0;
    slot.draws = slot.draws.set(purpose, number + 1);
    this.world.draws++;
    return below(bits(this.world.setup.seed, purposeOf(purpose), this.self, -1, number), bound);
  }

  send(to: number, message: Message): void { this.put(ITEM.message, to, message); }

  reply(request: Request, outcome: 'ok' | 'failed', value: string): void {
    const message: Reply = { type: outcome, epoch: -1, slot: -1, op: request.op, content: value, request, value, leader: -1 };
    this.put(ITEM.reply, request.client, message);
  }

  redirect(request: Request, to: number): void {
    const content = this.world.setup.name(to);
    const message: Reply = { type: 'redirect', epoch: -1, slot: -1, op: request.op, content, request, value: '', leader: to };
    this.put(ITEM.reply, request.client, message);
  }

  private put(kind: 0 | 1 | 2, to: number, message: Message): void {
    if (this.world.dead) return;
    if (this.write !== undefined) { this.write.waiting.push({ kind, to, message, cause: this.cause, line: this.line }); return; }
    this.putNow(kind, to, message, this.cause, this.line);
  }

  /** Sends what waited for the disk. */
  putAll(outgoing: readonly Outgoing[]): void {
    for (const { kind, to, message, cause, line } of outgoing) {
      if (this.world.dead) return;
      if (kind === ITEM.timer) this.setTimer(message.type, 0, message.slot);
      else this.putNow(kind, to, message, cause, line);
    }
  }

  private putNow(kind: 0 | 1 | 2, to: number, message: Message, cause: number, line: number): void {
    const { world, slot } = this;
    transmit(world, kind, this.self, to, message, cause, line);
    this.sends++;
    const point = slot.armed?.point;
    if (!world.dead && point?.kind === 'after-sends' && this.sends >= point.count) crash(world, this.self, slot.armed!);
  }

  setTimer(name: string, delayUs: number, argument = 0): void {
    const { world, slot } = this;
    if (world.dead) return;
    this.clearTimer(name, argument);
    const trueDelay = slot.rate === 1 ? Math.max(0, Math.round(delayUs)) : Math.max(0, Math.ceil(delayUs / slot.rate));
    const item = new Item(world.nowUs + trueDelay, RANK.timer, world.nextNumber(), ITEM.timer, this.self, -1, undefined, name, argument);
    slot.timers.push(item);
    world.add(item);
  }

  clearTimer(name: string, argument = 0): void {
    const { world, slot } = this;
    if (world.dead) return;
    const { timers } = slot;
    for (let i = 0; i < timers.length; i++) {
      const item = timers[i]!;
      if (item.name !== name || item.argument !== argument) continue;
      timers[i] = timers[timers.length - 1]!;
      timers.pop();
      world.remove(item);
      return;
    }
  }

  persist(epoch: number, slot: number, op: number, content: string, ops: readonly number[] = [], group?: number): void {
    const { world } = this;
    if (world.dead) return;
    const about = { epoch, slot, op, content, ops: ops.join(' '), group, cause: this.cause, line: world.setup.lineOf(op, this.line), real: !this.slot.diskLies };
    if (this.early !== undefined) { this.early.push(about); return; }
    if (this.slot.armed?.point.kind === 'before-fsync') { crash(world, this.self, this.slot.armed); return; }
    if (!about.real) remember(world, this.slot, { ...about, contents: this.slot.state.disk });
    if (this.slot.diskDelayUs > 0) { this.writeSlowly(about); return; }
    if (about.real) writeDown(world, this.self, this.slot, this.slot.state.disk, about);
    if (this.slot.armed?.point.kind === 'after-fsync') crash(world, this.self, this.slot.armed);
  }

  get durable(): boolean {
    const { disk } = this.slot.state;
    // A disk that lies says that it has everything.
    return this.slot.diskLies || this.slot.durable === disk || this.write?.contents === disk;
  }

  whenOnDisk(name: string, argument = 0): boolean {
    if (this.world.dead || this.write === undefined) return false;
    const message: Message = { type: name, epoch: -1, slot: argument, op: -1, content: '' };
    this.write.waiting.push({ kind: ITEM.timer, to: this.self, message, cause: this.cause, line: this.line });
    return true;
  }

  private writeSlowly(about: Omit<DiskWrite, 'contents' | 'waiting'>): void {
    const { world, slot } = this;
    const write: DiskWrite = { ...about, contents: slot.state.disk, waiting: [] };
    slot.diskBusyUntilUs = Math.max(world.nowUs, slot.diskBusyUntilUs) + slot.diskDelayUs;
    world.add(new Item(slot.diskBusyUntilUs, RANK.delivery, world.nextNumber(), ITEM.disk, this.self, -1, write, '', 0));
    this.write = write;
  }

  /** `restart` has returned: its writes are done, whatever the disk's speed. */
  settle(): void {
    const early = this.early ?? [];
    this.early = undefined;
    for (const about of early) if (about.real && !this.world.dead) writeDown(this.world, this.self, this.slot, this.slot.state.disk, about);
  }

  discard(reason: string): void {
    const { world, cause } = this;
    if (world.dead) return;
    const { log } = world;
    if (log === undefined) return;
    const text = world.intern(reason);
    if (cause < 0) { world.record(EVENT.discard, this.self, -1, 0, -1, -1, -1, -1, 0, text, -1, this.line); return; }
    world.record(inGroup(EVENT.discard, log.group(cause)), this.self, log.peer(cause), log.wordId(cause), log.epoch(cause), log.slot(cause), log.message(cause), log.op(cause),
      log.textId(cause), text, cause, log.line(cause));
  }

  emit(kind: ProtocolEvent, fields?: { peer?: number; epoch?: number; slot?: number; op?: number; text?: string; detail?: string; a?: number; b?: number; ops?: readonly number[]; group?: number }): void {
    const { world } = this;
    if (world.dead) return;
    const op = fields?.op ?? -1;
    const index = world.record(inGroup(EVENT[kind], fields?.group), this.self, fields?.peer ?? -1, world.intern(fields?.ops?.join(' ') ?? ''), fields?.epoch ?? -1, fields?.slot ?? -1, -1, op,
      world.intern(fields?.text ?? ''), world.intern(fields?.detail ?? ''), this.cause, world.setup.lineOf(op, this.line), fields?.a ?? -1, fields?.b ?? -1);
    if (kind === 'stepsDown') this.slot.leases = this.slot.leases.filter(({ group }) => group !== fields?.group);
    if (kind === 'leads') world.observer.emitted(world, 'leads', this.self);
    if (kind !== 'timeout') return;
    // What a node does when its timer fires has no message as its cause: the firing is.
    if (this.cause < 0) this.cause = index;
    world.observer.emitted(world, 'times-out', this.self);
  }
}

/** For looking at what a disk holds: a restart that does nothing to the world. */
export class IdleContext implements Context<Message> {
  readonly self: number;
  readonly nodeCount: number;
  readonly nowUs: number;

  constructor(self: number, nodeCount: number, nowUs: number) {
    this.self = self;
    this.nodeCount = nodeCount;
    this.nowUs = nowUs;
  }

  clockUs(): number { return this.nowUs; }
  holdLease(): void { /* nobody trusts it */ }
  dropLease(): void { /* it holds none */ }
  random(): number { return 0; }
  send(): void { /* nobody hears */ }
  reply(): void { /* nobody hears */ }
  redirect(): void { /* nobody hears */ }
  setTimer(): void { /* never fires */ }
  clearTimer(): void { /* never set */ }
  persist(): void { /* already on disk */ }
  readonly durable = true;
  whenOnDisk(): boolean { return false; }
  discard(): void { /* nothing to ignore */ }
  emit(): void { /* nothing happened */ }
}
