/**
 * One slot for several requests (protocols.md A10): the leader gathers what comes within `batch-linger` of the first, up to
 * `batch` of them, and proposes them together. A slot is accepted, committed or lost as a whole; its requests are executed one
 * after the other, and each is answered.
 */
import type { Request } from '../../engine/protocol.ts';
import { entryText, execute, requestKey } from '../keyValue.ts';
import { proposeEntry } from './replication.ts';
import { lastSlot, partsOf, type Entry, type Part, type PbState, type Step } from './state.ts';

/** Between the requests of a slot, in what is said of it. */
const BESIDE = ' | ';

/** A request that is to have a slot: now, or when its batch is full or has waited long enough. */
export function enqueue(step: Step, request: Request): void {
  const { config, context, state } = step;
  state.gathered = [...state.gathered, request];
  if (state.gathered.length >= config.batch) proposeGathered(step);
  else if (state.gathered.length === 1) context.setTimer('linger', config.batchLingerUs);
}

/** Also when the first of them has waited for `batch-linger`. */
export function proposeGathered(step: Step): void {
  const { context, state } = step;
  const requests = state.gathered;
  const [first, ...more] = requests.map(({ op, session, sequence, action }): Part => ({ op, session, sequence, action }));
  if (first === undefined || state.role !== 'leader') return;
  if (more.length > 0) context.clearTimer('linger');
  state.gathered = [];
  const previous = lastSlot(state.disk.log), content = requests.map(({ action }) => entryText(action)).join(BESIDE);
  proposeEntry(step, previous + 1, { ...first, epoch: state.epoch, previous, more, content, status: 'accepted' }, requests);
}

/** Whether this request is one of the slot's. */
export const holds = (entry: Entry, request: Request): boolean =>
  partsOf(entry).some(({ session, sequence }) => session === request.session && sequence === request.sequence);

/**
 * Executes the slot's requests in their order. Returns their operations as an event tells them: those that have been executed
 * before, where nodes keep sessions, have no second effect, and stand there as -1 - op.
 */
export function executeEntry(state: Pick<PbState, 'values' | 'results'>, entry: Entry, sessions: boolean): readonly number[] {
  return partsOf(entry).map((part) => {
    const key = requestKey(part);
    if (sessions && state.results.has(key)) return -1 - part.op;
    const { values, result } = execute(state.values, part.action);
    state.values = values;
    state.results = state.results.set(key, result);
    return part.op;
  });
}
