/** What the three lowerings have in common. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Span } from './reporter.ts';
import { statementPlace } from './sourceText.ts';

export interface Lowered<T> {
  /** Undefined where a diagnostic makes running pointless. */
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** `scenario "name"`: where a block is told what it lacks. */
export function headerSpan(document: PawlDocument, block: BlockRange): Span {
  const text = document.lines[block.start]?.text ?? '';
  const place = statementPlace(block.start, text);
  const brace = text.lastIndexOf('{', place.end);
  return { start: place.start, end: brace > place.start ? text.slice(0, brace).trimEnd().length : place.end };
}
