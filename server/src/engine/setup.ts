/** What a run's worlds have in common and never change: the scenario, taken apart for quick look-ups. */
import { ANY, type EventMatch, type MessageMatch, type OperationModel, type Scenario, type ScriptStep } from '../model/scenario.ts';
import { type Lie, lieIn } from './forge.ts';
import type { Machine, Message, NodeState } from './protocol.ts';
import { purposeOf } from './random.ts';

/** An event that the script waits for: to take a step, or to end a hold. */
export interface Watch {
  /** Index in `Setup.watches`. */
  readonly index: number;
  readonly step: number;
  readonly role: 'step' | 'hold-end';
  readonly event: EventMatch;
}

/** A step that acts on messages as they are sent, or (release) picks one of them by its number. */
export interface MessageRule {
  /** Index in `Setup.rules`. */
  readonly index: number;
  readonly step: number;
  readonly kind: 'drop' | 'swap' | 'hold' | 'duplicate' | 'replay' | 'corrupt' | 'release' | 'lies';
  readonly match: MessageMatch;
  /** `lies`: what the message says instead. */
  readonly lie: Lie | undefined;
  readonly line: number;
}

/** Milliseconds of silence after which a client asks the next node (language.md, Defaults). */
export const CLIENT_PATIENCE_US = 100_000;
export const DEFAULT_DELAY_US = 10_000;
export const DEFAULT_HORIZON_US = 10_000_000;

/** The sizes that must share a node, for the log: `3+2 4+4`. */
export const pairsText = ({ mustMeet = [] }: Pick<Machine<NodeState, Message>, 'mustMeet'>): string => mustMeet.map(([one, other]) => `${one}+${other}`).join(' ');

export class Setup {
  readonly scenario: Scenario;
  readonly machine: Machine<NodeState, Message>;
  readonly names: readonly string[];
  readonly nodeCount: number;
  readonly processCount: number;
  readonly fifo: boolean;
  readonly loss: number;
  readonly duplicates: number;
  readonly seed: number;
  readonly horizonUs: number;
  readonly steps: readonly ScriptStep[];
  /** Nodes that first start in the place of another, and the line that says so. */
  readonly asleep: ReadonlyMap<number, number>;
  readonly rules: readonly MessageRule[];
  /** How many unsynced writes a crash may keep, at most: so many need be remembered. */
  readonly tornWrites: number;
  readonly watches: readonly Watch[];
  readonly watchesOf: Readonly<Record<EventMatch['kind'], readonly Watch[]>>;
  /** By step: the watch that ends its hold. */
  readonly holdEndOfStep: ReadonlyMap<number, Watch>;
  readonly purposes = {
    delay: purposeOf('delay'), copyDelay: purposeOf('delay of the copy'), loss: purposeOf('loss'), duplicate: purposeOf('duplicate'),
  };
  private readonly delays = new Map<number, { readonly minUs: number; readonly maxUs: number }>();

  constructor(scenario: Scenario, machine: Machine<NodeState, Message>) {
    this.scenario = scenario;
    this.machine = machine;
    this.names = [...scenario.nodes, ...scenario.clients];
    this.nodeCount = scenario.nodes.length;
    this.processCount = this.names.length;
    this.fifo = scenario.network.order === undefined ? machine.fifo : scenario.network.order === 'fifo';
    this.loss = scenario.network.loss;
    this.duplicates = scenario.network.duplicates;
    this.seed = scenario.seed;
    this.horizonUs = scenario.runToUs ?? DEFAULT_HORIZON_US;
    this.steps = scenario.script;
    this.asleep = new Map(scenario.script.flatMap((step) => (step.kind === 'fault' && step.fault.kind === 'restart' && step.fault.as !== undefined ? [[step.fault.as, step.line] as const] : [])));
    this.rules = rulesOf(scenario.script);
    this.tornWrites = scenario.script.reduce((most, step) => (step.kind === 'fault' && step.fault.kind === 'crash' ? Math.max(most, step.fault.keeping ?? 0) : most), 0);
    this.watches = watchesOf(scenario.script);
    this.watchesOf = byKind(this.watches);
    this.holdEndOfStep = new Map(this.watches.filter((watch) => watch.role === 'hold-end').map((watch) => [watch.step, watch]));
  }

  name(process: number): string { return process === ANY ? '*' : this.names[process] ?? '?'; }

  isNode(process: number): boolean { return process >= 0 && process < this.nodeCount; }

  isClient(process: number): boolean { return process >= this.nodeCount && process < this.processCount; }

  link(from: number, to: number): number { return from * this.processCount + to; }

  operation(op: number): OperationModel | undefined { return op < 0 ? undefined : this.scenario.operations[op]; }

  /** Line of the operation a message is about, or `otherwise`. */
  lineOf(op: number, otherwise: number): number { return op < 0 ? otherwise : this.scenario.operations[op]?.line ?? otherwise; }

  /** The one-way delay of a link as the `network` statements have it; the last that fits counts, one that names ends before `*`. */
  delayOf(from: number, to: number): { readonly minUs: number; readonly maxUs: number } {
    const link = this.link(from, to);
    let delay = this.delays.get(link);
    if (delay === undefined) {
      delay = from === to ? { minUs: 0, maxUs: 0 } : this.findDelay(from, to);
      this.delays.set(link, delay);
    }
    return delay;
  }

  private findDelay(from: number, to: number): { readonly minUs: number; readonly maxUs: number } {
    const fitting = this.scenario.network.delays.filter((d) => (d.from === ANY || d.from === from) && (d.to === ANY || d.to === to));
    const named = fitting.filter((d) => d.from !== ANY || d.to !== ANY);
    const found = named.at(-1) ?? fitting.at(-1);
    if (found === undefined) return { minUs: DEFAULT_DELAY_US, maxUs: DEFAULT_DELAY_US };
    const minUs = Math.max(0, found.minUs);
    return { minUs, maxUs: Math.max(minUs, found.maxUs) };
  }
}

function rulesOf(steps: readonly ScriptStep[]): MessageRule[] {
  const rules: MessageRule[] = [];
  steps.forEach((step, index) => {
    if (step.kind !== 'fault') return;
    const { fault } = step;
    if (!('messages' in fault)) return;
    for (const match of fault.kind === 'swap' ? [fault.messages, fault.other] : [fault.messages]) {
      rules.push({ index: rules.length, step: index, kind: fault.kind, match, lie: fault.kind === 'lies' ? lieIn(fault) : undefined, line: step.line });
    }
  });
  return rules;
}

function watchesOf(steps: readonly ScriptStep[]): Watch[] {
  const watches: Watch[] = [];
  steps.forEach((step, index) => {
    const { trigger } = step;
    if (trigger.kind === 'when' || trigger.kind === 'after') watches.push({ index: watches.length, step: index, role: 'step', event: trigger.event });
    if (step.kind === 'fault' && step.fault.kind === 'hold' && step.fault.until.kind === 'event') {
      watches.push({ index: watches.length, step: index, role: 'hold-end', event: step.fault.until.event });
    }
  });
  return watches;
}

function byKind(watches: readonly Watch[]): Record<EventMatch['kind'], readonly Watch[]> {
  const of = (kind: EventMatch['kind']): Watch[] => watches.filter((watch) => watch.event.kind === kind);
  return { 'delivery': of('delivery'), 'send': of('send'), 'leads': of('leads'), 'times-out': of('times-out'), 'acked': of('acked'), 'answered': of('answered') };
}
