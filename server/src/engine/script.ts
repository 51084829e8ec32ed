/** The script of a scenario: noticing what it waits for, and doing what it says. */
import { ANY, type EventMatch, type FaultModel, type MessageMatch, type Trigger } from '../model/scenario.ts';
import { invoke } from './clients.ts';
import { setRate, setWall } from './clocks.ts';
import { crash } from './crash.ts';
import { EVENT, type EventKind } from './events.ts';
import { cutLink, healAll, healLink, isolate, partition, slowLink } from './links.ts';
import { copyEarlier, matches, release, replayEarlier } from './network.ts';
import { arm, decay, pause, restart, restartAs, resume, suspect, transfer } from './nodes.ts';
import { ITEM, Item, messageOf, RANK, scriptNumber } from './queue.ts';
import type { Setup, Watch } from './setup.ts';
import { becomeStable, isRepair } from './stable.ts';
import { faultText } from './words.ts';
import type { Observer, World } from './world.ts';

/** Faults that hold from the start take effect, and the rest of the script is put into the queue. */
export function beginScript(world: World): void {
  world.setup.steps.forEach((step, index) => {
    if (step.trigger.kind === 'always' && step.kind === 'fault') takeStep(world, index, undefined);
  });
  world.setup.steps.forEach((step, index) => {
    const { trigger } = step;
    if (trigger.kind === 'at') schedule(world, index, trigger.timeUs);
    else if (trigger.kind === 'every') schedule(world, index, trigger.fromUs);
    else if (trigger.kind === 'always' && step.kind === 'operation') schedule(world, index, 0);
  });
}

function schedule(world: World, step: number, timeUs: number, deferred = false): void {
  const number = scriptNumber(step, ITEM.step, deferred);
  const item = new Item(Math.max(world.nowUs, timeUs), RANK.script, number, ITEM.step, -1, -1, undefined, deferred ? 'deferred' : '', step);
  world.add(item);
  world.scripted++;
}

/** A step's time has come. */
export function stepDue(world: World, item: Item): void {
  world.scripted--;
  const step = item.argument, { trigger } = world.setup.steps[step]!;
  if (isOver(world, step)) return;
  // Only faults: the model writes a repeated operation out as many (model/repetitions.ts).
  if (trigger.kind === 'every' && item.name !== 'deferred' && world.setup.steps[step]!.kind === 'fault') repeat(world, step, trigger);
  takeStep(world, step, undefined);
}

/** A fault that comes when nothing fails any more. */
function isOver(world: World, index: number): boolean {
  const step = world.setup.steps[index]!;
  return world.stable && step.kind === 'fault' && !isRepair(step.fault);
}

function repeat(world: World, step: number, trigger: Trigger & { kind: 'every' }): void {
  const nextUs = world.nowUs + Math.max(1, trigger.periodUs);
  if (trigger.toUs === undefined || nextUs <= trigger.toUs) schedule(world, step, nextUs);
}

/** `hold … until T`: the time has come. */
export function holdEndDue(world: World, item: Item): void {
  world.scripted--;
  endHold(world, item.argument);
}

/** `pause A for D`: the time is over. */
export function pauseEndDue(world: World, item: Item): void {
  world.scripted--;
  world.ownSlot(item.to).pauseEnd = undefined;
  const step = world.setup.steps[item.argument];
  resume(world, item.to, item.line, step?.kind === 'fault' && step.fault.kind === 'pause' && step.fault.messagesFirst === true);
}

/** The message whose delivery took a step, if it was one. */
interface Occasion {
  readonly receiver: number;
}

function takeStep(world: World, index: number, occasion: Occasion | undefined): void {
  const step = world.setup.steps[index]!;
  if (isOver(world, index)) return;
  if (step.kind === 'operation') {
    world.markUsed(index);
    invoke(world, step.operation);
    return;
  }
  if (applyFault(world, step.fault, index, step.line, occasion)) world.markUsed(index);
}

/** Does what a fault says. false: it had no effect (yet): the node was down already, or the message is still to come. */
function applyFault(world: World, fault: FaultModel, step: number, line: number, occasion: Occasion | undefined): boolean {
  switch (fault.kind) {
    case 'crash': case 'restart': case 'pause': case 'resume': case 'timeout': case 'transfer': return applyNodeFault(world, fault as NodeFault, step, line, occasion);
    case 'clock-runs': case 'clock-jumps': case 'disk-slow': case 'disk-lies': case 'disk-corrupts': return applyDeviceFault(world, fault as DeviceFault, line);
    case 'drop': case 'swap': case 'corrupt': case 'lies': world.ownScript().active[step] = true; return false;
    case 'duplicate': world.ownScript().active[step] = true; return copyEarlier(world, step);
    case 'replay': return replayEarlier(world, step, line);
    case 'hold': beginHold(world, step, fault); return false;
    case 'release': return applyRelease(world, step, fault.messages);
    case 'stable': becomeStable(world, line); return true;
    case 'partition': case 'isolate': case 'cut': case 'heal': case 'heal-link': case 'slow': return applyLinkFault(world, fault as LinkFault, step, line);
  }
}

