import type { Finding } from '../checkers/checker.ts';
import type { ExpectationModel } from '../model/scenario.ts';
import type { Evidence, Judgement } from './expectations.ts';
import { listed } from '../model/suggest.ts';
import { formatTime } from './words.ts';

export type ViolationExpectation = Extract<ExpectationModel, { kind: 'violation' }>;

/** Whether an expectation speaks of this finding: its code, its operation, one of its nodes, and in time. */
export function names(expectation: ViolationExpectation, finding: Finding): boolean {
  return isOf(expectation, finding) && inTime(expectation, finding)
    && (expectation.nodes.length === 0 || expectation.nodes.some((node) => finding.nodes.includes(node)));
}

function isOf(expectation: ViolationExpectation, finding: Finding): boolean {
  return finding.code === expectation.code
    && (expectation.operation === undefined || finding.operations.includes(expectation.operation));
}

function inTime(expectation: ViolationExpectation, finding: Finding): boolean {
  return expectation.byUs === undefined || finding.timeUs <= expectation.byUs;
}

export function allFindings(evidence: Evidence): readonly Finding[] {
  return evidence.chains.flatMap((chain) => [chain.primary, ...chain.folded]);
}

export function judgeViolation(evidence: Evidence, expectation: ViolationExpectation): Judgement {
  return expectation.negated ? judgeAbsence(evidence, expectation) : judgePresence(evidence, expectation);
}

function judgeAbsence(evidence: Evidence, expectation: ViolationExpectation): Judgement {
  const found = allFindings(evidence).find((finding) => names(expectation, finding));
  return found === undefined
    ? { met: true, message: '', open: stillToCome(evidence, expectation.byUs) }
    : { met: false, message: `at ${formatTime(found.timeUs)}: ${found.message}`, open: false };
}

/** Met when every node that is named is in a finding of that code. */
function judgePresence(evidence: Evidence, expectation: ViolationExpectation): Judgement {
  const ofCode = allFindings(evidence).filter((finding) => isOf(expectation, finding));
  const matching = ofCode.filter((finding) => inTime(expectation, finding));
  const missing = expectation.nodes.filter((node) => !matching.some((finding) => finding.nodes.includes(node)));
  if (matching.length > 0 && missing.length === 0) return { met: true, message: '', open: false };
  const message = insteadOf(evidence, expectation, ofCode, matching, missing);
  return { met: false, message, open: stillToCome(evidence, expectation.byUs) };
}

function insteadOf(evidence: Evidence, expectation: ViolationExpectation, ofCode: readonly Finding[], matching: readonly Finding[],
  missing: readonly number[]): string {
  const { code } = expectation;
  const process = (index: number): string => evidence.execution.names[index] ?? '?';
  if (matching.length > 0) {
    const others = [...new Set(matching.flatMap((finding) => finding.nodes))].map(process);
    const missed = missing.map(process);
    return `no ${code} on ${listed(missed)}${others.length > 0 ? `; it was found on ${listed(others)}` : ''}`;
  }
  const late = ofCode[0];
  if (late !== undefined) return `${code} came at ${formatTime(late.timeUs)}, not by ${formatTime(expectation.byUs ?? 0)}`;
  return `no ${code} in this run; ${whatWasFound(evidence, expectation)}`;
}

function whatWasFound(evidence: Evidence, expectation: ViolationExpectation): string {
  const findings = allFindings(evidence);
  const sameCode = findings.find((finding) => finding.code === expectation.code);
  if (sameCode !== undefined) {
    const about = sameCode.operations.map((op) => evidence.scenario.operations[op]?.label).filter((label) => label !== undefined);
    if (about.length > 0) return `it was found on ${listed(about)} instead`;
  }
  const codes = [...new Set(findings.map((finding) => finding.code))];
  return codes.length === 0 ? 'nothing was violated' : `what was found is ${listed(codes)}`;
}

/** None of severity error, expected or not. */
export function judgeNoViolations(evidence: Evidence): Judgement {
  const found = allFindings(evidence).filter((finding) => finding.severity === 'error' && finding.certainty === 'proved');
  const first = found[0];
  if (first === undefined) return { met: true, message: '', open: true };
  const others = [...new Set(found.slice(1).map((finding) => finding.code))].filter((code) => code !== first.code);
  const rest = others.length === 0 ? '' : ` Also: ${others.join(', ')}.`;
  return { met: false, message: `${first.code} at ${formatTime(first.timeUs)}: ${first.message}${rest}`, open: false };
}

/** Whether a run that went on could still decide an expectation with this deadline. */
export function stillToCome(evidence: Evidence, byUs: number | undefined): boolean {
  return byUs === undefined || byUs > evidence.execution.endUs;
}
