/** Traces, in and out: an execution that has already happened, and a run written down. */
import type { Execution } from '../checkers/checker.ts';
import { EVENT } from '../engine/events.ts';
import type { Trace } from '../model/trace.ts';
import { momentsOf } from './traceOrder.ts';
import { TraceReader } from './traceReader.ts';
import { quorumsOf } from './traceHeader.ts';

export { traceOfRun } from './traceWriter.ts';

/**
 * A trace as checkers see it. Events without a time have time -1; their order is one that the trace allows. Total: any
 * trace that was lowered gives an execution, the same one each time.
 */
export function executionOfTrace(trace: Trace): Execution {
  const { election, decision, pairs, replies } = quorumsOf(trace);
  const ofMembers = (count: number): ReturnType<typeof quorumsOf> => quorumsOf({ ...trace, nodes: trace.nodes.slice(0, count), memberCount: undefined });
  const reader = new TraceReader(trace, replies, ofMembers);
  const moments = momentsOf(trace);
  const timed = moments.every((moment) => moment.timeUs >= 0);
  const endUs = timed ? moments.reduce((latest, moment) => Math.max(latest, moment.timeUs), 0) : -1;
  const startUs = timed ? Math.min(endUs, moments[0]?.timeUs ?? 0) : -1;
  reader.log.add(startUs, EVENT.config, { a: trace.memberCount ?? trace.nodes.length, b: election, slot: decision, text: membersText(trace), detail: pairs, line: trace.line });
  for (const moment of moments) reader.read(moment);
  reader.log.add(endUs, EVENT.end, { detail: 'horizon', line: trace.endLine });
  const names = [...trace.nodes, ...trace.clients];
  return {
    log: reader.log, names, nodeCount: trace.nodes.length, operations: reader.operations.observed, source: 'recorded', end: 'horizon', endUs, stableUs: undefined,
    aliveAtEnd: reader.world.alive, reachableAtEnd: reader.world.reachable, finalValues: reader.world.finalValues(),
  };
}

function membersText({ nodes, memberCount = nodes.length }: Trace): string { return memberCount < nodes.length ? nodes.slice(0, memberCount).join(' ') : ''; }
