/**
 * Events as JSON, one object a line:
 *
 *     {"process": 0, "type": "invoke", "f": "write", "key": "k", "value": 1}
 *     {"process": 0, "type": "ok", "f": "write", "key": "k", "value": 1}
 *
 * `type` is invoke, ok, fail (it certainly did not happen) or info (nobody knows); `key` may be left out where there is one object;
 * the value of a `cas` is [expected, new], and of a `txn` [["append", key, value], ["r", key, null], …]. The lines are in the order of real time; other fields are not read.
 */
import { isType, type EventReader, type HistoryEvent, type Problem, type Value } from './events.ts';

export class JsonLinesReader implements EventReader {
  line(text: string, line: number): readonly (HistoryEvent | Problem)[] {
    if (text.trim() === '') return [];
    const fields = fieldsOf(text);
    if (fields === undefined) return [{ line, problem: 'this is no JSON object' }];
    const field = (name: string): string => word(fields[name]) ?? '';
    const process = field('process'), type = field('type'), f = field('f');
    // Whoever breaks things is no client.
    if (process === 'nemesis') return [];
    if (process === '' || f === '') return [{ line, problem: `an event without "${process === '' ? 'process' : 'f'}"` }];
    if (!isType(type)) return [{ line, problem: `"type" is ${type === '' ? 'missing' : `"${type}"`}; it is invoke, ok, fail or info` }];
    return [{ line, process, type, f, key: word(fields['key']), value: valueOf(fields['value']), isSet: false }];
  }

  end(): readonly (HistoryEvent | Problem)[] { return []; }
}

/** Numbers that JavaScript would round are taken as they stand. */
const LONG_NUMBER = /([:[,]\s*)(-?\d{16,})(?=\s*[,\]}])/g;

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text.replace(LONG_NUMBER, '$1"$2"'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function valueOf(value: unknown): Value {
  return Array.isArray(value) ? value.map(valueOf) : word(value);
}
