/** Nodes: running their handlers, and what happens to them: crashes, restarts, pauses, clocks and disks (protocols.md D). */
import { type Ask, type DiskWrite, NodeContext, type Outgoing } from './context.ts';
import { restartTicks, stopTicks, suspendClock } from './clocks.ts';
import { writeDown } from './disk.ts';
import { crash } from './crash.ts';
import { EVENT } from './events.ts';
import { decayed } from './forge.ts';
import { isMessage, ITEM, Item, itemsOf, messageOf, RANK, scriptNumber, withItem } from './queue.ts';
import type { ArmedCrash, ClientSlot, NodeSlot, World } from './world.ts';

/** Runs one handler of a node, atomically. `cause`: the event it handles; `line`: where that stems from. */
export function handle(world: World, node: number, cause: number, line: number, handler: (context: NodeContext, slot: NodeSlot) => void,
  restarting = false): void {
  const slot = world.ownNode(node);
  const context = new NodeContext(world, node, slot, cause, line, restarting);
  world.running = node;
  world.dead = false;
  handler(context, slot);
  world.running = -1;
  world.dead = false;
  if (slot.armed?.once === true) slot.armed = undefined;
}

/** The start of the run: before anything else on that node. */
export function startNode(world: World, node: number): void {
  if (!world.nodes[node]!.up) return;
  handle(world, node, -1, -1, (context, slot) => { world.setup.machine.start(context, slot.state); });
}

/** A message or request has come to a node that is up and running. `received`: its `receive` event. */
export function handleMessage(world: World, item: Item, received: number): void {
  const { machine } = world.setup;
  handle(world, item.to, received, item.line, (context, slot) => {
    if (item.kind === ITEM.request) machine.onRequest(context, slot.state, (item.payload as Ask).request);
    else machine.onMessage(context, slot.state, item.as < 0 ? item.from : item.as, messageOf(item));
  });
}

/** A timer, a disk write, an outbox or what the script asks is due on a node. */
export function handleDue(world: World, item: Item): void {
  const slot = world.ownNode(item.to);
  if (item.kind === ITEM.disk) { completeWrite(world, item); return; }
  if (slot.paused) { queueUp(world, item); return; }
  const { machine } = world.setup;
  if (item.kind === ITEM.timer) {
    slot.timers.splice(slot.timers.indexOf(item), 1);
    handle(world, item.to, -1, item.line, (context) => { machine.onTimer(context, slot.state, item.name, item.argument); });
  } else if (item.kind === ITEM.suspect) {
    handle(world, item.to, -1, item.line, (context) => { machine.onSuspect(context, slot.state); });
  } else if (item.kind === ITEM.transfer) {
    handle(world, item.to, -1, item.line, (context) => { machine.onTransfer?.(context, slot.state, item.argument); });
  } else {
    handle(world, item.to, -1, -1, (context) => { context.putAll(item.payload as readonly Outgoing[]); });
  }
}

function completeWrite(world: World, item: Item): void {
  const write = item.payload as DiskWrite;
  handle(world, item.to, write.cause, write.line, (context, slot) => {
    if (write.real) writeDown(world, item.to, slot, write.contents, write);
    if (slot.armed?.point.kind === 'after-fsync') { crash(world, item.to, slot.armed); return; }
    if (write.waiting.length === 0) return;
    if (slot.paused) queueUp(world, new Item(world.nowUs, RANK.timer, world.nextNumber(), ITEM.outbox, item.to, -1, write.waiting, '', 0));
    else context.putAll(write.waiting);
  });
}

/** Puts aside what a paused process cannot handle yet: by due time, timers first among equals. `observed`: a `when` has seen it coming. */
export function queueUp(world: World, item: Item, observed = false): void {
  const slot = world.ownSlot(item.to);
  const waiting = item.moved(item.dueUs, isMessage(item) ? RANK.timer : RANK.delivery, world.nextNumber());
  if (observed) waiting.observed = true;
  slot.inbox = withItem(slot.inbox, waiting, world.token);
  replaceTimer(slot, item, waiting);
}

/** A timer that waits, or waits no longer, is another item. */
function replaceTimer(slot: NodeSlot | ClientSlot, before: Item, after: Item): void {
  if (before.kind === ITEM.timer || before.kind === ITEM.sessionTimer) slot.timers = slot.timers.map((timer) => timer === before ? after : timer);
  if (before.kind !== ITEM.clientTimer || !('asking' in slot)) return;
  const asking = slot.asking.get(before.argument);
  if (asking?.patience === before) slot.asking = slot.asking.set(before.argument, { ...asking, patience: after });
  if (asking?.deadline === before) slot.asking = slot.asking.set(before.argument, { ...asking, deadline: after });
}

