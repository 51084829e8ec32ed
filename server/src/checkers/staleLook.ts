/**
 * Looks at znodes (`gets`), which sessions promise less for than linearizability: changes come in one order, and a client never
 * goes back in it (Hunt, Konar, Junqueira and Reed 2010, section 2.3). So a look that is older than a change that had
 * been acknowledged is told as information, and one that is older than what the same client had done or seen is an error.
 *
 * By path and value: where several changes gave a znode the same data, a look may have seen any of them. Not judged: `lists` and
 * `checks`, whose answers depend on more than one path, or on ends of sessions, which are no client's operation.
 */
import { EVENT } from '../engine/events.ts';
import { stepsIn } from '../model/actions.ts';
import type { MultiStep } from '../model/sessions.ts';
import type { CheckResult, Checker, Execution, Finding, ObservedOperation } from './checker.ts';
import { duration, finding, missingFrom, operationName, result } from './facts.ts';
import { asKnown } from './order.ts';
import { staleReads } from './staleRead.ts';
import type { Call, Interval } from './intervals.ts';

const CODE = 'stale-read';

interface Path {
  readonly changes: Interval[];
  readonly looks: Interval[];
}

/** By path. */
function pathsOf(execution: Execution): ReadonlyMap<string, Path> {
  const paths = new Map<string, Path>();
  execution.operations.forEach((operation, id) => {
    for (const [path, call] of callsOf(operation)) {
      const known = paths.get(path) ?? { changes: [], looks: [] };
      paths.set(path, known);
      const interval = { id, client: String(operation.client), start: operation.invokeEvent, end: operation.outcome === 'ok' ? operation.endEvent : Infinity, call };
      if (call.kind === 'read') known.looks.push(interval); else known.changes.push(interval);
    }
  });
  return paths;
}

const callFor = (kind: Call['kind'], argument: string, seen?: string): Call => ({ kind, argument, argument2: '', result: seen });

/** What it does to the data of each path, none of it twice; a look counts once it is answered. */
function callsOf({ action, outcome, value }: ObservedOperation): ReadonlyMap<string, Call> {
  if (action.kind !== 'session' || outcome === 'failed') return new Map();
  const { call } = action;
  switch (call.kind) {
    case 'create': case 'set': case 'remove': return new Map(changeOf(call, value));
    // The answer is one value of the language, in quotes. Of several changes to one path nobody sees any but the last.
    case 'multi': {
      const answers = value === undefined ? [] : stepsIn(value.replaceAll('"', ''));
      return new Map(call.steps.flatMap((step, at) => changeOf(step, answers[at])));
    }
    case 'get': return new Map(outcome === 'ok' ? [[call.path, callFor('read', '', value)]] : []);
    default: return new Map();
  }
}

/** A path and what is done to it. Sequential names are known once they are answered. */
function changeOf(step: MultiStep, answer: string | undefined): readonly (readonly [string, Call])[] {
  if (step.kind === 'check') return [];
  const path = step.kind === 'create' && step.sequential ? answer : step.path;
  if (path === undefined) return [];
  return [[path, step.kind === 'remove' ? callFor('delete', '') : callFor('write', step.value === '' ? 'nil' : step.value)]];
}

const valueLeft = ({ call }: Interval): string => (call.kind === 'delete' ? 'nil' : call.argument);

/** The changes that a look may have seen. */
const sourcesOf = (changes: readonly Interval[], look: Interval): readonly Interval[] =>
  changes.filter((one) => valueLeft(one) === look.call.result && one.start <= look.end);

/**
 * A change that a look's client had made or seen before, and that is newer than whatever the look may have seen; with what
 * showed it to the client.
 */
function wentBack({ changes, looks }: Path, look: Interval): { readonly newer: Interval; readonly by: Interval } | undefined {
  const latest = Math.max(...sourcesOf(changes, look).map(({ end }) => end));
  if (sourcesOf(changes, look).length === 0) return undefined;
  const before = (one: Interval): boolean => one.client === look.client && one.end < look.start;
  const own = changes.find((one) => before(one) && latest < one.start);
  if (own !== undefined) return { newer: own, by: own };
  for (const earlier of looks.filter(before)) {
    const sources = sourcesOf(changes, earlier);
    if (sources.length > 0 && sources.every(({ start }) => latest < start)) return { newer: sources[0]!, by: earlier };
  }
  return undefined;
}

function report(execution: Execution, { changes }: Path, look: Interval, newer: Interval, by?: Interval): Finding {
  const { log, operations } = execution, looking = operations[look.id]!, changing = operations[newer.id]!;
  const found = `${operationName(execution, looking)} returned ${looking.value ?? 'nothing'}`, change = operationName(execution, changing);
  const earlier = duration(log.timeUs(looking.invokeEvent) - log.timeUs(changing.endEvent));
  const message = by === undefined ? `${found}; ${change} had completed ${earlier} earlier. A server answers from its own copy, which may be old unless the client syncs first.`
    : by === newer ? `${found}, although the same client's ${change} had completed before: no session goes back.`
    : `${found}, after ${operationName(execution, operations[by.id]!)} had returned ${operations[by.id]!.value ?? 'nothing'}: no session goes back.`;
  const ordered = [[newer.end, look.start] as const, ...sourcesOf(changes, look).map((one) => [one.end, newer.start] as const)];
  const told = finding(execution, CODE, by === undefined ? 'information' : 'error', message, {
    witnesses: [looking.endEvent, looking.invokeEvent, changing.endEvent], operations: [looking.op, changing.op], nodes: [log.peer(looking.endEvent)],
  });
  return asKnown(execution, told, { ordered: ordered.filter(([end]) => end !== Infinity) });
}

function check(execution: Execution): CheckResult {
  const missing = missingFrom(execution, CODE, [['client operations', EVENT.invoke]]);
  if (missing.length > 0) return result([]);
  const findings: Finding[] = [];
  for (const path of pathsOf(execution).values()) {
    const stale = new Map(staleReads([...path.changes, ...path.looks]).map(({ read, newer }) => [read, newer]));
    for (const look of path.looks) {
      const back = wentBack(path, look), newer = back?.newer ?? stale.get(look);
      if (newer !== undefined) findings.push(report(execution, path, look, newer, back?.by));
    }
  }
  return result(findings);
}

export const staleLook: Checker = { codes: [CODE], check };
