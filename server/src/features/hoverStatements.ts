/** Hovers on whole statements: what an operation or a fault caused, whether an expectation was met, how a block ended. */
import { EVENT } from '../engine/events.ts';
import type { Execution, ObservedOperation } from '../checkers/checker.ts';
import type { HistoryOperation } from '../model/history.ts';
import type { HoverTarget, HoverText } from './hover.ts';
import { bullets, bulletsUpTo, code, escape, paragraphs, plural } from './markdown.ts';
import { messageTable } from './messageTable.ts';
import { nameOf } from './messages.ts';
import { narrate } from './narrative.ts';
import { asked, operationLine, operationsOfLine, outcome } from './operations.ts';
import { beforeIt, orders } from './historyOrders.ts';
import { summary } from './summary.ts';

const MOST = 8;

/** The operations a statement asked, how each ended, and the messages they caused, in order. */
export function operationHover({ result, line }: HoverTarget): HoverText | undefined {
  const execution = result?.execution;
  if (result === undefined || execution === undefined) return undefined;
  const operations = operationsOfLine(result, line);
  if (operations.length === 0) return { markdown: 'It was never asked: what it waits for did not happen.' };
  const messages = sendsOf(execution, (event) => execution.log.line(event) === line);
  const ends = operations.length === 1 ? ending(execution, operations[0]!)
    : bulletsUpTo(MOST, operations.map((operation) => operationLine(execution, operation)));
  if (messages.length === 0) return { markdown: paragraphs(ends, 'It caused no messages.') };
  return { markdown: paragraphs(ends, `It caused ${plural(messages.length, 'message')}:`, messageTable(execution, messages, MOST)) };
}

/** `✓ acknowledged after 42 ms by A, asked at 600 ms` */
function ending(execution: Execution, operation: ObservedOperation): string {
  const mark = { ok: '✓', failed: '✗', unknown: '…' }[operation.outcome];
  return `${mark} **${code(nameOf(execution, operation.client))}** ${outcome(execution, operation)}${asked(execution, operation)}.`;
}

function sendsOf(execution: Execution, wanted: (event: number) => boolean): number[] {
  const sends: number[] = [];
  for (let i = 0; i < execution.log.length; i++) if (execution.log.kind(i) === EVENT.send && wanted(i)) sends.push(i);
  return sends;
}

/** What a fault did: the events it made, and the messages it lost or held. */
export function faultHover({ result, line }: HoverTarget): HoverText | undefined {
  const execution = result?.execution;
  if (execution === undefined) return undefined;
  const { log } = execution;
  const happened: string[] = [], lost: number[] = [], held: number[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.line(i) !== line) continue;
    const kind = log.kind(i);
    if (kind === EVENT.lost || kind === EVENT.hold) {
      if (log.cause(i) >= 0) (kind === EVENT.lost ? lost : held).push(log.cause(i));
    } else if (FAULTS.has(kind)) happened.push(narrate(execution, i) ?? '');
  }
  if (happened.length + lost.length + held.length === 0) return { markdown: consequences(execution, line) };
  const events = happened.length === 1 ? `${happened[0]!}.` : bulletsUpTo(MOST, happened);
  return { markdown: paragraphs(events, stopped(execution, 'Lost', lost), stopped(execution, 'Held', held)) };
}

/** What nodes did because they were asked: `transfer A to B`. */
function consequences(execution: Execution, line: number): string {
  const messages = sendsOf(execution, (event) => execution.log.line(event) === line);
  return messages.length === 0 ? 'It had no effect in this run.'
    : paragraphs(`It caused ${plural(messages.length, 'message')}:`, messageTable(execution, messages, MOST));
}

function stopped(execution: Execution, verb: string, sends: readonly number[]): string | undefined {
  if (sends.length === 0) return undefined;
  return paragraphs(`${verb} because of it: ${plural(sends.length, 'message')}.`, messageTable(execution, sends, MOST));
}

const FAULTS: ReadonlySet<number> = new Set([
  EVENT.crash, EVENT.restart, EVENT.pause, EVENT.resume, EVENT.links, EVENT.clock, EVENT.disk, EVENT.timeout, EVENT.release, EVENT.lease,
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
  return { markdown: paragraphs(`${code(operation.client)} ${code(historyAsked(operation))} ${span}.`, meaning, beforeIt(result!, line)) };
}

function historyAsked({ kind, key, parts }: HistoryOperation): string {
  return `${kind} ${parts === undefined ? key : [...new Set(parts.map((part) => part.key))].join(' ')}`;
}

/** A block's own line: how it ended, what it found. */
export function blockHover({ result }: HoverTarget): HoverText | undefined {
  if (result === undefined) return undefined;
  const unmet = result.expectations.filter((each) => !each.met).map((each) => `✗ ${code(`expect ${each.text}`)} (line ${each.line + 1})`);
  const found = result.violations.map(({ expected, finding }) =>
    `${expected ? '✓ expected' : '✗'} ${code(finding.code)}: ${escape(finding.message)}`);
  const title = `**${result.kind}** ${escape(result.name)}: ${escape(summary(result))}`;
  return { markdown: paragraphs(title, bulletsUpTo(MOST, [...unmet, ...found]), orders(result)) };
}
