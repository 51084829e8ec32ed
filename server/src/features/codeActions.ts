/** Quick fixes: those that the diagnostics at the cursor bring with them. */
import type { Diagnostic, QuickFix } from '../model/diagnostic.ts';

export interface CodeAction {
  readonly fix: QuickFix;
  readonly diagnostic: Diagnostic;
}

/** The diagnostics with fixes that touch lines `from` … `to`. */
export function fixable(diagnostics: readonly Diagnostic[], from: number, to: number): Diagnostic[] {
  return diagnostics.filter(({ place, fixes }) => fixes.length > 0 && place.line >= from && place.line <= to);
}

/** The fixes of some diagnostics, preferred ones first. */
export function codeActions(diagnostics: readonly Diagnostic[]): CodeAction[] {
  return diagnostics.flatMap((diagnostic) => diagnostic.fixes.map((fix) => ({ fix, diagnostic })))
    .sort((a, b) => Number(b.fix.preferred) - Number(a.fix.preferred));
}
