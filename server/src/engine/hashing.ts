/**
 * When two worlds are the same: their hash, which costs what changed since it was last asked, and their canonical form, which
 * a proof compares.
 *
 * Times count relative to now, and epochs relative to the floor: the least epoch from which a live node would take the next
 * one. Protocols only compare epochs and take the next, so worlds that differ by a shift of all current epochs go on alike.
 * Where the engine cannot tell an epoch from another number (fields of messages, arguments of timers) a number that could be
 * a current epoch counts together with the floor: such worlds are never taken for equal by mistake, only for different.
 */
import { addHash, feedData, Hasher } from './hash.ts';
import type { Ask, DiskWrite, Outgoing, Reply } from './context.ts';
import { PersistentMap } from './persistent.ts';
import type { ClockName, Message, StateHasher } from './protocol.ts';
import { ITEM, type Item, itemsOf, queueWords } from './queue.ts';
import type { ClientSlot, NodeSlot, World } from './world.ts';

/** A hasher that knows the floor of epochs and the time that counts as now. */
interface Feeder extends StateHasher {
  /** Plain data in which a number may be an epoch. */
  doubtful(value: unknown): void;
  /** What is summed up in a hash that was kept up to date: a hash is content with that, a proof wants it whole. */
  summed(hash: number, whole: () => void): void;
}

abstract class BaseFeeder implements Feeder {
  protected readonly floor: number;
  nowUs: number;
  /** The node whose moments are fed, and the time for it that counts as now. */
  clocks: NodeSlot | undefined = undefined;
  trueNowUs = NaN;
  /** Whether any moment was fed: then the result is good for this `nowUs` only. */
  timed = false;

  constructor(floor: number, nowUs: number) {
    this.floor = floor;
    this.nowUs = nowUs;
  }

  abstract int(value: number): void;
  abstract text(value: string): void;
  abstract data(value: unknown): void;
  abstract summed(hash: number, whole: () => void): void;

  epoch(value: number): void {
    const current = value >= this.floor;
    this.int(current ? 1 : 0);
    this.int(current ? value - this.floor : value);
  }

  abstract entries<K extends number | string, V>(map: PersistentMap<K, V>, feed: (hasher: StateHasher, key: K, value: V) => void): void;

  time(valueUs: number, horizonUs = Infinity, clock: ClockName = 'monotonic'): void {
    this.timed = true;
    const nowUs = this.clocks === undefined || clock === 'monotonic' ? this.nowUs : this.clocks.clockUs(clock, this.trueNowUs);
    this.int(Math.min(nowUs - valueUs, horizonUs));
  }

  offset(clock: ClockName): void {
    this.timed = true;
    if (this.clocks !== undefined) this.int(this.clocks.clockUs(clock, this.trueNowUs) - this.trueNowUs);
  }

  doubtful(value: unknown): void {
    if (typeof value === 'number') {
      this.int(value);
      this.int(value >= this.floor ? this.floor : -1);
    } else if (typeof value === 'string') {
      this.text(value);
    } else if (Array.isArray(value)) {
      this.int(value.length);
      for (const element of value) this.doubtful(element);
    } else if (value instanceof PersistentMap) {
      this.int(value.size);
      for (const [key, content] of value) { this.doubtful(key); this.doubtful(content); }
    } else if (typeof value === 'object' && value !== null) {
      const names = Object.keys(value).filter((name) => (value as Record<string, unknown>)[name] !== undefined).sort();
      this.int(names.length);
      for (const name of names) { this.text(name); this.doubtful((value as Record<string, unknown>)[name]); }
    } else {
      this.text(String(value));
    }
  }
}

/** Feeds a hash. */
class DigestFeeder extends BaseFeeder {
  private readonly hasher = new Hasher().reset();

  int(value: number): void { this.hasher.number(value); }
  text(value: string): void { this.hasher.text(value); }
  data(value: unknown): void { feedData(this.hasher, value); }
  summed(hash: number): void { this.hasher.number(hash); }

  entries<K extends number | string, V>(map: PersistentMap<K, V>, feed: (hasher: StateHasher, key: K, value: V) => void): void {
    this.int(map.size);
    this.int(map.hashFor(this.floor, (key, value) => {
      const entry = new DigestFeeder(this.floor, NaN);
      entry.data(key);
      feed(entry, key, value);
      return entry.value;
    }));
  }

  get value(): number { return this.hasher.value(); }
}

/** Writes down everything that is fed. */
class CanonicalFeeder extends BaseFeeder {
  readonly parts: (number | string)[] = [];

  int(value: number): void { this.parts.push(value); }
  text(value: string): void { this.parts.push(value); }
  summed(_hash: number, whole: () => void): void { whole(); }

  data(value: unknown): void {
    if (typeof value === 'number' || typeof value === 'string') this.parts.push(value);
    else if (value instanceof PersistentMap) this.list('map', [...value].flat());
    else if (Array.isArray(value)) this.list('list', value);
    else if (typeof value === 'object' && value !== null) this.list('record', fieldsOf(value).flat());
    else this.parts.push(`\u0000${String(value)}`);
  }

