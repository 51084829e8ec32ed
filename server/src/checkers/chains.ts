/**
 * Findings that hang together are one chain, reported once: a split brain, the divergence it leads to, the read that
 * shows it (protocols.md C3).
 */
import type { Chain, Finding } from './checker.ts';

const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'information', 'hint'];

/** What a split brain leads to, even where the second leader commits a moment before its client hears of it. */
const LED_TO_BY_SPLIT_BRAIN: ReadonlySet<string> = new Set(['diverged', 'lost-write']);

/**
 * Folds findings that share an operation, a slot or an epoch, transitively. Within a chain the earliest error is primary
 * (by time, then by its first witness, then in the order given); without errors the earliest warning, and so on. Chains
 * come in the order of their primaries. A finding with the code, nodes and slots of an earlier one is dropped.
 */
export function foldChains(findings: readonly Finding[]): readonly Chain[] {
  const distinct = withoutRepetitions(findings);
  const groups = connected(distinct);
  return groups.map(chainOf).sort((a, b) => compare(a.primary, b.primary));
}

function withoutRepetitions(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const placed = finding.slots.length > 0 && finding.nodes.length > 0;
    const rest = placed ? '' : `${finding.operations.join()}|${finding.epochs.join()}|${finding.witnesses.join()}`;
    const identity = `${finding.code}|${finding.group ?? 0}|${[...finding.nodes].sort().join()}|${[...finding.slots].sort().join()}|${rest}`;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

/** Union by what is shared: each operation, slot and epoch joins all findings that name it. */
function connected(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const parent = findings.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  const firstWith = new Map<string, number>();
  findings.forEach((finding, index) => {
    for (const thing of thingsOf(finding)) {
      const other = firstWith.get(thing);
      if (other === undefined) firstWith.set(thing, index);
      else parent[rootOf(index)] = rootOf(other);
    }
  });
  const groups = new Map<number, Finding[]>();
  findings.forEach((finding, index) => {
    const group = groups.get(rootOf(index));
    if (group === undefined) groups.set(rootOf(index), [finding]);
    else group.push(finding);
  });
  return [...groups.values()];
}

/** What joins findings: two that name the same thing are one story. */
function thingsOf({ operations, slots, epochs, group = 0 }: Finding): readonly string[] {
  return [...operations.map((op) => `operation ${op}`), ...slots.map((slot) => `slot ${slot} of ${group}`), ...epochs.map((epoch) => `epoch ${epoch} of ${group}`)];
}

function chainOf(group: readonly Finding[]): Chain {
  const ordered = [...group].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || compare(a, b));
  const first = ordered[0]!;
  const primary = LED_TO_BY_SPLIT_BRAIN.has(first.code)
    ? ordered.find((finding) => finding.code === 'split-brain' && finding.severity === first.severity && sharesWork(finding, first)) ?? first
    : first;
  return { primary, folded: ordered.filter((finding) => finding !== primary) };
}

function sharesWork(a: Finding, b: Finding): boolean {
  return a.operations.some((op) => b.operations.includes(op)) || (a.group === b.group && a.slots.some((slot) => b.slots.includes(slot)));
}

/** By time, then by the event that makes it irrevocable. Sorting is stable: the rest is the order of the registry. */
function compare(a: Finding, b: Finding): number {
  return a.timeUs - b.timeUs || (a.witnesses[0] ?? Infinity) - (b.witnesses[0] ?? Infinity) || 0;
}
