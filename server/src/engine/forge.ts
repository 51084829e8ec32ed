/** What a lying node puts into its messages, and what damage does to a text or a record. */
import type { ActionModel, FaultModel, ProcessId } from '../model/scenario.ts';
import { PersistentMap } from './persistent.ts';
import type { Message } from './protocol.ts';
import { contentOf } from './words.ts';

/** What a lie says instead; what is undefined stays as it is. */
export interface Lie {
  readonly about: Extract<ActionModel, { readonly kind: 'write' }> | undefined;
  readonly epoch: number | undefined;
  readonly slot: number | undefined;
  /** In whose name it is said, besides the truth; undefined: in the liar's own, instead of it. */
  readonly as: ProcessId | undefined;
}

export function lieIn({ key, value, epoch, slot, as }: FaultModel & { readonly kind: 'lies' }): Lie {
  return { about: key === undefined || value === undefined ? undefined : { kind: 'write', key, value }, epoch, slot, as };
}

/** Whether the lie changes a message: what is about nothing is about nothing after it too. */
export function changes(lie: Lie, message: Message): boolean {
  return lie.epoch !== undefined || (lie.about !== undefined && message.content !== '');
}

/**
 * The message as its sender would have sent it had it been about another write, of another epoch, about another slot: in it and
 * in the records that it carries, `content`, `action` and `value` are that write's, and so is `epoch` where it was the message's.
 */
export function forged<M extends Message>(message: M, lie: Lie): M {
  const said = lie.about === undefined || message.content === '' ? message : forgedContent(message, lie.about);
  return lie.epoch === undefined ? said : { ...renumbered(said, message.epoch, lie.epoch) as M, slot: lie.slot ?? message.slot };
}

function forgedContent<M extends Message>(message: M, about: NonNullable<Lie['about']>): M {
  // An answer to a client is about its value.
  if ('value' in message && message.value === message.content) return { ...message, content: about.value, value: about.value };
  const lie = new Map<string, unknown>([['content', contentOf(about)], ['action', about], ['value', about.value]]);
  return rewritten(message, (name, value) => (value === undefined || (name !== 'action' && typeof value !== 'string') ? undefined : lie.get(name))) as M;
}

const renumbered = (message: object, before: number, epoch: number): object => rewritten(message, (name, value) => (name === 'epoch' && value === before ? epoch : undefined));

type Rewriting = (name: string, value: unknown) => unknown;

/** Fields as `rewrite` has them, in plain records and lists however deep; whole logs (persistent maps) are left alone. */
function rewritten(record: object, rewrite: Rewriting): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]: [string, unknown]) => [name, rewrite(name, value) ?? rewrittenValue(value, rewrite)]));
}

function rewrittenValue(value: unknown, rewrite: Rewriting): unknown {
  if (Array.isArray(value)) return value.map((element) => rewrittenValue(element, rewrite));
  return isRecord(value) ? rewritten(value, rewrite) : value;
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** A text whose last word is not what it was, as a document can hold it: `k = "1?"`. */
export function damaged(text: string): string {
  const last = /(?:"[^"]*"|[^\s"]+)$/.exec(text)?.[0] ?? '';
  return `${text.slice(0, text.length - last.length)}"${last.replaceAll('"', '')}?"`;
}

/** What a disk holds, with the record of one slot damaged; itself where it has none. */
export function decayed(disk: object, slot: number): object {
  let changed = false;
  const parts = Object.entries(disk).map(([name, value]: [string, unknown]): [string, unknown] => {
    const record: unknown = value instanceof PersistentMap ? value.get(slot) : undefined;
    if (!isRecord(record) || !('content' in record)) return [name, value];
    changed = true;
    return [name, (value as PersistentMap<number, object>).set(slot, damagedRecord(record))];
  });
  return changed ? Object.fromEntries(parts) : disk;
}

function damagedRecord(record: object): object {
  return rewritten(record, (name, value) => ((name === 'content' || name === 'value') && typeof value === 'string' && value !== '' ? damaged(value) : undefined));
}
