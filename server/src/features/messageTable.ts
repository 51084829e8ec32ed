/** Messages of a run as a short table: those that say the same and fared the same share a row. */
import type { Execution } from '../checkers/checker.ts';
import { code, paragraphs, table } from './markdown.ts';
import { endOf, fateOf, hasTimes, message, nameOf } from './messages.ts';
import { time } from './words.ts';

interface Group {
  readonly said: string;
  readonly fate: string;
  readonly sends: number[];
}

/** Markdown: a row each for messages that only differ in their receivers (or in their senders) and in their times. */
export function messageTable(execution: Execution, sends: readonly number[], most: number): string {
  const groups = new Map<string, Group>();
  for (const send of sends) {
    const said = message(execution, send), fate = fateOf(execution, send), key = `${said}\n${fate}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { said, fate, sends: [send] });
    else group.sends.push(send);
  }
  const parts = [...groups.values()].flatMap((group) => split(execution, group)).sort((a, b) => a.sends[0]! - b.sends[0]!);
  const rows = parts.slice(0, most).map((group) => [when(execution, group.sends), who(execution, group.sends), group.said, fared(execution, group)]);
  const left = parts.slice(most).reduce((sum, group) => sum + group.sends.length, 0);
  return paragraphs(table(['sent', 'by → to', 'message', ''], rows), left === 0 ? undefined : `… and ${left} more`);
}

/** Messages of the run, each on a row of its own, with numbers that a pattern's `#2` counts. */
export function numberedTable(execution: Execution, sends: readonly number[], marked: number | undefined, most: number): string {
  const shown = sends.map((send, index) => ({ send, number: index + 1 })).filter(({ number }) => number <= most || number === marked);
  const rows = shown.map(({ send, number }) => [number === marked ? `**#${number}**` : `#${number}`, when(execution, [send]),
    who(execution, [send]), message(execution, send), fared(execution, { fate: fateOf(execution, send), sends: [send] })]);
  return paragraphs(table(['', 'sent', 'by → to', 'message', ''], rows), sends.length === shown.length ? undefined : `… and ${sends.length - shown.length} more`);
}

/** One sender or one receiver for each row. */
function split(execution: Execution, group: Group): Group[] {
  const { log } = execution;
  const senders = new Set(group.sends.map((send) => log.node(send))), receivers = new Set(group.sends.map((send) => log.peer(send)));
  if (senders.size === 1 || receivers.size === 1) return [group];
  return [...senders].map((sender) => ({ ...group, sends: group.sends.filter((send) => log.node(send) === sender) }));
}

function who(execution: Execution, sends: readonly number[]): string {
  const names = (process: (send: number) => number): string =>
    [...new Set(sends.map(process))].sort((a, b) => a - b).map((each) => nameOf(execution, each)).join(' ');
  const pairs = new Set(sends.map((send) => `${execution.log.node(send)} ${execution.log.peer(send)}`)).size;
  const repeated = sends.length > pairs ? ` × ${sends.length}` : '';
  return `${code(`${names((send) => execution.log.node(send))} → ${names((send) => execution.log.peer(send))}`)}${repeated}`;
}

function when(execution: Execution, sends: readonly number[]): string {
  return span(execution, sends[0]!, sends.at(-1)!);
}

/** `arrived at 12 ms`; for several, `arrived by 14 ms`. */
function fared(execution: Execution, { fate, sends }: Omit<Group, 'said'>): string {
  const ends = sends.map((send) => endOf(execution, send)).filter((event) => event >= 0 && hasTimes(execution, event));
  if (!/^(held, )?arrived/.test(fate) || ends.length < sends.length) return fate;
  const last = ends.reduce((a, b) => (execution.log.timeUs(b) > execution.log.timeUs(a) ? b : a));
  const same = ends.every((event) => execution.log.timeUs(event) === execution.log.timeUs(last));
  return fate.replace('arrived', `arrived ${same ? 'at' : 'by'} ${time(execution.log.timeUs(last))}`);
}

function span(execution: Execution, first: number, last: number): string {
  if (!hasTimes(execution, first) || !hasTimes(execution, last)) return '';
  const from = time(execution.log.timeUs(first)), to = time(execution.log.timeUs(last));
  const [value, unit] = from.split(' '), sameUnit = to.endsWith(` ${unit!}`);
  return from === to ? from : `${sameUnit ? value! : from} … ${to}`;
}
