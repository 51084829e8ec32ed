/**
 * Two quorums that must share a node do not (protocols.md C1, QUORUM_DISJOINT). In the run: the nodes that accepted a slot's
 * decided content, and the nodes that gave a later epoch its votes, whose leader then begins without it or offers the slot other
 * content. Where no run shows it, by size alone: two that must meet, and together need no more nodes than there are.
 *
 * Only where a protocol tells both sizes. Where quorums are counted otherwise (among those that can be heard), what comes of
 * it has names of its own: split-brain, lost-write, diverged.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, missingFrom, nameOf, result, sameContent, stateEvents } from './facts.ts';
import { Memberships } from './members.ts';
import { promisesBySlot } from './promises.ts';

const CODE = 'disjoint-quorums';

/** What one epoch did with one slot. */
interface Offer {
  readonly epoch: number;
  /** The first accept, and by node the first of each. */
  readonly event: number;
  readonly acceptors: Map<number, number>;
  /** The first decision, -1 before it, and who had accepted by then. */
  decided: number;
  quorum: readonly number[];
  /** Nodes that know of the decision. */
  readonly deciders: Set<number>;
}

/** `event`: the leader's, or the offer's that was made in the later epoch. */
interface Clash {
  readonly slot: number;
  readonly decision: Offer;
  readonly epoch: number;
  readonly event: number;
  readonly voters: readonly number[];
}

class Reading {
  private readonly log: EventLog;
  private readonly bySlot: boolean;
  private readonly slots = new Map<number, Offer[]>();
  /** By epoch (and slot, where slots have epochs of their own): who voted, in order. */
  private readonly voters = new Map<string, Map<number, number>>();

  constructor(log: EventLog) {
    this.log = log;
    this.bySlot = promisesBySlot(log);
  }

  private contest(slot: number, epoch: number): string { return this.bySlot ? `${slot} ${epoch}` : String(epoch); }

  vote(i: number): void {
    const key = this.contest(this.log.slot(i), this.log.epoch(i)), voters = this.voters.get(key) ?? new Map<number, number>();
    this.voters.set(key, voters);
    if (!voters.has(this.log.node(i))) voters.set(this.log.node(i), i);
  }

  /** The offer that this event accepts or decides; begins it at its first accept. */
  offer(i: number): Offer | undefined {
    const { log } = this, slot = log.slot(i), epoch = log.epoch(i), offers = this.slots.get(slot) ?? [];
    this.slots.set(slot, offers);
    const known = offers.find((offer) => offer.epoch === epoch);
    if (known !== undefined || log.kind(i) !== EVENT.accept) return known;
    const begun: Offer = { epoch, event: i, acceptors: new Map(), decided: -1, quorum: [], deciders: new Set() };
    offers.push(begun);
    return begun;
  }

  votersOf(slot: number, epoch: number, before: number): readonly number[] {
    return [...this.voters.get(this.contest(slot, epoch)) ?? []].filter(([, vote]) => vote < before).map(([node]) => node);
  }

  /** The first slot that an earlier epoch decided and nobody knows of who voted for the leader that begins here. */
  unknownTo(leads: number): Clash | undefined {
    const epoch = this.log.epoch(leads), voters = this.votersOf(-1, epoch, leads);
    if (voters.length === 0) return undefined;
    for (const [slot, offers] of this.slots) {
      const decision = offers.find((offer) => offer.decided >= 0 && offer.epoch < epoch);
      if (decision === undefined || voters.some((node) => decision.deciders.has(node) || offers.some((offer) => offer.acceptors.has(node)))) continue;
      return { slot, decision, epoch, event: leads, voters };
    }
    return undefined;
  }

  /** A decision of an earlier epoch and an offer of a later one, one of them this, whose quorums share no node; or undefined. */
  clash(slot: number, offer: Offer): Clash | undefined {
    for (const other of this.slots.get(slot) ?? []) {
      const [decision, later] = other.epoch < offer.epoch ? [other, offer] : [offer, other];
      if (decision.decided < 0 || decision.epoch === later.epoch || sameContent(this.log, decision.event, later.event)) continue;
      const voters = this.votersOf(slot, later.epoch, later.event);
      if (voters.length > 0 && !decision.quorum.some((node) => voters.includes(node))) return { slot, decision, epoch: later.epoch, event: later.event, voters };
    }
    return undefined;
  }
}

