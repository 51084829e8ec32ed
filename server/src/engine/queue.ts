/**
 * What is yet to happen: a persistent priority queue. It is a treap ordered by (time, rank, number), so that the first item,
 * any other item and the whole in order are at hand; an insertion or a removal makes a path of new nodes and shares the rest,
 * and a fork of a world shares all of it.
 *
 * Every node remembers sums over the items below it: Σw and Σw·t, where w is the hash of an item without its time. The hash of
 * the queue relative to `now` is made of Σw and Σw·t − now·Σw, so the passing of time costs nothing.
 */
import { mix32 } from './hash.ts';
import type { Message } from './protocol.ts';

/** Order within one instant: what the script says, what a resumed node had waiting, deliveries, timers. */
export const RANK = { script: 0, backlog: 1, delivery: 2, timer: 3 } as const;

export const ITEM = {
  /** A message between nodes, a client's request, a node's answer. */
  message: 0, request: 1, reply: 2,
  /** Timers: of a node, of a client's operation. */
  timer: 3, clientTimer: 4,
  /** Of the script: step `argument` is due; its hold ends; node `to` wakes from a pause. */
  step: 5, holdEnd: 6, pauseEnd: 7,
  /** A disk write of node `to` is complete. */
  disk: 8,
  /** Sends of node `to` that waited for its disk, and then for the node. */
  outbox: 9,
  /** The failure detector of node `to`, fired by the script. */
  suspect: 10,
  /** The script asks node `to` to hand its leadership over to node `argument`. */
  transfer: 11,
  /** A timer of client `to` with a machine of its own; an operation (`argument`) that a paused client has yet to begin. */
  sessionTimer: 12, invoke: 13,
} as const;
export type ItemKind = (typeof ITEM)[keyof typeof ITEM];

/** Numbers of the script's items: in document order, and of one step first the ends, then the step itself. Unique at any moment. */
export function scriptNumber(step: number, kind: 5 | 6 | 7, deferred = false): number {
  return step * 4 + (kind === ITEM.holdEnd ? 0 : kind === ITEM.pauseEnd ? 1 : deferred ? 3 : 2);
}

/** One thing that will happen. Never changed once it is in a queue. */
export class Item {
  readonly timeUs: number;
  readonly rank: number;
  readonly number: number;
  readonly kind: ItemKind;
  readonly to: number;
  readonly from: number;
  /** The message, or what a disk write or an outbox carries. */
  readonly payload: object | undefined;
  /** Timers: name and argument. */
  readonly name: string;
  readonly argument: number;
  /** Messages: identity, and in the log the sending, the word, the text and the line it stems from. */
  id = -1;
  sendIndex = -1;
  wordId = 0;
  textId = 0;
  line = -1;
  /** When it was due, if that was earlier: a paused node handles it late. */
  dueUs: number;
  /** A `when` has seen it on its way into the handler. */
  observed = false;
  /** Held back by this step of the script; -1: waits behind one that is. */
  heldBy = -1;
  /** Messages: in whose name it is sent, if not its sender's. */
  as = -1;
  /** Messages: a link that was cut after it was sent lets it through. */
  passes = false;
  /** Two 32-bit hashes of everything but time and number, for this floor of epochs. */
  weightFloor = NaN;
  weightA = 0;
  weightB = 0;

  constructor(timeUs: number, rank: number, number: number, kind: ItemKind, to: number, from: number, payload: object | undefined,
    name: string, argument: number) {
    this.timeUs = timeUs;
    this.rank = rank;
    this.number = number;
    this.kind = kind;
    this.to = to;
    this.from = from;
    this.payload = payload;
    this.name = name;
    this.argument = argument;
    this.dueUs = timeUs;
  }

  /** The same thing, due at another time. */
  moved(timeUs: number, rank: number, number: number): Item {
    const item = new Item(timeUs, rank, number, this.kind, this.to, this.from, this.payload, this.name, this.argument);
    item.id = this.id;
    item.sendIndex = this.sendIndex;
    item.wordId = this.wordId;
    item.textId = this.textId;
    item.line = this.line;
    item.observed = this.observed;
    item.heldBy = this.heldBy;
    item.as = this.as;
    item.passes = this.passes;
    return item;
  }
}

export function isMessage(item: Item): boolean { return item.kind <= ITEM.reply; }

export function messageOf(item: Item): Message { return item.payload as Message; }

class TreeNode {
  readonly item: Item;
  readonly priority: number;
  left: Queue;
  right: Queue;
  /** Whoever holds the same token may change this node in place. */
  readonly owner: object | undefined;
  sumFloor = NaN;
  sumA = 0;
  sumB = 0;
  timeA = 0;
  timeB = 0;

  constructor(item: Item, priority: number, left: Queue, right: Queue, owner: object | undefined) {
    this.item = item;
    this.priority = priority;
    this.left = left;
    this.right = right;
    this.owner = owner;
  }
}

/** A queue is its tree; undefined is the empty one. */
export type Queue = TreeNode | undefined;

/**
 * Whose nodes an operation may reuse: those made under the same token. The queue that was passed in is then used up, and only
 * the result counts. Without a token the queue that was passed in stays as it was.
 */
