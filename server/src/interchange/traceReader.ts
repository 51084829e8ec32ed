/**
 * Reads a trace from its first moment to its last and writes down what happened, in the events that checkers read. Besides
 * what the trace says outright, it draws the conclusions that are certain:
 * - whoever receives or sends a newer epoch has promised it (where nodes keep epochs; otherwise only a leader's word counts),
 *   and so has whoever acts in it;
 * - whoever sends `accept` has accepted, whoever sends `promise` has voted, whoever sends `propose` holds the entry itself,
 *   and a leader that sends `commit` has decided; whoever proposes or sends heartbeats leads the epoch it names.
 * Receiving `commit` is being told: whether the node obeyed, only `applies` says.
 */
import { EVENT, EventLog, type EventKind } from '../engine/events.ts';
import { isAsking } from '../model/sessions.ts';
import type { Trace, TraceMessage, TraceNodeEvent } from '../model/trace.ts';
import { leaseIn } from '../model/saidLease.ts';
import type { Moment } from './traceOrder.ts';
import { wholeOf } from './traceBatches.ts';
import { leaseColumns } from './traceLeases.ts';
import { nodeOf, TraceKnown, within } from './traceKnown.ts';
import { TraceMembers, type QuorumsOf } from './traceMembers.ts';
import { saidIn, type Said } from './traceNumbers.ts';
import { TraceOperations } from './traceOperations.ts';
import { TraceSlots } from './traceSlots.ts';
import { TraceWorld } from './traceWorld.ts';

/** Words that only the leader of the epoch says. */
const LEADERS_WORDS: ReadonlySet<string> = new Set(['propose', 'lead', 'heartbeat']);

/** Words of an election, which even who leads already says as a candidate. */
const ELECTION_WORDS: ReadonlySet<string> = new Set(['propose-leader', 'promise', 'refuse']);

/** Words about one slot, whether or not they say its content. */
const SLOT_WORDS: ReadonlySet<string> = new Set(['propose', 'accept', 'reject', 'pre-commit', 'ack-pre', 'commit', 'abort', 'ack', 'query', 'decision']);

/** Verbs by which a node obeys the epoch that it names. (It may abort by itself.) */
const OBEYING: ReadonlySet<TraceNodeEvent['verb']> = new Set(['leads', 'follows', 'votes', 'stands', 'accepts', 'applies', 'skips', 'commits']);

/** Verbs about a slot as a place: its content is not meant. */
const WITHOUT_CONTENT: ReadonlySet<TraceNodeEvent['verb']> = new Set(['truncates', 'commit-index']);

const KINDS: Readonly<Record<TraceNodeEvent['verb'], EventKind>> = {
  leads: EVENT.leads, follows: EVENT.follows, promises: EVENT.promise, votes: EVENT.vote, accepts: EVENT.accept, applies: EVENT.apply,
  commits: EVENT.commit, discards: EVENT.discard, crashes: EVENT.crash, restarts: EVENT.restart, pauses: EVENT.pause, resumes: EVENT.resume,
  'times-out': EVENT.timeout, aborts: EVENT.abort, persists: EVENT.persist, 'steps-down': EVENT.stepsDown, stands: EVENT.candidate, leases: EVENT.lease,
  truncates: EVENT.truncate, doubts: EVENT.doubt, settles: EVENT.settled, skips: EVENT.apply, 'commit-index': EVENT.commitIndex,
  'gives-up': EVENT.info, hears: EVENT.links, adopts: EVENT.config, asks: EVENT.invoke, ends: EVENT.ok, serves: EVENT.use,
};

/** Why `skips` has no effect, in the words of the protocols. */
export const SKIPPED = 'no effect: executed before';
/** What a trace writes after `promises` for a node that has recovered and begins anew. */
export const ANEW = 'anew';

const anew = (item: TraceNodeEvent): { a?: number } => (item.content === ANEW ? { a: 1 } : {});

