/** The worker's loop with a clock and a queue of our own: what gives way to what, without waiting for anything. */
import { describe, expect, it } from 'vitest';
import { AnalysisLoop } from '../../server/src/lsp/analysisLoop.ts';
import type { FromWorker } from '../../server/src/lsp/workerMessages.ts';
import { SIX } from '../features/cursor.ts';

const LONG = `scenario "long" {
  protocol primary-backup like majority
  nodes A B C D E
  clients c1
  every 1ms c1 writes k = 1
  run to 1s
}
`;

class Host {
  readonly posted: FromWorker[] = [];
  private queue: (() => void)[] = [];
  private time = 0;
  readonly loop = new AnalysisLoop({
    post: (message) => { this.posted.push(message); },
    later: (work) => { this.queue.push(work); },
    // Every look at the clock is 10 ms later: one step of an analysis is all that fits into a slice.
    now: () => (this.time += 10),
  });

  /** Runs so many slices, or all there are. */
  run(slices = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < slices && this.queue.length > 0; i++) this.queue.shift()!();
  }

  results(): string[] {
    return this.posted.filter((message) => message.kind === 'result').map(({ uri, version }) => `${uri} ${version}`);
  }
}

const replace = (line: number, from: number, to: number, text: string) => ({ start: { line, column: from }, end: { line, column: to }, text });

describe('the loop of the worker', () => {
  it('gives the result of a document', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: SIX });
    expect(host.results()).toEqual([]);
    host.run();
    expect(host.results()).toEqual(['a 1']);
  });

  it('drops the analysis of an older text when an edit arrives', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: LONG });
    host.run(5);
    host.loop.receive({ kind: 'change', uri: 'a', version: 2, changes: [replace(4, 26, 27, '2')] });
    host.run();
    expect(host.results()).toEqual(['a 2']);
  });

  it('tells that a long analysis goes on', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: LONG });
    host.run();
    const progress = host.posted.filter((message) => message.kind === 'progress');
    expect(progress.length).toBeGreaterThan(0);
    expect(progress[0]).toMatchObject({ uri: 'a', version: 1, progress: { block: 'long', total: 1 } });
  });

  it('works on the document that was edited last, and then on the others', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: LONG });
    host.run(3);
    host.loop.receive({ kind: 'open', uri: 'b', version: 2, text: SIX });
    host.run();
    expect(host.results()).toEqual(['b 2', 'a 1']);
  });

  it('forgets a document that closes', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: LONG });
    host.run(3);
    host.loop.receive({ kind: 'close', uri: 'a' });
    host.run();
    expect(host.results()).toEqual([]);
  });

  it('tries the fixes of the text it has judged, and of no other', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: SIX });
    host.run();
    const result = host.posted.find((message) => message.kind === 'result')!;
    const diagnostic = result.analysis.blocks[0]!.block!.diagnostics.find((each) => each.code === 'split-brain')!;
    host.loop.receive({ kind: 'fixes', uri: 'a', version: 1, id: 5, diagnostic });
    host.loop.receive({ kind: 'fixes', uri: 'a', version: 2, id: 6, diagnostic });
    const answers = host.posted.filter((message) => message.kind === 'fixes').map(({ id, fixes }) => [id, fixes.map((fix) => fix.title)]);
    expect(answers).toEqual([[5, ['Set votes to majority']], [6, diagnostic.fixes.map((fix) => fix.title)]]);
  });

  it('begins again when the budget changes', () => {
    const host = new Host();
    host.loop.receive({ kind: 'open', uri: 'a', version: 1, text: LONG });
    host.run();
    host.loop.receive({ kind: 'settings', budget: 100 });
    host.run();
    const last = host.posted.findLast((message) => message.kind === 'result');
    expect(last?.analysis.blocks[0]?.block?.verdict).toBe('unknown');
  });
});
