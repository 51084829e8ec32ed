/**
 * The clients' operations in a trace. A request begins one, unless its client is still waiting for the same thing (then it
 * asks again); a reply ends the oldest of its client's requests that reached the node that answers. Where a client has
 * several under way, its requests and replies may say which: `add 5 to k #2` is its second operation, `ok #2` the answer.
 */
import type { ObservedOperation } from '../checkers/checker.ts';
import { actionOf, answersWithValue } from './traceActions.ts';

interface Open {
  readonly op: number;
  readonly text: string;
}

/** A request that has reached a node and has not been answered by it. */
interface Waiting {
  readonly op: number;
  readonly valued: boolean;
}

/** `k = 1 #2` in its parts; `number` is undefined where it says none. */
export function numbered(content: string): { readonly content: string; readonly number: string | undefined } {
  const parts = /^(.*?) ?# ?(\d+)$/.exec(content);
  return parts === null ? { content, number: undefined } : { content: parts[1]!, number: parts[2]! };
}

export class TraceOperations {
  readonly observed: ObservedOperation[] = [];
  private readonly open = new Map<number, Open[]>();
  private readonly waiting = new Map<string, Waiting[]>();
  /** Operations by client and number. */
  private readonly byNumber = new Map<string, number>();

  /** The operation that a request belongs to. `begins`: it is a new one, to be invoked by `begin`. */
  ask(client: number, word: string, said: string): { readonly op: number; readonly begins: boolean } {
    const { content, number } = numbered(said);
    const text = `${word} ${content}`.trimEnd();
    const known = number === undefined ? this.open.get(client)?.find((each) => each.text === text)?.op : this.byNumber.get(`${client} ${number}`);
    if (known !== undefined) return { op: known, begins: false };
    const op = this.observed.length;
    if (number !== undefined) this.byNumber.set(`${client} ${number}`, op);
    this.open.set(client, [...this.open.get(client) ?? [], { op, text }]);
    return { op, begins: true };
  }

  begin(client: number, word: string, said: string, invokeEvent: number): void {
    const { content } = numbered(said);
    const action = actionOf(word, content) ?? { kind: 'read', key: content };
    this.observed.push({ op: this.observed.length, label: undefined, client, action, invokeEvent, endEvent: -1, outcome: 'unknown', value: undefined });
  }

  /** A request has reached a node. */
  reached(node: number, client: number, op: number): void {
    const action = this.observed[op]?.action;
    if (action === undefined) return;
    const key = `${node} ${client}`;
    const waiting = this.waiting.get(key) ?? [];
    waiting.push({ op, valued: answersWithValue(action) });
    this.waiting.set(key, waiting);
  }

  /**
   * The operation that a node's reply is about, or -1: the one it names, else the first that still waits, a value answering
   * what asks for one; else one that the node was asked for once more than it has answered.
   */
  answered(node: number, client: number, word: string, said: string): number {
    const { content, number } = numbered(said);
    const waiting = this.waiting.get(`${node} ${client}`) ?? [];
    const named = number === undefined ? undefined : this.byNumber.get(`${client} ${number}`);
    const isOpen = ({ op }: Waiting): boolean => this.isOpen(client, op);
    const fits = ({ valued }: Waiting): boolean => word !== 'ok' || valued === (content !== '');
    const found = named !== undefined ? waiting.find(({ op }) => op === named) : waiting.find((each) => isOpen(each) && fits(each)) ?? waiting.find(isOpen) ?? waiting[0];
    if (found !== undefined) waiting.splice(waiting.indexOf(found), 1);
    return named ?? found?.op ?? this.open.get(client)?.[0]?.op ?? -1;
  }

  /** A reply has reached its client. False where the operation is over already, or unknown. */
  isOpen(client: number, op: number): boolean {
    return this.open.get(client)?.some((each) => each.op === op) ?? false;
  }

  end(client: number, op: number, endEvent: number, outcome: ObservedOperation['outcome'], value: string | undefined): void {
    this.open.set(client, (this.open.get(client) ?? []).filter((each) => each.op !== op));
    const operation = this.observed[op];
    if (operation !== undefined) this.observed[op] = { ...operation, endEvent, outcome, value };
  }

  /** The open operation that a client gives up: the one it names, else the oldest. */
  givenUp(client: number, said: string): number {
    const { content, number } = numbered(said);
    const named = number === undefined ? undefined : this.byNumber.get(`${client} ${number}`);
    const open = this.open.get(client) ?? [];
    return named ?? (open.find((each) => each.text === content) ?? open[0])?.op ?? -1;
  }
}
