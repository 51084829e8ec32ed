import type { Line } from '../language/document.ts';
import type { Place } from '../model/diagnostic.ts';
import * as sourceText from '../model/sourceText.ts';

/** The statement on a line, without its indentation and its comment; the whole line if there is only a comment. */
export function statementPlace(lines: readonly Line[], line: number): Place {
  const text = lines[line]?.text ?? '';
  const place = sourceText.statementPlace(line, text);
  return place.end > place.start ? place : { line, start: 0, end: text.length };
}

/** A block's header without its opening brace: where verdicts on the whole block stand. */
export function headerPlace(lines: readonly Line[], line: number): Place {
  const place = statementPlace(lines, line);
  const header = (lines[line]?.text ?? '').slice(0, place.end).replace(/\s*\{(\s*\})?$/, '');
  return header.length > place.start ? { ...place, end: header.length } : place;
}