/** What a node tells a client of its operation; all else it tells unasked. */
const ANSWERS: ReadonlySet<string> = new Set(['ok', 'failed', 'redirect']);

interface AboutSlot { readonly op: number; readonly text: string; readonly word: string }

export class TraceReader {
  readonly log = new EventLog();
  readonly operations: TraceOperations;
  readonly world: TraceWorld;
  private readonly trace: Trace;
  private readonly known: TraceKnown;
  private readonly slots = new TraceSlots();
  /** By node of a group (and slot, where promises are about one): the newest epoch it has promised. */
  private readonly promised = new Map<string, number>();
  private readonly promisesBySlot: boolean;
  /** Epochs by the nodes (of a group) that led them, as `node epoch`. */
  private readonly led = new Set<string>();
  private readonly leading = new Set<number>();
  private readonly nodesKeepEpochs: boolean;
  /** What arrives is what was sent, or nodes would not have obeyed it. */
  private readonly vouched: boolean;
  /** Leaders take no notice of newer epochs. */
  private readonly leadersKeepOn: boolean;
  /** By message (its item): the index of its `send`. */
  private readonly sends = new Map<number, number>();
  /** By node: indexes of the messages it received from nodes, as long as something may refer to them. */
  private readonly received: number[][];
  /** By operation of a client whose operations the trace tells by themselves: the last answer to it. */
  private readonly answers = new Map<number, number>();
  /** By node: indexes of the requests it received from clients. */
  private readonly requests: number[][];

  private readonly members: TraceMembers;

  /** `repliesNeeded`: how many nodes must give a client the same answer. `quorumsOf`: the sizes of quorums among so many members. */
  constructor(trace: Trace, repliesNeeded: number, quorumsOf: QuorumsOf) {
    this.trace = trace;
    this.members = new TraceMembers(trace, quorumsOf);
    this.operations = new TraceOperations(repliesNeeded);
    this.known = new TraceKnown(trace);
    this.promisesBySlot = trace.items.some((item) => item.kind === 'event' && item.verb === 'promises' && item.slot > 0);
    this.received = [...trace.nodes, ...trace.clients].map(() => []);
    this.requests = [...trace.nodes, ...trace.clients].map(() => []);
    this.vouched = ['checksum', 'authentication'].some((knob) => (trace.knobs.get(knob)?.value ?? 'off') !== 'off');
    this.nodesKeepEpochs = trace.knobs.get('ratchet')?.value !== 'none';
    this.leadersKeepOn = trace.knobs.get('ratchet-scope')?.value === 'followers';
    this.world = new TraceWorld(trace.nodes.length, trace.nodes.length + trace.clients.length, this.known.shows('persists'), this.promisesBySlot);
  }

  read(moment: Moment): void {
    const item = this.trace.items[moment.item]!;
    if (item.kind === 'event') this.event(item, moment.timeUs);
    else if (moment.delivery) this.delivery(item, moment);
    else this.sending(item, moment);
  }

  private isClient(process: number): boolean {
    return process >= this.trace.nodes.length && !this.trace.resources.has(process);
  }

  private sending(item: TraceMessage, { item: id, timeUs }: Moment): void {
    const said = saidIn(item.content);
    let op = -1, text = said.content;
    if (this.isClient(item.from)) {
      if (isAsking(item.word)) op = this.ask(item, said, timeUs);
    } else if (this.isClient(item.to)) {
      if (this.known.records('asks', item.to)) op = this.operationOf(item.to, said);
      else if (ANSWERS.has(item.word)) op = this.operations.answered(item.from, item.to, item.word, said);
      this.slots.dismissed(item.from, op);
    } else {
      const about = this.aboutSlot(item.from, item, said.content !== '' || SLOT_WORDS.has(item.word));
      op = about.op;
      if (said.content !== '') text = about.text;
      this.concludeFromSending(item, timeUs, about);
    }
    const message = { group: item.group, word: item.word, epoch: item.epoch, slot: item.slot, message: id, op, text, line: item.line };
    const send = this.log.add(timeUs, EVENT.send, { node: item.from, peer: item.to, ...message, ...(this.vouched || item.sentUs !== undefined || item.deliveredUs === undefined ? {} : { a: 1 }) });
    this.sends.set(id, send);
    if (item.lost) this.log.add(timeUs, EVENT.lost, { node: item.from, peer: item.to, ...message, detail: 'the trace says so', cause: send });
  }

