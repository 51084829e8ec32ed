/**
 * Collections that are shared, never changed: `set` gives a new map that shares all but a path with the old one. A copy of a
 * world is then a copy of references, and the hash of a map is known without walking it.
 *
 * The map is a treap whose priorities are a hash of the keys (Seidel and Aragon, "Randomized Search Trees", 1996): its shape
 * depends on its keys alone, not on the order in which they came, it is in key order, and its depth is about 2 ln n.
 */
import { addHash, feedData, Hasher, mix32 } from './hash.ts';

export { hashData } from './hash.ts';

class Node<K, V> {
  readonly key: K;
  readonly value: V;
  readonly priority: number;
  readonly left: Node<K, V> | undefined;
  readonly right: Node<K, V> | undefined;
  readonly size: number;
  /** Sum of the hashes of all entries below, and what it was worked out for: NaN until somebody asks. */
  hash = 0;
  hashedFor = NaN;

  constructor(key: K, value: V, priority: number, left: Node<K, V> | undefined, right: Node<K, V> | undefined) {
    this.key = key;
    this.value = value;
    this.priority = priority;
    this.left = left;
    this.right = right;
    this.size = 1 + (left === undefined ? 0 : left.size) + (right === undefined ? 0 : right.size);
  }
}

type Tree<K, V> = Node<K, V> | undefined;

function priorityOf(key: number | string): number {
  if (typeof key === 'number') return mix32(key ^ 0x3c6ef372);
  let h = key.length;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x9e3779b1);
  return mix32(h);
}

/** Whether a key with this priority belongs above `node`. Equal priorities go by key, so that the shape is unique. */
function above<K extends number | string>(priority: number, key: K, node: Node<K, unknown>): boolean {
  return priority > node.priority || (priority === node.priority && key < node.key);
}

function insert<K extends number | string, V>(tree: Tree<K, V>, key: K, priority: number, value: V): Node<K, V> {
  if (tree === undefined) return new Node(key, value, priority, undefined, undefined);
  if (key === tree.key) return value === tree.value ? tree : new Node(key, value, priority, tree.left, tree.right);
  // A key that belongs above this node cannot be below it, so it is new here.
  if (above(priority, key, tree)) return new Node(key, value, priority, before(tree, key), after(tree, key));
  if (key < tree.key) {
    const left = insert(tree.left, key, priority, value);
    return left === tree.left ? tree : new Node(tree.key, tree.value, tree.priority, left, tree.right);
  }
  const right = insert(tree.right, key, priority, value);
  return right === tree.right ? tree : new Node(tree.key, tree.value, tree.priority, tree.left, right);
}

/** The part of a tree with keys less than `key`. */
function before<K extends number | string, V>(tree: Tree<K, V>, key: K): Tree<K, V> {
  if (tree === undefined) return undefined;
  if (!(tree.key < key)) return before(tree.left, key);
  const right = before(tree.right, key);
  return right === tree.right ? tree : new Node(tree.key, tree.value, tree.priority, tree.left, right);
}

/** The part of a tree with keys greater than `key`. */
function after<K extends number | string, V>(tree: Tree<K, V>, key: K): Tree<K, V> {
  if (tree === undefined) return undefined;
  if (!(tree.key > key)) return after(tree.right, key);
  const left = after(tree.left, key);
  return left === tree.left ? tree : new Node(tree.key, tree.value, tree.priority, left, tree.right);
}

/** All of two trees, where every key of `left` is less than every key of `right`. */
function join<K extends number | string, V>(left: Tree<K, V>, right: Tree<K, V>): Tree<K, V> {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (above(left.priority, left.key, right)) return new Node(left.key, left.value, left.priority, left.left, join(left.right, right));
  return new Node(right.key, right.value, right.priority, join(left, right.left), right.right);
}

function remove<K extends number | string, V>(tree: Tree<K, V>, key: K): Tree<K, V> {
  if (tree === undefined) return undefined;
  if (key === tree.key) return join(tree.left, tree.right);
  if (key < tree.key) {
    const left = remove(tree.left, key);
    return left === tree.left ? tree : new Node(tree.key, tree.value, tree.priority, left, tree.right);
  }
  const right = remove(tree.right, key);
  return right === tree.right ? tree : new Node(tree.key, tree.value, tree.priority, tree.left, right);
}

function* walk<K, V>(tree: Tree<K, V>): Generator<[K, V]> {
  const path: Node<K, V>[] = [];
  let node = tree;
  for (;;) {
    for (; node !== undefined; node = node.left) path.push(node);
    const next = path.pop();
    if (next === undefined) return;
    yield [next.key, next.value];
    node = next.right;
  }
}

function visit<K, V>(tree: Tree<K, V>, each: (value: V, key: K) => void): void {
  if (tree === undefined) return;
  visit(tree.left, each);
  each(tree.value, tree.key);
  visit(tree.right, each);
}

/** Hashes a value of a map; the default is `hashData`. */
export type HashValue<V> = (value: V) => number;

