/** Quick fixes: those that the diagnostics at the cursor bring with them. */
import type { Diagnostic, QuickFix } from '../model/diagnostic.ts';

export interface CodeAction {
  readonly fix: QuickFix;
  readonly diagnostic: Diagnostic;
}

/** Fixes of the diagnostics that touch lines `from` … `to`, preferred ones first. */
export function codeActions(diagnostics: readonly Diagnostic[], from: number, to: number): CodeAction[] {
  return diagnostics.filter(({ place }) => place.line >= from && place.line <= to)
    .flatMap((diagnostic) => diagnostic.fixes.map((fix) => ({ fix, diagnostic })))
    .sort((a, b) => Number(b.fix.preferred) - Number(a.fix.preferred));
}
