/**
 * Links: how a message that was sent comes to be delivered, lost or held (protocols.md D).
 *
 * What the scenario says of single messages is decided when they are sent; partitions and cuts when they arrive. On a fifo
 * link arrivals keep the order of sending: a lost message leaves no gap, a held one holds those behind it, copies are dropped
 * by the receiver, and a crash of either end takes along what was on its way.
 */
import { EVENT, inGroup } from './events.ts';
import { changes, forged } from './forge.ts';
import { addHash, hashData, subtractHash } from './hash.ts';
import type { Message } from './protocol.ts';
import { isMessage, ITEM, Item, messageOf, RANK, visitItems } from './queue.ts';
import { below, bits, happens } from './random.ts';
import type { MessageRule } from './setup.ts';
import type { Network, World } from './world.ts';
import type { MessageMatch } from '../model/scenario.ts';

/** Whether a message from `from` to `to` is one of those meant. `*` is any process, any word. */
export function matches(match: MessageMatch, from: number, to: number, { type, epoch, slot }: Pick<Message, 'type' | 'epoch' | 'slot'>): boolean {
  return (match.from < 0 || match.from === from) && (match.to < 0 || match.to === to) && (match.message === undefined || match.message === type)
    && (match.epoch === undefined || match.epoch === epoch) && (match.slot === undefined || match.slot === slot);
}

/** Why nothing gets from `from` to `to`, or undefined if it does. */
export function blocked(world: World, from: number, to: number): { readonly reason: string; readonly line: number } | undefined {
  const { cuts } = world.network;
  if (cuts.size === 0) return undefined;
  const cut = cuts.get(world.setup.link(from, to));
  if (cut === undefined) return undefined;
  if (cut.partition !== undefined) return { reason: 'the partition', line: cut.partition };
  return { reason: 'the link is cut', line: cut.cut ?? -1 };
}

/** Sends a message, or what its sender says instead, and what it says in other names. `line`: where it stems from if it is about no operation. */
export function transmit(world: World, kind: 0 | 1 | 2, from: number, to: number, truth: Message, cause: number, line: number): void {
  const { setup } = world, lies = setup.rules.length === 0 || kind === ITEM.request ? [] : liesAbout(world, from, to, truth);
  const own = lies.find(({ lie }) => lie?.as === undefined);
  dispatch(world, kind, from, to, sealed(world, kind, from, own?.lie === undefined ? truth : forged(truth, own.lie)), cause, line, own?.line);
  if (kind !== ITEM.message) return;
  for (const { lie, line: ofLie } of lies) if (lie?.as !== undefined) dispatch(world, kind, from, to, sealed(world, kind, from, forged(truth, lie)), cause, line, ofLie, lie.as);
}

/** The last statement that makes a node say something else in place of a message, and all that make it say so in other names; they take effect. */
function liesAbout(world: World, from: number, to: number, truth: Message): readonly MessageRule[] {
  const all = world.setup.rules.filter(({ lie, match, step }) => lie !== undefined && world.script.active[step] && matches(match, from, to, truth)
    && (lie.as !== undefined || changes(lie, truth)));
  const own = all.findLast(({ lie }) => lie?.as === undefined), lies = all.filter((rule) => rule === own || rule.lie?.as !== undefined);
  for (const { step } of lies) world.markUsed(step);
  return lies;
}

function sealed(world: World, kind: 0 | 1 | 2, from: number, message: Message): Message {
  return kind === ITEM.message ? world.setup.machine.seal?.(message, from) ?? message : message;
}

/** Records a sending, decides its fate, and tells the script. `ofLie`: the statement that made it a lie; `as`: in whose name it is sent. */
function dispatch(world: World, kind: 0 | 1 | 2, from: number, to: number, message: Message, cause: number, line: number, ofLie?: number, as = -1): void {
  const { setup } = world, item = envelope(world, kind, from, to, message, setup.lineOf(message.op, line));
  item.as = as;
  const detail = as < 0 ? 0 : world.intern(`as ${setup.name(as)}`);
  item.sendIndex = world.record(inGroup(EVENT.send, message.group), from, to, item.wordId, message.epoch, message.slot, item.id, message.op, item.textId, detail, cause, ofLie ?? item.line);
  if (setup.rules.length === 0) travel(world, item);
  else follow(world, item, judge(world, item));
  if (setup.watchesOf.send.length > 0) world.observer.sent(world, from, to, message);
}

/** `replay A -> B propose #1`: A sends B once more, as a new message, what it sent then. false: it has not sent it, or is down. */
export function replayEarlier(world: World, step: number, line: number): boolean {
  const item = world.network.toCopy.get(step);
  if (item === undefined || world.nodes[item.from]?.up === false) return false;
  dispatch(world, item.kind as 0 | 1 | 2, item.from, item.to, messageOf(item), -1, line, line, item.as);
  return true;
}

