/**
 * A node trusted its lease for too long (protocols.md C1, LEASE_OVERLAP): while it ran, in true time, another node held one too,
 * or the leader of a newer epoch committed. A lease ends with the reign it belongs to, whatever its holder's clock says.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { duration, finding, missingFrom, nameOf, orderIsKnown, result, stateEvents } from './facts.ts';

const CODE = 'lease-overlap';

/** Times µs of true time: held from `fromUs` up to (excluding) `toUs`. */
export interface Held {
  readonly node: number;
  readonly epoch: number;
  readonly fromUs: number;
  toUs: number;
  /** The events that say so, in order: a lease that is renewed in time is one. */
  readonly events: number[];
}

/** What may not happen in a lease of another node: a commit in a newer epoch, or the beginning of another lease. */
interface Intrusion {
  readonly held: Held;
  readonly node: number;
  readonly epoch: number;
  readonly event: number;
  readonly timeUs: number;
  /** All commits of that epoch in that lease. */
  readonly commits: number[];
}

/** A lease ends with the reign that it belongs to. */
function endsReign(log: EventLog, i: number): boolean {
  const kind = log.kind(i);
  return kind === EVENT.stepsDown || kind === EVENT.crash || (kind === EVENT.follows && log.peer(i) !== log.node(i));
}

/** All leases, by when they were first said; what is renewed in time is one. */
export function leasesIn(log: EventLog): readonly Held[] {
  const all: Held[] = [], current = new Map<number, Held>();
  for (const i of stateEvents(log)) {
    const node = log.node(i), held = current.get(node);
    if (log.kind(i) === EVENT.lease) {
      if (held?.epoch === log.epoch(i) && log.a(i) <= held.toUs) {
        held.toUs = log.b(i);
        held.events.push(i);
        continue;
      }
      const begun: Held = { node, epoch: log.epoch(i), fromUs: log.a(i), toUs: log.b(i), events: [i] };
      current.set(node, begun);
      all.push(begun);
    } else if (held !== undefined && endsReign(log, i)) {
      held.toUs = Math.min(held.toUs, log.timeUs(i));
      current.delete(node);
    }
  }
  return all;
}

/** The first intrusion for each lease and each newer epoch (or each other holder). */
function intrusionsIn(log: EventLog): readonly Intrusion[] {
  const leases = leasesIn(log), found = new Map<string, Intrusion>();
  const offer = (held: Held, node: number, epoch: number, event: number, timeUs: number): void => {
    const key = `${leases.indexOf(held)} ${node} ${epoch}`, known = found.get(key), commits = known?.commits ?? [];
    if (log.kind(event) === EVENT.commit) commits.push(event);
    if (known === undefined || timeUs < known.timeUs) found.set(key, { held, node, epoch, event, timeUs, commits });
  };
  for (const held of leases) {
    for (const other of leases) {
      if (other.node === held.node || other.epoch < held.epoch || (other.epoch === held.epoch && other.node < held.node)) continue;
      const fromUs = Math.max(held.fromUs, other.fromUs);
      if (fromUs < Math.min(held.toUs, other.toUs)) offer(held, other.node, other.epoch, other.events[0]!, fromUs);
    }
  }
  for (const i of leases.length === 0 ? [] : stateEvents(log)) {
    if (log.kind(i) !== EVENT.commit) continue;
    const timeUs = log.timeUs(i);
    for (const held of leases) {
      if (held.epoch < log.epoch(i) && held.node !== log.node(i) && held.fromUs <= timeUs && timeUs < held.toUs) offer(held, leaderOf(log, i), log.epoch(i), i, timeUs);
    }
  }
  return [...found.values()];
}

/** Who leads the epoch of a commit; the node that commits, where nobody is known to. */
function leaderOf(log: EventLog, commit: number): number {
  const leads = electionOf(log, log.epoch(commit));
  return leads === undefined ? log.node(commit) : log.node(leads);
}

const electionOf = (log: EventLog, epoch: number): number | undefined => stateEvents(log).find((i) => log.kind(i) === EVENT.leads && log.epoch(i) === epoch);