function clashes(execution: Execution): readonly Finding[] {
  const { log } = execution;
  const reading = new Reading(log), reported = new Set<number>();
  const findings: Finding[] = [];
  const report = (i: number, clash: Clash | undefined): void => {
    if (clash === undefined || reported.has(clash.slot)) return;
    reported.add(clash.slot);
    findings.push(clashFinding(execution, i, clash));
  };
  for (const i of stateEvents(log)) {
    const kind = log.kind(i), slot = log.slot(i);
    if (kind === EVENT.vote) reading.vote(i);
    if (kind === EVENT.leads) report(i, reading.unknownTo(i));
    if ((kind !== EVENT.accept && kind !== EVENT.commit) || slot < 0 || log.epoch(i) < 0) continue;
    const offer = reading.offer(i);
    if (offer === undefined) continue;
    if (kind === EVENT.accept && !offer.acceptors.has(log.node(i))) offer.acceptors.set(log.node(i), i);
    if (kind === EVENT.commit) offer.deciders.add(log.node(i));
    if (kind === EVENT.commit && offer.decided < 0) { offer.decided = i; offer.quorum = [...offer.acceptors.keys()]; }
    report(i, reading.clash(slot, offer));
  }
  return findings;
}

function clashFinding(execution: Execution, i: number, { slot, decision, epoch, event, voters }: Clash): Finding {
  const { log } = execution;
  const set = (nodes: readonly number[]): string => `{${[...nodes].sort((a, b) => a - b).map((node) => nameOf(execution, node)).join(' ')}}`;
  const message = `Quorums ${set(decision.quorum)}, which decided ${log.text(decision.event) || 'slot'} in slot ${slot}, and ${set(voters)}, ` +
    `which voted for epoch ${epoch}, share no node (${decision.quorum.length}+${voters.length} of ${execution.nodeCount}).${countedWords(execution, decision, event)}`;
  return finding(execution, CODE, 'error', message, {
    witnesses: [i, event, decision.decided, decision.event], operations: [log.op(event), log.op(decision.event)], slots: [slot],
    epochs: [decision.epoch, epoch], nodes: [...new Set([...decision.quorum, ...voters])].sort((a, b) => a - b),
  });
}

/** Whom each side counted, where they did not count the same. */
function countedWords(execution: Execution, decision: Offer, event: number): string {
  const { log } = execution, memberships = new Memberships(execution);
  const [first, second] = [decision.decided, event].sort((a, b) => a - b).map((i) => memberships.upTo(i).of(log.node(i)).sets);
  const words = (sets: readonly (readonly number[])[]): string => sets.map((set) => `{${set.map((node) => nameOf(execution, node)).join(' ')}}`).join(' and ');
  return words(first!) === words(second!) ? '' : ` One counted ${words(first!)} as members, the other ${words(second!)}.`;
}

/** By the sizes that the protocol was given: the first pair that needs no more nodes than there are. */
function bySize(execution: Execution, config: number): readonly Finding[] {
  const { log } = execution, nodes = log.a(config);
  const pairs = log.detail(config).split(' ').map((pair) => pair.split('+').map(Number));
  const [one, other] = pairs.find(([first = 0, second = 0]) => first > 0 && second > 0 && first + second <= nodes) ?? [];
  if (one === undefined || other === undefined) return [];
  const message = `${one} + ${other} of ${nodes} nodes need not share one: what a quorum of ${one} decides can be invisible to ${one === other ? 'another' : `a quorum of ${other}`}.`;
  return [finding(execution, CODE, 'error', message, { witnesses: [config] })];
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const config = stateEvents(log).find((i) => log.kind(i) === EVENT.config && (log.slot(i) >= 0 || log.detail(i) !== ''));
  if (config === undefined) return result([]);
  // Without elections, or without their sizes, there is nothing to compare in the run.
  if (log.slot(config) < 0) return result(bySize(execution, config));
  const found = clashes(execution);
  const missing = missingFrom(execution, CODE, [['votes', EVENT.vote], ['accept events', EVENT.accept], ['commit events', EVENT.commit]]);
  return result(found.length > 0 ? found : bySize(execution, config), missing);
}

export const disjointQuorums: Checker = { codes: [CODE], check };
