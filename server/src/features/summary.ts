/** A block's verdict in a few words, for lenses, hovers and the status item. */
import type { BlockResult } from '../analysis/analysis.ts';
import { plural } from './markdown.ts';
import { shortTime } from './words.ts';

/** `as expected · 412 events · 1.2 s`; of a block that is being written, `1 violation (before this edit)`. */
export function summary(result: BlockResult): string {
  if (result.beforeEdit === true) return `${verdictWords(result)} (before this edit)`;
  return [verdictWords(result), ...extent(result)].join(' · ');
}

/** `as expected`, `2 violations`, `1 expectation unmet`, `not run: 1 error`, `unknown`. */
export function verdictWords(result: BlockResult): string {
  switch (result.verdict) {
    case 'as-expected': return result.expectations.length === 0 ? 'nothing wrong found' : 'as expected';
    case 'unknown': return 'undecided';
    case 'invalid': {
      const errors = result.diagnostics.filter((each) => each.severity === 'error').length;
      return errors === 0 ? 'not run' : plural(errors, 'error');
    }
    case 'violated': return problems(result);
  }
}

function problems(result: BlockResult): string {
  const violations = unexpected(result).length, unmet = result.expectations.filter((each) => !each.met).length;
  const found = plural(violations, 'violation'), missed = `${plural(unmet, 'expectation')} unmet`;
  return unmet === 0 ? found : violations === 0 ? missed : `${found}, ${missed}`;
}

/** The violations of severity error that nobody expected. */
export function unexpected(result: BlockResult): BlockResult['violations'] {
  return result.violations.filter((each) => !each.expected && each.finding.severity === 'error');
}

function extent(result: BlockResult): string[] {
  if (result.kind === 'history') return result.history === undefined ? [] : [plural(result.history.operations.length, 'operation')];
  if (result.execution === undefined) return [];
  const parts = [plural(result.events, 'event')];
  if (result.kind === 'scenario') parts.push(shortTime(result.execution.endUs));
  if (result.run?.end === 'budget') parts.push('stopped at its budget of events');
  return parts;
}
