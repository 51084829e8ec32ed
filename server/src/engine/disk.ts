/** A node's disk: what is written down, and what of it a crash takes (protocols.md D). */
import type { DiskWrite } from './context.ts';
import { EVENT, inGroup } from './events.ts';
import { ITEM, visitItems } from './queue.ts';
import type { NodeSlot, Unsynced, World, WriteStory } from './world.ts';

/** The disk holds these contents from now on. */
export function writeDown(world: World, node: number, slot: NodeSlot, contents: object, about: WriteStory): void {
  slot.durable = contents;
  if (about.slot >= 0) {
    slot.written = about.slot;
    if (slot.rotten.length > 0) slot.rotten = slot.rotten.filter((record) => record !== about.slot);
  }
  world.record(inGroup(EVENT.persist, about.group), node, -1, world.intern(about.ops), about.epoch, about.slot, -1, about.op, world.intern(about.content), 0, about.cause, about.line);
}

/** A lying disk keeps a write to itself: it is remembered as far as a crash of the scenario may need it. */
export function remember(world: World, slot: NodeSlot, write: Unsynced): void {
  if (slot.unsynced.length < world.setup.tornWrites) slot.unsynced = [...slot.unsynced, write];
}

/** A torn end: the first `count` of the writes that no sync has made safe are on the disk after all. Writes under way were begun before any that a lying disk swallowed. */
export function keepFirst(world: World, node: number, slot: NodeSlot, count: number): void {
  const underWay: Unsynced[] = [];
  visitItems(world.queue, (item) => {
    if (item.kind === ITEM.disk && item.to === node && (item.payload as DiskWrite).real) underWay.push(item.payload as DiskWrite);
  });
  for (const write of [...underWay, ...slot.unsynced].slice(0, count)) writeDown(world, node, slot, write.contents, write);
}