/** `disk A corrupts`: the record that it wrote last is not what it will read. false: it has written none. */
export function decay(world: World, node: number): boolean {
  const slot = world.ownNode(node);
  if (slot.durable === undefined || slot.written < 0 || slot.rotten.includes(slot.written) || decayed(slot.durable, slot.written) === slot.durable) return false;
  slot.rotten = [...slot.rotten, slot.written];
  return true;
}

/** What a node reads of its disk when it starts again. */
export function readBack(slot: NodeSlot): object | undefined {
  return slot.rotten.reduce<object | undefined>((disk, record) => (disk === undefined ? undefined : decayed(disk, record)), slot.durable);
}

/** Has not been switched on yet. */
export function sleep(world: World, node: number, line: number): void {
  const slot = world.ownNode(node);
  slot.up = false;
  slot.downLine = line;
}

/** `restart B blank as D`: the machine is D from now on, and B is gone. false: B was not down, or D runs. */
export function restartAs(world: World, node: number, as: number, line: number): boolean {
  return !world.nodes[node]!.up && restart(world, as, line, `in place of ${world.setup.name(node)}`);
}

/** Comes back with what its disk holds; `how`: with nothing, in words. false: it was not down. */
export function restart(world: World, node: number, line: number, how = ''): boolean {
  const slot = world.ownNode(node);
  if (slot.up) return false;
  if (how !== '') Object.assign(slot, { durable: undefined, written: -1, rotten: [] });
  slot.up = true;
  slot.downLine = -1;
  slot.incarnation++;
  slot.durable = readBack(slot);
  slot.rotten = [];
  const index = world.note(EVENT.restart, node, line, how, '', slot.incarnation);
  handle(world, node, index, line, (context) => {
    slot.state = world.setup.machine.restart(context, node, slot.durable);
    context.settle();
  }, true);
  return true;
}

/** No handler of a node or a client runs until it is resumed. `suspended`: a node's clock stands still too. false: it is down or paused already. */
export function pause(world: World, node: number, durationUs: number | undefined, step: number, line: number, suspended = false): boolean {
  const slot = world.ownSlot(node);
  if (!slot.up || slot.paused) return false;
  stopTicks(world, node);
  slot.paused = true;
  if (suspended) suspendClock(world, node);
  world.note(EVENT.pause, node, line, '', suspended ? 'its clock stands still' : '');
  if (durationUs === undefined) return true;
  slot.pauseEnd = new Item(world.nowUs + durationUs, RANK.script, scriptNumber(step, ITEM.pauseEnd), ITEM.pauseEnd, node, -1, undefined, '', step);
  slot.pauseEnd.line = line;
  world.add(slot.pauseEnd);
  world.scripted++;
  return true;
}

/** Goes on with what has been waiting, by when it was due, or messages before timers. false: it was not paused. */
export function resume(world: World, node: number, line: number, messagesFirst = false): boolean {
  const slot = world.ownSlot(node);
  if (!slot.paused) return false;
  slot.paused = false;
  if (slot.pauseEnd !== undefined) { world.remove(slot.pauseEnd); world.scripted--; slot.pauseEnd = undefined; }
  world.note(EVENT.resume, node, line);
  restartTicks(world, node, line);
  const waiting = itemsOf(slot.inbox), inTurn = messagesFirst ? [...waiting.filter(isMessage), ...waiting.filter((item) => !isMessage(item))] : waiting;
  slot.inbox = undefined;
  for (const item of inTurn) {
    const due = item.moved(world.nowUs, RANK.backlog, world.nextNumber());
    due.dueUs = item.timeUs;
    replaceTimer(slot, item, due);
    world.add(due);
  }
  return true;
}

/** The failure detector fires as soon as the node runs. false: it is down. */
export function suspect(world: World, node: number, line: number): boolean { return askOf(world, node, ITEM.suspect, 0, line); }

/** The node is asked to hand its leadership over, as soon as it runs. false: it is down. */
export function transfer(world: World, node: number, to: number, line: number): boolean { return askOf(world, node, ITEM.transfer, to, line); }

function askOf(world: World, node: number, kind: typeof ITEM.suspect | typeof ITEM.transfer, argument: number, line: number): boolean {
  if (!world.nodes[node]!.up) return false;
  const item = new Item(world.nowUs, RANK.backlog, world.nextNumber(), kind, node, -1, undefined, '', argument);
  item.line = line;
  handleDue(world, item);
  return true;
}

/** Crashes at a point within the next handler that reaches it. */
export function arm(world: World, node: number, how: ArmedCrash): void {
  if (world.nodes[node]!.up) world.ownNode(node).armed = how;
}
