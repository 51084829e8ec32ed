/** A trace block: names, words and times checked. A trace may be long, so columns are looked up only for a diagnostic. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, ScenarioStatement, TraceStatement, TraceVerb } from '../language/syntax.ts';
import type { Catalogue } from './catalogue.ts';
import type { ProcessId } from './scenario.ts';
import type { Trace, TraceItem } from './trace.ts';
import { brokenLines, collectNames, eachStatement, type FirstLines } from './blockNames.ts';
import { emptyHeader, lowerHeader, type Header } from './lowerHeader.ts';
import { headerSpan, type Lowered } from './lowered.ts';
import { NameLookup } from './nameLookup.ts';
import { Reporter } from './reporter.ts';
import { leaseIn } from './saidLease.ts';
import { setKnob } from './lowerProtocol.ts';
import { wordNamed } from './sourceText.ts';
import { listed } from './suggest.ts';

/** What clients hear; all other words of theirs are what they ask. */
const REPLIES: ReadonlySet<string> = new Set(['ok', 'failed', 'redirect']);
/** What a trace may say of a client besides its messages. */
const CLIENTS_TOO: ReadonlySet<TraceVerb> = new Set<TraceVerb>(['gives-up', 'hears', 'asks', 'ends']);
/** Epochs and slots are kept in 32 bits. */
const MAX_EPOCH = 2_147_483_647;

interface TraceScope {
  readonly report: Reporter;
  readonly names: NameLookup;
  readonly nodeCount: number;
  /** Words between nodes; undefined where any may be said. */
  readonly words: ReadonlySet<string> | undefined;
  readonly clientWords: ReadonlySet<string>;
  /** What clients say and hear besides in the trace's protocol. */
  readonly said: readonly string[];
  readonly heard: readonly string[];
  readonly protocol: string;
  /** What has a value somewhere in the trace. */
  readonly keys: ReadonlySet<string>;
}

export function lowerTrace(document: PawlDocument, block: BlockRange, catalogue: Catalogue): Lowered<Trace> {
  const report = new Reporter();
  const names = collectNames(document, block, report);
  const lookup = new NameLookup(report, names);
  const header = lowerHead(document, block, catalogue, report, lookup);
  reportMissing(document, block, report, header);
  const clientWords = new Set(catalogue.clientMessages.map((each) => each.word));
  const scope: TraceScope = {
    report, names: lookup, nodeCount: names.nodes.length, clientWords, said: ofClients(header, catalogue, 'say'), heard: ofClients(header, catalogue, 'hear'), words: wordsOf(header, catalogue), protocol: header.protocol?.spec.name ?? '',
    keys: keysOf(document, block, report),
  };
  const items: TraceItem[] = [];
  eachStatement(document, block, report, (statement) => {
    const item = itemOf(scope, statement as TraceStatement);
    if (item !== undefined) items.push(item);
  });
  const usable = !report.pointless && names.nodes.length > 0;
  const value: Trace = {
    name: block.name, line: block.start, endLine: block.end, protocol: header.protocol?.spec.name, knobs: header.protocol?.knobs ?? new Map(),
    nodes: names.nodes, memberCount: names.memberCount, clients: [...names.clients, ...names.resources.keys()],
    resources: new Set([...names.resources.keys()].map((name) => names.processes.get(name)!)), items,
  };
  return { value: usable ? value : undefined, diagnostics: report.sorted() };
}

function lowerHead(document: PawlDocument, block: BlockRange, catalogue: Catalogue, report: Reporter, names: NameLookup): Header {
  const header = emptyHeader();
  const firsts: FirstLines = new Map();
  eachStatement(document, block, report, (statement) => {
    if (statement.kind === 'message' || statement.kind === 'event') return;
    if (statement.kind === 'knob') { if (header.protocol !== undefined) setKnob(report, header.protocol, statement); }
    else lowerHeader({ report, names, catalogue, firsts, header, recorded: true }, statement as ScenarioStatement);
  });
  return header;
}

function reportMissing(document: PawlDocument, block: BlockRange, report: Reporter, header: Header): void {
  if (header.nodesSaid || brokenLines(document, block).nodes.length > 0) return;
  report.line = block.start;
  report.error(headerSpan(document, block), 'statement', 'This trace names no nodes; add a line such as `nodes A B C`.');
}

function ofClients(header: Header, catalogue: Catalogue, part: 'say' | 'hear'): readonly string[] {
  const specs = header.protocol === undefined ? catalogue.protocols : [header.protocol.spec];
  return specs.flatMap((spec) => spec.messages.filter((each) => each.clients === part).map((each) => each.word));
}

