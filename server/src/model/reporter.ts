/** Collects the diagnostics of one block. The current line is set by whoever walks the statements. */
import type { Diagnostic, Place, QuickFix, Severity } from './diagnostic.ts';
import { nearest } from './suggest.ts';

/** Columns on the current line: a Word, a Quantity, a NumberWord. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Extra {
  readonly related?: Diagnostic['related'];
  readonly fixes?: readonly QuickFix[];
}

/** More than this in one block are counted and not listed: a list helps nobody any more, and editors slow down. */
const MOST_LISTED = 200;

export class Reporter {
  line = 0;
  /** The text of the current line. */
  text = '';
  /** What was said makes running pointless: an error, or something that this version does not build. */
  pointless = false;
  private readonly diagnostics: Diagnostic[] = [];
  /** Where the first one stands that is not listed. */
  private unlisted: Place | undefined;
  private unlistedCount = 0;

  /** Everything said, in the order of the document. */
  sorted(): readonly Diagnostic[] {
    const message = `${this.unlistedCount} more of this block are not listed; set the first ones right to see them.`;
    const rest: Diagnostic[] = this.unlisted === undefined ? [] : [{ place: this.unlisted, severity: 'information', code: 'note', message, related: [], fixes: [] }];
    return [...this.diagnostics, ...rest].sort((a, b) => a.place.line - b.place.line || a.place.start - b.place.start);
  }

  at(span: Span): Place {
    return { line: this.line, start: span.start, end: span.end };
  }

  private add(place: Place, severity: Severity, code: string, message: string, extra: Extra): void {
    if (this.diagnostics.length >= MOST_LISTED) {
      this.unlistedCount++;
      this.unlisted ??= place;
      return;
    }
    this.diagnostics.push({ place, severity, code, message, related: extra.related ?? [], fixes: extra.fixes ?? [] });
  }

  error(span: Span, code: string, message: string, extra: Extra = {}): void {
    this.pointless = true;
    this.add(this.at(span), 'error', code, message, extra);
  }

  warningAt(place: Place, code: string, message: string, extra: Extra = {}): void { this.add(place, 'warning', code, message, extra); }

  warning(span: Span, code: string, message: string, extra: Extra = {}): void {
    this.add(this.at(span), 'warning', code, message, extra);
  }

  /** A wrong name: says so, and offers the nearest right one. `way` is said where none is near. */
  name(span: Span & { readonly text: string }, what: string, candidates: readonly string[], way: string, extra: Extra = {}): void {
    const near = nearest(span.text, candidates);
    const fixes = near === undefined ? [] : [replacement(this.at(span), near)];
    const end = near === undefined ? way : `did you mean \`${near}\`?`;
    this.error(span, 'name', `${what}${end === '' ? '.' : `; ${end}`}`, { ...extra, fixes: [...fixes, ...(extra.fixes ?? [])] });
  }

  /** `what` is parsed and formatted, and built by a later version. `stop`: without it a run would mean nothing. */
  notYet(span: Span, what: string, stop: boolean, otherwise = 'so it is left out here.'): void {
    if (stop) this.pointless = true;
    const end = stop ? 'so this block is not run.' : otherwise;
    this.add(this.at(span), 'information', 'not-in-this-version', `${what} is not in this version, ${end}`, {});
  }
}

export function replacement(place: Place, text: string): QuickFix {
  return { title: `Change to \`${text}\``, edits: [{ kind: 'replace', place, text }], preferred: true };
}
