/** The statements of a scenario that hurt or healed, as far as they took effect. */
import { EVENT } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';
import { ANY, type FaultModel, type ProcessId, type Scenario } from '../model/scenario.ts';

/** A fault statement, with the first moment at which it did something. */
export interface FaultUse {
  readonly fault: FaultModel;
  readonly line: number;
  readonly timeUs: number;
}

/** Every fault statement that took effect, in the order of their first effect. */
export function faultsOf(scenario: Scenario, execution: Execution): readonly FaultUse[] {
  const byLine = new Map<number, FaultModel>();
  for (const step of scenario.script) if (step.kind === 'fault') byLine.set(step.line, step.fault);
  const uses: FaultUse[] = [];
  const { log } = execution;
  for (let i = 0; i < log.length && byLine.size > 0; i++) {
    const line = log.line(i);
    const fault = line < 0 ? undefined : byLine.get(line);
    if (fault === undefined) continue;
    byLine.delete(line);
    uses.push({ fault, line, timeUs: log.timeUs(i) });
  }
  return uses;
}

/** Every moment at which the statement on this line did something, up to a time: the last of them, or undefined. */
export function lastEffectUs(execution: Execution, line: number, byUs: number): number | undefined {
  const { log } = execution;
  let last: number | undefined;
  for (let i = 0; i < log.length && log.timeUs(i) <= byUs; i++) {
    const kind = log.kind(i);
    if (log.line(i) === line && kind !== EVENT.send && kind !== EVENT.receive) last = log.timeUs(i);
  }
  return last;
}

/** `heal`, `resume`, `restart`, `release`: what was away comes back. */
export function isReturn(fault: FaultModel): boolean {
  return fault.kind === 'heal' || fault.kind === 'heal-link' || fault.kind === 'resume' || fault.kind === 'restart' || fault.kind === 'release';
}

/** Whether a fault touches any of these processes. */
export function involves(fault: FaultModel, processes: readonly ProcessId[]): boolean {
  const has = (process: ProcessId): boolean => process === ANY || processes.includes(process);
  switch (fault.kind) {
    case 'partition': return fault.groups.some((group) => group.some(has));
    case 'cut': case 'heal-link': case 'slow': return has(fault.from) || has(fault.to);
    case 'heal': return true;
    case 'drop': case 'duplicate': case 'corrupt': case 'release': case 'hold': return has(fault.messages.from) || has(fault.messages.to);
    default: return has(fault.node);
  }
}

/** `this partition`, `this pause`: the statement in a sentence. */
export function faultWords(fault: FaultModel): string {
  const words: Record<FaultModel['kind'], string> = {
    crash: 'crash', restart: 'restart', resume: 'resumption', timeout: 'timeout', isolate: 'isolation', 'disk-lies': 'lying disk', pause: 'pause',
    partition: 'partition', cut: 'cut', 'heal-link': 'heal', heal: 'heal', slow: 'slow link', drop: 'lost message', duplicate: 'duplicate',
    corrupt: 'corruption', release: 'release', hold: 'held message', 'clock-runs': 'clock', 'clock-jumps': 'clock', 'disk-slow': 'slow disk',
  };
  return `this ${words[fault.kind]}`;
}