/** Keys that are certainly keys: those of `k = 1`. */
function keysOf(document: PawlDocument, block: BlockRange, report: Reporter): ReadonlySet<string> {
  const keys = new Set<string>();
  eachStatement(document, block, report, (statement) => {
    const equals = 'content' in statement && typeof statement.content === 'string' ? statement.content.indexOf(' = ') : -1;
    if (equals > 0) keys.add((statement as { readonly content: string }).content.slice(0, equals));
  });
  return keys;
}

/** The words of the trace's protocol; of all protocols where it names none; undefined where that protocol's are not known. */
function wordsOf(header: Header, catalogue: Catalogue): ReadonlySet<string> | undefined {
  if (header.protocolSaid && !header.protocol?.spec.available) return undefined;
  const specs = header.protocol === undefined ? catalogue.protocols : [header.protocol.spec];
  return new Set(specs.flatMap((spec) => spec.messages.map((each) => each.word)));
}

function itemOf(scope: TraceScope, statement: TraceStatement): TraceItem | undefined {
  if (statement.kind === 'message') return messageOf(scope, statement);
  return statement.kind === 'event' ? eventOf(scope, statement) : undefined;
}

const isResource = ({ names: { names } }: TraceScope, process: ProcessId): boolean => process >= names.nodes.length + names.clients.length;

/** A client: neither a node nor a resource. */
const asks = (scope: TraceScope, process: ProcessId): boolean => process >= scope.nodeCount && !isResource(scope, process);

type Message = Extract<TraceStatement, { kind: 'message' }>;

function messageOf(scope: TraceScope, statement: Message): TraceItem | undefined {
  const { report } = scope;
  const from = process(scope, statement.from, 0);
  const to = process(scope, statement.to, statement.from === statement.to ? 1 : 0);
  if (from === undefined || to === undefined || !epochFits(scope, statement)) return undefined;
  const place = (): { start: number; end: number } => wordNamed(report.text, statement.word, report.text.indexOf('->'));
  const toSpan = (): { start: number; end: number } => wordNamed(report.text, statement.to, report.text.indexOf('->'));
  if (from === to) {
    report.error(toSpan(), 'name', `\`${statement.to}\` sends itself no messages; name two processes.`);
    return undefined;
  }
  if (asks(scope, from) && asks(scope, to)) {
    report.error(toSpan(), 'name', `Clients talk to nodes only; name a node: ${listed(scope.names.names.nodes)}.`);
    return undefined;
  }
  const wrong = wrongWord(scope, statement.word, from, to);
  if (wrong !== undefined) {
    report.name({ ...place(), text: statement.word }, wrong.message, wrong.words, `it is one of ${listed(wrong.words, 40)}.`);
    return undefined;
  }
  if (SAYS_ENTRY.has(statement.word) && !contentReads(scope, statement.content)) return undefined;
  const { times } = statement;
  if (times?.sentUs !== undefined && times.deliveredUs !== undefined && times.deliveredUs < times.sentUs) {
    report.error(timesSpan(report.text), 'quantity', 'This is delivered before it is sent; the earlier time comes first.');
    return undefined;
  }
  return {
    kind: 'message', line: report.line, sentUs: times?.sentUs, deliveredUs: times?.deliveredUs, lost: times?.lost ?? false, open: times?.open ?? false, from, to,
    word: statement.word, content: statement.content, epoch: statement.leader, slot: statement.request, group: statement.shard ?? 0,
  };
}

/** Why a word cannot be said between these two, and what can. */
function wrongWord(scope: TraceScope, word: string, from: ProcessId, to: ProcessId): { message: string; words: readonly string[] } | undefined {
  const fromClient = asks(scope, from);
  if (fromClient || asks(scope, to)) {
    const words = [...[...scope.clientWords].filter((each) => REPLIES.has(each) !== fromClient), ...(fromClient ? scope.said : scope.heard)];
    if (words.includes(word) || scope.words === undefined) return undefined;
    return { message: fromClient ? `A client does not say \`${word}\`` : `A client does not hear \`${word}\``, words };
  }
  if (scope.words === undefined || scope.words.has(word) || scope.clientWords.has(word)) return undefined;
  const speaker = scope.protocol === '' ? 'No protocol' : `\`${scope.protocol}\``;
  return { message: scope.protocol === '' ? `${speaker} has a message \`${word}\`` : `${speaker} has no message \`${word}\``, words: [...scope.words] };
}

