/** The panel: what it shows, and how that changes. Drawing happens at most once a frame. */
import type { TimelineData } from './timelineTypes.ts';
import { describe, describeEnd, itemOf } from '../../server/src/picture/describe.ts';
import type { Item } from '../../server/src/picture/describe.ts';
import { Canvas } from './draw.ts';
import { make } from './elements.ts';
import { emptyState } from './emptyStates.ts';
import type { Host } from './host.ts';
import { listen } from './interaction.ts';
import { fitted, layout, overview } from '../../server/src/picture/layout.ts';
import type { Picture } from '../../server/src/picture/layout.ts';
import { drawLegend } from './legend.ts';
import type { PanelState, ToPanel } from './messages.ts';
import { prepare } from '../../server/src/picture/prepare.ts';
import type { Prepared } from '../../server/src/picture/prepare.ts';
import { ROWS_A_PAGE, drawTable } from './table.ts';
import { textMeasure } from './textMeasure.ts';
import { Toolbar } from './toolbar.ts';

const START: PanelState = { uri: '', block: 0, name: '', scale: 'idle', withFaint: true, asTable: false, withLegend: false, window: undefined };

export class Panel {
  private readonly host: Host;
  private state: PanelState;
  private data: TimelineData | null | undefined;
  private prepared: Prepared | undefined;
  private picture: Picture | undefined;
  private view = { fromUnit: 0, toUnit: 1 };
  private stale = false;
  private cursorLine = -1;
  private focusKey = '';
  private hoverKey = '';
  private page = 0;
  private pending = 0;
  private order: { readonly of: Prepared; readonly index: ReadonlyMap<string, number> } | undefined;

  private readonly toolbar: Toolbar;
  private readonly svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  private readonly stage = make('div', { class: 'stage', tabindex: '0', role: 'group' }, this.svg);
  private readonly canvas = new Canvas(this.svg);
  private readonly table = make('div', { class: 'table', tabindex: '0', role: 'region', 'aria-label': 'Events' });
  private readonly legend = make('aside', { class: 'legend', 'aria-label': 'Legend' });
  private readonly empty = make('div', { class: 'empty' });
  private readonly footnote = make('p', { class: 'footnote' });
  private readonly card = make('div', { class: 'card', 'aria-hidden': 'true' });
  private readonly measure = textMeasure();

  constructor(host: Host, root: HTMLElement) {
    this.host = host;
    this.state = { ...START, ...host.getState() };
    this.toolbar = new Toolbar({
      pick: (block) => host.postMessage({ type: 'pick', block }),
      change: (change) => this.change(change),
      zoom: (factor) => this.zoom(factor),
      fit: () => this.change({ window: 'all' }),
    });
    drawLegend(this.legend);
    root.replaceChildren(this.toolbar.element, this.stage, this.table, this.empty, this.footnote, this.legend, this.card);
    listen(this.stage, this.svg, {
      pan: (part) => this.pan(part * (this.view.toUnit - this.view.fromUnit)),
      panPixels: (pixels) => this.pan(pixels * this.unitsPerPixel()),
      zoom: (factor, x) => this.zoom(factor, x),
      fit: () => this.change({ window: 'all' }),
      edge: (end) => this.goToEdge(end),
      step: (direction) => this.step(direction),
      leave: () => { this.focusKey = ''; this.stage.focus(); this.drawSoon(); },
      activate: (key) => this.activate(key),
      focused: (key) => this.focused(key),
      pointed: (key, x, y) => this.pointed(key, x, y),
    });
    new ResizeObserver(() => this.drawSoon()).observe(this.stage);
    this.update();
  }

  receive(message: ToPanel): void {
    if (message.type === 'timeline') this.show(message.uri, message.data);
    else if (message.type === 'stale') { this.stale = true; this.toolbar.update(this.data ?? undefined, this.state, true); }
    else if (message.line !== this.cursorLine) { this.cursorLine = message.line; this.drawSoon(); }
  }

  /** A newer version of the same block keeps the stretch of time that is shown; another block starts as a whole. */
  private show(uri: string, data: TimelineData | null): void {
    const same = data !== null && uri === this.state.uri && (data.name === this.state.name || data.block === this.state.block);
    this.data = data;
    this.prepared = undefined;
    this.stale = false;
    if (!same) { this.focusKey = this.hoverKey = ''; this.page = 0; }
    this.state = { ...this.state, uri, block: data?.block ?? 0, name: data?.name ?? '', window: same ? this.state.window : undefined };
    this.update();
  }

