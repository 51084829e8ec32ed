/**
 * The server's side of the analysis: keeps a worker at work, knows for each document the last result and whether it is of
 * the present text, and starts the worker again if it dies or stops giving signs of life.
 */
import type { PawlDocument } from '../language/document.ts';
import type { Diagnostic, QuickFix } from '../model/diagnostic.ts';
import type { Analysis, Progress } from '../analysis/analysis.ts';
import { carriedDiagnostics, carryOver, keepVerdicts } from '../features/carryOver.ts';
import type { Change } from './documents.ts';
import { textOf } from './documents.ts';
import { Unpacker } from './transfer.ts';
import type { FromWorker, StartWorker, ToWorker, WorkerPort } from './workerMessages.ts';

export interface ChecksListener {
  /** The present text of a document has its result. */
  settled(uri: string): void;
  /** A long analysis goes on. */
  progressed(uri: string, progress: Progress): void;
  /** Our own bug: for the output channel. */
  failed(uri: string, what: string): void;
}

/** Versions here are counted by us: an editor counts from 1 again when a document is opened again. */
interface State {
  readonly openedAt: number;
  version: number;
  document: PawlDocument;
  /** Texts whose results may still come, newest last. */
  sent: { readonly version: number; readonly document: PawlDocument }[];
  unpacker: Unpacker;
  /** The last result, with older verdicts of blocks that cannot be judged in it, and of which version. */
  last: { readonly version: number; readonly analysis: Analysis } | undefined;
  /** The last result told for the present text. */
  carried: Analysis | undefined;
  waiting: (() => void)[];
  /** The version that made the worker fail: it is not tried again. */
  failedVersion: number | undefined;
}

/** Milliseconds after which fixes are offered untried: the worker is at something else. */
const FIX_PATIENCE = 1000;
/** Milliseconds without a sign of life after which a worker counts as hung. */
const PATIENCE = 20_000;
/** Older texts than these are forgotten: their results would come too late to matter. */
const MOST_SENT = 8;

export class Checks {
  private readonly start: StartWorker;
  private readonly listener: ChecksListener;
  private readonly states = new Map<string, State>();
  private worker: WorkerPort | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private budget: number | undefined;
  private version = 0;
  /** Fixes being tried, by the number of the question. */
  private readonly trials = new Map<number, (fixes: readonly QuickFix[] | undefined) => void>();
  private readonly tried = new WeakMap<Diagnostic, Promise<readonly QuickFix[]>>();
  private question = 0;

  constructor(start: StartWorker, listener: ChecksListener) {
    this.start = start;
    this.listener = listener;
  }

  setBudget(budget: number | undefined): void {
    if (budget === this.budget) return;
    this.budget = budget;
    for (const state of this.states.values()) state.last = state.last && { ...state.last, version: -1 };
    this.post({ kind: 'settings', budget });
  }

  opened(uri: string, document: PawlDocument): void {
    const version = ++this.version;
    this.states.set(uri, {
      openedAt: version, version, document, sent: [{ version, document }], unpacker: new Unpacker(),
      last: undefined, carried: undefined, waiting: [], failedVersion: undefined,
    });
    this.post({ kind: 'open', uri, version, text: textOf(document) });
  }

  changed(uri: string, document: PawlDocument, changes: readonly Change[]): void {
    const state = this.states.get(uri);
    if (state === undefined) {
      this.opened(uri, document);
      return;
    }
    const version = ++this.version;
    state.version = version;
    state.document = document;
    state.carried = undefined;
    state.sent = [...state.sent, { version, document }].slice(-MOST_SENT);
    this.post({ kind: 'change', uri, version, changes });
  }

  /** Closed, or no longer analysed. */
  closed(uri: string): void {
    const state = this.states.get(uri);
    if (state === undefined) return;
    this.states.delete(uri);
    this.post({ kind: 'close', uri });
    release(state);
  }

  isSettled(uri: string): boolean {
    const state = this.states.get(uri);
    return state === undefined || state.last?.version === state.version || state.failedVersion === state.version;
  }

  /** The present text with the newest results there are; undefined for a document that is not analysed. */
  current(uri: string): Analysis | undefined {
    const state = this.states.get(uri);
    if (state === undefined) return undefined;
    const last = lastOf(state);
    if (last.document === state.document) return last;
    state.carried ??= carryOver(last, state.document);
    return state.carried;
  }

  /** The diagnostics of `current`, at the cost of one look at each line. */
  diagnostics(uri: string): readonly Diagnostic[] | undefined {
    const state = this.states.get(uri);
    if (state === undefined) return undefined;
    const last = lastOf(state);
    if (last.document === state.document) return last.diagnostics;
    return state.carried?.diagnostics ?? carriedDiagnostics(last, state.document);
  }

