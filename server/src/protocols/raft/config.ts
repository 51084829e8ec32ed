import { membersAtStart, type Scenario } from '../../model/scenario.ts';
import { leaseChoiceOf } from '../leases.ts';
import { isCount, sizeOf } from '../quorums.ts';
import type { Config } from './state.ts';

/** The scenario's knobs as the state machine uses them. The model has checked names and values. */
export function configOf(scenario: Scenario): Config {
  const knob = <T extends string>(name: string): T => {
    const value = scenario.knobs.get(name)?.value;
    if (value === undefined) throw new Error(`raft: the knob ${name} has no value`);
    return value as T;
  };
  // A number counts the members at the start: where it stands, the model lets nobody change them.
  const quorum = (name: string): ((members: number) => number) => (members) => sizeOf(knob(name), members);
  const baseUs = Number(knob('base')), staggerUs = Number(knob('stagger'));
  const timeoutUs = scenario.nodes.map((_, rank) => scenario.timeouts.get(rank) ?? baseUs + rank * staggerUs);
  return {
    names: scenario.nodes,
    membersAtStart: membersAtStart(scenario),
    votes: quorum('votes'),
    commitQuorum: quorum('commit-quorum'),
    votesCounted: isCount(knob('votes')),
    membership: knob('membership'),
    confchangeGuard: knob('confchange-guard') === 'on',
    useConfiguration: knob('use-config'),
    learners: knob('learners'),
    oneVote: knob('one-vote') === 'on',
    electionRestriction: knob('election-restriction') === 'on',
    consistencyCheck: knob('consistency-check') === 'on',
    truncateAlways: knob('truncate') === 'always',
    commitBound: knob('commit-bound'),
    commitOldTerms: knob('commit-old-terms') === 'on',
    obeyStaleTerms: knob('stale-terms') === 'obey',
    readNoOp: knob('read-noop') === 'on',
    readPath: knob('read-path'),
    lease: leaseChoiceOf(knob, Math.min(...timeoutUs)),
    sessions: knob('sessions') === 'on',
    preVote: knob('pre-vote') === 'on',
    checkQuorum: knob('check-quorum') === 'on',
    snapshotEvery: knob('snapshot-every') === 'never' ? undefined : Number(knob('snapshot-every')),
    snapshotSessions: knob('snapshot-sessions') === 'on',
    snapshotAlways: knob('snapshot-install') === 'always',
    transferAppoints: knob('transfer') === 'appointment',
    persist: knob('persist'),
    fsyncLate: knob('fsync') === 'late',
    timeoutUs,
    baselineUs: Math.min(...timeoutUs),
    jitterUs: Number(knob('jitter')),
  };
}
