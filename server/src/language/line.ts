/**
 * One line: the block it begins or ends, the statement on it, or its one problem. A line needs nothing but its text and
 * what it begins in (context.ts), which is what makes unchanged lines worth keeping.
 */
import type { BlockKind, BlockMark, Expected, ScenarioStatement, Statement, SyntaxProblem } from './syntax.ts';
import type { Line } from './document.ts';
import { Cursor, WRONG } from './cursor.ts';
import { ARROW, AT, END, LEFT_BRACE, RIGHT_BRACE } from './lexer.ts';
import * as context from './context.ts';
import { BLOCKS, headerAhead, readHeader } from './header.ts';
import { explorationEntry } from './grammarExplore.ts';
import { FAULTS } from './grammarFaults.ts';
import { historyStatement } from './grammarHistory.ts';
import { knob, protocolAfter } from './grammarProtocol.ts';
import { RESUMES_SCENARIO, scenarioStatement } from './grammarScenario.ts';
import { traceStatement } from './grammarTrace.ts';
import { problemAt, shown } from './problems.ts';

/** Columns in one line that are still read: more is no text that a person wrote. */
export const LONGEST_LINE = 200_000;

const NO_PROBLEMS: readonly SyntaxProblem[] = [];
/** The empty line, which documents have many of. */
const EMPTY: Line = { text: '', statement: undefined, problems: NO_PROBLEMS };

/** What reading is for: statements and problems; the roles of words; or what could stand at the line's end. */
export type Purpose = 'statements' | 'roles' | 'expected';

export class LineParser {
  readonly cursor = new Cursor();
  /** The context of the next line. */
  next = context.TOP;
  /** Index of the wrong word, or -1. */
  wrongWord = -1;
  private readonly purpose: Purpose;
  private place = context.TOP;
  private depth = 0;
  /** How many wrong lines came directly before. */
  private wrong = 0;
  private statement: Statement | undefined;
  private problem: SyntaxProblem | undefined;
  private marks: BlockMark[] | undefined;

  constructor(purpose: Purpose = 'statements') {
    this.purpose = purpose;
    if (purpose === 'roles') this.cursor.marks = [];
    if (purpose === 'expected') this.cursor.expected = [];
  }

  /** Reads a line that begins in `state`, and leaves what the next one begins in. */
  parse(text: string, state: number): Line {
    this.next = context.contextIn(state);
    if (text === '') return EMPTY;
    if (text.length > LONGEST_LINE) return tooLong(text);
    this.begin(text, state);
    if (this.cursor.lexer.count === 0) return { text, statement: undefined, problems: NO_PROBLEMS };
    this.read();
    this.next = context.contextOf(this.place, this.wrong, this.depth);
    const { statement, problem, marks } = this;
    const problems = problem === undefined ? NO_PROBLEMS : [problem];
    return marks === undefined ? { text, statement, problems } : { text, statement, problems, marks };
  }

  /** What could stand at the end of a line that begins like this; nothing where a word before is wrong. For the purpose `expected`. */
  expectedAfter(text: string, state: number): readonly Expected[] {
    if (text.length > LONGEST_LINE) return [];
    this.begin(text, state);
    this.read();
    const { cursor } = this;
    if (!cursor.atEnd || (this.wrongWord >= 0 && this.wrongWord < cursor.lexer.count)) return [];
    if (this.wrongWord < 0 && this.statement === undefined) this.beginning();
    return cursor.expected ?? [];
  }

  private begin(text: string, state: number): void {
    this.cursor.begin(text);
    this.wrongWord = -1;
    this.place = context.placeIn(state);
    this.depth = context.depthIn(state);
    this.wrong = context.wrongIn(state);
    this.statement = undefined;
    this.problem = undefined;
    this.marks = undefined;
  }

  /** What may begin at the end of the line, where no statement has begun yet. */
  private beginning(): void {
    const { cursor, place } = this;
    if (context.isOwed(place) || context.isJunk(place)) return;
    if (context.blockOf(place) === context.TOP) cursor.choice(BLOCKS);
    else this.attempt(place);
  }

  /** From left to right, until the line is used up or a word is wrong. */
  private read(): void {
    const { cursor } = this;
    if (context.isOwed(this.place) && !cursor.atEnd) {
      if (cursor.kind() === LEFT_BRACE) cursor.takeBlockBrace();
      this.enter(context.blockOf(this.place), 0);
    }
    let statements = 0;
    while (!cursor.atEnd) {
      const top = context.blockOf(this.place) === context.TOP;
      if (headerAhead(cursor, top)) this.header();
      else if (top) return this.outside();
      else if (context.isJunk(this.place)) this.skipInside();
      else if (this.place === context.EXPLORE && cursor.kind() !== RIGHT_BRACE && !this.resumes()) { if (!this.readEntry()) return; }
      else if (cursor.kind() === RIGHT_BRACE) this.close();
      else if (statements++ > 0) return this.secondStatement();
      else if (!this.readStatement()) return;
    }
  }

