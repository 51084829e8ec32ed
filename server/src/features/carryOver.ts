/** The last analysis, told for a text that has changed since: what is shown until the new one is there. */
import type { Line, PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic, Place, TextEdit } from '../model/diagnostic.ts';
import type { History } from '../model/history.ts';
import { VIOLATIONS } from '../model/violations.ts';
import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import { shiftResult } from '../analysis/shift.ts';
import { SYNTAX, syntaxDiagnostics } from './diagnostics.ts';

/** Where a line of the older text is in the newer one; -1 if it is gone. */
export type LineMap = (line: number) => number;

/** The unchanged lines before and after the place where two texts differ keep their meaning; so do lines in between, if as many. */
export function lineMap(before: readonly Line[], after: readonly Line[]): LineMap {
  const most = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < most && same(before[prefix]!, after[prefix]!)) prefix++;
  let suffix = 0;
  while (suffix < most - prefix && same(before[before.length - 1 - suffix]!, after[after.length - 1 - suffix]!)) suffix++;
  const shift = after.length - before.length;
  return (line) => {
    if (line < prefix) return line;
    if (line >= before.length - suffix) return line + shift;
    return shift === 0 || line < after.length - suffix ? line : -1;
  };
}

function same(a: Line, b: Line): boolean {
  return a === b || a.text === b.text;
}

/**
 * `analysis` as it stands in `document`: verdicts move with their lines, those on changed lines fall away, and what the
 * parser says is of the new text.
 */
export function carryOver(analysis: Analysis, document: PawlDocument): Analysis {
  const map = lineMap(analysis.document.lines, document.lines), unchanged = unchangedLines(analysis.document, document, map);
  const blocks = analysis.blocks.flatMap((block) => carryBlock(document, block, map, unchanged) ?? []);
  return { document, blocks, diagnostics: allDiagnostics(analysis, document, map, unchanged) };
}

/** Only the diagnostics of `carryOver`: what every keystroke needs, without the blocks' events. */
export function carriedDiagnostics(analysis: Analysis, document: PawlDocument): readonly Diagnostic[] {
  const map = lineMap(analysis.document.lines, document.lines);
  return allDiagnostics(analysis, document, map, unchangedLines(analysis.document, document, map));
}

/**
 * `now` with the verdicts of `before` for blocks that had one and cannot be judged at present, because a line of them is
 * half typed. What is wrong with the new text is told beside them.
 */
export function keepVerdicts(before: Analysis, now: Analysis): Analysis {
  if (!now.blocks.some(isUnjudged) || !before.blocks.some(isJudged)) return now;
  const map = lineMap(before.document.lines, now.document.lines), unchanged = unchangedLines(before.document, now.document, map);
  const earlier = new Map(before.blocks.filter(isJudged).map((block) => [map(block.line), block]));
  const kept: Diagnostic[] = [];
  const blocks = now.blocks.map((block) => {
    const known = isUnjudged(block) ? earlier.get(block.line) : undefined;
    const carried = known && carryBlock(now.document, known, map, unchanged);
    if (carried === undefined) return block;
    const verdicts = carried.diagnostics.filter(({ code }) => isVerdict(code));
    kept.push(...verdicts);
    return { ...carried, scenario: block.scenario, diagnostics: byPlace([...block.diagnostics, ...verdicts]), beforeEdit: true };
  });
  return { ...now, blocks, diagnostics: kept.length === 0 ? now.diagnostics : byPlace([...now.diagnostics, ...kept]) };
}

function isUnjudged(block: BlockResult): boolean { return block.verdict === 'invalid'; }

function isJudged(block: BlockResult): boolean {
  return block.verdict !== 'invalid' && (block.execution !== undefined || block.history !== undefined);
}

/** Codes that come from judging a block, not from reading it. */
function isVerdict(code: string): boolean {
  return code === 'expectation' || code === 'budget' || code === 'note' || VIOLATIONS.some((each) => each.code === code);
}

function unchangedLines(before: PawlDocument, after: PawlDocument, map: LineMap): Unchanged {
  return (line) => map(line) >= 0 && same(before.lines[line]!, after.lines[map(line)]!);
}

function allDiagnostics(analysis: Analysis, document: PawlDocument, map: LineMap, unchanged: Unchanged): readonly Diagnostic[] {
  const diagnostics = [...syntaxDiagnostics(document), ...carryDiagnostics(analysis.diagnostics, map, unchanged)];
  return byPlace(diagnostics);
}

function byPlace(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.place.line - b.place.line || a.place.start - b.place.start);
}

type Unchanged = (line: number) => boolean;

function carryBlock(now: PawlDocument, block: BlockResult, map: LineMap, unchanged: Unchanged): BlockResult | undefined {
  const range = now.blocks.find((each) => each.start === map(block.line));
  if (range === undefined || range.kind !== block.kind) return undefined;
  const by = range.start - block.line;
  const moved = (line: number): boolean => map(line) === line + by && unchanged(line);
  if (range.end === block.endLine + by && everyLine(block, moved)) return shiftResult(block, by);
  const log = (block.execution ?? block.run)?.log.withLines(map);
  return {
    ...block, name: range.name, line: range.start, endLine: range.end,
    expectations: block.expectations.map((each) => ({ ...each, line: map(each.line) })).filter((each) => each.line >= 0),
    violations: block.violations.map((each) => ({ ...each, line: map(each.line), foldedLines: each.foldedLines.map(map) })),
    diagnostics: carryDiagnostics(block.diagnostics, map, unchanged),
    scenario: undefined, history: block.history && carryHistory(block.history, range, map),
    execution: block.execution && log && { ...block.execution, log },
    run: block.run && log && { ...block.run, log },
  };
}

function carryHistory(history: History, range: BlockRange, map: LineMap): History {
  const operations = history.operations.map((operation) => ({ ...operation, line: map(operation.line) }));
  return { ...history, line: range.start, endLine: range.end, operations };
}

function everyLine(block: BlockResult, holds: (line: number) => boolean): boolean {
  for (let line = block.line; line <= block.endLine; line++) if (!holds(line)) return false;
  return true;
}

function carryDiagnostics(diagnostics: readonly Diagnostic[], map: LineMap, unchanged: Unchanged): Diagnostic[] {
  return diagnostics.filter((each) => each.code !== SYNTAX && unchanged(each.place.line)).map((each) => moveDiagnostic(each, map));
}

/** Related places on lines that are gone go too, and so do fixes that would edit one. */
function moveDiagnostic(diagnostic: Diagnostic, map: LineMap): Diagnostic {
  const move = (place: Place): Place => ({ ...place, line: map(place.line) });
  const related = diagnostic.related.map((each) => ({ ...each, place: move(each.place) })).filter((each) => each.place.line >= 0);
  const fixes = diagnostic.fixes.map((fix) => ({ ...fix, edits: fix.edits.map((edit): TextEdit => (
    edit.kind === 'replace' ? { ...edit, place: move(edit.place) } : { ...edit, line: map(edit.line) })) }))
    .filter((fix) => fix.edits.every((edit) => (edit.kind === 'replace' ? edit.place.line : edit.line) >= 0));
  return { ...diagnostic, place: move(diagnostic.place), related, fixes };
}
