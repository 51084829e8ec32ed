import type { Execution } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';

/** One node leading one epoch, from its `leads` event until it steps down, follows another or crashes. */
export interface Reign {
  readonly node: number;
  readonly epoch: number;
  readonly fromUs: number;
  /** Infinity: it still leads at the end. */
  readonly toUs: number;
  /** Index of the `leads` event. */
  readonly event: number;
}

/** Every reign of an execution, in the order they began. A paused or cut-off leader goes on reigning: it does not know. */
export function reignsOf(execution: Execution): readonly Reign[] {
  const { log } = execution;
  const reigns: Reign[] = [];
  /** By group and node. */
  const open = new Map<string, number>();
  const close = (group: number, node: number, timeUs: number): void => {
    const index = open.get(`${group} ${node}`);
    if (index === undefined) return;
    reigns[index] = { ...reigns[index]!, toUs: timeUs };
    open.delete(`${group} ${node}`);
  };
  for (let i = 0; i < log.length; i++) {
    const kind = log.kind(i), node = log.node(i), group = log.group(i);
    if (kind === EVENT.stepsDown || kind === EVENT.follows) close(group, node, log.timeUs(i));
    if (kind === EVENT.crash) for (let each = 0; each <= log.groups; each++) close(each, node, log.timeUs(i));
    if (kind !== EVENT.leads) continue;
    close(group, node, log.timeUs(i));
    open.set(`${group} ${node}`, reigns.length);
    reigns.push({ node, epoch: log.epoch(i), fromUs: log.timeUs(i), toUs: Infinity, event: i });
  }
  return reigns;
}

/** Who leads at a moment, the moment included. */
export function leadersAt(reigns: readonly Reign[], timeUs: number): readonly Reign[] {
  return reigns.filter((reign) => reign.fromUs <= timeUs && timeUs < reign.toUs);
}
