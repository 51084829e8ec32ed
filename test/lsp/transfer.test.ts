/** Analyses arrive as they left, and what crossed before does not cross again. */
import { describe, expect, it } from 'vitest';
import { Analyser } from '../../server/src/analysis/analyse.ts';
import type { Analysis, BlockResult } from '../../server/src/analysis/analysis.ts';
import { EVENT_NAMES } from '../../server/src/engine/events.ts';
import { parseDocument } from '../../server/src/language/parser.ts';
import { Packer, Unpacker } from '../../server/src/lsp/transfer.ts';
import { LATE_COMMIT, PAST, SIX } from '../features/cursor.ts';

function finished(analyser: Analyser, text: string): Analysis {
  const slices = analyser.analyse(parseDocument(text));
  let step = slices.next();
  while (!step.done) step = slices.next();
  return step.value;
}

const events = (block: BlockResult): string[] => {
  const log = block.execution?.log;
  return log === undefined ? [] : Array.from({ length: log.length }, (_, i) =>
    `${log.timeUs(i)} ${EVENT_NAMES[log.kind(i)]!} ${log.node(i)} ${log.peer(i)} ${log.word(i)} ${log.text(i)} ${log.line(i)}`);
};
const plain = ({ blocks, diagnostics }: Analysis): unknown => ({
  diagnostics, events: blocks.map(events),
  blocks: blocks.map(({ execution, run, ...rest }) =>
    ({ ...rest, end: execution?.endUs, operations: execution?.operations, views: run?.finalViews })),
});

describe('an analysis that crosses threads', () => {
  it('arrives as it left, edit after edit', () => {
    const analyser = new Analyser(), packer = new Packer(), unpacker = new Unpacker();
    const all = SIX + LATE_COMMIT + PAST;
    const texts = [all, `// above\n${all}`, `${LATE_COMMIT}${SIX}`, `${SIX}nonsense\n${SIX}`, '', PAST + SIX];
    for (const text of texts) {
      const analysis = finished(analyser, text);
      const { packed, transfer } = packer.pack(analysis);
      const arrived = unpacker.unpack(analysis.document, structuredClone(packed, { transfer }));
      expect(plain(arrived)).toEqual(plain(analysis));
    }
  });

  it('sends neither blocks that stayed nor the events of blocks that moved', () => {
    const analyser = new Analyser(), packer = new Packer();
    expect(packer.pack(finished(analyser, SIX + LATE_COMMIT)).transfer.length).toBe(4);
    expect(packer.pack(finished(analyser, SIX + LATE_COMMIT)).packed.blocks.every((each) => each.block === undefined)).toBe(true);
    const moved = packer.pack(finished(analyser, `\n${SIX}${LATE_COMMIT}`));
    expect(moved.transfer).toEqual([]);
    expect(moved.packed.blocks.every((each) => each.block !== undefined)).toBe(true);
  });

  it('leaves the sender its own events', () => {
    const analysis = finished(new Analyser(), SIX);
    const before = events(analysis.blocks[0]!);
    const { packed, transfer } = new Packer().pack(analysis);
    structuredClone(packed, { transfer });
    expect(events(analysis.blocks[0]!)).toEqual(before);
  });
});
