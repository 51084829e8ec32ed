/** Scenarios built by hand, for tests that need thousands of them. */
import { executionOfRun } from '../../server/src/analysis/execution.ts';
import { checkExecution } from '../../server/src/checkers/index.ts';
import type { Finding } from '../../server/src/checkers/checker.ts';
import { Simulation } from '../../server/src/engine/simulation.ts';
import type { Run } from '../../server/src/engine/run.ts';
import type { FaultModel, KnobValue, OperationModel, Scenario, ScriptStep, Trigger } from '../../server/src/model/scenario.ts';
import { protocolNamed } from '../../server/src/protocols/registry.ts';

export type ScriptEntry = { readonly trigger: Trigger } & ({ readonly fault: FaultModel } | { readonly operation: Pick<OperationModel, 'client' | 'action'> & Partial<OperationModel> });

/** A protocol, and its preset if it is not the default one. */
export interface Under { readonly protocol: string; readonly like?: string }

/** A scenario under a protocol, with some knobs set otherwise. A string is a preset of `primary-backup`. */
export function scenarioOf(under: string | Under, knobs: Readonly<Record<string, string>>, nodes: readonly string[], clients: readonly string[],
  entries: readonly ScriptEntry[], rest: Partial<Scenario> = {}): Scenario {
  const { protocol, like } = typeof under === 'string' ? { protocol: 'primary-backup', like: under } : under;
  const { spec } = protocolNamed(protocol)!;
  const values = new Map<string, KnobValue>(spec.knobs.map((knob) => [knob.name, { value: knob.default, line: 0, written: false }]));
  const chosen = { ...spec.presets.find((each) => each.name === (like ?? spec.defaultPreset))?.knobs, ...knobs };
  for (const [name, value] of Object.entries(chosen)) values.set(name, { value, line: 0, written: false });
  const operations: OperationModel[] = [];
  const script = entries.map((entry, line): ScriptStep => {
    if ('fault' in entry) return { kind: 'fault', trigger: entry.trigger, fault: entry.fault, line };
    const operation: OperationModel = { label: undefined, target: undefined, withinUs: undefined, retrying: false, ...entry.operation, id: operations.length, line };
    operations.push(operation);
    return { kind: 'operation', trigger: entry.trigger, operation, line };
  });
  return {
    name: 'test', line: 0, endLine: entries.length, protocol, protocolLine: 0, knobs: values, nodes, clients,
    network: { delays: [], loss: 0, duplicates: 0, order: undefined, line: undefined }, resources: new Map(), timeouts: new Map(), seed: 1, runToUs: undefined, stableUs: undefined,
    operations, script, expectations: [], ...rest,
  };
}

export const at = (ms: number): Trigger => ({ kind: 'at', timeUs: Math.round(ms * 1000) });

export function runOf(scenario: Scenario): Run {
  const simulation = new Simulation(scenario, protocolNamed(scenario.protocol)!.configure(scenario));
  while (!simulation.advance(100_000));
  return simulation.run();
}

/** Everything found, chains unfolded. */
export function findingsIn(scenario: Scenario, run: Run): readonly Finding[] {
  const verdict = checkExecution(executionOfRun(scenario, run));
  return verdict.chains.flatMap((chain) => [chain.primary, ...chain.folded]);
}

export const errorsIn = (scenario: Scenario, run: Run): readonly string[] => findingsIn(scenario, run).filter((finding) => finding.severity === 'error').map((finding) => finding.code);

export const findingsOf = (scenario: Scenario): readonly Finding[] => findingsIn(scenario, runOf(scenario));

export const errorsOf = (scenario: Scenario): readonly string[] => errorsIn(scenario, runOf(scenario));
