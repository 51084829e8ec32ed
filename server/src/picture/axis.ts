/**
 * From simulated time to positions along the drawing, and back. Positions are in units of the axis, before zooming; the
 * mapping is monotonic and piecewise linear, so any of the scales can be zoomed and panned alike.
 */

/** 'time': to scale. 'idle': to scale, with the stretches shortened in which nothing happens. 'order': one step an instant. */
export type Scale = 'time' | 'idle' | 'order';

export interface Axis {
  /** Units from the start to the end of the run. */
  readonly span: number;
  readonly fromUs: number;
  readonly toUs: number;
  at(timeUs: number): number;
  timeAt(unit: number): number;
  /** Shortened stretches, µs. */
  readonly breaks: readonly { readonly fromUs: number; readonly toUs: number }[];
}

/**
 * `instants`: the moments at which something worth seeing happens, in any order; `keptUs`: gaps between them up to this stay to
 * scale on the 'idle' scale, longer ones grow with their logarithm only.
 */
export function buildAxis(instants: readonly number[], endUs: number, scale: Scale, keptUs: number): Axis {
  const times = distinct(instants, endUs);
  if (scale === 'time' || times.length < 3) return mapped([times[0]!, times[times.length - 1]!], undefined, []);
  if (scale === 'order') return mapped(times, times.map((_time, index) => index), []);
  const units = [0], breaks: { fromUs: number; toUs: number }[] = [];
  for (let i = 1; i < times.length; i++) {
    const gap = times[i]! - times[i - 1]!, drawn = gap <= keptUs ? gap : keptUs * (1 + 0.25 * Math.log(gap / keptUs));
    if (gap > 2.5 * drawn) breaks.push({ fromUs: times[i - 1]!, toUs: times[i]! });
    units.push(units[i - 1]! + drawn);
  }
  return mapped(times, units, breaks);
}

/** Sorted, without repetitions, from 0 (or earlier) to the end; at least two of them. */
function distinct(instants: readonly number[], endUs: number): number[] {
  const sorted = Float64Array.from(instants).sort();
  const times = [Math.min(0, sorted[0] ?? 0)];
  for (const time of sorted) if (time > times[times.length - 1]!) times.push(time);
  const last = times[times.length - 1]!;
  if (endUs > last) times.push(endUs);
  else if (times.length === 1) times.push(last + 1);
  return times;
}

/** Interpolates between knots, and goes on with the slope of the first and last stretch beyond them. */
function mapped(times: readonly number[], knots: readonly number[] | undefined, breaks: Axis['breaks']): Axis {
  const first = times[0]!, last = times[times.length - 1]!;
  const units = knots ?? times.map((time) => time - first);
  return {
    span: units[units.length - 1]!, fromUs: first, toUs: last, breaks,
    at: (timeUs) => interpolate(times, units, timeUs),
    timeAt: (unit) => interpolate(units, times, unit),
  };
}

function interpolate(from: readonly number[], to: readonly number[], value: number): number {
  let low = 0, high = from.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (from[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  const start = from[low]!, width = from[low + 1]! - start;
  return to[low]! + (width === 0 ? 0 : ((value - start) / width) * (to[low + 1]! - to[low]!));
}

/** The least of 1, 2, 5, 10, 20, … that is not below `atLeast`. */
export function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= atLeast * 0.999) ?? 10 * power;
}

/** `250 µs`, `12 ms`, `1.25 s`; a bare number in a history. */
export function timeText(timeUs: number, unit: 'us' | 'number'): string {
  if (unit === 'number') return String(Number(timeUs.toPrecision(12)));
  const size = Math.abs(timeUs);
  if (size === 0) return '0 ms';
  if (size < 1000) return `${timeUs} µs`;
  if (size < 10_000_000 && timeUs % 1_000_000 !== 0) return `${Number((timeUs / 1000).toFixed(3))} ms`;
  return `${Number((timeUs / 1_000_000).toFixed(6))} s`;
}
