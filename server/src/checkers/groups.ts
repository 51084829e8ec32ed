/** Executions in which several groups of epochs and slots run side by side: each is judged as if it were all there is. */
import type { CheckResult, Checker, Execution, Finding, NotCheckable } from './checker.ts';
import { result } from './facts.ts';

/** Of one group: its events and the common ones, and the operations that it knows of. `events`: where its events are in the whole log. */
interface Part { readonly group: number; readonly execution: Execution; readonly events: readonly number[] }

function partsOf(execution: Execution): readonly Part[] {
  const { log } = execution;
  const known = Array.from({ length: log.groups + 1 }, () => new Set<number>());
  for (let i = 0; i < log.length; i++) if (log.group(i) > 0 && log.slot(i) >= 0) for (const op of log.operations(i)) known[log.group(i)]!.add(op < 0 ? -1 - op : op);
  return known.flatMap((ops, group): readonly Part[] => {
    if (group === 0) return [];
    const { log: own, events } = log.projected(group), at = new Map(events.map((event, index) => [event, index]));
    const operations = execution.operations.filter(({ op }) => ops.has(op))
      .map((each) => ({ ...each, invokeEvent: at.get(each.invokeEvent) ?? -1, endEvent: at.get(each.endEvent) ?? -1 }));
    return [{ group, execution: { ...execution, log: own, operations }, events }];
  });
}

/** What each checker finds; in a log without groups that is all there is to it. */
export function checkAll(checkers: readonly Checker[], execution: Execution): readonly CheckResult[] {
  if (execution.log.groups === 0) return checkers.map((checker) => checker.check(execution));
  const parts = partsOf(execution);
  return checkers.map((checker) => (checker.wholeSystem === true ? checker.check(execution) : merged(parts.map((part) => inWhole(part, checker.check(part.execution))))));
}

function inWhole({ group, events }: Part, { findings, notCheckable, unknown }: CheckResult): CheckResult {
  const moved = (finding: Finding): Finding => ({ ...finding, group, witnesses: finding.witnesses.map((event) => events[event]!) });
  return result(findings.map(moved), notCheckable, unknown);
}

/** What is missing in every group is missing; a group in which nothing happened lacks nothing. */
function merged(results: readonly CheckResult[]): CheckResult {
  const missing = new Map<string, NotCheckable>(results.flatMap(({ notCheckable }) => notCheckable.map((each) => [`${each.code} ${each.missing}`, each] as const)));
  const always = [...missing].filter(([name]) => results.every(({ notCheckable }) => notCheckable.some((each) => `${each.code} ${each.missing}` === name)));
  return result(results.flatMap(({ findings }) => findings), always.map(([, each]) => each), [...new Set(results.flatMap(({ unknown }) => unknown))]);
}
