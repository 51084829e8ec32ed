import { checkExecution } from '../checkers/index.ts';
import type { Chain } from '../checkers/checker.ts';
import { Simulation } from '../engine/simulation.ts';
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { lowerScenario } from '../model/lower.ts';
import { CATALOGUE, protocolNamed } from '../protocols/registry.ts';
import type { BlockResult, ExpectationResult, Violation } from './analysis.ts';
import { primaryLine, relatedPlaces, sceneOf, type Scene } from './anchors.ts';
import { executionOfRun } from './execution.ts';
import { isExpected, judgeExpectations, type ExpectationJudgement } from './expectations.ts';
import { knobFixes, relationDiagnostics } from './knobs.ts';
import { resourceFixes } from './resourceFix.ts';
import { headerPlace, statementPlace } from './places.ts';
import { chainDiagnostic, note, oncePerLine, unknownDiagnostics, verdictOf } from './verdicts.ts';
import { formatTime } from './words.ts';
import { unjudged, type BlockOptions, type Slices } from './block.ts';

/** Events of one slice: a few milliseconds. */
const SLICE = 2000;

/** Runs a scenario and judges the run. Yields between slices with the number of events so far. */
export function* analyseScenario(document: PawlDocument, block: BlockRange, syntax: readonly Diagnostic[], options: BlockOptions): Slices {
  const lowered = lowerScenario(document, block, CATALOGUE);
  const scenario = lowered.value;
  const protocol = scenario && protocolNamed(scenario.protocol);
  const diagnostics = [...syntax, ...lowered.diagnostics];
  if (scenario === undefined || protocol === undefined || leavesTheScheduleOpen(document, block)) {
    return { ...unjudged(block, diagnostics), scenario };
  }
  const simulation = new Simulation(scenario, protocol.configure(scenario), options.budget === undefined ? {} : { budget: options.budget });
  while (!simulation.advance(SLICE)) yield simulation.events;
  const run = simulation.run();
  yield simulation.events;
  const execution = executionOfRun(scenario, run);
  const result: BlockResult = { ...unjudged(block, diagnostics), scenario, run, execution, events: run.log.length };
  if (result.verdict === 'invalid') return result;
  return judged(result, sceneOf(document.lines, scenario, execution, protocol.spec), options);
}

function leavesTheScheduleOpen(document: PawlDocument, block: BlockRange): boolean {
  return document.lines.slice(block.start, block.end + 1).some((line) => line.statement?.kind === 'explore');
}

function judged(result: BlockResult, scene: Scene, options: BlockOptions): BlockResult {
  const { scenario, execution } = scene;
  const checked = checkExecution(execution);
  const judgements = judgeExpectations({ scenario, execution, chains: checked.chains });
  const violations = checked.chains.map((chain) => violationOf(chain, scene));
  const shown = new Set(checked.chains.flatMap((chain) => [chain.primary, ...chain.folded].map(({ code }) => code)));
  const header = headerPlace(scene.lines, scenario.line);
  const stopped = execution.end === 'budget' || execution.end === 'cancelled';
  const unknown = stopped || checked.unknown.length > 0;
  return {
    ...result,
    expectations: judgements.map(expectationResult),
    violations,
    verdict: verdictOf({ violations, unmet: judgements.some(isUnmet), unknown, strict: options.strict }),
    diagnostics: [
      ...result.diagnostics,
      ...(stopped ? [note(header, 'error', 'budget', stoppedMessage(result, scene))] : []),
      ...unknownDiagnostics(header, checked),
      ...(scene.spec === undefined ? [] : relationDiagnostics(scene.spec, scenario, scene.lines)).filter(({ code }) => !shown.has(code)),
      ...oncePerLine(checked.chains.map((chain) => shownChain(chain, scene))),
      ...judgements.filter(isUnmet).map((judgement) => unmetDiagnostic(judgement, scene)),
      ...(stopped ? [] : unusedDiagnostics(result, scene)),
    ],
  };
}

function violationOf(chain: Chain, scene: Scene): Violation {
  return {
    finding: chain.primary,
    line: primaryLine(scene, chain.primary),
    expected: isExpected(chain, scene.scenario.expectations),
    folded: chain.folded,
    foldedLines: chain.folded.map((finding) => primaryLine(scene, finding)),
  };
}

function shownChain(chain: Chain, scene: Scene): Diagnostic {
  const line = primaryLine(scene, chain.primary);
  const expected = isExpected(chain, scene.scenario.expectations);
  return chainDiagnostic(chain, expected, {
    place: statementPlace(scene.lines, line),
    related: relatedPlaces(scene, chain.primary, line),
    fixes: [...resourceFixes(scene.scenario, scene.lines, chain.primary), ...scene.spec === undefined ? [] : knobFixes(scene.spec, scene.scenario, scene.lines, chain.primary.code)],
  });
}

function isUnmet(judgement: ExpectationJudgement): boolean {
  return !judgement.met && !judgement.open;
}

function expectationResult({ expectation, met, open, message }: ExpectationJudgement): ExpectationResult {
  const told = open ? `not known: the run was stopped before it could be decided${message === '' ? '' : ` (so far: ${message})`}` : message;
  return { text: expectation.text, line: expectation.line, met: met && !open, message: told };
}

function unmetDiagnostic({ expectation, message }: ExpectationJudgement, scene: Scene): Diagnostic {
  return note(statementPlace(scene.lines, expectation.line), 'error', 'expectation', `Not met: ${message}.`.replace(/\.\.$/, '.'));
}

function stoppedMessage(result: BlockResult, scene: Scene): string {
  const at = formatTime(scene.execution.endUs);
  return `Stopped after ${result.events} events, at ${at} of simulated time, so the verdict is unknown. `
    + 'A shorter `run to`, or longer periods for what happens `every` so often, lets it finish.';
}

/** A statement whose moment never came changed nothing, and the author may think that it did. */
function unusedDiagnostics(result: BlockResult, scene: Scene): readonly Diagnostic[] {
  const steps = (result.run?.unusedSteps ?? []).map((index) => scene.scenario.script[index]).filter((step) => step !== undefined);
  return oncePerLine(steps.map((step) => {
    const waits = step.trigger.kind === 'when' || step.trigger.kind === 'after';
    const calm = scene.scenario.stableUs === undefined || step.kind === 'operation' ? '' : ' while anything could fail';
    const why = waits ? `: what it waits for did not happen${calm}` : '';
    const message = `This never took effect${why} (the run ended at ${formatTime(scene.execution.endUs)}).`;
    return note(statementPlace(scene.lines, step.line), 'information', 'note', message);
  }));
}