type NodeFault = FaultModel & { kind: 'crash' | 'restart' | 'pause' | 'resume' | 'timeout' | 'transfer' };

function applyNodeFault(world: World, fault: NodeFault, step: number, line: number, occasion: Occasion | undefined): boolean {
  const clientsToo = fault.kind === 'pause' || fault.kind === 'resume';
  const nodes = each(world, fault.node, clientsToo && fault.node !== ANY ? world.setup.processCount : world.setup.nodeCount);
  // Handlers do not nest: what runs one waits for the one that is running to return.
  if (world.running >= 0 && (fault.kind === 'restart' || fault.kind === 'timeout' || fault.kind === 'transfer')) { schedule(world, step, world.nowUs, true); return false; }
  let effect = false;
  for (const node of nodes) effect = strikeNode(world, fault, node, step, line, occasion) || effect;
  return effect;
}

function strikeNode(world: World, fault: NodeFault, node: number, step: number, line: number, occasion: Occasion | undefined): boolean {
  switch (fault.kind) {
    case 'crash': {
      const { losing, keeping, point } = fault;
      if (point === undefined) return crash(world, node, { losing, keeping, step, line });
      arm(world, node, { losing, keeping, point, step, line, once: occasion?.receiver === node });
      return false;
    }
    case 'restart':
      if (fault.as !== undefined) return restartAs(world, node, fault.as, line);
      return restart(world, node, line, fault.blank === true ? 'blank' : '');
    case 'pause': return pause(world, node, fault.durationUs, step, line, fault.suspended);
    case 'resume': return resume(world, node, line, fault.messagesFirst);
    case 'timeout': return suspect(world, node, line);
    case 'transfer': return transfer(world, node, fault.to, line);
  }
}

type DeviceFault = FaultModel & { kind: 'clock-runs' | 'clock-jumps' | 'disk-slow' | 'disk-lies' | 'disk-corrupts' };

function applyDeviceFault(world: World, fault: DeviceFault, line: number): boolean {
  const kind: EventKind = fault.kind === 'clock-runs' || fault.kind === 'clock-jumps' ? EVENT.clock : EVENT.disk;
  for (const node of each(world, fault.node, world.setup.nodeCount)) {
    if (fault.kind === 'disk-corrupts' && !decay(world, node)) return false;
    world.note(kind, node, line, textOf(world, fault), '', fault.kind === 'clock-runs' ? Math.round(fault.rate * 1e6) : -1);
    if (fault.kind === 'clock-runs') setRate(world, node, fault.rate, line);
    else if (fault.kind === 'clock-jumps') setWall(world, node, fault.byUs, line);
    else if (fault.kind === 'disk-slow') world.ownNode(node).diskDelayUs = Math.max(0, fault.byUs);
    else if (fault.kind === 'disk-lies') world.ownNode(node).diskLies = true;
  }
  return true;
}

type LinkFault = FaultModel & { kind: 'partition' | 'isolate' | 'cut' | 'heal' | 'heal-link' | 'slow' };

function applyLinkFault(world: World, fault: LinkFault, step: number, line: number): boolean {
  world.note(EVENT.links, -1, line, textOf(world, fault));
  const all = world.setup.processCount, statement = { step, line, inFlight: 'inFlight' in fault ? fault.inFlight : undefined };
  switch (fault.kind) {
    case 'partition': partition(world, fault.groups, statement); break;
    case 'isolate': for (const node of each(world, fault.node, all)) isolate(world, node, statement); break;
    case 'heal': healAll(world); break;
    case 'cut': eachLink(world, fault, (from, to) => { cutLink(world, from, to, statement); }); break;
    case 'heal-link': eachLink(world, fault, (from, to) => { healLink(world, from, to); }); break;
    case 'slow': eachLink(world, { ...fault, both: false }, (from, to) => { slowLink(world, from, to, fault.byUs); }); break;
  }
  return true;
}

function textOf(world: World, fault: FaultModel): string { return faultText((process) => world.setup.name(process), fault); }

/** The processes that a name or `*` means, up to `count`. */
function each(world: World, process: number, count: number): number[] {
  if (process === ANY) return Array.from({ length: count }, (_, index) => index);
  return process >= 0 && process < count ? [process] : [];
}

