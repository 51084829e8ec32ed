/**
 * A block's timeline as one SVG text: the picture of the panel, made for paper and for pages. Nothing can be pointed at, so the
 * signs are explained below it; it carries its own colours, for light and for dark.
 */
import type { TimelineData } from '../features/timeline.ts';
import { describe, describeEnd, itemOf, keyOf } from './describe.ts';
import { SMALL_SIZE } from './drawing.ts';
import { shortened } from './labels.ts';
import { layout, overview } from './layout.ts';
import { legendEntries, type LegendEntry } from './legend.ts';
import { textWidth } from './letters.ts';
import { prepare, type Prepared } from './prepare.ts';
import { escape, primitiveText, round, text, type Layer, type Scene } from './scene.ts';
import { STYLE } from './svgStyle.ts';

const NARROWEST = 760, WIDEST = 1500, MARGIN = 14, TITLE_HEIGHT = 30, LEGEND_ROW = 24;
/** So wide a usual message is to be, that there is room for what it says; so high a node's lane. */
const MESSAGE_WIDTH = 78, LANE_HEIGHT = 92;

export interface PictureOptions {
  /** The part of the run to draw, µs; undefined: as far as there is news. */
  readonly fromUs?: number;
  readonly toUs?: number;
  /** Whether everything says what it is to who points at it; true unless said. */
  readonly titles?: boolean;
}

export function pictureOf(data: TimelineData, options: PictureOptions = {}): string {
  const prepared = prepare(data, 'idle', true);
  const part = partOf(prepared, options), width = widthOf(prepared, part.toUnit - part.fromUnit);
  const { scene } = layout(prepared, { ...part, width, height: heightOf(prepared) }, { measure: textWidth, cursorLine: -1, focusKey: '', hoverKey: '' });
  const legend = legendOf(shown(prepared, part), width);
  const height = round(TITLE_HEIGHT + scene.height + legend.height + MARGIN);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title told">`,
    `<title id="title">${escape(data.name)}</title>`, `<desc id="told">${escape(told(data))}</desc>`, `<style>${STYLE}</style>`,
    `<clipPath id="plot"><rect width="${width - 2}" height="${scene.height}"/></clipPath>`, `<rect class="paper" width="${width}" height="${height}"/>`,
    primitiveText(text('heading', MARGIN, 20, shortened(data.name, width - 2 * MARGIN, (words) => textWidth(words, 16)))),
    `<g transform="translate(0 ${TITLE_HEIGHT})" clip-path="url(#plot)">`, ...layersOf(scene, options.titles ?? true), '</g>',
    `<g class="legend" transform="translate(0 ${round(TITLE_HEIGHT + scene.height)})">`, ...legend.lines, '</g>', '</svg>', '',
  ];
  return out.join('\n');
}

function partOf(prepared: Prepared, { fromUs, toUs }: PictureOptions): { readonly fromUnit: number; readonly toUnit: number } {
  const all = overview(prepared), { axis } = prepared;
  return { fromUnit: fromUs === undefined ? all.fromUnit : axis.at(fromUs), toUnit: toUs === undefined ? all.toUnit : axis.at(toUs) };
}

/** What can be seen of the data in this part of the axis. */
function shown({ data, axis, marks }: Prepared, part: { readonly fromUnit: number; readonly toUnit: number }): TimelineData {
  const fromUs = axis.timeAt(part.fromUnit), untilUs = axis.timeAt(part.toUnit);
  const meets = (each: { readonly fromUs: number; readonly toUs: number }): boolean => each.fromUs <= untilUs && each.toUs >= fromUs;
  const isAt = ({ timeUs }: { readonly timeUs: number }): boolean => timeUs >= fromUs && timeUs <= untilUs;
  return {
    ...data, messages: data.messages.filter(({ sentUs, endUs }) => meets({ fromUs: sentUs, toUs: endUs })), marks: marks.map(({ index }) => data.marks[index]!).filter(isAt),
    reigns: data.reigns.filter(meets), spans: data.spans.filter(meets), operations: data.operations.filter(meets), violations: data.violations.filter(isAt),
  };
}

/** As wide as its messages need, within reason. */
function widthOf({ data, axis }: Prepared, span: number): number {
  const told = data.messages.filter((message) => !message.faint && message.fate === 'delivered');
  const lengths = Float64Array.from(told, (message) => axis.at(message.endUs) - axis.at(message.sentUs)).sort();
  const usual = lengths[lengths.length >> 1] ?? 0;
  if (usual <= 0) return NARROWEST;
  return Math.round(Math.max(NARROWEST, Math.min(WIDEST, 80 + (span / usual) * MESSAGE_WIDTH)));
}

/** What the frame needs for lanes of the usual height. */
function heightOf({ data, faultRows, rowsOf }: Prepared): number {
  const nodes = data.processes.filter(({ role }) => role === 'node').length;
  const rows = rowsOf.reduce((sum, count, process) => sum + (data.processes[process]!.role === 'client' ? Math.max(1, count) : 0), 0);
  const header = 28 + 20 * faultRows + (data.violations.length > 0 ? 24 : 0) + 12;
  return header + nodes * LANE_HEIGHT + rows * (nodes === 0 ? 44 : 36) + (data.processes.length - nodes) * 12;
}

/** For those who hear it: who there is, who led, what the clients got, what was violated, how it ended. */
function told(data: TimelineData): string {
  const sentence = (kind: 'reign' | 'operation' | 'violation' | 'span' | 'fault', index: number): string => describe(data, itemOf(data, keyOf(kind, index))!);
  const all = (kind: Parameters<typeof sentence>[0], list: readonly unknown[]): readonly string[] => list.slice(0, MOST_TOLD).map((_each, index) => sentence(kind, index));
  const { reigns, faults, spans, operations, violations } = data;
  return [...all('reign', reigns), ...all('fault', faults), ...all('span', spans), ...all('operation', operations), ...all('violation', violations), describeEnd(data)].join(' ');
}

const MOST_TOLD = 12;

function layersOf(scene: Scene, titles: boolean): readonly string[] {
  return scene.layers.flatMap(({ name, groups }: Layer) => (groups.length === 0 ? [] : [`<g class="layer ${name}">`, ...groups.map((group) => {
    const seen = group.primitives.filter(({ attributes }) => attributes['class'] !== 'hit');
    const title = group.label === undefined || !titles ? '' : `<title>${escape(group.label)}</title>`;
    return `<g class="${escape(group.classes)}">${title}${seen.map(primitiveText).join('')}</g>`;
  }), '</g>']));
}

/** The signs that this picture has, in rows. */
function legendOf(data: TimelineData, width: number): { readonly lines: readonly string[]; readonly height: number } {
  const lines: string[] = [];
  let x = MARGIN, row = 0;
  for (const entry of legendEntries().filter(({ isIn }) => isIn(data))) {
    const taken = 56 + textWidth(entry.words, SMALL_SIZE) + 14;
    if (x > MARGIN && x + taken > width - MARGIN) { x = MARGIN; row++; }
    lines.push(entryText(entry, x, 6 + row * LEGEND_ROW));
    x = round(x + taken);
  }
  return { lines, height: lines.length === 0 ? 0 : 6 + (row + 1) * LEGEND_ROW };
}

function entryText({ words, classes, primitives }: LegendEntry, x: number, y: number): string {
  return `<g transform="translate(${x} ${y})"><g class="${classes}">${primitives.map(primitiveText).join('')}</g>${primitiveText(text('', 54, 15, words))}</g>`;
}
