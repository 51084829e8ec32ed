import type { Scenario } from '../../model/scenario.ts';
import { counted, sizeOf } from '../quorums.ts';
import type { Config } from './state.ts';

/** The scenario's knobs as the state machine uses them. The model has checked names and values. */
export function configOf(scenario: Scenario): Config {
  const knob = <T extends string>(name: string): T => {
    const value = scenario.knobs.get(name)?.value;
    if (value === undefined) throw new Error(`zab: the knob ${name} has no value`);
    return value as T;
  };
  const n = scenario.nodes.length, baseUs = Number(knob('base')), staggerUs = Number(knob('stagger'));
  return {
    nodeCount: n,
    quorum: sizeOf(knob('quorum'), n),
    mustMeet: counted(n, [knob('quorum'), knob('quorum')]),
    epochFirst: knob('sync-order') === 'epoch-first',
    ackBeforeHistory: knob('ack-ld') === 'before-history',
    truncate: knob('truncate') === 'on',
    lateJoinersMiss: knob('late-joiner') === 'from-ack-ld',
    acceptAnyEpoch: knob('accepted-epoch') === 'any',
    adopt: knob('adopt'),
    readPath: knob('read-path'),
    sessions: knob('sessions') === 'on',
    persist: knob('persist'),
    timeoutUs: scenario.nodes.map((_, rank) => scenario.timeouts.get(rank) ?? baseUs + rank * staggerUs),
    jitterUs: Number(knob('jitter')),
    sessionTimeoutUs: Number(knob('session-timeout')),
    reconnectAnywhere: knob('reconnect') === 'anywhere',
    syncByQuorum: knob('sync') === 'quorum',
  };
}
