/** Who led when, read from an event log. */
import { EVENT } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';

export interface Reign {
  readonly node: number;
  readonly epoch: number;
  readonly fromUs: number;
  readonly fromEvent: number;
  /** undefined: it still led at the end. */
  readonly toUs: number | undefined;
  readonly toEvent: number | undefined;
}

/** Reigns in the order in which they began. A crash ends one, and so does leading a newer epoch. */
export function reignsOf(execution: Execution): Reign[] {
  const { log } = execution;
  const reigns: Reign[] = [];
  const open = new Map<number, number>();
  const close = (node: number, event: number): void => {
    const index = open.get(node);
    if (index === undefined) return;
    reigns[index] = { ...reigns[index]!, toUs: log.timeUs(event), toEvent: event };
    open.delete(node);
  };
  for (let i = 0; i < log.length; i++) {
    const node = log.node(i);
    switch (log.kind(i)) {
      case EVENT.leads:
        close(node, i);
        open.set(node, reigns.length);
        reigns.push({ node, epoch: log.epoch(i), fromUs: log.timeUs(i), fromEvent: i, toUs: undefined, toEvent: undefined });
        break;
      case EVENT.stepsDown: case EVENT.crash:
        close(node, i);
        break;
      default:
    }
  }
  return reigns;
}
