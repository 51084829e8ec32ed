import type { Scenario } from '../../model/scenario.ts';
import { echoQuorumOf } from './hardening.ts';
import { leaseChoiceOf } from '../leases.ts';
import type { Config } from './state.ts';

function echoesOf(value: string, n: number): number {
  return value === 'off' ? 0 : value === 'quorum' ? echoQuorumOf(n) : value === 'all' ? n : Number(value);
}

/** The scenario's knobs as the state machine uses them. The model has checked names and values. */
export function configOf(scenario: Scenario): Config {
  const knob = <T extends string>(name: string): T => {
    const value = scenario.knobs.get(name)?.value;
    if (value === undefined) throw new Error(`primary-backup: the knob ${name} has no value`);
    return value as T;
  };
  const durationUs = (name: string): number => Number(knob(name));
  const ranks = scenario.nodes.map((_, rank) => rank);
  const baseUs = durationUs('base'), staggerUs = durationUs('stagger');
  return {
    phases: knob('phases') === '3' ? 3 : 2,
    commitQuorum: knob('commit-quorum'),
    replyAt: knob('reply-at'),
    fifo: (scenario.network.order ?? knob('order')) === 'fifo',
    duplicate: knob('dup') === 'on',
    retry: knob('retry') === 'rto',
    sessions: knob('sessions') === 'on',
    inDoubt: knob('in-doubt'),
    detector: knob('fd') === 'timer',
    jitterUs: durationUs('jitter'),
    backoff: knob('backoff') === 'on',
    succession: knob('succession'),
    votes: knob('votes'),
    catchUp: knob('catch-up'),
    ratchet: knob('ratchet'),
    ratchetLeaders: knob('ratchet-scope') === 'all',
    readPath: knob('read-path'),
    lease: leaseChoiceOf(knob),
    persist: knob('persist'),
    fsyncLate: knob('fsync') === 'late',
    piggyback: knob('commit-prop') === 'piggyback',
    commitTimeoutUs: knob('commit-timeout') === 'never' ? Infinity : durationUs('commit-timeout'),
    batch: Number(knob('batch')),
    batchLingerUs: durationUs('batch-linger'),
    checksum: knob('checksum') !== 'off',
    forgetsDamage: knob('checksum') === 'truncate',
    authentication: knob('authentication') === 'on',
    hashChain: knob('hash-chain') === 'on',
    echoes: echoesOf(knob('echo'), scenario.nodes.length),
    stopOnEvidence: knob('stop-on-evidence') === 'on',
    timeoutUs: ranks.map((rank) => scenario.timeouts.get(rank) ?? baseUs + rank * staggerUs),
    // `timeouts` replaces the timer exactly, stagger and all: two nodes with equal timers stay equal in every round.
    roundUs: ranks.map((rank) => ({ base: scenario.timeouts.get(rank) ?? baseUs, stagger: scenario.timeouts.has(rank) ? 0 : rank * staggerUs })),
    nodeCount: scenario.nodes.length,
  };
}