  entries<K extends number | string, V>(map: PersistentMap<K, V>, feed: (hasher: StateHasher, key: K, value: V) => void): void {
    this.int(map.size);
    for (const [key, value] of map) { this.data(key); feed(this, key, value); }
  }

  private list(name: string, elements: readonly unknown[]): void {
    this.parts.push(`\u0000${name}`, elements.length);
    for (const element of elements) this.data(element);
  }
}

function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, content]) => content !== undefined).sort(([a], [b]) => a < b ? -1 : 1);
}

/** The least epoch from which a live node would take the next one. */
export function epochFloor(world: World): number {
  let floor = Infinity;
  for (const slot of world.nodes) if (slot.up) floor = Math.min(floor, world.setup.machine.epochFloor(slot.state));
  return floor === Infinity ? 0 : floor;
}

function feedMessage(world: World, feeder: Feeder, item: Item): void {
  if (item.kind === ITEM.message) { feedNodeMessage(world, feeder, item.payload as Message, item.timeUs); return; }
  const { type, op, content, request } = item.payload as Ask;
  feeder.text(type);
  feeder.int(op);
  feeder.text(content);
  feeder.int(request.sequence);
  if (item.kind !== ITEM.reply) return;
  const { value, leader } = item.payload as Reply;
  feeder.text(value);
  feeder.int(leader);
}

/** `atUs`: what the moment it was sent at is told from. */
function feedNodeMessage(world: World, feeder: Feeder, message: Message, atUs: number): void {
  const { machine } = world.setup;
  if (message.sentUs !== undefined) feeder.int(atUs - message.sentUs);
  if (machine.hashMessage !== undefined) { machine.hashMessage(message, feeder); return; }
  const { epoch, sentUs: _moment, ...rest } = message;
  feeder.epoch(epoch);
  feeder.doubtful(rest);
}

function feedItem(world: World, feeder: Feeder, item: Item): void {
  feeder.int(item.kind);
  feeder.int(item.to);
  feeder.int(item.from);
  feeder.int(item.as);
  feeder.int(item.rank);
  feeder.int(item.observed ? 1 : 0);
  feeder.int(item.heldBy);
  feeder.int(item.passes ? 1 : 0);
  switch (item.kind) {
    case ITEM.message: case ITEM.request: case ITEM.reply: feedMessage(world, feeder, item); break;
    case ITEM.timer: feeder.text(item.name); feeder.doubtful(item.argument); break;
    case ITEM.disk: feedWrite(world, feeder, item.payload as DiskWrite); break;
    case ITEM.outbox: feedOutgoing(world, feeder, item.payload as readonly Outgoing[]); break;
    default: feeder.text(item.name); feeder.int(item.argument);
  }
}

function feedWrite(world: World, feeder: Feeder, write: DiskWrite): void {
  const { contents, epoch, slot, op, content, ops, group, real, waiting } = write;
  feeder.doubtful({ contents, epoch, slot, op, content, ops, group, real });
  feedOutgoing(world, feeder, waiting);
}

function feedOutgoing(world: World, feeder: Feeder, outgoing: readonly Outgoing[]): void {
  feeder.int(outgoing.length);
  for (const { kind, to, message } of outgoing) {
    feeder.int(to);
    if (kind === ITEM.message) feedNodeMessage(world, feeder, message, 0); else feeder.doubtful(message);
  }
}

function feedNode(world: World, feeder: BaseFeeder, slot: NodeSlot): void {
  feeder.int(slot.up ? 1 : 0);
  feedDraws(feeder, slot);
  feeder.int(slot.written);
  feeder.data(slot.rotten);
  if (!slot.up) { feeder.data(slot.durable); return; }
  feeder.int(slot.paused ? 1 : 0);
  if (slot.suspendedUs !== undefined) feedSuspended(world, feeder, slot, slot.suspendedUs);
  feeder.int(slot.unsynced.length);
  for (const { contents, epoch, slot: record, op, content, ops, group } of slot.unsynced) feeder.doubtful({ contents, epoch, record, op, content, ops, group });
  feeder.int(slot.diskDelayUs);
  feeder.int(slot.diskLies ? 1 : 0);
  feeder.data(slot.armed === undefined ? undefined : { point: slot.armed.point, losing: slot.armed.losing, keeping: slot.armed.keeping });
  feeder.text(String(slot.rate));
  // A fractional clock repeats only where its remainder does.
  if (slot.rate !== 1) feeder.text(String((((slot.suspendedUs ?? world.nowUs) - slot.baseTrueUs) * slot.rate) % 1));
  if (slot.durable === slot.state.disk) feeder.int(1); else { feeder.int(0); feeder.doubtful(slot.durable); }
  const trueNowUs = feeder.nowUs;
  feeder.nowUs = slot.localUs(trueNowUs);
  feeder.trueNowUs = trueNowUs;
  feeder.clocks = slot;
  world.setup.machine.hash(slot.state, feeder);
  feeder.clocks = undefined;
  feeder.nowUs = trueNowUs;
  for (const item of itemsOf(slot.inbox)) { feedItem(world, feeder, item); feeder.time(item.timeUs); }
}

