/**
 * Writes a run down as a trace block: every message with its times, every event of a node. Read back, it gives the checkers
 * the same to look at, so it finds the same violations.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import { SECOND_COPY } from '../engine/network.ts';
import type { Run } from '../engine/run.ts';
import type { Scenario } from '../model/scenario.ts';
import { leaseText } from './traceLeases.ts';
import type { TraceVerb } from '../language/syntax.ts';
import { batchesOf, batchKey, textOfParts } from './traceBatches.ts';
import { protocolLines } from './traceHeader.ts';
import { numbersOf, type Numbers } from './traceNumbers.ts';
import { ANEW, SKIPPED } from './traceReader.ts';
import { writtenTimes } from './traceTimes.ts';

/** One line: when, who, what about whom, under which epoch. */
export interface Row {
  /** Index of the event it writes: a send, or a node's own. */
  readonly event: number;
  /** For a message: the index of its `receive`, or -1 where it never arrived. */
  readonly receive: number;
  readonly message: boolean;
  /** It never arrived, and the run says that it was lost; otherwise it was on its way as the run ended. */
  readonly lost: boolean;
}

const VERBS: ReadonlyMap<number, TraceVerb> = new Map<number, TraceVerb>([
  [EVENT.leads, 'leads'], [EVENT.stepsDown, 'steps-down'], [EVENT.follows, 'follows'], [EVENT.promise, 'promises'], [EVENT.vote, 'votes'],
  [EVENT.timeout, 'times-out'], [EVENT.candidate, 'stands'], [EVENT.accept, 'accepts'], [EVENT.commit, 'commits'], [EVENT.apply, 'applies'],
  [EVENT.abort, 'aborts'], [EVENT.truncate, 'truncates'], [EVENT.commitIndex, 'commit-index'], [EVENT.doubt, 'doubts'], [EVENT.settled, 'settles'],
  [EVENT.persist, 'persists'], [EVENT.crash, 'crashes'], [EVENT.restart, 'restarts'], [EVENT.pause, 'pauses'], [EVENT.resume, 'resumes'],
  [EVENT.discard, 'discards'], [EVENT.lease, 'leases'], [EVENT.info, 'gives-up'], [EVENT.invoke, 'asks'], [EVENT.ok, 'ends'], [EVENT.fail, 'ends'],
  [EVENT.config, 'adopts'], [EVENT.use, 'serves'],
]);

/** Their column `slot` is no slot that they decide. */
const NO_SLOT: ReadonlySet<number> = new Set([EVENT.discard, EVENT.config]);
/** Verbs that name whom they are about. */
const WITH_PEER: ReadonlySet<TraceVerb> = new Set<TraceVerb>(['follows', 'votes']);
/** Widest text that the column of epochs still lines up with. */
const MAX_WIDTH = 48;

/** The run as the text of one trace block, with a line break at the end. */
export function traceOfRun(scenario: Scenario, run: Run): string {
  const { log } = run;
  const sessions = sessionClients(scenario);
  const rows = rowsOf(run, sessions);
  const times = writtenTimes(log, rows, run.nodeCount);
  const numbers = numbersOf(run, sessions), batches = batchesOf(log);
  const arrowWidth = widest(rows.filter((row) => row.message).map((row) => arrowOf(run, row).length));
  const lines = rows.map((row) => {
    const several = batches.size === 0 ? undefined : batches.get(batchKey(log, row.event));
    const subject = several === undefined ? joined(subjectOf(run, row, log.text(row.event)), numberText(run, row, numbers))
      : subjectOf(run, row, textOfParts(log.text(row.event), row.message ? several : log.operations(row.event), (op) => numbers.ofSlots.get(op)));
    const text = row.message ? `${arrowOf(run, row).padEnd(arrowWidth)}  ${subject}` : subject;
    return { time: timeText(row, times), epoch: epochText(log, row), text };
  });
  const timeWidth = widest(lines.map(({ time }) => time.length));
  const textWidth = widest(lines.filter(({ epoch }) => epoch !== '').map(({ text }) => text.length).filter((length) => length <= MAX_WIDTH));
  const body = lines.map(({ time, text, epoch }) => `  ${time.padEnd(timeWidth)}  ${epoch === '' ? text : `${text.padEnd(textWidth)}  ${epoch}`}`.trimEnd());
  const hearing = hearingLines(run, times);
  return [`trace "${scenario.name.replaceAll('"', '\'')}" {`, ...protocolLines(scenario), ...namesLines(scenario), '', ...body, ...hearing, '}', ''].join('\n');
}

/** The largest, without spreading a long list into arguments. */
function widest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

function namesLines(scenario: Scenario): readonly string[] {
  const { nodes: all, memberCount = all.length } = scenario, spare = all.slice(memberCount);
  const nodes = `  nodes   ${all.slice(0, memberCount).join(' ')}${spare.length === 0 ? '' : `, spare ${spare.join(' ')}`}`;
  const clients = scenario.clients.slice(0, scenario.clients.length - scenario.resources.size);
  const resources = [...scenario.resources].map(([process, { fenced }]) => `  resource ${scenario.clients[process - all.length]!}${fenced ? ' fenced' : ''}`);
  const shards = (scenario.shards ?? []).map(({ keys, leader }) => `{${keys.join(' ')}} on ${scenario.nodes[leader]!}`);
  return [nodes, ...(clients.length === 0 ? [] : [`  clients ${clients.join(' ')}`]), ...resources,
    ...(shards.length === 0 ? [] : [`  shards  ${shards.join(', ')}`])];
}

