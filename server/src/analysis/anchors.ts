/**
 * Where a finding of a scenario stands in its document (protocols.md C3): the statement whose outcome is wrong; then the
 * fault that allowed it, the knob that permits it, and the election that led to it.
 */
import type { Execution, Finding } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
import type { Line } from '../language/document.ts';
import type { Statement } from '../language/syntax.ts';
import type { ProtocolSpec } from '../model/catalogue.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { FaultModel, Scenario } from '../model/scenario.ts';
import { faultsOf, faultWords, involves, isReturn, sinceUs, type FaultUse } from './faults.ts';
import { permittingKnobs } from './knobs.ts';
import { unfencedResource } from './resourceFix.ts';
import { statementPlace } from './places.ts';
import { formatTime } from './words.ts';

type Related = Diagnostic['related'][number];

/** What there is to point at. */
export interface Scene {
  readonly lines: readonly Line[];
  readonly scenario: Scenario;
  readonly execution: Execution;
  readonly spec: ProtocolSpec | undefined;
  readonly faults: readonly FaultUse[];
  /** The `leads` events after the start. */
  readonly elections: readonly number[];
}

export function sceneOf(lines: readonly Line[], scenario: Scenario, execution: Execution, spec: ProtocolSpec | undefined): Scene {
  const { log } = execution;
  const elections: number[] = [];
  for (let i = 0; i < log.length; i++) if (log.kind(i) === EVENT.leads && log.timeUs(i) > 0) elections.push(i);
  return { lines, scenario, execution, spec, faults: faultsOf(scenario, execution), elections };
}

/** What a code's primary place is; a code that is not here stands on its operation. */
type Anchor = 'operation' | 'return' | 'restart' | 'fault' | 'knob' | 'protocol' | 'lie';

const ANCHORS: Readonly<Record<string, Anchor>> = {
  'dual-leader': 'fault',
  'epoch-collision': 'fault',
  'stale-epoch': 'return',
  'epoch-regression': 'restart',
  'lease-overlap': 'knob',
  'commit-regression': 'protocol',
  'disjoint-quorums': 'knob',
  'commit-lag': 'knob',
  equivocation: 'lie',
};

/** The line of the statement whose outcome is wrong. */
export function primaryLine(scene: Scene, finding: Finding): number {
  const { scenario } = scene;
  const wanted = ANCHORS[finding.code] ?? 'operation';
  const fault = faultLine(scene, finding, wanted);
  if (fault !== undefined) return fault;
  if (wanted === 'knob') return knobLine(scene, finding) ?? scenario.protocolLine;
  if (wanted === 'protocol') return scenario.protocolLine;
  if (wanted === 'operation' || wanted === 'return') {
    const operation = finding.operations.map((op) => scenario.operations[op]).find((found) => found !== undefined);
    if (operation !== undefined) return operation.line;
    if (finding.code === 'no-progress') return lineOf(scene, expectsProgress) ?? scenario.protocolLine;
  }
  return enablingFault(scene, finding)?.line ?? timersLine(scene, finding) ?? scenario.protocolLine;
}

function expectsProgress(statement: Statement): boolean {
  return statement.kind === 'expect' && statement.expectation.kind === 'progress';
}

function faultLine(scene: Scene, finding: Finding, wanted: Anchor): number | undefined {
  if (wanted === 'return') return returningFault(scene, finding, isReturn)?.line;
  if (wanted === 'restart') return (returningFault(scene, finding, isRestart) ?? returningFault(scene, finding, isReturn))?.line;
  if (wanted === 'lie') return scene.faults.find(({ fault }) => fault.kind === 'lies' && involves(fault, finding.nodes))?.line;
  return undefined;
}

function isRestart(fault: FaultModel): boolean {
  return fault.kind === 'restart';
}

/** The last return before the finding; one of its own nodes first. */
function returningFault(scene: Scene, finding: Finding, is: (fault: FaultModel) => boolean): FaultUse | undefined {
  const last = (use: FaultUse): number => use.timesUs.findLast((timeUs) => timeUs <= finding.timeUs) ?? Infinity;
  const returns = scene.faults.filter((use) => is(use.fault) && last(use) <= finding.timeUs).sort((a, b) => last(a) - last(b));
  return returns.findLast((use) => involves(use.fault, finding.nodes)) ?? returns[returns.length - 1];
}

/**
 * The fault that allowed it: one that the witnesses name; else the last before the election (or the finding) that touches
 * its nodes; else the last of all.
 */
export function enablingFault(scene: Scene, finding: Finding): FaultUse | undefined {
  const all = scene.faults.filter((use) => !isReturn(use.fault) && sinceUs(use) <= finding.timeUs);
  // A forced timeout or a transfer is the election's own place; it is the fault only where there is no other.
  const others = all.filter((use) => !callsElection(use.fault));
  const harmful = others.length > 0 ? others : all;
  const named = finding.witnesses.slice(1).map((event) => scene.execution.log.line(event))
    .map((line) => harmful.find((use) => use.line === line)).find((use) => use !== undefined);
  if (named !== undefined) return named;
  const election = electionEvent(scene, finding);
  const before = election === undefined ? harmful : harmful.filter((use) => sinceUs(use) <= scene.execution.log.timeUs(election));
  const touching = (uses: readonly FaultUse[]): FaultUse | undefined => uses.findLast((use) => involves(use.fault, finding.nodes));
  return touching(before) ?? touching(harmful) ?? harmful[harmful.length - 1];
}

