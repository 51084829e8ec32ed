/** The pictures of docs/: from which example each is drawn, and which part of its run. */
export interface DocsPicture {
  /** docs/pictures/NAME.svg */
  readonly name: string;
  /** Below examples/. */
  readonly example: string;
  readonly block: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}

export const DOCS_PICTURES: readonly DocsPicture[] = [
  // One for each protocol.
  { name: 'primary-backup', example: 'road/a1a-the-exchange.pawl', block: 'the exchange' },
  { name: 'viewstamped-replication', example: 'viewstamped-replication/normal-operation.pawl', block: 'a Prepare is lost' },
  { name: 'paxos', example: 'paxos/3-bound-by-what-was-accepted.pawl', block: 'a proposer that is bound' },
  { name: 'multi-paxos', example: 'multi-paxos/2-a-hole.pawl', block: 'the hole is filled', fromMs: 0, toMs: 310 },
  { name: 'zab', example: 'zab/z1-broadcast.pawl', block: 'a broadcast', fromMs: 0, toMs: 165 },
  { name: 'raft', example: 'raft/r1-terms-and-logs.pawl', block: 'the next term', fromMs: 95, toMs: 430 },
  { name: 'epaxos', example: 'epaxos/2-interference.pawl', block: 'what interferes is ordered' },
  { name: 'abd', example: 'abd/1-no-leader.pawl', block: 'a node less' },
  { name: 'pbft', example: 'pbft/1-three-phases.pawl', block: 'request, pre-prepare, prepare, commit, reply', fromMs: -2, toMs: 64 },
  // The most telling violations.
  { name: 'split-brain', example: 'road/a6a-six-nodes.pawl', block: 'six nodes split in half', fromMs: 595, toMs: 640 },
  { name: 'stale-epoch', example: 'road/a8a-back-from-garbage-collection.pawl', block: 'a leader back from garbage collection', fromMs: 1390, toMs: 1600 },
  { name: 'diverged', example: 'road/a2b-a-commit-twice.pawl', block: 'a commit comes twice' },
  { name: 'blocked', example: 'road/a3a-in-doubt.pawl', block: 'the leader dies between accept and commit' },
  { name: 'lost-write', example: 'road/a7a-what-a-new-leader-knows.pawl', block: 'a new leader that asks nothing', fromMs: 95, toMs: 352 },
  { name: 'not-linearizable', example: 'road/histories.pawl', block: 'a read from the past' },
  { name: 'duplicate-execution', example: 'road/a2c-an-addition-twice.pawl', block: 'five is added twice' },
  { name: 'equivocation', example: 'road/a14a-two-stories.pawl', block: 'a leader that tells two stories' },
  { name: 'disjoint-quorums', example: 'bugs/e21-flexible-quorums.pawl', block: 'quorums of 3 and 2 of five' },
];
