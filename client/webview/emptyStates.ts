/** What stands in the picture's place where there is none, each with the way out. */
import type { TimelineData } from './timelineTypes.ts';
import { button, make } from './elements.ts';

/** undefined: there is something to draw. */
export function emptyState(data: TimelineData | null | undefined, reveal: (line: number) => void): HTMLElement | undefined {
  if (data === undefined) return undefined;
  if (data === null) {
    return note('There is no block to draw.', 'Write a scenario, a trace or a history in the document, and it appears here.');
  }
  if (data.state === 'cancelled') return note('The run was stopped before its end.', 'It runs again with the next edit of the document.');
  if (data.state === 'errors') {
    if (data.problems.length === 0) return note('This block has not run.', 'What is written in it is not in this version; the diagnostics say what.');
    const list = make('ul', {}, ...data.problems.map(({ line, message }) => make('li', {}, button(`Line ${line + 1}`, `Show line ${line + 1}`, () => reveal(line)), ` ${message}`)));
    return note('Fix these errors to see the run.', list);
  }
  if (data.messages.length + data.operations.length + data.reigns.length + data.marks.length + data.spans.length === 0) {
    return note('Nothing happens here.', 'Let a client ask for something, as in: at 0ms  c1 writes k = 1');
  }
  return undefined;
}

function note(title: string, more: string | HTMLElement): HTMLElement {
  return make('div', { class: 'note', role: 'status' }, make('h2', {}, title), typeof more === 'string' ? make('p', {}, more) : more);
}
