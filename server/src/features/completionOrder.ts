/** Of what the grammar allows at a place, what makes sense there, and which of it comes first. */
import type { Completion } from './completion.ts';
import type { Scope } from './scope.ts';

type Sorted = Pick<Completion, 'label' | 'kind' | 'rank'>;

/** `before`: the line up to the word that is being completed. */
export function inOrder<T extends Sorted>(items: readonly T[], before: string, scope: Scope | undefined): T[] {
  const words = before.trim().split(/\s+/);
  if (words[0] === 'expect') return expectations(items, words.slice(1), scope);
  if (words[0] === 'network') return items.map((item) => (isName(item) ? ranked(item, 20) : item));
  return effects(items, words.at(-1) ?? '', scope);
}

/** Where a fault may begin a node begins nothing but a lie, and clients do not lie. */
function effects<T extends Sorted>(items: readonly T[], last: string, scope: Scope | undefined): T[] {
  const mayCrash = items.some(({ label, kind }) => label === 'crash' && kind === 'keyword');
  return items.filter(({ label }) => (label !== 'lies' && label !== 'forges') || roleOf(scope, last) !== 'client')
    .map((item) => (mayCrash && item.kind === 'node' ? ranked(item, 40) : item));
}

/** What an expectation is about first; then what fits that: an answer for an operation, a reign for a node. */
function expectations<T extends Sorted>(items: readonly T[], words: readonly string[], scope: Scope | undefined): T[] {
  const negated = words[0] === 'no', subject = words[negated ? 1 : 0];
  if (subject === undefined) return items.map((item) => ranked(item, subjectRank(item, negated)));
  const role = roleOf(scope, subject);
  if (role === 'label') return items.filter((item) => !isName(item) && item.label !== 'leads' && item.label !== 'on');
  if (role === 'node') return items.filter((item) => !isName(item) && !ANSWERS.has(item.label) && item.label !== 'on');
  return items.filter((item) => item.label !== 'leads' && !ANSWERS.has(item.label));
}

const ANSWERS: ReadonlySet<string> = new Set(['acked', 'failed', 'unanswered']);

function subjectRank({ kind, label, rank }: Sorted, negated: boolean): number {
  if (rank >= 20) return rank;
  if (kind === 'keyword') return negated && label === 'violations' ? -1 : label === 'no' ? 1 : 3;
  return { label: 0, violation: 2, node: 4 }[kind as string] ?? 5;
}

function isName({ kind }: Sorted): boolean {
  return kind === 'node' || kind === 'client' || kind === 'label';
}

function roleOf(scope: Scope | undefined, name: string): 'node' | 'client' | 'label' | undefined {
  return scope?.declared.find((each) => each.name === name)?.role;
}

function ranked<T extends Sorted>(item: T, rank: number): T {
  return { ...item, rank };
}
