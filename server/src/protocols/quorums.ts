/**
 * How many nodes are a quorum, where a document says so. What must share a node is an election's quorum and a decision's (Howard,
 * Malkhi and Spiegelman, Flexible Paxos, 2016, §3); where an epoch is not its candidate's own, as in Raft, also any two elections'
 * (Vanlightly's FlexibleRaft).
 */
import { membersAtStart, type Scenario } from '../model/scenario.ts';

export const majorityOf = (n: number): number => Math.floor(n / 2) + 1;
/** f+1 with f = ⌊(n−1)/2⌋: for even n this is half, not a majority (protocols.md P7). */
export const fPlusOneOf = (n: number): number => Math.floor((n - 1) / 2) + 1;

/** The size that a knob means, of n nodes; -1 where it depends on who can be heard. The model has checked the value. */
export function sizeOf(value: string, n: number): number {
  switch (value) {
    case 'all': return n;
    case 'majority': return majorityOf(n);
    case 'f-plus-1': return fPlusOneOf(n);
    case 'half': return Math.max(1, Math.floor(n / 2));
    case 'reachable': return -1;
    default: return Number(value);
  }
}

/** Two knobs, or their values. */
type Pair = readonly [string, string];

/** Sizes that must meet, for those of the pairs of knobs' values in which a number stands: what words mean is told by what they lead to. */
export function counted(n: number, ...pairs: readonly Pair[]): readonly (readonly [number, number])[] {
  return pairs.filter((pair) => pair.some(isCount)).map(([value, other]) => [sizeOf(value, n), sizeOf(other, n)] as const);
}

export const isCount = (value: string): boolean => /^\d/.test(value);

/** Of pairs of knobs that must meet, those that do not; `as-quorum` is what the knob `quorum` says. For `ProtocolSpec.apart`. */
export const apart = (...pairs: readonly Pair[]) => (scenario: Scenario): readonly string[] => {
  const valueOf = (name: string): string => scenario.knobs.get(name)!.value, n = membersAtStart(scenario).length;
  const named = pairs.map((pair) => pair.map((name) => (valueOf(name) === 'as-quorum' ? 'quorum' : name)));
  return named.filter((names) => {
    const sizes = names.map((name) => sizeOf(valueOf(name), n));
    return sizes.every((size) => size > 0) && sizes[0]! + sizes[1]! <= n;
  }).flat();
};
