/** Raft servers with logs given from outside, and a network that delivers at once: for the paper's figures. */
import type { Message, NodeState } from '../../server/src/engine/protocol.ts';
import { PersistentMap } from '../../server/src/engine/persistent.ts';
import { protocolNamed } from '../../server/src/protocols/registry.ts';
import { NO_SNAPSHOT, type Disk, type Entry, type RaftContext, type RaftMessage, type RaftState } from '../../server/src/protocols/raft/state.ts';
import { scenarioOf } from './scenarios.ts';

/** A disk in a term, with a log of entries of these terms. */
export function disk(currentTerm: number, terms: readonly number[]): Disk {
  const entry = (term: number, index: number): Entry => ({ term, action: { kind: 'write', key: 'k', value: `${term}.${index}` }, content: `k = ${term}.${index}`, op: -1, session: 0, sequence: 100 * term + index });
  return { currentTerm, votedFor: undefined, snapshot: NO_SNAPSHOT, log: PersistentMap.of(terms.map((term, index) => [index + 1, entry(term, index + 1)])) };
}

export const termsOf = (state: RaftState): readonly number[] => [...state.disk.log.values()].map(({ term }) => term);

export interface Cluster {
  state(node: number): RaftState;
  /** The election timeout of a server, or the leader's heartbeat, and all that follows from it. */
  timeout(node: number): void;
  heartbeat(node: number): void;
  /** A message from one server to another, and all that follows from it. */
  deliver(from: number, to: number, message: RaftMessage): void;
  /** From which indexes on each server has dropped entries. */
  readonly truncated: readonly (readonly number[])[];
}

/** All servers restart from their disks. */
export function cluster(knobs: Readonly<Record<string, string>>, disks: readonly Disk[]): Cluster {
  const machine = protocolNamed('raft')!.configure(scenarioOf({ protocol: 'raft' }, knobs, disks.map((_, index) => `S${index + 1}`), [], []));
  const queue: (readonly [from: number, to: number, message: Message])[] = [];
  const truncated = disks.map((): number[] => []);
  const contexts = disks.map((_, self): RaftContext => ({
    self, nodeCount: disks.length, nowUs: 0, clockUs: () => 0, holdLease: () => {}, dropLease: () => {}, durable: true, whenOnDisk: () => false, random: () => 0, send: (to, message) => { queue.push([self, to, message]); },
    reply: () => {}, redirect: () => {}, setTimer: () => {}, clearTimer: () => {}, persist: () => {}, discard: () => {}, emit: (kind, fields) => { if (kind === 'truncate') truncated[self]!.push(fields!.slot!); },
  }));
  const states: NodeState[] = disks.map((contents, node) => machine.restart(contexts[node]! as never, node, contents));
  const settle = (): void => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [from, to, message] = next;
      machine.onMessage(contexts[to]! as never, states[to]!, from, message);
    }
  };
  return {
    truncated,
    state: (node) => states[node] as RaftState,
    timeout: (node) => { machine.onTimer(contexts[node]! as never, states[node]!, 'election', 0); settle(); },
    deliver: (from, to, message) => { queue.push([from, to, message]); settle(); },
    heartbeat: (node) => { machine.onTimer(contexts[node]! as never, states[node]!, 'heartbeat', 0); settle(); },
  };
}
