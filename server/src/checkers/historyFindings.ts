/** Findings about a history: it has no log, so operations are indexes into the history and times are its bare numbers. */
import type { History, HistoryStep } from '../model/history.ts';
import type { Finding } from './checker.ts';
import { callKindNamed } from './intervals.ts';

export function historyFinding(code: string, message: string, time: number, operations: readonly number[]): Finding {
  return { code, severity: 'error', certainty: 'proved', message, timeUs: time, witnesses: [], operations, slots: [], epochs: [], nodes: [] };
}

/** As the document says it, with the result: `B writes k = 5 (18..25)`, `C reads k: 5 (24..33)`. */
export function historyCallText(history: History, index: number): string {
  const { client, kind, key, argument, argument2, result, start, end, parts } = history.operations[index]!;
  const span = `(${start}..${end ?? ''})`;
  if (kind === 'move') return `${client} moves ${parts![1]!.argument} from ${key} to ${parts![1]!.key} ${span}`;
  if (parts !== undefined) return `${client} does { ${parts.map(stepText).join('; ')} } ${span}`;
  switch (callKindNamed(kind)) {
    case 'read': return `${client} reads ${key}: ${result} ${span}`;
    case 'dequeue': return `${client} dequeues ${key}: ${result} ${span}`;
    case 'write': return `${client} writes ${key} = ${argument} ${span}`;
    case 'cas': return `${client} cas ${key} ${argument} -> ${argument2} ${span}`;
    default: return `${client} ${kind}${argument === '' ? '' : ` ${argument}`} ${key} ${span}`;
  }
}

function stepText({ kind, key, argument, argument2, result }: HistoryStep): string {
  switch (kind) {
    case 'read': return result === '' ? `reads ${key}` : `reads ${key}: ${result}`;
    case 'write': return `writes ${key} = ${argument}`;
    case 'cas': return `cas ${key} ${argument} -> ${argument2}`;
    case 'delete': return `deletes ${key}`;
    default: return `${kind}s ${argument} to ${key}`;
  }
}
