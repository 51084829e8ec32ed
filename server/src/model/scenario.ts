/**
 * What a scenario is, once names are resolved: plain data that the engine runs. Every part knows the line it came from
 * (from 0), so that no position is lost between the text and a verdict. Times are µs of simulated time.
 */

import type { SessionCall } from './sessions.ts';

/** Index of a process: nodes come first (0 … nodes-1, in rank order), then clients. */
export type ProcessId = number;
/** `*` in the document: any node, any message. */
export const ANY: ProcessId = -1;

/** What is asked of one key. */
export type KeyAction =
  | { readonly kind: 'write'; readonly key: string; readonly value: string }
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'add'; readonly key: string; readonly amount: number }
  | { readonly kind: 'cas'; readonly key: string; readonly from: string; readonly to: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'append'; readonly key: string; readonly value: string }

/** Who counts at the start. */
export function membersAtStart({ nodes, memberCount }: Pick<Scenario, 'nodes' | 'memberCount'>): readonly ProcessId[] {
  return Array.from({ length: memberCount ?? nodes.length }, (_, node) => node);
}

/** Several at once, one after the other and nothing between them: all of them happen, or none. A move is its two adds. */
export type Transaction =
  | { readonly kind: 'do'; readonly actions: readonly KeyAction[]; readonly stage?: TransactionStage }
  | { readonly kind: 'move'; readonly amount: number; readonly from: string; readonly to: string; readonly actions: readonly KeyAction[] };

/** Of a transaction over several logs: what is done in one of them, about its part of it. Clients ask for no stages. */
export interface TransactionStage {
  readonly step: 'prepare' | 'commit' | 'abort';
  /** Whose operation: session and number within it. */
  readonly client: ProcessId;
  readonly session: number;
  readonly sequence: number;
  /** All that was asked. */
  readonly whole: Transaction;
}

/** What is asked through a session. `key`: the path it is about, or ''. */
export interface SessionAction {
  readonly kind: 'session';
  readonly key: string;
  readonly call: SessionCall;
}

/** The members from then on are those of before without `remove` and with `add`; or, where it says, just `to`. */
export interface MembersAction {
  readonly kind: 'members';
  readonly add: readonly ProcessId[];
  readonly remove: readonly ProcessId[];
  readonly to: readonly ProcessId[] | undefined;
  /** `add D`, `change to A B D`. */
  readonly text: string;
}

export type ActionModel = KeyAction | Transaction | SessionAction | MembersAction;

export interface OperationModel {
  /** Index in `Scenario.operations`: the operation's identity in events. */
  readonly id: number;
  readonly label: string | undefined;
  readonly client: ProcessId;
  readonly action: ActionModel;
  /** The node it is asked of and stays with; undefined: the client looks for the leader. */
  readonly target: ProcessId | undefined;
  /** When the client gives up (or asks again, if `retrying`), µs after asking. */
  readonly withinUs: number | undefined;
  readonly retrying: boolean;
  readonly line: number;
}

/** `message` is a word of the protocol, or undefined for `*`. `epoch` and `slot`: if it says which. `nth` counts matches from 1. */
export interface MessageMatch {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly message: string | undefined;
  readonly epoch?: number | undefined;
  readonly slot?: number | undefined;
  readonly nth: number | undefined;
}

export type EventMatch =
  | ({ readonly kind: 'delivery' } & MessageMatch)
  | ({ readonly kind: 'send' } & MessageMatch)
  | { readonly kind: 'leads'; readonly node: ProcessId; readonly nth: number | undefined }
  | { readonly kind: 'times-out'; readonly node: ProcessId; readonly nth: number | undefined }
  | { readonly kind: 'acked' | 'answered'; readonly operation: number };

