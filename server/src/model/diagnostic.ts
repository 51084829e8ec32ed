/** A message to the author about a place in the document. Lines and columns from 0, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** An edit that a quick fix makes: replace `place` by `text`; or insert a line before `line`. */
export type TextEdit = { readonly kind: 'replace'; readonly place: Place; readonly text: string } | { readonly kind: 'insert-line'; readonly line: number; readonly text: string };

export interface QuickFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly preferred: boolean;
}

export interface Diagnostic {
  readonly place: Place;
  readonly severity: Severity;
  /** A violation's code, or one of the document's own: syntax, name, quantity, statement, not-in-this-version, expectation, budget, note. */
  readonly code: string;
  readonly message: string;
  readonly related: readonly { readonly place: Place; readonly message: string }[];
  readonly fixes: readonly QuickFix[];
}
