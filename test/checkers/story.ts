/** Executions written by hand, an event a line, for the tests of checkers. Nodes are named by letter, times are in ms. */
import type { CheckResult, Checker, Execution, Finding, ObservedOperation } from '../../server/src/checkers/checker.ts';
import { EVENT, EventLog } from '../../server/src/engine/events.ts';
import type { RunEnd } from '../../server/src/engine/run.ts';
import { operationText } from '../../server/src/engine/words.ts';
import { isTransaction } from '../../server/src/model/actions.ts';
import type { ActionModel } from '../../server/src/model/scenario.ts';

export interface SlotFields {
  readonly epoch?: number;
  readonly op?: number;
  readonly text?: string;
  readonly peer?: string;
  readonly detail?: string;
}

export const write = (key: string, value: string): ActionModel => ({ kind: 'write', key, value });
export const read = (key: string): ActionModel => ({ kind: 'read', key });
export const add = (key: string, amount: number): ActionModel => ({ kind: 'add', key, amount });

/** What is asked of node events in `node(…)`. */
type Kind = keyof typeof EVENT;

export class Story {
  readonly log = new EventLog();
  readonly names: readonly string[];
  readonly nodeCount: number;
  readonly operations: ObservedOperation[] = [];
  private timeUs = 0;
  private end: RunEnd = 'done';
  private source: Execution['source'] = 'simulation';
  private readonly cuts = new Set<string>();
  private readonly values = new Map<string, Map<string, string>>();

  constructor(nodes = 'A B C', clients = 'c1 c2') {
    this.names = [...nodes.split(' '), ...clients.split(' ')];
    this.nodeCount = nodes.split(' ').length;
  }

  id(name: string | undefined): number { return name === undefined ? -1 : this.names.indexOf(name); }

  at(ms: number): this { this.timeUs = ms * 1000; return this; }
  /** The present time, µs. */
  get now(): number { return this.timeUs; }

  /** One event of a node, at the present time. */
  on(node: string, kind: Kind, fields: SlotFields & { slot?: number; a?: number; b?: number } = {}): this {
    const { peer, ...rest } = fields;
    this.log.add(this.timeUs, EVENT[kind], { node: this.id(node), peer: this.id(peer), ...rest });
    this.timeUs += 1;
    return this;
  }

  leads(node: string, epoch: number, votes = 2): this { return this.on(node, 'leads', { epoch, a: votes, b: this.nodeCount }); }
  promise(node: string, epoch: number): this { return this.on(node, 'promise', { epoch }); }
  config(electionQuorum: number): this { return this.on('', 'config', { a: this.nodeCount, b: electionQuorum }); }
  links(text: string): this { return this.on('', 'links', { text }); }

  /** `accept`, `commit`, `apply`, `abort` or `persist` of an operation's content at several nodes, one after the other. */
  slot(kind: Kind, nodes: string, slot: number, op: number, fields: SlotFields = {}): this {
    for (const node of nodes.split(' ')) this.on(node, kind, { slot, op, epoch: 1, text: this.content(op), ...fields });
    return this;
  }

  private content(op: number): string {
    const action = this.operations.find((one) => one.op === op)?.action;
    if (action === undefined) return `op ${op}`;
    if (action.kind === 'members' || isTransaction(action)) return operationText(action);
    return action.kind === 'write' ? `${action.key} = ${action.value}` : `${action.kind} ${action.key}`;
  }

  /** A client asks; the number of the operation is its place among them, or `op` where one is asked again. */
  ask(client: string, action: ActionModel, fields: { to?: string; label?: string; op?: number } = {}): number {
    const op = fields.op ?? this.operations.length;
    const invokeEvent = this.log.add(this.timeUs++, EVENT.invoke, { node: this.id(client), op });
    this.operations.push({ op, label: fields.label, client: this.id(client), action, invokeEvent, endEvent: -1, outcome: 'unknown', value: undefined });
    if (fields.to !== undefined) this.message('send', client, fields.to, action.kind, { op });
    return op;
  }

  message(kind: 'send' | 'receive' | 'discard', node: string, peer: string, word: string, fields: { op?: number; slot?: number; epoch?: number } = {}): this {
    this.log.add(this.timeUs++, EVENT[kind], { node: this.id(node), peer: this.id(peer), word, ...fields });
    return this;
  }

