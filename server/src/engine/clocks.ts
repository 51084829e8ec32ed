/**
 * A node's clocks, and the leases that it measures by them (protocols.md A11, D). A lease holds until a moment of its holder's
 * clock; when that is in true time is known only as long as nothing befalls the clock, so each time something does, it is
 * recorded anew.
 */
import { EVENT, inGroup } from './events.ts';
import { ITEM, Item } from './queue.ts';
import type { Lease } from './protocol.ts';
import type { HeldLease, NodeSlot, World } from './world.ts';

const SLOWEST_RATE = 1e-6;
/** Events keep times in 32 bits. */
const LAST_US = 2_147_483_647;

/** The node's clocks, and with them its timers, run at this rate from now on. */
export function setRate(world: World, node: number, rate: number, line: number): void {
  const slot = world.ownNode(node), before = slot.rate, after = Math.max(SLOWEST_RATE, rate), nowUs = slot.suspendedUs ?? world.nowUs;
  slot.baseLocalUs = slot.localUs(nowUs);
  slot.baseTrueUs = nowUs;
  slot.rate = after;
  slot.timers = slot.timers.map((timer) => {
    const leftUs = timer.timeUs - nowUs;
    if (slot.paused && leftUs <= 0) return timer;
    world.remove(timer);
    const atUs = nowUs + Math.max(0, Math.ceil(leftUs * before / after));
    const moved = new Item(atUs, timer.rank, world.nextNumber(), ITEM.timer, node, -1, undefined, timer.name, timer.argument);
    moved.line = timer.line;
    if (slot.suspendedUs === undefined) world.add(moved);
    return moved;
  });
  reckonAnew(world, node, slot, line);
}

/** The node's clock stands still, and timers that are not due yet with it, until `restartTicks`. */
export function suspendClock(world: World, node: number): void {
  const slot = world.ownNode(node);
  slot.suspendedUs = world.nowUs;
  for (const timer of slot.timers) if (timer.timeUs > world.nowUs) world.remove(timer);
}

/** It goes on from where it stood. */
function wakeClock(world: World, slot: NodeSlot, sinceUs: number): void {
  slot.baseLocalUs = slot.localUs(world.nowUs);
  slot.baseTrueUs = world.nowUs;
  slot.suspendedUs = undefined;
  slot.timers = slot.timers.map((timer) => {
    if (timer.timeUs <= sinceUs) return timer;
    const moved = timer.moved(timer.timeUs + world.nowUs - sinceUs, timer.rank, world.nextNumber());
    world.add(moved);
    return moved;
  });
}

/** Somebody sets the node's wall clock forward, or back. Timers do not notice. */
export function setWall(world: World, node: number, byUs: number, line: number): void {
  const slot = world.ownNode(node);
  slot.wallAheadUs += byUs;
  reckonAnew(world, node, slot, line);
}

/** Call as a process's pause begins, before it counts as paused. Clients have no clock. */
export function stopTicks(world: World, process: number): void {
  if (process >= world.setup.nodeCount) return;
  const slot = world.ownNode(process);
  slot.pausedAtUs = slot.localUs(world.nowUs);
}

/** Call as the pause ends, however it ends, when the process no longer counts as paused. */
export function restartTicks(world: World, node: number, line: number): void {
  if (node >= world.setup.nodeCount) return;
  const slot = world.ownNode(node), sinceUs = slot.suspendedUs;
  if (sinceUs !== undefined) wakeClock(world, slot, sinceUs);
  slot.ticksLostUs += slot.localUs(world.nowUs) - slot.pausedAtUs;
  // The pause took no ticks (a suspension no time by any clock): a lease that holds by them now has held in it too.
  reckonAnew(world, node, slot, line, sinceUs === undefined ? ['ticks'] : ['ticks', 'monotonic', 'wall']);
}

/** `cause`: the event being handled. A lease that is over when it is learned of, after a pause, is none (unless its clock is set back). */
export function beginLease(world: World, node: number, slot: NodeSlot, lease: Lease, cause: number, line: number): void {
  if (world.log === undefined) return;
  const sinceUs = Math.floor((slot.clockUs(lease.clock, world.nowUs) - lease.fromUs) / slot.rate);
  const held = { ...lease, trueFromUs: Math.max(0, world.nowUs - Math.max(0, sinceUs)), trueUntilUs: trueUntil(world, slot, lease) };
  if (held.trueUntilUs > world.nowUs) note(world, node, slot, held, cause, line);
  else keep(slot, held);
}

/** The node gives the lease of a group up. */
export function endLease(world: World, node: number, slot: NodeSlot, group: number | undefined, cause: number, line: number): void {
  const lease = slot.leases.find((each) => each.group === group);
  if (lease === undefined) return;
  if (lease.trueUntilUs > world.nowUs) note(world, node, slot, { ...lease, trueUntilUs: world.nowUs }, cause, line);
  slot.leases = slot.leases.filter((each) => each.group !== group);
}

function trueUntil(world: World, slot: NodeSlot, { clock, untilUs }: Lease): number {
  const leftUs = Math.ceil((untilUs - slot.clockUs(clock, world.nowUs)) / slot.rate);
  return Math.min(LAST_US, world.nowUs + Math.max(0, leftUs));
}

/**
 * What befell the clock may have ended a lease early, let it run longer, or (a wall clock set back) brought it to life again.
 * `throughout`: if one by these clocks holds now, it has held all along.
 */
function reckonAnew(world: World, node: number, slot: NodeSlot, line: number, throughout: readonly Lease['clock'][] = []): void {
  for (const lease of slot.leases) {
    const trueUntilUs = trueUntil(world, slot, lease), held = lease.trueUntilUs > world.nowUs, holds = trueUntilUs > world.nowUs;
    if (trueUntilUs === lease.trueUntilUs || (!held && !holds)) continue;
    note(world, node, slot, { ...lease, trueFromUs: held || throughout.includes(lease.clock) ? lease.trueFromUs : world.nowUs, trueUntilUs }, -1, line);
  }
}

/** Instead of any lease of that group. */
function keep(slot: NodeSlot, lease: HeldLease): void {
  slot.leases = [...slot.leases.filter(({ group }) => group !== lease.group), lease];
}

function note(world: World, node: number, slot: NodeSlot, lease: HeldLease, cause: number, line: number): void {
  keep(slot, lease);
  const { epoch, waitUs, fromUs, untilUs, trueFromUs, trueUntilUs } = lease;
  world.record(inGroup(EVENT.lease, lease.group), node, -1, 0, epoch, waitUs, untilUs - fromUs, -1, 0, 0, cause, line, trueFromUs, trueUntilUs);
}
