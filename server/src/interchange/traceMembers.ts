/** Whom the nodes of a trace count as members, and what quorums that makes. */
import type { Trace, TraceNodeEvent } from '../model/trace.ts';

/** The sizes of quorums among so many members (see EVENT.config). */
export type QuorumsOf = (members: number) => { readonly election: number; readonly decision: number };

export class TraceMembers {
  private readonly quorumsOf: QuorumsOf;
  private readonly atStart: number;
  /** By node: how many members it counts. */
  private readonly counted = new Map<number, number>();

  constructor({ nodes, memberCount }: Trace, quorumsOf: QuorumsOf) {
    this.quorumsOf = quorumsOf;
    this.atStart = memberCount ?? nodes.length;
  }

  countOf(node: number): number { return this.counted.get(node) ?? this.atStart; }

  /** The columns of what `adopts` says. */
  adopted({ node, epoch, content }: TraceNodeEvent): { epoch: number; slot: number; text: string; a: number; b: number } {
    const a = content.split(' | ').at(-1)!.split(' ').length, { election, decision } = this.quorumsOf(a);
    this.counted.set(node, a);
    return { epoch, slot: decision, text: content, a, b: election };
  }
}
