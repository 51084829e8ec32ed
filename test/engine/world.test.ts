import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { canonicalForm, epochFloor, sameForm, worldHash } from '../../server/src/engine/hashing.ts';
import { EVENT, EventLog } from '../../server/src/engine/events.ts';
import { itemsOf, queueWords, visitItems, withItem, withoutFirst, withoutItem, Item, firstOf, type Queue } from '../../server/src/engine/queue.ts';
import { beginWorld, Simulation, step } from '../../server/src/engine/simulation.ts';
import type { World } from '../../server/src/engine/world.ts';
import { PersistentMap } from '../../server/src/engine/persistent.ts';
import type { FaultModel, Scenario, Trigger } from '../../server/src/model/scenario.ts';
import { MS, Script, toy, toyMessage, write } from './toys.ts';

/** Everything at once: beats, timers set again, requests passed on, disks written, random numbers. */
const busy = toy({
  start(context) { context.setTimer('beat', 20 * MS); },
  timer(context, state, name) {
    if (name !== 'beat') { context.emit('timeout'); return; }
    state.epoch += context.self === 0 && context.random('raise', 4) === 0 ? 1 : 0;
    for (let to = 0; to < context.nodeCount; to++) if (to !== context.self) context.send(to, toyMessage('beat', '', -1, state.epoch));
    context.setTimer('beat', 20 * MS);
  },
  message(context, state, from, message) {
    if (state.got.size > 6) state.got = state.got.after(3);
    state.epoch = Math.max(state.epoch, message.epoch);
    context.setTimer('suspect', 35 * MS, from);
    if (message.type === 'tell') {
      state.disk = { count: state.disk.count + 1 };
      context.persist(state.epoch, state.disk.count, message.op, message.content);
      context.send(from, toyMessage('told', message.content, message.op));
    }
  },
  request(context, state, request) {
    state.disk = { count: state.disk.count + 1 };
    context.persist(state.epoch, state.disk.count, request.op, 'k');
    context.send((context.self + 1) % context.nodeCount, toyMessage('tell', 'k', request.op, state.epoch));
    if (context.random('answer', 2) === 0) context.reply(request, 'ok', ''); else context.redirect(request, (context.self + 1) % context.nodeCount);
  },
  suspect(context) { context.setTimer('suspect', 5 * MS, 9); },
});

/** Beats, a few rounds of elections, and one node that answers every third request: no random numbers, nothing that only grows. */
const steady = toy({
  start(context) { context.setTimer('beat', 20 * MS); context.setTimer('stand', (60 + 10 * context.self) * MS); },
  restart(context) { context.setTimer('stand', 50 * MS); },
  timer(context, state, name) {
    if (name === 'stand') { state.epoch = Math.min(3, state.epoch + 1); context.setTimer('stand', 60 * MS); } else context.setTimer('beat', 20 * MS);
    for (let to = 0; to < context.nodeCount; to++) if (to !== context.self) context.send(to, toyMessage(name, '', -1, state.epoch));
  },
  message(_context, state, _from, message) { state.got = state.got.before(0); state.epoch = Math.max(state.epoch, message.epoch); },
  request(context, state, request) {
    state.disk = { count: (state.disk.count + 1) % 3 };
    if (context.self === 1 && state.disk.count === 0) context.reply(request, 'ok', '');
    else if (context.self === 2) context.redirect(request, 0);
  },
});

