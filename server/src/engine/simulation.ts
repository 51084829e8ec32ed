/** Running a scenario to its end, a slice at a time. */
import { membersAtStart, type Scenario } from '../model/scenario.ts';
import { handleSessionMessage, sessionTimerDue } from './clientMachines.ts';
import { clientTimerDue, handleReply, invoke } from './clients.ts';
import { IdleContext } from './context.ts';
import { CycleWatch } from './cycle.ts';
import { EVENT, EventLog, inGroup } from './events.ts';
import { blocked, lose } from './network.ts';
import { handleDue, handleMessage, queueUp, readBack, sleep, startNode } from './nodes.ts';
import type { Machine, Message, NodeState, NodeView } from './protocol.ts';
import { firstOf, ITEM, type Item, messageOf, RANK, withoutFirst } from './queue.ts';
import { handleUse } from './resources.ts';
import type { Run, RunEnd } from './run.ts';
import { beginScript, holdEndDue, pauseEndDue, SCRIPT_OBSERVER, stepDue, unusedSteps } from './script.ts';
import { pairsText, Setup } from './setup.ts';
import { World } from './world.ts';

const DEFAULT_BUDGET = 1_000_000;

/** A world at time 0: what holds from the start holds, and every node has started. */
export function beginWorld(scenario: Scenario, machine: Machine<NodeState, Message>, log: EventLog | undefined): World {
  const setup = new Setup(scenario, machine);
  const world = new World(setup, SCRIPT_OBSERVER, log);
  const members = membersAtStart(scenario), names = members.length < setup.nodeCount ? members.map((node) => setup.name(node)).join(' ') : '';
  world.record(EVENT.config, -1, -1, 0, -1, machine.decisionQuorum ?? -1, -1, -1, world.intern(names), world.intern(pairsText(machine)), -1, scenario.protocolLine, members.length, machine.electionQuorum);
  for (const [node, line] of setup.asleep) sleep(world, node, line);
  beginScript(world);
  for (let node = 0; node < setup.nodeCount; node++) startNode(world, node);
  return world;
}

/** The next thing happens. The world's queue must not be empty. */
export function step(world: World): void {
  const { queue } = world;
  if (queue === undefined) return;
  const item = firstOf(queue), before = world.log?.length ?? 0;
  world.queue = withoutFirst(queue, world.token);
  world.nowUs = item.timeUs;
  perform(world, item);
  if ((world.log?.length ?? 0) === before) world.silent++;
}

function perform(world: World, item: Item): void {
  switch (item.kind) {
    case ITEM.message: case ITEM.request: case ITEM.reply: deliver(world, item); break;
    case ITEM.clientTimer: case ITEM.sessionTimer: case ITEM.invoke: clientDue(world, item); break;
    case ITEM.step: stepDue(world, item); break;
    case ITEM.holdEnd: holdEndDue(world, item); break;
    case ITEM.pauseEnd: pauseEndDue(world, item); break;
    case ITEM.timer: case ITEM.disk: case ITEM.outbox: case ITEM.suspect: case ITEM.transfer: handleDue(world, item); break;
  }
}

/** A timer of a client, or an operation that waited while it was paused. */
function clientDue(world: World, item: Item): void {
  if (world.ownClient(item.to).paused) queueUp(world, item);
  else if (item.kind === ITEM.clientTimer) clientTimerDue(world, item);
  else if (item.kind === ITEM.sessionTimer) sessionTimerDue(world, item);
  else invoke(world, world.setup.operation(item.argument)!);
}

/** A message has arrived, unless the network or the receiver's state is against it. */
function deliver(world: World, item: Item): void {
  const { setup } = world, { from, to } = item;
  // What waited for a paused node had come through the network already.
  const cut = item.rank === RANK.delivery && !item.passes ? blocked(world, from, to) : undefined;
  if (cut !== undefined) { lose(world, item, cut.reason, cut.line); return; }
  if (!admit(world, item)) return;
  if (!item.observed && setup.watchesOf.delivery.length > 0) {
    world.observer.delivering(world, from, to, messageOf(item));
    if (!admit(world, item, true)) return;
  }
  const { epoch, slot, op, group } = messageOf(item);
  const received = world.record(inGroup(EVENT.receive, group), to, from, item.wordId, epoch, slot, item.id, op, item.textId, 0, item.sendIndex, item.line);
  if (item.kind === ITEM.reply) handleReply(world, item, received);
  else if (setup.scenario.resources.has(to)) handleUse(world, item, received);
  else if (setup.isNode(to)) handleMessage(world, item, received);
  else handleSessionMessage(world, item, received);
}

