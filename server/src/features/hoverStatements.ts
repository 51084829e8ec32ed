/** Hovers on whole statements: what an operation or a fault caused, whether an expectation was met, how a block ended. */
import { EVENT } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';
import type { HoverTarget, HoverText } from './hover.ts';
import { bullets, bulletsUpTo, code, escape, paragraphs, plural } from './markdown.ts';
import { story } from './messages.ts';
import { narrate } from './narrative.ts';
import { operationLine, operationsOfLine } from './operations.ts';
import { summary } from './summary.ts';

const MOST = 16;

/** The operations a statement asked, how each ended, and the messages they caused, in order. */
export function operationHover({ result, line }: HoverTarget): HoverText | undefined {
  const execution = result?.execution;
  if (result === undefined || execution === undefined) return undefined;
  const operations = operationsOfLine(result, line);
  if (operations.length === 0) return { markdown: 'It was never asked: what it waits for did not happen.' };
  const messages = sendsOf(execution, (event) => execution.log.line(event) === line);
  const ends = bulletsUpTo(MOST, operations.map((operation) => operationLine(execution, operation)));
  if (messages.length === 0) return { markdown: paragraphs(ends, 'It caused no messages.') };
  return { markdown: paragraphs(ends, `It caused ${plural(messages.length, 'message')}:`, bulletsUpTo(MOST, messages)) };
}

function sendsOf(execution: Execution, wanted: (event: number) => boolean): string[] {
  const lines: string[] = [];
  for (let i = 0; i < execution.log.length; i++) {
    if (execution.log.kind(i) === EVENT.send && wanted(i)) lines.push(story(execution, i));
  }
  return lines;
}

/** What a fault did: the events it made, and the messages it lost or held. */
export function faultHover({ result, line }: HoverTarget): HoverText | undefined {
  const execution = result?.execution;
  if (execution === undefined) return undefined;
  const { log } = execution;
  const happened: string[] = [], touched: string[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.line(i) !== line) continue;
    if (log.kind(i) === EVENT.lost || log.kind(i) === EVENT.hold) {
      if (log.cause(i) >= 0) touched.push(story(execution, log.cause(i)));
    } else if (FAULTS.has(log.kind(i))) happened.push(narrate(execution, i) ?? '');
  }
  if (happened.length + touched.length === 0) return { markdown: 'It had no effect in this run.' };
  return {
    markdown: paragraphs(bulletsUpTo(MOST, happened),
      touched.length === 0 ? undefined : `It stopped ${plural(touched.length, 'message')}:\n\n${bulletsUpTo(MOST, touched)}`),
  };
}

const FAULTS: ReadonlySet<number> = new Set([
  EVENT.crash, EVENT.restart, EVENT.pause, EVENT.resume, EVENT.links, EVENT.clock, EVENT.disk, EVENT.timeout, EVENT.release,
]);

/** Whether an expectation was met, and what the block reports on its line. */
export function expectationHover({ result, line }: HoverTarget): HoverText | undefined {
  const expectation = result?.expectations.find((each) => each.line === line);
  if (result === undefined || expectation === undefined) return undefined;
  const shown = result.violations.filter((violation) => violation.expected).flatMap((violation) => [violation.finding, ...violation.folded])
    .filter((finding) => expectation.text.split(/\s+/).includes(finding.code)).map((finding) => escape(finding.message));
  return { markdown: paragraphs(expectation.met ? '✓ **As expected.**' : '✗ **Not met.**', escape(expectation.message), bullets(shown)) };
}

export function historyHover({ result, line }: HoverTarget): HoverText | undefined {
  const operation = result?.history?.operations.find((each) => each.line === line);
  if (operation === undefined) return undefined;
  const span = operation.end === undefined ? `asked at ${operation.start}, never answered` : `from ${operation.start} to ${operation.end}`;
  const meaning = { ok: 'It happened, somewhere between these two times.', failed: 'It certainly did not happen.',
    unknown: 'It may have happened at any time after it was asked, or never.' }[operation.outcome];
  return { markdown: paragraphs(`${code(operation.client)} ${code(`${operation.kind} ${operation.key}`)} ${span}.`, meaning) };
}

/** A block's own line: how it ended, what it found. */
export function blockHover({ result }: HoverTarget): HoverText | undefined {
  if (result === undefined) return undefined;
  const unmet = result.expectations.filter((each) => !each.met).map((each) => `✗ ${code(`expect ${each.text}`)} (line ${each.line + 1})`);
  const found = result.violations.map(({ expected, finding }) =>
    `${expected ? '✓ expected' : '✗'} ${code(finding.code)}: ${escape(finding.message)}`);
  const title = `**${result.kind}** ${escape(result.name)}: ${escape(summary(result))}`;
  return { markdown: paragraphs(title, bulletsUpTo(MOST, [...unmet, ...found])) };
}
