/** The bar above the picture: which block, on which scale, how near. */
import type { TimelineData } from './timelineTypes.ts';
import type { Scale } from '../../server/src/picture/axis.ts';
import { button, make } from './elements.ts';
import type { PanelState } from './messages.ts';

export interface ToolbarActions {
  pick(block: number): void;
  change(change: Partial<Pick<PanelState, 'scale' | 'withFaint' | 'asTable' | 'withLegend'>>): void;
  zoom(factor: number): void;
  fit(): void;
}

const SCALES: readonly (readonly [Scale, string, string])[] = [
  ['idle', 'Idle time shortened', 'To scale, but long stretches in which nothing happens are cut short'],
  ['time', 'Time to scale', 'Equal times are equally long'],
  ['order', 'Evenly, by order', 'Each moment at which something happens takes one step'],
];

const VERDICTS: Readonly<Record<TimelineData['verdict'], string>> = {
  'as-expected': 'as expected', violated: 'violated', invalid: 'has errors', unknown: 'unknown',
};

export class Toolbar {
  readonly element = make('header', { class: 'toolbar', role: 'group', 'aria-label': 'Timeline controls' });
  private readonly picker = make('select', { 'aria-label': 'Block' });
  private readonly title = make('span', { class: 'title' });
  private readonly verdict = make('span', { class: 'verdict' });
  private readonly busy = make('span', { class: 'busy', role: 'status' });
  private readonly scale = make('select', { 'aria-label': 'Scale of time', title: 'Scale of time' });
  private readonly faint = make('input', { type: 'checkbox' });
  private readonly faintLabel = make('label', { title: 'Messages sent at a steady beat that only say “I am here”' }, this.faint, 'Heartbeats');
  private readonly zooming = make('span', { class: 'buttons' });
  private readonly table: HTMLButtonElement;
  private readonly legend: HTMLButtonElement;
  private state: Pick<PanelState, 'asTable' | 'withLegend'> = { asTable: false, withLegend: false };

  constructor(actions: ToolbarActions) {
    for (const [value, words, title] of SCALES) this.scale.append(make('option', { value, title }, words));
    this.picker.addEventListener('change', () => actions.pick(Number(this.picker.value)));
    this.scale.addEventListener('change', () => actions.change({ scale: this.scale.value as Scale }));
    this.faint.addEventListener('change', () => actions.change({ withFaint: this.faint.checked }));
    this.zooming.append(button('−', 'Zoom out (−)', () => actions.zoom(1 / 1.5)), button('+', 'Zoom in (+)', () => actions.zoom(1.5)),
      button('Fit', 'Show the whole run (0)', () => actions.fit()));
    this.table = button('Table', 'List everything as a table', () => actions.change({ asTable: !this.state.asTable }));
    this.legend = button('Legend', 'Explain the signs', () => actions.change({ withLegend: !this.state.withLegend }));
    this.element.append(this.picker, this.title, this.verdict, this.busy, make('span', { class: 'space' }), this.scale, this.faintLabel, this.zooming, this.table, this.legend);
  }

  update(data: TimelineData | undefined, state: PanelState, stale: boolean): void {
    this.state = state;
    const drawable = data?.state === 'ready';
    this.updatePicker(data);
    this.verdict.textContent = data === undefined ? '' : `${VERDICTS[data.verdict]}${data.beforeEdit === true ? ' (before this edit)' : ''}`;
    this.verdict.className = `verdict ${data?.verdict ?? ''}`;
    this.busy.textContent = stale ? 'running …' : '';
    this.scale.value = state.scale;
    this.faint.checked = state.withFaint;
    this.faintLabel.hidden = !drawable || !data.messages.some((message) => message.faint);
    this.scale.hidden = this.zooming.hidden = this.legend.hidden = !drawable || state.asTable;
    this.table.hidden = !drawable;
    this.table.setAttribute('aria-pressed', String(state.asTable));
    this.legend.setAttribute('aria-pressed', String(state.withLegend));
  }

  private updatePicker(data: TimelineData | undefined): void {
    const blocks = data?.blocks ?? [];
    this.picker.hidden = blocks.length < 2;
    this.title.hidden = blocks.length >= 2;
    this.title.textContent = data === undefined ? '' : `${data.kind} “${data.name}”`;
    this.picker.replaceChildren(...blocks.map(({ kind, name }, index) => make('option', { value: String(index) }, `${kind} “${name}”`)));
    this.picker.value = String(data?.block ?? 0);
  }
}
