/** The server's side of the worker, with a worker that does as it is told. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../server/src/language/parser.ts';
import { Checks } from '../../server/src/lsp/checks.ts';
import { Packer } from '../../server/src/lsp/transfer.ts';
import type { FromWorker, ToWorker, WorkerListener } from '../../server/src/lsp/workerMessages.ts';
import { SIX } from '../features/cursor.ts';
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

  it('have the worker try each fix once, and offer all if it does not answer', async () => {
    const rig = new Rig(), text = SIX.replace('  expect split-brain\n', '');
    rig.checks.opened('u', parseDocument(text));
    rig.answer(text);
    const found = rig.checks.current('u')!.diagnostics.find((each) => each.code === 'split-brain')!;
    expect(found.fixes.length).toBeGreaterThan(1);
    const asked = [rig.checks.helpfulFixes('u', found), rig.checks.helpfulFixes('u', found)];
    const questions = rig.worker.heard.filter((message) => message.kind === 'fixes');
    expect(questions.length).toBe(1);
    const { uri, version, id, diagnostic } = questions[0]!;
    rig.worker.listener.message({ kind: 'fixes', uri, version, id, fixes: diagnostic.fixes.slice(1, 2) });
    expect(await Promise.all(asked)).toEqual([found.fixes.slice(1, 2), found.fixes.slice(1, 2)]);
    const unexpected = { ...found };
    expect(await rig.checks.helpfulFixes('u', unexpected)).toBe(found.fixes);
    rig.checks.stop();
  });

  it('offer the fixes untried when the worker dies over them', async () => {
    const rig = new Rig(), text = SIX.replace('  expect split-brain\n', '');
    rig.checks.opened('u', parseDocument(text));
    rig.answer(text);
    const found = rig.checks.current('u')!.diagnostics.find((each) => each.code === 'split-brain')!;
    const asked = rig.checks.helpfulFixes('u', found);
    rig.worker.listener.died('of something');
    expect(await asked).toBe(found.fixes);
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