function findingOf(execution: Execution, { held, node, epoch, event, timeUs, commits }: Intrusion): Finding {
  const { log } = execution;
  // What it still relied on then: the last that was said of it before, or (where its clock was tampered with later) the first after.
  const lease = held.events.findLast((i) => i < event && log.b(i) > timeUs) ?? held.events.find((i) => log.b(i) > timeUs) ?? held.events.at(-1)!;
  const elected = electionOf(log, epoch), sinceUs = elected === undefined ? timeUs : log.timeUs(elected);
  const what = elected === undefined ? (log.kind(event) === EVENT.commit ? 'a commit of' : 'the lease of') : 'the election of';
  const holder = nameOf(execution, held.node), other = `${nameOf(execution, node)} (epoch ${epoch})`;
  const { words, cause } = clockOf(execution, held, lease, sinceUs);
  const message = `${holder}’s lease (epoch ${held.epoch}) ran ${duration(held.toUs - Math.max(held.fromUs, sinceUs))} past ${what} ${other}.${words}`;
  const [first, second] = lease > event ? [lease, event] : [event, lease];
  return finding(execution, CODE, 'error', message, {
    timeUs: Math.max(timeUs, log.timeUs(first)), witnesses: [first, second, elected ?? -1, cause], operations: commits.map((i) => log.op(i)),
    slots: commits.map((i) => log.slot(i)), epochs: [held.epoch, epoch], nodes: [held.node, node],
  });
}

const MILLION = 1_000_000;

/** How its clock went in that lease, the event that made it go so, and what lease would have been safe. Nothing where the log does not tell the lease's length. */
function clockOf(execution: Execution, held: Held, lease: number, sinceUs: number): { readonly words: string; readonly cause: number } {
  const { log } = execution;
  const lengthUs = log.message(lease), waitUs = log.slot(lease), spanUs = log.b(lease) - log.a(lease);
  if (lengthUs <= 0 || spanUs <= 0) return { words: '', cause: -1 };
  const before = (kind: number, of: (node: number) => boolean): number[] => stateEvents(log).filter((i) => log.kind(i) === kind && of(log.node(i)) && log.timeUs(i) < held.toUs);
  const clock = before(EVENT.clock, (node) => node === held.node).at(-1) ?? -1;
  const counted = lengthUs / spanUs, ran = clock >= 0 && log.a(clock) >= 0 ? log.a(clock) / MILLION : Math.round(1000 * counted) / 1000;
  const paused = before(EVENT.resume, (node) => node === held.node).findLast((i) => log.timeUs(i) > log.a(lease));
  const took = `${duration(lengthUs)} by it took ${duration(spanUs)}`;
  if (clock >= 0 && log.a(clock) < 0 && ran !== 1) return { words: ` Its clock was set: ${took}. No lease is safe by a clock that can be set; measure it by a monotonic one.`, cause: clock };
  if (paused !== undefined && ran !== 1) return { words: ` Its clock stood still in a pause: ${took}. Measure leases by a clock that goes on.`, cause: paused };
  const words = ran === 1 ? '' : ` Its clock ran at ${ran}×: ${took}.`;
  if (waitUs < 0 || sinceUs < held.fromUs) return { words, cause: clock };
  const fastest = Math.max(MILLION, ...before(EVENT.clock, (node) => node !== held.node).map((i) => log.a(i)));
  const safeUs = Math.floor(waitUs * Math.round(ran * MILLION) / fastest);
  const advice = safeUs < lengthUs ? `Safe is a lease of at most ${duration(safeUs)} where those who grant it wait ${duration(waitUs)}.`
    : `Some who had granted it helped another to lead before they had waited ${duration(waitUs)}.`;
  return { words: `${words} ${advice}`, cause: clock };
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['lease events', EVENT.lease]]);
  if (missing.length > 0) return result([], missing);
  if (!orderIsKnown(execution)) return result([], [{ code: CODE, missing: 'times' }]);
  return result(intrusionsIn(execution.log).map((intrusion) => findingOf(execution, intrusion)));
}

export const leaseOverlap: Checker = { codes: [CODE], check };
