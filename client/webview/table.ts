/** The run as a table: the same things as in the picture, one a row, for those who would rather read or hear it. */
import type { TimelineData } from './timelineTypes.ts';
import { timeText } from '../../server/src/picture/axis.ts';
import { describe } from '../../server/src/picture/describe.ts';
import type { Item } from '../../server/src/picture/describe.ts';

export const ROWS_A_PAGE = 400;

const KIND_WORDS: Readonly<Record<Item['kind'], string>> = {
  message: 'message', reign: 'leader', span: 'node', fault: 'fault', mark: 'event', operation: 'operation', violation: 'verdict',
};

/** Fills `host` with one page of rows. `reveal` is called with a line, from 0. */
export function drawTable(host: HTMLElement, data: TimelineData, items: readonly Item[], page: number, actions: {
  reveal: (line: number) => void; turn: (page: number) => void;
}): void {
  const make = (tag: string, text = ''): HTMLElement => {
    const element = host.ownerDocument.createElement(tag);
    if (text !== '') element.textContent = text;
    return element;
  };
  const table = make('table'), head = make('thead'), titles = make('tr'), body = make('tbody');
  table.append(make('caption', `${data.kind} ${data.name}: everything that happened, in order`), head, body);
  head.append(titles);
  for (const title of ['Time', 'Kind', 'What', 'Line']) {
    const cell = make('th', title);
    cell.setAttribute('scope', 'col');
    titles.append(cell);
  }
  for (const item of items.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE)) {
    const row = make('tr'), line = make('td');
    row.className = item.kind;
    row.append(make('td', timeText(item.timeUs, data.unit)), make('td', KIND_WORDS[item.kind]), make('td', describe(data, item)), line);
    if (item.line >= 0) {
      const button = make('button', String(item.line + 1));
      button.setAttribute('aria-label', `Show line ${item.line + 1}`);
      button.addEventListener('click', () => actions.reveal(item.line));
      line.append(button);
    }
    body.append(row);
  }
  host.replaceChildren(table, pager(make, items.length, page, actions.turn));
}

function pager(make: (tag: string, text?: string) => HTMLElement, count: number, page: number, turn: (page: number) => void): HTMLElement {
  const pages = Math.max(1, Math.ceil(count / ROWS_A_PAGE)), nav = make('nav');
  if (pages === 1) return nav;
  nav.setAttribute('aria-label', 'Pages');
  const button = (text: string, to: number): HTMLElement => {
    const element = make('button', text) as HTMLButtonElement;
    element.disabled = to < 0 || to >= pages;
    element.addEventListener('click', () => turn(to));
    return element;
  };
  nav.append(button('Earlier', page - 1), make('span', `Page ${page + 1} of ${pages}`), button('Later', page + 1));
  return nav;
}