/** `hashedFor` of `contentHash`; epochs, which `hashFor` is asked for, are no fractions. */
const CONTENT = 0.5;

function hashTree<K extends number | string, V>(tree: Tree<K, V>, hashedFor: number, hashEntry: (key: K, value: V) => number): number {
  if (tree === undefined) return 0;
  if (tree.hashedFor === hashedFor) return tree.hash;
  const below = addHash(hashTree(tree.left, hashedFor, hashEntry), hashTree(tree.right, hashedFor, hashEntry));
  tree.hash = addHash(hashEntry(tree.key, tree.value), below);
  tree.hashedFor = hashedFor;
  return tree.hash;
}

function hashByData(key: number | string, value: unknown): number {
  const hasher = new Hasher().reset();
  feedData(hasher, key);
  feedData(hasher, value);
  return hasher.value();
}

/**
 * A persistent map in ascending order of its keys: numbers by value, texts by code unit. The keys of one map are all numbers
 * or all texts. Values must not be changed once they are in.
 */
export class PersistentMap<K extends number | string, V> {
  private readonly root: Tree<K, V>;
  private readonly hashValue: HashValue<V> | undefined;

  private static readonly none = new PersistentMap<number, unknown>(undefined, undefined);

  private constructor(root: Tree<K, V>, hashValue: HashValue<V> | undefined) {
    this.root = root;
    this.hashValue = hashValue;
  }

  static empty<K extends number | string, V>(hashValue?: HashValue<V>): PersistentMap<K, V> {
    return hashValue === undefined ? PersistentMap.none as unknown as PersistentMap<K, V> : new PersistentMap<K, V>(undefined, hashValue);
  }

  static of<K extends number | string, V>(entries: Iterable<readonly [K, V]>, hashValue?: HashValue<V>): PersistentMap<K, V> {
    let map = PersistentMap.empty<K, V>(hashValue);
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  get size(): number { return this.root === undefined ? 0 : this.root.size; }

  get(key: K): V | undefined { return this.find(key)?.value; }

  has(key: K): boolean { return this.find(key) !== undefined; }

  /** This map if it holds that very value already. */
  set(key: K, value: V): PersistentMap<K, V> {
    const root = insert(this.root, key, priorityOf(key), value);
    return root === this.root ? this : new PersistentMap(root, this.hashValue);
  }

  /** This map if it has no such key. */
  delete(key: K): PersistentMap<K, V> {
    const root = remove(this.root, key);
    return root === this.root ? this : new PersistentMap(root, this.hashValue);
  }

  /** The entries whose key is less than `key`: a log cut off before a slot. */
  before(key: K): PersistentMap<K, V> {
    const root = before(this.root, key);
    return root === this.root ? this : new PersistentMap(root, this.hashValue);
  }

  /** The entries whose key is greater than `key`. */
  after(key: K): PersistentMap<K, V> {
    const root = after(this.root, key);
    return root === this.root ? this : new PersistentMap(root, this.hashValue);
  }

  /** The largest key. */
  max(): K | undefined {
    let tree = this.root;
    while (tree?.right !== undefined) tree = tree.right;
    return tree?.key;
  }

  /** The smallest key. */
  min(): K | undefined {
    let tree = this.root;
    while (tree?.left !== undefined) tree = tree.left;
    return tree?.key;
  }

  /** The smallest key greater than `key`. */
  next(key: K): K | undefined {
    let tree = this.root, found: K | undefined = undefined;
    while (tree !== undefined) {
      if (tree.key > key) { found = tree.key; tree = tree.left; } else tree = tree.right;
    }
    return found;
  }

  entries(): Generator<[K, V]> { return walk(this.root); }

  [Symbol.iterator](): Generator<[K, V]> { return walk(this.root); }

  * keys(): Generator<K> { for (const [key] of walk(this.root)) yield key; }

  * values(): Generator<V> { for (const [, value] of walk(this.root)) yield value; }

  /** In ascending order of keys; faster than iterating. */
  forEach(each: (value: V, key: K) => void): void { visit(this.root, each); }

  /**
   * Sum over the entries of their hashes, as an integer of 52 bits: equal maps have equal hashes, whatever their past.
   * Every part of the tree remembers its own, so after a change only the changed path is hashed again.
   */
  get contentHash(): number {
    const { hashValue } = this;
    if (hashValue === undefined) return hashTree(this.root, CONTENT, hashByData);
    return hashTree(this.root, CONTENT, (key, value) => hashByData(key, hashValue(value)));
  }

  /**
   * The same for a hash of entries that depends on a number, such as the floor of epochs: remembered for the number asked for
   * last. A map must always be asked with the same function.
   */
  hashFor(number: number, hashEntry: (key: K, value: V) => number): number { return hashTree(this.root, number, hashEntry); }

  private find(key: K): Tree<K, V> {
    let tree = this.root;
    while (tree !== undefined && tree.key !== key) tree = key < tree.key ? tree.left : tree.right;
    return tree;
  }
}
