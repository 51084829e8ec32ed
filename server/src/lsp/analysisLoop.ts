/**
 * The worker's work: one document at a time, slice by slice, always in its newest version. Whatever arrives between two
 * slices is heard first, so a newer edit stops the analysis of an older text.
 */
import type { Analysis, Progress } from '../analysis/analysis.ts';
import { Analyser } from '../analysis/analyse.ts';
import { helpfulFixes } from '../analysis/helpfulFixes.ts';
import { DocumentTable } from './documents.ts';
import { Packer } from './transfer.ts';
import type { FromWorker, ToWorker } from './workerMessages.ts';

interface Mirror {
  analyser: Analyser;
  packer: Packer;
  /** The analysis under way, and of which version. */
  work: { readonly version: number; readonly slices: Generator<Progress, Analysis, void> } | undefined;
  /** Whether the present version still waits for its result. */
  pending: boolean;
  /** The last result, and of which version. */
  done: { readonly version: number; readonly analysis: Analysis } | undefined;
}

export interface LoopHost {
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  /** Calls back once everything that has arrived by then was received. */
  later(work: () => void): void;
  /** Milliseconds, monotonic. */
  now(): number;
}

/** Milliseconds between two signs of life. */
const PROGRESS_EVERY = 100;
/** Milliseconds of work before arrived messages are heard. */
const SLICE = 4;

export class AnalysisLoop {
  private readonly host: LoopHost;
  private readonly documents = new DocumentTable();
  /** The most recently edited last. */
  private readonly mirrors = new Map<string, Mirror>();
  private budget: number | undefined;
  private scheduled = false;
  private toldAt = 0;

  constructor(host: LoopHost) { this.host = host; }

  receive(message: ToWorker): void {
    switch (message.kind) {
      case 'open':
        this.documents.add(message.uri, message.version, message.text);
        this.mirrors.set(message.uri, { analyser: this.analyser(), packer: new Packer(), work: undefined, pending: true, done: undefined });
        break;
      case 'change':
        this.documents.change(message.uri, message.version, message.changes);
        this.touch(message.uri);
        break;
      case 'close':
        this.documents.remove(message.uri);
        this.mirrors.delete(message.uri);
        break;
      case 'settings':
        this.setBudget(message.budget);
        break;
      case 'fixes':
        this.tryFixes(message);
        break;
    }
    this.schedule();
  }

  /** Somebody waits for these, and they take milliseconds: they are tried at once. An older text's stay untried. */
  private tryFixes({ uri, version, id, diagnostic }: Extract<ToWorker, { kind: 'fixes' }>): void {
    const done = this.mirrors.get(uri)?.done;
    const fixes = done?.version === version ? helpfulFixes(done.analysis, diagnostic) : diagnostic.fixes;
    this.host.post({ kind: 'fixes', uri, version, id, fixes }, []);
  }

  private touch(uri: string): void {
    const mirror = this.mirrors.get(uri);
    if (mirror === undefined) return;
    mirror.pending = true;
    this.mirrors.delete(uri);
    this.mirrors.set(uri, mirror);
  }

  private analyser(): Analyser { return new Analyser({ budget: this.budget }); }

  private setBudget(budget: number | undefined): void {
    if (budget === this.budget) return;
    this.budget = budget;
    for (const mirror of this.mirrors.values()) {
      mirror.analyser = this.analyser();
      mirror.work = undefined;
      mirror.pending = true;
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.host.later(() => {
      this.scheduled = false;
      this.slice();
      if ([...this.mirrors.values()].some((mirror) => mirror.pending)) this.schedule();
    });
  }

  /** A few milliseconds of the most recently edited document that waits. */
  private slice(): void {
    const next = [...this.mirrors].findLast(([, mirror]) => mirror.pending);
    if (next === undefined) return;
    const [uri, mirror] = next;
    const version = this.documents.get(uri)?.version ?? -1;
    try {
      this.work(uri, mirror);
    } catch (error) {
      mirror.pending = false;
      mirror.work = undefined;
      mirror.analyser = this.analyser();
      mirror.packer = new Packer();
      this.host.post({ kind: 'failed', uri, version, error: error instanceof Error ? error.stack ?? error.message : String(error) }, []);
    }
  }

  private work(uri: string, mirror: Mirror): void {
    const open = this.documents.get(uri);
    if (open?.content.kind !== 'parsed') {
      mirror.pending = false;
      return;
    }
    if (mirror.work?.version !== open.version) {
      mirror.work = { version: open.version, slices: mirror.analyser.analyse(open.content.document) };
    }
    const until = this.host.now() + SLICE;
    let step = mirror.work.slices.next();
    while (!step.done && this.host.now() < until) step = mirror.work.slices.next();
    if (!step.done) {
      this.tell(uri, open.version, step.value);
      return;
    }
    mirror.work = undefined;
    mirror.pending = false;
    mirror.done = { version: open.version, analysis: step.value };
    const { packed, transfer } = mirror.packer.pack(step.value);
    this.host.post({ kind: 'result', uri, version: open.version, analysis: packed }, transfer);
  }

  private tell(uri: string, version: number, progress: Progress): void {
    if (this.host.now() - this.toldAt < PROGRESS_EVERY) return;
    this.toldAt = this.host.now();
    this.host.post({ kind: 'progress', uri, version, progress }, []);
  }
}
