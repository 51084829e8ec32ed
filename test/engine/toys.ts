/** Toy machines and scenarios built by hand, for the engine's tests. */
import type { ActionModel, FaultModel, NetworkModel, OperationModel, ProcessId, Scenario, ScriptStep, Trigger } from '../../server/src/model/scenario.ts';
import { EVENT, EVENT_NAMES } from '../../server/src/engine/events.ts';
import { hashData, PersistentMap } from '../../server/src/engine/persistent.ts';
import type { Context, Machine, Message, NodeState, NodeView, Request, StateHasher } from '../../server/src/engine/protocol.ts';
import type { Run } from '../../server/src/engine/run.ts';
import { Simulation } from '../../server/src/engine/simulation.ts';

export const MS = 1000;

export interface Plan {
  readonly nodes?: readonly string[];
  readonly clients?: readonly string[];
  readonly network?: Partial<NetworkModel>;
  readonly seed?: number;
  readonly runToUs?: number;
}

/** Builds a scenario statement by statement; a statement's line is its number. */
export class Script {
  readonly operations: OperationModel[] = [];
  readonly steps: ScriptStep[] = [];
  private readonly plan: Plan;
  private readonly nodes: readonly string[];

  constructor(plan: Plan = {}) {
    this.plan = plan;
    this.nodes = plan.nodes ?? ['A', 'B', 'C'];
  }

  id(name: string): ProcessId { return name === '*' ? -1 : [...this.nodes, ...(this.plan.clients ?? ['c1', 'c2'])].indexOf(name); }

  fault(trigger: Trigger, fault: FaultModel): this {
    this.steps.push({ kind: 'fault', trigger, fault, line: this.steps.length });
    return this;
  }

  operation(trigger: Trigger, client: string, action: ActionModel, more: { to?: string; withinUs?: number; retrying?: boolean } = {}): this {
    const operation: OperationModel = {
      id: this.operations.length, label: undefined, client: this.id(client), action, target: more.to === undefined ? undefined : this.id(more.to),
      withinUs: more.withinUs, retrying: more.retrying ?? false, line: this.steps.length,
    };
    this.operations.push(operation);
    this.steps.push({ kind: 'operation', trigger, operation, line: operation.line });
    return this;
  }

  scenario(): Scenario {
    const network: NetworkModel = { delays: [], loss: 0, duplicates: 0, order: undefined, line: undefined, ...this.plan.network };
    return {
      name: 'test', line: 0, endLine: 99, protocol: 'toy', protocolLine: 1, knobs: new Map(), nodes: this.nodes, clients: this.plan.clients ?? ['c1', 'c2'],
      network, resources: new Map(), timeouts: new Map(), seed: this.plan.seed ?? 1, runToUs: this.plan.runToUs, stableUs: undefined, operations: this.operations, script: this.steps, expectations: [],
    };
  }
}

export const at = (ms: number): Trigger => ({ kind: 'at', timeUs: ms * MS });
export const ALWAYS: Trigger = { kind: 'always' };

/** Runs it to its end. */
export function simulate(script: Script, machine: Machine<NodeState, Message>, budget?: number): Run {
  const simulation = new Simulation(script.scenario(), machine, budget === undefined ? {} : { budget });
  while (!simulation.advance(1000)) { /* the budget ends it */ }
  return simulation.run();
}

/** A run as lines: `12ms B receive ping k = 1 <A (detail)`. Only the kinds asked for. */
export function lines(run: Run, ...kinds: (keyof typeof EVENT)[]): string[] {
  const { log, names } = run, out: string[] = [];
  for (let i = 0; i < log.length; i++) {
    const kind = EVENT_NAMES[log.kind(i)]!;
    if (kinds.length > 0 && !kinds.includes(kind)) continue;
    const peer = log.peer(i) < 0 ? '' : `${kind === 'receive' || kind === 'discard' || kind === 'ok' || kind === 'fail' ? '<' : '>'}${names[log.peer(i)]}`;
    const detail = log.detail(i) === '' ? '' : `(${log.detail(i)})`;
    const parts = [`${log.timeUs(i) / MS}ms`, names[log.node(i)] ?? '', kind, log.word(i), log.text(i), peer, detail];
    out.push(parts.filter((part) => part !== '').join(' '));
  }
  return out;
}

export interface ToyState extends NodeState {
  disk: { readonly count: number };
  got: PersistentMap<number, string>;
  epoch: number;
}

export interface ToyMessage extends Message {
  readonly hops: number;
}

type Ctx = Context<ToyMessage>;

export const toyMessage = (type: string, content = '', op = -1, epoch = -1, hops = 0): ToyMessage => ({ type, epoch, slot: -1, op, content, hops });

/**
 * A machine of hooks: nothing happens unless a hook does it. It keeps what it received, and a counter on disk. A request is
 * answered at once unless `onRequest` says otherwise.
 */
export interface Hooks {
  fifo?: boolean;
  firstLeader?: number;
  start?(context: Ctx, state: ToyState): void;
  restart?(context: Ctx, state: ToyState): void;
  message?(context: Ctx, state: ToyState, from: number, message: ToyMessage): void;
  request?(context: Ctx, state: ToyState, request: Request): void;
  timer?(context: Ctx, state: ToyState, name: string, argument: number): void;
  suspect?(context: Ctx, state: ToyState): void;
}

export function toy(hooks: Hooks): Machine<NodeState, Message> {
  const fresh = (count: number): ToyState => ({ disk: { count }, got: PersistentMap.empty(), epoch: 0 });
  const machine: Machine<ToyState, ToyMessage> = {
    electionQuorum: 0,
    fifo: hooks.fifo ?? false,
    firstLeader: hooks.firstLeader,
    initial: () => fresh(0),
    start(context, state) { hooks.start?.(context, state); },
    restart(context, _node, disk) {
      const state = fresh((disk as { count: number } | undefined)?.count ?? -1);
      hooks.restart?.(context, state);
      return state;
    },
    onMessage(context, state, from, message) {
      state.got = state.got.set(state.got.size, message.content);
      hooks.message?.(context, state, from, message);
    },
    onRequest(context, state, request) {
      if (hooks.request !== undefined) hooks.request(context, state, request);
      else context.reply(request, 'ok', '');
    },
    onTimer(context, state, name, argument) { hooks.timer?.(context, state, name, argument); },
    onSuspect(context, state) { context.emit('timeout'); hooks.suspect?.(context, state); },
    corrupt: (message) => ({ ...message, content: `${message.content}?` }),
    view: (state): NodeView => ({ role: 'toy', epoch: state.epoch, leader: undefined, log: [], values: new Map([['count', String(state.disk.count)], ['got', [...state.got.values()].join(' ')]]) }),
    hash(state, hasher: StateHasher) {
      hasher.int(state.disk.count);
      hasher.entries(state.got, (each, _key, content) => { each.text(content); });
      hasher.epoch(state.epoch);
    },
    epochFloor: (state) => state.epoch,
  };
  return machine as unknown as Machine<NodeState, Message>;
}

export const write = (key: string, value: string): ActionModel => ({ kind: 'write', key, value });
export { hashData };
