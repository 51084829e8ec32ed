/**
 * Integer hashing: no state, the same on every machine. Hashes of content are integers of 52 bits held in a number, so that
 * a sum of two is still exact, and so that a search over millions of worlds meets a false match about once in ten thousand
 * searches; whoever needs proof compares the content itself.
 */

/** Sums of hashes are taken modulo this. */
export const HASH_MODULUS = 2 ** 52;

/** Murmur3's finalizer: every bit of the input changes every bit of the output with probability one half. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A commutative sum of two content hashes. */
export function addHash(a: number, b: number): number {
  const sum = a + b;
  return sum >= HASH_MODULUS ? sum - HASH_MODULUS : sum;
}

export function subtractHash(a: number, b: number): number {
  const difference = a - b;
  return difference < 0 ? difference + HASH_MODULUS : difference;
}

/** Feeds two lanes of 32 bits in order; `value` is their 52-bit digest. Reuse one with `reset`. */
export class Hasher {
  private a = 0;
  private b = 0;

  reset(): this { this.a = 0x2f0b4c47; this.b = 0x6d2b79f5; return this; }

  /** Any integer or other number; what does not fit in 32 bits is fed in two halves. */
  number(value: number): void {
    const low = value | 0;
    if (low === value) { this.word(low); return; }
    if (Number.isInteger(value)) { this.word(low); this.word(Math.floor(value / 4294967296)); this.word(0x51); return; }
    this.text(String(value));
  }

  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
    this.word(value.length ^ 0x5bd1e995);
  }

  word(low: number): void {
    const a = Math.imul(this.a ^ low, 0x9e3779b1);
    this.a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.b + low + 0x7f4a7c15, 0x85ebca6b);
    this.b = (b << 15) ^ (b >>> 17);
  }

  value(): number {
    return (mix32(this.a ^ Math.imul(this.b, 0xc2b2ae35)) >>> 0) + (mix32(this.b + 0x165667b1) & 0xfffff) * 4294967296;
  }
}

/** Anything that keeps a hash of its content by itself, such as a persistent collection. */
export interface ContentHashed {
  readonly contentHash: number;
}

function isContentHashed(value: object): value is ContentHashed {
  return typeof (value as Partial<ContentHashed>).contentHash === 'number';
}

/** Hash of a text, alone. */
export function hashText(value: string): number {
  const hasher = new Hasher().reset();
  hasher.word(2);
  hasher.text(value);
  return hasher.value();
}

/**
 * Structural hash of plain data: numbers, texts, booleans, null, undefined, arrays, plain objects (in whatever order their
 * fields were written; a field that is undefined counts as absent) and persistent collections.
 */
export function hashData(value: unknown): number {
  const hasher = new Hasher().reset();
  feedData(hasher, value);
  return hasher.value();
}

/** Feeds plain data, as `hashData` has it, into a hasher. */
export function feedData(hasher: Hasher, value: unknown): void {
  if (typeof value === 'number') { hasher.word(1); hasher.number(value); return; }
  if (typeof value === 'string') { hasher.word(2); hasher.text(value); return; }
  if (typeof value !== 'object' || value === null) { hasher.word(value === true ? 3 : value === false ? 4 : value === null ? 5 : 6); return; }
  if (Array.isArray(value)) {
    hasher.word(7);
    for (const element of value) feedData(hasher, element);
    hasher.word(value.length);
    return;
  }
  hasher.word(8);
  hasher.number(isContentHashed(value) ? value.contentHash : hashFields(value));
}

function hashFields(value: object): number {
  let sum = 0;
  const field = new Hasher();
  for (const [name, content] of Object.entries(value)) {
    if (content === undefined) continue;
    field.reset().text(name);
    feedData(field, content);
    sum = addHash(sum, field.value());
  }
  return sum;
}
