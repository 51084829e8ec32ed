/** Other tools' histories as history blocks, line by line, in memory that does not grow with the file. */
import type { HistoryModel } from '../../language/syntax.ts';
import { Calls, modelShownBy, stepsOf, type ImportedCall } from './calls.ts';
import type { EventReader, HistoryEvent, Problem } from './events.ts';
import { nilOf, readerOf, type HistoryFormat } from './formats.ts';
import { keyText, statementOf, valueText, type Meaning } from './writer.ts';

export interface ImportOptions {
  readonly format: HistoryFormat;
  /** The name of the block. */
  readonly name: string;
  /** undefined: as is usual in the format. */
  readonly nil: 'absent' | 'unknown' | undefined;
  /** What every key holds at the start; undefined: nothing. */
  readonly initial: string | undefined;
}

/** As many operations are read before the model is settled. */
const SETTLED_AFTER = 20_000;

/** Takes a file's lines in order and gives back the document's text as it becomes known. */
export class HistoryImport {
  operations = 0;
  /** Completed reads that got nil. */
  nilReads = 0;
  readonly nil: 'absent' | 'unknown';
  private readonly options: ImportOptions;
  private readonly reader: EventReader;
  private readonly calls = new Calls();
  private readonly report: (problem: Problem) => void;
  /** Operations read before the model is known. */
  private waiting: ImportedCall[] | undefined = [];
  private readonly words = new Set<string>();
  private model: HistoryModel | undefined;
  private readonly keys = new Set<string>();
  private lines = 0;

  constructor(options: ImportOptions, report: (problem: Problem) => void) {
    this.options = options;
    this.nil = options.nil ?? nilOf(options.format);
    this.reader = readerOf(options.format);
    this.report = report;
  }

  line(text: string): string { return this.takeAll(this.reader.line(text, ++this.lines)); }

  /** The rest; '' also for a file without operations. */
  end(): string {
    const rest = this.takeAll(this.reader.end()) + this.calls.end().map((call) => this.call(call)).join('') + this.settle();
    return this.operations === 0 ? '' : `${rest}}\n`;
  }

  private takeAll(found: readonly (HistoryEvent | Problem)[]): string {
    let text = '';
    for (const each of found) {
      if ('problem' in each) this.report(each);
      else for (const call of this.calls.take(each)) text += 'problem' in call ? this.refuse(call) : this.call(call);
    }
    return text;
  }

  private refuse(problem: Problem): string {
    this.report(problem);
    return '';
  }

  private call(call: ImportedCall): string {
    this.words.add(call.f);
    this.model ??= modelShownBy(call, this.words);
    if (this.waiting === undefined) return this.statement(call);
    this.waiting.push(call);
    return this.model === undefined && this.waiting.length < SETTLED_AFTER ? '' : this.settle();
  }

  /** From here on operations are written as they come. */
  private settle(): string {
    const { waiting } = this;
    if (waiting === undefined || waiting.length === 0) return '';
    this.waiting = undefined;
    this.model ??= 'register';
    return waiting.map((call) => this.statement(call)).join('');
  }

  private header(): string {
    return `history "${this.options.name.replaceAll('"', '')}" {\n${this.model === 'register' ? '' : `  model ${this.model}\n`}`;
  }

  private statement(call: ImportedCall): string {
    const meaning: Meaning = { nil: this.nil, model: this.model! };
    if (call.outcome === 'ok' && (call.f === 'read' || call.f === 'get') && call.answered === undefined) this.nilReads++;
    const said = statementOf(call, meaning);
    if (typeof said !== 'string') return this.refuse(said);
    if (said === '') return '';
    const header = this.operations === 0 ? this.header() : '';
    this.operations++;
    return `${header}${this.before(call)}  ${said}\n`;
  }

  /** What the keys held before anything was asked of it. */
  private before({ f, key, asked }: ImportedCall): string {
    const { initial } = this.options;
    if (initial === undefined || initial === 'nil') return '';
    const keys = f === 'txn' ? (stepsOf(asked) ?? []).map((step) => keyText(step[1])) : [keyText(key)];
    const fresh = [...new Set(keys)].filter((each) => !this.keys.has(each));
    for (const each of fresh) this.keys.add(each);
    return fresh.map((each) => `  initially 0..0 writes ${each} = ${valueText(initial)} ok\n`).join('');
  }
}
