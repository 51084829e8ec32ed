/**
 * Ballot numbers of the Paxoses. A ballot is a pair (round, proposer), compared by round first; it is written as one number,
 * round · n + proposer + 1, so that numbers are ordered as the pairs are, no two proposers share one, and 0 is no ballot.
 */
import type { ProcessId } from '../model/scenario.ts';

/** The smallest ballot of this proposer that is higher than `seen`. */
export function ballotAfter(seen: number, proposer: ProcessId, nodeCount: number): number {
  const round = Math.max(0, Math.ceil((seen - proposer) / nodeCount));
  return round * nodeCount + proposer + 1;
}
