/** The nearest right name to a wrong one, for "did you mean". */

/** Edit distance with transpositions (Damerau's, optimal string alignment), on lower-case letters; over `limit` it may stop at any larger number. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}

/**
 * The candidate that is most likely meant by `word`, or undefined where none is near: one that differs in at most a
 * third of its letters, or that has `word` as its beginning or as one of its parts. Words of one or two letters differ
 * from each other in too little: there only upper and lower case is forgiven. Ties go to the earlier candidate.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const limit = wanted.length <= 2 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    let apart = distance(wanted, name, limit);
    if (apart > limit && limit > 0 && (name.startsWith(wanted) || name.split('-').includes(wanted))) apart = limit;
    if (apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

/** `a, b and c`; long lists are cut after `most`. */
export function listed(words: readonly string[], most = 12): string {
  if (words.length === 0) return 'none';
  if (words.length > most) return `${words.slice(0, most).join(', ')}, …`;
  if (words.length === 1) return words[0]!;
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]!}`;
}