  private change(change: Partial<PanelState>): void {
    if (change.scale !== undefined || change.withFaint !== undefined) this.prepared = undefined;
    this.state = { ...this.state, ...change };
    this.update();
  }

  /** Everything around the picture, then the picture. */
  private update(): void {
    this.host.setState(this.state);
    const { data, state } = this, empty = emptyState(data, (line) => this.reveal(line));
    this.toolbar.update(data ?? undefined, state, this.stale);
    const drawn = data !== null && data !== undefined && empty === undefined;
    this.empty.hidden = empty === undefined;
    this.empty.replaceChildren(...(empty === undefined ? [] : [empty]));
    this.stage.hidden = !drawn || state.asTable;
    this.table.hidden = !drawn || !state.asTable;
    this.legend.hidden = !drawn || !state.withLegend || state.asTable;
    this.footnote.hidden = !drawn;
    if (drawn) this.footnote.textContent = describeEnd(data);
    this.stage.setAttribute('aria-label', drawn ? `Timeline of ${data.kind} ${data.name}. Arrow keys move, plus and minus zoom, Tab goes to what happened.` : '');
    this.drawSoon();
  }

  private drawSoon(): void {
    if (this.pending === 0) this.pending = requestAnimationFrame(() => { this.pending = 0; this.draw(); });
  }

  private draw(): void {
    const { data, state } = this;
    if (data === null || data === undefined) return;
    const prepared = (this.prepared ??= prepare(data, state.scale, state.withFaint));
    if (!this.table.hidden) this.drawTable(prepared);
    if (this.stage.hidden || this.stage.clientWidth === 0) return;
    this.view = state.window === undefined ? overview(prepared) : state.window === 'all' ? fitted(prepared)
      : { fromUnit: prepared.axis.at(state.window.fromUs), toUnit: prepared.axis.at(state.window.toUs) };
    this.picture = layout(prepared, { width: this.stage.clientWidth, height: this.stage.clientHeight, ...this.view }, {
      measure: this.measure, cursorLine: this.cursorLine, focusKey: this.focusKey, hoverKey: this.hoverKey });
    this.canvas.draw(this.picture.scene);
    this.rove(prepared);
  }

  private drawTable(prepared: Prepared): void {
    this.page = Math.max(0, Math.min(this.page, Math.ceil(prepared.items.length / ROWS_A_PAGE) - 1));
    drawTable(this.table, prepared.data, prepared.items, this.page, {
      reveal: (line) => this.reveal(line), turn: (page) => { this.page = page; this.drawSoon(); this.table.scrollTo(0, 0); } });
  }

  /** Exactly one thing can be reached with Tab: the focused one, or the first that is shown. */
  private rove(prepared: Prepared): void {
    for (const old of this.svg.querySelectorAll('.item[tabindex="0"]')) old.setAttribute('tabindex', '-1');
    const from = prepared.axis.timeAt(this.view.fromUnit);
    const key = this.canvas.find(this.focusKey) !== undefined ? this.focusKey
      : prepared.items.find((item) => item.timeUs >= from && this.canvas.find(item.key) !== undefined)?.key;
    if (key !== undefined) this.canvas.find(key)?.setAttribute('tabindex', '0');
  }

  private unitsPerPixel(): number {
    const frame = this.picture?.frame;
    return frame === undefined ? 0 : (this.view.toUnit - this.view.fromUnit) / (frame.right - frame.left);
  }

  private pan(units: number): void { this.look(this.view.fromUnit + units, this.view.toUnit + units); }

  private zoom(factor: number, x?: number): void {
    const frame = this.picture?.frame;
    if (frame === undefined) return;
    const { fromUnit, toUnit } = this.view, place = x === undefined ? 0.5 : (x - frame.left) / (frame.right - frame.left);
    const fixed = fromUnit + Math.max(0, Math.min(1, place)) * (toUnit - fromUnit), width = (toUnit - fromUnit) / factor;
    this.look(fixed - Math.max(0, Math.min(1, place)) * width, fixed + (1 - Math.max(0, Math.min(1, place))) * width);
  }