  /** What is said of a slot: its content, and the operations it stems from (`word`: where they are several). */
  private aboutSlot(node: number, { epoch, slot: number, content, group }: { epoch: number; slot: number; content: string; group: number }, stems = true): AboutSlot {
    const slot = within(group, number);
    let parts = this.slots.partsIn(content);
    const text = this.slots.contentOf(epoch, slot, wholeOf(parts));
    if (!stems) return { op: -1, text, word: '' };
    if (content === '') parts = this.slots.partsIn(text);
    const ops = parts.map((part, at) => {
      const op = this.slots.operationOf(node, epoch, slot, part.content, this.named(part), at);
      return op >= 0 && part.skipped ? -1 - op : op;
    });
    if (parts.length === 1) return { op: ops[0]!, text, word: '' };
    const first = ops[0]!, known = ops.filter((op, at) => op >= 0 || parts[at]!.skipped);
    return { op: first < 0 && parts[0]!.skipped ? -1 - first : first, text, word: known.join(' ') };
  }

  /** The operation that a slot's content names: `#c1.2`. */
  private named({ client, number }: Said): number | undefined {
    if (client === undefined || number === undefined) return undefined;
    return this.operations.named(this.trace.nodes.length + this.trace.clients.indexOf(client), number);
  }

  /** The operation that a message of a client names whose operations the trace tells by themselves. */
  private operationOf(client: number, { number }: Said): number {
    return number === undefined ? -1 : this.operations.named(client, number) ?? -1;
  }

  /** `c1 asks lock /lock #1`, `c1 ends ok /lock/n-0000000000 #1` */
  private tell(item: TraceNodeEvent, timeUs: number): void {
    const { node, line } = item, said = saidIn(item.content), [word = '', ...rest] = said.content.split(' '), content = rest.join(' ');
    if (item.verb === 'asks') {
      this.invoke(node, word, content, this.operations.ask(node, word, { ...said, content }).op, line, timeUs);
      return;
    }
    const op = this.operationOf(node, said), ok = word === 'ok';
    if (!this.operations.isOpen(node, op)) return;
    const cause = this.answers.get(op) ?? -1, peer = cause < 0 ? -1 : this.log.peer(cause);
    const end = this.log.add(timeUs, ok ? EVENT.ok : EVENT.fail, { node, peer, op, text: content, cause, line });
    this.operations.end(node, op, end, ok ? 'ok' : 'failed', ok ? content : undefined);
  }

  /** A client's request: begins an operation, or asks for it again. */
  private ask(item: TraceMessage, said: Said, timeUs: number): number {
    if (this.known.records('asks', item.from)) return this.operationOf(item.from, said);
    const { op, begins } = this.operations.ask(item.from, item.word, said);
    return begins ? this.invoke(item.from, item.word, said.content, op, item.line, timeUs) : op;
  }

  private invoke(client: number, word: string, content: string, op: number, line: number, timeUs: number): number {
    const text = `${word} ${content}`.trimEnd();
    const invoke = this.log.add(timeUs, EVENT.invoke, { node: client, op, text, line });
    this.operations.begin(client, word, content, invoke);
    return op;
  }

