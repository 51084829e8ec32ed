/** How a trace says a lease: `A leases 0ms..250ms lasting 100ms while others wait 150ms {1}`, the last two by the nodes' own clocks. */
import { durationOf } from './quantities.ts';

/** Times µs; -1 for what it does not say. */
export interface SaidLease {
  readonly fromUs: number;
  readonly toUs: number;
  readonly lengthUs: number;
  readonly waitUs: number;
}

const SAID = /^(\S+) ?\.\. ?(\S+?)(?: lasting (\S+))?(?: while others wait (\S+))?$/;

/** Undefined: that is no lease. */
export function leaseIn(content: string): SaidLease | undefined {
  const parts = SAID.exec(content);
  if (parts === null) return undefined;
  const [fromUs, toUs, lengthUs, waitUs] = [parts[1], parts[2], parts[3], parts[4]].map((text) => (text === undefined ? -1 : durationOf(text)));
  if (fromUs === undefined || toUs === undefined || lengthUs === undefined || waitUs === undefined || fromUs < 0 || toUs < fromUs) return undefined;
  return { fromUs, toUs, lengthUs, waitUs };
}
