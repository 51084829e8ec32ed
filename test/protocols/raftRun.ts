/** Small scenarios of Raft, written as a document, and what happened in them. */
import { EVENT } from '../../server/src/engine/events.ts';
import { ranDocument } from './documentRun.ts';

/** One scenario after its header; three servers and two clients. */
export function ran(lines: readonly string[], knobs = '', nodes = 'S1 S2 S3') {
  const base = ranDocument('raft', [`nodes ${nodes}`, 'clients c1 c2'], lines, knobs.replaceAll(', ', ' ')), { run, log, events } = base;
  return {
    ...base,
    /** `node epoch` of each event of a kind. */
    all: (kind: keyof typeof EVENT) => events.filter((i) => log.kind(i) === EVENT[kind]).map((i) => `${run.names[log.node(i)]} ${log.epoch(i)}`),
    sent: (word: string) => events.filter((i) => log.kind(i) === EVENT.send && log.word(i) === word).map((i) => `${run.names[log.node(i)]} -> ${run.names[log.peer(i)]} ${log.text(i)}`.trimEnd()),
    logs: () => run.finalViews.map((view) => view.log.map(({ content }) => content).join(', ')),
  };
}
