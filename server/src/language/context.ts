/**
 * What a line begins in, packed into one small integer per line, so that a document of a hundred thousand lines can be
 * compared, copied and spliced cheaply. From the low bits up: the place (4 bits), how many wrong lines came directly
 * before (6), the line's own ending (2), whether the line carries block marks (1), and the depth of open braces that
 * the place counts (17). The first, second and last are the context; the ending and the flag belong to the line itself.
 */
import type { BlockKind } from './syntax.ts';

/** Between blocks. */
export const TOP = 0;
/** Between blocks, after a line that stands outside any block: the ones that follow it are not reported again. */
export const STRAY = 1;
export const SCENARIO = 2;
export const TRACE = 3;
export const HISTORY = 4;
/** In the braces of `protocol … {`. */
export const SCENARIO_KNOBS = 5;
export const TRACE_KNOBS = 6;
/** In the braces of `explore {`. */
export const EXPLORE = 7;
/** In braces that a wrong line opened: nothing in there is looked at. */
export const SCENARIO_JUNK = 8;
export const TRACE_JUNK = 9;
export const HISTORY_JUNK = 10;
/** After a block's first line that lacks its brace. */
export const SCENARIO_OWED = 11;
export const TRACE_OWED = 12;
export const HISTORY_OWED = 13;

/** After so many wrong lines without a right one between, the ones that follow are no longer reported. */
export const MOST_WRONG_IN_A_ROW = 50;

export const NO_ENDING = 0;
export const LF = 1;
export const CRLF = 2;
export const CR = 3;

const WRONG_SHIFT = 4;
const ENDING_SHIFT = 10;
const MARKED = 1 << 12;
const DEPTH_SHIFT = 13;
const DEPTH_LIMIT = (1 << 17) - 1;
const OWN_BITS = (3 << ENDING_SHIFT) | MARKED;

export function contextOf(place: number, wrong: number, depth: number): number {
  return place | (Math.min(wrong, MOST_WRONG_IN_A_ROW) << WRONG_SHIFT) | (Math.min(depth, DEPTH_LIMIT) << DEPTH_SHIFT);
}

export function placeIn(state: number): number {
  return state & 15;
}

export function wrongIn(state: number): number {
  return (state >> WRONG_SHIFT) & 63;
}

export function depthIn(state: number): number {
  return state >> DEPTH_SHIFT;
}

export function endingIn(state: number): number {
  return (state >> ENDING_SHIFT) & 3;
}

export function isMarked(state: number): boolean {
  return (state & MARKED) !== 0;
}

/** The context alone, without what belongs to the line itself. */
export function contextIn(state: number): number {
  return state & ~OWN_BITS;
}

export function stateOf(context: number, ending: number, marked: boolean): number {
  return context | (ending << ENDING_SHIFT) | (marked ? MARKED : 0);
}

/** The plain place of a block: where its statements stand. */
export function placeOfBlock(kind: BlockKind): number {
  return kind === 'scenario' ? SCENARIO : kind === 'trace' ? TRACE : HISTORY;
}

/** The block that a place is in, as the plain place of its statements; `TOP` outside of blocks. */
export function blockOf(place: number): number {
  switch (place) {
    case SCENARIO: case SCENARIO_KNOBS: case EXPLORE: case SCENARIO_JUNK: case SCENARIO_OWED: return SCENARIO;
    case TRACE: case TRACE_KNOBS: case TRACE_JUNK: case TRACE_OWED: return TRACE;
    case HISTORY: case HISTORY_JUNK: case HISTORY_OWED: return HISTORY;
    default: return TOP;
  }
}

/** The place for what stands in braces that a wrong line opened. */
export function junkIn(place: number): number {
  switch (blockOf(place)) {
    case SCENARIO: return SCENARIO_JUNK;
    case TRACE: return TRACE_JUNK;
    case HISTORY: return HISTORY_JUNK;
    default: return STRAY;
  }
}

export function owedIn(kind: BlockKind): number {
  return kind === 'scenario' ? SCENARIO_OWED : kind === 'trace' ? TRACE_OWED : HISTORY_OWED;
}

export function isOwed(place: number): boolean {
  return place >= SCENARIO_OWED;
}

export function isJunk(place: number): boolean {
  return place === SCENARIO_JUNK || place === TRACE_JUNK || place === HISTORY_JUNK;
}

/** How many levels a line that begins here is indented. */
export function indentIn(state: number): number {
  const place = placeIn(state);
  if (place === TOP || isOwed(place)) return 0;
  if (place === STRAY) return depthIn(state);
  return 1 + depthIn(state);
}
