/** Where the lanes lie: the header with the axis, faults and verdicts on top, a lane for each node below, then the clients'. */
import { shortened } from './labels.ts';
import type { Prepared } from './prepare.ts';

/** Which part of the axis is shown, in how many pixels. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly fromUnit: number;
  readonly toUnit: number;
}

export interface Lane {
  readonly name: string;
  readonly role: 'node' | 'client';
  /** The lane's line; a client's: the top of its first row of bars. */
  readonly y: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** The plot lies between them. */
  readonly left: number;
  readonly right: number;
  readonly axisY: number;
  readonly faultsTop: number;
  readonly verdictsY: number;
  readonly lanesTop: number;
  readonly lanesBottom: number;
  readonly lanes: readonly Lane[];
  readonly rowHeight: number;
}

export const AXIS_HEIGHT = 24, FAULT_HEIGHT = 20, VERDICT_HEIGHT = 24, BAR_HEIGHT = 10;
const NARROWEST_LANE = 56, WIDEST_LANE = 136, CLIENT_PADDING = 12, RIGHT_MARGIN = 12;

export function frameOf(prepared: Prepared, view: Viewport, measure: (text: string) => number): Frame {
  const { data, faultRows, rowsOf } = prepared;
  const faultsTop = AXIS_HEIGHT + 4;
  const verdictsTop = faultsTop + faultRows * FAULT_HEIGHT;
  const lanesTop = verdictsTop + (data.violations.length > 0 ? VERDICT_HEIGHT : 0) + 4;
  const nodes = data.processes.filter((process) => process.role === 'node').length;
  const rows = rowsOf.reduce((sum, count, index) => sum + (data.processes[index]!.role === 'client' ? Math.max(1, count) : 0), 0);
  const clients = data.processes.length - nodes;
  const free = view.height - lanesTop - 8;
  const rowHeight = nodes === 0 ? clamp((free - clients * CLIENT_PADDING) / Math.max(1, rows), 36, 84) : 36;
  const spacing = clamp((free - rows * rowHeight - clients * CLIENT_PADDING) / Math.max(1, nodes), NARROWEST_LANE, WIDEST_LANE);
  const lanes: Lane[] = [];
  let y = lanesTop;
  data.processes.forEach(({ name, role }, index) => {
    const height = role === 'node' ? spacing : Math.max(1, rowsOf[index]!) * rowHeight + CLIENT_PADDING;
    lanes.push({ name: shortened(name, 140, measure) || '…', role, top: y, bottom: y + height, y: role === 'node' ? y + spacing / 2 : y + CLIENT_PADDING });
    y += height;
  });
  const widest = lanes.reduce((most, lane) => Math.max(most, measure(lane.name)), 20);
  return {
    width: view.width, height: Math.max(view.height, y + 8), left: Math.ceil(widest) + 26, right: view.width - RIGHT_MARGIN,
    axisY: AXIS_HEIGHT, faultsTop, verdictsY: verdictsTop + VERDICT_HEIGHT / 2, lanesTop, lanesBottom: y, lanes, rowHeight,
  };
}

export const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
