/** What became of messages, read from an event log: deliveries, losses, discards, and what receivers had seen before. */
import { EVENT } from '../engine/events.ts';
import type { EventLog } from '../engine/events.ts';
import type { Execution } from '../checkers/checker.ts';
import { code, escape } from './markdown.ts';
import { epoch, time } from './words.ts';

/** For each event, -1 or the next one in the life of the same message: send -> hold -> release -> receive -> discard. */
export interface Fates {
  /** From a send (or from a follower) to the next follower. */
  readonly next: Int32Array;
  /** From a receive to the discard that ignored it. */
  readonly discard: Int32Array;
}

const known = new WeakMap<EventLog, Fates>();

/** One pass over the log, remembered for as long as the log lives. */
export function fatesOf(log: EventLog): Fates {
  let fates = known.get(log);
  if (fates === undefined) {
    fates = readFates(log);
    known.set(log, fates);
  }
  return fates;
}

function readFates(log: EventLog): Fates {
  const next = new Int32Array(log.length).fill(-1), discard = new Int32Array(log.length).fill(-1);
  const last = new Int32Array(log.length).fill(-1);
  for (let i = 0; i < log.length; i++) {
    const cause = log.cause(i);
    if (cause < 0 || cause >= i) continue;
    switch (log.kind(i)) {
      case EVENT.receive: case EVENT.lost: case EVENT.hold: case EVENT.release: {
        const tail = last[cause]! < 0 ? cause : last[cause]!;
        next[tail] = i;
        last[cause] = i;
        break;
      }
      case EVENT.discard:
        discard[cause] = i;
        break;
      default:
    }
  }
  return { next, discard };
}

/** The events that followed a send, in order. */
export function followersOf(log: EventLog, send: number): number[] {
  const { next } = fatesOf(log);
  const followers: number[] = [];
  for (let i = next[send] ?? -1; i >= 0; i = next[i] ?? -1) followers.push(i);
  return followers;
}

/** `A → C`, as code. */
export function ends(execution: Execution, send: number): string {
  const { log } = execution;
  return code(`${nameOf(execution, log.node(send))} → ${nameOf(execution, log.peer(send))}`);
}

export function nameOf(execution: Execution, process: number): string {
  return execution.names[process] ?? '?';
}

/** `commit k = 1 {1,1}`, as code. */
export function message(execution: Execution, send: number): string {
  const { log } = execution;
  return code([log.word(send), log.text(send), epoch(log.epoch(send), log.slot(send))].filter((part) => part !== '').join(' '));
}

/** One line about a message: when it went, what it said, how it ended. */
export function story(execution: Execution, send: number): string {
  return `${moment(execution, send)}${ends(execution, send)} ${message(execution, send)} ${ending(execution, send)}`;
}

/** How a message ended, in words: `arrived at 12 ms`, `**lost**: partition`. */
export function ending(execution: Execution, send: number): string {
  const { log } = execution;
  const { discard } = fatesOf(log);
  const parts: string[] = [];
  for (const event of followersOf(log, send)) {
    const kind = log.kind(event);
    if (kind === EVENT.hold) parts.push('held');
    else if (kind === EVENT.release) parts.push(`released${at(execution, event)}`);
    else if (kind === EVENT.lost) parts.push(`**lost**${because(log.detail(event))}`);
    else {
      const ignored = discard[event]!;
      parts.push(`arrived${at(execution, event)}${ignored < 0 ? '' : `, **discarded**${because(log.detail(ignored))}`}`);
    }
  }
  return parts.length === 0 ? underWay(execution) : parts.join(', ');
}

/** The same without times, so that messages which fared alike read alike. */
export function fateOf(execution: Execution, send: number): string {
  const { log } = execution;
  const { discard } = fatesOf(log);
  const parts = followersOf(log, send).flatMap((event) => {
    switch (log.kind(event)) {
      case EVENT.hold: return ['held'];
      case EVENT.release: return [];
      case EVENT.lost: return [`**lost**${because(log.detail(event))}`];
      default: return [discard[event]! < 0 ? 'arrived' : `arrived, **discarded**${because(log.detail(discard[event]!))}`];
    }
  });
  return parts.length === 0 ? underWay(execution) : parts.join(', ');
}

const underWay = ({ source }: Execution): string => (source === 'recorded' ? 'not delivered when the record ends' : 'still under way at the end');

/** The last event in the life of a message, or -1. */
export function endOf(execution: Execution, send: number): number {
  return followersOf(execution.log, send).at(-1) ?? -1;
}

function because(detail: string): string {
  return detail === '' ? '' : ` (${escape(detail)})`;
}

/** `12 ms: `, or nothing where a recorded trace has no times. */
export function moment(execution: Execution, event: number): string {
  return hasTimes(execution, event) ? `${time(execution.log.timeUs(event))}: ` : '';
}

export function at(execution: Execution, event: number): string {
  return hasTimes(execution, event) ? ` at ${time(execution.log.timeUs(event))}` : '';
}

export function hasTimes(execution: Execution, event: number): boolean {
  return Number.isFinite(execution.log.timeUs(event)) && (execution.source === 'simulation' || execution.log.timeUs(event) >= 0);
}

export interface Seen {
  readonly epoch: number;
  readonly slot: number;
  /** Who told it, or -1: the node itself. */
  readonly from: number;
  readonly event: number;
}

/** The newest epoch that `node` knew of before `event`, and the first event that told it; undefined if it knew none. */
export function newestSeen(log: EventLog, node: number, event: number): Seen | undefined {
  let newest: Seen | undefined;
  for (let i = 0; i < event; i++) {
    if (log.node(i) !== node || log.group(i) !== log.group(event) || log.epoch(i) <= (newest?.epoch ?? -1) || !teaches(log.kind(i))) continue;
    const own = log.kind(i) === EVENT.leads || log.kind(i) === EVENT.candidate;
    newest = { epoch: log.epoch(i), slot: log.slot(i), from: own ? -1 : log.peer(i), event: i };
  }
  return newest;
}

function teaches(kind: number): boolean {
  return kind === EVENT.receive || kind === EVENT.promise || kind === EVENT.leads || kind === EVENT.candidate || kind === EVENT.follows;
}
