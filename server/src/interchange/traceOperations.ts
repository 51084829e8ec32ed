/**
 * The clients' operations in a trace, which names none: a request begins one, unless its client is still waiting for the
 * same thing (then it asks again); a reply ends the oldest of its client's requests that reached the node that answers.
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

export class TraceOperations {
  readonly observed: ObservedOperation[] = [];
  private readonly open = new Map<number, Open[]>();
  private readonly waiting = new Map<string, Waiting[]>();

  /** The operation that a request belongs to. `begins`: it is a new one, to be invoked by `begin`. */
  ask(client: number, word: string, content: string): { readonly op: number; readonly begins: boolean } {
    const text = `${word} ${content}`;
    const known = this.open.get(client)?.find((each) => each.text === text);
    if (known !== undefined) return { op: known.op, begins: false };
    const op = this.observed.length;
    const open = this.open.get(client) ?? [];
    open.push({ op, text });
    this.open.set(client, open);
    return { op, begins: true };
  }

  begin(client: number, word: string, content: string, invokeEvent: number): void {
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

  /** The operation that a node's reply is about, or -1. A value answers what asks for one, if anything does. */
  answered(node: number, client: number, word: string, content: string): number {
    const waiting = this.waiting.get(`${node} ${client}`) ?? [];
    const fitting = word === 'ok' ? waiting.findIndex((each) => each.valued === (content !== '')) : 0;
    const [found] = waiting.splice(Math.max(0, fitting), 1);
    if (found !== undefined) return found.op;
    return this.open.get(client)?.[0]?.op ?? -1;
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
  givenUp(client: number, content: string): number {
    const open = this.open.get(client) ?? [];
    return (open.find((each) => each.text === content) ?? open[0])?.op ?? -1;
  }
}
