/**
 * The tree that ZooKeeper's transactions are about, and what each does to it (Hunt, Konar, Junqueira and Reed, "ZooKeeper:
 * Wait-free coordination for Internet-scale systems", USENIX ATC 2010, section 2). A zxid is a transaction's counter.
 *
 * Deviation: in ZooKeeper the leader works out what a request will do and proposes that (section 4.1), here every server works
 * it out when the transaction is delivered. All have the same tree then, so they come to the same.
 */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import type { MultiStep, SessionCall } from '../../model/sessions.ts';

export interface Znode {
  readonly data: string;
  readonly version: number;
  /** zxids of the transactions that made it, changed its data last, and its children last (czxid, mzxid, pzxid). */
  readonly made: number;
  readonly changed: number;
  readonly childrenChanged: number;
  /** How many children were made under it: the number of the next sequential one. */
  readonly births: number;
  /** The session that it goes with; 0: none, it stays. */
  readonly owner: number;
}

export interface Tree {
  readonly nodes: PersistentMap<string, Znode>;
  /** The sessions that are open, and whose they are. A session's number is the zxid of the transaction that opened it. */
  readonly sessions: PersistentMap<number, ProcessId>;
}

const ROOT: Znode = { data: '', version: 0, made: 0, changed: 0, childrenChanged: 0, births: 0, owner: 0 };
export const EMPTY_TREE: Tree = { nodes: PersistentMap.of([['/', ROOT]]), sessions: PersistentMap.empty() };

/** What a transaction did to one path, as watches see it. */
export interface Change {
  readonly path: string;
  readonly what: 'created' | 'changed' | 'removed' | 'children';
}

export interface CallResult {
  readonly tree: Tree;
  readonly outcome: 'ok' | 'failed';
  /** The path of what was created; why it failed. */
  readonly value: string;
  readonly changes: readonly Change[];
}

