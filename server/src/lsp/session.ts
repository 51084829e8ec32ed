/** The open documents and how their checks stand; decides when the editor is told what. */
import type { Connection } from 'vscode-languageserver/node';
import type { PawlDocument } from '../language/document.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { limited } from '../features/diagnostics.ts';
import { unexpected } from '../features/summary.ts';
import { Checks } from './checks.ts';
import { toDiagnostic } from './convert.ts';
import { DocumentTable } from './documents.ts';
import type { Change, OpenDocument } from './documents.ts';
import type { Editor } from './editor.ts';
import type { Guard } from './guard.ts';
import { STATUS, TIMELINE_CHANGED } from './requests.ts';
import type { Settings, StatusParams, TimelineChangedParams } from './requests.ts';
import type { StartWorker } from './workerMessages.ts';

/** Milliseconds after which syntax errors are shown without waiting for the verdicts. */
const SYNTAX_PATIENCE = 12;
/** Milliseconds after which the author is told that verdicts are being computed. */
const CHECKING_PATIENCE = 150;
/** Milliseconds after an edit in which its author may still be at the same line. */
const TYPING_PATIENCE = 400;

type Timer = ReturnType<typeof setTimeout>;

interface Timers {
  syntax?: Timer | undefined;
  checking?: Timer | undefined;
}

/** Lines that were edited a moment ago. */
interface Typing {
  readonly lines: ReadonlySet<number>;
  readonly timer: Timer;
  /** Hints were asked for meanwhile, and those of these lines withheld. */
  withheld: boolean;
}

export class Session {
  readonly editor: Editor;
  private readonly connection: Connection;
  private readonly guard: Guard;
  private readonly documents = new DocumentTable();
  private readonly checks: Checks;
  private readonly timers = new Map<string, Timers>();
  private readonly typing = new Map<string, Typing>();
  /** Documents of which hints or lenses were answered before their result was there. */
  private readonly answeredEarly = new Set<string>();

  constructor(connection: Connection, guard: Guard, startWorker: StartWorker, editor: Editor) {
    this.connection = connection;
    this.guard = guard;
    this.editor = editor;
    this.checks = new Checks(startWorker, {
      settled: (uri) => this.settled(uri),
      progressed: (uri, progress) => { if (this.timers.get(uri)?.checking === undefined) this.tellChecking(uri, progress.block); },
      failed: (_uri, what) => guard.report('the analysis', new Error(what)),
    });
  }

  configure(settings: Settings | undefined): void {
    const budget = settings?.check?.budget;
    this.checks.setBudget(typeof budget === 'number' && budget > 0 ? budget : undefined);
  }

  opened(uri: string, version: number, text: string): void {
    this.closed(uri);
    const open = this.documents.add(uri, version, text);
    if (open.content.kind === 'parsed') this.checks.opened(uri, open.content.document);
    this.afterEdit(open);
  }

  changed(uri: string, version: number, changes: readonly Change[]): void {
    const open = this.documents.change(uri, version, changes);
    if (open === undefined) return;
    if (open.content.kind === 'parsed') this.checks.changed(uri, open.content.document, changes);
    else this.checks.closed(uri);
    this.noteTyping(uri, changes);
    this.afterEdit(open);
  }

