/**
 * A node that is up and hears its leader does not learn what that leader has committed (protocols.md C1, COMMIT_LAG).
 *
 * Connected is who hears: the count begins with the first word of the leader, sent after the commit, that reaches the node, and
 * a silence of more than a quarter of the bound begins it anew, as does a crash. The bound is half a second, or four times the
 * longest that a message between nodes took, if that is more. Where a run ends stuck or repeats itself no bound is needed.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { openDoubts } from './doubts.ts';
import { connectedAtEnd, duration, finding, hasAny, isDecision, missingFrom, nameOf, operationsOf, orderIsKnown, reignsOf, result, unavailableAtEnd, type Reign } from './facts.ts';
import { membershipAtEnd, Memberships } from './members.ts';
import { promisesBySlot } from './promises.ts';

const CODE = 'commit-lag';
const LEAST_BOUND_US = 500_000;

/** Half a second, or four times the longest delivery between nodes. */
export function boundOf({ log, nodeCount }: Execution): number {
  let longestUs = 0;
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) !== EVENT.receive || log.node(i) >= nodeCount || log.peer(i) >= nodeCount || log.cause(i) < 0) continue;
    longestUs = Math.max(longestUs, log.timeUs(i) - log.timeUs(log.cause(i)));
  }
  return Math.max(LEAST_BOUND_US, 4 * longestUs);
}

/** What a node knows to be decided. */
class Known {
  private readonly slots = new Set<number>();
  /** The node's commit index. */
  private upTo = -1;

  has(slot: number): boolean { return slot <= this.upTo || this.slots.has(slot); }

  happened(log: EventLog, i: number): void {
    const kind = log.kind(i), slot = log.slot(i);
    if (isDecision(kind)) this.slots.add(slot);
    if (kind === EVENT.commitIndex) this.upTo = Math.max(this.upTo, slot);
    if (kind !== EVENT.truncate) return;
    this.upTo = Math.min(this.upTo, slot - 1);
    for (const each of this.slots) if (each >= slot) this.slots.delete(each);
  }

  /** Its single decisions, in the order of slots. */
  sorted(): readonly number[] { return [...this.slots].sort((a, b) => a - b); }
}

/** One node under one leader: how far it has followed the leader's decisions. */
interface Follower {
  /** The first decision, in the leader's order, that it lacks. */
  at: number;
  /** By decision: the first word that was sent after it, as far as `begun`. */
  readonly firsts: number[];
  begun: number;
  lastWord: number;
  reported: boolean;
}

interface Decision { readonly slot: number; readonly event: number }

interface Leading { readonly reign: Reign; readonly decisions: Decision[]; readonly followers: readonly Follower[] }

class Watch {
  private readonly execution: Execution;
  private readonly boundUs: number;
  readonly known: readonly Known[];
  /** By node that leads now. */
  readonly leading = new Map<number, Leading>();
  private readonly promised: number[];
  readonly findings: Finding[] = [];
  private readonly memberships: Memberships;

  constructor(execution: Execution) {
    this.execution = execution;
    this.boundUs = boundOf(execution);
    this.memberships = new Memberships(execution);
    this.known = Array.from({ length: execution.nodeCount }, () => new Known());
    this.promised = new Array<number>(execution.nodeCount).fill(-1);
  }

  begins(reign: Reign): void {
    const decisions = this.known[reign.node]!.sorted().map((slot) => ({ slot, event: reign.start }));
    const followers = Array.from({ length: this.execution.nodeCount }, () => ({ at: 0, firsts: [], begun: 0, lastWord: -1, reported: false }));
    this.leading.set(reign.node, { reign, decisions, followers });
  }

  happened(i: number): void {
    const { log } = this.execution, node = log.node(i), kind = log.kind(i);
    if (kind === EVENT.receive) return this.word(i);
    const own = this.leading.get(node);
    if (own !== undefined && isDecision(kind) && !this.known[node]!.has(log.slot(i))) own.decisions.push({ slot: log.slot(i), event: i });
    this.known[node]!.happened(log, i);
    if (kind === EVENT.promise) this.promised[node] = log.epoch(i);
    if (kind !== EVENT.crash && kind !== EVENT.truncate) return;
    for (const { followers } of this.leading.values()) Object.assign(followers[node]!, { at: 0, begun: 0, lastWord: -1 });
  }