/** Timers that stand still, which are in no queue, by how far off they are. */
function feedSuspended(world: World, feeder: Feeder, slot: NodeSlot, sinceUs: number): void {
  const standing = slot.timers.filter((timer) => timer.timeUs > sinceUs).sort((a, b) => a.timeUs - b.timeUs || a.number - b.number);
  feeder.int(-1 - standing.length);
  for (const timer of standing) { feedItem(world, feeder, timer); feeder.int(timer.timeUs - sinceUs); }
}

/** Random numbers drawn: a period in which any was drawn is no proof of a cycle, and does not look like one. */
function feedDraws(feeder: Feeder, slot: NodeSlot): void {
  for (const draws of slot.links.draws) feeder.int(draws);
  feeder.data(slot.draws);
}

function feedClient(world: World, feeder: Feeder, slot: ClientSlot): void {
  for (const draws of slot.links.draws) feeder.int(draws);
  feeder.int(slot.leader);
  feeder.int(slot.sequence);
  feeder.int(slot.asking.size);
  for (const [op, asking] of slot.asking) {
    feeder.int(op);
    feeder.int(asking.sequence);
    feeder.int(asking.asked);
    if (asking.answers.length > 0) feeder.data(asking.answers);
  }
  if (slot.newestToken >= 0) feeder.int(slot.newestToken);
  world.setup.machine.clients?.hash(slot.state, feeder);
  if (!slot.paused) return;
  feeder.int(1);
  // Once it goes on all of it is due, in this order.
  for (const item of itemsOf(slot.inbox)) feedItem(world, feeder, item);
}

function feedRest(world: World, feeder: Feeder): void {
  const { cuts, slow, held, heldHash, toCopy } = world.network, { script } = world;
  feeder.int(world.stable ? 1 : 0);
  for (const [link] of cuts) feeder.int(link);
  feeder.int(cuts.size);
  feeder.data(slow);
  feeder.summed(heldHash, () => { held.forEach((item) => { feedItem(world, feeder, item); }); });
  feeder.int(held.size);
  for (const item of toCopy.values()) feedItem(world, feeder, item);
  feeder.int(toCopy.size);
  for (const count of script.watchMatches) feeder.int(count);
  for (const count of script.ruleMatches) feeder.int(count);
  for (const done of script.watchDone) feeder.int(done ? 1 : 0);
  for (const { step, kind } of world.setup.rules) {
    feeder.int(script.active[step] ? 1 : 0);
    feeder.int(script.ended[step] ? 1 : 0);
    feeder.int(script.picked[step] === undefined ? 0 : kind === 'swap' ? script.picked[step]! + 1 : 1);
  }
}

/** A hash that holds no moment is good at any time. */
const ANY_TIME = -1;

function nodeHash(world: World, slot: NodeSlot, floor: number): number {
  if (slot.hashFloor === floor && (slot.hashNowUs === world.nowUs || slot.hashNowUs === ANY_TIME)) return slot.hash;
  const feeder = new DigestFeeder(floor, world.nowUs);
  feedNode(world, feeder, slot);
  slot.hash = feeder.value;
  slot.hashFloor = floor;
  slot.hashNowUs = feeder.timed || slot.rate !== 1 ? world.nowUs : ANY_TIME;
  return slot.hash;
}

/** 52 bits that equal worlds share. Worlds that differ only in the order of things due at the same instant share them too. */
export function worldHash(world: World): number {
  const floor = epochFloor(world), hasher = new Hasher();
  const weigh = (item: Item): void => {
    const feeder = new DigestFeeder(floor, 0);
    feedItem(world, feeder, item);
    item.weightA = feeder.value | 0;
    item.weightB = Math.floor(feeder.value / 0x100000) | 0;
    item.weightFloor = floor;
  };
  hasher.reset();
  for (const word of queueWords(world.queue, world.nowUs, floor, weigh)) hasher.word(word);
  for (const slot of world.nodes) hasher.number(nodeHash(world, slot, floor));
  const rest = new DigestFeeder(floor, world.nowUs);
  for (const slot of world.clients) feedClient(world, rest, slot);
  feedRest(world, rest);
  return addHash(hasher.value(), rest.value);
}

/** Everything that decides how a world goes on, in a fixed order. */
export function canonicalForm(world: World): readonly (number | string)[] {
  const floor = epochFloor(world), feeder = new CanonicalFeeder(floor, world.nowUs);
  for (const item of itemsOf(world.queue)) { feedItem(world, feeder, item); feeder.time(item.timeUs); }
  for (const slot of world.nodes) feedNode(world, feeder, slot);
  for (const slot of world.clients) feedClient(world, feeder, slot);
  feedRest(world, feeder);
  return feeder.parts;
}

export function sameForm(a: readonly (number | string)[], b: readonly (number | string)[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
