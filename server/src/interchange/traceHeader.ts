/** What a trace says of its protocol: the `protocol` line of a written one, and the quorum that it means. */
import { pairsText } from '../engine/setup.ts';
import type { PresetSpec, ProtocolSpec } from '../model/catalogue.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Trace } from '../model/trace.ts';
import { CATALOGUE, protocolNamed } from '../protocols/registry.ts';

/**
 * The sizes of an election's and a decision's quorum in the protocol that the trace names (see EVENT.config), -1 where that is
 * not known, which sizes must share a node, and how many equal answers a client waits for.
 */
export function quorumsOf(trace: Trace): { readonly election: number; readonly decision: number; readonly pairs: string; readonly replies: number } {
  const protocol = trace.protocol === undefined ? undefined : protocolNamed(trace.protocol);
  if (protocol === undefined || trace.knobs.size === 0) return { election: -1, decision: -1, pairs: '', replies: 1 };
  const machine = protocol.configure(emptyScenario(trace));
  return { election: machine.electionQuorum, decision: machine.decisionQuorum ?? -1, pairs: pairsText(machine), replies: machine.repliesNeeded ?? 1 };
}

/** The trace's nodes and knobs with nothing to do. */
function emptyScenario({ name, line, endLine, nodes, memberCount, clients, knobs, protocol }: Trace): Scenario {
  return {
    name, line, endLine, protocol: protocol ?? '', protocolLine: line, knobs, nodes, memberCount, clients, resources: new Map(), timeouts: new Map(), seed: 1, runToUs: undefined, stableUs: undefined,
    network: { delays: [], loss: 0, duplicates: 0, order: undefined, line: undefined }, operations: [], script: [], expectations: [],
  };
}

/** Lines that set up the same protocol with the same knobs, indented as in a block. */
export function protocolLines(scenario: Scenario): readonly string[] {
  const spec = CATALOGUE.protocols.find((each) => each.name === scenario.protocol);
  if (spec === undefined) return [`  protocol ${scenario.protocol}`];
  const presets = spec.presets.filter((preset) => preset.available);
  const ranked = presets.map((preset) => ({ preset, knobs: differing(spec, preset, scenario) })).sort((a, b) => a.knobs.length - b.knobs.length);
  const best = ranked[0] ?? { preset: undefined, knobs: differing(spec, undefined, scenario) };
  const like = best.preset === undefined || best.preset.name === spec.defaultPreset ? '' : ` like ${best.preset.name}`;
  if (best.knobs.length === 0) return [`  protocol ${spec.name}${like}`];
  return [`  protocol ${spec.name}${like} {`, ...best.knobs.map(([knob, value]) => `    ${knob} ${value}`), '  }'];
}

/** Knobs of the scenario that the preset would set otherwise. */
function differing(spec: ProtocolSpec, preset: PresetSpec | undefined, scenario: Scenario): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (const knob of spec.knobs) {
    const value = scenario.knobs.get(knob.name)?.value;
    const usual = preset?.knobs[knob.name] ?? knob.default;
    if (!knob.available || value === undefined || value === usual) continue;
    found.push([knob.name, knob.type === 'duration' && /^\d+$/.test(value) ? `${value}us` : value]);
  }
  return found;
}
