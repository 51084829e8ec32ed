/**
 * A client with a session (Hunt et al. 2010, sections 2.2 and 4.4). It keeps the session alive at one server, goes to the next
 * one when that falls silent, and asks for one thing at a time, in the order that it was told to.
 *
 * Deviations:
 * - Where ZooKeeper's library reports a lost connection and leaves it to the application, a look is asked again, and a change
 *   ends with nobody knowing whether it happened.
 * - A client whose session is over opens another when there is something to ask, and goes on from what it had seen.
 * - The n-th client begins at the n-th server, where ZooKeeper's choose by chance.
 */
import type { Asked, ClientContext, ClientMachine, StateHasher } from '../../engine/protocol.ts';
import type { ActionModel, ProcessId } from '../../model/scenario.ts';
import { changesZnodes, sessionContent, type SessionCall } from '../../model/sessions.ts';
import { abandonedLock, beginRecipe, isRecipe, onRecipeAnswer, onRecipeEvent, resumeRecipe, type Held, type Recipe } from './recipes.ts';
import type { Config, Of, ZabMessage } from './state.ts';
import { watchOf } from './watches.ts';

export interface SessionState {
  /** The server that it is at, or tries. */
  server: ProcessId;
  link: 'none' | 'connecting' | 'connected';
  /** 0: it has none. */
  session: number;
  /** The newest zxid that it has seen. */
  seen: number;
  /** Number of its last call. */
  xid: number;
  /** What it is yet to ask, in order. */
  queue: readonly Asked[];
  /** What it is at, and the call under way (its number, 0: none). */
  current: Asked | undefined;
  call: SessionCall | undefined;
  awaited: number;
  recipe: Recipe | undefined;
  /** The watches that it has set and not heard of, as in watches.ts. */
  watches: readonly string[];
  /** The locks that it has taken and, for all that it knows, holds. */
  locks: readonly Held[];
}

export type SessionContext = ClientContext<ZabMessage>;

/** One handler at work. */
export interface ClientStep {
  readonly context: SessionContext;
  readonly state: SessionState;
  readonly timeoutUs: number;
}

export function sessionClients({ nodeCount, sessionTimeoutUs }: Config): ClientMachine<object, ZabMessage> {
  const step = (context: SessionContext, state: object): ClientStep => ({ context, state: state as SessionState, timeoutUs: sessionTimeoutUs });
  return {
    takes: (action: ActionModel) => action.kind === 'session',
    initial: (nth): SessionState => ({
      server: nth % nodeCount, link: 'none', session: 0, seen: 0, xid: 0, queue: [], current: undefined, call: undefined, awaited: 0, recipe: undefined, watches: [], locks: [],
    }),
    onOperation(context, state, asked) {
      (state as SessionState).queue = [...(state as SessionState).queue, asked];
      goOn(step(context, state));
    },
    onGivenUp(context, state, op) {
      context.clearTimer('used');
      giveUp(step(context, state), op);
    },
    onAnswer(context, state, op, outcome, value) {
      const { current } = state as SessionState;
      if (current?.op === op) finish(step(context, state), outcome, value);
    },
    onMessage: (context, state, from, message) => { onMessage(step(context, state), from, message); },
    onTimer(context, state, name) {
      const at = step(context, state);
      if (name === 'touch') touch(at);
      else if (name === 'used') finish(at, 'unknown', '', 'no answer: it may have happened, or not');
      else silent(at);
    },
    hash: hashClient,
  };
}

// --- One thing after another ----------------------------------------------------------------------------------------

/** Takes up the next thing to ask, if it is at nothing, at the server that it is to be asked of. */
export function goOn(step: ClientStep): void {
  const { state } = step;
  if (state.current !== undefined) return;
  const [next, ...rest] = state.queue;
  if (next === undefined) return;
  // A resource is no server: whoever believes to hold a lock asks it whether or not it is connected.
  if (isUse(next)) return take(step, next, rest);
  const target = next.target ?? state.server;
  if (state.link !== 'connected' || target !== state.server) return state.link === 'connecting' && target === state.server ? undefined : connect(step, target);
  take(step, next, rest);
}

