/** What the script does to links: they are cut, with what is on its way lost, let through or held, and heal (protocols.md D). */
import type { InFlightModel } from '../model/scenario.ts';
import { blocked, change, hold, keep, release, unkeep } from './network.ts';
import { PersistentMap } from './persistent.ts';
import { isMessage, type Item, RANK, visitItems } from './queue.ts';
import type { Setup } from './setup.ts';
import type { Network, World } from './world.ts';

/** A link statement of the script: its step and line, and what becomes of what is on its way. */
export interface LinkStatement {
  readonly step: number;
  readonly line: number;
  readonly inFlight: InFlightModel;
}

/** What was sent on a link before a statement cuts it: it is let through, held until the link heals, or tested as it arrives. */
function onItsWay(world: World, from: number, to: number, { step, line, inFlight }: LinkStatement): void {
  const onLink = (item: Item): boolean => item.from === from && item.to === to && isMessage(item);
  const passes = inFlight === 'delivering', flying: Item[] = [];
  visitItems(world.queue, (item) => { if (onLink(item) && item.rank === RANK.delivery && (inFlight === 'holding' || item.passes !== passes)) flying.push(item); });
  for (const item of flying) {
    world.remove(item);
    if (inFlight === 'holding') hold(world, item, step, line); else world.add(through(item, passes));
  }
  for (const item of world.network.held.values()) {
    if (!onLink(item) || item.passes === passes) continue;
    unkeep(world, item);
    keep(world, through(item, passes));
  }
}

function through(item: Item, passes: boolean): Item {
  const marked = item.moved(item.timeUs, item.rank, item.number);
  marked.passes = passes;
  return marked;
}

/** Lets go of what was held because its link was cut, where it is not any more. */
function goOn(world: World): void {
  if (world.network.held.size === 0) return;
  release(world, (item) => {
    const step = world.setup.steps[item.heldBy];
    return step?.kind === 'fault' && 'inFlight' in step.fault && blocked(world, item.from, item.to) === undefined;
  });
}

/** Cuts the links between groups; takes back an earlier partition. */
export function partition(world: World, groups: readonly (readonly number[])[], statement: LinkStatement): void {
  let cuts = withoutPartition(world);
  groups.forEach((group, index) => {
    groups.forEach((other, otherIndex) => {
      if (index === otherIndex) return;
      for (const from of group) {
        for (const to of other) {
          if (from === to) continue;
          cuts = cutBy(world.setup, cuts, from, to, { partition: statement.line });
          onItsWay(world, from, to, statement);
        }
      }
    });
  });
  change(world, { cuts });
  goOn(world);
}

function withoutPartition(world: World): Network['cuts'] {
  let { cuts } = world.network;
  for (const [link, cut] of [...cuts]) {
    if (cut.partition === undefined) continue;
    cuts = cut.cut === undefined ? cuts.delete(link) : cuts.set(link, { partition: undefined, cut: cut.cut });
  }
  return cuts;
}

function cutBy(setup: Setup, cuts: Network['cuts'], from: number, to: number, why: { partition: number } | { cut: number }): Network['cuts'] {
  const link = setup.link(from, to);
  return cuts.set(link, { ...(cuts.get(link) ?? { partition: undefined, cut: undefined }), ...why });
}

export function cutLink(world: World, from: number, to: number, statement: LinkStatement): void {
  change(world, { cuts: cutBy(world.setup, world.network.cuts, from, to, { cut: statement.line }) });
  onItsWay(world, from, to, statement);
}

export function isolate(world: World, process: number, statement: LinkStatement): void {
  for (let other = 0; other < world.setup.processCount; other++) {
    if (other === process) continue;
    cutLink(world, process, other, statement);
    cutLink(world, other, process, statement);
  }
}

/** One link carries messages again, at its usual speed. */
export function healLink(world: World, from: number, to: number): void {
  const link = world.setup.link(from, to);
  change(world, { cuts: world.network.cuts.delete(link), slow: world.network.slow.delete(link) });
  goOn(world);
}

/** All links carry messages again, at their usual speed. */
export function healAll(world: World): void {
  change(world, { cuts: PersistentMap.empty(), slow: PersistentMap.empty() });
  goOn(world);
}

export function slowLink(world: World, from: number, to: number, byUs: number): void {
  change(world, { slow: world.network.slow.set(world.setup.link(from, to), Math.max(0, byUs)) });
}
