/** Fixtures with a cursor: `$0` in the text is where it stands, and is not part of the text. */
import { analyseNow } from '../../server/src/analysis/analyse.ts';
import type { Analysis } from '../../server/src/analysis/analysis.ts';
import type { PawlDocument } from '../../server/src/language/document.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import type { Position } from '../../server/src/features/scope.ts';
import type { Place, TextEdit } from '../../server/src/model/diagnostic.ts';

export interface Fixture {
  readonly text: string;
  readonly position: Position;
  readonly document: PawlDocument;
  /** Runs everything; asked for only where a test needs it. */
  analysis(): Analysis;
}

export function fixture(marked: string): Fixture {
  const at = marked.indexOf('$0');
  if (at < 0) throw new Error('a fixture needs a $0');
  const before = marked.slice(0, at), text = before + marked.slice(at + 2);
  const lines = before.split('\n');
  const position = { line: lines.length - 1, column: lines.at(-1)!.length };
  return { text, position, document: parseDocument(text), analysis: () => analyseNow(text) };
}

/** What a place covers. */
export function textAt(text: string, place: Place): string {
  return text.split('\n')[place.line]!.slice(place.start, place.end);
}

/** `line:word` for each place. */
export function marks(text: string, places: readonly Place[]): string[] {
  return places.map((place) => `${place.line}:${textAt(text, place)}`);
}

/** The text after edits that do not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const key = (edit: TextEdit): readonly [number, number] =>
    (edit.kind === 'replace' ? [edit.place.line, edit.place.start] : [edit.line, -1]);
  for (const edit of [...edits].sort((a, b) => key(b)[0] - key(a)[0] || key(b)[1] - key(a)[1])) {
    if (edit.kind === 'insert-line') {
      lines.splice(edit.line, 0, edit.text);
      continue;
    }
    const { line, start, end } = edit.place, before = lines[line]!;
    lines[line] = before.slice(0, start) + edit.text + before.slice(end);
  }
  return lines.join('\n');
}

export const SIX = `scenario "six nodes split in half" {
  protocol primary-backup like timers
  nodes    A B C D E F
  clients  c1 c2
  network  delay 2ms..5ms
  timeouts E=200ms D=300ms F=400ms

  at 100ms  partition {A B C c1} | {D E F c2}
  at 600ms  w1: c1 writes k = 1 to A
  at 600ms  w2: c2 writes k = 2 to E
  at 900ms  heal

  expect E leads by 600ms
  expect w1 acked
  expect w2 acked
  expect split-brain
}
`;

export const LATE_COMMIT = `trace "a late commit from the old leader" {
  protocol primary-backup
  nodes   A B C
  clients c1

  @0ms          A leads                    {1,0}
  @1ms..2ms     c1 -> A  write k = 1
  @2ms..4ms     A -> B   propose k = 1     {1,1}
  @2ms..5ms     A -> C   propose k = 1     {1,1}
  @5ms..6ms     C -> A   accept            {1,1}
  @9ms          B leads                    {2,0}
  @9ms..11ms    B -> C   heartbeat         {2,0}
  @12ms..14ms   A -> C   commit k = 1      {1,1}
  @14ms         C applies k = 1            {1,1}
  @14ms..lost   A -> B   commit k = 1      {1,1}
  @15ms..16ms   A -> c1  ok
}
`;

export const PAST = `history "a read from the past" {
  B   4..11   writes k = 1   ok
  B  18..25   writes k = 5   ok
  C  36..44   writes k = 8   ok
  B  45..48   reads  k       5
  D  50..     writes k = 9
}
`;

/** A fixture from one of the documents above, with the cursor inside the first occurrence of `word` after `after`. */
export function cursorOn(text: string, word: string, after = ''): Fixture {
  const from = after === '' ? 0 : text.indexOf(after);
  const at = text.indexOf(word, from);
  if (from < 0 || at < 0) throw new Error(`no ${word} after ${after}`);
  const inside = at + Math.min(1, word.length - 1);
  return fixture(`${text.slice(0, inside)}$0${text.slice(inside)}`);
}