/** Who asks: the session (for `open` the client), and the zxid that the transaction has. */
export interface Caller {
  readonly session: number;
  readonly client: ProcessId;
  readonly zxid: number;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** The names of the children of a path, in order. */
export function childrenOf({ nodes }: Tree, path: string): readonly string[] {
  const children: string[] = [];
  for (const other of nodes.keys()) if (other !== '/' && parentOf(other) === path) children.push(other.slice(other.lastIndexOf('/') + 1));
  return children.sort();
}

export const NO_NODE = 'there is no such znode', NO_PARENT = 'its parent does not exist', OVER = 'the session is over';

export function applyCall(tree: Tree, call: SessionCall, caller: Caller): CallResult {
  if (call.kind === 'open') return done({ ...tree, sessions: tree.sessions.set(caller.zxid, caller.client) }, String(caller.zxid), []);
  if (!tree.sessions.has(caller.session)) return failed(tree, OVER);
  switch (call.kind) {
    case 'create': case 'set': case 'remove': return applyStep(tree, call, caller);
    case 'multi': return multi(tree, call, caller);
    case 'close': return close(tree, caller);
    default: return done(tree, '', []);
  }
}

function done(tree: Tree, value: string, changes: readonly Change[]): CallResult { return { tree, outcome: 'ok', value, changes }; }

function failed(tree: Tree, value: string): CallResult { return { tree, outcome: 'failed', value, changes: [] }; }

function applyStep(tree: Tree, step: MultiStep, caller: Caller): CallResult {
  switch (step.kind) {
    case 'create': return create(tree, step, caller);
    case 'set': return set(tree, step, caller);
    case 'remove': return remove(tree, step, caller);
    case 'check': {
      const reason = wrongVersion(tree.nodes.get(step.path), step.version);
      return reason === undefined ? done(tree, '', []) : failed(tree, reason);
    }
  }
}

/**
 * One transaction of several steps (`multi`, ZooKeeper 3.4, ZOOKEEPER-965): each sees what those before it did, all have one
 * zxid, and where one fails none has happened. The answer is of one part per step, also where it fails: of what was taken
 * back, of why, and of what was not tried (there the codes OK, the error's own, and RUNTIMEINCONSISTENCY).
 */
function multi(tree: Tree, { steps }: Of<'multi'>, caller: Caller): CallResult {
  const changes: Change[] = [], answers: string[] = [];
  let after = tree;
  for (const step of steps) {
    const result = applyStep(after, step, caller);
    if (result.outcome === 'failed') return failed(tree, [...answers.map(() => 'taken back'), result.value, ...steps.slice(answers.length + 1).map(() => 'not tried')].join('; '));
    answers.push(result.value === '' ? 'ok' : result.value);
    changes.push(...result.changes);
    after = result.tree;
  }
  return done(after, answers.length > 1 ? `"${answers.join('; ')}"` : answers[0] ?? '', changes);
}

type Of<K extends SessionCall['kind']> = Extract<SessionCall, { readonly kind: K }>;

/** "The name of the new znode": with `sequential` ten digits are added, that never count down under one parent. */
function create(tree: Tree, { path, value, ephemeral, sequential }: Of<'create'>, { session, zxid }: Caller): CallResult {
  const parentPath = parentOf(path), parent = tree.nodes.get(parentPath);
  if (parent === undefined) return failed(tree, NO_PARENT);
  if (parent.owner !== 0) return failed(tree, 'its parent is ephemeral, and so has no children');
  const full = sequential ? path + String(parent.births).padStart(10, '0') : path;
  if (tree.nodes.has(full)) return failed(tree, 'there is one already');
  const made: Znode = { data: value === '' ? 'nil' : value, version: 0, made: zxid, changed: zxid, childrenChanged: zxid, births: 0, owner: ephemeral ? session : 0 };
  const nodes = tree.nodes.set(full, made).set(parentPath, { ...parent, births: parent.births + 1, childrenChanged: zxid });
  return done({ ...tree, nodes }, full, [{ path: full, what: 'created' }, { path: parentPath, what: 'children' }]);
}

/** Why a call on a znode in this version fails, or undefined. */
function wrongVersion(node: Znode | undefined, version: number): string | undefined {
  if (node === undefined) return NO_NODE;
  return version < 0 || node.version === version ? undefined : `its version is ${node.version}`;
}

function set(tree: Tree, { path, value, version }: Of<'set'>, { zxid }: Caller): CallResult {
  const node = tree.nodes.get(path), reason = wrongVersion(node, version);
  if (node === undefined || reason !== undefined) return failed(tree, reason ?? NO_NODE);
  const nodes = tree.nodes.set(path, { ...node, data: value, version: node.version + 1, changed: zxid });
  return done({ ...tree, nodes }, '', [{ path, what: 'changed' }]);
}

function remove(tree: Tree, { path, version }: Of<'remove'>, caller: Caller): CallResult {
  const reason = path === '/' ? 'the root stays' : wrongVersion(tree.nodes.get(path), version);
  if (reason !== undefined) return failed(tree, reason);
  if (childrenOf(tree, path).length > 0) return failed(tree, 'it has children');
  return done(without(tree, path, caller.zxid), '', goneWith(path));
}

function without(tree: Tree, path: string, zxid: number): Tree {
  const parentPath = parentOf(path), parent = tree.nodes.get(parentPath)!;
  return { ...tree, nodes: tree.nodes.delete(path).set(parentPath, { ...parent, childrenChanged: zxid }) };
}

const goneWith = (path: string): readonly Change[] => [{ path, what: 'removed' }, { path: parentOf(path), what: 'children' }];

/** The session's end, logged like any other change: at every server its ephemerals go at the same point of the history. */
function close(tree: Tree, { session, zxid }: Caller): CallResult {
  const own = [...tree.nodes].filter(([, node]) => node.owner === session).map(([path]) => path);
  const rest = own.reduce((left, path) => without(left, path, zxid), tree);
  return done({ ...rest, sessions: tree.sessions.delete(session) }, '', own.flatMap(goneWith));
}

/** Names as one value of the language: `nil`, `a`, `"a b"`. */
function listed(names: readonly string[]): string {
  return names.length > 1 ? `"${names.join(' ')}"` : names[0] ?? 'nil';
}

/** The names in it. */
export const namesIn = (value: string): readonly string[] => (value === 'nil' ? [] : value.replaceAll('"', '').split(' '));

/** What a server answers from its own copy, without asking anybody. `made`: the zxid that made the znode (-1: none). */
export function look(tree: Tree, call: Of<'get' | 'list' | 'check'>): { readonly outcome: 'ok' | 'failed'; readonly value: string; readonly made: number } {
  const node = tree.nodes.get(call.path), made = node?.made ?? -1;
  if (call.kind === 'check') return { outcome: 'ok', value: node === undefined ? 'nil' : String(node.version), made };
  if (node === undefined) return { outcome: 'failed', value: NO_NODE, made };
  return { outcome: 'ok', value: call.kind === 'get' ? node.data : listed(childrenOf(tree, call.path)), made };
}
