/** Events of clients, put together: an operation from its call to its answer. */
import type { HistoryModel } from '../../language/syntax.ts';
import type { HistoryEvent, Problem, Value } from './events.ts';

/** Times count the events of the history from 1: its order is that of real time. */
export interface ImportedCall {
  readonly line: number;
  readonly process: string;
  readonly f: string;
  readonly key: string | undefined;
  readonly start: number;
  /** undefined: nobody knows when it ended, or whether it happened. */
  readonly end: number | undefined;
  readonly outcome: 'ok' | 'fail' | 'info';
  /** As asked. */
  readonly asked: Value;
  /** As answered; undefined also for nil. */
  readonly answered: Value;
  readonly isSet: boolean;
}

/** Takes events in order and gives back the operations that they end. It holds only what is open. */
export class Calls {
  private readonly open = new Map<string, { readonly event: HistoryEvent; readonly start: number }>();
  private time = 0;

  take(event: HistoryEvent): readonly (ImportedCall | Problem)[] {
    const { process, type } = event, begun = this.open.get(process);
    this.time++;
    if (type === 'invoke') {
      this.open.set(process, { event, start: this.time });
      // A process that asks anew has given up what it asked before.
      return begun === undefined ? [] : [this.call(begun, undefined, 'info')];
    }
    if (begun === undefined) return [{ line: event.line, problem: `process ${process} had asked nothing` }];
    this.open.delete(process);
    if (begun.event.f !== event.f) return [this.call(begun, undefined, 'info'), { line: event.line, problem: `process ${process} had asked for ${begun.event.f}` }];
    return [this.call(begun, event, type)];
  }

  /** What never came back. */
  end(): readonly ImportedCall[] { return [...this.open.values()].map((begun) => this.call(begun, undefined, 'info')); }

  private call({ event, start }: { readonly event: HistoryEvent; readonly start: number }, answer: HistoryEvent | undefined, outcome: ImportedCall['outcome']): ImportedCall {
    const { line, process, f, key, value } = event;
    return {
      line, process, f, key: key ?? answer?.key, start, end: outcome === 'info' ? undefined : this.time, outcome,
      asked: value, answered: answer?.value, isSet: answer?.isSet === true,
    };
  }
}

type Step = readonly [f: string, key: string, value: Value];

/** The steps of a transaction; undefined: it is written some other way. */
export function stepsOf(value: Value): readonly Step[] | undefined {
  if (typeof value !== 'object') return undefined;
  const steps = value.flatMap((step): readonly Step[] => {
    const [f, key, found] = typeof step === 'object' ? step : [];
    return typeof f === 'string' && typeof key === 'string' ? [[f, key, found]] : [];
  });
  return steps.length === value.length ? steps : undefined;
}

function modelShownBySteps(steps: readonly Step[]): HistoryModel | undefined {
  if (steps.some(([f, , value]) => f === 'append' || (f === 'r' && typeof value === 'object'))) return 'list';
  return steps.some(([f]) => f === 'w') ? 'register' : undefined;
}

/** The model that one operation shows; undefined: any of several. */
export function modelShownBy({ f, outcome, asked, answered, isSet }: ImportedCall, words: ReadonlySet<string>): HistoryModel | undefined {
  switch (f) {
    case 'txn': return modelShownBySteps(stepsOf(answered ?? asked) ?? []);
    case 'acquire': case 'release': case 'lock': case 'unlock': return 'mutex';
    case 'enqueue': case 'dequeue': return 'queue';
    case 'push': case 'pop': return 'stack';
    case 'write': case 'cas': return 'register';
    case 'put': return 'text';
    case 'get': return words.has('append') ? 'text' : undefined;
  }
  if (f !== 'read' || outcome !== 'ok' || answered === undefined) return undefined;
  if (isSet || (typeof answered !== 'string' && words.has('add'))) return 'set';
  if (typeof answered !== 'string') return 'list';
  return words.has('add') ? 'counter' : undefined;
}