function take(step: ClientStep, next: Asked, rest: readonly Asked[]): void {
  step.state.queue = rest;
  step.state.current = next;
  begin(step, next);
}

const isUse = ({ action }: Asked): boolean => action.kind === 'session' && action.call.kind === 'use';

/** With the token of the lock that it took last. That its session may be over it knows only once it is told. */
function use({ context, state, timeoutUs }: ClientStep, resource: ProcessId): void {
  context.use(resource, state.current!.op, state.locks.at(-1)?.token ?? -1);
  context.setTimer('used', timeoutUs);
}

function begin(step: ClientStep, { action }: Asked): void {
  if (action.kind !== 'session') return;
  if (action.call.kind === 'use') return use(step, action.call.process);
  if (isRecipe(action.call)) beginRecipe(step, action.call); else ask(step, action.call);
}

/** Sends a call; its answer is waited for. */
export function ask(step: ClientStep, call: SessionCall): void {
  const { context, state, timeoutUs } = step;
  state.call = call;
  state.awaited = ++state.xid;
  context.send(state.server, { epoch: -1, slot: -1, op: state.current?.op ?? -1, content: sessionContent(call), type: call.kind, session: state.session, xid: state.xid, call });
  // Where TCP would say that the connection is broken, a message alone may have been lost.
  context.setTimer('answer', timeoutUs);
}

/** What it was at is over. The state comes first: what the scenario waits for may make it ask at once. */
export function finish(step: ClientStep, outcome: 'ok' | 'failed' | 'unknown', value: string, detail = ''): void {
  const { context, state } = step, { current } = state;
  if (current !== undefined && isUse(current)) context.clearTimer('used');
  clear(state);
  if (current !== undefined) context.end(current.op, outcome, value, detail);
  goOn(step);
}

function clear(state: SessionState): void {
  state.current = undefined;
  state.call = undefined;
  state.awaited = 0;
  state.recipe = undefined;
}

function giveUp(step: ClientStep, op: number): void {
  const { state } = step;
  const { current } = state;
  state.queue = state.queue.filter((asked) => asked.op !== op);
  if (current?.op !== op) return;
  const left = abandonedLock(current, state.recipe);
  clear(state);
  if (left !== undefined) state.queue = [left, ...state.queue];
  goOn(step);
}

// --- The session ----------------------------------------------------------------------------------------------------

function connect(step: ClientStep, server: ProcessId): void {
  const { context, state, timeoutUs } = step;
  state.server = server;
  state.link = 'connecting';
  context.clearTimer('touch');
  const { session, seen, watches } = state;
  const content = session === 0 ? 'new session' : `session ${session}, has seen ${seen}`;
  context.send(server, { epoch: -1, slot: -1, op: -1, content, type: 'connect', session, seen, watches, name: context.name });
  context.setTimer('silence', 2 * timeoutUs / 3);
}

function touch({ context, state, timeoutUs }: ClientStep): void {
  if (state.link !== 'connected') return;
  context.send(state.server, { epoch: -1, slot: -1, op: -1, content: `session ${state.session}`, type: 'touch', session: state.session });
  context.setTimer('touch', timeoutUs / 3);
}

/** Nothing was heard for two thirds of the timeout: there is time to find another server before the session is over. */
function silent(step: ClientStep): void {
  const { context, state } = step;
  context.clearTimer('answer');
  if (state.link === 'connected' && !loseConnection(step)) return;
  if (state.session === 0 && state.current === undefined && state.queue.length === 0) {
    state.link = 'none';
    return;
  }
  const target = (state.current ?? state.queue[0])?.target;
  connect(step, target ?? (state.server + 1) % context.nodeCount);
}

