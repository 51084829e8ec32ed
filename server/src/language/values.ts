/** What numbers, durations and strings of the text stand for. */

const UNITS: ReadonlyMap<string, number> = new Map([['us', 1], ['ms', 1000], ['s', 1_000_000], ['min', 60_000_000]]);

/** `2.5` of `2.5ms`, by its end. */
function digitsEnd(text: string): number {
  let at = 0;
  while (at < text.length && '-.0123456789'.includes(text.charAt(at))) at++;
  return at;
}

/** `ms` of `2.5ms`. */
export function measureSuffix(text: string): string {
  return text.slice(digitsEnd(text));
}

/** `0.5` of `0.5x`. */
export function measureNumber(text: string): number {
  return Number(text.slice(0, digitsEnd(text)));
}

/** A duration in whole µs, or undefined if its unit is none. */
export function microseconds(text: string): number | undefined {
  const split = digitsEnd(text);
  const unit = UNITS.get(text.slice(split));
  return unit === undefined ? undefined : Math.round(Number(text.slice(0, split)) * unit);
}

const NEEDS_NO_QUOTES = /^(?:(?!.*\.\.)[A-Za-z][A-Za-z0-9_.-]*|-?[0-9]+(?:\.[0-9]+)?)$/;

/** A string as a value: without its quotes where the same value could stand without them, so that `"5"` is `5`. */
export function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  return NEEDS_NO_QUOTES.test(inner) ? inner : text;
}