  private concludeFromSending(item: TraceMessage, timeUs: number, about: AboutSlot): void {
    const { from: node, epoch, slot, word, group } = item;
    if (epoch < 0) return;
    // A liar may claim any epoch. A trace that shows promises shows which were made.
    if (this.nodesKeepEpochs && !this.known.shows('promises')) this.promise(node, item, -1, timeUs, -1);
    const { op, text, word: ops } = about;
    const entry = { group, node, epoch, slot, op, text, word: ops, line: item.line, cause: this.lastReceived(node, item) };
    if (LEADERS_WORDS.has(word) && this.known.first('leads', within(group, node), epoch, -1)) {
      this.led.add(`${within(group, node)} ${epoch}`);
      this.log.add(timeUs, EVENT.leads, { group, node, epoch, b: this.members.countOf(node), line: item.line });
    }
    if (word === 'promise' && this.concludes('votes', within(group, node), epoch, -1)) this.log.add(timeUs, EVENT.vote, { group, node, peer: item.to, epoch, line: item.line });
    if (slot < 0) return;
    if ((word === 'accept' || word === 'propose') && this.concludes('accepts', within(group, node), epoch, slot)) this.log.add(timeUs, EVENT.accept, entry);
    if (word === 'commit' && this.concludes('commits', within(group, node), epoch, slot)) this.log.add(timeUs, EVENT.commit, entry);
  }

  /** Whether this must have happened: the trace does not record such events of the node, and it was not concluded before. */
  private concludes(verb: TraceNodeEvent['verb'], node: number, epoch: number, slot: number): boolean {
    return !this.known.records(verb, node) && this.known.first(verb, node, epoch, slot);
  }

  private delivery(item: TraceMessage, { item: id, timeUs }: Moment): void {
    const cause = this.sends.get(id) ?? -1;
    const op = cause < 0 ? -1 : this.log.op(cause);
    const content = cause < 0 ? saidIn(item.content).content : this.log.text(cause);
    const receive = this.log.add(timeUs, EVENT.receive,
      { group: item.group, node: item.to, peer: item.from, word: item.word, epoch: item.epoch, slot: item.slot, message: id, op, text: content, cause, line: item.line });
    if (this.isClient(item.to)) {
      this.answer(item, content, timeUs, op, receive);
    } else if (this.isClient(item.from)) {
      this.requests[item.to]!.push(receive);
      this.operations.reached(item.to, item.from, op);
      this.slots.requested(item.to, op, item.word, content);
    } else {
      this.received[item.to]!.push(receive);
      if (this.bindsWhenHeard(item)) this.promise(item.to, item, item.from, timeUs, receive);
    }
  }

  /** Whether hearing this message is a promise of its epoch, if that is newer. */
  private bindsWhenHeard(item: TraceMessage): boolean {
    if ((this.leadersKeepOn || !this.nodesKeepEpochs) && this.leading.has(within(item.group, item.to))) return false;
    if (!this.nodesKeepEpochs) return this.led.has(`${within(item.group, item.from)} ${item.epoch}`) && !ELECTION_WORDS.has(item.word);
    // A candidate may be refused, and one node alone that gives up a leader be left alone. A trace that shows promises shows
    // it where this one was made, also by what was ignored then.
    if (!this.known.shows('promises')) return true;
    return item.word !== 'propose-leader' && item.word !== 'view-change' && !this.known.discards(within(item.group, item.to), item.word, item.epoch, item.slot);
  }

  /** A client hears how its operation ended. A redirect is no answer. */
  private answer(item: TraceMessage, content: string, timeUs: number, op: number, receive: number): void {
    if (this.known.records('asks', item.to)) {
      if (ANSWERS.has(item.word)) this.answers.set(op, receive);
      return;
    }
    if (!this.operations.isOpen(item.to, op) || (item.word !== 'ok' && item.word !== 'failed')) return;
    const ok = item.word === 'ok';
    const value = ok ? content : undefined;
    if (!this.operations.isBelieved(op, item.from, `${item.word} ${content}`)) return;
    const fields = { node: item.to, peer: item.from, op, text: content, cause: receive, line: item.line };
    const end = this.log.add(timeUs, ok ? EVENT.ok : EVENT.fail, fields);
    this.operations.end(item.to, op, end, ok ? 'ok' : 'failed', value);
  }

