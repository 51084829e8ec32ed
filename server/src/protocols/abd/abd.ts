/**
 * `abd`: an atomic register in a network of nodes that crash (Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in
 * Message-Passing Systems", JACM 1995), with several writers (Lynch and Shvartsman 1997): a write first asks for the newest tag.
 *
 * Every node keeps, for each key, a value with its tag. Any node coordinates what a client asks of it, in two rounds to all
 * nodes, each of which ends when a quorum has answered: `query` and `tags`, then `store` and `stored`. Nobody leads.
 *
 * Deviations. The paper's processes do their own operations; here a client asks a node, and may ask another one when the first
 * is slow. A read may be done twice, a write may not: done twice under two tags it would come back after a write between
 * them. So a write has one coordinator, the first that a quorum has heard of (claims ride on `query`), and that one alone
 * chooses its tag, once, on disk. Others may finish what it chose. If it dies before anybody has heard its choice, the write
 * stays unanswered, as that of a writer who dies in the paper. Asking again after 100 ms stands for the paper's reliable links.
 */
import { damaged } from '../../engine/forge.ts';
import { PersistentMap } from '../../engine/persistent.ts';
import type { Context, Machine, Message, NodeState, NodeView, Protocol, Request, StateHasher } from '../../engine/protocol.ts';
import { keyOf } from '../../model/actions.ts';
import type { ProcessId, Scenario } from '../../model/scenario.ts';
import { entryText, execute, requestKey } from '../keyValue.ts';
import { isCount, majorityOf, sizeOf } from '../quorums.ts';
import { ABD } from './spec.ts';
import { NOTHING, numberOf, registerOf, RETRY_US, shown, type AbdMessage, type AbdState, type Config, type Disk, type Of, type Pending, type Register, type Step, type Write } from './state.ts';

const writes = (request: Request): boolean => request.action.kind !== 'read';

// --- Clients --------------------------------------------------------------------------------------------------------

function onRequest(step: Step, request: Request): void {
  const { config, context, state } = step;
  const { kind } = request.action, key = requestKey(request);
  if (!config.updates && (kind === 'add' || kind === 'cas' || kind === 'append')) return context.reply(request, 'failed', '');
  if (state.pending.has(key)) return context.discard('it is at work on this already');
  if (!writes(request)) return beginQuery(step, request);
  const known = config.sessions ? state.disk.writes.get(key) : undefined;
  if (known?.register !== undefined) return beginStore(step, request, known.register);
  if (!config.writeQuery) return beginStore(step, request, chosen(step, request, registerOf(state, keyOf(request.action))));
  beginQuery(step, request);
  // The client had better hear it from the one who knows; this node asks all the same, for that one may be gone.
  if (known !== undefined && known.coordinator !== context.self) context.redirect(request, known.coordinator);
}

// --- First round: what is the newest? -------------------------------------------------------------------------------

function beginQuery(step: Step, request: Request): void {
  const { config, context, state } = step;
  const key = requestKey(request);
  if (writes(request) && config.sessions) claim(step, keyOf(request.action), key, context.self);
  setPending(step, key, { request, phase: 'query', answered: isOurs(step, request) ? [context.self] : [], register: registerOf(state, keyOf(request.action)) });
  sendQuery(step, state.pending.get(key)!);
  context.setTimer('retry', RETRY_US, key);
  endQuery(step, key);
}

const coordinatorOf = (step: Step, request: Request): ProcessId | undefined => step.state.disk.writes.get(requestKey(request))?.coordinator;

/** Whether this node may choose the tag: it has claimed the write and not left it to another. */
function isOurs(step: Step, request: Request): boolean {
  return !writes(request) || !step.config.sessions || coordinatorOf(step, request) === step.context.self;
}

function sendQuery(step: Step, { request, answered }: Pending): void {
  const { config, context } = step;
  const coordinator = writes(request) && config.sessions ? coordinatorOf(step, request) : undefined;
  for (let node = 0; node < config.nodeCount; node++) {
    if (node === context.self || answered.includes(node)) continue;
    const key = keyOf(request.action);
    say(step, node, { type: 'query', epoch: -1, slot: -1, op: request.op, content: entryText(request.action), request: requestKey(request), key, coordinator });
  }
}

