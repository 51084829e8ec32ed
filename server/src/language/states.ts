/** What each line of a document begins in. */
import type { PawlDocument } from './document.ts';
import { LF, stateOf, TOP } from './context.ts';
import { LineParser } from './line.ts';

const found = new WeakMap<PawlDocument, readonly number[]>();

/** The document's own states, or, where it was put together from another's lines, found once by reading these. */
export function statesOf(document: PawlDocument): readonly number[] {
  if (document.states !== undefined) return document.states;
  const known = found.get(document);
  if (known !== undefined) return known;
  const parser = new LineParser();
  let context = TOP;
  const states = document.lines.map((line) => {
    const state = stateOf(context, LF, line.marks !== undefined);
    parser.parse(line.text, context);
    context = parser.next;
    return state;
  });
  found.set(document, states);
  return states;
}
