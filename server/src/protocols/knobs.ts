/** For writing a protocol's knobs. */
import type { KnobSpec } from '../model/catalogue.ts';

type Choice = readonly [value: string, about: string, available?: 'later'];

/** A knob with named values: `[value, what it means]`. `guard.safe` protects; any other value permits `guard.permits`. */
export function choice(name: string, about: string, values: readonly Choice[], fallback: string, guard: { safe?: readonly string[]; permits?: readonly string[] } = {}): KnobSpec {
  return {
    name, about, type: 'choice', default: fallback, available: true, safe: guard.safe ?? [], permits: guard.permits ?? [],
    values: values.map(([value, text, later]) => ({ value, about: text, available: later === undefined })),
  };
}

/** A knob with a duration (default in µs) or a number. */
export function quantity(name: string, type: 'duration' | 'number', about: string, fallback: string): KnobSpec {
  return { name, about, type, values: [], default: fallback, safe: [], permits: [], available: true };
}

/** A knob that counts: a whole number of at least one. */
export function count(name: string, about: string, fallback: string): KnobSpec {
  return { ...quantity(name, 'number', about, fallback), range: { least: 1, most: 1_000_000 } };
}

/** How long a leader's last commits, and its sign of life, wait for a proposal to ride on. It cannot be zero: it comes again and again. */
export function commitTimeout(about: string): KnobSpec {
  return { ...quantity('commit-timeout', 'duration', about, '50000'), atLeastUs: 1, safe: ['50ms'], permits: ['commit-lag', 'no-progress'] };
}

const DISJOINT: readonly string[] = ['disjoint-quorums', 'diverged', 'lost-write', 'not-linearizable', 'stale-read'];

/** The size of a quorum: one of the words, the first the default, or a number of nodes. Sizes that need not share a node are `disjoint-quorums`. */
export function quorumSize(name: string, about: string, words: readonly Choice[] = [['majority', 'More than half of all nodes.']],
  guard: { safe?: readonly string[]; permits?: readonly string[] } = {}): KnobSpec {
  return {
    ...choice(name, about, words, words[0]![0], { safe: guard.safe ?? ['majority'], permits: [...new Set([...guard.permits ?? [], ...DISJOINT])] }),
    type: 'number', range: { least: 1, most: 'nodes' },
  };
}

/** A knob that is another protocol's: it says where. */
export function elsewhere(name: string, about: string, instead: string): KnobSpec {
  return { name, about, type: 'choice', values: [], default: '', safe: [], permits: [], available: false, instead };
}