/** A write belongs to the first that is claimed for it here. On disk before anybody hears of it. */
function claim(step: Step, key: string, request: number, coordinator: ProcessId): void {
  if (step.state.disk.writes.has(request)) return;
  setWrite(step, request, { coordinator, register: undefined });
  persist(step, key, NOTHING);
}

function onQuery(step: Step, from: ProcessId, message: Of<'query'>): void {
  const { config, state } = step;
  const { request, key, coordinator } = message;
  if (coordinator !== undefined) {
    claim(step, key, request, coordinator);
    const known = state.disk.writes.get(request)!;
    // Who claimed a write and has chosen no tag may leave it to another.
    if (known.register === undefined && known.coordinator === from && coordinator !== from) {
      setWrite(step, request, { coordinator, register: undefined });
      persist(step, key, NOTHING);
    }
  }
  const register = registerOf(state, key);
  say(step, from, {
    type: 'tags', ...shown(config, key, register), op: message.op, request, register,
    write: coordinator === undefined ? undefined : state.disk.writes.get(request),
  });
}

function onTags(step: Step, from: ProcessId, message: Of<'tags'>): void {
  const { context, state } = step;
  const pending = state.pending.get(message.request);
  if (pending?.phase !== 'query') return context.discard('it waits for no more tags of this operation');
  if (pending.answered.includes(from)) return context.discard('it has this answer already');
  const { write } = message;
  // The tag of this write is chosen, and it is the only one that it may have.
  if (write?.register !== undefined) return beginStore(step, pending.request, write.register);
  if (!isOurs(step, pending.request)) return context.discard('it has left this write to another node, which has not told its tag');
  if (write !== undefined && write.coordinator !== context.self) return notOurs(step, from, pending, write.coordinator);
  const register = message.register.tag > pending.register.tag ? message.register : pending.register;
  setPending(step, message.request, { ...pending, answered: [...pending.answered, from], register });
  endQuery(step, message.request);
}

/**
 * `from` has heard of another coordinator of this write before. If it is that node itself, it is alive; then of the two the one
 * of lower rank goes on, and the other leaves it its claims, which it can, having chosen no tag.
 */
function notOurs(step: Step, from: ProcessId, pending: Pending, coordinator: ProcessId): void {
  const { context } = step;
  const { request } = pending, key = requestKey(request);
  context.discard('another node coordinates this write');
  if (coordinator !== from || coordinator > context.self) return;
  setWrite(step, key, { coordinator, register: undefined });
  persist(step, keyOf(request.action), NOTHING);
  setPending(step, key, { ...pending, answered: [] });
  sendQuery(step, step.state.pending.get(key)!);
  context.redirect(request, coordinator);
}

/** A quorum has answered, and shares a node with every quorum that stored anything before: the newest of the answers is the newest. */
function endQuery(step: Step, key: number): void {
  const { config, context, state } = step;
  const { answered, request, register: found } = state.pending.get(key)!;
  if (answered.length < (writes(request) ? config.claimQuorum : config.readQuorum)) return;
  // Its own copy may be newer than when it asked: of two writes that it coordinates at once each needs a tag of its own.
  const own = registerOf(state, keyOf(request.action)), register = own.tag > found.tag ? own : found;
  if (!writes(request)) {
    if (config.writeBack) return beginStore(step, request, register);
    return finish(step, key, request, register);
  }
  if (request.action.kind === 'cas' && request.action.from !== register.value) {
    state.pending = state.pending.delete(key);
    context.clearTimer('retry', key);
    return context.reply(request, 'failed', '');
  }
  beginStore(step, request, chosen(step, request, register));
}

/** (number + 1, writer): above everything found, and no other node can choose the same. */
function chosen(step: Step, request: Request, newest: Register): Register {
  const { config, context } = step;
  const { action } = request;
  const before = newest.value === 'nil' ? PersistentMap.empty<string, string>() : PersistentMap.of([[keyOf(action), newest.value] as const]);
  return {
    tag: (numberOf(config, newest.tag) + 1) * config.nodeCount + context.self, value: execute(before, action).values.get(keyOf(action)) ?? 'nil',
    op: request.op, content: entryText(action), request: requestKey(request),
  };
}

// --- Second round: a quorum holds it --------------------------------------------------------------------------------

