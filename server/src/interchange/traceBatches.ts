/**
 * Slots that hold several operations: `k = 1 | add 5 to n`. Each may say whose it is (`k = 1 #c1.1 | k = 1 #c2.1`), and where a
 * node applies the slot, one in brackets has no effect there: `[k = 1] | j = 2`.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import { saidIn, type Said } from './traceNumbers.ts';

const BESIDE = ' | ';

export interface SaidPart extends Said {
  readonly skipped: boolean;
}

/** The parts of a slot's content, in order. `isRequest`: whether a client asked for exactly this, so that it is no two things. */
export function partsIn(text: string, isRequest: (content: string) => boolean): readonly SaidPart[] {
  if (!text.includes(BESIDE)) return [{ ...saidIn(text), skipped: false }];
  const pieces = text.split(BESIDE), parts: SaidPart[] = [];
  for (let from = 0; from < pieces.length;) {
    let to = pieces.length;
    while (to > from + 1 && !isRequest(partOf(pieces.slice(from, to).join(BESIDE)).content)) to--;
    parts.push(partOf(pieces.slice(from, to).join(BESIDE)));
    from = to;
  }
  return parts;
}

function partOf(text: string): SaidPart {
  const skipped = text.startsWith('[') && text.endsWith(']');
  return { ...saidIn(skipped ? text.slice(1, -1).trim() : text), skipped };
}

/** The content itself: without whose its parts are and what becomes of them. */
export const wholeOf = (parts: readonly SaidPart[]): string => parts.map(({ content }) => content).join(BESIDE);

/** The operations of a run's slots that hold several: by slot and content. */
export function batchesOf(log: EventLog): ReadonlyMap<string, readonly number[]> {
  const batches = new Map<string, readonly number[]>();
  for (let i = 0; i < log.length; i++) {
    if (log.kind(i) === EVENT.accept && log.word(i) !== '') batches.set(batchKey(log, i), log.operations(i));
  }
  return batches;
}

export const batchKey = (log: EventLog, i: number): string => `${log.group(i)} ${log.slot(i)} ${log.text(i)}`;

/** A content of several operations as a trace writes it. `numberOf`: `c1.2` where an operation needs it. */
export function textOfParts(text: string, operations: readonly number[], numberOf: (op: number) => string | undefined): string {
  const pieces = text.split(BESIDE);
  if (pieces.length !== operations.length) return text;
  return pieces.map((piece, at) => {
    const op = operations[at]!, number = numberOf(op < 0 ? -1 - op : op);
    const part = number === undefined ? piece : `${piece} #${number}`;
    return op < 0 ? `[${part}]` : part;
  }).join(BESIDE);
}