  /** A node hears from its leader. */
  private word(i: number): void {
    const { log } = this.execution, node = log.node(i), sent = log.cause(i), leader = this.leading.get(log.peer(i));
    if (leader === undefined || sent < leader.reign.start || this.leading.has(node) || this.promised[node]! > leader.reign.epoch) return;
    const { decisions } = leader, follower = leader.followers[node]!;
    while (follower.at < decisions.length && this.known[node]!.has(decisions[follower.at]!.slot)) follower.at++;
    if (follower.lastWord >= 0 && log.timeUs(i) - log.timeUs(follower.lastWord) > this.boundUs / 4) follower.begun = 0;
    follower.lastWord = i;
    follower.begun = Math.max(follower.begun, follower.at);
    while (follower.begun < decisions.length && decisions[follower.begun]!.event < sent) follower.firsts[follower.begun++] = i;
    if (follower.at >= follower.begun || follower.reported) return;
    const lacking = decisions[follower.at]!, first = follower.firsts[follower.at]!;
    if (log.timeUs(i) - log.timeUs(first) <= this.boundUs) return;
    // Whom the leader counts no more, it need not tell.
    if (!this.memberships.upTo(i).of(log.peer(i)).sets.flat().includes(node)) return;
    follower.reported = true;
    this.findings.push(this.late(i, lacking, first, leader.reign));
  }

  private late(i: number, { slot, event }: Decision, first: number, reign: Reign): Finding {
    const { execution } = this, { log } = execution, node = log.node(i);
    const message = `${nameOf(execution, node)} has not learned of commit ${slot} for ${duration(log.timeUs(i) - log.timeUs(first))}, though it hears from ${nameOf(execution, reign.node)}.`;
    // A trace that tells of no commit of this node may have left them out.
    const told = execution.source === 'simulation' || tells(log, node);
    return finding(execution, CODE, told ? 'warning' : 'information', message,
      { ...this.about(slot, event, node), witnesses: [i, event, first], certainty: told ? 'proved' : 'possible' });
  }

  about(slot: number, event: number, node: number): Pick<Finding, 'operations' | 'slots' | 'nodes'> {
    const { log } = this.execution;
    return { operations: isDecision(log.kind(event)) ? operationsOf(log, event) : [], slots: [slot], nodes: [node] };
  }
}

function tells(log: EventLog, node: number): boolean {
  for (let i = 0; i < log.length; i++) if (log.node(i) === node && isDecision(log.kind(i))) return true;
  return false;
}

/** Nodes that have heard their leader and lack something at the end of a run that goes on like this for ever. Who is in doubt is `blocked`, or `no-progress`. */
function forGood(execution: Execution, watch: Watch): readonly Finding[] {
  if (execution.source === 'recorded' || !['stuck', 'done', 'cycling'].includes(execution.end)) return [];
  const why = execution.end === 'cycling' ? 'the run repeats itself for ever' : 'nothing is left to happen that changes it';
  const doubts = new Set(openDoubts(execution).map(({ node, slot }) => `${node} ${slot}`)), unavailable = unavailableAtEnd(execution);
  const leader = [...watch.leading.values()].sort((a, b) => b.reign.epoch - a.reign.epoch)[0];
  if (leader === undefined || unavailable[leader.reign.node] !== undefined) return [];
  const members = membershipAtEnd(execution).sets.flat();
  return watch.known.flatMap((known, node) => {
    const lacking = leader.decisions.find(({ slot }) => !known.has(slot));
    if (lacking === undefined || !members.includes(node) || leader.followers[node]!.reported || watch.leading.has(node) || doubts.has(`${node} ${lacking.slot}`)) return [];
    if (unavailable[node] !== undefined || leader.followers[node]!.lastWord < 0 || !connectedAtEnd(execution, leader.reign.node, node)) return [];
    const message = `${nameOf(execution, node)} never learns of commit ${lacking.slot}, though ${nameOf(execution, leader.reign.node)} could tell it: ${why}.`;
    return [finding(execution, CODE, 'warning', message, { ...watch.about(lacking.slot, lacking.event, node), witnesses: [lacking.event], timeUs: execution.endUs })];
  });
}

function hasWords({ log, nodeCount }: Execution): boolean {
  for (let i = 0; i < log.length; i++) if (log.kind(i) === EVENT.receive && log.node(i) < nodeCount && log.peer(i) < nodeCount) return true;
  return false;
}

function check(execution: Execution): CheckResult {
  const { log, nodeCount } = execution;
  const missing = missingFrom(execution, CODE, [['leads events', EVENT.leads], ['commit or apply events', EVENT.commit, EVENT.apply]]);
  if (missing.length > 0) return result([], missing);
  if (execution.source === 'recorded' && !hasWords(execution)) return result([], [{ code: CODE, missing: 'messages between nodes' }]);
  if (!orderIsKnown(execution)) return result([], [{ code: CODE, missing: 'times' }]);
  // Where every slot has epochs of its own, nobody leads all of them.
  if (promisesBySlot(log) || !hasAny(log, EVENT.leads)) return result([]);
  const reigns = reignsOf(log), watch = new Watch(execution);
  let next = 0;
  for (let i = 0; i < log.length; i++) {
    for (const { reign } of [...watch.leading.values()]) if (reign.end === i) watch.leading.delete(reign.node);
    if (reigns[next]?.start === i) watch.begins(reigns[next++]!);
    else if (log.node(i) >= 0 && log.node(i) < nodeCount) watch.happened(i);
  }
  return result([...watch.findings, ...forGood(execution, watch)]);
}

export const commitLag: Checker = { codes: [CODE], check };