function beginStore(step: Step, request: Request, register: Register): void {
  const { context } = step;
  const key = requestKey(request);
  keep(step, keyOf(request.action), register);
  setPending(step, key, { request, phase: 'store', answered: [], register });
  sendStore(step, step.state.pending.get(key)!);
  context.setTimer('retry', RETRY_US, key);
  // This node counts as one that holds it once its disk does.
  if (!context.whenOnDisk('stored', key)) onStoredHere(step, key);
}

function onStoredHere(step: Step, key: number): void {
  const { context, state } = step;
  const pending = state.pending.get(key);
  if (pending?.phase !== 'store' || pending.answered.includes(context.self)) return;
  setPending(step, key, { ...pending, answered: [...pending.answered, context.self] });
  endStore(step, key);
}

function sendStore(step: Step, { request, answered, register }: Pending): void {
  const { config, context } = step;
  const key = keyOf(request.action);
  for (let node = 0; node < config.nodeCount; node++) {
    if (node === context.self || answered.includes(node)) continue;
    say(step, node, { ...shown(config, key, register), type: 'store', op: request.op, request: requestKey(request), key, register });
  }
}

/**
 * Keeps a register unless it holds a newer one, and remembers what became of the write. On disk before it is said. To the
 * checkers that is accepting a slot; only the quorum at the end of a write commits it.
 */
function keep(step: Step, key: string, register: Register): void {
  const { config, context, state } = step;
  if (register.tag === 0) return;
  const newer = register.tag > registerOf(state, key).tag, known = state.disk.writes.get(register.request);
  if (known?.register === undefined) setWrite(step, register.request, { coordinator: known?.coordinator ?? context.self, register });
  if (newer) {
    state.disk = { ...state.disk, registers: state.disk.registers.set(key, register) };
    const { epoch, slot, content } = shown(config, key, register);
    context.emit('accept', { epoch, slot, op: register.op, text: content });
  }
  if (newer || known?.register === undefined) persist(step, key, register);
}

function onStore(step: Step, from: ProcessId, message: Of<'store'>): void {
  const { config } = step;
  const { request, key, register } = message;
  keep(step, key, register);
  say(step, from, { type: 'stored', ...shown(config, key, register), op: message.op, request, tag: register.tag });
}

function onStored(step: Step, from: ProcessId, message: Of<'stored'>): void {
  const { context, state } = step;
  const pending = state.pending.get(message.request);
  if (pending?.phase !== 'store' || pending.register.tag !== message.tag) return context.discard('it waits for no more answers to this');
  if (pending.answered.includes(from)) return context.discard('it has this answer already');
  setPending(step, message.request, { ...pending, answered: [...pending.answered, from] });
  endStore(step, message.request);
}

function endStore(step: Step, key: number): void {
  const { config, context, state } = step;
  const { answered, request, register } = state.pending.get(key)!;
  if (answered.length < config.writeQuorum) return;
  const { epoch, slot, content } = shown(config, keyOf(request.action), register);
  if (writes(request)) context.emit('commit', { epoch, slot, op: register.op, text: content });
  finish(step, key, request, register);
}

function finish(step: Step, key: number, request: Request, register: Register): void {
  const { context, state } = step;
  state.pending = state.pending.delete(key);
  context.clearTimer('retry', key);
  context.reply(request, 'ok', writes(request) ? '' : register.value);
}

function onRetryTimer(step: Step, key: number): void {
  const pending = step.state.pending.get(key);
  if (pending === undefined) return;
  if (pending.phase === 'query') sendQuery(step, pending);
  else sendStore(step, pending);
  step.context.setTimer('retry', RETRY_US, key);
}

// --- State ----------------------------------------------------------------------------------------------------------

function setPending(step: Step, key: number, pending: Pending): void {
  step.state.pending = step.state.pending.set(key, pending);
}

function setWrite(step: Step, request: number, write: Write): void {
  step.state.disk = { ...step.state.disk, writes: step.state.disk.writes.set(request, write) };
}

/** `register` NOTHING: a claim. */
function persist(step: Step, key: string, register: Register): void {
  const { config, context } = step;
  if (!config.persist) return;
  const { epoch, slot, content } = shown(config, key, register);
  if (register === NOTHING) context.persist(-1, -1, -1, '');
  else context.persist(epoch, slot, register.op, content);
}

/** All that it keeps is on disk before it says anything more, also where an earlier handler began to write and the disk is slow. */
function say({ config, context }: Step, to: ProcessId, message: AbdMessage): void {
  if (config.persist && !context.durable) context.persist(-1, -1, -1, '');
  context.send(to, message);
}

