/** The statements of a scenario that hurt or healed, as far as they took effect. */
import { EVENT } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';
import { ANY, type FaultModel, type ProcessId, type Scenario } from '../model/scenario.ts';

/** A fault statement, with the moments at which it did something: for one that returns, all of them; else the first. */
export interface FaultUse {
  readonly fault: FaultModel;
  readonly line: number;
  readonly timesUs: readonly number[];
}

/** Every fault statement that took effect, in the order of their first effect. */
export function faultsOf(scenario: Scenario, execution: Execution): readonly FaultUse[] {
  const byLine = new Map<number, FaultModel>();
  for (const step of scenario.script) if (step.kind === 'fault') byLine.set(step.line, step.fault);
  const uses = new Map<number, { fault: FaultModel; line: number; timesUs: number[] }>();
  const { log } = execution;
  for (let i = 0; i < log.length && byLine.size > 0; i++) {
    const line = log.line(i);
    const fault = line < 0 ? undefined : byLine.get(line);
    if (fault === undefined) continue;
    const use = uses.get(line);
    if (use === undefined) uses.set(line, { fault, line, timesUs: [log.timeUs(i)] });
    else if (isReturn(fault) && isOwnEvent(log.kind(i))) use.timesUs.push(log.timeUs(i));
  }
  return [...uses.values()];
}

/** Messages that a statement led to carry its line too: they are not its own effect. */
function isOwnEvent(kind: number): boolean {
  return kind !== EVENT.send && kind !== EVENT.receive && kind !== EVENT.discard;
}

/** When a fault first did something. */
export function sinceUs(use: FaultUse): number {
  return use.timesUs[0] ?? 0;
}

/** `heal`, `resume`, `restart`, `release`: what was away comes back. */
export function isReturn(fault: FaultModel): boolean {
  return ['heal', 'heal-link', 'stable', 'resume', 'restart', 'release'].includes(fault.kind);
}

/** Whether a fault touches any of these processes. */
export function involves(fault: FaultModel, processes: readonly ProcessId[]): boolean {
  const has = (process: ProcessId): boolean => process === ANY || processes.includes(process);
  switch (fault.kind) {
    case 'partition': return fault.groups.some((group) => group.some(has));
    case 'transfer': return has(fault.node) || has(fault.to);
    case 'cut': case 'heal-link': case 'slow': return has(fault.from) || has(fault.to);
    case 'heal': case 'stable': return true;
    case 'drop': case 'duplicate': case 'replay': case 'corrupt': case 'release': case 'hold': case 'lies': return has(fault.messages.from) || has(fault.messages.to);
    case 'swap': return has(fault.messages.from) || has(fault.messages.to) || has(fault.other.from);
    case 'restart': return has(fault.node) || (fault.as !== undefined && has(fault.as));
    default: return has(fault.node);
  }
}

/** `this partition`, `this pause`: the statement in a sentence. */
export function faultWords(fault: FaultModel): string {
  const words: Record<FaultModel['kind'], string> = {
    crash: 'crash', restart: 'restart', pause: 'pause', resume: 'resumption', timeout: 'timeout', transfer: 'transfer',
    partition: 'partition', isolate: 'isolation', cut: 'cut', heal: 'heal', 'heal-link': 'heal', stable: 'heal', slow: 'slow link',
    drop: 'lost message', swap: 'swap', duplicate: 'duplicate', replay: 'replay', corrupt: 'corruption', lies: 'lie', hold: 'held message', release: 'release',
    'clock-runs': 'clock', 'clock-jumps': 'clock', 'disk-slow': 'slow disk', 'disk-lies': 'lying disk', 'disk-corrupts': 'decayed disk',
  };
  return `this ${words[fault.kind]}`;
}
