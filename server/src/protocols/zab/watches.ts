/**
 * Watches (Hunt et al. 2010, section 2.1): a server remembers whom to tell of the next change, tells it once, and before that
 * client can see what came of it. A change that happens before the client watches again is in no event.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { SessionCall } from '../../model/sessions.ts';
import { about, say, type Step } from './state.ts';
import type { Change, Tree } from './znodes.ts';

/** `data /cfg`, `node /cfg`, `children /cfg`: set by get, check and list. By that, the sessions that watch. */
export type Watches = PersistentMap<string, readonly number[]>;

/** The watch that a call leaves; undefined where it leaves none. */
export function watchOf(call: SessionCall, succeeded: boolean): string | undefined {
  if (!('watching' in call) || !call.watching || !succeeded) return undefined;
  return `${call.kind === 'get' ? 'data' : call.kind === 'list' ? 'children' : 'node'} ${call.path}`;
}

export function addWatch(step: Step, session: number, watch: string): void {
  const { state } = step, known = state.watches.get(watch) ?? [];
  if (!known.includes(session)) state.watches = state.watches.set(watch, [...known, session]);
}

/** The watches that a change sets off. What is removed has no more children to change either. */
function setOffBy({ path, what }: Change): readonly string[] {
  switch (what) {
    case 'created': return [`node ${path}`];
    case 'changed': return [`data ${path}`, `node ${path}`];
    case 'removed': return [`data ${path}`, `node ${path}`, `children ${path}`];
    case 'children': return [`children ${path}`];
  }
}

/** A change has been delivered: whoever watches is told, once, and each session once per change. */
export function tellWatchers(step: Step, change: Change, op: number): void {
  const { state } = step;
  const told = new Set<number>();
  for (const watch of setOffBy(change)) {
    for (const session of state.watches.get(watch) ?? []) told.add(session);
    state.watches = state.watches.delete(watch);
  }
  for (const session of told) tell(step, session, change, op);
}

function tell(step: Step, session: number, { path, what }: Change, op: number): void {
  const client = step.state.connections.get(session);
  if (client === undefined) return;
  const content = what === 'children' ? `children of ${path} changed` : `${path} ${what}`;
  say(step, client, { ...about(step), epoch: -1, op, content, type: 'event', path, what, seen: step.state.applied });
}

/** A client has come from another server with its watches: those whose change it has missed there are set off at once. */
export function takeOverWatches(step: Step, session: number, watches: readonly string[], seen: number): void {
  for (const watch of watches) {
    const [kind, path] = watch.split(' ') as [string, string];
    const change = missed(step.state.tree, kind, path, seen);
    if (change === undefined) addWatch(step, session, watch);
    else tell(step, session, change, -1);
  }
}

function missed({ nodes }: Tree, kind: string, path: string, seen: number): Change | undefined {
  const node = nodes.get(path);
  if (kind === 'node') return node !== undefined && node.changed > seen ? { path, what: node.made > seen ? 'created' : 'changed' } : undefined;
  if (node === undefined) return { path, what: 'removed' };
  if (kind === 'data') return node.changed > seen ? { path, what: 'changed' } : undefined;
  return node.childrenChanged > seen ? { path, what: 'children' } : undefined;
}

export function forgetWatches(step: Step, session: number): void {
  const { state } = step;
  for (const [watch, sessions] of [...state.watches]) {
    if (!sessions.includes(session)) continue;
    const others = sessions.filter((each) => each !== session);
    state.watches = others.length === 0 ? state.watches.delete(watch) : state.watches.set(watch, others);
  }
}