class Abd implements Machine<AbdState, AbdMessage> {
  /** No elections. */
  readonly electionQuorum = 0;
  readonly mustMeet: readonly (readonly [number, number])[];
  readonly fifo = false;
  readonly firstLeader = undefined;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.mustMeet = config.mustMeet;
  }

  initial(): AbdState {
    return { disk: { registers: PersistentMap.empty(), writes: PersistentMap.empty() }, pending: PersistentMap.empty() };
  }

  start(): void { /* It waits for a client. */ }

  restart(context: Context<AbdMessage>, _node: ProcessId, disk: Disk | undefined): AbdState {
    if (disk === undefined) context.emit('truncate', { slot: 0 });
    return { ...this.initial(), ...(disk === undefined ? {} : { disk }) };
  }

  onMessage(context: Context<AbdMessage>, state: AbdState, from: ProcessId, message: AbdMessage): void {
    const step = this.step(context, state);
    switch (message.type) {
      case 'query': return onQuery(step, from, message);
      case 'tags': return onTags(step, from, message);
      case 'store': return onStore(step, from, message);
      case 'stored': return onStored(step, from, message);
    }
  }

  onRequest(context: Context<AbdMessage>, state: AbdState, request: Request): void { onRequest(this.step(context, state), request); }

  onTimer(context: Context<AbdMessage>, state: AbdState, name: string, argument: number): void {
    const step = this.step(context, state);
    if (name === 'stored') onStoredHere(step, argument);
    else onRetryTimer(step, argument);
  }

  onSuspect(): void { /* It suspects nobody: it waits for a quorum, whoever that is. */ }

  corrupt(message: AbdMessage): AbdMessage {
    const content = damaged(message.content);
    if (message.type !== 'tags' && message.type !== 'store') return { ...message, content };
    return { ...message, content, register: { ...message.register, value: damaged(message.register.value), content } };
  }

  view(state: AbdState): NodeView {
    const registers = [...state.disk.registers];
    const log = registers.map(([key, register]) => ({ ...shown(this.config, key, register), state: 'applied' as const })).sort((a, b) => a.slot - b.slot);
    return {
      role: state.pending.size > 0 ? 'coordinator' : 'replica', epoch: 0, leader: undefined, log,
      values: new Map(registers.filter(([, register]) => register.value !== 'nil').map(([key, register]) => [key, register.value])),
    };
  }

  hash(state: AbdState, hasher: StateHasher): void {
    hasher.data(state.disk.registers);
    hasher.data(state.disk.writes);
    hasher.data(state.pending);
  }

  hashMessage(message: AbdMessage, hasher: StateHasher): void { hasher.data(message); }

  /** Numbers of tags only ever grow with new writes: there are no rounds that repeat. */
  epochFloor(): number { return 0; }

  private step(context: Context<AbdMessage>, state: AbdState): Step { return { config: this.config, context, state }; }
}

function configOf(scenario: Scenario): Config {
  const knob = (name: string): string => scenario.knobs.get(name)!.value;
  const nodeCount = scenario.nodes.length;
  const size = (value: string): number => sizeOf(value, nodeCount);
  const valueOf = (name: string): string => (knob(name) === 'as-quorum' ? knob('quorum') : knob(name));
  const reads = valueOf('read-quorum'), stores = valueOf('write-quorum'), sessions = knob('sessions') === 'on';
  return {
    writeBack: knob('write-back') === 'on',
    writeQuery: knob('write-query') === 'on',
    persist: knob('persist') === 'all',
    sessions,
    updates: knob('updates') === 'read-then-write',
    readQuorum: size(reads), writeQuorum: size(stores),
    // Two coordinators of one write must find each other, so a smaller number is for reads alone.
    claimQuorum: sessions && isCount(reads) ? Math.max(size(reads), majorityOf(nodeCount)) : size(reads),
    mustMeet: [reads, stores].some(isCount) ? [[size(reads), size(stores)]] : [],
    nodeCount,
    keys: new Map([...new Set(scenario.operations.map((operation) => keyOf(operation.action)))].map((key, index) => [key, index])),
  };
}

export const abd: Protocol = {
  spec: ABD,
  configure(scenario: Scenario): Machine<NodeState, Message> {
    return new Abd(configOf(scenario)) as unknown as Machine<NodeState, Message>;
  },
};
