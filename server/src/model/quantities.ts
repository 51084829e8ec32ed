/** What quantities make sense, and how durations read. */
import type { NumberWord, Quantity } from '../language/syntax.ts';
import type { Reporter, Span } from './reporter.ts';

export const MAX_NODES = 64;
export const MAX_CLIENTS = 256;
/** One hour of simulated time. */
export const MAX_TIME_US = 3_600_000_000;
/** How long a scenario runs at most where it does not say. */
export const DEFAULT_RUN_US = 10_000_000;
export const MAX_SEED = 4_294_967_295;
const MAX_COUNT = 1_000_000_000;

const UNITS: readonly (readonly [string, number])[] = [['min', 60_000_000], ['s', 1_000_000], ['ms', 1000], ['us', 1]];

/** `150ms`: in the largest unit that needs no fraction, ms at most up to 10 s. */
export function durationText(us: number): string {
  const units = Math.abs(us) < 10_000_000 ? UNITS.slice(2) : UNITS;
  for (const [unit, size] of units) {
    if (us % size === 0) return `${us / size}${unit}`;
  }
  return `${us}us`;
}

/** `20ms` in µs, or undefined where that is no duration. Numbers may have a fraction. */
export function durationOf(text: string): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)(us|ms|s|min)$/.exec(text);
  if (!match) return undefined;
  const size = UNITS.find(([unit]) => unit === match[2])![1];
  return Math.round(Number(match[1]) * size);
}

interface Range {
  /** What it is, for the message: `a delay`. */
  readonly what: string;
  readonly minUs?: number;
  readonly maxUs?: number;
}

/** Says what is wrong with a duration or instant, and gives it in µs if nothing is. */
export function checkedTime(report: Reporter, quantity: Quantity, { what, minUs = 0, maxUs = MAX_TIME_US }: Range): number | undefined {
  const { us } = quantity;
  if (!Number.isFinite(us) || us > maxUs) return wrong(report, quantity, `${what} can be at most ${durationText(maxUs)}`);
  if (us >= minUs) return Math.round(us);
  if (us < 0 && minUs >= 0) return wrong(report, quantity, `${what} cannot be negative`);
  return wrong(report, quantity, minUs <= 1 ? `${what} must be more than zero` : `${what} must be at least ${durationText(minUs)}`);
}

/** A whole number within bounds, or a diagnostic. */
export function checkedCount(report: Reporter, number: NumberWord, what: string, min: number, max = MAX_COUNT): number | undefined {
  const { value } = number;
  if (!Number.isInteger(value)) return wrong(report, number, `${what} must be a whole number`);
  if (value < min) return wrong(report, number, `${what} must be at least ${min}`);
  if (value > max) return wrong(report, number, `${what} can be at most ${max}`);
  return value;
}

/** A percentage as a share, 0 … 1. */
export function checkedPercent(report: Reporter, number: NumberWord, what: string): number | undefined {
  const { value } = number;
  if (!(value >= 0 && value <= 100)) return wrong(report, number, `${what} is a percentage, from 0% to 100%`);
  return value / 100;
}

function wrong(report: Reporter, span: Span, sentence: string): undefined {
  report.error(span, 'quantity', `${sentence}.`);
  return undefined;
}
