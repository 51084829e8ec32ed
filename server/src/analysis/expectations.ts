/**
 * What the author expects against what happened (language.md, "Expectations").
 *
 * A run that was stopped (its budget used up) decides only what nothing later can change: the rest is `open`.
 */
import type { Chain, Execution, Finding } from '../checkers/checker.ts';
import type { ExpectationModel, Scenario } from '../model/scenario.ts';
import { judgeLeads, judgeNoLeader } from './expectLeaders.ts';
import { judgeMembers } from './expectMembers.ts';
import { judgeOutcome, judgeProgress, judgeReadValue } from './expectOperations.ts';
import { judgeKeyValue } from './expectValues.ts';
import { judgeNoViolations, judgeViolation, names } from './expectViolations.ts';

export interface Judgement {
  readonly met: boolean;
  /** What happened instead; '' where it is met. */
  readonly message: string;
  /** A longer run could decide otherwise. */
  readonly open: boolean;
}

/** What an expectation is judged by. */
export interface Evidence {
  readonly scenario: Scenario;
  readonly execution: Execution;
  readonly chains: readonly Chain[];
}

export interface ExpectationJudgement extends Judgement {
  readonly expectation: ExpectationModel;
}

/** Judges every expectation of the scenario, in their order. */
export function judgeExpectations(evidence: Evidence): readonly ExpectationJudgement[] {
  const stopped = evidence.execution.end === 'budget' || evidence.execution.end === 'cancelled';
  return evidence.scenario.expectations.map((expectation) => {
    const judged = judge(evidence, expectation);
    return { expectation, ...judged, open: stopped && judged.open };
  });
}

function judge(evidence: Evidence, expectation: ExpectationModel): Judgement {
  switch (expectation.kind) {
    case 'violation': return judgeViolation(evidence, expectation);
    case 'no-violations': return judgeNoViolations(evidence);
    case 'leads': return judgeLeads(evidence, expectation);
    case 'no-leader': return judgeNoLeader(evidence, expectation);
    case 'outcome': return judgeOutcome(evidence, expectation);
    case 'read-value': return judgeReadValue(evidence, expectation);
    case 'key-value': return judgeKeyValue(evidence, expectation);
    case 'progress': return judgeProgress(evidence, expectation);
    case 'members': return judgeMembers(evidence, expectation);
  }
}

/** Whether the author expects this chain: any of its findings is named by an `expect VIOLATION`. */
export function isExpected(chain: Chain, expectations: readonly ExpectationModel[]): boolean {
  const findings: readonly Finding[] = [chain.primary, ...chain.folded];
  return expectations.some((expectation) => expectation.kind === 'violation' && !expectation.negated
    && findings.some((finding) => names(expectation, finding)));
}
