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
  /** By group and node. */
  const open = new Map<string, number>();
  const close = (group: number, node: number, event: number): void => {
    const index = open.get(`${group} ${node}`);
    if (index === undefined) return;
    reigns[index] = { ...reigns[index]!, toUs: log.timeUs(event), toEvent: event };
    open.delete(`${group} ${node}`);
  };
  for (let i = 0; i < log.length; i++) {
    const node = log.node(i), group = log.group(i);
    switch (log.kind(i)) {
      case EVENT.leads:
        close(group, node, i);
        open.set(`${group} ${node}`, reigns.length);
        reigns.push({ node, epoch: log.epoch(i), fromUs: log.timeUs(i), fromEvent: i, toUs: undefined, toEvent: undefined });
        break;
      case EVENT.stepsDown:
        close(group, node, i);
        break;
      case EVENT.crash:
        for (let each = 0; each <= log.groups; each++) close(each, node, i);
        break;
      default:
    }
  }
  return reigns;
}
