/** Random executions: not what a protocol would do, but anything that a log could say. */
import { EVENT } from '../../server/src/engine/events.ts';
import type { Dice } from './dice.ts';
import { add, read, Story, write } from './story.ts';

const KINDS = [
  'leads', 'leads', 'stepsDown', 'crash', 'restart', 'pause', 'resume', 'promise', 'promise', 'vote', 'candidate', 'follows', 'accept', 'accept', 'accept',
  'commit', 'commit', 'apply', 'apply', 'apply', 'abort', 'truncate', 'persist', 'doubt', 'settled', 'commitIndex', 'ask', 'ask', 'answer', 'answer', 'receive', 'send',
] as const;

export interface Shape {
  readonly events?: number;
  readonly slots?: number;
  readonly epochs?: number;
  readonly kinds?: readonly (typeof KINDS)[number][];
}

/** Up to `events` events of three nodes and two clients, over few slots and epochs so that they meet. */
export function randomStory(dice: Dice, shape: Shape = {}): Story {
  const story = new Story();
  const nodes = ['A', 'B', 'C'];
  const kinds = shape.kinds ?? KINDS;
  for (let left = dice.roll(shape.events ?? 40) + 1; left > 0; left--) {
    const node = dice.pick(nodes), kind = dice.pick(kinds);
    const epoch = 1 + dice.roll(shape.epochs ?? 3), slot = 1 + dice.roll(shape.slots ?? 3);
    const op = story.operations.length === 0 || dice.chance(10) ? -1 : dice.roll(story.operations.length);
    const peer = dice.pick(nodes);
    switch (kind) {
      case 'ask': ask(dice, story); break;
      case 'answer': if (op >= 0 && story.operations[op]!.endEvent < 0) story.answer(op, node, '', dice.pick(['ok', 'ok', 'ok', 'failed', 'unknown'])); break;
      case 'receive': if (op >= 0) story.message('receive', node, story.names[story.operations[op]!.client]!, 'write', { op }); break;
      case 'send': story.message('send', node, peer, 'note', { epoch, slot, op }); break;
      case 'leads': story.leads(node, epoch, dice.roll(4)); break;
      case 'accept': case 'commit': case 'apply': case 'abort': case 'persist': story.slot(kind, node, slot, op, { epoch }); break;
      case 'follows': case 'vote': story.on(node, kind, { epoch, peer }); break;
      // Of all slots: with a slot, every slot would have epochs of its own (slotEpochs.test.ts).
      case 'promise': story.on(node, kind, { epoch }); break;
      case 'doubt': story.on(node, kind, { slot, op, epoch, peer }); break;
      case 'crash': story.on(node, kind, dice.chance(20) ? { detail: 'losing disk' } : {}); break;
      default: story.on(node, kind, { slot, epoch });
    }
  }
  return story;
}

function ask(dice: Dice, story: Story): void {
  const client = dice.pick(['c1', 'c2']), value = String(story.operations.length);
  story.ask(client, dice.pick([write('k', value), write('k', value), write('j', value), read('k'), add('k', 1)]));
}

/** Event indexes of a log, for twins that look at everything again and again. */
export function all(story: Story, ...kinds: (keyof typeof EVENT)[]): readonly number[] {
  const wanted = new Set(kinds.map((kind) => EVENT[kind] as number));
  return Array.from({ length: story.log.length }, (_, i) => i).filter((i) => wanted.size === 0 || wanted.has(story.log.kind(i)));
}
