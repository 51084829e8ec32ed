/** What a lying node puts into its messages, and what damage does to a text. */
import type { ActionModel } from '../model/scenario.ts';
import type { Message } from './protocol.ts';
import { contentOf } from './words.ts';

/** What a lie is about. */
export type Lie = Extract<ActionModel, { readonly kind: 'write' }>;

/**
 * The message as its sender would have sent it had it been about another write: in it and in the records that it carries,
 * `content`, `action` and `value` are that write's. Who asked, slots and epochs stay.
 */
export function forged<M extends Message>(message: M, about: Lie): M {
  // An answer to a client is about its value.
  if ('value' in message && message.value === message.content) return { ...message, content: about.value, value: about.value };
  return forgedRecord(message, about) as M;
}

function forgedRecord(record: object, about: Lie): object {
  const lie = new Map<string, unknown>([['content', contentOf(about)], ['action', about], ['value', about.value]]);
  return Object.fromEntries(Object.entries(record).map(([name, value]: [string, unknown]) => [name, lieFor(name, value, lie) ?? forgedValue(value, about)]));
}

function lieFor(name: string, value: unknown, lie: ReadonlyMap<string, unknown>): unknown {
  return value === undefined || (name !== 'action' && typeof value !== 'string') ? undefined : lie.get(name);
}

/** Plain records and lists are looked into; whole logs (persistent maps) are not. */
function forgedValue(value: unknown, about: Lie): unknown {
  if (Array.isArray(value)) return value.map((element) => forgedValue(element, about));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return forgedRecord(value, about);
}

/** A text whose last word is not what it was, as a document can hold it: `k = "1?"`. */
export function damaged(text: string): string {
  const last = /(?:"[^"]*"|[^\s"]+)$/.exec(text)?.[0] ?? '';
  return `${text.slice(0, text.length - last.length)}"${last.replaceAll('"', '')}?"`;
}