  closed(uri: string): void {
    if (this.documents.get(uri) === undefined) return;
    this.documents.remove(uri);
    this.checks.closed(uri);
    this.stopTimers(uri);
    this.stopTyping(uri);
    this.answeredEarly.delete(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  stop(): void {
    [...this.timers.keys()].forEach((uri) => this.stopTimers(uri));
    [...this.typing.keys()].forEach((uri) => this.stopTyping(uri));
    this.checks.stop();
  }

  /** The present text of a document that is analysed. */
  document(uri: string): PawlDocument | undefined {
    const content = this.documents.get(uri)?.content;
    return content?.kind === 'parsed' ? content.document : undefined;
  }

  version(uri: string): number | undefined { return this.documents.get(uri)?.version; }

  /** The present text with the newest results, without waiting. */
  current(uri: string): Analysis | undefined { return this.checks.current(uri); }

  /** Like `current`, after waiting for the results for at most `patience` milliseconds. */
  async analysis(uri: string, patience: number): Promise<Analysis | undefined> {
    await this.checks.settling(uri, patience);
    return this.checks.current(uri);
  }

  /** A diagnostic with those of its fixes that help. */
  async withHelpfulFixes(uri: string, diagnostic: Diagnostic): Promise<Diagnostic> {
    return { ...diagnostic, fixes: await this.checks.helpfulFixes(uri, diagnostic) };
  }

  /** To be called by whoever answered with an older result that the editor keeps: it is asked to ask again. */
  answered(uri: string): void {
    if (!this.checks.isSettled(uri)) this.answeredEarly.add(uri);
  }

  /**
   * Lines that are being typed at this very moment: what an editor draws behind their last word would stand between that
   * and the next. To be called by whoever leaves it out: the editor is asked to ask again after a pause.
   */
  withheld(uri: string): ReadonlySet<number> {
    const typing = this.typing.get(uri);
    if (typing === undefined) return NO_LINES;
    typing.withheld = true;
    return typing.lines;
  }

  private noteTyping(uri: string, changes: readonly Change[]): void {
    const before = this.typing.get(uri);
    this.stopTyping(uri);
    const lines = new Set(changes.flatMap((change) => ('start' in change ? [change.start.line + lineBreaks(change.text)] : [])));
    const timer = setTimeout(() => {
      const withheld = this.typing.get(uri)?.withheld === true;
      this.typing.delete(uri);
      if (withheld) this.refreshHints();
    }, TYPING_PATIENCE);
    this.typing.set(uri, { lines, timer, withheld: before?.withheld === true });
  }

  private stopTyping(uri: string): void {
    clearTimeout(this.typing.get(uri)?.timer);
    this.typing.delete(uri);
  }

  private refreshHints(): void {
    if (this.editor.refreshesHints) this.connection.languages.inlayHint.refresh().catch(() => undefined);
  }

  private afterEdit(open: OpenDocument): void {
    const { uri } = open;
    this.stopTimers(uri);
    if (open.content.kind === 'off') {
      this.tellOff(open, open.content.reason);
      return;
    }
    const timers: Timers = {};
    this.timers.set(uri, timers);
    timers.syntax = setTimeout(() => this.guarded(() => this.publish(uri)), SYNTAX_PATIENCE);
    timers.checking = setTimeout(() => {
      timers.checking = undefined;
      this.guarded(() => this.tellChecking(uri, ''));
    }, CHECKING_PATIENCE);
  }

  private guarded(work: () => void): void {
    this.guard.notification('publishing', work)(undefined);
  }

  private stopTimers(uri: string): void {
    const timers = this.timers.get(uri);
    clearTimeout(timers?.syntax);
    clearTimeout(timers?.checking);
    this.timers.delete(uri);
  }

  private settled(uri: string): void {
    this.stopTimers(uri);
    this.publish(uri);
    const open = this.documents.get(uri), analysis = this.checks.current(uri);
    if (open === undefined || analysis === undefined) return;
    this.send(STATUS, statusOf(open, analysis));
    this.send(TIMELINE_CHANGED, { uri, version: open.version, blocks: analysis.blocks.length } satisfies TimelineChangedParams);
    if (!this.answeredEarly.delete(uri)) return;
    this.refreshHints();
    if (this.editor.refreshesLenses) this.connection.sendRequest('workspace/codeLens/refresh').catch(() => undefined);
  }

  private publish(uri: string): void {
    const open = this.documents.get(uri), found = this.checks.diagnostics(uri);
    if (open === undefined || found === undefined) return;
    const diagnostics = limited(found).map((each) => toDiagnostic(uri, each, this.editor.pageAddress));
    void this.connection.sendDiagnostics({ uri, version: open.version, diagnostics });
  }

  private tellChecking(uri: string, block: string): void {
    const open = this.documents.get(uri);
    if (open === undefined || this.checks.isSettled(uri)) return;
    const message = block === '' ? 'Recomputing the verdicts' : `Running "${block}"`;
    this.send(STATUS, { ...NOTHING, uri, version: open.version, state: 'checking', message } satisfies StatusParams);
  }

  private tellOff({ uri, version }: OpenDocument, reason: string): void {
    const place = { line: 0, start: 0, end: 0 };
    const note: Diagnostic = { place, severity: 'information', code: 'note', message: reason, related: [], fixes: [] };
    void this.connection.sendDiagnostics({ uri, version, diagnostics: [toDiagnostic(uri, note, this.editor.pageAddress)] });
    this.send(STATUS, { ...NOTHING, uri, version, state: 'off', message: reason } satisfies StatusParams);
  }

  /** Our own notifications, for editors that know them. */
  private send(method: string, params: unknown): void {
    if (this.editor.commands) void this.connection.sendNotification(method, params);
  }
}

const NO_LINES: ReadonlySet<number> = new Set();

function lineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

const NOTHING = { blocks: 0, asExpected: 0, violated: 0, invalid: 0, unknown: 0, violations: 0, unmet: 0, errors: 0 };

function statusOf(open: OpenDocument, { blocks, diagnostics }: Analysis): StatusParams {
  const count = (verdict: string): number =>
    blocks.filter((block) => (block.beforeEdit === true ? 'invalid' : block.verdict) === verdict).length;
  return {
    uri: open.uri, version: open.version, state: 'done', message: '', blocks: blocks.length,
    asExpected: count('as-expected'), violated: count('violated'), invalid: count('invalid'), unknown: count('unknown'),
    violations: blocks.reduce((sum, block) => sum + unexpected(block).length, 0),
    unmet: blocks.reduce((sum, block) => sum + block.expectations.filter((each) => !each.met).length, 0),
    errors: diagnostics.filter((each) => each.severity === 'error').length,
  };
}
