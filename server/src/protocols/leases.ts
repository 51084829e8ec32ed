/**
 * Leases (Gray and Cheriton 1989; for leaders, Chandra, Griesemer and Redstone 2007 §5.2 and Ongaro's thesis 6.4.1; protocols.md
 * A11), the same for every protocol with a leader.
 *
 * A leader asks for one with each round of heartbeats, which carry the time of sending by its own clock; who hears one gives that
 * time back, and from then on helps nobody else to lead for as long as the knob `follower-wait` says. When those who answered
 * make a majority with the leader, its lease runs from the moment it asked the last of them: nobody can have begun to wait before.
 */
import { PersistentMap } from '../engine/persistent.ts';
import type { ClockName, Context, Message, StateHasher } from '../engine/protocol.ts';
import type { KnobRelation, KnobSpec } from '../model/catalogue.ts';
import type { ProcessId, Scenario } from '../model/scenario.ts';
import { durationText } from '../model/quantities.ts';
import { choice, quantity } from './knobs.ts';

/** The scenario's choices. Durations µs by the node's own clock. */
export interface LeaseChoice {
  readonly lengthUs: number;
  readonly waitUs: number;
  readonly clock: ClockName;
  /** Whether it is reckoned from the answer instead of from the question. */
  readonly fromAnswer: boolean;
  readonly waitsAfterRestart: boolean;
}

/** What a node knows of leases. Moments µs by the clock that the knob names; -Infinity for never. */
export interface LeaseState {
  /** Leader: by follower, when the newest question that it has answered was sent. */
  readonly answered: PersistentMap<ProcessId, number>;
  /** Leader: when its lease ends. */
  readonly untilUs: number;
  /** When it last granted a lease, or restarted. */
  readonly grantedUs: number;
}

export const NO_LEASE: LeaseState = { answered: PersistentMap.empty(), untilUs: Number.NEGATIVE_INFINITY, grantedUs: Number.NEGATIVE_INFINITY };

type Clocks = Pick<Context<Message>, 'clockUs' | 'holdLease' | 'dropLease' | 'self'>;

/** Who has just granted a lease, or (where the knob says so) restarted and may have granted one before, waits from now on. */
export const waitFromNow = (choice: LeaseChoice, context: Clocks, lease: LeaseState): LeaseState => ({ ...lease, grantedUs: context.clockUs(choice.clock) });

/** For how long yet a node may help no other to lead, µs; 0: it may. */
export function stillWaitsUs(choice: LeaseChoice, context: Clocks, lease: LeaseState): number {
  return Math.max(0, lease.grantedUs + choice.waitUs - context.clockUs(choice.clock));
}

export const runs = (choice: LeaseChoice, context: Clocks, lease: LeaseState): boolean => context.clockUs(choice.clock) < lease.untilUs;

/** A follower's answer to the question sent at `sentUs`. `grants`: whether these nodes, the leader among them, are enough to grant it. */
export function answered(choice: LeaseChoice, context: Clocks, lease: LeaseState, from: ProcessId, sentUs: number, grants: (nodes: readonly ProcessId[]) => boolean,
  epoch: number): LeaseState {
  const moment = choice.fromAnswer ? context.clockUs(choice.clock) : sentUs, known = lease.answered.get(from);
  const next = known !== undefined && moment <= known ? lease : { ...lease, answered: lease.answered.set(from, moment) };
  const newestFirst = [...next.answered].sort(([, a], [, b]) => b - a);
  const last = newestFirst.findIndex((_, index) => grants([context.self, ...newestFirst.slice(0, index + 1).map(([node]) => node)]));
  const fromUs = newestFirst[last]?.[1];
  if (fromUs === undefined || fromUs + choice.lengthUs <= lease.untilUs) return next;
  const untilUs = fromUs + choice.lengthUs;
  context.holdLease({ epoch, clock: choice.clock, fromUs, untilUs, waitUs: choice.waitUs });
  return { ...next, untilUs };
}

/** It leads no longer, begins to, or gives its lease up: what others granted it for another reign is worth nothing. */
export function withoutLease(context: Clocks, lease: LeaseState): LeaseState {
  context.dropLease();
  return { ...NO_LEASE, grantedUs: lease.grantedUs };
}

export function hashLease(choice: LeaseChoice, lease: LeaseState, hasher: StateHasher): void {
  const { clock, lengthUs, waitUs } = choice;
  hasher.offset(clock);
  lease.answered.forEach((sentUs, node) => { hasher.int(node); hasher.time(sentUs, lengthUs, clock); });
  hasher.time(lease.untilUs, 0, clock);
  hasher.time(lease.grantedUs, waitUs, clock);
}