/** Who reaches whom at the end, where not everybody does: with the last event of all, since links change unseen. */
function hearingLines({ log, names, reachableAtEnd, endUs }: Run, times: ReadonlyMap<number, number>): readonly string[] {
  const changed = Array.from({ length: log.length }, (_, i) => i).some((i) => log.kind(i) === EVENT.links);
  if (!changed) return [];
  const at = exactTime([...times.values()].reduce((latest, us) => Math.max(latest, us), endUs));
  return names.flatMap((name, process) => {
    const heard = names.filter((_, from) => from !== process && reachableAtEnd[from]?.[process] !== false);
    return heard.length === names.length - 1 ? [] : [`  @${at}  ${name} hears ${heard.join(' ') || 'nobody'}`];
  });
}

/** Which events get a line, in order. A message that arrived twice gets two. */
function rowsOf({ log, nodeCount }: Run, sessions: ReadonlySet<number>): readonly Row[] {
  const arrivals = new Map<number, number[]>(), lost = new Set<number>();
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) === EVENT.lost && log.detail(i) !== SECOND_COPY) lost.add(log.cause(i));
    if (log.kind(i) !== EVENT.receive) continue;
    const known = arrivals.get(log.cause(i));
    if (known === undefined) arrivals.set(log.cause(i), [i]);
    else known.push(i);
  }
  const rows: Row[] = [];
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) === EVENT.send) {
      if (log.node(i) === log.peer(i)) continue;
      for (const receive of arrivals.get(i) ?? [-1]) rows.push({ event: i, receive, message: true, lost: receive < 0 && lost.has(i) });
    } else if (isWritten(log, i, nodeCount, sessions)) {
      rows.push({ event: i, receive: -1, message: false, lost: false });
    }
  }
  return rows;
}

/** A client has no events of its own but giving up, and with a session what it asks; what else it hears is told by its messages. */
function isWritten(log: EventLog, i: number, nodeCount: number, sessions: ReadonlySet<number>): boolean {
  if (!VERBS.has(log.kind(i)) || log.node(i) < 0) return false;
  return log.kind(i) === EVENT.info || log.kind(i) === EVENT.use || log.node(i) < nodeCount || (log.kind(i) < EVENT.info && sessions.has(log.node(i)));
}

/** The clients that ask through a session: their operations may be of several messages, or of none. */
function sessionClients({ operations }: Scenario): ReadonlySet<number> {
  return new Set(operations.filter(({ action }) => action.kind === 'session').map(({ client }) => client));
}

function timeText(row: Row, times: ReadonlyMap<number, number>): string {
  const start = `@${exactTime(times.get(row.event)!)}`;
  if (!row.message) return start;
  return `${start}..${row.receive >= 0 ? exactTime(times.get(row.receive)!) : row.lost ? 'lost' : ''}`;
}

/** In ms where that needs no fraction. */
function exactTime(us: number): string {
  return us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`;
}

function epochText(log: EventLog, { event }: Row): string {
  const epoch = log.epoch(event), slot = log.kind(event) === EVENT.config ? -1 : log.slot(event), group = log.group(event);
  const pair = epoch < 0 ? '' : slot < 0 || log.kind(event) === EVENT.lease ? `{${epoch}}` : `{${epoch},${slot}}`;
  return group === 0 ? pair : joined(pair, `shard ${group}`);
}

function arrowOf({ log, names }: Run, { event }: Row): string {
  return `${names[log.node(event)]!} -> ${names[log.peer(event)]!}`;
}

/** `#2` or `#c1.2` where a line must say which operation it means. */
function numberText({ log, nodeCount }: Run, { event, message }: Row, { ofClients, ofSlots }: Numbers): string {
  const op = log.op(event);
  const isClients = message ? log.node(event) >= nodeCount || log.peer(event) >= nodeCount : log.kind(event) <= EVENT.info || log.kind(event) === EVENT.use;
  const number = isClients ? ofClients.get(op) : log.slot(event) < 0 || log.text(event) === '' || NO_SLOT.has(log.kind(event)) ? undefined : ofSlots.get(op);
  return number === undefined ? '' : `#${number}`;
}

/** `propose k = 1`, or for a node's event `C applies k = 1`. */
function subjectOf({ log, names }: Run, { event, message }: Row, content: string): string {
  if (message) return joined(log.word(event), content);
  const node = names[log.node(event)]!, kind = log.kind(event), verb = VERBS.get(kind)!;
  if (WITH_PEER.has(verb)) return joined(node, verb, names[log.peer(event)] ?? '');
  switch (kind) {
    case EVENT.leads: return joined(node, verb, log.a(event) > 0 ? `${log.a(event)} votes` : '');
    case EVENT.lease: return joined(node, verb, leaseText(log, event, exactTime));
    case EVENT.apply: return joined(node, log.detail(event) === SKIPPED ? 'skips' : verb, content);
    case EVENT.discard: return joined(node, verb, log.word(event));
    case EVENT.promise: return joined(node, verb, log.a(event) === 1 ? ANEW : '');
    case EVENT.use: return joined(node, verb, names[log.peer(event)] ?? '', log.text(event));
    case EVENT.invoke: return joined(node, verb, log.text(event));
    case EVENT.ok: case EVENT.fail: return joined(node, verb, kind === EVENT.ok ? 'ok' : 'failed', log.text(event));
    case EVENT.info: return joined(node, verb, invokedText(log, event));
    case EVENT.accept: case EVENT.commit: case EVENT.abort: case EVENT.persist: case EVENT.doubt: case EVENT.settled: return joined(node, verb, content);
    case EVENT.config: return joined(node, verb, log.text(event));
    default: return joined(node, verb);
  }
}

/** What the operation asked that ends here: `write k = 1`. */
function invokedText(log: EventLog, event: number): string {
  for (let i = event; i >= 0; i--) if (log.kind(i) === EVENT.invoke && log.op(i) === log.op(event)) return log.text(i);
  return '';
}

function joined(...words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' ');
}