function eventOf(scope: TraceScope, statement: Extract<TraceStatement, { kind: 'event' }>): TraceItem | undefined {
  const node = process(scope, statement.node, 0);
  const peer = statement.peer === '' ? -1 : process(scope, statement.peer, statement.peer === statement.node ? 1 : 0);
  if (node === undefined || peer === undefined || !epochFits(scope, statement)) return undefined;
  if (DOES_ENTRY.has(statement.verb) && !contentReads(scope, statement.content)) return undefined;
  if (statement.verb === 'leases' && !leaseReads(scope, statement.content)) return undefined;
  const heard = statement.verb === 'hears' || statement.verb === 'adopts' ? heardBy(scope, statement.content.replaceAll(' | ', ' ')) : [];
  if (heard === undefined) return undefined;
  if (statement.verb === 'serves' ? !isResource(scope, node) : node >= scope.nodeCount && !CLIENTS_TOO.has(statement.verb)) {
    scope.report.error(wordNamed(scope.report.text, statement.node, 0), 'name',
      statement.verb === 'serves' ? `\`${statement.node}\` is no resource; declare it with \`resource ${statement.node}\`.`
        : `\`${statement.node}\` is ${isResource(scope, node) ? 'a resource' : 'a client'}; only nodes do this: ${listed(scope.names.names.nodes)}.`);
    return undefined;
  }
  return {
    kind: 'event', line: scope.report.line, timeUs: statement.times?.sentUs, node, verb: statement.verb, peer,
    content: statement.content, epoch: statement.leader, slot: statement.request, group: statement.shard ?? 0, heard,
  };
}

/** Messages and events whose content is what one slot holds: `k = 1`, `add 5 to k`, `no-op`. Others may say anything. */
const SAYS_ENTRY: ReadonlySet<string> = new Set(['write', 'propose', 'accept', 'commit']);
const DOES_ENTRY: ReadonlySet<string> = new Set(['accepts', 'commits', 'applies']);

/** Actions that stand before their key: in `read k` no sign is missing. */
const ACTS_FIRST: ReadonlySet<string> = new Set(['read', 'delete', 'add', 'append', 'cas']);

/** Reports what certainly is no content: a value without its key, no sign between the two, or a key alone. */
function contentReads({ report, keys }: TraceScope, content: string): boolean {
  const words = content.split(' ');
  const wrong = words[0] === '=' ? ['=', 'Before `=` stands a key, as in `k = 1`.']
    : words.length === 2 && !ACTS_FIRST.has(words[0]!) && /^[\w.-]+$/.test(content.replace(' ', '')) ? [words[1]!, `Between a key and its value stands \`=\`, as in \`${words[0]!} = ${words[1]!}\`.`]
    : keys.has(content) ? [content, `\`${content}\` is a key; say what is done to it, as in \`${content} = 1\` or \`read ${content}\`, or leave it away.`]
    : undefined;
  if (wrong === undefined) return true;
  report.error(wordNamed(report.text, wrong[0]!, Math.max(0, report.text.indexOf(content))), 'statement', wrong[1]!);
  return false;
}

function leaseReads({ report }: TraceScope, content: string): boolean {
  if (leaseIn(content) !== undefined) return true;
  report.error(wordNamed(report.text, 'leases', 0), 'statement',
    'A lease says from when to when it holds, as in `A leases 0ms..250ms {1}`, or besides `lasting 100ms while others wait 150ms` by the nodes’ own clocks.');
  return false;
}

/** The processes of `hears B C`; none of `hears nobody`. */
function heardBy(scope: TraceScope, content: string): readonly ProcessId[] | undefined {
  const names = content === '' || content === 'nobody' ? [] : content.split(' ');
  const found = names.map((name) => process(scope, name, 0)).filter((id) => id !== undefined);
  return found.length < names.length ? undefined : found;
}

/** A process by name; `nth` says which of the equal words on the line is meant, from 0. */
function process(scope: TraceScope, name: string, nth: number): ProcessId | undefined {
  const id = scope.names.names.processes.get(name);
  if (id !== undefined) return id;
  let span = wordNamed(scope.report.text, name, 0);
  for (let i = 0; i < nth; i++) span = wordNamed(scope.report.text, name, span.end);
  return scope.names.process({ text: name, ...span });
}

function epochFits({ report }: TraceScope, statement: { leader: number; request: number }): boolean {
  if (statement.leader <= MAX_EPOCH && statement.request <= MAX_EPOCH) return true;
  const start = report.text.lastIndexOf('{');
  report.error({ start, end: report.text.indexOf('}', start) + 1 }, 'quantity', `An epoch can be at most ${MAX_EPOCH}.`);
  return false;
}

function timesSpan(text: string): { start: number; end: number } {
  const start = text.indexOf('@');
  const length = /^@[^\sA-Za-z]*[\w.]*/.exec(text.slice(start))?.[0].length ?? 1;
  return { start, end: start + length };
}
