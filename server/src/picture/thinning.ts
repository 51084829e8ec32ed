/**
 * Bounds what is drawn: of arrows too many for the screen, those that would fall on the same few pixels become one. So the
 * number of shapes depends on the screen and not on the run.
 */
import { keyOf } from './describe.ts';
import type { Drawing } from './drawing.ts';

export const MOST_ARROWS = 700;

export interface Drawn {
  readonly index: number;
  /** How many it stands for. */
  count: number;
}

/** The messages to draw, in the data's order. */
export function visibleMessages(d: Drawing): readonly Drawn[] {
  const { data, sent, ended, withFaint } = d.prepared;
  const from = d.unitAt(d.frame.left - 20), to = d.unitAt(d.frame.right + 20);
  const visible: number[] = [];
  for (let i = 0; i < sent.length; i++) {
    if (ended[i]! < from || sent[i]! > to) continue;
    if (!withFaint && data.messages[i]!.faint && !d.isLit(keyOf('message', i), data.messages[i]!.line)) continue;
    visible.push(i);
  }
  if (visible.length <= MOST_ARROWS) return visible.map((index) => ({ index, count: 1 }));
  for (let pixels = 2; ; pixels *= 2) {
    const drawn = merged(d, visible, pixels);
    if (drawn.length <= MOST_ARROWS) return drawn;
    if (pixels > d.frame.width) return drawn.slice(0, MOST_ARROWS);
  }
}

function merged(d: Drawing, visible: readonly number[], pixels: number): Drawn[] {
  const { data, sent, ended } = d.prepared, columns = Math.ceil(d.frame.width / pixels) + 2;
  const column = (unit: number): number => Math.max(0, Math.min(columns - 1, Math.floor(d.xOfUnit(unit) / pixels) + 1));
  const drawn = new Map<number, Drawn>(), lit: Drawn[] = [];
  for (const index of visible) {
    const message = data.messages[index]!;
    if (lit.length < MOST_ARROWS / 3 && d.isLit(keyOf('message', index), message.line)) {
      lit.push({ index, count: 1 });
      continue;
    }
    const fate = message.fate === 'delivered' ? 0 : message.fate === 'discarded' ? 1 : message.fate === 'lost' ? 2 : 3;
    const lanes = ((message.from * data.processes.length + message.to) * 4 + fate) * 2 + (message.faint ? 1 : 0);
    const key = (lanes * columns + column(sent[index]!)) * columns + column(ended[index]!);
    const known = drawn.get(key);
    if (known === undefined) drawn.set(key, { index, count: 1 });
    else known.count++;
  }
  return [...drawn.values(), ...lit];
}
