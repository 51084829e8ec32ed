/** A lease as a trace says it (model/saidLease.ts), and as an event. */
import type { EventLog } from '../engine/events.ts';
import type { SaidLease } from '../model/saidLease.ts';

/** The columns that only a lease uses (see EVENT.lease). */
export const leaseColumns = ({ fromUs, toUs, lengthUs, waitUs }: SaidLease): { a: number; b: number; message: number; slot: number } =>
  ({ a: fromUs, b: toUs, message: lengthUs, slot: waitUs });

export function leaseText(log: EventLog, event: number, time: (us: number) => string): string {
  const lasting = log.message(event) < 0 ? '' : ` lasting ${time(log.message(event))}`;
  return `${time(log.a(event))}..${time(log.b(event))}${lasting}${log.slot(event) < 0 ? '' : ` while others wait ${time(log.slot(event))}`}`;
}
