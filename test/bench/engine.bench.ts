/**
 * Simulated events a second with recording on, as ratios against a bare event loop: a binary heap of (time, number, callback)
 * that plays the same exchange of messages and records nothing.
 *
 *   node test/bench/engine.bench.ts
 */
import { performance } from 'node:perf_hooks';
import { worldHash } from '../../server/src/engine/hashing.ts';
import { beginWorld, Simulation, step } from '../../server/src/engine/simulation.ts';
import type { Machine, Message, NodeState } from '../../server/src/engine/protocol.ts';
import { CATALOGUE, protocolNamed } from '../../server/src/protocols/registry.ts';
import { at, Script, toy, toyMessage, write } from '../engine/toys.ts';

const EVENTS = 600_000;
const NODES = ['A', 'B', 'C', 'D', 'E'];

/** Every node keeps four messages going round, for ever. */
const rounds: Machine<NodeState, Message> = toy({
  start(context) {
    for (let k = 0; k < 4; k++) context.send((context.self + 1 + k) % context.nodeCount, toyMessage('ping', 'k = 1'));
  },
  message(context, state, _from, message) {
    state.got = state.got.delete(0);
    context.send((context.self + 1) % context.nodeCount, message);
  },
});

/** The same, and every message sets a timer again that never fires: a failure detector's life. */
const watched: Machine<NodeState, Message> = toy({
  start: (context, state) => { rounds.start(context, state); },
  message(context, state, from, message) {
    context.setTimer('suspect', 150_000);
    rounds.onMessage(context, state, from, message);
  },
});

function simulated(machine: Machine<NodeState, Message>, fifo: boolean): number {
  const simulation = new Simulation(new Script({ nodes: NODES, runToUs: 1e12, network: { order: fifo ? 'fifo' : 'unordered', delays: [{ from: -1, to: -1, minUs: 2000, maxUs: 5000 }] } }).scenario(), machine, { budget: EVENTS });
  const start = performance.now();
  while (!simulation.advance(50_000)) { /* to the budget */ }
  return simulation.events / (performance.now() - start) * 1000;
}

/** `primary-backup like ratchet`, five nodes, a write every 5 ms: elections' timers, heartbeats, disks, sessions. */
function primaryBackup(): number {
  const script = new Script({ nodes: NODES, runToUs: 20_000_000 });
  for (let i = 0; i < 4000; i++) script.operation(at(5 * i), 'c1', write(`k${i % 7}`, String(i)));
  const spec = CATALOGUE.protocols.find(({ name }) => name === 'primary-backup')!;
  const preset = spec.presets.find(({ name }) => name === 'ratchet')!;
  const knobs = new Map(spec.knobs.map((knob) => [knob.name, { value: preset.knobs[knob.name] ?? knob.default, line: 1, written: false }]));
  const scenario = { ...script.scenario(), knobs };
  const simulation = new Simulation(scenario, protocolNamed('primary-backup')!.configure(scenario));
  const start = performance.now();
  while (!simulation.advance(50_000)) { /* to its end */ }
  return simulation.events / (performance.now() - start) * 1000;
}

/** What a search does: fork a world, let one thing happen, hash it. Worlds a second, after so many writes to each of five logs. */
function searched(writes: number): number {
  const script = new Script({ nodes: NODES });
  for (let i = 0; i < writes; i++) script.operation(at(i), 'c1', write('k', String(i)));
  let world = beginWorld(script.scenario(), keeping, undefined);
  while (world.nowUs < writes * 1000 + 100_000 && world.queue !== undefined) step(world);
  worldHash(world);
  const start = performance.now();
  for (let i = 0; i < 40_000; i++) {
    world = world.fork();
    step(world);
    worldHash(world);
  }
  return 40_000 / (performance.now() - start) * 1000;
}

/** Keeps every write on every node, and four messages going round. */
const keeping: Machine<NodeState, Message> = toy({
  start: (context, state) => { rounds.start(context, state); },
  message(context, state, _from, message) {
    if (message.type === 'keep') return;
    state.got = state.got.delete(state.got.size - 1);
    context.send((context.self + 1) % context.nodeCount, message);
  },
  request(context, _state, request) {
    for (let to = 0; to < context.nodeCount; to++) context.send(to, toyMessage('keep', 'k = 1', request.op));
    context.reply(request, 'ok', '');
  },
});

interface Entry { readonly time: number; readonly number: number; readonly act: () => void }

/** The peer: no log, no faults, no links. */
function bare(): number {
  const heap: Entry[] = [];
  let now = 0, number = 0, handled = 0;
  const less = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.number < b.number);
  const push = (entry: Entry): void => {
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!less(entry, heap[up]!)) break;
      heap[i] = heap[up]!;
      i = up;
    }
    heap[i] = entry;
  };
  const pop = (): Entry => {
    const top = heap[0]!, last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && less(heap[child + 1]!, heap[child]!)) child++;
      if (!less(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  };
  const send = (to: number): void => { push({ time: now + 2000 + (number * 7919) % 3001, number: number++, act: () => { send((to + 1) % 5); } }); };
  for (let node = 0; node < 5; node++) for (let k = 0; k < 4; k++) send((node + 1 + k) % 5);
  const start = performance.now();
  while (handled < EVENTS / 2) { const entry = pop(); now = entry.time; entry.act(); handled++; }
  // A message is two events: its sending and its receipt.
  return 2 * handled / (performance.now() - start) * 1000;
}

function best(measure: () => number): number { return Math.max(measure(), measure(), measure()); }

const peer = best(bare);
const print = (name: string, rate: number): void => {
  console.log(`${name.padEnd(44)} ${(rate / 1e6).toFixed(2)} M events/s   ${(peer / rate).toFixed(1)} x the time of a bare heap loop`);
};
print('bare heap loop, nothing recorded', peer);
print('ping, unordered links, recorded', best(() => simulated(rounds, false)));
print('ping, fifo links, recorded', best(() => simulated(rounds, true)));
print('ping and a timer set again, fifo, recorded', best(() => simulated(watched, true)));
print('primary-backup like ratchet, recorded', best(primaryBackup));
const few = best(() => searched(10)), many = best(() => searched(10_000));
console.log(`fork, one step, hash: ${(few / 1e3).toFixed(0)} k worlds/s with 10 entries a log, ${(many / 1e3).toFixed(0)} k with 10000 (${(few / many).toFixed(1)} x the time)`);