/** The message as it would arrive if nothing befell it. */
function envelope(world: World, kind: 0 | 1 | 2, from: number, to: number, message: Message, line: number): Item {
  const { setup } = world, links = world.ownLinks(from), delay = setup.delayOf(from, to);
  let delayUs = delay.minUs, number = 0;
  if (delay.maxUs > delay.minUs || (!world.stable && (setup.loss > 0 || setup.duplicates > 0))) {
    number = links.draws[to]!;
    links.draws[to] = number + 1;
    world.draws++;
    delayUs += below(bits(setup.seed, setup.purposes.delay, from, to, number), delay.maxUs - delay.minUs + 1);
  }
  delayUs += slowness(world, from, to);
  const item = new Item(world.nowUs + delayUs, RANK.delivery, world.nextNumber(), kind, to, from, message, '', number);
  item.id = ++world.messages;
  item.wordId = world.intern(message.type);
  item.textId = world.intern(message.content);
  item.line = line;
  return item;
}

function slowness(world: World, from: number, to: number): number {
  const { slow } = world.network;
  return slow.size === 0 ? 0 : slow.get(world.setup.link(from, to)) ?? 0;
}

/** What the statements of the scenario do to one message. */
interface Fate {
  readonly drop: MessageRule | undefined;
  readonly hold: MessageRule | undefined;
  /** It changes places, with one that is still to come or (`second`) with one that waits for it. */
  readonly swap: { readonly rule: MessageRule; readonly second: boolean } | undefined;
  readonly corrupt: boolean;
  readonly copies: number;
}

/** Asks every rule, since every rule counts its matches from the start of the run. */
function judge(world: World, item: Item): Fate {
  let drop: MessageRule | undefined, hold: MessageRule | undefined, swap: Fate['swap'], corrupt = false, copies = 0;
  for (const rule of world.setup.rules) {
    if (rule.kind === 'lies' || !matches(rule.match, item.from, item.to, messageOf(item)) || !counts(world, rule)) continue;
    const script = world.ownScript();
    if (rule.kind === 'release') { if (rule.match.nth !== undefined) script.picked[rule.step] = item.id; continue; }
    if (rule.kind === 'replay') { change(world, { toCopy: world.network.toCopy.set(rule.step, item) }); continue; }
    if (!script.active[rule.step] && rule.kind === 'duplicate' && rule.match.nth !== undefined) change(world, { toCopy: world.network.toCopy.set(rule.step, item) });
    if (!script.active[rule.step] || script.ended[rule.step]) continue;
    if (rule.kind === 'corrupt' && item.kind !== ITEM.message) continue;
    if (rule.kind === 'swap') { swap ??= changesPlaces(world, rule); continue; }
    script.used[rule.step] = true;
    if (rule.kind === 'drop') drop ??= rule;
    else if (rule.kind === 'hold') hold ??= rule;
    else if (rule.kind === 'corrupt') corrupt = true;
    else copies++;
  }
  return { drop, hold, swap, corrupt, copies };
}

/** Notes which of the two messages of a swap has come: each comes once. Until both have, `picked` is the rule of the one that waits. */
function changesPlaces(world: World, rule: MessageRule): Fate['swap'] {
  const script = world.ownScript(), first = script.picked[rule.step];
  if (first === rule.index) return undefined;
  if (first === undefined) script.picked[rule.step] = rule.index;
  else script.ended[rule.step] = true;
  script.used[rule.step] = true;
  return { rule, second: first !== undefined };
}

/** Counts a match of a rule with `#N`; whether it is one that the rule means. Past the N-th, counting would only keep equal worlds apart. */
function counts(world: World, rule: MessageRule): boolean {
  const { nth } = rule.match, before = world.script.ruleMatches[rule.index]!;
  if (nth === undefined) return true;
  if (before >= nth) return false;
  world.ownScript().ruleMatches[rule.index] = before + 1;
  return before + 1 === nth;
}

function follow(world: World, item: Item, fate: Fate): void {
  if (fate.drop !== undefined) { lose(world, item, 'dropped by the scenario', fate.drop.line); return; }
  const sent = fate.corrupt ? corrupted(world, item) : item;
  if (fate.hold !== undefined) hold(world, sent, fate.hold.step, fate.hold.line);
  else if (fate.swap === undefined) travel(world, sent);
  else if (fate.swap.second) overtake(world, sent, fate.swap.rule.step);
  else hold(world, sent, fate.swap.rule.step, fate.swap.rule.line);
  for (let copy = 1; copy <= fate.copies; copy++) followCopy(world, sent, copy);
}

