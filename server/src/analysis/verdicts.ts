/** From findings and expectations to a block's verdict and its diagnostics: what is common to the three kinds of block. */
import type { Chain, CheckResult, Finding, NotCheckable } from '../checkers/checker.ts';
import type { Diagnostic, Place, QuickFix, Severity } from '../model/diagnostic.ts';
import { listed } from '../model/suggest.ts';
import type { Verdict, Violation } from './analysis.ts';

/** A diagnostic of the analysis itself. */
export function note(place: Place, severity: Severity, code: string, message: string): Diagnostic {
  return { place, severity, code, message, related: [], fixes: [] };
}

/** A finding that only may have happened is information, whatever its code weighs when proved. */
export function severityOf(finding: Finding, expected: boolean): Severity {
  if (finding.certainty === 'possible' && finding.severity !== 'hint') return 'information';
  return expected && finding.severity !== 'hint' ? 'information' : finding.severity;
}

interface Shown {
  readonly place: Place;
  readonly related: Diagnostic['related'];
  readonly fixes: readonly QuickFix[];
}

/** One chain as one diagnostic: its first irrevocable finding, the others in one line. */
export function chainDiagnostic(chain: Chain, expected: boolean, shown: Shown): Diagnostic {
  const { primary } = chain;
  const also = [...new Set(chain.folded.map((finding) => finding.code))].filter((code) => code !== primary.code);
  const rest = also.length === 0 ? '' : ` Also: ${also.join(', ')}.`;
  const before = expected ? 'As expected: ' : primary.certainty === 'possible' ? 'Possibly: ' : '';
  return { severity: severityOf(primary, expected), code: primary.code, message: `${before}${primary.message}${rest}`, ...shown };
}

/** A statement that is repeated is wrong in the same way many times: said once a line, with how often. */
export function oncePerLine(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const key = `${diagnostic.place.line} ${diagnostic.severity} ${diagnostic.code}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [diagnostic]);
    else group.push(diagnostic);
  }
  return [...groups.values()].map((group) => {
    const first = group[0]!;
    return group.length === 1 ? first : { ...first, message: `${first.message} (And ${group.length - 1} more of this statement.)` };
  });
}

/** What a recorded trace cannot decide, in one message: never silence. */
export function notCheckableDiagnostics(place: Place, notCheckable: readonly NotCheckable[]): readonly Diagnostic[] {
  if (notCheckable.length === 0) return [];
  const byMissing = new Map<string, string[]>();
  for (const { code, missing } of notCheckable) byMissing.set(missing, [...byMissing.get(missing) ?? [], code]);
  const parts = [...byMissing].map(([missing, codes]) => `${listed(codes)} (no ${missing})`);
  const message = `Cannot be decided from this trace: ${parts.join('; ')}. Add those events to have it checked.`;
  return [note(place, 'information', 'note', message)];
}

/** Properties whose check ran out of its budget. */
export function unknownDiagnostics(place: Place, { unknown, reached }: Pick<CheckResult, 'unknown' | 'reached'>): readonly Diagnostic[] {
  if (unknown.length === 0) return [];
  const message = `${listed(unknown)} could not be decided within the budget of the check${reached === undefined ? '' : ` (${reached})`}, so the verdict is unknown. `
    + 'Fewer operations that overlap make it decidable.';
  return [note(place, 'error', 'budget', message)];
}

export interface Weighing {
  readonly violations: readonly Violation[];
  readonly unmet: boolean;
  readonly unknown: boolean;
  /** Warnings fail too. */
  readonly strict: boolean;
}

/** A violation that was not expected, or an expectation not met, weighs more than what is unknown. */
export function verdictOf({ violations, unmet, unknown, strict }: Weighing): Verdict {
  const fails = (violation: Violation): boolean => {
    const severity = severityOf(violation.finding, violation.expected);
    return severity === 'error' || (strict && severity === 'warning');
  };
  if (unmet || violations.some(fails)) return 'violated';
  return unknown ? 'unknown' : 'as-expected';
}
