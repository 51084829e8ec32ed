/** The nearest right word to a wrong one, for "did you mean". */

/** Longer words than this are no misspelling of ours. */
const LONGEST = 32;

/**
 * The candidate within one edit of `word` (two for words of six letters and more, three from ten on), counting swapped neighbours as one
 * edit; the first of equally near ones. Words of two letters or fewer have no near ones: too much is near them.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length <= 2 || word.length > LONGEST) return undefined;
  const limit = word.length < 6 ? 1 : word.length < 10 ? 2 : 3;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The nearest of some words, or else the nearest to its plural: `clint` for `clients`. */
export function nearestOrPlural(word: string, candidates: readonly string[]): string | undefined {
  return nearestWord(word, candidates) ?? nearestWord(word.length < 4 ? '' : `${word}s`, candidates);
}

/** Optimal string alignment distance; more than `limit` is reported as `limit + 1`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let above: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(valueAt(previous, column) + 1, valueAt(current, column - 1) + 1, valueAt(previous, column - 1) + cost);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, valueAt(above, column - 2) + 1);
      current.push(least);
    }
    above = previous;
    previous = current;
  }
  return Math.min(valueAt(previous, b.length), limit + 1);
}

function valueAt(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
