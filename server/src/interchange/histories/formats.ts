/** The formats that histories come in, and which one a text is in. */
import type { EventReader } from './events.ts';
import { JepsenReader } from './jepsen.ts';
import { JepsenLogReader } from './jepsenLog.ts';
import { JsonLinesReader } from './jsonLines.ts';

export const HISTORY_FORMATS = ['jepsen', 'jepsen-log', 'porcupine-kv', 'maelstrom', 'jsonl'] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

export function readerOf(format: HistoryFormat): EventReader {
  switch (format) {
    case 'jepsen-log': return new JepsenLogReader();
    case 'jsonl': return new JsonLinesReader();
    // Jepsen's notation, whoever wrote it.
    default: return new JepsenReader();
  }
}

/** Recognises a format from how a text begins (some lines will do); undefined if it is none of them. */
export function formatOf(beginning: string): HistoryFormat | undefined {
  if (/\bjepsen\.[\w.]+\s+-\s+\S+\s+:/.test(beginning)) return 'jepsen-log';
  if (/^\s*\{\s*"/m.test(beginning)) return 'jsonl';
  if (!/\{[^{}]*:(?:process|type)\s/.test(beginning)) return undefined;
  return /:key\s/.test(beginning) ? 'porcupine-kv' : 'jepsen';
}

/** What a read of nil means, where nobody says: in registers that Jepsen tests through Knossos, that the client did not learn the value. */
export const nilOf = (format: HistoryFormat): 'absent' | 'unknown' => (format === 'jepsen' ? 'unknown' : 'absent');
