/** Microseconds as the language writes them, in ms up to 10 s: `640ms`, `12s`, `1.5ms`. */
export function formatTime(us: number): string {
  if (Math.abs(us) >= 10_000_000 && us % 1_000_000 === 0) return `${us / 1_000_000}s`;
  return `${Math.round(us) / 1000}ms`;
}
