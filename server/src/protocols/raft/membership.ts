/**
 * Who the servers are: one server at a time (thesis 4.1) or any number by joint consensus (the paper's §6; thesis 4.3).
 *
 * A configuration is an entry of the log, and a server goes by the newest one in its log, committed or not. Majorities of
 * configurations that differ in one server share a server; for any others, C_old,new asks for the majorities of both. Either
 * way there is at most one uncommitted configuration in a log that leads.
 *
 * That was not enough (Ongaro, "bug in single-server membership changes", raft-dev, July 2015): two leaders can each append a
 * change to a configuration that the other has not heard of, and these two do not overlap. So a leader appends none before an
 * entry of its own term is committed, which makes sure that no older one can be (knob `confchange-guard`).
 */
import type { Request } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import { requestKey } from '../keyValue.ts';
import { configurationText, everybody, inUse, setsOf, type Configuration, type Members } from './configuration.ts';
import { stepDown } from './election.ts';
import { appendOwn, broadcast, sendEntries } from './replication.ts';
import { lastIndex, termAt, type Change, type Entry, type Step } from './state.ts';

/** Rounds of catching up after which a new server is taken in, however far behind (thesis 4.2.1, which has ten). */
const ROUNDS = 10;

// --- Majorities -----------------------------------------------------------------------------------------------------

/** Whether these servers are a quorum; of both configurations while two count. Learners never count. */
export function isQuorum(step: Step, servers: Members, kind: 'votes' | 'commit'): boolean {
  const { config, state } = step, size = kind === 'votes' ? config.votes : config.commitQuorum;
  const counted = config.learners === 'counted' ? state.learners : [];
  return setsOf(inUse(config, state)).every((set) => servers.filter((server) => set.includes(server) || counted.includes(server)).length >= size(set.length));
}

/** The newest index that a quorum holds. */
export function heldByQuorum(step: Step): number {
  const { config, context, state } = step;
  const held = (server: ProcessId): number => (server === context.self ? lastIndex(state.disk.log) : state.matchIndex.get(server) ?? 0);
  const counted = config.learners === 'counted' ? state.learners : [];
  const ofSets = setsOf(inUse(config, state)).map((set) => {
    const matches = [...new Set([...set, ...counted])].map(held).sort((a, b) => b - a);
    return matches[config.commitQuorum(set.length) - 1] ?? 0;
  });
  return Math.min(...ofSets);
}

/** How many of these servers count: what a new leader says of its votes. */
export function countedIn(step: Step, servers: Members): { readonly votes: number; readonly members: number } {
  const members = setsOf(inUse(step.config, step.state)).at(-1)!;
  return { votes: servers.filter((server) => members.includes(server)).length, members: members.length };
}

// --- Who talks to whom ----------------------------------------------------------------------------------------------

/** Whose votes a candidate asks for. */
export function voters({ config, context, state }: Step): Members {
  return everybody(inUse(config, state)).filter((server) => server !== context.self);
}

/** Who hears from the leader: also those that a configuration names which is not in use yet, and learners. */
function followers(step: Step): Members {
  const { context, state } = step, named = [...voters(step), ...everybody(state.configurations.at(-1)!.configuration), ...state.learners];
  return [...new Set(named)].filter((server) => server !== context.self).sort((a, b) => a - b);
}

/**
 * Whether a server is a member as far as this one knows. Thesis 4.2.2: one that is not part of the newest configuration stands
 * for election all the same, as long as that may not be committed: it may be needed to commit it. Afterwards, and before it
 * was ever part of one, it does not.
 */
export function mayCount({ state: { configurations, commitIndex } }: Step, server: ProcessId): boolean {
  const committed = configurations.findLastIndex(({ index }) => index <= commitIndex);
  return configurations.slice(Math.max(0, committed)).some(({ configuration }) => everybody(configuration).includes(server));
}

/** The leader keeps account of members and learners, from where its own log ends. */
export function trackServers(step: Step): void {
  const { state } = step, last = lastIndex(state.disk.log);
  for (const server of followers(step)) {
    if (state.nextIndex.has(server)) continue;
    state.nextIndex = state.nextIndex.set(server, last + 1);
    state.matchIndex = state.matchIndex.set(server, 0);
    state.sentIndex = state.sentIndex.set(server, last);
  }
}

/** Servers that are members no longer hear once more how far the log is committed, and then nothing. */
function dismiss(step: Step): void {
  const { state } = step, kept = followers(step);
  for (const server of state.nextIndex.keys()) {
    if (kept.includes(server)) continue;
    sendEntries(step, server);
    state.nextIndex = state.nextIndex.delete(server);
    state.matchIndex = state.matchIndex.delete(server);
    state.sentIndex = state.sentIndex.delete(server);
  }
}

