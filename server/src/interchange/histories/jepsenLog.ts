/** Jepsen's own log (`jepsen.log`), as etcd's histories in Porcupine's test data: `INFO  jepsen.util - 3  :ok  :read  nil`. */
import { isType, type EventReader, type HistoryEvent, type Problem, type Value } from './events.ts';

const LINE = /\bjepsen\.[\w.]+\s+-\s+(\S+)\s+:(\w+)\s+:([\w-]+)\s*(.*)$/;

export class JepsenLogReader implements EventReader {
  line(text: string, line: number): readonly (HistoryEvent | Problem)[] {
    const parts = LINE.exec(text);
    if (parts === null) return text.trim() === '' ? [] : [{ line, problem: `‘${text.trim().slice(0, 40)}’ is no operation` }];
    const [, process = '', type = '', f = '', rest = ''] = parts;
    if (!/^\d+$/.test(process)) return [];
    if (!isType(type)) return [{ line, problem: `‘:${type}’ is no kind of event; it is invoke, ok, fail or info` }];
    return [{ line, process, type, f, key: undefined, value: valueOf(rest.trim()), isSet: false }];
  }

  end(): readonly (HistoryEvent | Problem)[] { return []; }
}

/** `nil`, `3`, `[3 5]`; what follows a failure (`:timed-out`) is no value. */
function valueOf(text: string): Value {
  if (text === '' || text === 'nil' || text.startsWith(':')) return undefined;
  if (!text.startsWith('[')) return text;
  return text.slice(1, text.indexOf(']')).split(/[\s,]+/).filter((word) => word !== '');
}
