/**
 * The clients' operations in a trace. A request begins one, unless its client is still waiting for the same thing (then it
 * asks again); a reply ends the oldest of its client's requests that reached the node that answers. Where a client has
 * several under way, its requests and replies may say which: `add 5 to k #2` is its second operation, `ok #2` the answer.
 */
import type { ObservedOperation } from '../checkers/checker.ts';
import { actionOf } from '../engine/actionText.ts';
import { asksForValue } from '../model/actions.ts';
import type { Said } from './traceNumbers.ts';

/** A request that has reached a node and has not been answered by it. */
interface Waiting {
  readonly op: number;
  readonly valued: boolean;
}

/** When a node owes answers to this many requests (and to twice as many, and so on), those of operations that are over are forgotten. */
const MANY_WAITING = 256;

export class TraceOperations {
  readonly observed: ObservedOperation[] = [];
  /** By client: the operations under way in the order they were begun, and by what they ask. */
  private readonly open = new Map<number, Set<number>>();
  private readonly openByText = new Map<string, number>();
  private readonly texts: string[] = [];
  private readonly waiting = new Map<string, Waiting[]>();
  /** Operations by client and number. */
  private readonly byNumber = new Map<string, number>();
  /** By client: how many it has begun. */
  private readonly begun = new Map<number, number>();
  private readonly repliesNeeded: number;
  /** By operation: the last answer of each node, where one is not enough. */
  private readonly answers = new Map<number, Map<number, string>>();

  constructor(repliesNeeded = 1) { this.repliesNeeded = repliesNeeded; }

  /** The operation that a request belongs to. `begins`: it is a new one, to be invoked by `begin`. */
  ask(client: number, word: string, { content, number }: Said): { readonly op: number; readonly begins: boolean } {
    const text = `${word} ${content}`.trimEnd();
    const known = number === undefined ? this.openByText.get(`${client} ${text}`) : this.named(client, number);
    if (known !== undefined) return { op: known, begins: false };
    const op = this.observed.length;
    const count = (this.begun.get(client) ?? 0) + 1;
    this.begun.set(client, count);
    this.byNumber.set(`${client} ${number ?? count}`, op);
    const open = this.open.get(client) ?? new Set<number>();
    this.open.set(client, open.add(op));
    this.openByText.set(`${client} ${text}`, op);
    this.texts[op] = text;
    return { op, begins: true };
  }

  begin(client: number, word: string, content: string, invokeEvent: number): void {
    const action = actionOf(word, content) ?? { kind: 'read', key: content };
    this.observed.push({ op: this.observed.length, label: undefined, client, action, invokeEvent, endEvent: -1, outcome: 'unknown', value: undefined });
  }

  /** A client's operation by its number. */
  named(client: number, number: number): number | undefined {
    return this.byNumber.get(`${client} ${number}`);
  }

  /** A request has reached a node. */
  reached(node: number, client: number, op: number): void {
    const action = this.observed[op]?.action;
    if (action === undefined) return;
    const key = `${node} ${client}`;
    const waiting = this.waiting.get(key) ?? [];
    waiting.push({ op, valued: asksForValue(action) || action.kind === 'add' || action.kind === 'cas' });
    const isLong = waiting.length >= MANY_WAITING && Number.isInteger(Math.log2(waiting.length));
    this.waiting.set(key, isLong ? waiting.filter((each) => this.isOpen(client, each.op)) : waiting);
  }

  /**
   * The operation that a node's reply is about, or -1: the one it names, else the first that still waits, a value answering
   * what asks for one; else one that the node was asked for once more than it has answered.
   */
  answered(node: number, client: number, word: string, { content, number }: Said): number {
    const waiting = this.waiting.get(`${node} ${client}`) ?? [];
    const named = number === undefined ? undefined : this.named(client, number);
    const isOpen = ({ op }: Waiting): boolean => this.isOpen(client, op);
    const fits = ({ valued }: Waiting): boolean => word !== 'ok' || valued === (content !== '');
    const found = named !== undefined ? waiting.find(({ op }) => op === named) : waiting.find((each) => isOpen(each) && fits(each)) ?? waiting.find(isOpen) ?? waiting[0];
    if (found !== undefined) waiting.splice(waiting.indexOf(found), 1);
    return named ?? found?.op ?? this.oldest(client);
  }

  /** A reply has reached its client. False where the operation is over already, or unknown. */
  isOpen(client: number, op: number): boolean {
    return this.open.get(client)?.has(op) ?? false;
  }

  /** A node's answer to an open operation has come: whether as many as need be have now given the same. */
  isBelieved(op: number, node: number, answer: string): boolean {
    if (this.repliesNeeded <= 1) return true;
    const answers = (this.answers.get(op) ?? new Map<number, string>()).set(node, answer);
    this.answers.set(op, answers);
    return [...answers.values()].filter((each) => each === answer).length >= this.repliesNeeded;
  }

  private oldest(client: number): number {
    for (const op of this.open.get(client) ?? []) return op;
    return -1;
  }

  end(client: number, op: number, endEvent: number, outcome: ObservedOperation['outcome'], value: string | undefined): void {
    this.open.get(client)?.delete(op);
    const key = `${client} ${this.texts[op] ?? ''}`;
    if (this.openByText.get(key) === op) this.openByText.delete(key);
    const operation = this.observed[op];
    if (operation !== undefined) this.observed[op] = { ...operation, endEvent, outcome, value };
  }

  /** The open operation that a client gives up: the one it names, else the oldest. */
  givenUp(client: number, { content, number }: Said): number {
    const named = number === undefined ? undefined : this.named(client, number);
    return named ?? this.openByText.get(`${client} ${content}`) ?? this.oldest(client);
  }
}