/** Takes the place of the message that waits for it; that one arrives right behind it, and on a fifo link behind all sent in between. */
function overtake(world: World, item: Item, step: number): void {
  const waiting = [...world.network.held.values()].find(({ heldBy }) => heldBy === step);
  if (waiting === undefined) { travel(world, item); return; }
  unkeep(world, waiting);
  noteRelease(world, waiting);
  const sameLink = waiting.from === item.from, atUs = Math.max(item.timeUs, world.nowUs);
  if (world.setup.fifo && sameLink) enqueueInOrder(world, item); else travel(world, item);
  freeBehind(world, waiting);
  const moved = waiting.moved(Math.max(waiting.timeUs, atUs), RANK.delivery, world.nextNumber());
  if (world.setup.fifo && sameLink) enqueue(world, moved);
  else if (world.setup.fifo) enqueueInOrder(world, moved);
  else world.add(moved);
}

/** A copy that a statement made is a message like others: `hold A -> B commit #2` holds the copy of the first commit. */
function followCopy(world: World, item: Item, copy: number): void {
  if (world.setup.fifo) { travelAgain(world, item, copy); return; }
  const { drop, hold: held } = judge(world, item);
  if (drop !== undefined) lose(world, item, 'dropped by the scenario', drop.line);
  else if (held !== undefined) hold(world, item.moved(item.timeUs, item.rank, world.nextNumber()), held.step, held.line);
  else travelAgain(world, item, copy);
}

function corrupted(world: World, item: Item): Item {
  const changed = world.setup.machine.corrupt(messageOf(item));
  const copy = new Item(item.timeUs, item.rank, item.number, item.kind, item.to, item.from, changed, '', item.argument);
  copy.id = item.id;
  copy.sendIndex = item.sendIndex;
  copy.as = item.as;
  copy.passes = item.passes;
  copy.wordId = world.intern(changed.type);
  copy.textId = world.intern(changed.content);
  copy.line = item.line;
  return copy;
}

/** Leaves it to the link: its losses, its duplicates, what is held before it. */
function travel(world: World, item: Item): void {
  const { setup } = world;
  if (item.from !== item.to && !world.stable) {
    if (setup.loss > 0 && happens(bits(setup.seed, setup.purposes.loss, item.from, item.to, item.argument), setup.loss)) {
      lose(world, item, 'the network lost it', setup.scenario.network.line ?? -1);
      return;
    }
    if (setup.duplicates > 0 && happens(bits(setup.seed, setup.purposes.duplicate, item.from, item.to, item.argument), setup.duplicates)) {
      enqueue(world, item);
      travelAgain(world, item, 1);
      return;
    }
  }
  enqueue(world, item);
}

/** Why a fifo link loses a copy: what was sent is still on its way. */
export const SECOND_COPY = 'a second copy, which the link drops';

/** A second copy, with a delay of its own. The receiver of a fifo link drops it. */
function travelAgain(world: World, item: Item, copy: number): void {
  const { setup } = world;
  if (setup.fifo) { lose(world, item, SECOND_COPY, item.line); return; }
  const delay = setup.delayOf(item.from, item.to);
  const extra = below(bits(setup.seed, setup.purposes.copyDelay + copy, item.from, item.to, item.argument), delay.maxUs - delay.minUs + 1);
  world.add(item.moved(world.nowUs + delay.minUs + extra + slowness(world, item.from, item.to), RANK.delivery, world.nextNumber()));
}

/** `when EVENT duplicate A -> B commit #1`, and that message was sent before: its copy is sent now. false: it was not. */
export function copyEarlier(world: World, step: number): boolean {
  const item = world.network.toCopy.get(step);
  if (item === undefined) return false;
  change(world, { toCopy: world.network.toCopy.delete(step) });
  travelAgain(world, item, 1);
  return true;
}

function enqueue(world: World, item: Item): void {
  if (!world.setup.fifo) { world.add(item); return; }
  if (world.network.heldOn.has(world.setup.link(item.from, item.to))) { hold(world, item, -1, lineOfHold(world, item)); return; }
  enqueueInOrder(world, item);
}

/** Arrives no earlier than what was sent before it on the link. */
function enqueueInOrder(world: World, item: Item): void {
  const { arrivals } = world.ownLinks(item.from), latest = arrivals[item.to]!;
  const atUs = Math.max(item.timeUs, latest);
  arrivals[item.to] = atUs;
  world.add(atUs === item.timeUs ? item : item.moved(atUs, RANK.delivery, item.number));
}

/** The statement that holds back what is on the item's link. */
function lineOfHold(world: World, item: Item): number {
  for (const other of world.network.held.values()) {
    if (other.from === item.from && other.to === item.to) return world.setup.steps[other.heldBy]?.line ?? -1;
  }
  return -1;
}