const node = fc.integer({ min: 0, max: 2 });
const anyone = fc.integer({ min: -1, max: 3 });
const message = fc.record({ from: anyone, to: anyone, message: fc.constantFrom(undefined, 'beat', 'tell', 'write', 'ok'), epoch: fc.constantFrom(undefined, 1), nth: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) });
const event = fc.oneof(
  message.map((m) => ({ kind: 'delivery', ...m }) as const), message.map((m) => ({ kind: 'send', ...m }) as const),
  node.map((n) => ({ kind: 'times-out', node: n, nth: undefined }) as const), fc.constant({ kind: 'acked', operation: 0 } as const),
);
const time = fc.integer({ min: 0, max: 200 }).map((ms) => ms * MS);
const trigger: fc.Arbitrary<Trigger> = fc.oneof(
  time.map((timeUs) => ({ kind: 'at', timeUs }) as const), event.map((e) => ({ kind: 'when', event: e }) as const),
  fc.record({ kind: fc.constant('after' as const), delayUs: time, event }),
  fc.record({ kind: fc.constant('every' as const), periodUs: fc.constant(40 * MS), fromUs: time, toUs: fc.option(time, { nil: undefined }) }),
  fc.constant({ kind: 'always' } as const),
);
const inFlight = fc.constantFrom(undefined, 'delivering' as const, 'holding' as const);
const fault: fc.Arbitrary<FaultModel> = fc.oneof(
  fc.record({
    kind: fc.constant('crash' as const), node, losing: fc.constantFrom(undefined, 'disk' as const), keeping: fc.constantFrom(undefined, 1, 2),
    point: fc.constantFrom(undefined, { kind: 'before-fsync' } as const, { kind: 'after-fsync' } as const, { kind: 'after-sends', count: 2 } as const),
  }),
  fc.record({ kind: fc.constantFrom('restart' as const, 'timeout' as const, 'disk-lies' as const, 'disk-corrupts' as const), node }),
  fc.record({ kind: fc.constant('pause' as const), node, durationUs: fc.option(time, { nil: undefined }), suspended: fc.boolean(), messagesFirst: fc.boolean() }),
  fc.record({ kind: fc.constant('resume' as const), node, messagesFirst: fc.boolean() }),
  fc.record({ kind: fc.constant('isolate' as const), node, inFlight }),
  fc.record({ kind: fc.constant('partition' as const), groups: fc.constant([[0, 3], [1, 2]] as const), inFlight }),
  fc.record({ kind: fc.constant('cut' as const), from: anyone, to: anyone, both: fc.boolean(), inFlight }),
  fc.record({ kind: fc.constant('heal-link' as const), from: anyone, to: anyone, both: fc.boolean() }),
  fc.record({ kind: fc.constant('swap' as const), messages: message, other: message }),
  fc.constant({ kind: 'heal' } as const), fc.constant({ kind: 'stable' } as const),
  fc.record({ kind: fc.constant('slow' as const), from: anyone, to: anyone, byUs: time }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'duplicate' as const, 'replay' as const, 'corrupt' as const, 'release' as const), messages: message }),
  fc.record({
    kind: fc.constant('hold' as const), messages: message,
    until: fc.oneof(fc.constant({ kind: 'released' } as const), time.map((timeUs) => ({ kind: 'time', timeUs }) as const), event.map((e) => ({ kind: 'event', event: e }) as const)),
  }),
  fc.record({ kind: fc.constant('clock-runs' as const), node, rate: fc.constantFrom(0, 0.5, 0.3, 2, 1) }),
  fc.record({ kind: fc.constant('disk-slow' as const), node, byUs: time }),
);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  faults: fc.array(fc.tuple(trigger, fault), { maxLength: 8 }), triggers: fc.array(trigger, { minLength: 1, maxLength: 3 }), order: fc.constantFrom('fifo' as const, 'unordered' as const),
  jitter: fc.constantFrom(0, 5 * MS), loss: fc.constantFrom(0, 0.1), seed: fc.integer({ min: 0, max: 9 }),
}).map(({ faults, triggers, order, jitter, loss, seed }) => {
  const script = new Script({ clients: ['c1'], seed, network: { order, loss, duplicates: loss, delays: [{ from: -1, to: -1, minUs: 5 * MS, maxUs: 5 * MS + jitter }] } });
  triggers.forEach((t, i) => { script.operation(t, 'c1', write('k', String(i)), i % 2 === 0 ? {} : { to: 'B', withinUs: 30 * MS, retrying: i === 1 }); });
  for (const [t, f] of faults) script.fault(t, f);
  return script.scenario();
});

