/** How times, epochs and actions read to a person, the same in hovers, hints, lenses and reports. */
import type { KnobSpec } from '../model/catalogue.ts';
import type { ActionModel } from '../model/scenario.ts';
import { sessionWords } from '../model/sessions.ts';

/** µs as `250 µs`, `42 ms`, `1.25 s`: as exact as is worth reading, no trailing zeros. */
export function time(us: number): string {
  const size = Math.abs(us);
  if (size !== 0 && size < 1000) return `${rounded(us, 0)} µs`;
  if (size < 1_000_000) return `${rounded(us / 1000, size < 10_000 ? 2 : 1)} ms`;
  return `${rounded(us / 1_000_000, 3)} s`;
}

/** Like `time`, for summaries: seconds from one second on, two decimals. */
export function shortTime(us: number): string {
  return us < 1_000_000 ? time(us) : `${rounded(us / 1_000_000, 2)} s`;
}

/** A knob's value as the document would say it: durations are kept in µs. */
export function knobValue(knob: KnobSpec, value: string): string {
  if (knob.type !== 'duration' || !/^\d+$/.test(value)) return value;
  return time(Number(value)).replace(' ', '').replace('µs', 'us');
}

function rounded(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** `{2,7}`, `{2}` where there is no request number, '' where a message has no epoch at all. */
export function epoch(leader: number, request = -1): string {
  if (leader < 0) return '';
  return request < 0 ? `{${leader}}` : `{${leader},${request}}`;
}

/** An operation as the document would say it: `writes k = 1`. */
export function action(model: ActionModel): string {
  switch (model.kind) {
    case 'write': return `writes ${model.key} = ${model.value}`;
    case 'read': return `reads ${model.key}`;
    case 'add': return `adds ${model.amount} to ${model.key}`;
    case 'cas': return `cas ${model.key} ${model.from} -> ${model.to}`;
    case 'delete': return `deletes ${model.key}`;
    case 'append': return `appends ${model.value} to ${model.key}`;
    case 'move': return `moves ${model.amount} from ${model.from} to ${model.to}`;
    case 'do': return `does { ${model.actions.map(action).join('; ')} }`;
    case 'session': return sessionWords(model.call);
    case 'members': return `asks: ${model.text}`;
  }
}
