/** The server's side of the worker, with a worker that does as it is told. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { Checks } from '../../server/src/lsp/checks.ts';
import { Packer } from '../../server/src/lsp/transfer.ts';
import type { FromWorker, ToWorker, WorkerListener } from '../../server/src/lsp/workerMessages.ts';
import { analyseNow } from '../../server/src/analysis/analyse.ts';

class Rig {
  readonly workers: { readonly listener: WorkerListener; readonly heard: ToWorker[]; terminated: boolean }[] = [];
  readonly settled: string[] = [];
  readonly failures: string[] = [];
  readonly checks = new Checks((listener) => {
    const worker = { listener, heard: [] as ToWorker[], terminated: false };
    this.workers.push(worker);
    return { post: (message) => { worker.heard.push(message); }, terminate: () => { worker.terminated = true; } };
  }, {
    settled: (uri) => { this.settled.push(uri); },
    progressed: () => undefined,
    failed: (_uri, what) => { this.failures.push(what); },
  });

  get worker(): Rig['workers'][number] { return this.workers.at(-1)!; }

  /** The version of the last text the worker was told. */
  get version(): number {
    const last = this.worker.heard.findLast((message) => message.kind === 'open' || message.kind === 'change');
    return last !== undefined && 'version' in last ? last.version : -1;
  }

  answer(text: string, version = this.version): void {
    const { packed } = new Packer().pack(analyseNow(text));
    this.worker.listener.message({ kind: 'result', uri: 'u', version, analysis: structuredClone(packed) } satisfies FromWorker);
  }

  names(): string[] | undefined { return this.checks.current('u')?.blocks.map((block) => block.name); }
}

const ONE = 'scenario "one" {\n  protocol primary-backup\n  nodes A\n}\n';
const TWO = ONE.replace('one', 'two');

describe('checks', () => {
  it('give the result of the present text', async () => {
    const rig = new Rig();
    rig.checks.opened('u', parseDocument(ONE));
    expect(rig.checks.isSettled('u')).toBe(false);
    expect(rig.names()).toEqual([]);
    const settling = rig.checks.settling('u', 60_000);
    rig.answer(ONE);
    await settling;
    expect(rig.names()).toEqual(['one']);
    expect(rig.settled).toEqual(['u']);
    rig.checks.stop();
  });

  it('carry an older result over to the present text until its own comes', () => {
    const rig = new Rig();
    const first = parseDocument(ONE), second = parseDocument(`// above\n${ONE}`);
    rig.checks.opened('u', first);
    rig.answer(ONE);
    rig.checks.changed('u', second, []);
    expect(rig.checks.isSettled('u')).toBe(false);
    expect(rig.checks.current('u')?.blocks.map((block) => block.line)).toEqual([1]);
    rig.checks.stop();
  });

  it('do not take the result of a document that was closed for that of its successor', () => {
    const rig = new Rig();
    rig.checks.opened('u', parseDocument(ONE));
    const before = rig.version;
    rig.checks.closed('u');
    rig.checks.opened('u', parseDocument(TWO));
    rig.answer(ONE, before);
    expect(rig.checks.isSettled('u')).toBe(false);
    rig.answer(TWO);
    expect(rig.names()).toEqual(['two']);
    rig.checks.stop();
  });

  it('start another worker after one died, and do not try the same text again', () => {
    const rig = new Rig();
    rig.checks.opened('u', parseDocument(ONE));
    rig.worker.listener.died('of something');
    expect(rig.failures[0]).toContain('of something');
    expect(rig.checks.isSettled('u')).toBe(true);
    rig.checks.changed('u', parseDocument(TWO), []);
    expect(rig.workers.length).toBe(2);
    rig.answer(TWO);
    expect(rig.names()).toEqual(['two']);
    rig.checks.stop();
    expect(rig.worker.terminated).toBe(true);
  });

  it('say when an analysis failed, and go on with the next text', () => {
    const rig = new Rig();
    rig.checks.opened('u', parseDocument(ONE));
    rig.worker.listener.message({ kind: 'failed', uri: 'u', version: rig.version, error: 'a bug' });
    expect(rig.failures).toEqual(['a bug']);
    expect(rig.settled).toEqual(['u']);
    rig.checks.changed('u', parseDocument(TWO), [{ text: TWO }]);
    rig.answer(TWO);
    expect(rig.names()).toEqual(['two']);
    rig.checks.stop();
  });

  it('let nobody wait for a document that closes', async () => {
    const rig = new Rig();
    rig.checks.opened('u', parseDocument(ONE));
    const settling = rig.checks.settling('u', 60_000);
    rig.checks.closed('u');
    await settling;
    expect(rig.checks.current('u')).toBeUndefined();
    rig.checks.stop();
  });
});
