/** The protocols that a document may name. Adding one: write its file, list it here. */
import type { Catalogue, ProtocolSpec } from '../model/catalogue.ts';
import type { Protocol } from '../engine/protocol.ts';
import { abd } from './abd/abd.ts';
import { ABD } from './abd/spec.ts';
import { multiPaxos } from './multiPaxos/multiPaxos.ts';
import { MULTI_PAXOS } from './multiPaxos/spec.ts';
import { paxos } from './paxos/paxos.ts';
import { PAXOS } from './paxos/spec.ts';
import { pbft } from './pbft/pbft.ts';
import { PBFT } from './pbft/spec.ts';
import { epaxos } from './epaxos/epaxos.ts';
import { EPAXOS } from './epaxos/spec.ts';
import { PRIMARY_BACKUP } from './primaryBackup/spec.ts';
import { primaryBackup } from './primaryBackup/primaryBackup.ts';
import { raft } from './raft/raft.ts';
import { RAFT } from './raft/spec.ts';
import { VIEWSTAMPED_REPLICATION } from './viewstampedReplication/spec.ts';
import { viewstampedReplication } from './viewstampedReplication/viewstampedReplication.ts';
import { ZAB } from './zab/spec.ts';
import { zab } from './zab/zab.ts';

const RUNNABLE: readonly Protocol[] = [primaryBackup, abd, raft, paxos, zab, multiPaxos, viewstampedReplication, pbft, epaxos];

function alias(name: string, preset: string, about: string): ProtocolSpec {
  return { ...PRIMARY_BACKUP, name, about, alias: { protocol: PRIMARY_BACKUP.name, preset }, defaultPreset: preset };
}

export const CATALOGUE: Catalogue = {
  protocols: [
    PRIMARY_BACKUP,
    alias('2pc', 'naive', 'Two-phase commit (Gray 1978): primary-backup like naive.'),
    alias('3pc', '3pc', 'Three-phase commit (Skeen 1981): primary-backup like 3pc.'),
    VIEWSTAMPED_REPLICATION,
    PAXOS,
    MULTI_PAXOS,
    ZAB,
    RAFT,
    EPAXOS,
    ABD,
    PBFT,
  ],
  clientMessages: [
    { word: 'write', about: 'A client sets a key.' },
    { word: 'read', about: 'A client asks for a key.' },
    { word: 'add', about: 'A client adds to a number.' },
    { word: 'cas', about: 'A client sets a key if it holds an expected value.' },
    { word: 'delete', about: 'A client removes a key.' },
    { word: 'append', about: 'A client appends to a list.' },
    { word: 'move', about: 'A client takes from one key and gives to another, both or neither.' },
    { word: 'do', about: 'A client asks for several things at once, all or nothing.' },
    { word: 'members', about: 'An administrator asks that nodes become members, or are members no longer.' },
    { word: 'ok', about: 'It was done.' },
    { word: 'failed', about: 'It certainly was not done.' },
    { word: 'redirect', about: 'Ask that node instead. Not an answer.' },
  ],
};

/** The protocol that runs under a name, aliases included; undefined for one that this version does not run. */
export function protocolNamed(name: string): Protocol | undefined {
  const spec = CATALOGUE.protocols.find((protocol) => protocol.name === name);
  const runs = spec?.alias?.protocol ?? name;
  return RUNNABLE.find((protocol) => protocol.spec.name === runs);
}
