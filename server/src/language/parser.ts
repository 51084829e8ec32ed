/**
 * Text to a document, and a change of text to the next document. Lines are parsed one by one; a change parses the
 * lines it touches, and then goes on only as long as what a line begins in differs from before. All other lines, and
 * what they begin in, are taken over as they are.
 */
import type { Line, PawlDocument, TextChange } from './document.ts';
import { contextIn, endingIn, isMarked, stateOf, TOP } from './context.ts';
import { structureOf } from './blocks.ts';
import { LineParser } from './line.ts';
import { eachLine } from './lineBreaks.ts';
import { TextEdit } from './textEdit.ts';

/** Parses a text. Never throws; takes time linear in its length. */
export function parseDocument(text: string): PawlDocument {
  const parser = new LineParser();
  const lines: Line[] = [];
  const states: number[] = [];
  let context = contextIn(TOP);
  eachLine(text, (content, ending) => {
    const line = parser.parse(content, context);
    lines.push(line);
    states.push(stateOf(context, ending, line.marks !== undefined));
    context = parser.next;
  });
  // Copies, because arrays that grew keep room to grow further.
  return documentOf(lines.slice(), states.slice());
}

/** The document after some changes, each of which counts lines and columns as the one before it left them. Gives what parsing the new text would give. */
export function applyChanges(document: PawlDocument, changes: readonly TextChange[]): PawlDocument {
  if (changes.length === 0) return document;
  const edit = new TextEdit(document);
  for (const change of changes) edit.apply(change);
  const marked = reparse(edit);
  const { lines, states } = edit;
  if (marked || edit.moved) return documentOf(lines as Line[], states);
  return { lines: lines as Line[], blocks: document.blocks, structureProblems: document.structureProblems, states };
}

function documentOf(lines: readonly Line[], states: readonly number[]): PawlDocument {
  const { blocks, structureProblems } = structureOf(lines, states);
  return { lines, blocks, structureProblems, states };
}

/** Parses what was touched, and what begins in something else because of it. True if a line with block marks is among it, before or after. */
function reparse(edit: TextEdit): boolean {
  const { lines, states } = edit;
  const parser = new LineParser();
  let { marked } = edit;
  let context = contextIn(states[edit.first] ?? TOP);
  for (let index = edit.first; index < lines.length; index++) {
    const state = states[index] as number;
    const line = lines[index] as Line | string;
    if (typeof line !== 'string' && contextIn(state) === context) {
      if (index >= edit.end) break;
      context = contextIn(states[index + 1] ?? TOP);
      continue;
    }
    const parsed = parser.parse(typeof line === 'string' ? line : line.text, context);
    const isNowMarked = parsed.marks !== undefined;
    if (isNowMarked || isMarked(state)) marked = true;
    lines[index] = parsed;
    states[index] = stateOf(context, endingIn(state), isNowMarked);
    context = parser.next;
  }
  return marked;
}
