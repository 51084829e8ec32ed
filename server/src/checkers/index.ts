/** All checkers, and what analysis asks of them: to judge an execution, or a history. */
import type { History } from '../model/history.ts';
import type { Chain, CheckResult, Checker, Execution } from './checker.ts';
import { blocked } from './blocked.ts';
import { foldChains } from './chains.ts';
import { commitLag } from './commitLag.ts';
import { checkAll } from './groups.ts';
import { commitRegression } from './commitRegression.ts';
import { disjointQuorums } from './disjointQuorums.ts';
import { diverged } from './diverged.ts';
import { dualLeader } from './dualLeader.ts';
import { duplicateExecution } from './duplicateExecution.ts';
import { epochCollision } from './epochCollision.ts';
import { epochRegression } from './epochRegression.ts';
import { equivocation } from './equivocation.ts';
import { leaseOverlap } from './leaseOverlap.ts';
import { result } from './facts.ts';
import { lostWrite } from './lostWrite.ts';
import { checkHistoryAtomic, notAtomic } from './notAtomic.ts';
import { noProgress } from './noProgress.ts';
import { checkHistoryLinearizable, notLinearizable } from './notLinearizable.ts';
import { splitBrain } from './splitBrain.ts';
import { staleEpoch } from './staleEpoch.ts';
import { checkHistoryStaleReads, staleRead } from './staleRead.ts';
import { staleLook } from './staleLook.ts';
import { underReplicated } from './underReplicated.ts';
import { checkHistoryWeaker } from './weakerOrders.ts';
import { unfenced } from './unfenced.ts';

export { foldChains } from './chains.ts';

/** In the order in which findings of the same moment are reported. */
export const CHECKERS: readonly Checker[] = [
  splitBrain, equivocation, epochCollision, staleEpoch, epochRegression, disjointQuorums, leaseOverlap, lostWrite, diverged,
  unfenced, duplicateExecution, commitRegression, notLinearizable, notAtomic, staleRead, staleLook, blocked, underReplicated, commitLag, noProgress, dualLeader,
];

export interface ExecutionVerdict extends Omit<CheckResult, 'findings'> {
  readonly chains: readonly Chain[];
}

/** Everything that can be said of an execution; findings that hang together are folded into chains. */
export function checkExecution(execution: Execution): ExecutionVerdict {
  const { findings, ...rest } = joined(checkAll(CHECKERS, execution));
  return { chains: foldChains(findings), ...rest };
}

/**
 * What clients saw, judged by the model of each key. Operations of the findings are indexes into the history's; what
 * cannot be ordered at all comes before what was merely stale.
 */
export function checkHistory(history: History): CheckResult {
  const { consistency = 'linearizable' } = history;
  return consistency !== 'linearizable' ? checkHistoryWeaker(history, consistency)
    : joined([checkHistoryLinearizable(history), checkHistoryAtomic(history), checkHistoryStaleReads(history)]);
}

function joined(results: readonly CheckResult[]): CheckResult {
  return result(results.flatMap(({ findings }) => findings), results.flatMap(({ notCheckable }) => notCheckable),
    results.flatMap(({ unknown }) => unknown), results.find(({ reached }) => reached !== undefined)?.reached);
}
