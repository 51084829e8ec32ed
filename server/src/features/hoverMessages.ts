/** Hovers on messages: those a trace records, and the patterns of a scenario with the messages that fit them. */
import { EVENT } from '../engine/events.ts';
import type { EventLog } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';
import type { EventPattern, Fault, MessagePattern, ScenarioStatement } from '../language/syntax.ts';
import type { HoverTarget, HoverText } from './hover.ts';
import { messageSpec, protocolOf } from './catalogued.ts';
import { bulletsUpTo, code, escape, paragraphs, plural } from './markdown.ts';
import { at, ending, ends, fatesOf, followersOf, message, nameOf, newestSeen } from './messages.ts';
import { numberedTable } from './messageTable.ts';
import { narrate } from './narrative.ts';
import { epoch } from './words.ts';

const MOST = 8;

/** A message of a trace: its epoch, what its receiver had seen before, and what the receiver made of it. */
export function traceMessageHover(target: HoverTarget): HoverText | undefined {
  const { statement, result, line } = target;
  if (statement?.kind !== 'message') return undefined;
  const spec = messageSpec(protocolOf(target.document, target.block), statement.word);
  const about = spec === undefined ? undefined : `${code(spec.word)}: ${escape(spec.about)}`;
  const send = result?.execution === undefined ? -1 : firstOfLine(result.execution.log, line, EVENT.send);
  if (result?.execution === undefined || send < 0) return about === undefined ? undefined : { markdown: about };
  const { execution } = result;
  const receives = followersOf(execution.log, send).filter((event) => execution.log.kind(event) === EVENT.receive);
  return {
    markdown: paragraphs(`${ends(execution, send)} ${message(execution, send)} ${ending(execution, send)}.`,
      [epochOf(execution, send), ...receives.flatMap((receive) => receiverSaw(execution, receive) ?? [])].join(' '),
      ...receives.map((receive) => reaction(execution, receive)), about),
  };
}

function epochOf(execution: Execution, send: number): string {
  const pair = epoch(execution.log.epoch(send), execution.log.slot(send));
  return pair === '' ? 'It carries no epoch.' : `Its epoch is ${code(pair)}.`;
}

/** `C had seen {2,0}, from B at 11 ms: newer than this message.` */
export function receiverSaw(execution: Execution, receive: number): string | undefined {
  const { log } = execution;
  if (log.node(receive) >= execution.nodeCount) return undefined;
  const seen = newestSeen(log, log.node(receive), receive);
  const who = code(nameOf(execution, log.node(receive)));
  if (seen === undefined) return `${who} had seen no epoch before.`;
  const from = seen.from < 0 || seen.from === log.node(receive) ? 'its own' : `from ${code(nameOf(execution, seen.from))}`;
  const newest = code(epoch(seen.epoch, seen.slot));
  return `${who} had seen ${newest}, ${from}${at(execution, seen.event)}${compared(seen.epoch, log.epoch(receive))}.`;
}

function compared(seen: number, here: number): string {
  if (here < 0) return '';
  return seen > here ? ': **newer** than this one' : seen === here ? ': the same leader' : ': older than this one';
}

/** Whether the receiver obeyed, as far as the log tells. */
function reaction(execution: Execution, receive: number): string {
  const { log } = execution;
  const who = code(nameOf(execution, log.node(receive)));
  const ignored = fatesOf(log).discard[receive]!;
  if (ignored >= 0) return `${who} **discarded** it${log.detail(ignored) === '' ? '' : `: ${escape(log.detail(ignored))}`}.`;
  const effects = consequences(execution, receive);
  if (effects.length > 0) return `${who} accepted it:\n\n${bulletsUpTo(MOST, effects)}`;
  return execution.source === 'recorded' ? `Nothing in the trace says what ${who} made of it.` : `${who} handled it.`;
}