  private enter(place: number, depth: number): void {
    this.place = place;
    this.depth = depth;
  }

  private mark(mark: BlockMark): void {
    this.marks ??= [];
    this.marks.push(mark);
  }

  private report(problem: SyntaxProblem): void {
    if (this.wrong < context.MOST_WRONG_IN_A_ROW) this.problem ??= problem;
  }

  private header(): void {
    this.wrong = 0;
    const { open, braced, problem } = readHeader(this.cursor);
    this.mark(open);
    if (problem !== undefined) this.report(problem);
    this.enter(braced ? context.placeOfBlock(open.block) : context.owedIn(open.block), 0);
  }

  /** A closing brace that is next: of knobs, or of the block. */
  private close(): void {
    this.cursor.take('brace');
    if (this.depth > 0) return this.enter(context.blockOf(this.place), 0);
    this.mark({ kind: 'close' });
    this.enter(context.TOP, 0);
    this.wrong = 0;
  }

  /** A line that belongs to no block: the first of several is reported, and braces are kept count of. */
  private outside(): void {
    const { cursor, place } = this;
    const first = cursor.index;
    if (place === context.TOP) this.mark(strayAt(cursor));
    let { depth } = this;
    this.wrongWord = first;
    for (; !cursor.atEnd; cursor.index++) if (cursor.kind() === RIGHT_BRACE && depth > 0) depth--;
    if (this.endsWithOpeningBrace(first)) depth++;
    this.enter(context.STRAY, depth);
    this.wrong = 0;
  }

  /** Whether the line's last word is a brace that stays open. */
  private endsWithOpeningBrace(first: number): boolean {
    const { lexer } = this.cursor;
    return lexer.count > first && lexer.kind(lexer.count - 1) === LEFT_BRACE;
  }

  /** An entry of `explore`; the line's statement is `explore` itself where it stands on its line. */
  private readEntry(): boolean {
    const { statement } = this;
    const read = this.readStatement();
    if (read && statement !== undefined) this.statement = statement;
    return read;
  }

  /** In braces that a wrong line opened: words are passed over up to the brace that ends it. */
  private skipInside(): void {
    const { cursor } = this;
    while (!cursor.atEnd && this.depth > 0) {
      const kind = cursor.kind();
      if (kind === LEFT_BRACE) this.depth++;
      if (kind === RIGHT_BRACE) this.depth--;
      if (kind === LEFT_BRACE || kind === RIGHT_BRACE) cursor.take('brace');
      else cursor.moveTo(cursor.index + 1);
    }
    if (this.depth === 0) this.enter(context.blockOf(this.place), 0);
  }

  /** A block's statement inside the braces of `protocol` or `explore`: those were never closed. Says so, and goes on after them. */
  private resumes(): boolean {
    const { cursor } = this;
    if (this.statement !== undefined || !this.isResumed()) return false;
    const { lexer, index } = cursor;
    const open = this.place === context.EXPLORE ? 'explore' : 'protocol';
    this.report({ start: lexer.start(index), end: lexer.end(index), message: `expected '}' before ${shown(cursor.text())}: the braces of '${open}' are still open` });
    this.enter(context.blockOf(this.place), 0);
    return true;
  }

  private isResumed(): boolean {
    const { cursor } = this;
    if (this.place === context.TRACE_KNOBS) return cursor.kind() === AT || cursor.kind(1) === ARROW || cursor.is('nodes') || cursor.is('clients') || cursor.is('resource');
    return this.place !== context.EXPLORE || !cursor.is('explore') ? RESUMES_SCENARIO.has(cursor.text()) : false;
  }

  private secondStatement(): void {
    const { cursor } = this;
    const first = cursor.index;
    this.wrongWord = first;
    cursor.mayEnd = true;
    this.report(problemAt(cursor, [], ''));
    this.wrong++;
    this.statement = undefined;
    this.recover(first);
  }

  /** Reads the statement that is next. False: it is wrong, and the rest of the line is done with. */
  private readStatement(): boolean {
    const { cursor } = this;
    if (this.place === context.SCENARIO_KNOBS || this.place === context.TRACE_KNOBS) this.resumes();
    const first = cursor.index;
    const { place, depth } = this;
    if (this.attempt(place)) {
      if (this.problem === undefined) this.wrong = 0;
      return true;
    }
    this.wrongWord = cursor.index;
    this.statement = undefined;
    if (this.purpose === 'expected') return false;
    if (this.purpose === 'statements' && this.problem === undefined && this.wrong < context.MOST_WRONG_IN_A_ROW) this.explain(first, place, depth);
    this.wrong++;
    this.enter(place, depth);
    this.recover(first);
    return false;
  }

