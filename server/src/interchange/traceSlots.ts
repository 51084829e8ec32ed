/** What is known of slots while a trace is read: their contents, and the operations that they stem from. */
import { entryIn } from '../engine/actionText.ts';
import { partsIn, type SaidPart } from './traceBatches.ts';

export class TraceSlots {
  private readonly contents = new Map<string, string>();
  private readonly exact = new Map<string, number>();
  private readonly bySlot = new Map<string, number>();
  /** By node and content: operations that it was asked for and has given no slot yet, the oldest first. */
  private readonly pending = new Map<string, Set<number>>();
  /** By operation: its contents as a log may hold them, `k = 1` and in full `write k = 1`. */
  private readonly contentsOf = new Map<number, readonly string[]>();
  private readonly newest = new Map<string, number>();

  /** A node has received a client's request. */
  requested(node: number, op: number, word: string, content: string): void {
    const contents = [content, `${word} ${content}`];
    this.contentsOf.set(op, contents);
    for (const each of contents) {
      const key = `${node} ${each}`;
      this.pending.set(key, (this.pending.get(key) ?? new Set<number>()).add(op));
      this.newest.set(each, op);
    }
  }

  /** A node has nothing to do for a request any more: it answered, sent the client on, ignored it, or gave it a slot. */
  dismissed(node: number, op: number): void {
    for (const each of this.contentsOf.get(op) ?? []) this.pending.get(`${node} ${each}`)?.delete(op);
  }

  /** What a slot's content says, part by part. */
  partsIn(text: string): readonly SaidPart[] { return partsIn(text, (content) => this.newest.has(content)); }

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
   * content; one that an earlier leader had filled keeps its operation. `named`: the operation, where the trace names it.
   * `part`: which place the content has in a slot that holds several.
   */
  operationOf(node: number, epoch: number, slot: number, content: string, named: number | undefined, part = 0): number {
    if (content === '' || slot < 0) return named ?? -1;
    const key = `${epoch} ${slot} ${part} ${content}`;
    if (named !== undefined) {
      this.exact.set(key, named);
      this.dismissed(node, named);
      return named;
    }
    const known = this.exact.get(key);
    if (known !== undefined) return known;
    const entry = entryIn(content);
    const op = this.taken(node, entry) ?? this.bySlot.get(`${slot} ${entry}`) ?? this.newest.get(entry) ?? -1;
    if (op < 0) return -1;
    this.exact.set(key, op);
    if (!this.bySlot.has(`${slot} ${entry}`)) this.bySlot.set(`${slot} ${entry}`, op);
    return op;
  }

  private taken(node: number, content: string): number | undefined {
    for (const op of this.pending.get(`${node} ${content}`) ?? []) {
      this.dismissed(node, op);
      return op;
    }
    return undefined;
  }
}
