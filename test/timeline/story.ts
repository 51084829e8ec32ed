/** Tells an execution by hand, so that drawings can be tested without an engine: what is said in any order is logged in order of time. */
import type { BlockResult, Violation } from '../../server/src/analysis/analysis.ts';
import type { Execution, ObservedOperation } from '../../server/src/checkers/checker.ts';
import { EVENT, EventLog } from '../../server/src/engine/events.ts';
import type { EventRecord } from '../../server/src/engine/events.ts';
import type { HistoryOperation } from '../../server/src/model/history.ts';

type Rest = Partial<Omit<EventRecord, 'kind'>>;
interface Told { readonly timeUs: number; readonly kind: keyof typeof EVENT; readonly rest: Rest }
interface MessageWords {
  readonly epoch?: number; readonly slot?: number; readonly op?: number; readonly text?: string; readonly line?: number;
  /** What became of it, if it was not delivered and obeyed. */
  readonly lost?: string; readonly ignored?: string; readonly underWay?: boolean;
  /** From and to, ms. */
  readonly held?: readonly [number, number];
  readonly faultLine?: number;
}

const MS = 1000;

export class Story {
  private readonly told: Told[] = [];
  private readonly names: readonly string[];
  private readonly nodeCount: number;
  private readonly operations: { op: number; label: string; client: number; invoke: Told; end: Told | undefined }[] = [];
  private messages = 0;

  constructor(nodes: string, clients: string) {
    const nodeNames = nodes.split(' ');
    this.names = [...nodeNames, ...clients.split(' ').filter((name) => name !== '')];
    this.nodeCount = nodeNames.length;
  }

  private id(name: string): number { return this.names.indexOf(name); }

  private tell(ms: number, kind: keyof typeof EVENT, rest: Rest): Told {
    const told = { timeUs: ms * MS, kind, rest };
    this.told.push(told);
    return told;
  }

  event(ms: number, node: string, kind: keyof typeof EVENT, rest: Rest = {}): this {
    this.tell(ms, kind, { node: this.id(node), ...rest });
    return this;
  }

  /** `sent` and `ended`: ms. */
  message(sent: number, ended: number, from: string, to: string, word: string, words: MessageWords = {}): this {
    const message = this.messages++, rest: Rest = { word, message, epoch: words.epoch ?? -1, slot: words.slot ?? -1, op: words.op ?? -1,
      text: words.text ?? '', line: words.line ?? -1 };
    const out = { ...rest, node: this.id(from), peer: this.id(to) }, back = { ...rest, node: this.id(to), peer: this.id(from) };
    this.tell(sent, 'send', out);
    if (words.held !== undefined) {
      this.tell(words.held[0], 'hold', { ...out, line: words.faultLine ?? -1 });
      if (words.underWay !== true) this.tell(words.held[1], 'release', out);
    }
    if (words.underWay === true) return this;
    if (words.lost !== undefined) { this.tell(ended, 'lost', { ...out, detail: words.lost, line: words.faultLine ?? -1 }); return this; }
    this.tell(ended, 'receive', back);
    if (words.ignored !== undefined) this.tell(ended, 'discard', { ...back, detail: words.ignored });
    return this;
  }

  operation(label: string, client: string, text: string, from: number, to: number | undefined, outcome: 'ok' | 'fail' | 'info', value: string, line: number): this {
    const op = this.operations.length, rest: Rest = { node: this.id(client), op, line };
    const invoke = this.tell(from, 'invoke', { ...rest, text });
    const end = to === undefined ? undefined : this.tell(to, outcome, { ...rest, text: value });
    this.operations.push({ op, label, client: this.id(client), invoke, end });
    return this;
  }

  links(ms: number, text: string, line: number): this {
    this.tell(ms, 'links', { text, line });
    return this;
  }

  /** The block that has run like this, until `endMs`. */
  block(name: string, endMs: number, violations: readonly Violation[] = [], verdict: BlockResult['verdict'] = 'as-expected'): BlockResult {
    const log = new EventLog();
    const order = this.told.map((told, index) => ({ told, index })).sort((a, b) => a.told.timeUs - b.told.timeUs || a.index - b.index);
    const indexOf = new Map<Told, number>();
    for (const { told } of order) indexOf.set(told, log.add(told.timeUs, EVENT[told.kind], told.rest));
    const operations = this.operations.map(({ op, label, client, invoke, end }): ObservedOperation => ({
      op, label, client, action: { kind: 'read', key: 'k' }, invokeEvent: indexOf.get(invoke)!, endEvent: end === undefined ? -1 : indexOf.get(end)!,
      outcome: end?.kind === 'ok' ? 'ok' : end?.kind === 'fail' ? 'failed' : 'unknown', value: end?.kind === 'ok' ? end.rest.text : undefined,
    }));
    const execution: Execution = {
      log, names: this.names, nodeCount: this.nodeCount, operations, source: 'simulation', end: 'done', endUs: endMs * MS, stableUs: undefined, aliveAtEnd: [],
      reachableAtEnd: [], finalValues: [],
    } as Execution;
    return { ...emptyBlock('scenario', name), verdict, violations, events: log.length, execution };
  }
}

export function emptyBlock(kind: BlockResult['kind'], name: string): BlockResult {
  return { kind, name, line: 0, endLine: 20, verdict: 'as-expected', expectations: [], violations: [], events: 0, diagnostics: [], scenario: undefined,
    history: undefined, execution: undefined, run: undefined } as BlockResult;
}

export function violation(code: string, message: string, ms: number, nodes: readonly number[], line: number, more: Partial<Violation['finding']> = {},
  expected = false): Violation {
  return {
    finding: { code, severity: 'error', certainty: 'proved', message, timeUs: ms * MS, witnesses: [], operations: [], slots: [], epochs: [], nodes, ...more },
    line, expected, folded: [], foldedLines: [],
  };
}

/** `B 4..11 writes k = 1 ok`, one a line. */
export function historyBlock(name: string, text: string, violations: readonly Violation[] = []): BlockResult {
  const operations = text.trim().split('\n').map((row, index): HistoryOperation => {
    const [, client, start, end, kind, rest] = /^\s*(\S+)\s+(\d+)\.\.(\d*)\s+(\w+)\s+(.*)$/.exec(row)!;
    const write = /^(\S+) = (\S+)\s*(\S*)$/.exec(rest!), read = /^(\S+)\s+(\S+)$/.exec(rest!);
    return { client: client!, start: Number(start), end: end === '' ? undefined : Number(end), key: write?.[1] ?? read?.[1] ?? '', kind: kind!.replace(/s$/, ''),
      argument: write?.[2] ?? '', argument2: '', outcome: end === '' ? 'unknown' : 'ok', result: write === null ? read?.[2] ?? '' : '', line: index + 1 };
  });
  const block = emptyBlock('history', name);
  return { ...block, violations, verdict: violations.length > 0 ? 'violated' : 'as-expected',
    history: { name, line: 0, endLine: operations.length + 1, models: new Map(), operations } };
}