export type Trigger =
  | { readonly kind: 'always' }
  | { readonly kind: 'at'; readonly timeUs: number }
  | { readonly kind: 'when'; readonly event: EventMatch }
  | { readonly kind: 'after'; readonly delayUs: number; readonly event: EventMatch }
  | { readonly kind: 'every'; readonly periodUs: number; readonly fromUs: number; readonly toUs: number | undefined };

export type HoldEndModel =
  | { readonly kind: 'time'; readonly timeUs: number }
  | { readonly kind: 'event'; readonly event: EventMatch }
  | { readonly kind: 'released' };

/** What becomes of messages that were sent before the statement and are on their way on a link that it cuts; undefined: they are lost. */
export type InFlightModel = 'delivering' | 'holding' | undefined;

export type FaultModel =
  /** `keeping`: so many of the writes that no sync has made safe, the first ones, are on the disk all the same. */
  | { readonly kind: 'crash'; readonly node: ProcessId; readonly losing: 'disk' | 'unsynced' | undefined; readonly keeping?: number | undefined;
      readonly point: { readonly kind: 'before-fsync' | 'after-fsync' } | { readonly kind: 'after-sends'; readonly count: number } | undefined }
  /** `blank`: with nothing on its disk; `as`: this node starts instead, which has not run before. */
  | { readonly kind: 'restart'; readonly node: ProcessId; readonly blank?: boolean; readonly as?: ProcessId }
  | { readonly kind: 'timeout' | 'disk-lies' | 'disk-corrupts'; readonly node: ProcessId }
  /** `messagesFirst`: what waited is handled messages first, then timers; else by when each was due. */
  | { readonly kind: 'resume'; readonly node: ProcessId; readonly messagesFirst?: boolean }
  | { readonly kind: 'isolate'; readonly node: ProcessId; readonly inFlight?: InFlightModel }
  /** `node` is asked to hand its leadership over. */
  | { readonly kind: 'transfer'; readonly node: ProcessId; readonly to: ProcessId }
  /** `suspended`: its clock stands still meanwhile, and with it its timers. */
  | { readonly kind: 'pause'; readonly node: ProcessId; readonly durationUs: number | undefined; readonly suspended?: boolean; readonly messagesFirst?: boolean }
  /** Processes in no group keep all their links. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly ProcessId[])[]; readonly inFlight?: InFlightModel }
  | { readonly kind: 'cut'; readonly from: ProcessId; readonly to: ProcessId; readonly both: boolean; readonly inFlight?: InFlightModel }
  | { readonly kind: 'heal-link'; readonly from: ProcessId; readonly to: ProcessId; readonly both: boolean }
  | { readonly kind: 'heal' }
  /** From now on nothing fails any more (`stable from T`). */
  | { readonly kind: 'stable' }
  | { readonly kind: 'slow'; readonly from: ProcessId; readonly to: ProcessId; readonly byUs: number }
  | { readonly kind: 'drop' | 'duplicate' | 'replay' | 'corrupt' | 'release'; readonly messages: MessageMatch }
  /** Whichever of the two is sent first waits for the other, and arrives right behind it. */
  | { readonly kind: 'swap'; readonly messages: MessageMatch; readonly other: MessageMatch }
  | { readonly kind: 'hold'; readonly messages: MessageMatch; readonly until: HoldEndModel }
  /**
   * From then on what a node sends in these messages is about writing `value` to `key`, of `epoch` and about `slot`, whatever it was;
   * what is not said stays. `as`: it sends that besides the truth, in the name of this node.
   */
  | { readonly kind: 'lies'; readonly messages: MessageMatch; readonly as?: ProcessId | undefined; readonly key?: string | undefined;
      readonly value?: string | undefined; readonly epoch?: number | undefined; readonly slot?: number | undefined }
  | { readonly kind: 'clock-runs'; readonly node: ProcessId; readonly rate: number }
  | { readonly kind: 'clock-jumps'; readonly node: ProcessId; readonly byUs: number }
  | { readonly kind: 'disk-slow'; readonly node: ProcessId; readonly byUs: number };

