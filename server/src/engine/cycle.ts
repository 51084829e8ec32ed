/**
 * Noticing that a world has come back to where it was: then it goes on so for ever (protocols.md C2).
 *
 * At every timer and every so many steps the world's hash is looked up among those seen before. One that was seen is a hint:
 * the world is kept, by forking, and when its hash comes back a second time the whole canonical forms are compared. Nothing is
 * claimed of hashes alone.
 */
import { canonicalForm, sameForm, worldHash } from './hashing.ts';
import { ITEM, type Item } from './queue.ts';
import type { World } from './world.ts';

/** A cycle without timers is found by looking every so many steps: some multiple of its length is a multiple of this. */
const STRIDE = 64;
/** Hashes remembered before starting anew. */
const MEMORY = 65_536;

export class CycleWatch {
  private readonly seen = new Set<number>();
  private kept: World | undefined = undefined;
  private keptHash = 0;
  private steps = 0;
  private draws = 0;
  private looks = 0;
  /** When to stop waiting for the kept world: the round that the hint spoke of cannot be longer than all looks before it. */
  private patience = 0;

  /**
   * To be called after each step, once nothing of the script is left. `item`: what happened. How long ago the world was as it
   * is now, µs; undefined: it has not come back, as far as is known.
   */
  repeats(world: World, item: Item): number | undefined {
    this.steps++;
    if (item.kind !== ITEM.timer && item.kind !== ITEM.clientTimer && this.steps % STRIDE !== 0) return undefined;
    if (this.draws !== world.draws) {
      // Every draw counts one up in the state, so nothing seen before can come back.
      this.draws = world.draws;
      this.seen.clear();
      this.kept = undefined;
      return undefined;
    }
    this.looks++;
    const hash = worldHash(world);
    if (this.kept !== undefined && hash === this.keptHash && sameForm(canonicalForm(this.kept), canonicalForm(world))) return world.nowUs - this.kept.nowUs;
    if (this.kept === undefined || this.looks > this.patience) this.keepIfSeen(world, hash);
    if (this.seen.size >= MEMORY) this.seen.clear();
    this.seen.add(hash);
    return undefined;
  }

  private keepIfSeen(world: World, hash: number): void {
    this.kept = this.seen.has(hash) ? world.fork() : undefined;
    this.keptHash = hash;
    this.patience = 2 * this.looks;
  }
}
