/** Two trees over the places of an array: where the greatest value of a range is, and where a range of counts is least. */

const treeSize = (length: number): number => 1 << Math.ceil(Math.log2(Math.max(2, length)));

/** Values that come and go; each question in logarithmic time. */
export class Peaks {
  private readonly size: number;
  private readonly values: Float64Array;
  /** By node: the place of its greatest value, or -1. */
  private readonly best: Int32Array;

  constructor(values: Float64Array) {
    this.size = treeSize(values.length);
    this.values = values;
    this.best = new Int32Array(2 * this.size).fill(-1);
    for (let i = 0; i < values.length; i++) if (values[i] !== -Infinity) this.best[this.size + i] = i;
    for (let node = this.size - 1; node > 0; node--) this.best[node] = this.greater(this.best[2 * node]!, this.best[2 * node + 1]!);
  }

  private greater(a: number, b: number): number { return a < 0 || (b >= 0 && this.values[b]! > this.values[a]!) ? b : a; }

  /** -Infinity takes it away. */
  set(place: number, value: number): void {
    this.values[place] = value;
    let node = this.size + place;
    this.best[node] = value === -Infinity ? -1 : place;
    for (node >>= 1; node > 0; node >>= 1) this.best[node] = this.greater(this.best[2 * node]!, this.best[2 * node + 1]!);
  }

  /** From `from` on, before `to`; -1 where there is none. */
  highest(from: number, to: number): number {
    let found = -1, low = this.size + from, high = this.size + to;
    for (; low < high; low >>= 1, high >>= 1) {
      if ((low & 1) === 1) found = this.greater(found, this.best[low++]!);
      if ((high & 1) === 1) found = this.greater(found, this.best[--high]!);
    }
    return found;
  }

  at(place: number): number { return place < 0 ? -Infinity : this.values[place]!; }
}

/** By place a count, or nothing any more. */
export class Counts {
  private readonly size: number;
  /** By node: the least count below it, all that was added to it as a whole included; and that alone. */
  private readonly least: Float64Array;
  private readonly added: Float64Array;

  constructor(length: number) {
    this.size = treeSize(length);
    this.least = new Float64Array(2 * this.size);
    this.added = new Float64Array(2 * this.size);
  }

  /** `Infinity` takes a place away for good. */
  add(from: number, to: number, amount: number, node = 1, low = 0, high = this.size): void {
    if (to <= low || high <= from) return;
    if (from <= low && high <= to) {
      this.least[node]! += amount;
      this.added[node]! += amount;
      return;
    }
    const middle = (low + high) >> 1;
    this.add(from, to, amount, 2 * node, low, middle);
    this.add(from, to, amount, 2 * node + 1, middle, high);
    this.least[node] = this.added[node]! + Math.min(this.least[2 * node]!, this.least[2 * node + 1]!);
  }

  /** A place whose count is 0, or -1. No count is ever less. */
  zero(from: number, to: number, node = 1, low = 0, high = this.size): number {
    if (to <= low || high <= from || this.least[node]! > 0) return -1;
    if (high - low === 1) return low;
    // What was added to the whole is added to each: then none below it is 0.
    if (this.added[node]! > 0) return -1;
    const middle = (low + high) >> 1, found = this.zero(from, to, 2 * node, low, middle);
    return found >= 0 ? found : this.zero(from, to, 2 * node + 1, middle, high);
  }
}