  /** Records a promise of an epoch that is newer than the node's. */
  private promise(node: number, about: TraceMessage | TraceNodeEvent, peer: number, timeUs: number, cause: number): void {
    // Where promises are about one slot, the trace shows each of them.
    if (this.promisesBySlot) return;
    const { epoch, line, group } = about, scope = this.scopeOf(within(group, node), about.slot);
    if (epoch <= (this.promised.get(scope) ?? -1)) return;
    this.promised.set(scope, epoch);
    this.log.add(timeUs, EVENT.promise, { group, node, epoch, peer, cause, line, ...this.slotOfPromise(about.slot) });
  }

  /** What a promise binds: its node, or its node about one slot. */
  private scopeOf(node: number, slot: number): string { return this.promisesBySlot ? `${node} ${slot}` : String(node); }

  private slotOfPromise(slot: number): { slot?: number } { return this.promisesBySlot ? { slot } : {}; }

  private event(item: TraceNodeEvent, timeUs: number): void {
    if (item.verb === 'gives-up') {
      this.giveUp(item, timeUs);
      return;
    }
    if (item.verb === 'asks' || item.verb === 'ends') {
      this.tell(item, timeUs);
      return;
    }
    if (item.verb === 'hears') {
      this.hear(item, timeUs);
      return;
    }
    const { node, epoch, verb, line, group } = item, own = within(group, node);
    const keeps = this.nodesKeepEpochs || (verb !== 'votes' && verb !== 'stands');
    if (OBEYING.has(verb) && keeps) this.promise(node, item, item.peer, timeUs, this.lastReceived(node, item));
    if (verb === 'promises') this.promised.set(this.scopeOf(own, item.slot), epoch);
    if (verb === 'leads') {
      this.led.add(`${own} ${epoch}`);
      this.leading.add(own);
    }
    if (verb === 'steps-down' || verb === 'follows') this.leading.delete(own);
    if (verb === 'crashes') for (const each of [...this.leading]) if (nodeOf(each) === node) this.leading.delete(each);
    this.log.add(timeUs, KINDS[verb], { group, node, line, ...this.fieldsOf(item) });
    this.world.happened(this.log, this.log.length - 1, this.operations);
  }

  /** The columns of a node's event besides node and line. */
  private fieldsOf(item: TraceNodeEvent): Partial<Parameters<EventLog['add']>[2]> {
    const { node, epoch, slot, peer, verb } = item;
    const cause = this.lastReceived(node, item);
    switch (verb) {
      case 'leads': return { epoch, b: this.members.countOf(node), ...votesIn(item.content) };
      case 'promises': return { epoch, peer: peer >= 0 ? peer : cause < 0 ? -1 : this.log.peer(cause), cause, ...this.slotOfPromise(slot), ...anew(item) };
      case 'follows': return { epoch, peer, cause };
      case 'votes': return { epoch, peer, cause, ...this.slotOfPromise(slot) };
      case 'steps-down':
      case 'times-out':
      case 'stands': return { epoch, detail: item.content, ...this.slotOfPromise(slot) };
      case 'crashes':
      case 'pauses':
      case 'resumes': return { text: item.content };
      case 'leases': {
        const said = leaseIn(item.content);
        return { epoch, ...(said === undefined ? {} : leaseColumns(said)) };
      }
      case 'restarts': return { a: this.world.restarted(node) };
      case 'discards': return this.discarded(item);
      case 'adopts': return this.members.adopted(item);
      case 'serves': {
        const said = saidIn(item.content);
        return { peer, op: this.operationOf(peer, said), text: said.content, a: Number(/^token (\d+)/.exec(said.content)?.[1] ?? -1) };
      }
      default: {
        const about = WITHOUT_CONTENT.has(verb) ? this.aboutPlace(item) : this.aboutSlot(node, item);
        const doubter = verb === 'doubts' && cause >= 0 ? { peer: this.log.peer(cause) } : {};
        return { epoch, slot, ...about, cause, ...doubter, ...(verb === 'skips' ? { detail: SKIPPED } : {}) };
      }
    }
  }