/** What the receiver did because of a message; a recorded trace links only what it knows. */
function consequences(execution: Execution, receive: number): string[] {
  const { log } = execution;
  const lines: string[] = [];
  for (let i = receive + 1; i < log.length && lines.length <= MOST; i++) {
    if (log.cause(i) !== receive || log.node(i) !== log.node(receive)) continue;
    const line = narrate(execution, i);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

export function firstOfLine(log: EventLog, line: number, kind: number): number {
  for (let i = 0; i < log.length; i++) if (log.line(i) === line && log.kind(i) === kind) return i;
  return -1;
}

/** An event of a trace, what follows from it (leading an epoch promises it), and what its node had seen. */
export function traceEventHover(target: HoverTarget): HoverText | undefined {
  const { result, line } = target;
  const execution = result?.execution;
  if (execution === undefined) return undefined;
  const { log } = execution;
  const events: number[] = [];
  for (let i = 0; i < log.length; i++) if (log.line(i) === line) events.push(i);
  const main = events.find((event) => log.kind(event) !== EVENT.promise) ?? events[0];
  if (main === undefined) return undefined;
  const rest = events.filter((event) => event !== main).flatMap((event) => narrate(execution, event) ?? []);
  return { markdown: paragraphs(narrate(execution, main), bulletsUpTo(MOST, rest), seenBefore(execution, main)) };
}

function seenBefore(execution: Execution, event: number): string | undefined {
  const { log } = execution;
  const seen = log.node(event) < 0 ? undefined : newestSeen(log, log.node(event), event);
  if (seen === undefined || log.epoch(event) < 0 || seen.epoch <= log.epoch(event)) return undefined;
  return receiverSaw(execution, event);
}

/** A message pattern of a scenario: what the word means, and the messages of the run that fit. */
export function patternHover(target: HoverTarget): HoverText | undefined {
  const { token, statement, result } = target;
  const spec = messageSpec(protocolOf(target.document, target.block), token.text);
  const about = spec === undefined ? undefined : `${code(spec.word)}: ${escape(spec.about)}`;
  const pattern = statement === undefined ? undefined : patternsOf(statement).find((each) => each.message.start === token.start);
  if (result?.execution === undefined || pattern === undefined) return about === undefined ? undefined : { markdown: about };
  return { markdown: paragraphs(about, matchList(result.execution, pattern)) };
}

function matchList(execution: Execution, pattern: MessagePattern): string {
  const { log } = execution;
  const sends: number[] = [];
  for (let i = 0; i < log.length; i++) if (log.kind(i) === EVENT.send && fits(execution, i, pattern)) sends.push(i);
  if (sends.length === 0) return 'No message of the run fits.';
  const count = `${plural(sends.length, 'message')} of the run ${sends.length === 1 ? 'fits' : 'fit'}:`;
  return paragraphs(count, numberedTable(execution, sends, pattern.nth?.value, MOST));
}

function fits(execution: Execution, send: number, pattern: MessagePattern): boolean {
  const { log } = execution;
  return word(pattern.from.text, nameOf(execution, log.node(send))) && word(pattern.to.text, nameOf(execution, log.peer(send)))
    && word(pattern.message.text, log.word(send)) && (pattern.leader < 0 || pattern.leader === log.epoch(send)) && (pattern.request < 0 || pattern.request === log.slot(send));
}

function word(pattern: string, name: string): boolean {
  return pattern === '*' || pattern === name;
}

/** Every message pattern a statement holds: its own and those of its `when` and `until`. */
function patternsOf(statement: { readonly kind: string }): MessagePattern[] {
  const scenario = statement as ScenarioStatement;
  if (scenario.kind !== 'operation' && scenario.kind !== 'fault') return [];
  const events: EventPattern[] = scenario.when.kind === 'when' || scenario.when.kind === 'after' ? [scenario.when.event] : [];
  const own: MessagePattern[] = scenario.kind === 'fault' ? faultPatterns(scenario.fault, events) : [];
  return [...own, ...events.filter((event) => event.kind === 'delivery' || event.kind === 'send')];
}

function faultPatterns(fault: Fault, events: EventPattern[]): MessagePattern[] {
  if (fault.kind === 'hold' && fault.until.kind === 'event') events.push(fault.until.event);
  switch (fault.kind) {
    case 'drop': case 'duplicate': case 'replay': case 'corrupt': case 'release': case 'hold': return [fault.messages];
    case 'swap': return [fault.messages, fault.other];
    case 'lies': return [{ from: fault.node, to: fault.to, message: fault.message, leader: -1, request: -1, nth: undefined }];
    default: return [];
  }
}