/** What was asked for is asked again, or its outcome is not known. false: that has led to another connection already. */
function loseConnection(step: ClientStep): boolean {
  const { state } = step;
  state.link = 'none';
  state.awaited = 0;
  if (state.current === undefined || isUse(state.current) || state.recipe !== undefined || state.call === undefined || !changesZnodes(state.call)) return true;
  finish(step, 'unknown', '', 'the connection was lost: it may have happened, or not');
  return state.link === 'none';
}

function onMessage(step: ClientStep, from: ProcessId, message: ZabMessage): void {
  const { context, state, timeoutUs } = step;
  if (from !== state.server || state.link === 'none') return context.discard('the client has gone on to another server');
  if ('seen' in message && message.type !== 'refused') state.seen = Math.max(state.seen, message.seen);
  if (state.link === 'connecting' && message.type !== 'connected' && message.type !== 'refused' && message.type !== 'expired') return context.discard('it is of an earlier connection');
  context.setTimer('silence', 2 * timeoutUs / 3);
  switch (message.type) {
    case 'connected': return onConnected(step, message);
    case 'refused': return context.setTimer('silence', timeoutUs / 6);
    case 'expired': return message.session === state.session ? onExpired(step) : context.discard('it is of another session');
    case 'event': return onEvent(step, message);
    case 'ok': case 'failed': return onAnswer(step, message);
    default:
  }
}

function onConnected(step: ClientStep, { session }: Of<'connected'>): void {
  const { context, state, timeoutUs } = step;
  if (state.session !== 0 && session !== state.session) return context.discard('it has a session already');
  state.link = 'connected';
  state.session = session;
  context.setTimer('touch', timeoutUs / 3);
  if (state.current === undefined) goOn(step);
  else if (state.recipe !== undefined) resumeRecipe(step);
  else if (isUse(state.current)) return;
  else begin(step, state.current);
}

/** The session is over: its watches and ephemerals are gone, and with them its locks. */
function onExpired(step: ClientStep): void {
  const { state } = step;
  endSession(step);
  if (state.current === undefined) goOn(step);
  else if (!isUse(state.current)) finish(step, state.recipe === undefined ? 'unknown' : 'failed', '', 'the session is over');
}

function endSession({ context, state }: ClientStep): void {
  state.link = 'none';
  state.session = 0;
  state.watches = [];
  state.locks = [];
  context.clearTimer('touch');
  context.clearTimer('silence');
  context.clearTimer('answer');
}

function onEvent(step: ClientStep, message: Of<'event'>): void {
  const { state } = step, { path, what } = message;
  const kinds = what === 'children' ? ['children'] : what === 'created' ? ['node'] : what === 'changed' ? ['data', 'node'] : ['data', 'node', 'children'];
  state.watches = state.watches.filter((watch) => !kinds.some((kind) => watch === `${kind} ${path}`));
  onRecipeEvent(step, path);
}

function onAnswer(step: ClientStep, message: Of<'ok' | 'failed'>): void {
  const { context, state } = step, { xid, type, value, made } = message, { call } = state;
  if (xid !== state.awaited || call === undefined) return context.discard('it waits for no such answer');
  state.awaited = 0;
  context.clearTimer('answer');
  const watch = watchOf(call, type === 'ok');
  if (watch !== undefined && !state.watches.includes(watch)) state.watches = [...state.watches, watch];
  if (state.recipe !== undefined) return onRecipeAnswer(step, message);
  if (call.kind === 'close' && type === 'ok') endSession(step);
  finish(step, type, value, made < 0 ? '' : `zxid ${made}`);
}

function hashClient(state: object, hasher: StateHasher): void {
  const { server, link, session, seen, xid, queue, current, call, awaited, recipe, watches, locks } = state as SessionState;
  hasher.data([server, link, session, seen, xid, queue.map(({ op }) => op), current?.op ?? -2, call, awaited, recipe, watches, locks]);
}
