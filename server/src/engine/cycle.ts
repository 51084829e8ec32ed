/**
 * Noticing that a world has come back to where it was: then it goes on so for ever (protocols.md C2).
 *
 * After Brent ("An improved Monte Carlo factorization algorithm", 1980): one earlier world is kept, by forking, and replaced
 * at moments that lie ever further apart; the present one is compared with it at every timer and every so many steps. Hashes
 * are compared first, and the whole canonical forms before anything is claimed.
 */
import { canonicalForm, sameForm, worldHash } from './hashing.ts';
import { ITEM, type Item } from './queue.ts';
import type { World } from './world.ts';

/** A cycle without timers is found by looking every so many steps: some multiple of its length is a multiple of this. */
const STRIDE = 64;

export class CycleWatch {
  private kept: World | undefined = undefined;
  private keptHash = 0;
  /** Looks since `kept` was kept, and after how many it is replaced. */
  private looks = 0;
  private limit = 1;
  private steps = 0;

  /** To be called after each step, once nothing of the script is left. `item`: what happened. true: it has come back. */
  repeats(world: World, item: Item): boolean {
    this.steps++;
    if (item.kind !== ITEM.timer && item.kind !== ITEM.clientTimer && this.steps % STRIDE !== 0) return false;
    const hash = worldHash(world);
    if (this.kept !== undefined && hash === this.keptHash && sameForm(canonicalForm(this.kept), canonicalForm(world))) return true;
    this.looks++;
    if (this.kept === undefined || this.looks >= this.limit) {
      this.kept = world.fork();
      this.keptHash = hash;
      this.looks = 0;
      this.limit *= 2;
    }
    return false;
  }
}
