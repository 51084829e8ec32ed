/** Clients that a protocol brings along: running their handlers, and the operations that these begin and end. */
import type { OperationModel } from '../model/scenario.ts';
import type { Ask, Reply } from './context.ts';
import { EVENT } from './events.ts';
import { transmit } from './network.ts';
import type { ClientContext, ClientMachine, Message } from './protocol.ts';
import { ITEM, Item, messageOf, RANK } from './queue.ts';
import { shownToken, tokenText } from './resources.ts';
import type { ClientSlot, World } from './world.ts';

class SessionContext implements ClientContext<Message> {
  readonly self: number;
  private readonly world: World;
  /** The event being handled, and the line it stems from. */
  private readonly cause: number;
  private readonly line: number;

  constructor(world: World, client: number, cause: number, line: number) {
    this.world = world;
    this.self = client;
    this.cause = cause;
    this.line = line;
  }

  get name(): string { return this.world.setup.name(this.self); }

  get nodeCount(): number { return this.world.setup.nodeCount; }

  send(to: number, message: Message): void { transmit(this.world, ITEM.message, this.self, to, message, this.cause, this.line); }

  setTimer(name: string, delayUs: number, argument = 0): void {
    const { world, self } = this;
    this.clearTimer(name, argument);
    const item = new Item(world.nowUs + Math.max(0, Math.round(delayUs)), RANK.timer, world.nextNumber(), ITEM.sessionTimer, self, -1, undefined, name, argument);
    world.ownClient(self).timers.push(item);
    world.add(item);
  }

  clearTimer(name: string, argument = 0): void {
    const { world } = this, { timers } = world.ownClient(this.self);
    const index = timers.findIndex((item) => item.name === name && item.argument === argument);
    if (index < 0) return;
    world.remove(timers[index]!);
    timers.splice(index, 1);
  }

  end(op: number, outcome: 'ok' | 'failed' | 'unknown', value: string, detail = ''): void {
    const { world, self } = this, operation = world.setup.operation(op);
    if (operation === undefined || !world.clients[self - world.setup.nodeCount]!.asking.has(op)) return;
    forget(world, self, op);
    const kind = outcome === 'ok' ? EVENT.ok : outcome === 'failed' ? EVENT.fail : EVENT.info;
    const peer = this.cause < 0 || world.log === undefined ? -1 : world.log.peer(this.cause);
    world.note(kind, self, operation.line, value, detail, -1, op, peer, this.cause);
    if (outcome !== 'unknown') world.observer.answered(world, op, outcome === 'ok');
  }

  use(resource: number, op: number, token: number): void {
    const { world, self } = this, action = world.setup.operation(op)?.action;
    if (action === undefined) return;
    const request = { client: self, session: self, sequence: token, op, action };
    const ask: Ask = { type: 'use', epoch: -1, slot: -1, op, content: tokenText(shownToken(request)), request };
    transmit(world, ITEM.request, self, resource, ask, this.cause, this.line);
  }

  discard(reason: string): void {
    const { world, cause, self } = this, { log } = world;
    if (log === undefined || cause < 0) return;
    world.record(EVENT.discard, self, log.peer(cause), log.wordId(cause), log.epoch(cause), log.slot(cause), log.message(cause), log.op(cause),
      log.textId(cause), world.intern(reason), cause, log.line(cause));
  }
}

/** The operation is over, as far as the engine counts them. */
function forget(world: World, client: number, op: number): void {
  const slot = world.ownClient(client), asking = slot.asking.get(op);
  if (asking?.deadline !== undefined) world.remove(asking.deadline);
  slot.asking = slot.asking.delete(op);
  world.pending--;
}

function run(world: World, client: number, cause: number, line: number,
  handler: (machine: ClientMachine<object, Message>, context: SessionContext, state: object, slot: ClientSlot) => void): void {
  const machine = world.setup.machine.clients, slot = world.ownClient(client);
  if (machine !== undefined) handler(machine, new SessionContext(world, client, cause, line), slot.state, slot);
}

/** An operation that a machine takes has been invoked (`invoked`: the event). */
export function beginSessionOperation(world: World, operation: OperationModel, invoked: number): void {
  const { client, id, action, target, line } = operation;
  run(world, client, invoked, line, (machine, context, state) => { machine.onOperation(context, state, { op: id, action, target }); });
}

/** Its deadline has come: the client says that it waits no longer. */
export function giveUpSessionOperation(world: World, operation: OperationModel): void {
  const { client, id, line } = operation;
  run(world, client, -1, line, (machine, context, state) => {
    context.end(id, 'unknown', '', 'no answer in time: it may have happened, or not');
    machine.onGivenUp(context, state, id);
  });
}

/** A node's message has come. `received`: its `receive` event. */
export function handleSessionMessage(world: World, item: Item, received: number): void {
  run(world, item.to, received, item.line, (machine, context, state) => { machine.onMessage(context, state, item.from, messageOf(item)); });
}

/** A resource has answered. */
export function handleResourceAnswer(world: World, item: Item, received: number): void {
  const { type, op, value } = item.payload as Reply;
  run(world, item.to, received, item.line, (machine, context, state) => { machine.onAnswer(context, state, op, type === 'ok' ? 'ok' : 'failed', value); });
}

export function sessionTimerDue(world: World, item: Item): void {
  run(world, item.to, -1, item.line, (machine, context, state, slot) => {
    slot.timers.splice(slot.timers.indexOf(item), 1);
    machine.onTimer(context, state, item.name, item.argument);
  });
}