export type Owner = object | undefined;

/** The node itself if it may be changed, or a copy that may. */
function own(tree: TreeNode, owner: Owner): TreeNode {
  if (owner === undefined || tree.owner !== owner) return new TreeNode(tree.item, tree.priority, tree.left, tree.right, owner);
  tree.sumFloor = NaN;
  return tree;
}

function precedes(a: Item, b: Item): boolean {
  if (a.timeUs !== b.timeUs) return a.timeUs < b.timeUs;
  return a.rank !== b.rank ? a.rank < b.rank : a.number < b.number;
}

/** `item` must not be in the queue. */
export function withItem(queue: Queue, item: Item, owner?: Owner): TreeNode {
  return insert(queue, item, mix32(item.number), owner);
}

function insert(tree: Queue, item: Item, priority: number, owner: Owner): TreeNode {
  if (tree === undefined) return new TreeNode(item, priority, undefined, undefined, owner);
  if (priority > tree.priority || (priority === tree.priority && precedes(item, tree.item))) {
    const left = split(tree, item, owner);
    return new TreeNode(item, priority, left, splitRest, owner);
  }
  const node = own(tree, owner);
  if (precedes(item, tree.item)) node.left = insert(tree.left, item, priority, owner);
  else node.right = insert(tree.right, item, priority, owner);
  return node;
}

/** What `split` leaves: the part of the tree after the item. */
let splitRest: Queue = undefined;

/** The part of a tree before `item`; the rest is in `splitRest`. */
function split(tree: Queue, item: Item, owner: Owner): Queue {
  if (tree === undefined) { splitRest = undefined; return undefined; }
  const node = own(tree, owner);
  if (precedes(tree.item, item)) {
    node.right = split(tree.right, item, owner);
    return node;
  }
  const left = split(tree.left, item, owner);
  node.left = splitRest;
  splitRest = node;
  return left;
}

function join(left: Queue, right: Queue, owner: Owner): Queue {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.priority > right.priority || (left.priority === right.priority && precedes(left.item, right.item))) {
    const node = own(left, owner);
    node.right = join(left.right, right, owner);
    return node;
  }
  const node = own(right, owner);
  node.left = join(left, right.left, owner);
  return node;
}

/** The queue without that item; the same queue if it is not in it. */
export function withoutItem(queue: Queue, item: Item, owner?: Owner): Queue {
  if (queue === undefined) return undefined;
  if (queue.item === item) return join(queue.left, queue.right, owner);
  const toLeft = precedes(item, queue.item), below = toLeft ? queue.left : queue.right;
  const rest = withoutItem(below, item, owner);
  // A node that is not ours has nothing of ours below it: what looks the same there is the same.
  if (rest === below && (owner === undefined || queue.owner !== owner)) return queue;
  const node = own(queue, owner);
  if (toLeft) node.left = rest; else node.right = rest;
  return node;
}

export function firstOf(queue: TreeNode): Item {
  let tree = queue;
  while (tree.left !== undefined) tree = tree.left;
  return tree.item;
}

export function withoutFirst(queue: TreeNode, owner?: Owner): Queue {
  if (queue.left === undefined) return queue.right;
  const node = own(queue, owner);
  node.left = withoutFirst(queue.left, owner);
  return node;
}

/** In order. */
export function visitItems(queue: Queue, each: (item: Item) => void): void {
  if (queue === undefined) return;
  visitItems(queue.left, each);
  each(queue.item);
  visitItems(queue.right, each);
}

export function itemsOf(queue: Queue): Item[] {
  const items: Item[] = [];
  visitItems(queue, (item) => { items.push(item); });
  return items;
}

/** Works out `weightA` and `weightB` of an item for a floor of epochs. */
export type Weigh = (item: Item, floor: number) => void;

/** Feeds the queue's hash relative to now: four words of 32 bits. */
export function queueWords(queue: Queue, nowUs: number, floor: number, weigh: Weigh): readonly [number, number, number, number] {
  if (queue === undefined) return [0, 0, 0, 0];
  sum(queue, floor, weigh);
  const { sumA, sumB, timeA, timeB } = queue;
  return [sumA, sumB, (timeA - Math.imul(nowUs | 0, sumA)) | 0, (timeB - Math.imul(nowUs | 0, sumB)) | 0];
}

function sum(tree: TreeNode, floor: number, weigh: Weigh): void {
  if (tree.sumFloor === floor) return;
  const { item, left, right } = tree;
  if (item.weightFloor !== floor) weigh(item, floor);
  let a = item.weightA, b = item.weightB, timeA = Math.imul(item.timeUs | 0, a), timeB = Math.imul(item.timeUs | 0, b);
  if (left !== undefined) {
    sum(left, floor, weigh);
    a += left.sumA; b += left.sumB; timeA += left.timeA; timeB += left.timeB;
  }
  if (right !== undefined) {
    sum(right, floor, weigh);
    a += right.sumA; b += right.sumB; timeA += right.timeA; timeB += right.timeB;
  }
  tree.sumA = a | 0; tree.sumB = b | 0; tree.timeA = timeA | 0; tree.timeB = timeB | 0;
  tree.sumFloor = floor;
}
