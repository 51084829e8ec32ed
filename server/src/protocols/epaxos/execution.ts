/**
 * §4.3.2, the execution algorithm: the committed instances and their dependencies are a graph; its strongly connected
 * components (Tarjan 1972) are executed in reverse topological order, and within one by seq. Every replica sees the same
 * graph of what interferes, so interfering commands are executed in the same order everywhere.
 */
import type { ProcessId } from '../../model/scenario.ts';
import { execute, requestKey } from '../keyValue.ts';
import type { Answer } from './commit.ts';
import { eventOf, instanceAt, ownerOf, type Config, type EpState, type Instance, type Step } from './state.ts';

/** After a commit: executes whatever has become ready, and gives the answers for the clients of this replica. */
export function executeReady(step: Step, committed: number): readonly Answer[] {
  const { config, state } = step;
  if (config.execution === 'arrival') return executeInstance(step, committed);
  state.pending = state.pending.set(committed, true);
  return executePending(step);
}

/** After a restart: what the disk holds is executed again. */
export function executeAgain(step: Step): void {
  const { state } = step;
  for (const [slot, { status }] of state.disk.instances) if (status === 'committed') state.pending = state.pending.set(slot, true);
  executePending(step);
}

function executePending(step: Step): readonly Answer[] {
  const { config, state } = step;
  const answers: Answer[] = [];
  for (const slot of [...state.pending.keys()]) {
    if (!state.pending.has(slot)) continue;
    for (const component of config.execution === 'arrival' ? [[slot]] : componentsFrom(config, state, slot)) {
      for (const each of component) answers.push(...executeInstance(step, each));
    }
  }
  return answers;
}

/** With sessions, a request that was executed in another instance has no second effect. */
function executeInstance(step: Step, slot: number): readonly Answer[] {
  const { config, context, state } = step;
  const instance = instanceAt(step, slot), { command } = instance;
  state.pending = state.pending.delete(slot);
  state.executed = state.executed.set(slot, true);
  if (command === undefined) {
    context.emit('apply', eventOf(step, slot, instance));
    return [];
  }
  const key = requestKey(command), repeated = config.sessions && state.results.has(key);
  if (!repeated) {
    const { values, result } = execute(state.values, command.action);
    state.values = values;
    state.results = state.results.set(key, result);
  }
  context.emit('apply', { ...eventOf(step, slot, instance), ...(repeated ? { detail: 'no effect: executed before' } : {}) });
  const request = state.waiting.get(key);
  if (request === undefined) return [];
  state.waiting = state.waiting.delete(key);
  return [{ request, result: state.results.get(key)! }];
}

/** Within a component: by seq, then by replica and index (the tie is ours to break; any fixed rule will do). */
function before(config: Config, [a, x]: readonly [number, Instance], [b, y]: readonly [number, Instance]): number {
  const owner = (slot: number): ProcessId => ownerOf(config, slot);
  return x.seq - y.seq || owner(a) - owner(b) || a - b;
}

interface Visit {
  readonly slot: number;
  readonly deps: readonly number[];
  next: number;
  low: number;
}

/**
 * Components of what an instance depends on and is not executed, dependencies first, each in the order of its execution.
 * Empty if something in reach is not committed: then nothing of it can be executed yet.
 */
function componentsFrom(config: Config, { disk, executed, writing }: EpState, root: number): readonly (readonly number[])[] {
  const numbers = new Map<number, number>(), open: number[] = [], isOpen = new Set<number>(), path: Visit[] = [];
  const components: number[][] = [];
  const enter = (slot: number): boolean => {
    const instance = disk.instances.get(slot);
    if (instance?.status !== 'committed' || writing.has(slot)) return false;
    path.push({ slot, deps: instance.deps.filter((dep) => !executed.has(dep)), next: 0, low: numbers.size });
    numbers.set(slot, numbers.size);
    open.push(slot);
    isOpen.add(slot);
    return true;
  };
  const leave = ({ slot, low }: Visit): void => {
    path.pop();
    const parent = path.at(-1);
    if (parent !== undefined) parent.low = Math.min(parent.low, low);
    if (low !== numbers.get(slot)) return;
    const component = open.splice(open.indexOf(slot));
    for (const each of component) isOpen.delete(each);
    const members = component.map((each) => [each, disk.instances.get(each)!] as const).sort((x, y) => before(config, x, y));
    components.push(members.map(([each]) => each));
  };
  if (!enter(root)) return [];
  while (path.length > 0) {
    const visit = path.at(-1)!, dep = visit.deps[visit.next++];
    if (dep === undefined) leave(visit);
    else if (isOpen.has(dep)) visit.low = Math.min(visit.low, numbers.get(dep)!);
    else if (!numbers.has(dep) && !enter(dep)) return [];
  }
  return components;
}