  /** The statement and what may follow it. False: a word is wrong, and the cursor stands at it. */
  private attempt(place: number): boolean {
    const { cursor } = this;
    try {
      this.statement = this.statementIn(place);
      if (cursor.kind() === END || cursor.kind() === RIGHT_BRACE || (this.place !== place && context.blockOf(this.place) === context.blockOf(place))) return true;
      cursor.mayEnd = true;
      cursor.what = '';
      return false;
    } catch (thrown) {
      if (thrown !== WRONG) throw thrown;
      return false;
    }
  }

  /** Goes over a wrong statement once more, to say what was expected. */
  private explain(first: number, place: number, depth: number): void {
    const { cursor } = this;
    cursor.expected = [];
    cursor.wrongMessage = undefined;
    cursor.wrongSuggestion = undefined;
    cursor.moveTo(first);
    this.enter(place, depth);
    this.attempt(place);
    const problem = problemAt(cursor);
    const last = this.wrong === context.MOST_WRONG_IN_A_ROW - 1;
    this.report(last ? { ...problem, message: `${problem.message} (wrong lines after this one are not reported until one is right)` } : problem);
    this.statement = undefined;
    cursor.expected = undefined;
  }

  private statementIn(place: number): Statement {
    const { cursor } = this;
    switch (place) {
      case context.SCENARIO: return scenarioStatement(cursor, this.headerWord);
      case context.TRACE: return traceStatement(cursor, this.protocol);
      case context.HISTORY: return historyStatement(cursor);
      case context.EXPLORE: return explorationEntry(cursor);
      default: return knob(cursor);
    }
  }

  private readonly headerWord = (word: 'protocol' | 'explore'): ScenarioStatement => (word === 'protocol' ? this.protocol() : this.explore());

  private readonly protocol = (): ScenarioStatement => {
    const { statement, opened } = protocolAfter(this.cursor);
    if (opened) this.enter(this.place === context.TRACE ? context.TRACE_KNOBS : context.SCENARIO_KNOBS, 1);
    return statement;
  };

  private explore(): ScenarioStatement {
    const { cursor } = this;
    const keyword = { text: 'explore', start: cursor.lexer.start(cursor.index - 1), end: cursor.lexer.end(cursor.index - 1) };
    cursor.noteWord('{', 'brace', 'what to explore');
    if (cursor.kind() !== LEFT_BRACE) cursor.fail();
    cursor.takeBlockBrace();
    this.enter(context.EXPLORE, 1);
    return { kind: 'explore', keyword };
  }

  /**
   * Passes over the rest of a wrong line. Closing braces at its end that it does not open itself close; before more
   * words they are a slip. One left open at its end stays so.
   */
  private recover(first: number): void {
    const { cursor } = this;
    const { lexer } = cursor;
    const unread = cursor.index < lexer.count;
    let open = 0;
    cursor.index = first;
    while (!cursor.atEnd) {
      const kind = cursor.kind();
      if (kind === RIGHT_BRACE && open === 0 && this.endsHere() && context.blockOf(this.place) !== context.TOP) {
        this.close();
        continue;
      }
      if (kind === LEFT_BRACE) open++;
      if (kind === RIGHT_BRACE && open > 0) open--;
      cursor.index++;
    }
    if (open > 0 && unread && this.endsWithOpeningBrace(first)) this.open(lexer.slice(first));
  }

  /** Whether nothing of the block comes after the closing brace that is next. */
  private endsHere(): boolean {
    const { lexer, index } = this.cursor;
    let next = index + 1;
    while (lexer.kind(next) === RIGHT_BRACE) next++;
    return lexer.kind(next) === END || BLOCKS.has(lexer.slice(next) as BlockKind);
  }

  /** A wrong line ends with a brace: its first word says what stands in there, if it is right. */
  private open(word: string): void {
    if (word === 'explore' && this.place === context.SCENARIO) return this.enter(context.EXPLORE, 1);
    if (word === 'protocol' && this.place === context.SCENARIO) return this.enter(context.SCENARIO_KNOBS, 1);
    if (word === 'protocol' && this.place === context.TRACE) return this.enter(context.TRACE_KNOBS, 1);
    if (context.isJunk(this.place) || !OPENS_NOTHING.has(word)) this.enter(context.junkIn(this.place), this.depth + 1);
  }
}

/** First words of statements whose braces, if any, end on their own line. */
const OPENS_NOTHING: ReadonlySet<string> = new Set([...RESUMES_SCENARIO, ...FAULTS.keys()]);

function strayAt(cursor: Cursor): BlockMark {
  const { lexer, index } = cursor;
  const message = cursor.kind() === RIGHT_BRACE
    ? "this '}' closes nothing: the blocks before it are all closed"
    : `expected a block (scenario, trace or history), found ${shown(cursor.text())}; statements stand in the braces of a block`;
  return { kind: 'stray', start: lexer.start(index), end: lexer.end(index), message };
}

function tooLong(text: string): Line {
  const message = `this line is longer than ${LONGEST_LINE} characters and is not read`;
  return { text, statement: undefined, problems: [{ start: 0, end: LONGEST_LINE, message }] };
}