// --- Changes --------------------------------------------------------------------------------------------------------

/** An administrator's request at the leader. Changes wait for each other, and for what must be committed before. */
export function onMembersRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  const result = config.sessions ? state.results.get(requestKey(request)) : undefined;
  if (result !== undefined) return context.reply(request, result.outcome, result.value);
  const known = state.changes.some(({ request: each }) => requestKey(each) === requestKey(request));
  state.changes = known ? state.changes : [...state.changes, { request, rounds: 0, goal: 0, sinceUs: 0 }];
  proceed(step);
}

/** Goes on with what is under way, if it may: called whenever something was committed, or a learner came nearer. */
export function proceed(step: Step): void {
  const { config, state } = step, newest = state.configurations.at(-1)!;
  // One at a time: what is not committed may yet be replaced.
  if (state.role !== 'leader' || newest.index > state.commitIndex) return;
  if (config.confchangeGuard && termAt(state.disk.log, state.commitIndex) !== state.disk.currentTerm) return;
  const { members, next } = newest.configuration, change = state.changes[0];
  // Whoever finds C_old,new committed creates C_new, the leader that began it or the next one.
  if (next !== undefined) return appendConfiguration(step, { members: next, next: undefined }, change);
  if (change === undefined) return;
  const target = targetOf(members, change.request.action), added = target.filter((server) => !members.includes(server));
  if (config.learners !== 'off' && !caughtUp(step, change, added)) return;
  if (config.membership !== 'single') {
    if (config.membership === 'joint' && !same(members, target)) return appendConfiguration(step, { members, next: target }, undefined);
    return appendConfiguration(step, { members: target, next: undefined }, change);
  }
  const removed = members.filter((server) => !target.includes(server));
  const one = added.length > 0 ? [...members, added[0]!].sort((a, b) => a - b) : members.filter((server) => server !== removed[0]);
  appendConfiguration(step, { members: one, next: undefined }, same(one, target) ? change : undefined);
}

const same = (a: Members, b: Members): boolean => a.length === b.length && a.every((server) => b.includes(server));

function targetOf(members: Members, action: ActionModel): Members {
  if (action.kind !== 'members') return members;
  const wanted = action.to ?? [...members.filter((server) => !action.remove.includes(server)), ...action.add];
  return [...new Set(wanted)].sort((a, b) => a - b);
}

/**
 * Thesis 4.2.1: a new server first learns the log, without a vote: it would be of no help, and the others wait for it. A round
 * sends what the log holds at its beginning; when one is done within an election timeout, so will the next be.
 */
function caughtUp(step: Step, change: Change, added: Members): boolean {
  const { config, context, state } = step, last = lastIndex(state.disk.log);
  const begin = (rounds: number): void => { state.changes = [{ ...change, rounds, goal: last, sinceUs: context.nowUs }, ...state.changes.slice(1)]; };
  if (added.length === 0) return true;
  if (!same(state.learners, added)) {
    state.learners = added;
    trackServers(step);
    begin(1);
    for (const server of added) sendEntries(step, server);
    return false;
  }
  if (added.some((server) => (state.matchIndex.get(server) ?? 0) < change.goal)) return false;
  if (context.nowUs - change.sinceUs < config.baselineUs || change.rounds >= ROUNDS) return true;
  begin(change.rounds + 1);
  return false;
}

/** `change`: what is done with this entry, and answered when it is applied. */
function appendConfiguration(step: Step, configuration: Configuration, change: Change | undefined): void {
  const { config, state } = step, request = change?.request;
  const entry: Entry = {
    term: state.disk.currentTerm, action: request?.action, content: `members ${configurationText(config, configuration)}`, configuration,
    op: request?.op ?? -1, session: request?.session ?? -1, sequence: request?.sequence ?? -1,
  };
  const index = appendOwn(step, entry);
  if (change !== undefined && request !== undefined) {
    state.waiting = state.waiting.set(index, [request]);
    state.changes = state.changes.slice(1);
  }
  state.learners = state.learners.filter((server) => !everybody(configuration).includes(server));
  trackServers(step);
  broadcast(step);
}

/** Something was committed. A leader that is part of no configuration any more has done its last (thesis 4.2.2). */
export function afterCommit(step: Step): void {
  const { context, state } = step, { index, configuration } = state.configurations.at(-1)!;
  if (state.role !== 'leader') return;
  if (index <= state.commitIndex && index > 0) {
    dismiss(step);
    if (configuration.next === undefined && !configuration.members.includes(context.self)) {
      broadcast(step);
      return stepDown(step, 'it is a member no longer');
    }
  }
  proceed(step);
}
