/**
 * Independent streams of random numbers. A draw is a function of (seed, purpose, place, counter) and of nothing else, so a
 * fault that is added to a scenario shifts no draw but those of its own link or node, and a forked world needs no generator.
 */
import { hashText, mix32 } from './hash.ts';

/** 32 bits of a purpose's name, to be worked out once. */
export function purposeOf(name: string): number { return hashText(name) | 0; }

/** 32 random bits, unsigned. */
export function bits(seed: number, purpose: number, from: number, to: number, counter: number): number {
  let h = mix32(seed ^ 0x2545f491);
  h = mix32(h ^ purpose);
  h = mix32(h + Math.imul(from, 0x9e3779b1));
  h = mix32(h + Math.imul(to, 0x85ebca6b) + 0x27d4eb2f);
  return mix32(h ^ Math.imul(counter, 0xc2b2ae35)) >>> 0;
}

/** Scales 32 random bits to an integer from 0 to bound-1 (0 where there is no choice). */
export function below(random: number, bound: number): number {
  return bound <= 1 ? 0 : Math.min(bound - 1, Math.floor(random / 4294967296 * bound));
}

/** Whether something of this probability (0 … 1) happens. */
export function happens(random: number, probability: number): boolean {
  return random < probability * 4294967296;
}
