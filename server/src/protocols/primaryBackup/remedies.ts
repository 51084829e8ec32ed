/**
 * Which of the checks of hardening.ts keeps a violation away: said only of runs whose script damages or forges. `hash-chain`
 * finds a lie after the first slot of it, and with `echo` a lie does no harm and is still told: neither keeps a violation away.
 */
import type { KnobRelation } from '../../model/catalogue.ts';
import type { FaultModel, Scenario } from '../../model/scenario.ts';

/** What a message or a record that is believed, and is not what it was, leads to. */
const BELIEVED = ['diverged', 'lost-write', 'not-linearizable', 'stale-read', 'split-brain', 'epoch-collision', 'commit-regression', 'no-progress'];

interface Remedy {
  readonly knob: string;
  readonly against: (fault: FaultModel) => boolean;
  readonly safe: string;
  readonly message: string;
}

/** Somebody speaks in another's name, or of an epoch that nobody gave it. */
const forges = (fault: FaultModel): boolean => fault.kind === 'lies' && (fault.as !== undefined || fault.epoch !== undefined);

const REMEDIES: readonly Remedy[] = [
  { knob: 'checksum', against: ({ kind }) => kind === 'corrupt' || kind === 'disk-corrupts', safe: 'on', message: 'What is damaged is believed.' },
  { knob: 'authentication', against: forges, safe: 'on', message: 'Whoever speaks is believed to be who they say.' },
];

const happens = ({ script }: Scenario, against: Remedy['against']): boolean => script.some((step) => step.kind === 'fault' && against(step.fault));

/** A check that is off, and what the run lacks it against. Nothing is wrong with it before that: `asRun` only. */
export const REMEDY_RELATIONS: readonly KnobRelation[] = REMEDIES.flatMap(({ knob, against, safe, message }) => BELIEVED.map((code): KnobRelation => ({
  code, knob, knobs: [knob],
  breach: (scenario, asRun) => (asRun && scenario.knobs.get(knob)!.value === 'off' && happens(scenario, against) ? { message, safe } : undefined),
})));