/** Whether the receiver can handle a message now: it is lost on a node that is down, and waits for a process that is paused. */
function admit(world: World, item: Item, observed = false): boolean {
  const { setup } = world, slot = setup.isNode(item.to) ? world.nodes[item.to]! : world.clients[item.to - setup.nodeCount]!;
  if (!slot.up) { lose(world, item, `${setup.name(item.to)} is down`, slot.downLine); return false; }
  if (slot.paused) { queueUp(world, item, observed); return false; }
  return true;
}

export class Simulation {
  readonly world: World;
  private readonly budget: number;
  private readonly log = new EventLog(4096);
  private readonly cycles = new CycleWatch();
  private end: RunEnd | undefined = undefined;

  constructor(scenario: Scenario, machine: Machine<NodeState, Message>, options: { readonly budget?: number } = {}) {
    this.budget = options.budget ?? DEFAULT_BUDGET;
    this.world = beginWorld(scenario, machine, this.log);
  }

  get nowUs(): number { return this.world.nowUs; }

  /** Events recorded so far, and steps that recorded none. */
  get events(): number { return this.world.events; }

  /** Goes on for about so many events. true: the run has ended. */
  advance(maxEvents: number): boolean {
    const until = this.events + maxEvents;
    while (this.end === undefined && this.events < until) this.advanceOnce();
    return this.end !== undefined;
  }

  /** Ends the run where it stands. */
  cancel(): void {
    if (this.end === undefined) this.finish('cancelled');
  }

  private advanceOnce(): void {
    const { world } = this, { queue } = world;
    if (queue === undefined) { this.finish(this.idleEnd()); return; }
    if (this.events >= this.budget) { this.finish('budget'); return; }
    const item = firstOf(queue);
    if (item.timeUs > world.setup.horizonUs) {
      world.nowUs = Math.max(world.nowUs, world.setup.horizonUs);
      this.finish('horizon');
      return;
    }
    step(world);
    if (world.scripted > 0) return;
    const periodUs = this.cycles.repeats(world, item);
    if (periodUs !== undefined) this.finish(world.pending > 0 ? 'cycling' : 'done', periodUs);
  }

  private idleEnd(): RunEnd { return this.world.pending > 0 ? 'stuck' : 'done'; }

  private finish(end: RunEnd, periodUs = -1): void {
    this.end = end;
    this.world.note(EVENT.end, -1, -1, '', end, periodUs);
  }

  /** What came of it. Only of a run that has ended. */
  run(): Run {
    if (this.end === undefined) throw new Error('the run has not ended yet');
    const { world } = this, { setup } = world, nodes = world.nodes.map((_, node) => node);
    return {
      log: this.log,
      end: this.end,
      endUs: world.nowUs,
      names: setup.names,
      nodeCount: setup.nodeCount,
      finalViews: nodes.map((node) => viewOf(world, node)),
      aliveAtEnd: world.nodes.map((slot) => slot.up && !slot.paused),
      reachableAtEnd: setup.names.map((_, from) => setup.names.map((__, to) => reaches(world, from, to))),
      unusedSteps: unusedSteps(world, setup),
    };
  }
}

/** A node as it is seen; one that is down shows what its disk holds. */
export function viewOf(world: World, node: number): NodeView {
  const slot = world.nodes[node]!, { machine, nodeCount } = world.setup;
  const state = slot.up ? slot.state : machine.restart(new IdleContext(node, nodeCount, slot.localUs(world.nowUs)), node, readBack(slot));
  return machine.view(state);
}

/** Whether a message from one process to another would arrive, as things stand. */
function reaches(world: World, from: number, to: number): boolean {
  const { setup } = world;
  if (setup.isNode(to) && !world.nodes[to]!.up) return false;
  if (from === to) return true;
  if (blocked(world, from, to) !== undefined || setup.loss >= 1) return false;
  return !setup.rules.some(({ kind, match, step: index }) => (kind === 'drop' || kind === 'hold') && world.script.active[index] && !world.script.ended[index]
    && match.message === undefined && match.epoch === undefined && match.nth === undefined && (match.from < 0 || match.from === from) && (match.to < 0 || match.to === to));
}
