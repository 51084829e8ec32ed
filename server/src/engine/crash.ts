/** A node that stops: what is lost with it. */
import { restartTicks } from './clocks.ts';
import { keepFirst } from './disk.ts';
import { EVENT } from './events.ts';
import { lose, resetConnections } from './network.ts';
import { isMessage, ITEM, type ItemKind, itemsOf, RANK, visitItems } from './queue.ts';
import { unsyncedText } from './words.ts';
import type { NodeSlot, World } from './world.ts';

/** The node stops here and now, within its handler or between two. false: it was down already. */
export function crash(world: World, node: number, how: { readonly losing: 'disk' | 'unsynced' | undefined; readonly keeping?: number | undefined; readonly step: number; readonly line: number }): boolean {
  const slot = world.ownNode(node);
  if (!slot.up) return false;
  world.markUsed(how.step);
  slot.armed = undefined;
  const detail = how.losing === 'disk' ? 'losing its disk' : how.losing === 'unsynced' ? unsyncedText(how.keeping) : '';
  if (how.keeping !== undefined) keepFirst(world, node, slot, how.keeping);
  world.note(EVENT.crash, node, how.line, detail);
  slot.up = false;
  slot.downLine = how.line;
  if (world.running === node) world.dead = true;
  if (how.losing === 'disk') Object.assign(slot, { durable: undefined, written: -1, rotten: [] });
  forget(world, node, slot, how.line);
  resetConnections(world, node, how.line);
  return true;
}

/** Items that are a node's own business. */
const OWN: ReadonlySet<ItemKind> = new Set<ItemKind>([ITEM.timer, ITEM.disk, ITEM.outbox, ITEM.suspect, ITEM.transfer]);

/** What a crash takes: timers, writes under way, and what had arrived but was not handled. */
function forget(world: World, node: number, slot: NodeSlot, line: number): void {
  if (slot.pauseEnd !== undefined) { world.remove(slot.pauseEnd); world.scripted--; }
  const arrived = itemsOf(slot.inbox);
  visitItems(world.queue, (item) => {
    if (item.to === node && (OWN.has(item.kind) || item.rank === RANK.backlog)) arrived.push(item);
  });
  for (const item of arrived) world.remove(item);
  for (const item of arrived) if (isMessage(item)) lose(world, item, `${world.setup.name(node)} is down`, line);
  Object.assign(slot, { leases: [], timers: [], unsynced: [] });
  if (slot.paused) { slot.paused = false; restartTicks(world, node, line); }
  slot.pauseEnd = undefined;
  slot.inbox = undefined;
  slot.diskBusyUntilUs = 0;
}
