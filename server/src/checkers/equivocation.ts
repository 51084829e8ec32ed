/**
 * A node says two different things about one slot of one epoch in messages of one kind (protocols.md C1, EQUIVOCATION): what it
 * sent counts, not what arrived, so that a message damaged on its way accuses nobody.
 *
 * Where only the receipt of a message is recorded, and no checksum or signature vouches for it, it may have been damaged on its
 * way: then the lie is only possible.
 *
 * Not counted: what a node only passes on (it had received that content for that slot before; then whoever told it is the one
 * who said both), one message that says all that another says and more, reads, and what a node says again after a restart.
 */
import { EVENT, type EventLog } from '../engine/events.ts';
import type { CheckResult, Checker, Execution, Finding } from './checker.ts';
import { finding, hasAny, missingFrom, nameOf, result } from './facts.ts';

const CODE = 'equivocation';

/** One content that a node has sent for a slot: the first `send` of it. */
interface Saying { readonly event: number; readonly passedOn: boolean }

/** `k = 1` is part of `k = 1, j = 2`. */
function isPartOf(part: string, whole: string): boolean {
  return whole.startsWith(part) && /^[,;]/.test(whole.slice(part.length));
}

function contradict(log: EventLog, a: Saying, b: Saying): boolean {
  if (log.textId(a.event) === log.textId(b.event) || (a.passedOn && b.passedOn)) return false;
  return !isPartOf(log.text(a.event), log.text(b.event)) && !isPartOf(log.text(b.event), log.text(a.event));
}

function report(execution: Execution, later: number, earlier: number): Finding {
  const { log } = execution;
  const said = (i: number): string => `${log.text(i)} to ${nameOf(execution, log.peer(i))}`;
  const message = `${nameOf(execution, log.node(later))} sent two different ${log.word(later)} messages for epoch ${log.epoch(later)} slot ${log.slot(later)}: ` +
    `${said(earlier)}, ${said(later)}.`;
  const doubtful = log.a(later) === 1 || log.a(earlier) === 1;
  return finding(execution, CODE, doubtful ? 'information' : 'error', doubtful ? `${message} Or one was damaged on its way: only its receipt is recorded.` : message, {
    certainty: doubtful ? 'possible' : 'proved',
    witnesses: [later, earlier], operations: [log.op(later), log.op(earlier)], slots: [log.slot(later)], epochs: [log.epoch(later)], nodes: [log.node(later)],
  });
}

/** Whether a message between nodes says what a slot of an epoch holds. */
function tellsSlot(execution: Execution, i: number): boolean {
  const { log, nodeCount } = execution;
  return log.epoch(i) >= 0 && log.slot(i) >= 0 && log.node(i) < nodeCount && log.peer(i) < nodeCount && log.text(i) !== '' && !log.text(i).startsWith('read ');
}

function check(execution: Execution): CheckResult {
  const { log } = execution;
  const missing = missingFrom(execution, CODE, [['messages', EVENT.send, EVENT.receive]]);
  if (missing.length > 0 || !hasAny(log, EVENT.send)) return result([], missing);
  const heard = new Set<string>(), said = new Map<string, Saying[]>(), reported = new Set<string>();
  const incarnations = new Map<number, number>();
  const findings: Finding[] = [];
  for (let i = 0; i < log.length; i++) {
    const kind = log.kind(i), node = log.node(i);
    if (kind === EVENT.restart) incarnations.set(node, (incarnations.get(node) ?? 0) + 1);
    if ((kind !== EVENT.send && kind !== EVENT.receive) || !tellsSlot(execution, i)) continue;
    const about = `${node} ${log.epoch(i)} ${log.slot(i)}`, content = `${about} ${log.textId(i)}`;
    if (kind === EVENT.receive) { heard.add(content); continue; }
    const key = `${about} ${log.wordId(i)} ${incarnations.get(node) ?? 0}`, sayings = said.get(key) ?? [];
    said.set(key, sayings);
    if (reported.has(key) || sayings.some((saying) => log.textId(saying.event) === log.textId(i))) continue;
    const saying = { event: i, passedOn: heard.has(content) };
    const other = sayings.find((earlier) => contradict(log, earlier, saying));
    sayings.push(saying);
    if (other === undefined) continue;
    reported.add(key);
    findings.push(report(execution, i, other.event));
  }
  return result(findings);
}

export const equivocation: Checker = { codes: [CODE], check };