// --- Knobs ----------------------------------------------------------------------------------------------------------

const STALE: readonly string[] = ['lease-overlap', 'stale-read', 'not-linearizable'];

/** They matter where `read-path` is `lease`. */
export const LEASE_KNOBS: readonly KnobSpec[] = [
  { ...quantity('lease', 'duration', 'How long a leader trusts its lease, by its own clock, from when it asked for it.', '100000'), atLeastUs: 1 },
  quantity('follower-wait', 'duration', 'How long a node that granted a lease helps no other node to lead, by its own clock.', '150000'),
  { ...quantity('rho', 'number', 'How much faster or slower than true time a clock may run: 0.2 is one fifth.', '0.2'), below: 1 },
  choice('clock', 'Which clock of a node leases are measured by.', [
    ['monotonic', 'One that nobody sets, and that goes on in a pause.'],
    ['wall', 'The time of day: set back, it lets a lease run on.'],
    ['ticks', 'A count of the node’s own: it stands still while the node is paused, and its leases with it.'],
  ], 'monotonic', { safe: ['monotonic'], permits: STALE }),
  choice('lease-start', 'From when a leader reckons its lease.', [
    ['asked', 'From when it asked for it: whoever granted it began to wait later.'],
    ['answered', 'From when the answer came: those who granted it have waited for a while already.'],
  ], 'asked', { safe: ['asked'], permits: STALE }),
  choice('lease-restart', 'What a restarted node does, which may have granted a lease before.', [
    ['wait', 'It waits `follower-wait` before it helps anybody to lead.'],
    ['vote', 'It votes at once: the lease it granted is forgotten.'],
  ], 'wait', { safe: ['wait'], permits: STALE }),
];

const MILLION = 1_000_000;

/** What the holders of a lease wait for, for the rule about their knobs. */
interface Wait {
  /** The knobs that say it, and what to call it. */
  readonly knobs: readonly string[];
  readonly name: string;
  us(scenario: Scenario): number;
}

export const FOLLOWER_WAIT: Wait = { knobs: ['follower-wait'], name: '`follower-wait`', us: (scenario) => Number(scenario.knobs.get('follower-wait')!.value) };

/** L ≤ E(1−ρ)/(1+ρ): a lease on the slowest clock ends before a wait on the fastest. In a run, also for the rates that its clocks have. */
export function leaseBound(wait: Wait): KnobRelation {
  return {
    code: 'lease-overlap', knob: 'lease', knobs: ['lease', ...wait.knobs, 'rho'],
    breach(scenario, asRun) {
      const knob = (name: string): string => scenario.knobs.get(name)!.value;
      if (knob('read-path') !== 'lease') return undefined;
      const lengthUs = Number(knob('lease')), waitUs = wait.us(scenario), rho = Math.round(Number(knob('rho')) * MILLION);
      const byKnobs = longestSafeUs(waitUs, MILLION - rho, MILLION + rho);
      const safeUs = asRun ? Math.min(byKnobs, longestSafeUs(waitUs, ...ratesOf(scenario))) : byKnobs;
      if (lengthUs <= safeUs) return undefined;
      const message = `Where ${wait.name} is ${durationText(waitUs)} and clocks may be off by ${knob('rho')} (\`rho\`), a lease is safe up to ${durationText(byKnobs)}: `
        + `${durationText(lengthUs)} on a slow clock can outlast that wait on a fast one.`;
      return { message, safe: safeUs < 1 ? undefined : durationText(safeUs) };
    },
  };
}

/** The longest safe lease, µs, with clock rates from `slow` to `fast`, in millionths. Multiplied before it is divided: exact. */
const longestSafeUs = (waitUs: number, slow: number, fast: number): number => Math.floor(waitUs * slow / fast);

function ratesOf(scenario: Scenario): readonly [slow: number, fast: number] {
  const rates = scenario.script.flatMap((step) => (step.kind === 'fault' && step.fault.kind === 'clock-runs' ? [Math.round(step.fault.rate * MILLION)] : []));
  return [Math.min(MILLION, ...rates), Math.max(MILLION, ...rates)];
}

/** The scenario's choices, or undefined where reads take another path. `knob` gives a knob's value, `waitUs` is that of the followers. */
export function leaseChoiceOf(knob: (name: string) => string, waitUs = Number(knob('follower-wait'))): LeaseChoice | undefined {
  if (knob('read-path') !== 'lease') return undefined;
  return {
    lengthUs: Number(knob('lease')), waitUs, clock: knob('clock') as ClockName,
    fromAnswer: knob('lease-start') === 'answered', waitsAfterRestart: knob('lease-restart') === 'wait',
  };
}