/** The same documents every time; a failure prints its path. */
const runs = (numRuns: number): { numRuns: number; seed: number } => ({ numRuns, seed: 20260101 });

function go(world: World, steps: number): void {
  for (let i = 0; i < steps && world.queue !== undefined; i++) step(world);
}

/** The same world with nothing remembered about its hash. */
function forgetful(world: World): World {
  const copy = world.fork();
  copy.queue = itemsOf(world.queue).reverse().reduce<Queue>((queue, item) => withItem(queue, item.moved(item.timeUs, item.rank, item.number)), undefined);
  for (let n = 0; n < copy.nodes.length; n++) copy.ownNode(n);
  return copy;
}

const bytes = (log: EventLog): string => { const { ints, times, strings } = log.data(); return JSON.stringify([[...ints], [...times], strings]); };

describe('any scenario', () => {
  it('gives the same bytes twice, and throws nothing', () => {
    fc.assert(fc.property(scenario, (plan) => {
      const [one, two] = [new EventLog(), new EventLog()];
      go(beginWorld(plan, busy, one), 400);
      go(beginWorld(plan, busy, two), 400);
      expect(bytes(one)).toBe(bytes(two));
    }), runs(100));
  });

  it('goes on alike in a fork, and neither sees what the other does', () => {
    fc.assert(fc.property(scenario, fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 150 }), (plan, before, after) => {
      const world = beginWorld(plan, busy, undefined);
      go(world, before);
      const fork = world.fork(), form = canonicalForm(world);
      go(fork, after);
      expect(sameForm(canonicalForm(world), form)).toBe(true);
      const forked = canonicalForm(fork);
      go(world, after);
      expect(sameForm(canonicalForm(world), forked)).toBe(true);
      expect(canonicalForm(fork)).toEqual(forked);
      expect(worldHash(world)).toBe(worldHash(fork));
    }), runs(100));
  });

  it('has a hash kept up step by step that equals the one from scratch', () => {
    fc.assert(fc.property(scenario, fc.integer({ min: 0, max: 150 }), fc.integer({ min: 1, max: 20 }), (plan, steps, every) => {
      const world = beginWorld(plan, busy, undefined);
      for (let i = 0; i < steps && world.queue !== undefined; i++) {
        step(world);
        if (i % every === 0) worldHash(world);
      }
      expect(worldHash(world)).toBe(worldHash(forgetful(world)));
    }), runs(100));
  });

  it('comes to an end that can be reported', () => {
    fc.assert(fc.property(scenario, (plan) => {
      const simulation = new Simulation(plan, busy, { budget: 1000 });
      while (!simulation.advance(100)) { /* on */ }
      const run = simulation.run();
      expect(run.finalViews).toHaveLength(3);
      expect(run.reachableAtEnd.every((row) => row.length === 4)).toBe(true);
      expect(run.log.kind(run.log.length - 1)).toBe(EVENT.end);
    }), runs(100));
  });

  it('that is said to cycle answers nobody ever after', () => {
    let cycles = 0;
    fc.assert(fc.property(scenario, (plan) => {
      const simulation = new Simulation({ ...plan, network: { ...plan.network, loss: 0, duplicates: 0, delays: [] } }, steady, { budget: 1500 });
      while (!simulation.advance(100)) { /* on */ }
      const { log, end } = simulation.run(), { length } = log;
      if (end !== 'cycling') return;
      cycles++;
      go(simulation.world, 1500);
      for (let i = length; i < log.length; i++) expect([EVENT.ok, EVENT.fail, EVENT.info, EVENT.crash]).not.toContain(log.kind(i));
    }), runs(150));
    expect(cycles).toBeGreaterThan(5);
  });

  it('has nodes that agree on a floor of epochs', () => {
    fc.assert(fc.property(scenario, (plan) => {
      const world = beginWorld(plan, busy, undefined);
      go(world, 100);
      const alive = world.nodes.filter((slot) => slot.up).map((slot) => world.setup.machine.epochFloor(slot.state));
      expect(epochFloor(world)).toBe(alive.length === 0 ? 0 : Math.min(...alive));
    }), runs(40));
  });
});