  /** Of a slot as a place: its content is not meant. */
  private aboutPlace({ node, epoch, slot, content, group }: TraceNodeEvent): AboutSlot {
    const said = saidIn(content);
    return { op: this.slots.operationOf(node, epoch, within(group, slot), said.content, this.named(said)), text: said.content, word: '' };
  }

  /** A message that the node ignored: the last one it received that fits what the trace says of it. */
  private discarded(item: TraceNodeEvent): Partial<Parameters<EventLog['add']>[2]> {
    const { log } = this;
    const [word] = item.content.split(' ');
    const fits = (i: number): boolean => (item.content === '' || log.word(i) === word || log.text(i) === item.content) && log.group(i) === item.group && (item.epoch < 0 || log.epoch(i) === item.epoch) && (item.slot < 0 || log.slot(i) === item.slot)
      && (item.peer < 0 || log.peer(i) === item.peer);
    const received = this.received[item.node]!.findLast(fits);
    if (received === undefined) return this.ignoredRequest(item) ?? { epoch: item.epoch, slot: item.slot, peer: item.peer, text: item.content };
    return {
      peer: log.peer(received), word: log.word(received), epoch: log.epoch(received), slot: log.slot(received), message: log.message(received),
      op: log.op(received), text: log.text(received), cause: received,
    };
  }

  private hear(item: TraceNodeEvent, timeUs: number): void {
    this.world.hears(item.node, item.heard);
    const text = `${this.nameOf(item.node)} hears ${item.heard.map((process) => this.nameOf(process)).join(' ') || 'nobody'}`;
    this.log.add(timeUs, EVENT.links, { text, line: item.line });
  }

  private nameOf(process: number): string {
    return [...this.trace.nodes, ...this.trace.clients][process] ?? '?';
  }

  /** A client's request that the node ignores. */
  private ignoredRequest(item: TraceNodeEvent): Partial<Parameters<EventLog['add']>[2]> | undefined {
    const [word] = item.content.split(' ');
    const { log } = this;
    const at = this.requests[item.node]!.findLastIndex((i) => log.word(i) === word && (item.peer < 0 || log.peer(i) === item.peer));
    if (at < 0) return undefined;
    const [received] = this.requests[item.node]!.splice(at, 1);
    this.slots.dismissed(item.node, log.op(received!));
    return { peer: log.peer(received!), word: log.word(received!), message: log.message(received!), op: log.op(received!), text: log.text(received!), cause: received! };
  }

  private giveUp(item: TraceNodeEvent, timeUs: number): void {
    const op = this.operations.givenUp(item.node, saidIn(item.content));
    if (op < 0) return;
    const end = this.log.add(timeUs, EVENT.info, { node: item.node, op, detail: 'no answer in time: it may have happened, or not', line: item.line });
    this.operations.end(item.node, op, end, 'unknown', undefined);
  }

  /** The last message from a node that could be what this one obeys: of its epoch (if it carries one) and slot. */
  private lastReceived(node: number, { epoch, slot, group }: TraceMessage | TraceNodeEvent): number {
    const received = this.received[node] ?? [];
    const { log } = this;
    for (let at = received.length - 1, looked = 0; at >= 0 && looked < 64; at--, looked++) {
      const i = received[at]!;
      if (log.group(i) === group && (log.epoch(i) === epoch || log.epoch(i) < 0) && (slot < 0 || log.slot(i) === slot)) return i;
    }
    return -1;
  }
}

/** `2 votes` in what a new leader says. */
function votesIn(content: string): { a?: number } {
  const votes = /^(\d+) votes?$/.exec(content)?.[1];
  return votes === undefined ? {} : { a: Number(votes) };
}
