/** What a trace says outright, so that nothing it says is concluded a second time. */
import type { Trace } from '../model/trace.ts';
import type { TraceVerb } from '../language/syntax.ts';

/** Verbs that say as much as the ones they stand for: whoever applies a slot has committed it. */
const SAYS_TOO: Partial<Record<TraceVerb, readonly TraceVerb[]>> = { applies: ['commits'], skips: ['commits', 'applies'] };

/** A node or a slot of a group, as one number; below zero stays what it is. */
export const within = (group: number, number: number): number => (number < 0 ? number : number + group * GROUP);
export const nodeOf = (number: number): number => number % GROUP;
const GROUP = 2 ** 32;

export class TraceKnown {
  private readonly said = new Set<string>();
  private readonly verbs = new Set<TraceVerb>();
  private readonly byNode = new Set<string>();
  private readonly ignored = new Set<string>();

  constructor(trace: Trace) {
    for (const item of trace.items) {
      if (item.kind !== 'event') continue;
      this.verbs.add(item.verb);
      const node = within(item.group, item.node);
      if (item.verb === 'discards') this.ignored.add(`${node} ${item.content} ${item.epoch} ${item.slot}`);
      for (const verb of [item.verb, ...SAYS_TOO[item.verb] ?? []]) {
        this.byNode.add(`${verb} ${node}`);
        this.said.add(`${verb} ${node} ${item.epoch}`);
      }
    }
  }

  /** Whether the trace shows such events at all. */
  shows(verb: TraceVerb): boolean {
    return this.verbs.has(verb);
  }

  /** Whether the trace says that the node ignored such a message. */
  discards(node: number, word: string, epoch: number, slot: number): boolean {
    return this.ignored.has(`${node} ${word} ${epoch} ${slot}`);
  }

  /** Whether the trace records what this node does of that kind: then what it does not record did not happen. */
  records(verb: TraceVerb, node: number): boolean {
    return this.byNode.has(`${verb} ${node}`);
  }

  /** Marks a conclusion about an epoch (and slot, if not -1) as drawn. False if it was drawn or said before. */
  first(verb: TraceVerb, node: number, epoch: number, slot: number): boolean {
    const key = slot < 0 ? `${verb} ${node} ${epoch}` : `${verb} ${node} ${epoch} ${slot}`;
    if (this.said.has(key)) return false;
    this.said.add(key);
    return true;
  }
}
