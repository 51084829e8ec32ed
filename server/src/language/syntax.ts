/**
 * The tree: what a document says, line by line, before anyone asks whether it makes sense.
 *
 * A statement knows its columns but not its line: the document keeps statements in an array by line, so that inserting
 * a line above moves nothing. Lines and columns count from 0 here; columns are UTF-16 units.
 */

/** A word of the document with its columns on the statement's line. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A duration or instant, in microseconds, as written (`value` may be out of range: the model judges it). */
export interface Quantity {
  readonly us: number;
  readonly start: number;
  readonly end: number;
}

/** A number with its columns (seed, counts, percentages, rates). */
export interface NumberWord {
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

/** What a client asks. Several of them make a transaction (`does { … }`). */
export type Action =
  | { readonly kind: 'write'; readonly key: Word; readonly value: Word }
  | { readonly kind: 'read'; readonly key: Word }
  | { readonly kind: 'add'; readonly amount: NumberWord; readonly key: Word }
  | { readonly kind: 'cas'; readonly key: Word; readonly from: Word; readonly to: Word }
  | { readonly kind: 'delete'; readonly key: Word }
  | { readonly kind: 'append'; readonly value: Word; readonly key: Word }
  | { readonly kind: 'move'; readonly amount: NumberWord; readonly from: Word; readonly to: Word }
  | { readonly kind: 'does'; readonly actions: readonly Action[] }
  | { readonly kind: 'session'; readonly call: SessionWords }
  /** An administrator's: `add D E`, `remove C`, `replace C by D`, `change members to A B D`. */
  | { readonly kind: 'members'; readonly change: 'add' | 'remove' | 'replace' | 'change'; readonly nodes: readonly Word[]; readonly by: Word | undefined };

/** What a client asks through its session. `value` and `version` are undefined where they are not said. */
export type SessionWords =
  | ChangeWords
  | { readonly kind: 'multi'; readonly steps: readonly MultiWords[] }
  | { readonly kind: 'get' | 'list' | 'check'; readonly path: Word; readonly watching: boolean }
  | { readonly kind: 'lock' | 'unlock'; readonly path: Word }
  | { readonly kind: 'use'; readonly resource: Word; readonly withToken: boolean }
  | { readonly kind: 'sync' | 'close' };

export type ChangeWords =
  | { readonly kind: 'create'; readonly path: Word; readonly value: Word | undefined; readonly ephemeral: boolean; readonly sequential: boolean }
  | { readonly kind: 'set'; readonly path: Word; readonly value: Word; readonly version: NumberWord | undefined }
  | { readonly kind: 'remove'; readonly path: Word; readonly version: NumberWord | undefined };

/** A step of a transaction of znodes. A check is not a look: it fails, and all with it, unless the znode is there in that version. */
export type MultiWords = ChangeWords | { readonly kind: 'check'; readonly path: Word; readonly version: NumberWord | undefined };

/** `A -> B commit {2,7} #2`: any of the three words may be `*`; an epoch and a request that are not said are -1. */
export interface MessagePattern {
  readonly from: Word;
  readonly to: Word;
  readonly message: Word;
  readonly leader: number;
  readonly request: number;
  readonly nth: NumberWord | undefined;
}

/** What becomes of messages that were sent before a link was cut; undefined: they are lost. */
export type InFlight = 'losing' | 'delivering' | 'holding' | undefined;

export type EventPattern =
  | ({ readonly kind: 'delivery' } & MessagePattern)
  | ({ readonly kind: 'send' } & MessagePattern)
  | { readonly kind: 'leads'; readonly node: Word; readonly nth: NumberWord | undefined }
  | { readonly kind: 'times-out'; readonly node: Word; readonly nth: NumberWord | undefined }
  | { readonly kind: 'acked' | 'answered'; readonly op: Word };

/** When a statement takes effect; `always` is a fault that holds from the start. */
export type When =
  | { readonly kind: 'always' }
  | { readonly kind: 'at'; readonly time: Quantity }
  | { readonly kind: 'when'; readonly event: EventPattern }
  | { readonly kind: 'after'; readonly delay: Quantity; readonly event: EventPattern }
  | { readonly kind: 'every'; readonly period: Quantity; readonly from: Quantity | undefined; readonly to: Quantity | undefined };

export type CrashPoint =
  | { readonly kind: 'before-fsync' }
  | { readonly kind: 'after-fsync' }
  | { readonly kind: 'after-sends'; readonly count: NumberWord };

/** Until when a held message waits: `release` sets it free in any case. */
export type HoldEnd =
  | { readonly kind: 'time'; readonly time: Quantity }
  | { readonly kind: 'event'; readonly event: EventPattern }
  | { readonly kind: 'released' };

export type Fault =
  /** `but`: so many of the unsynced writes, the first ones, are on the disk all the same. */
  | { readonly kind: 'crash'; readonly node: Word; readonly losing: 'disk' | 'unsynced' | undefined; readonly but: NumberWord | undefined;
      readonly point: CrashPoint | undefined }
  /** `blank`: with nothing on its disk; `as`: under this name. */
  | { readonly kind: 'restart'; readonly node: Word; readonly blank: boolean; readonly as: Word | undefined }
  /** `suspend`: a pause in which the node's clock stands still. `messagesFirst`: as it goes on. */
  | { readonly kind: 'pause' | 'suspend'; readonly node: Word; readonly duration: Quantity | undefined; readonly messagesFirst: boolean }
  | { readonly kind: 'resume'; readonly node: Word; readonly messagesFirst: boolean }
  | { readonly kind: 'timeout'; readonly node: Word }
  | { readonly kind: 'transfer'; readonly node: Word; readonly to: Word }
  | { readonly kind: 'partition'; readonly groups: readonly (readonly Word[])[]; readonly inFlight: InFlight }
  | { readonly kind: 'isolate'; readonly node: Word; readonly inFlight: InFlight }
  | { readonly kind: 'cut'; readonly from: Word; readonly to: Word; readonly both: boolean; readonly inFlight: InFlight }
  /** Without ends, everything heals. */
  | { readonly kind: 'heal'; readonly from: Word | undefined; readonly to: Word | undefined; readonly both: boolean }
  | { readonly kind: 'slow'; readonly from: Word; readonly to: Word; readonly by: Quantity }
  | { readonly kind: 'drop' | 'duplicate' | 'replay' | 'corrupt' | 'release'; readonly messages: MessagePattern }
  | { readonly kind: 'swap'; readonly messages: MessagePattern; readonly other: MessagePattern }
  | { readonly kind: 'hold'; readonly messages: MessagePattern; readonly until: HoldEnd }
  | { readonly kind: 'clock-runs'; readonly node: Word; readonly rate: NumberWord }
  | { readonly kind: 'clock-jumps'; readonly node: Word; readonly by: Quantity }
  | { readonly kind: 'disk-slow'; readonly node: Word; readonly by: Quantity }
  | { readonly kind: 'disk-lies' | 'disk-corrupts'; readonly node: Word }
  /**
   * Byzantine: `A lies to B: propose k = 9`, and in another's name, `A forges C to B: accept`. An epoch and a request that are not
   * said are -1.
   */
  | { readonly kind: 'lies'; readonly node: Word; readonly as: Word | undefined; readonly to: Word; readonly message: Word;
      readonly key: Word | undefined; readonly value: Word | undefined; readonly leader: number; readonly request: number };

export type OperationOutcome = 'acked' | 'failed' | 'unanswered';

export type Expectation =
  | { readonly kind: 'violation'; readonly negated: boolean; readonly code: Word; readonly on: readonly Word[]; readonly by: Quantity | undefined }
  | { readonly kind: 'no-violations' }
  | { readonly kind: 'leads'; readonly node: Word; readonly epoch: NumberWord | undefined; readonly by: Quantity | undefined }
  | { readonly kind: 'no-leader'; readonly by: Quantity | undefined }
  | { readonly kind: 'outcome'; readonly op: Word; readonly outcome: OperationOutcome; readonly by: Quantity | undefined }
  /** `r1 = 5` with a label, `k = 1 on A B C` with a key: which of the two, the model decides. `t1 x = 5`: what t1 found at x. */
  | { readonly kind: 'value'; readonly subject: Word; readonly key: Word | undefined; readonly value: Word; readonly on: readonly Word[] }
  | { readonly kind: 'progress'; readonly by: Quantity | undefined }
  | { readonly kind: 'members'; readonly nodes: readonly Word[]; readonly by: Quantity | undefined };

/** One statement of a scenario block. */
export type ScenarioStatement =
  | { readonly kind: 'protocol'; readonly name: Word; readonly like: Word | undefined; readonly knobs: readonly KnobSetting[] }
  | ({ readonly kind: 'knob' } & KnobSetting)
  | { readonly kind: 'nodes'; readonly names: readonly Word[]; readonly count: NumberWord | undefined; readonly spare: readonly Word[] }
  | { readonly kind: 'clients'; readonly names: readonly Word[] }
  /** Outside of the nodes: `fenced`, it refuses tokens older than one that it has seen. */
  | { readonly kind: 'resource'; readonly name: Word; readonly fenced: boolean }
  | { readonly kind: 'network-delay'; readonly from: Word | undefined; readonly to: Word | undefined; readonly min: Quantity; readonly max: Quantity | undefined }
  | { readonly kind: 'network-loss' | 'network-duplicates'; readonly percent: NumberWord }
  | { readonly kind: 'network-order'; readonly order: 'fifo' | 'unordered' }
  /** `shards {x a b} on A, {y} on B` */
  | { readonly kind: 'shards'; readonly shards: readonly { readonly keys: readonly Word[]; readonly leader: Word }[] }
  | { readonly kind: 'timeouts'; readonly entries: readonly { readonly node: Word; readonly time: Quantity }[] }
  | { readonly kind: 'seed'; readonly seed: NumberWord }
  | { readonly kind: 'run'; readonly to: Quantity }
  | { readonly kind: 'stable'; readonly from: Quantity }
  | { readonly kind: 'operation'; readonly when: When; readonly label: Word | undefined; readonly client: Word; readonly action: Action;
      readonly target: Word | undefined; readonly within: Quantity | undefined; readonly retrying: boolean }
  | { readonly kind: 'fault'; readonly when: When; readonly fault: Fault }
  | { readonly kind: 'expect'; readonly expectation: Expectation }
  | { readonly kind: 'explore'; readonly keyword: Word }
  | { readonly kind: 'explore-entry'; readonly keyword: Word };

/** A knob and its value: `votes majority`, `batch 8 20ms`, `epochs off`. */
export interface KnobSetting {
  readonly name: Word;
  readonly values: readonly Word[];
}

/** A moment of a trace. `delivered` is undefined for one time only, or no time at all. Times in µs. */
export interface TraceTimes {
  readonly sentUs: number | undefined;
  readonly deliveredUs: number | undefined;
  readonly lost: boolean;
  /** `@1ms..`: on its way as the record ends. */
  readonly open: boolean;
}

export type TraceVerb =
  | 'leads' | 'follows' | 'promises' | 'votes' | 'accepts' | 'applies' | 'commits' | 'discards'
  | 'crashes' | 'restarts' | 'pauses' | 'resumes' | 'times-out' | 'aborts' | 'persists'
  /** What a run written out needs besides: `stands` for election; `skips` applies without effect, since it was executed before. */
  | 'steps-down' | 'stands' | 'leases' | 'truncates' | 'doubts' | 'settles' | 'skips' | 'commit-index'
  /** Of a client: it waits no longer. */
  | 'gives-up'
  /** Of a client whose operations take more than one message: what it asks, and how that ends. */
  | 'asks' | 'ends'
  /** Of a resource: it takes what a client asks of it. */
  | 'serves'
  /** `A hears B C`: from now on these processes reach it, and no others do; `A hears nobody`. */
  | 'hears'
  /** `B adopts A B D`: from now on it counts these as the members; `A B C | A B D` while both count. */
  | 'adopts';

/**
 * One statement of a trace block. A trace may have a hundred thousand of them, so they carry no columns: whoever needs
 * those asks `tokensOfLine`. `content` is what the message or event is about (`k = 1`), with single spaces;
 * `shard`
 * is numbered from 1, where one is named.
 */
export type TraceStatement =
  | { readonly kind: 'message'; readonly times: TraceTimes | undefined; readonly from: string; readonly to: string; readonly word: string;
      readonly content: string; readonly leader: number; readonly request: number; readonly shard: number | undefined }
  | { readonly kind: 'event'; readonly times: TraceTimes | undefined; readonly node: string; readonly verb: TraceVerb; readonly peer: string;
      readonly content: string; readonly leader: number; readonly request: number; readonly shard: number | undefined };

export type HistoryModel = 'register' | 'list' | 'set' | 'queue' | 'mutex' | 'counter' | 'stack' | 'text';

/** What an order that explains a history must keep: real time, each client's own order, or nothing. */
export type HistoryConsistency = 'linearizable' | 'sequential' | 'serializable';

/** One statement of a history block. `result`: the value or `ok` of the outcome column, '' for an open end. */
export type HistoryStatement =
  | { readonly kind: 'model'; readonly model: HistoryModel; readonly key: string | undefined }
  | { readonly kind: 'consistency'; readonly consistency: HistoryConsistency }
  | { readonly kind: 'history-operation'; readonly client: string; readonly start: number; readonly end: number | undefined;
      readonly action: string; readonly key: string; readonly argument: string; readonly argument2: string;
      readonly outcome: 'ok' | 'failed' | 'unknown'; readonly result: string; readonly parts: readonly HistoryPart[] | undefined };

/** A step of a transaction in a history; `result`: what a read found, '' where that is not told. */
export interface HistoryPart {
  readonly action: string;
  readonly key: string;
  readonly argument: string;
  readonly argument2: string;
  readonly result: string;
}

export type Statement = ScenarioStatement | TraceStatement | HistoryStatement;

/** A syntax error: where, what was expected and found, and nothing else on that line. */
export interface SyntaxProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** The right word that is nearest to the wrong one, to put in its place. */
  readonly suggestion?: string;
}

