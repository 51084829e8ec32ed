/**
 * Resources that stand outside of the nodes: a file, a machine, another service. They know nothing of sessions and locks. One that
 * is fenced remembers the newest token that it was shown, and refuses older ones (protocols.md A11; Gray and Cheriton 1989 for the
 * trouble: a lease that its holder believes in for too long).
 */
import type { Ask, Reply } from './context.ts';
import { EVENT } from './events.ts';
import { transmit } from './network.ts';
import type { Request } from './protocol.ts';
import { ITEM, type Item } from './queue.ts';
import type { World } from './world.ts';

/** The token that a client shows: that of its lock is the request's number, unless it asks without it. -1: none. */
export function shownToken({ action, sequence }: Request): number {
  return action.kind === 'session' && action.call.kind === 'use' && !action.call.withToken ? -1 : sequence;
}

export const tokenText = (token: number): string => (token < 0 ? 'no token' : `token ${token}`);

/** A client's request has come to a resource. `received`: its `receive` event. */
export function handleUse(world: World, item: Item, received: number): void {
  const resource = item.to, { request, op } = item.payload as Ask, slot = world.ownClient(resource);
  const shown = shownToken(request), refused = world.setup.scenario.resources.get(resource)?.fenced === true && shown < Math.max(0, slot.newestToken);
  if (!refused) {
    const text = shown === request.sequence ? tokenText(shown) : `token ${request.sequence} not shown`;
    world.record(EVENT.use, resource, request.client, 0, -1, -1, -1, op, world.intern(text), 0, received, item.line, request.sequence);
    slot.newestToken = Math.max(slot.newestToken, shown);
  }
  const value = refused ? `it has seen ${tokenText(slot.newestToken)}` : '';
  const reply: Reply = { type: refused ? 'failed' : 'ok', epoch: -1, slot: -1, op, content: value, request, value, leader: -1 };
  transmit(world, ITEM.reply, resource, request.client, reply, received, item.line);
}
