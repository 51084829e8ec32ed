/**
 * Which pairs of (calls already ordered, state) a search has met (Lowe 2017). Exact: a hash only says where to look. Calls up to
 * a first one are all ordered, and only few after it are, so a pair is short however long the history.
 */

const FREE = 0;

/** A number that looks random, from one that counts (the finaliser of MurmurHash3). */
export function scrambled(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

export class Visited {
  /** Where an entry begins in `entries`, plus one; FREE for none. */
  private slots = new Int32Array(1024);
  private count = 0;
  /** One after another: hash, length, words. */
  private entries = new Int32Array(8192);
  private used = 0;

  /** Remembers words[0 … length-1]; whether they are met for the first time. */
  add(words: Int32Array, length: number, hash: number): boolean {
    const mask = this.slots.length - 1;
    let at = scrambled(hash) & mask;
    for (let slot = this.slots[at]!; slot !== FREE; slot = this.slots[at]!) {
      if (this.isAt(slot - 1, words, length, hash)) return false;
      at = (at + 1) & mask;
    }
    this.slots[at] = this.append(words, length, hash) + 1;
    if (++this.count * 2 > this.slots.length) this.grow();
    return true;
  }

  private isAt(entry: number, words: Int32Array, length: number, hash: number): boolean {
    const { entries } = this;
    if (entries[entry] !== hash || entries[entry + 1] !== length) return false;
    for (let i = 0; i < length; i++) if (entries[entry + 2 + i] !== words[i]) return false;
    return true;
  }

  private append(words: Int32Array, length: number, hash: number): number {
    const entry = this.used, end = entry + 2 + length;
    if (end > this.entries.length) {
      const larger = new Int32Array(Math.max(end, this.entries.length * 2));
      larger.set(this.entries);
      this.entries = larger;
    }
    this.entries[entry] = hash;
    this.entries[entry + 1] = length;
    for (let i = 0; i < length; i++) this.entries[entry + 2 + i] = words[i]!;
    this.used = end;
    return entry;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2), mask = slots.length - 1;
    for (let entry = 0; entry < this.used; entry += 2 + this.entries[entry + 1]!) {
      let at = scrambled(this.entries[entry]!) & mask;
      while (slots[at] !== FREE) at = (at + 1) & mask;
      slots[at] = entry + 1;
    }
    this.slots = slots;
  }
}