/** Puts a message among those held; takes one away. */
export function keep(world: World, item: Item): void {
  const { held, heldOn, heldHash } = world.network, link = world.setup.link(item.from, item.to);
  change(world, { held: held.set(item.number, item), heldOn: heldOn.set(link, (heldOn.get(link) ?? 0) + 1), heldHash: addHash(heldHash, heldItemHash(item)) });
}

export function unkeep(world: World, item: Item): void {
  const { held, heldOn, heldHash } = world.network, link = world.setup.link(item.from, item.to), others = heldOn.get(link)! - 1;
  change(world, { held: held.delete(item.number), heldOn: others === 0 ? heldOn.delete(link) : heldOn.set(link, others), heldHash: subtractHash(heldHash, heldItemHash(item)) });
}

function heldItemHash(item: Item): number {
  const { epoch, slot, op, group } = messageOf(item);
  return hashData([item.kind, item.to, item.from, item.as, item.passes ? 1 : 0, item.wordId, item.textId, item.heldBy, epoch, slot, op, group ?? 0]);
}

/** It will not arrive. */
export function lose(world: World, item: Item, reason: string, line: number): void {
  const { epoch, slot, op, group } = messageOf(item);
  world.record(inGroup(EVENT.lost, group), item.from, item.to, item.wordId, epoch, slot, item.id, op, item.textId, world.intern(reason), item.sendIndex, line);
}

export function hold(world: World, item: Item, step: number, line: number): void {
  const { epoch, slot, op, group } = messageOf(item);
  const detail = step < 0 ? world.intern('behind a held message') : 0;
  world.record(inGroup(EVENT.hold, group), item.from, item.to, item.wordId, epoch, slot, item.id, op, item.textId, detail, item.sendIndex, line);
  const kept = item.moved(item.timeUs, item.rank, item.number);
  kept.heldBy = step;
  keep(world, kept);
}

/** Lets go of held messages that `free` says; on a fifo link each still waits for those before it. */
export function release(world: World, free: (item: Item) => boolean): boolean {
  const chosen = [...world.network.held.values()].filter((item) => item.heldBy >= 0 && free(item));
  for (const item of chosen) {
    const freed = item.moved(item.timeUs, item.rank, item.number);
    freed.heldBy = -1;
    unkeep(world, item);
    keep(world, freed);
  }
  const links = new Set(chosen.map((item) => world.setup.link(item.from, item.to)));
  for (const item of [...world.network.held.values()]) {
    const link = world.setup.link(item.from, item.to);
    if (!links.has(link)) continue;
    if (item.heldBy < 0) letGo(world, item); else if (world.setup.fifo) links.delete(link);
  }
  return chosen.length > 0;
}

/** On a fifo link: lets go of those that waited behind a message that does so no longer, up to the next one that is held. */
function freeBehind(world: World, gone: Item): void {
  for (const item of [...world.network.held.values()]) {
    if (item.from !== gone.from || item.to !== gone.to) continue;
    if (item.heldBy >= 0) return;
    letGo(world, item);
  }
}

/** A released message arrives at once, or when it would have arrived if that is later. */
function letGo(world: World, item: Item): void {
  unkeep(world, item);
  noteRelease(world, item);
  const moved = item.moved(Math.max(item.timeUs, world.nowUs), RANK.delivery, world.nextNumber());
  if (world.setup.fifo) enqueueInOrder(world, moved); else world.add(moved);
}

function noteRelease(world: World, item: Item): void {
  const { epoch, slot, op, group } = messageOf(item);
  world.record(inGroup(EVENT.release, group), item.from, item.to, item.wordId, epoch, slot, item.id, op, item.textId, 0, item.sendIndex, item.line);
}

/** A crash of a process breaks its connections: on fifo links all that is on its way from and to it is gone. */
export function resetConnections(world: World, process: number, line: number): void {
  if (!world.setup.fifo) return;
  const gone: Item[] = [];
  visitItems(world.queue, (item) => {
    if (isMessage(item) && item.rank === RANK.delivery && (item.from === process || item.to === process)) gone.push(item);
  });
  for (const item of gone) world.remove(item);
  for (const item of world.network.held.values()) {
    if (item.from !== process && item.to !== process) continue;
    gone.push(item);
    unkeep(world, item);
  }
  gone.sort((a, b) => a.id - b.id);
  for (const item of gone) lose(world, item, 'the link was reset', line);
  for (let other = 0; other < world.setup.processCount; other++) {
    world.ownLinks(process).arrivals[other] = 0;
    world.ownLinks(other).arrivals[process] = 0;
  }
}

/** Replaces parts of the network's state. */
export function change(world: World, parts: Partial<Network>): void {
  world.network = { ...world.network, ...parts };
}