  /** The last request of that operation is answered. */
  answer(op: number, node: string, value = '', outcome: 'ok' | 'failed' | 'unknown' = 'ok'): this {
    const index = this.operations.findLastIndex((one) => one.op === op), operation = this.operations[index]!;
    const kind = outcome === 'ok' ? EVENT.ok : outcome === 'failed' ? EVENT.fail : EVENT.info;
    const endEvent = this.log.add(this.timeUs++, kind, { node: operation.client, peer: this.id(node), op, text: value });
    this.operations[index] = { ...operation, endEvent, outcome, value: outcome === 'ok' ? value : undefined };
    return this;
  }

  /** A whole acknowledged write at a leader. */
  written(client: string, leader: string, key: string, value: string, slot: number, epoch: number, followers = ''): number {
    const op = this.ask(client, write(key, value));
    this.message('receive', leader, client, 'write', { op });
    this.slot('accept', `${leader} ${followers}`.trim(), slot, op, { epoch });
    this.slot('commit', leader, slot, op, { epoch }).slot('apply', leader, slot, op, { epoch });
    this.answer(op, leader);
    return op;
  }

  ends(end: RunEnd): this { this.end = end; return this; }
  recorded(): this { this.source = 'recorded'; this.end = 'horizon'; return this; }
  cut(from: string, to: string): this { this.cuts.add(`${this.id(from)} ${this.id(to)}`); return this; }
  holds(node: string, key: string, value: string): this {
    this.values.set(node, (this.values.get(node) ?? new Map<string, string>()).set(key, value));
    return this;
  }

  execution(): Execution {
    const alive = new Array<boolean>(this.nodeCount).fill(true);
    for (let i = 0; i < this.log.length; i++) {
      if (this.log.kind(i) === EVENT.crash) alive[this.log.node(i)] = false;
      if (this.log.kind(i) === EVENT.restart) alive[this.log.node(i)] = true;
    }
    return {
      log: this.log, names: this.names, nodeCount: this.nodeCount, operations: this.operations, source: this.source, end: this.end, endUs: this.timeUs, stableUs: undefined,
      aliveAtEnd: alive, reachableAtEnd: this.names.map((_, p) => this.names.map((__, q) => !this.cuts.has(`${p} ${q}`))),
      finalValues: this.names.slice(0, this.nodeCount).map((name) => this.values.get(name) ?? new Map()),
    };
  }
}

export function findings(checker: Checker, story: Story): readonly Finding[] { return checker.check(story.execution()).findings; }

export function check(checker: Checker, story: Story): CheckResult { return checker.check(story.execution()); }

/** The nodes of a finding by name. */
export function nodesOf(story: Story, finding: Finding | undefined): string { return (finding?.nodes ?? []).map((node) => story.names[node]).join(' '); }

/** The execution without one event: what a story looks like when that had not happened. Operations lose their ends with it. */
export function without(execution: Execution, kind: Kind, nth = 0): Execution {
  const { log } = execution;
  const removed = Array.from({ length: log.length }, (_, i) => i).filter((i) => log.kind(i) === EVENT[kind])[nth];
  if (removed === undefined) throw new Error(`no ${kind} event #${nth}`);
  const shorter = new EventLog();
  const moved = (i: number): number => (i < removed ? i : i === removed ? -1 : i - 1);
  for (let i = 0; i < log.length; i++) {
    if (i === removed) continue;
    shorter.add(log.timeUs(i), log.kind(i), {
      node: log.node(i), peer: log.peer(i), word: log.word(i), epoch: log.epoch(i), slot: log.slot(i), message: log.message(i), op: log.op(i),
      text: log.text(i), detail: log.detail(i), cause: moved(log.cause(i)), line: log.line(i), a: log.a(i), b: log.b(i),
    });
  }
  const operations = execution.operations.filter((operation) => operation.invokeEvent !== removed).map((operation) => {
    const ended = operation.endEvent !== removed;
    return { ...operation, invokeEvent: moved(operation.invokeEvent), endEvent: moved(operation.endEvent), outcome: ended ? operation.outcome : 'unknown' as const };
  });
  return { ...execution, log: shorter, operations };
}