/** What a word on a line is, for colours, hover, rename and completion. */
export type Role =
  | 'keyword' | 'node' | 'node-definition' | 'client' | 'client-definition' | 'label' | 'label-definition'
  | 'message' | 'protocol' | 'preset' | 'knob' | 'knob-value' | 'key' | 'value' | 'number' | 'duration' | 'time' | 'epoch'
  | 'violation' | 'outcome' | 'string' | 'operator' | 'brace' | 'comment' | 'wildcard' | 'error';

/** A word with its role. `owner`: for a knob value, the knob's name; for a preset, the protocol's. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly role: Role;
  readonly owner?: string;
}

/** What could stand at a cursor: fixed words with a short explanation each, or a name of some role. */
export type Expected =
  | { readonly kind: 'word'; readonly text: string; readonly role: Role; readonly about: string }
  | { readonly kind: 'name'; readonly role: Role; readonly owner?: string };

/** What a line does to the blocks around it: opens one, closes one, or stands outside them all. */
export type BlockMark =
  | { readonly kind: 'open'; readonly block: BlockKind; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: 'close' }
  | ({ readonly kind: 'stray' } & SyntaxProblem);

export type BlockKind = 'scenario' | 'trace' | 'history';

/** A block's place in the document. `end` is the line of its closing brace (or its last line, if that is missing). */
export interface BlockRange {
  readonly kind: BlockKind;
  readonly name: string;
  readonly start: number;
  readonly end: number;
}
