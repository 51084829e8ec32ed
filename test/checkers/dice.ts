/** Seeded chance for tests that compare a checker with its twin. A failure names its seed. */

/** Mulberry32: the same numbers for the same seed, everywhere. */
export class Dice {
  private state: number;

  constructor(seed: number) { this.state = (seed * 0x9e3779b9) >>> 0; }

  /** An integer from 0 to sides-1. */
  roll(sides: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * sides);
  }

  chance(percent: number): boolean { return this.roll(100) < percent; }

  pick<T>(items: readonly T[]): T { return items[this.roll(items.length)]!; }
}

/** Runs a test for many seeds. `PAWL_SEED=n` runs that one alone. */
export function forSeeds(count: number, test: (dice: Dice, seed: number) => void): void {
  const only = process.env['PAWL_SEED'];
  const seeds = only === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(only)];
  for (const seed of seeds) {
    try {
      test(new Dice(seed), seed);
    } catch (error) {
      throw new Error(`seed ${seed} (replay: PAWL_SEED=${seed} npx vitest run test/checkers)`, { cause: error });
    }
  }
}
