/**
 * Whom nodes count as members, as far as a log tells: changes of membership are `config` events of nodes. Where there are none,
 * all nodes are members for ever, or those that the start names.
 */
import { EVENT } from '../engine/events.ts';
import type { Execution } from './checker.ts';
import { stateEvents } from './facts.ts';

/** A configuration, as a node holds it. */
export interface Membership {
  /** Whose majority decides; two sets while both of them must agree. */
  readonly sets: readonly (readonly number[])[];
  /** The size of an election quorum of the last set: 0 without elections, -1 where it is not known. */
  readonly quorum: number;
  /** The `config` event, -1 where the log has none. */
  readonly event: number;
}

function membershipIn(execution: Execution, event: number): Membership {
  const { log, names, nodeCount } = execution, text = log.text(event);
  const sets = text === '' ? [Array.from({ length: nodeCount }, (_, node) => node)]
    : text.split(' | ').map((set) => set.split(' ').map((name) => names.indexOf(name)).filter((node) => node >= 0));
  return { sets, quorum: log.b(event), event };
}

/** Follows a log's configurations, event by event. */
export class Memberships {
  private readonly execution: Execution;
  private readonly events: readonly number[];
  private at = 0;
  /** What nodes go by that say nothing of their own. */
  readonly start: Membership;
  private readonly own = new Map<number, Membership>();
  private leader = -1;

  constructor(execution: Execution) {
    const { log } = execution;
    this.execution = execution;
    this.events = stateEvents(log).filter((i) => log.kind(i) === EVENT.config || log.kind(i) === EVENT.leads);
    const first = this.events.find((i) => log.node(i) < 0);
    this.start = first === undefined ? { sets: [Array.from({ length: execution.nodeCount }, (_, node) => node)], quorum: -1, event: -1 } : membershipIn(execution, first);
  }

  /** Goes on to an event of the log; calls must ascend. */
  upTo(event: number): this {
    const { log } = this.execution;
    for (let i = this.events[this.at]; i !== undefined && i <= event; i = this.events[++this.at]) {
      if (log.kind(i) === EVENT.leads) this.leader = log.node(i);
      else if (log.node(i) >= 0) this.own.set(log.node(i), membershipIn(this.execution, i));
    }
    return this;
  }

  /** What a node goes by. */
  of(node: number): Membership { return this.own.get(node) ?? this.start; }

  /** What the node goes by that began to lead last. */
  get inForce(): Membership { return this.of(this.leader); }
}

/** What is in force at the end. */
export const membershipAtEnd = (execution: Execution): Membership => new Memberships(execution).upTo(execution.log.length).inForce;