describe('worlds that differ', () => {
  const quiet = (name: string, argument: number, delayUs: number, epoch = 0): World => beginWorld(new Script({ nodes: ['A', 'B'] }).scenario(), toy({
    start(context, state) { if (context.self === 0) { state.epoch = epoch; context.setTimer(name, delayUs, argument); context.setTimer('other', 7 * MS); } },
  }), undefined);

  it('have different hashes', () => {
    const worlds = [quiet('a', 0, MS), quiet('b', 0, MS), quiet('a', 1, MS), quiet('a', 0, 2 * MS), quiet('a', 0, 13 * MS), quiet('a', 0, MS, 5)];
    expect(new Set(worlds.map(worldHash)).size).toBe(worlds.length);
  });

  it('by the time alone have the same', () => {
    const early = quiet('a', 0, MS), late = quiet('a', 0, MS);
    late.nowUs = 50 * MS;
    late.queue = itemsOf(late.queue).reduce<Queue>((queue, item) => withItem(queue, item.moved(item.timeUs + 50 * MS, item.rank, item.number)), undefined);
    expect(worldHash(late)).toBe(worldHash(early));
    expect(sameForm(canonicalForm(late), canonicalForm(early))).toBe(true);
  });
});

describe('the queue', () => {
  it('is in order, and shares what it can', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 }), fc.boolean())), (entries) => {
      let queue: Queue = undefined, number = 0;
      let model: Item[] = [];
      const order = (a: Item, b: Item): number => a.timeUs - b.timeUs || a.rank - b.rank || a.number - b.number;
      for (const [timeUs, rank, drop] of entries) {
        const item = new Item(timeUs, rank, ++number, 3, 0, -1, undefined, '', 0);
        queue = withItem(queue, item);
        model = [...model, item].sort(order);
        if (!drop) continue;
        const victim = model[number % model.length]!;
        expect(withoutItem(queue, item.moved(99, 0, 0))).toBe(queue);
        queue = withoutItem(queue, victim);
        model = model.filter((other) => other !== victim);
      }
      expect(itemsOf(queue)).toEqual(model);
      while (queue !== undefined) {
        expect(firstOf(queue)).toBe(model.shift());
        queue = withoutFirst(queue);
      }
      let rest = 0;
      visitItems(queue, () => { rest++; });
      expect([rest, model.length]).toEqual([0, 0]);
    }));
  });

  it('gives the same in place, sums included', () => {
    const weigh = (item: Item, floor: number): void => { item.weightA = item.number * 977; item.weightB = item.number * 131; item.weightFloor = floor; };
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat({ max: 5 })), { maxLength: 60 }), (entries) => {
      const token = {};
      let mine: Queue = undefined, number = 0;
      for (const [timeUs, action] of entries) {
        const item = new Item(timeUs, action % 4, ++number, 3, 0, -1, undefined, '', 0), items = itemsOf(mine);
        if (action === 4) mine = withoutItem(mine, items[number % Math.max(1, items.length)] ?? item, token);
        else if (action === 5 && mine !== undefined) mine = withoutFirst(mine, token);
        else mine = withItem(mine, item, token);
        const anew = itemsOf(mine).reduce<Queue>((queue, each) => withItem(queue, each), undefined);
        expect(queueWords(mine, 3, 0, weigh)).toEqual(queueWords(anew, 3, 0, weigh));
      }
      expect(itemsOf(mine)).toEqual(itemsOf(mine).sort((a, b) => a.timeUs - b.timeUs || a.rank - b.rank || a.number - b.number));
    }));
  });

  it('is a map’s cousin: both keep what they held when a fork changes', () => {
    const map = PersistentMap.empty<number, string>().set(1, 'a');
    const item = new Item(1, 0, 1, 3, 0, -1, undefined, '', 0), queue = withItem(undefined, item);
    withItem(queue, item.moved(0, 0, 2));
    map.set(1, 'b');
    expect([firstOf(queue), map.get(1)]).toEqual([item, 'a']);
  });
});
