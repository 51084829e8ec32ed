/**
 * `stable from T`: the moment from which on the network keeps its word and nothing else fails (protocols.md D, GST). Links
 * carry messages again, held ones go on their way, what is late arrives within the longest delay that the network states,
 * losses, duplicates and false copies end, paused nodes go on. What is down stays down until it is restarted; clocks and disks
 * run as they did, and a node that lies is a liar still.
 */
import type { FaultModel } from '../model/scenario.ts';
import { EVENT } from './events.ts';
import { healAll } from './links.ts';
import { release } from './network.ts';
import { resume } from './nodes.ts';
import { isMessage, itemsOf, RANK } from './queue.ts';
import type { World } from './world.ts';

/** Faults that take something back, and a transfer, which is none: they may come at any time. */
export function isRepair(fault: FaultModel): boolean {
  return fault.kind === 'heal' || fault.kind === 'heal-link' || fault.kind === 'resume' || fault.kind === 'release' || fault.kind === 'transfer'
    || (fault.kind === 'restart' && fault.blank !== true);
}

export function becomeStable(world: World, line: number): void {
  world.note(EVENT.links, -1, line, 'stable');
  world.stable = true;
  healAll(world);
  const script = world.ownScript();
  for (const { step, kind } of world.setup.rules) if (kind !== 'lies') script.ended[step] = true;
  release(world, () => true);
  for (let node = 0; node < world.setup.nodeCount; node++) world.ownNode(node).armed = undefined;
  for (let process = 0; process < world.setup.processCount; process++) resume(world, process, line);
  hasten(world);
}

/** What would arrive later than a message sent now could: it arrives with the latest of those, in the same order. */
function hasten(world: World): void {
  const { setup } = world;
  for (const item of itemsOf(world.queue)) {
    if (!isMessage(item) || item.rank !== RANK.delivery) continue;
    const latestUs = world.nowUs + setup.delayOf(item.from, item.to).maxUs;
    if (item.timeUs <= latestUs) continue;
    world.remove(item);
    world.add(item.moved(latestUs, RANK.delivery, world.nextNumber()));
  }
  for (let from = 0; from < setup.processCount; from++) {
    const { arrivals } = world.ownLinks(from);
    arrivals.forEach((atUs, to) => { arrivals[to] = Math.min(atUs, world.nowUs + setup.delayOf(from, to).maxUs); });
  }
}
