/**
 * The lock without herd effect (Hunt et al. 2010, section 2.4), played by the client over calls like any other: an ephemeral
 * sequential znode under the lock's path; the lowest number holds the lock, and everybody else watches the one before its own.
 *
 * The znode's name begins with the client's, so that a client that lost its connection finds out whether it was made: a recipe
 * without that leaves locks behind that nobody knows to be his. What the lock is worth to others than ZooKeeper, its holder
 * says by a token: the zxid that made its znode, which is higher with each holder.
 */
import type { Asked } from '../../engine/protocol.ts';
import type { SessionCall } from '../../model/sessions.ts';
import { ask, finish, type ClientStep } from './client.ts';
import type { Of } from './state.ts';
import { namesIn, NO_PARENT } from './znodes.ts';

/** A lock held: where, by which znode, and its token. */
export interface Held {
  readonly path: string;
  readonly node: string;
  readonly token: number;
}

export interface Recipe {
  readonly kind: 'lock' | 'unlock';
  readonly path: string;
  readonly stage: 'create' | 'parent' | 'list' | 'check' | 'wait' | 'token' | 'remove';
  /** Its znode, and that one's token; '' and -1 while they are not known. */
  readonly own: string;
  readonly token: number;
  /** `check` and `wait`: the znode before its own. */
  readonly before: string;
}

type RecipeCall = Extract<SessionCall, { readonly kind: 'lock' | 'unlock' }>;

export const isRecipe = (call: SessionCall): call is RecipeCall => call.kind === 'lock' || call.kind === 'unlock';

export function beginRecipe(step: ClientStep, { kind, path }: RecipeCall): void {
  const { state } = step;
  const held = state.locks.find((each) => each.path === path);
  state.recipe = { kind, path, stage: 'list', own: held?.node ?? '', token: held?.token ?? -1, before: '' };
  if (kind === 'lock') return held === undefined ? make(step) : finish(step, 'ok', held.node, `token ${held.token}`);
  if (held === undefined) list(step); else removeOwn(step);
}

function move(step: ClientStep, change: Partial<Recipe>, call?: SessionCall): void {
  const { state } = step;
  state.recipe = { ...state.recipe!, ...change };
  if (call !== undefined) ask(step, call);
}

function make(step: ClientStep): void {
  const { context, state } = step;
  move(step, { stage: 'create' }, { kind: 'create', path: `${state.recipe!.path}/${context.name}-`, value: '', ephemeral: true, sequential: true });
}

function list(step: ClientStep): void { move(step, { stage: 'list' }, { kind: 'list', path: step.state.recipe!.path, watching: false }); }

function removeOwn(step: ClientStep): void { move(step, { stage: 'remove' }, { kind: 'remove', path: step.state.recipe!.own, version: -1 }); }

/** After a new connection: what was done before may have happened or not, and the list of znodes tells. */
export function resumeRecipe(step: ClientStep): void {
  if (step.state.recipe!.stage === 'remove') removeOwn(step); else list(step);
}

export function onRecipeAnswer(step: ClientStep, { type, value, made }: Of<'ok' | 'failed'>): void {
  const recipe = step.state.recipe!, ok = type === 'ok';
  switch (recipe.stage) {
    case 'create':
      if (ok) { move(step, { own: value, token: made }); return list(step); }
      if (value !== NO_PARENT) return finish(step, 'failed', value);
      return move(step, { stage: 'parent' }, { kind: 'create', path: recipe.path, value: '', ephemeral: false, sequential: false });
    case 'parent': return ok || value !== NO_PARENT ? make(step) : finish(step, 'failed', value);
    case 'list': return onList(step, ok ? namesIn(value) : []);
    case 'check': return value === 'nil' ? list(step) : move(step, { stage: 'wait' });
    case 'token': return made < 0 ? list(step) : hold(step, made);
    case 'remove': return removed(step);
    case 'wait':
  }
}

/** The ten digits at its end tell whose turn it is. */
const numberOf = (name: string): string => name.slice(-10);

function onList(step: ClientStep, names: readonly string[]): void {
  const { context } = step, recipe = step.state.recipe!;
  const inOrder = [...names].sort((a, b) => (numberOf(a) < numberOf(b) ? -1 : 1));
  const at = inOrder.findIndex((name) => name.slice(0, -10) === `${context.name}-`);
  const own = at < 0 ? '' : `${recipe.path}/${inOrder[at]!}`;
  if (recipe.kind === 'unlock') {
    if (at < 0) return finish(step, 'failed', 'it holds no lock there');
    move(step, { own });
    return removeOwn(step);
  }
  if (at < 0) return make(step);
  if (own !== recipe.own) move(step, { own, token: -1 });
  if (at === 0) return step.state.recipe!.token < 0 ? move(step, { stage: 'token' }, { kind: 'check', path: own, watching: false }) : hold(step, step.state.recipe!.token);
  const before = `${recipe.path}/${inOrder[at - 1]!}`;
  move(step, { stage: 'check', before }, { kind: 'check', path: before, watching: true });
}

function hold(step: ClientStep, token: number): void {
  const { state } = step, { path, own } = state.recipe!;
  state.locks = [...state.locks, { path, node: own, token }];
  finish(step, 'ok', own, `token ${token}`);
}

function removed(step: ClientStep): void {
  const { state } = step, { path } = state.recipe!;
  state.locks = state.locks.filter((each) => each.path !== path);
  finish(step, 'ok', '');
}

/** An event has come: the one before its own is gone, or something else changed about it. */
export function onRecipeEvent(step: ClientStep, path: string): void {
  const { recipe } = step.state;
  if (recipe?.stage === 'wait' && recipe.before === path) list(step);
}

/** A client that waits for a lock no more takes back what it had put there for it. */
export function abandonedLock(asked: Asked, recipe: Recipe | undefined): Asked | undefined {
  if (recipe?.kind !== 'lock') return undefined;
  return { op: -1, target: asked.target, action: { kind: 'session', key: recipe.path, call: { kind: 'unlock', path: recipe.path } } };
}
