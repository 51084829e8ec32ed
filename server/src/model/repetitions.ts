/** `every 100ms c1 adds 1 to n`: as many operations as there are times, each a request of its own. */
import type { OperationModel, ScriptStep } from './scenario.ts';

/** More than this, and the author meant something else. */
export const MOST_REPETITIONS = 20_000;

type Steps = { readonly operations: OperationModel[]; readonly script: ScriptStep[] };

/**
 * Writes repeated operations out, up to `endUs`. The first keeps its number and its label; the others are numbered after all
 * operations of the document. Returns the line of a statement that repeats too often, which is left alone, or undefined.
 */
export function writeOut(steps: Steps, endUs: number): number | undefined {
  const { operations, script } = steps;
  let tooMany: number | undefined;
  for (const [index, step] of [...script.entries()]) {
    if (step.kind !== 'operation' || step.trigger.kind !== 'every') continue;
    const { fromUs, periodUs, toUs } = step.trigger;
    const times = Math.floor((Math.min(toUs ?? endUs, endUs) - fromUs) / periodUs) + 1;
    if (times > MOST_REPETITIONS) tooMany ??= step.line;
    script[index] = { ...step, trigger: { kind: 'at', timeUs: fromUs } };
    for (let time = 1; time < Math.min(times, MOST_REPETITIONS); time++) {
      const operation = { ...step.operation, id: operations.length, label: undefined };
      operations.push(operation);
      script.push({ ...step, operation, trigger: { kind: 'at', timeUs: fromUs + time * periodUs } });
    }
  }
  return tooMany;
}
