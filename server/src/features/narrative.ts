/** One event of a log as one line for a person. */
import { EVENT } from '../engine/events.ts';
import type { Execution, Finding } from '../checkers/checker.ts';
import { code } from './markdown.ts';
import { ends, ending, message, moment, nameOf } from './messages.ts';
import { epoch, time } from './words.ts';

/** What happened at `event`, or undefined for kinds that only the checkers read. */
export function narrate(execution: Execution, event: number): string | undefined {
  const told = sentence(execution, event);
  return told === undefined ? undefined : `${moment(execution, event)}${told}`;
}

/** The witnesses of a finding, in the order in which they happened. */
export function witnessLines(execution: Execution, { witnesses }: Finding): string[] {
  return [...witnesses].sort((a, b) => a - b).flatMap((event) => narrate(execution, event) ?? []);
}

function sentence(execution: Execution, event: number): string | undefined {
  const { log } = execution;
  const who = log.node(event) < 0 ? '' : code(nameOf(execution, log.node(event)));
  const peer = log.peer(event) < 0 ? '' : code(nameOf(execution, log.peer(event)));
  const when = epoch(log.epoch(event), log.kind(event) === EVENT.lease ? -1 : log.slot(event));
  const about = log.text(event) === '' ? '' : ` ${code(log.text(event))}`;
  const why = log.detail(event) === '' ? '' : `: ${code(log.detail(event))}`;
  switch (log.kind(event)) {
    case EVENT.invoke: return `${who} asks${about}`;
    case EVENT.ok: return `${who} hears ${code(log.text(event) === '' ? 'ok' : log.text(event))}${peer && ` from ${peer}`}`;
    case EVENT.fail: return `${who} hears that it failed${peer && ` from ${peer}`}`;
    case EVENT.info: return `${who} gives up waiting: it may have happened, or not`;
    case EVENT.send: return `${ends(execution, event)} ${message(execution, event)}${log.detail(event) === '' ? '' : ` ${code(log.detail(event))}`} ${ending(execution, event)}`;
    case EVENT.leads: return `${who} **leads** ${code(when)}${votes(log.a(event), log.b(event))}`;
    case EVENT.stepsDown: return `${who} stops leading ${code(when)}${why}`;
    case EVENT.follows: return `${who} follows ${peer} ${code(when)}`;
    case EVENT.promise: return `${who} promises ${code(when)}${peer && `, heard from ${peer}`}`;
    case EVENT.vote: return `${who} votes for ${peer} ${code(when)}`;
    case EVENT.timeout: return `${who} times out`;
    case EVENT.candidate: return `${who} stands for election in ${code(when)}`;
    case EVENT.accept: return `${who} accepts${about} ${code(when)}`;
    case EVENT.commit: return `${who} commits${about} ${code(when)}`;
    case EVENT.apply: return `${who} applies${about} ${code(when)}`;
    case EVENT.abort: return `${who} aborts${about} ${code(when)}`;
    case EVENT.truncate: return `${who} drops its log from slot ${log.slot(event)} on`;
    case EVENT.doubt: return `${who} is in doubt about slot ${log.slot(event)}${peer && `: ${peer} knows how it ended`}`;
    case EVENT.settled: return `${who} is no longer in doubt about slot ${log.slot(event)}`;
    case EVENT.crash: return `${who} **crashes**`;
    case EVENT.restart: return `${who} restarts`;
    case EVENT.pause: return `${who} pauses${log.detail(event) && `: ${log.detail(event)}`}`;
    case EVENT.resume: return `${who} resumes`;
    case EVENT.links: return `the network is now${about || ' changed'}`;
    case EVENT.clock: return log.a(event) >= 0 ? `${who}'s clocks, and with them its timers, run at ${log.a(event) / 1e6}× true time` : `${who}'s wall clock${about}; its timers do not notice`;
    case EVENT.disk: return `${who}'s disk:${about}`;
    case EVENT.lease: return `${who} trusts a lease ${code(when)} from ${time(log.a(event))} to ${time(log.b(event))}`;
    default: return undefined;
  }
}

function votes(counted: number, nodes: number): string {
  return counted > 0 && nodes > 0 ? ` with ${counted} of ${nodes} votes` : '';
}
