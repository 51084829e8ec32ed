/**
 * Analyses as they cross from the worker to the server's thread. A block result that crossed before is named by a number;
 * event logs cross as transferred buffers, and those whose events crossed before only say how far their block moved.
 */
import type { Analysis, BlockResult } from '../analysis/analysis.ts';
import type { PawlDocument } from '../language/document.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { EventLog } from '../engine/events.ts';
import type { EventLogData } from '../engine/events.ts';

type Bare<T> = Omit<T, 'log'>;
type BareBlock = Omit<BlockResult, 'execution' | 'run'> & {
  readonly execution: Bare<NonNullable<BlockResult['execution']>> | undefined;
  readonly run: Bare<NonNullable<BlockResult['run']>> | undefined;
};

interface PackedLog {
  readonly id: number;
  readonly movedBy: number;
  /** undefined: it crossed before. */
  readonly data: EventLogData | undefined;
}

interface PackedBlock {
  readonly id: number;
  /** undefined: it crossed before. */
  readonly block: BareBlock | undefined;
  readonly log: PackedLog | undefined;
}

export interface PackedAnalysis {
  readonly blocks: readonly PackedBlock[];
  /** Those that belong to no block; a block brings its own. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The worker's side, for one document: remembers what the last analysis sent. */
export class Packer {
  private next = 0;
  private blocks = new Map<BlockResult, number>();
  /** By the events' words, which moved copies of a log share. */
  private logs = new Map<readonly string[], number>();

  /** The packed analysis, and the buffers to transfer with it. */
  pack(analysis: Analysis): { readonly packed: PackedAnalysis; readonly transfer: ArrayBuffer[] } {
    const transfer: ArrayBuffer[] = [];
    const blocks = new Map<BlockResult, number>(), logs = new Map<readonly string[], number>();
    const packed = analysis.blocks.map((block): PackedBlock => {
      const log = (block.execution ?? block.run)?.log;
      const known = this.blocks.get(block);
      const id = known ?? this.next++;
      blocks.set(block, id);
      return { id, block: known === undefined ? bare(block) : undefined, log: log && this.packLog(log, logs, transfer) };
    });
    this.blocks = blocks;
    this.logs = logs;
    const inBlocks = new Set(analysis.blocks.flatMap((block) => block.diagnostics));
    return { packed: { blocks: packed, diagnostics: analysis.diagnostics.filter((each) => !inBlocks.has(each)) }, transfer };
  }

  private packLog(log: EventLog, sent: Map<readonly string[], number>, transfer: ArrayBuffer[]): PackedLog {
    const known = this.logs.get(log.strings) ?? sent.get(log.strings);
    const id = known ?? this.next++;
    sent.set(log.strings, id);
    if (known !== undefined) return { id, movedBy: log.movedBy, data: undefined };
    const data = log.data();
    transfer.push(data.ints.buffer as ArrayBuffer, data.times.buffer as ArrayBuffer);
    return { id, movedBy: log.movedBy, data };
  }
}

function bare(block: BlockResult): BareBlock {
  return { ...block, execution: withoutLog(block.execution), run: withoutLog(block.run) };
}

function withoutLog<T extends { readonly log: EventLog }>(part: T | undefined): Bare<T> | undefined {
  if (part === undefined) return undefined;
  const { log: _, ...rest } = part;
  return rest;
}

/** The server's side, for one document: keeps what the last analysis brought. */
export class Unpacker {
  private blocks = new Map<number, BlockResult>();
  private logs = new Map<number, EventLog>();

  unpack(document: PawlDocument, packed: PackedAnalysis): Analysis {
    const blocks = new Map<number, BlockResult>(), logs = new Map<number, EventLog>();
    for (const each of packed.blocks) {
      const log = each.log && this.log(each.log, logs);
      const block = whole(each.block, log) ?? this.blocks.get(each.id) ?? blocks.get(each.id);
      if (block !== undefined) blocks.set(each.id, block);
    }
    this.blocks = blocks;
    this.logs = logs;
    const results = packed.blocks.flatMap(({ id }) => blocks.get(id) ?? []);
    const diagnostics = [...packed.diagnostics, ...results.flatMap((block) => block.diagnostics)]
      .sort((a, b) => a.place.line - b.place.line || a.place.start - b.place.start);
    return { document, blocks: results, diagnostics };
  }

  private log(packed: PackedLog, kept: Map<number, EventLog>): EventLog {
    const known = kept.get(packed.id) ?? this.logs.get(packed.id);
    const log = packed.data === undefined ? known ?? new EventLog(0) : EventLog.from(packed.data);
    kept.set(packed.id, log);
    return log.movedBy === packed.movedBy ? log : log.shiftedBy(packed.movedBy - log.movedBy);
  }
}

function whole(block: BareBlock | undefined, log: EventLog | undefined): BlockResult | undefined {
  if (block === undefined) return undefined;
  return {
    ...block,
    execution: block.execution && log && { ...block.execution, log },
    run: block.run && log && { ...block.run, log },
  };
}