  /** Shows a stretch of the axis, kept to sensible bounds: part of the run stays in sight. */
  private look(fromUnit: number, toUnit: number): void {
    const axis = this.prepared?.axis;
    if (axis === undefined) return;
    const whole = fitted(this.prepared!), widest = (whole.toUnit - whole.fromUnit) * 1.5;
    const width = Math.max(axis.span / 1e7, Math.min(widest, toUnit - fromUnit));
    const middle = (fromUnit + toUnit) / 2, start = Math.max(-width * 0.8, Math.min(axis.span - width * 0.2, middle - width / 2));
    this.state = { ...this.state, window: { fromUs: axis.timeAt(start), toUs: axis.timeAt(start + width) } };
    this.host.setState(this.state);
    this.drawSoon();
  }

  private goToEdge(end: 'start' | 'end'): void {
    const width = this.view.toUnit - this.view.fromUnit, span = this.prepared?.axis.span ?? 0;
    if (end === 'start') this.look(-0.03 * width, 0.97 * width);
    else this.look(span - 0.97 * width, span + 0.03 * width);
  }

  private step(direction: 'next' | 'previous' | 'up' | 'down'): void {
    const prepared = this.prepared;
    if (prepared === undefined) return;
    const key = this.focusKey || this.svg.querySelector('.item[tabindex="0"]')?.getAttribute('data-key') || '';
    if (this.order?.of !== prepared) this.order = { of: prepared, index: new Map(prepared.items.map((item, index) => [item.key, index])) };
    const at = this.order.index.get(key) ?? -1;
    const target = this.focusKey === '' && at >= 0 ? prepared.items[at]
      : direction === 'next' ? prepared.items[at + 1] : direction === 'previous' ? prepared.items[at - 1] : neighbour(prepared.items, at, direction);
    if (target === undefined) return;
    this.focusKey = target.key;
    this.bringIntoView(target, prepared);
    this.draw();
    this.canvas.find(target.key)?.focus({ preventScroll: false });
  }

  private bringIntoView(item: Item, { axis }: Prepared): void {
    const unit = axis.at(item.timeUs), { fromUnit, toUnit } = this.view;
    if (unit >= fromUnit && unit <= toUnit) return;
    const width = toUnit - fromUnit;
    this.look(unit - width * 0.3, unit + width * 0.7);
  }

  private focused(key: string): void {
    if (key === '' || key === this.focusKey) return;
    this.focusKey = key;
    this.drawSoon();
  }

  private activate(key: string): void {
    const item = this.data ? itemOf(this.data, key) : undefined;
    if (item !== undefined && item.line >= 0) this.reveal(item.line);
  }

  private reveal(line: number): void { this.host.postMessage({ type: 'reveal', line }); }

  private pointed(key: string, x: number, y: number): void {
    if (key === this.hoverKey) return;
    this.hoverKey = key;
    const item = this.data && key !== '' ? itemOf(this.data, key) : undefined;
    this.card.classList.toggle('shown', item !== undefined);
    if (item !== undefined) {
      const drawn = this.canvas.find(key)?.getAttribute('aria-label') ?? describe(this.data!, item);
      this.card.replaceChildren(make('div', {}, drawn), ...(item.line < 0 ? [] : [make('div', { class: 'hint' }, `Click to show line ${item.line + 1}`)]));
      const { innerWidth, innerHeight } = window, box = this.card.getBoundingClientRect();
      this.card.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 8))}px`;
      this.card.style.top = `${y + 18 + box.height > innerHeight ? Math.max(4, y - box.height - 12) : y + 18}px`;
    }
    this.drawSoon();
  }
}

/** The nearest in time on the next lane above or below that has anything. */
function neighbour(items: readonly Item[], at: number, direction: 'up' | 'down'): Item | undefined {
  const from = items[at];
  if (from === undefined) return undefined;
  const sign = direction === 'down' ? 1 : -1;
  const beyond = items.filter((item) => (item.process - from.process) * sign > 0);
  const lane = beyond.reduce((nearest, item) => (sign > 0 ? Math.min(nearest, item.process) : Math.max(nearest, item.process)), sign * Infinity);
  return beyond.filter((item) => item.process === lane)
    .reduce<Item | undefined>((best, item) => (best === undefined || Math.abs(item.timeUs - from.timeUs) < Math.abs(best.timeUs - from.timeUs) ? item : best), undefined);
}
