/** What is known of slots while a trace is read: their contents, and the operations that they stem from. */

/** A request of a client, as its content reaches a slot. */
interface Pending {
  readonly op: number;
  /** `k = 1`, and in full `write k = 1`: a log may hold either. */
  readonly contents: readonly string[];
}

export class TraceSlots {
  private readonly contents = new Map<string, string>();
  private readonly exact = new Map<string, number>();
  private readonly bySlot = new Map<string, number>();
  /** By node: requests that it has received and not yet given a slot. */
  private readonly pending = new Map<number, Pending[]>();
  private readonly newest = new Map<string, number>();

  /** A node has received a client's request. */
  requested(node: number, op: number, word: string, content: string): void {
    const pending = this.pending.get(node) ?? [];
    const contents = [content, `${word} ${content}`];
    if (!pending.some((each) => each.op === op)) pending.push({ op, contents });
    this.pending.set(node, pending);
    for (const each of contents) this.newest.set(each, op);
  }

  /** A node has nothing to do for a request any more: it answered, sent the client on, or ignored it. */
  dismissed(node: number, op: number): void {
    const pending = this.pending.get(node);
    if (pending !== undefined) this.pending.set(node, pending.filter((each) => each.op !== op));
  }

  /** The content of a slot: as said, or as last heard of it; '' where nothing said it. */
  contentOf(epoch: number, slot: number, said: string): string {
    if (slot < 0) return said;
    const key = `${epoch} ${slot}`;
    if (said !== '') {
      this.contents.set(key, said);
      this.contents.set(`${slot}`, said);
      return said;
    }
    return this.contents.get(key) ?? (epoch < 0 ? this.contents.get(`${slot}`) : undefined) ?? '';
  }

  /**
   * The operation that a slot's content stems from, or -1. A slot that is new takes the node's oldest request with that
   * content; one that an earlier leader had filled keeps its operation.
   */
  operationOf(node: number, epoch: number, slot: number, content: string): number {
    if (content === '' || slot < 0) return -1;
    const key = `${epoch} ${slot} ${content}`;
    const known = this.exact.get(key);
    if (known !== undefined) return known;
    const op = this.taken(node, content) ?? this.bySlot.get(`${slot} ${content}`) ?? this.newest.get(content) ?? -1;
    if (op < 0) return -1;
    this.exact.set(key, op);
    if (!this.bySlot.has(`${slot} ${content}`)) this.bySlot.set(`${slot} ${content}`, op);
    return op;
  }

  private taken(node: number, content: string): number | undefined {
    const pending = this.pending.get(node);
    const at = pending?.findIndex((each) => each.contents.includes(content)) ?? -1;
    return at < 0 ? undefined : pending!.splice(at, 1)[0]!.op;
  }
}
