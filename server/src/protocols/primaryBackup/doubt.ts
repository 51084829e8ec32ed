/**
 * In doubt: a participant that voted and hears nothing (Gray 1978, cooperative termination; Skeen 1981, termination of
 * three-phase commit; protocols.md A3, A4).
 */
import type { ProcessId } from '../../model/scenario.ts';
import { abortAt, commitAt } from './replication.ts';
import { about, COLLECT_US, DOUBT_US, inEvents, onceOnDisk, persistEntry, RETRY_US, sendTo, sendToOthers, setEntry, type Entry, type Of, type Standing, type Step } from './state.ts';

const undecided = (entry: Entry | undefined): entry is Entry => entry?.status === 'accepted' || entry?.status === 'pre';

/** Voted: from here on it may not decide alone. Where leaders are replaced, the next one decides, and nobody is in doubt. */
export function beginDoubt(step: Step, coordinator: ProcessId, slot: number, entry: Entry): void {
  const { config, context } = step;
  if (!config.detector) context.emit('doubt', { peer: coordinator, epoch: entry.epoch, slot, ...inEvents(entry) });
  if (config.phases === 3 || config.inDoubt !== 'block') context.setTimer('doubt', DOUBT_US, slot);
}

/** Call before the decision is written down. */
export function settle(step: Step, slot: number): void {
  const { config, context, state } = step;
  const entry = state.disk.log.get(slot);
  if (!undecided(entry)) return;
  context.clearTimer('doubt', slot);
  context.clearTimer('collect', slot);
  if (!config.detector) context.emit('settled', { epoch: entry.epoch, slot, ...inEvents(entry) });
}

export function onDoubtTimer(step: Step, slot: number): void {
  const { config, context, state } = step;
  const entry = state.disk.log.get(slot);
  if (!undecided(entry) || state.role === 'leader') return;
  if (config.phases === 3) return askStates(step, slot, entry);
  switch (config.inDoubt) {
    case 'abort': return abortAt(step, slot, entry);
    case 'commit': return commitAt(step, slot, { ...entry, status: 'committed' }, entry.epoch);
    case 'ask-peers':
      sendToOthers(step, { ...about(step, slot, entry), type: 'query', entry });
      if (config.retry) context.setTimer('doubt', RETRY_US, slot);
      return;
    case 'block': return;
  }
}

export function onQuery(step: Step, from: ProcessId, message: Of<'query'>): void {
  const { config, state } = step;
  const { slot } = message;
  const standing: Standing = state.disk.log.get(slot)?.status ?? 'unknown';
  onceOnDisk(step, slot);
  if (config.phases === 3) return sendTo(step, from, { ...about(step, slot, message.entry), type: 'state', standing, log: undefined, committed: state.applied });
  sendTo(step, from, { ...about(step, slot, message.entry), type: 'decision', standing: standing === 'unknown' ? neverVote(step, slot, message.entry) : standing, entry: state.disk.log.get(slot) });
}

/** Who never voted yes may still refuse, and thereby settles the question: nobody can have committed. */
function neverVote(step: Step, slot: number, entry: Entry): Standing {
  const aborted: Entry = { ...entry, status: 'aborted' };
  writeAbort(step, slot, aborted, entry.epoch);
  return 'aborted';
}

/** A participant's abort stands when it is on disk: before that a crash may take it back. */
export function writeAbort(step: Step, slot: number, aborted: Entry, epoch: number): void {
  setEntry(step, slot, aborted);
  persistEntry(step, slot, aborted);
  if (!step.context.whenOnDisk('aborted', slot)) step.context.emit('abort', { epoch, slot, ...inEvents(aborted) });
}

export function onAbortKept({ context, state }: Step, slot: number): void {
  const entry = state.disk.log.get(slot);
  if (entry?.status === 'aborted') context.emit('abort', { epoch: state.epoch, slot, ...inEvents(entry) });
}

export function onDecision(step: Step, message: Of<'decision'>): void {
  const { context, state } = step;
  const entry = state.disk.log.get(message.slot);
  if (!undecided(entry)) return context.discard('it is no longer in doubt');
  if (message.standing === 'committed') return commitAt(step, message.slot, { ...entry, status: 'committed' }, message.epoch);
  if (message.standing === 'aborted') return abortAt(step, message.slot, entry);
  context.discard('the sender is in doubt too');
}

// --- Three phases: the termination protocol -------------------------------------------------------------------------

function askStates(step: Step, slot: number, entry: Entry): void {
  const { context, config, state } = step;
  for (let node = 0; node < config.nodeCount; node++) state.standings = state.standings.delete(slot * config.nodeCount + node);
  sendToOthers(step, { ...about(step, slot, entry), type: 'query', entry });
  context.setTimer('collect', COLLECT_US, slot);
}

export function onStanding(step: Step, from: ProcessId, message: Of<'state'>): void {
  const { config, context, state } = step;
  if (!undecided(state.disk.log.get(message.slot))) return context.discard('it is no longer in doubt');
  state.standings = state.standings.set(message.slot * config.nodeCount + from, message.standing);
}

/** The lowest node among those that answered decides for all of them; the others wait for it. */
export function onCollectTimer(step: Step, slot: number): void {
  const { config, context, state } = step;
  const entry = state.disk.log.get(slot);
  if (!undecided(entry)) return;
  const known = new Map<ProcessId, Standing>([[context.self, entry.status]]);
  for (let node = 0; node < config.nodeCount; node++) {
    const standing = state.standings.get(slot * config.nodeCount + node);
    if (standing !== undefined) known.set(node, standing);
  }
  const standings = [...known.values()];
  const lowest = Math.min(...known.keys()) === context.self;
  if (!lowest && !standings.includes('committed') && !standings.includes('aborted')) return context.setTimer('doubt', DOUBT_US, slot);
  terminate(step, slot, entry, [...known.keys()].filter((node) => node !== context.self), standings);
}

/** Any committed: commit. Any aborted: abort. Any pre-committed: finish that round and commit. Otherwise abort. */
function terminate(step: Step, slot: number, entry: Entry, others: readonly ProcessId[], standings: readonly Standing[]): void {
  const commits = standings.includes('committed') || (!standings.includes('aborted') && standings.includes('pre'));
  const base = about(step, slot, entry);
  if (!commits) {
    abortAt(step, slot, entry);
    for (const node of others) sendTo(step, node, { ...base, type: 'abort' });
    return;
  }
  const committed: Entry = { ...entry, status: 'committed' };
  if (!standings.includes('committed')) for (const node of others) sendTo(step, node, { ...base, type: 'pre-commit' });
  commitAt(step, slot, committed, entry.epoch);
  for (const node of others) sendTo(step, node, { ...base, type: 'commit', entry: committed });
}
