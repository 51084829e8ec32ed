/** Hovers on names: what a node went through, what a client asked, how a labelled operation ended, who led an epoch. */
import { EVENT } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';
import { leasesIn } from '../checkers/leaseOverlap.ts';
import type { HistoryOperation } from '../model/history.ts';
import type { BlockResult } from '../analysis/analysis.ts';
import type { NodeView } from '../engine/protocol.ts';
import type { HoverTarget, HoverText } from './hover.ts';
import { bulletsUpTo, code, escape, paragraphs } from './markdown.ts';
import { at, nameOf } from './messages.ts';
import { narrate } from './narrative.ts';
import { operationLine, operationsLabelled } from './operations.ts';
import { reignsOf } from './reigns.ts';
import { scopeOf } from './scope.ts';
import { epoch, time } from './words.ts';

const MOST = 8;

export function nodeHover(target: HoverTarget): HoverText | undefined {
  const name = target.token.text, { result } = target;
  const execution = result?.execution;
  const title = `**node** ${code(name)}`;
  const node = execution === undefined ? -1 : execution.names.indexOf(name);
  if (execution === undefined || node < 0 || node >= execution.nodeCount) return { markdown: title };
  const rank = target.block.kind === 'scenario' ? `, rank ${node}` : '';
  return {
    markdown: paragraphs(`${title}${rank}${execution.aliveAtEnd[node] === false ? ', down at the end' : ''}`,
      reignText(execution, node), leaseText(execution, node), timeline(execution, node), finalState(result, execution, node)),
  };
}

function reignText(execution: Execution, node: number): string {
  const reigns = reignsOf(execution).filter((reign) => reign.node === node);
  if (reigns.length === 0) return 'It never leads.';
  return `Leads ${reigns.map((reign) => `${code(epoch(reign.epoch))}${between(execution, reign.fromEvent, reign.toEvent)}`).join('; ')}.`;
}

/** In true time, renewals together. */
function leaseText(execution: Execution, node: number): string | undefined {
  const leases = leasesIn(execution.log).filter((lease) => lease.node === node).map((lease) => `${code(epoch(lease.epoch))} from ${time(lease.fromUs)} to ${time(lease.toUs)}`);
  return leases.length === 0 ? undefined : `Trusts a lease of ${leases.slice(0, MOST).join('; ')}${leases.length > MOST ? '; …' : ''}.`;
}

function between(execution: Execution, from: number, to: number | undefined): string {
  const start = at(execution, from);
  if (start === '') return '';
  return ` from ${time(execution.log.timeUs(from))} ${to === undefined ? 'to the end' : `to ${time(execution.log.timeUs(to))}`}`;
}

/** Promises, faults and changes of role, in order. */
function timeline(execution: Execution, node: number): string {
  const { log } = execution;
  const lines: string[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.node(i) !== node || !TURNS.has(log.kind(i))) continue;
    const line = narrate(execution, i);
    if (line !== undefined) lines.push(line);
  }
  return bulletsUpTo(MOST, lines);
}

const TURNS: ReadonlySet<number> = new Set([
  EVENT.promise, EVENT.crash, EVENT.restart, EVENT.pause, EVENT.resume, EVENT.timeout, EVENT.stepsDown, EVENT.doubt,
  EVENT.settled, EVENT.clock,
]);

function finalState(result: BlockResult | undefined, execution: Execution, node: number): string | undefined {
  const view = result?.run?.finalViews[node];
  if (view !== undefined) return viewText(view, execution);
  const values = execution.finalValues[node];
  return values === undefined || values.size === 0 ? undefined : `Applied at the end: ${valuesText(values)}.`;
}

function viewText(view: NodeView, execution: Execution): string {
  const leader = view.leader === undefined ? '' : `, following ${code(nameOf(execution, view.leader))}`;
  const values = view.values.size === 0 ? 'no values' : valuesText(view.values);
  const log = view.log.map((entry) => `${code(`${entry.slot}: ${entry.content}`)} ${code(epoch(entry.epoch))} ${entry.state}`);
  const role = `${escape(view.role)}${view.epoch < 0 ? '' : `, epoch ${code(epoch(view.epoch))}`}${view.role === 'leader' ? '' : leader}`;
  return paragraphs(`At the end: ${role}, ${values}.`, log.length === 0 ? undefined : `Its log:\n\n${bulletsUpTo(MOST, log)}`);
}

function valuesText(values: ReadonlyMap<string, string>): string {
  return [...values].slice(0, MOST).map(([key, value]) => code(`${key} = ${value}`)).join(', ');
}

/** What a client asked, in order, and how each ended. */
export function clientHover(target: HoverTarget): HoverText | undefined {
  const name = target.token.text;
  const fenced = scopeOf(target.document, target.block).declared.find((each) => each.name === name)?.fenced;
  if (fenced !== undefined) return { markdown: `**resource** ${code(name)}: ${fenced ? 'it refuses tokens older than the newest that it has seen' : 'it does not look at tokens'}.` };
  const title = `**client** ${code(name)}`;
  const execution = target.result?.execution;
  const history = target.result?.history;
  if (history !== undefined) {
    const mine = history.operations.filter((operation) => operation.client === name);
    return { markdown: paragraphs(title, bulletsUpTo(MOST, mine.map(recorded))) };
  }
  if (execution === undefined) return { markdown: title };
  const client = execution.names.indexOf(name);
  const mine = execution.operations.filter((operation) => operation.client === client);
  if (mine.length === 0) return { markdown: paragraphs(title, 'It asks nothing.') };
  return { markdown: paragraphs(title, bulletsUpTo(MOST, mine.map((operation) => operationLine(execution, operation)))) };
}

/** An operation of a history: `4..11 write k 1: ok`. */
function recorded({ start, end, kind, key, argument, argument2, outcome, result }: HistoryOperation): string {
  const words = [kind, key, argument, argument2].filter((word) => word !== '').join(' ');
  return `${code(`${start}..${end ?? ''}`)} ${code(words)}: ${outcome === 'ok' ? code(result === '' ? 'ok' : result) : outcome}`;
}

export function labelHover(target: HoverTarget): HoverText | undefined {
  const { result, token } = target;
  const execution = result?.execution;
  const title = `**operation** ${code(token.text)}`;
  if (execution === undefined) return { markdown: title };
  const operations = operationsLabelled(result!, token.text);
  if (operations.length === 0) return { markdown: paragraphs(title, 'It was never asked.') };
  return { markdown: paragraphs(title, bulletsUpTo(MOST, operations.map((operation) => operationLine(execution, operation)))) };
}

/** Who led an epoch, and who promised it when. */
export function epochHover(target: HoverTarget): HoverText | undefined {
  const execution = target.result?.execution;
  const leader = Number(/\d+/.exec(target.token.text)?.[0] ?? -1);
  if (execution === undefined || leader < 0) return undefined;
  const { log } = execution;
  const lines: string[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.epoch(i) !== leader || !EPOCH_TURNS.has(log.kind(i))) continue;
    const line = narrate(execution, i);
    if (line !== undefined) lines.push(line);
  }
  const told = lines.length === 0 ? 'Nothing says who led it.' : bulletsUpTo(MOST, lines);
  return { markdown: paragraphs(`**epoch** ${code(epoch(leader))}`, told) };
}

const EPOCH_TURNS: ReadonlySet<number> = new Set([EVENT.candidate, EVENT.vote, EVENT.leads, EVENT.stepsDown, EVENT.promise]);