/** The last election before the finding that one of its nodes won, the start not counted; its `leads` event. */
function electionEvent({ execution: { log }, elections }: Scene, finding: Finding): number | undefined {
  const witness = finding.witnesses.filter((event) => elections.includes(event)).sort((a, b) => log.epoch(b) - log.epoch(a))[0];
  return witness ?? elections.findLast((event) => log.timeUs(event) <= finding.timeUs
    && (finding.nodes.length === 0 || finding.nodes.includes(log.node(event)) || finding.epochs.includes(log.epoch(event))));
}

/** The line of the knob that permits it; of several that are written, the last one: it completes what is wrong. */
function knobLine(scene: Scene, finding: Finding): number | undefined {
  const permitting = scene.spec === undefined ? [] : permittingKnobs(scene.spec, scene.scenario, finding.code);
  const written = permitting.filter(({ setting }) => setting.written).map(({ setting }) => setting.line);
  return written.length > 0 ? Math.max(...written) : permitting[0]?.setting.line;
}

/** The `timeouts` line if it speaks of the node that won, else the `nodes` line. */
function timersLine(scene: Scene, finding: Finding): number | undefined {
  const election = electionEvent(scene, finding);
  if (election !== undefined && scene.scenario.timeouts.has(scene.execution.log.node(election))) {
    const timeouts = lineOf(scene, (statement) => statement.kind === 'timeouts');
    if (timeouts !== undefined) return timeouts;
  }
  return lineOf(scene, (statement) => statement.kind === 'nodes');
}

function lineOf(scene: Scene, is: (statement: Statement) => boolean): number | undefined {
  const { line, endLine } = scene.scenario;
  for (let i = line; i <= endLine; i++) {
    const statement = scene.lines[i]?.statement;
    if (statement !== undefined && is(statement)) return i;
  }
  return undefined;
}

/** The places beside the primary one, in the order of protocols.md C3. */
export function relatedPlaces(scene: Scene, finding: Finding, primary: number): readonly Related[] {
  const candidates = [faultPlace(scene, finding), knobPlace(scene, finding), resourcePlace(scene, finding), electionPlace(scene, finding)];
  return candidates.filter((related) => related !== undefined).filter((related) => related.place.line !== primary);
}

function faultPlace(scene: Scene, finding: Finding): Related | undefined {
  const use = enablingFault(scene, finding);
  return use === undefined ? undefined
    : { place: statementPlace(scene.lines, use.line), message: `allowed by ${faultWords(use.fault)}, from ${formatTime(sinceUs(use))}` };
}

function knobPlace(scene: Scene, finding: Finding): Related | undefined {
  const permitting = scene.spec === undefined ? undefined : permittingKnobs(scene.spec, scene.scenario, finding.code)[0];
  if (permitting === undefined) return undefined;
  const { knob, setting } = permitting;
  const origin = setting.written ? '' : ', which this preset sets';
  return { place: statementPlace(scene.lines, setting.line), message: `permitted by \`${knob.name} ${setting.value}\`${origin}` };
}

/** `resource R`, where that lets in what it should not. */
function resourcePlace(scene: Scene, finding: Finding): Related | undefined {
  const resource = finding.code === 'unfenced' ? unfencedResource(scene.scenario, finding) : undefined;
  return resource && { place: statementPlace(scene.lines, resource.line), message: 'permitted by this resource, which does not look at tokens' };
}

function electionPlace(scene: Scene, finding: Finding): Related | undefined {
  const { log, names } = scene.execution;
  const election = electionEvent(scene, finding);
  if (election === undefined) return undefined;
  const line = suspicionLine(scene, election) ?? timersLine(scene, finding);
  if (line === undefined) return undefined;
  const epoch = log.epoch(election) < 0 ? '' : ` of epoch ${log.epoch(election)}`;
  const votes = log.a(election) < 0 ? '' : `, with ${log.a(election)} of ${log.b(election)} votes`;
  const message = `${names[log.node(election)] ?? '?'} became leader${epoch} at ${formatTime(log.timeUs(election))}${votes}`;
  return { place: statementPlace(scene.lines, line), message };
}

/** `timeout B`, `transfer A to B`. */
function callsElection(fault: FaultModel): boolean { return fault.kind === 'timeout' || fault.kind === 'transfer'; }

/** The `timeout B` or `transfer A to B` statement at the root of an election, if one caused it. */
function suspicionLine(scene: Scene, event: number): number | undefined {
  const { log } = scene.execution;
  for (let at = event, steps = 0; at >= 0 && steps < 1000; at = log.cause(at), steps++) {
    const use = scene.faults.find(({ line, fault }) => line === log.line(at) && callsElection(fault));
    if (use !== undefined) return use.line;
  }
  return undefined;
}