export type ScriptStep =
  | { readonly kind: 'operation'; readonly trigger: Trigger; readonly operation: OperationModel; readonly line: number }
  | { readonly kind: 'fault'; readonly trigger: Trigger; readonly fault: FaultModel; readonly line: number };

export interface LinkDelay {
  /** ANY for the default of all links. */
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly minUs: number;
  readonly maxUs: number;
}

export interface NetworkModel {
  /** Later entries override earlier ones; the default (10 ms) is not among them. */
  readonly delays: readonly LinkDelay[];
  /** 0 … 1 */
  readonly loss: number;
  readonly duplicates: number;
  /** undefined: as the protocol's preset has it. */
  readonly order: 'fifo' | 'unordered' | undefined;
  readonly line: number | undefined;
}

export type ExpectationModel = { readonly line: number; readonly text: string } & (
  | { readonly kind: 'violation'; readonly negated: boolean; readonly code: string; readonly nodes: readonly ProcessId[];
      readonly operation: number | undefined; readonly byUs: number | undefined }
  | { readonly kind: 'no-violations' }
  | { readonly kind: 'leads'; readonly node: ProcessId; readonly epoch: number | undefined; readonly byUs: number | undefined }
  | { readonly kind: 'no-leader'; readonly byUs: number | undefined }
  | { readonly kind: 'outcome'; readonly operation: number; readonly outcome: 'acked' | 'failed' | 'unanswered'; readonly byUs: number | undefined }
  /** `key`: which of the values that a transaction read (the last one of that key). */
  | { readonly kind: 'read-value'; readonly operation: number; readonly key: string | undefined; readonly value: string }
  | { readonly kind: 'key-value'; readonly key: string; readonly value: string; readonly nodes: readonly ProcessId[] }
  | { readonly kind: 'progress'; readonly byUs: number | undefined }
  | { readonly kind: 'members'; readonly nodes: readonly ProcessId[]; readonly byUs: number | undefined });

/** A knob's value as set, with where: `line` is that of the knob, or of `protocol` where it comes from a preset. */
export interface KnobValue {
  readonly value: string;
  readonly line: number;
  readonly written: boolean;
}

/** What clients use that stands outside of the nodes. `fenced`: it refuses a token older than one that it has seen. */
export interface ResourceModel {
  readonly fenced: boolean;
  readonly line: number;
}

/** Keys with a log and a leader of their own; a key that no shard names belongs to the first. */
export interface ShardModel {
  readonly keys: readonly string[];
  /** It leads at the start. */
  readonly leader: ProcessId;
}

export interface Scenario {
  readonly name: string;
  /** First and last line of the block. */
  readonly line: number;
  readonly endLine: number;
  readonly protocol: string;
  readonly protocolLine: number;
  /** Every knob of the protocol, in kebab-case, preset and defaults filled in. */
  readonly knobs: ReadonlyMap<string, KnobValue>;
  /** Members first, then spare nodes, which run and are no members at the start. */
  readonly nodes: readonly string[];
  /** How many of the nodes are members at the start; undefined: all of them. */
  readonly memberCount?: number | undefined;
  /** Clients, then resources, which are processes too. */
  readonly clients: readonly string[];
  /** By process. */
  readonly resources: ReadonlyMap<ProcessId, ResourceModel>;
  readonly network: NetworkModel;
  /** Undefined or empty: all keys are in one log. */
  readonly shards?: readonly ShardModel[];
  /** µs by node index, where given. */
  readonly timeouts: ReadonlyMap<ProcessId, number>;
  readonly seed: number;
  /** undefined: until nothing is left to happen, at most 10 s. */
  readonly runToUs: number | undefined;
  /** From when on nothing fails any more, if it says so; the script has a step that brings it about. */
  readonly stableUs: number | undefined;
  readonly operations: readonly OperationModel[];
  readonly script: readonly ScriptStep[];
  readonly expectations: readonly ExpectationModel[];
}
