/**
 * Jepsen's histories (`history.edn`), old form and new: maps or `#jepsen.history.Op` records, in a vector or one after another.
 * Porcupine's key-value text and Maelstrom's histories are of the same kind.
 */
import { EdnReader, type Edn, type EdnForm } from './edn.ts';
import { isType, type EventReader, type HistoryEvent, type Problem, type Value } from './events.ts';

export class JepsenReader implements EventReader {
  private readonly forms = new EdnReader();
  /** Whether keys that are tested apart from each other stand with their values: `[k v]` (jepsen.independent, Maelstrom). The first call tells. */
  private keysInValues: boolean | undefined;

  line(text: string, line: number): readonly (HistoryEvent | Problem)[] { return this.forms.line(text, line).flatMap((form) => this.event(form)); }

  end(): readonly (HistoryEvent | Problem)[] { return this.forms.end().flatMap((form) => this.event(form)); }

  private event(form: EdnForm): readonly (HistoryEvent | Problem)[] {
    if ('problem' in form) return [form];
    const { line, value: entries } = form;
    const text = (name: string): string => textOf(entries.get(name)) ?? '';
    const process = text('process'), type = text('type'), f = text('f');
    // The nemesis and other helpers are no clients.
    if (process !== '' && !/^\d/.test(process)) return [];
    if (process === '') return [{ line, problem: 'an operation without :process' }];
    if (!isType(type)) return [{ line, problem: `:type is ${type === '' ? 'missing' : `‘${type}’`}; it is invoke, ok, fail or info` }];
    if (f === '') return [{ line, problem: 'an operation without :f' }];
    const { key, value } = this.keyed(entries, f);
    return [{ line, process, type, f, key, value: valueOf(value), isSet: value?.kind === 'set' }];
  }

  private keyed(entries: ReadonlyMap<string, Edn>, f: string): { readonly key: string | undefined; readonly value: Edn | undefined } {
    const value = entries.get('value'), pair = value?.kind === 'list' && value.items.length === 2 ? value.items : undefined;
    this.keysInValues ??= f !== 'txn' && !entries.has('key') && pair !== undefined && (f !== 'cas' || pair[1]!.kind === 'list');
    if (this.keysInValues && pair !== undefined) return { key: textOf(pair[0]), value: pair[1] };
    return { key: textOf(entries.get('key')), value };
  }
}

function textOf(form: Edn | undefined): string | undefined { return form !== undefined && 'text' in form ? form.text : undefined; }

function valueOf(form: Edn | undefined): Value {
  if (form === undefined || form.kind === 'nil') return undefined;
  if ('text' in form) return form.text;
  if ('items' in form) return form.items.map(valueOf);
  return [...form.entries].map(([key, each]) => [key, valueOf(each)]);
}
