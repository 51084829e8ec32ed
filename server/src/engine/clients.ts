/**
 * Clients: one session each, an operation whenever the script says so, several under way at once if need be. An operation
 * keeps its session and its number however often it is asked again, so that a node can tell a second asking from a second
 * operation.
 */
import type { OperationModel } from '../model/scenario.ts';
import type { Ask, Reply } from './context.ts';
import { EVENT } from './events.ts';
import { beginSessionOperation, giveUpSessionOperation, handleResourceAnswer } from './clientMachines.ts';
import { transmit } from './network.ts';
import { queueUp } from './nodes.ts';
import { ITEM, Item, RANK } from './queue.ts';
import { CLIENT_PATIENCE_US } from './setup.ts';
import { contentOf, operationText, wordOf } from './words.ts';
import type { Asking, World } from './world.ts';

/** Timers of an operation: silence, and giving up. */
const PATIENCE = 'patience', DEADLINE = 'deadline';

/** The client asks for an operation. */
export function invoke(world: World, operation: OperationModel): void {
  const { client, id } = operation, slot = world.ownClient(client);
  // A trigger that repeats cannot ask for the same operation twice.
  if (slot.asking.has(id) || world.setup.nodeCount === 0) return;
  if (slot.paused) {
    queueUp(world, new Item(world.nowUs, RANK.timer, world.nextNumber(), ITEM.invoke, client, -1, undefined, '', id));
    return;
  }
  const invoked = world.note(EVENT.invoke, client, operation.line, operationText(operation.action), '', -1, id);
  const own = world.setup.machine.clients?.takes(operation.action) === true;
  const asked = own ? -1 : operation.target ?? slot.leader;
  const deadline = operation.withinUs === undefined || operation.retrying ? undefined : clientTimer(world, client, DEADLINE, id, operation.withinUs);
  slot.sequence++;
  world.pending++;
  slot.asking = slot.asking.set(id, { sequence: slot.sequence, asked, patience: own ? undefined : startPatience(world, operation), deadline, invoked, answers: [] });
  if (own) beginSessionOperation(world, operation, invoked);
  else ask(world, operation, slot.asking.get(id)!);
}

function patienceOf(operation: OperationModel): number | undefined {
  if (operation.retrying && operation.withinUs !== undefined) return operation.withinUs;
  return operation.target === undefined ? CLIENT_PATIENCE_US : undefined;
}

function startPatience(world: World, operation: OperationModel): Item | undefined {
  const patienceUs = patienceOf(operation);
  return patienceUs === undefined ? undefined : clientTimer(world, operation.client, PATIENCE, operation.id, patienceUs);
}

function clientTimer(world: World, client: number, name: string, op: number, delayUs: number): Item {
  const item = new Item(world.nowUs + Math.max(0, delayUs), RANK.timer, world.nextNumber(), ITEM.clientTimer, client, -1, undefined, name, op);
  world.add(item);
  return item;
}

function ask(world: World, operation: OperationModel, asking: Asking): void {
  const { action, client, id } = operation;
  const request = { client, session: client, sequence: asking.sequence, op: id, action };
  const message: Ask = { type: wordOf(action), epoch: -1, slot: -1, op: id, content: contentOf(action), request };
  transmit(world, ITEM.request, client, asking.asked, message, asking.invoked, operation.line);
}

/** Silence has lasted, or the time to give up has come. */
export function clientTimerDue(world: World, item: Item): void {
  const client = item.to, op = item.argument, slot = world.ownClient(client);
  const asking = slot.asking.get(op), operation = world.setup.operation(op);
  if (asking === undefined || operation === undefined) return;
  if (item.name === DEADLINE && asking.asked < 0) {
    giveUpSessionOperation(world, operation);
    return;
  }
  if (item.name === DEADLINE) {
    endAsking(world, client, op, asking);
    world.note(EVENT.info, client, operation.line, '', 'no answer in time: it may have happened, or not', -1, op, asking.asked);
    return;
  }
  const stays = operation.target !== undefined || operation.retrying;
  askAgain(world, operation, asking, stays ? asking.asked : (asking.asked + 1) % world.setup.nodeCount);
}

function askAgain(world: World, operation: OperationModel, asking: Asking, node: number): void {
  const slot = world.ownClient(operation.client);
  if (asking.patience !== undefined) world.remove(asking.patience);
  const next: Asking = { ...asking, asked: node, patience: startPatience(world, operation) };
  slot.asking = slot.asking.set(operation.id, next);
  ask(world, operation, next);
}

function endAsking(world: World, client: number, op: number, asking: Asking): void {
  const slot = world.ownClient(client);
  if (asking.patience !== undefined) world.remove(asking.patience);
  if (asking.deadline !== undefined) world.remove(asking.deadline);
  slot.asking = slot.asking.delete(op);
  world.pending--;
}

/** An answer has come. `received`: its `receive` event. */
export function handleReply(world: World, item: Item, received: number): void {
  const reply = item.payload as Reply, client = item.to, slot = world.ownClient(client);
  const asking = slot.asking.get(reply.op), operation = world.setup.operation(reply.op);
  if (asking === undefined || operation === undefined) { ignore(world, item, received, 'the operation is over'); return; }
  if (asking.asked < 0) { handleResourceAnswer(world, item, received); return; }
  if (reply.type === 'redirect') { handleRedirect(world, item, received, operation, asking); return; }
  const needed = world.setup.machine.repliesNeeded ?? 1;
  if (needed > 1 && !believes(world, item, asking, needed)) return;
  endAsking(world, client, reply.op, asking);
  // Where all nodes answer, whoever answered is no better than whoever was asked.
  if (operation.target === undefined) slot.leader = needed > 1 ? asking.asked : item.from;
  const ok = reply.type === 'ok';
  world.note(ok ? EVENT.ok : EVENT.fail, client, operation.line, reply.value, '', -1, reply.op, item.from, received);
  world.observer.answered(world, reply.op, ok);
}

/** Counts an answer; whether enough nodes have given the same one. A node that answers again takes back what it said before. */
function believes(world: World, item: Item, asking: Asking, needed: number): boolean {
  const { op, type: outcome, value } = item.payload as Reply;
  const answers = [...asking.answers.filter((answer) => answer.from !== item.from), { from: item.from, outcome, value }];
  const slot = world.ownClient(item.to);
  slot.asking = slot.asking.set(op, { ...asking, answers });
  return answers.filter((answer) => answer.outcome === outcome && answer.value === value).length >= needed;
}

function handleRedirect(world: World, item: Item, received: number, operation: OperationModel, asking: Asking): void {
  const { leader } = item.payload as Reply;
  if (operation.target !== undefined) {
    ignore(world, item, received, `the client stays with ${world.setup.name(operation.target)}`);
  } else if (item.from !== asking.asked) {
    ignore(world, item, received, `the client has gone on to ask ${world.setup.name(asking.asked)}`);
  } else if (!world.setup.isNode(leader)) {
    ignore(world, item, received, 'it names no node');
  } else {
    askAgain(world, operation, asking, leader);
  }
}

function ignore(world: World, item: Item, received: number, reason: string): void {
  const { epoch, slot, op } = item.payload as Reply;
  world.record(EVENT.discard, item.to, item.from, item.wordId, epoch, slot, item.id, op, item.textId, world.intern(reason), received, item.line);
}
