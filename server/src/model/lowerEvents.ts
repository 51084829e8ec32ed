/** Message patterns, events and triggers: from words to processes. Each gives undefined where a diagnostic was given. */
import type { EventPattern, MessagePattern, NumberWord, When, Word } from '../language/syntax.ts';
import { ANY } from './scenario.ts';
import type { EventMatch, MessageMatch, ProcessId, Trigger } from './scenario.ts';
import type { NameLookup } from './nameLookup.ts';
import type { Reporter } from './reporter.ts';
import { checkedCount, checkedTime } from './quantities.ts';
import { listed } from './suggest.ts';

/** What the statements of one block are read against. */
export interface Scope {
  readonly report: Reporter;
  readonly names: NameLookup;
  /** The message words that may be said; undefined where the protocol is unknown: then any may. */
  readonly words: ReadonlySet<string> | undefined;
  /** The protocol's name, for messages about its words. */
  readonly protocol: string;
  /** Whether its leaders can hand their leadership over. */
  readonly transfers: boolean;
}

export const isAny = (word: Word): boolean => word.text === '*';

export function nodeOrAny(scope: Scope, word: Word): ProcessId | undefined {
  return isAny(word) ? ANY : scope.names.node(word);
}

export function processOrAny(scope: Scope, word: Word): ProcessId | undefined {
  return isAny(word) ? ANY : scope.names.process(word);
}

/** False, with a diagnostic, for a word that is none of the protocol's messages. */
export function isMessageWord(scope: Scope, word: Word): boolean {
  if (scope.words === undefined || scope.words.has(word.text)) return true;
  const words = [...scope.words];
  scope.report.name(word, `\`${scope.protocol}\` has no message \`${word.text}\``, words, `its words are ${listed(words, 40)}.`);
  return false;
}

function nthOf(scope: Scope, nth: NumberWord | undefined): number | undefined | 'wrong' {
  if (nth === undefined) return undefined;
  return checkedCount(scope.report, nth, 'The number after `#`', 1) ?? 'wrong';
}

export function messageMatch(scope: Scope, pattern: MessagePattern): MessageMatch | undefined {
  const from = processOrAny(scope, pattern.from);
  const to = processOrAny(scope, pattern.to);
  const known = isAny(pattern.message) || isMessageWord(scope, pattern.message);
  const nth = nthOf(scope, pattern.nth);
  if (from === undefined || to === undefined || !known || nth === 'wrong') return undefined;
  if (from === to && from !== ANY) {
    scope.report.error(pattern.to, 'name', `\`${pattern.to.text}\` sends itself no messages; name two processes.`);
    return undefined;
  }
  const { leader, request } = pattern, about = leader < 0 ? {} : request < 0 ? { epoch: leader } : { epoch: leader, slot: request };
  return { from, to, message: isAny(pattern.message) ? undefined : pattern.message.text, ...about, nth };
}

export function eventMatch(scope: Scope, event: EventPattern): EventMatch | undefined {
  switch (event.kind) {
    case 'delivery':
    case 'send': {
      const match = messageMatch(scope, event);
      return match === undefined ? undefined : { kind: event.kind, ...match };
    }
    case 'leads':
    case 'times-out': {
      const node = nodeOrAny(scope, event.node);
      const nth = nthOf(scope, event.nth);
      return node === undefined || nth === 'wrong' ? undefined : { kind: event.kind, node, nth };
    }
    case 'acked':
    case 'answered': {
      const operation = scope.names.operation(event.op);
      return operation === undefined ? undefined : { kind: event.kind, operation };
    }
  }
}

export function triggerOf(scope: Scope, when: When): Trigger | undefined {
  const { report } = scope;
  switch (when.kind) {
    case 'always': return { kind: 'always' };
    case 'at': {
      const timeUs = checkedTime(report, when.time, { what: 'A time' });
      return timeUs === undefined ? undefined : { kind: 'at', timeUs };
    }
    case 'when': {
      const event = eventMatch(scope, when.event);
      return event === undefined ? undefined : { kind: 'when', event };
    }
    case 'after': {
      const delayUs = checkedTime(report, when.delay, { what: 'A delay' });
      const event = eventMatch(scope, when.event);
      return delayUs === undefined || event === undefined ? undefined : { kind: 'after', delayUs, event };
    }
    case 'every': return periodic(scope, when);
  }
}

function periodic({ report }: Scope, when: Extract<When, { kind: 'every' }>): Trigger | undefined {
  const periodUs = checkedTime(report, when.period, { what: 'A period', minUs: 1 });
  const fromUs = when.from === undefined ? 0 : checkedTime(report, when.from, { what: 'A time' });
  const toUs = when.to === undefined ? undefined : checkedTime(report, when.to, { what: 'A time' });
  if (periodUs === undefined || fromUs === undefined || (when.to !== undefined && toUs === undefined)) return undefined;
  if (toUs !== undefined && toUs < fromUs) {
    report.error(when.to!, 'quantity', 'This ends before it begins; the time after `to` must be the later one.');
    return undefined;
  }
  return { kind: 'every', periodUs, fromUs, toUs };
}