  /** Resolves when the present text has its result, or after `patience` milliseconds, whichever is first. */
  async settling(uri: string, patience: number): Promise<void> {
    const state = this.states.get(uri);
    if (state === undefined || this.isSettled(uri)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      state.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** The fixes of a diagnostic of `current` that the worker found to help; all of them where it cannot be asked. */
  helpfulFixes(uri: string, diagnostic: Diagnostic): Promise<readonly QuickFix[]> {
    const { worker } = this, { last } = this.states.get(uri) ?? {};
    const known = last?.analysis.diagnostics.includes(diagnostic) === true;
    if (!known || worker === undefined || diagnostic.fixes.length === 0) return Promise.resolve(diagnostic.fixes);
    let answer = this.tried.get(diagnostic);
    if (answer === undefined) {
      answer = this.tryFixes(worker, uri, last.version, diagnostic);
      this.tried.set(diagnostic, answer);
    }
    return answer;
  }

  private tryFixes(worker: WorkerPort, uri: string, version: number, diagnostic: Diagnostic): Promise<readonly QuickFix[]> {
    const id = ++this.question;
    return new Promise((resolve) => {
      const settle = (fixes: readonly QuickFix[] | undefined): void => {
        clearTimeout(timer);
        this.trials.delete(id);
        if (fixes === undefined) this.tried.delete(diagnostic);
        resolve(fixes ?? diagnostic.fixes);
      };
      const timer = setTimeout(settle, FIX_PATIENCE, undefined);
      this.trials.set(id, settle);
      worker.post({ kind: 'fixes', uri, version, id, diagnostic });
    });
  }

  private dropTrials(): void {
    [...this.trials.values()].forEach((settle) => settle(undefined));
  }

  stop(): void {
    clearTimeout(this.watchdog);
    this.dropTrials();
    this.worker?.terminate();
    this.worker = undefined;
    this.states.forEach(release);
    this.states.clear();
  }

  /** A new worker is told everything, this message among it. */
  private post(message: ToWorker): void {
    if (this.worker === undefined) {
      if (message.kind !== 'close') this.launch();
      return;
    }
    this.worker.post(message);
    this.watch();
  }

  private launch(): void {
    if (this.states.size === 0) return;
    const worker = this.start({
      message: (message) => { if (this.worker === worker) this.receive(message); },
      died: (reason) => { if (this.worker === worker) this.restart(`The analysis worker stopped: ${reason}`); },
    });
    this.worker = worker;
    worker.post({ kind: 'settings', budget: this.budget });
    for (const [uri, state] of this.states) {
      state.unpacker = new Unpacker();
      if (state.failedVersion !== state.version) worker.post({ kind: 'open', uri, version: state.version, text: textOf(state.document) });
    }
    this.watch();
  }

  /** Whatever was under way is what it died of, so it is not tried again until it changes. */
  private restart(reason: string): void {
    this.dropTrials();
    this.worker?.terminate();
    this.worker = undefined;
    for (const [uri, state] of this.states) {
      if (this.isSettled(uri)) continue;
      state.failedVersion = state.version;
      this.listener.failed(uri, reason);
      this.finish(uri, state);
    }
    // A later change starts a new worker.
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    if ([...this.states.keys()].every((uri) => this.isSettled(uri))) return;
    this.watchdog = setTimeout(() => this.restart(`The analysis gave no sign of life for ${PATIENCE / 1000} s.`), PATIENCE);
    (this.watchdog as { unref?: () => void }).unref?.();
  }

  private receive(message: FromWorker): void {
    const state = this.states.get(message.uri);
    if (state === undefined || message.version < state.openedAt) return;
    switch (message.kind) {
      case 'progress':
        if (message.version === state.version) this.listener.progressed(message.uri, message.progress);
        break;
      case 'failed':
        state.unpacker = new Unpacker();
        this.listener.failed(message.uri, message.error);
        if (message.version !== state.version) break;
        state.failedVersion = message.version;
        this.finish(message.uri, state);
        break;
      case 'fixes':
        this.trials.get(message.id)?.(message.fixes);
        break;
      case 'result':
        this.accept(message.uri, state, message);
        break;
    }
    this.watch();
  }

  private accept(uri: string, state: State, message: Extract<FromWorker, { kind: 'result' }>): void {
    const document = state.sent.find((each) => each.version === message.version)?.document;
    const analysis = state.unpacker.unpack(document ?? state.document, message.analysis);
    if (document === undefined) return;
    state.last = { version: message.version, analysis: keepVerdicts(lastOf(state), analysis) };
    state.sent = state.sent.filter((each) => each.version >= message.version);
    state.carried = undefined;
    if (message.version === state.version) this.finish(uri, state);
  }

  private finish(uri: string, state: State): void {
    release(state);
    this.listener.settled(uri);
  }
}

/** Before the first result there is one that knows nothing of any line. */
function lastOf(state: State): Analysis {
  return state.last?.analysis ?? NOTHING;
}

const NOTHING: Analysis = { document: { lines: [], blocks: [], structureProblems: [] }, blocks: [], diagnostics: [] };

function release(state: State): void {
  const waiting = state.waiting;
  state.waiting = [];
  waiting.forEach((resolve) => resolve());
}
