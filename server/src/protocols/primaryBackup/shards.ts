/**
 * Several leaders on one group of nodes (protocols.md A12): the keys are parted into shards, and each shard is a machine of its own,
 * with its own epochs, slots, log and elections. Each sees the nodes in an order of its own that begins with its first leader.
 */
import type { Message, NodeState, Request } from '../../engine/protocol.ts';
import type { PersistentMap } from '../../engine/persistent.ts';
import { keysOf, partsOf } from '../../model/actions.ts';
import type { ActionModel, KeyAction, ProcessId, Scenario, ShardModel } from '../../model/scenario.ts';
import type { Disk, PbMessage, PbState } from './state.ts';

/** What is said between shards: a part of an operation, to the leader of its shard, and the answer. */
export type PartMessage = Omit<Message, 'type'> & { readonly shard: number; readonly request: Request } & (
  | { readonly type: 'part' }
  | { readonly type: 'part-done'; readonly outcome: 'ok' | 'failed'; readonly value: string });

/** A shard's own messages carry its group. */
export type ShardedMessage = PbMessage | PartMessage;

export interface ShardedDisk {
  readonly shards: readonly Disk[];
}

/** An operation over several shards, at the node that carries it out. */
export interface Coordinated {
  readonly request: Request;
  /** In ascending order; the first is its home. */
  readonly shards: readonly number[];
  /**
   * `parts`: each shard does its part on its own. Otherwise two phases: `prepare`, one shard after the other; `decide`, in the home's
   * log; `tell` the others.
   */
  readonly phase: 'parts' | 'prepare' | 'decide' | 'tell';
  readonly commit: boolean;
  /** By shard, in their order: what its part answered (prepared, or done). */
  readonly answers: readonly (string | undefined)[];
  /** Shards that have done what was decided. */
  readonly told: readonly number[];
  /** `parts`: one of them failed. */
  readonly failed: boolean;
}

/** A request that waits until its keys are free. */
export interface Parked {
  readonly shard: number;
  readonly request: Request;
}

export interface ShardedState extends NodeState {
  disk: ShardedDisk;
  shards: readonly PbState[];
  /** By `requestKey` of the whole. */
  transactions: PersistentMap<number, Coordinated>;
  parked: readonly Parked[];
  /** Prepared at a shard that this node leads, and not decided there: `shard requestKey` to slot. */
  doubts: PersistentMap<string, number>;
}

/** How the keys are parted, and who is whom in each shard. */
export class Plan {
  readonly count: number;
  readonly nodeCount: number;
  readonly multiKey: 'unsafe' | '2pc' | 'forbid';
  private readonly shards: readonly ShardModel[];
  private readonly byKey: ReadonlyMap<string, number>;

  constructor(scenario: Scenario, shards: readonly ShardModel[]) {
    this.shards = shards;
    this.count = shards.length;
    this.nodeCount = scenario.nodes.length;
    this.multiKey = scenario.knobs.get('multi-key')?.value as Plan['multiKey'];
    this.byKey = new Map(shards.flatMap(({ keys }, shard) => keys.map((key) => [key, shard] as const)));
  }

  shardsOf(action: ActionModel): readonly number[] {
    return [...new Set(keysOf(action).map((key) => this.shardOf(key)))].sort((a, b) => a - b);
  }

  private shardOf(key: string): number { return this.byKey.get(key) ?? 0; }

  partsIn(action: ActionModel, shard: number): readonly KeyAction[] { return partsOf(action).filter(({ key }) => this.shardOf(key) === shard); }

  /** A node's place in the order of a shard, and back. */
  inner(shard: number, node: ProcessId): ProcessId { return (node - this.shards[shard]!.leader + this.nodeCount) % this.nodeCount; }
  outer(shard: number, place: ProcessId): ProcessId { return (place + this.shards[shard]!.leader) % this.nodeCount; }

  /** The scenario as one shard sees it. */
  scenarioOf(scenario: Scenario, shard: number): Scenario {
    const { nodes } = scenario;
    return {
      ...scenario, nodes: nodes.map((_, place) => nodes[this.outer(shard, place)]!),
      timeouts: new Map([...scenario.timeouts].map(([node, us]) => [this.inner(shard, node), us])),
    };
  }
}
