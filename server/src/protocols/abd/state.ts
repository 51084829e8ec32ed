/** What a node of `abd` says, knows, and keeps on disk. */
import type { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Message, NodeState, Request } from '../../engine/protocol.ts';
import type { ProcessId } from '../../model/scenario.ts';

/**
 * A value and its place in the order of writes. `tag` is the paper's pair (number, writer) as one integer that is ordered as
 * the pairs are: number * nodeCount + writer. 0 is the register before any write.
 */
export interface Register {
  readonly tag: number;
  readonly value: string;
  /** The write that it stems from: its operation, its text, and its `requestKey`. */
  readonly op: number;
  readonly content: string;
  readonly request: number;
}

/** What a node knows of one client's write: who coordinates it, and what it became (undefined: nobody has said). */
export interface Write {
  readonly coordinator: ProcessId;
  readonly register: Register | undefined;
}

type Typed<T extends string, Fields> = { readonly [K in T]: Omit<Message, 'type'> & { readonly type: K } & Fields }[T];

/** `request`: the `requestKey` of the operation that asks, be it a read or a write. */
export type AbdMessage =
  /** `coordinator`: for whom the write is claimed; undefined for a read, which anybody may do. */
  | Typed<'query', { readonly request: number; readonly key: string; readonly coordinator: ProcessId | undefined }>
  | Typed<'tags', { readonly request: number; readonly register: Register; readonly write: Write | undefined }>
  | Typed<'store', { readonly request: number; readonly key: string; readonly register: Register }>
  | Typed<'stored', { readonly request: number; readonly tag: number }>;

export type Of<T extends AbdMessage['type']> = Extract<AbdMessage, { readonly type: T }>;

/** All that must survive a crash: what this node has told others that it keeps. */
export interface Disk {
  /** By key. */
  readonly registers: PersistentMap<string, Register>;
  /** By `requestKey`. */
  readonly writes: PersistentMap<number, Write>;
}

/** An operation that this node coordinates. */
export interface Pending {
  readonly request: Request;
  readonly phase: 'query' | 'store';
  /** Who has answered in this phase, itself included. */
  readonly answered: readonly ProcessId[];
  /** The newest register that the answers hold; while storing, the one that is stored. */
  readonly register: Register;
}

export interface AbdState extends NodeState {
  disk: Disk;
  /** By `requestKey`. A crash forgets them; their clients may ask again. */
  pending: PersistentMap<number, Pending>;
}

export interface Config {
  readonly writeBack: boolean;
  readonly writeQuery: boolean;
  readonly persist: boolean;
  readonly sessions: boolean;
  readonly updates: boolean;
  /** How many must tell their tags, and how many must keep the register. */
  readonly readQuorum: number;
  readonly writeQuorum: number;
  /** How many must have heard who coordinates a write. */
  readonly claimQuorum: number;
  /** The sizes that must meet, where they are given as numbers. */
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly nodeCount: number;
  /** The scenario's keys, numbered. */
  readonly keys: ReadonlyMap<string, number>;
}

export const NOTHING: Register = { tag: 0, value: 'nil', op: -1, content: '', request: -1 };
/** A coordinator asks those again that have not answered. */
export const RETRY_US = 100_000;

export interface Step {
  readonly config: Config;
  readonly context: Context<AbdMessage>;
  readonly state: AbdState;
}

export const registerOf = (state: AbdState, key: string): Register => state.disk.registers.get(key) ?? NOTHING;

export const numberOf = (config: Config, tag: number): number => Math.floor(tag / config.nodeCount);

/**
 * A tag as the slot of an event: one number for each tag of each key, ascending with the tags of a key. So "two nodes hold
 * different contents in a slot" says that one tag was given twice. The epoch is always 0: there are no leaders to be older or newer.
 */
export function slotOf(config: Config, key: string, tag: number): number {
  return tag === 0 ? -1 : tag * config.keys.size + config.keys.get(key)!;
}

/** What an event or a message about a register shows to the outside. */
export function shown(config: Config, key: string, { tag, content }: Register): { epoch: number; slot: number; content: string } {
  return { epoch: tag === 0 ? -1 : 0, slot: slotOf(config, key, tag), content };
}