function eachLink(world: World, link: { readonly from: number; readonly to: number; readonly both: boolean }, act: (from: number, to: number) => void): void {
  const all = world.setup.processCount;
  for (const from of each(world, link.from, all)) {
    for (const to of each(world, link.to, all)) {
      if (from === to) continue;
      act(from, to);
      if (link.both) act(to, from);
    }
  }
}

function beginHold(world: World, step: number, fault: FaultModel & { kind: 'hold' }): void {
  const watch = world.setup.holdEndOfStep.get(step);
  if (watch !== undefined && world.script.watchDone[watch.index]) return;
  if (fault.until.kind === 'time') {
    if (fault.until.timeUs <= world.nowUs) return;
    if (!world.script.active[step]) scheduleHoldEnd(world, step, fault.until.timeUs);
  }
  world.ownScript().active[step] = true;
}

function scheduleHoldEnd(world: World, step: number, timeUs: number): void {
  world.add(new Item(timeUs, RANK.script, scriptNumber(step, ITEM.holdEnd), ITEM.holdEnd, -1, -1, undefined, '', step));
  world.scripted++;
}

function endHold(world: World, step: number): void {
  world.ownScript().ended[step] = true;
  release(world, (item) => item.heldBy === step);
}

/** `release A -> B commit` lets go of all those held, and ends the holds that hold no other; with `#N` of that one alone. */
function applyRelease(world: World, step: number, match: MessageMatch): boolean {
  if (match.nth !== undefined) {
    const id = world.script.picked[step];
    return id !== undefined && release(world, (item) => item.id === id);
  }
  let effect = false;
  for (const rule of world.setup.rules) {
    if (rule.kind !== 'hold' || !covers(match, rule.match) || !world.script.active[rule.step] || world.script.ended[rule.step]) continue;
    world.ownScript().ended[rule.step] = true;
    effect = true;
  }
  return release(world, (item) => matches(match, item.from, item.to, messageOf(item))) || effect;
}

function covers(wide: MessageMatch, narrow: MessageMatch): boolean {
  return (wide.from === ANY || wide.from === narrow.from) && (wide.to === ANY || wide.to === narrow.to)
    && (wide.message === undefined || wide.message === narrow.message) && (wide.epoch === undefined || wide.epoch === narrow.epoch)
    && (wide.slot === undefined || wide.slot === narrow.slot);
}

/** What an event that was waited for does. */
function fulfil(world: World, watch: Watch, occasion: Occasion | undefined): void {
  if (watch.role === 'hold-end') { endHold(world, watch.step); return; }
  const { trigger } = world.setup.steps[watch.step]!;
  if (trigger.kind === 'after') schedule(world, watch.step, world.nowUs + Math.max(0, trigger.delayUs));
  else takeStep(world, watch.step, occasion);
}

function notice(world: World, watches: readonly Watch[], fits: (event: EventMatch) => boolean, occasion?: Occasion): void {
  for (const watch of watches) {
    if (world.script.watchDone[watch.index] || !fits(watch.event)) continue;
    const nth = 'nth' in watch.event ? watch.event.nth : undefined;
    // A hold that has not begun cannot end, unless the event is counted from the start.
    if (nth === undefined && watch.role === 'hold-end' && !world.script.active[watch.step]) continue;
    const script = world.ownScript();
    const count = script.watchMatches[watch.index]! + 1;
    script.watchMatches[watch.index] = count;
    if (nth !== undefined && count < nth) continue;
    script.watchDone[watch.index] = true;
    fulfil(world, watch, occasion);
  }
}

export const SCRIPT_OBSERVER: Observer = {
  sent(world, from, to, message) {
    notice(world, world.setup.watchesOf.send, (event) => matches(event as MessageMatch & EventMatch, from, to, message));
  },
  delivering(world, from, to, message) {
    notice(world, world.setup.watchesOf.delivery, (event) => matches(event as MessageMatch & EventMatch, from, to, message), { receiver: to });
  },
  emitted(world, kind, node) {
    const ofNode = (event: EventMatch): boolean => 'node' in event && (event.node === ANY || event.node === node);
    notice(world, world.setup.watchesOf[kind], ofNode);
  },
  answered(world, op, ok) {
    const ofOperation = (event: EventMatch): boolean => 'operation' in event && event.operation === op;
    if (ok) notice(world, world.setup.watchesOf.acked, ofOperation);
    notice(world, world.setup.watchesOf.answered, ofOperation);
  },
};

/** Steps that never took effect, by index in the script. */
export function unusedSteps(world: World, setup: Setup): number[] {
  return setup.steps.map((_, index) => index).filter((index) => !world.script.used[index]);
}
