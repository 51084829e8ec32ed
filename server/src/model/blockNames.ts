/** The names that a block declares: nodes, clients, and the labels of its operations. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, Statement, Word } from '../language/syntax.ts';
import type { Reporter, Span } from './reporter.ts';
import type { Place } from './diagnostic.ts';
import type { ResourceModel } from './scenario.ts';
import { commentStart } from './sourceText.ts';
import { MAX_CLIENTS, MAX_NODES, checkedCount } from './quantities.ts';

export interface Label {
  /** Index among the block's operations, in document order. */
  readonly operation: number;
  readonly place: Place;
}

export interface BlockNames {
  readonly nodes: readonly string[];
  readonly clients: readonly string[];
  /** By name: whether it is fenced, and its line. */
  readonly resources: ReadonlyMap<string, ResourceModel>;
  /** How many of the nodes are members at the start; undefined: no line says that some are not. */
  readonly memberCount: number | undefined;
  readonly labels: ReadonlyMap<string, Label>;
  /** Words on lines that could not be parsed, which may be names: their uses are not reported a second time. */
  readonly brokenNames: ReadonlySet<string>;
  /** Process by name: nodes first, then clients, then resources. */
  readonly processes: ReadonlyMap<string, number>;
  /** The line that declares the nodes. */
  readonly nodesLine: number | undefined;
  /** Where nodes or clients are not declared, or not legibly, one diagnostic says so, and uses of such names say nothing. */
  readonly nodesKnown: boolean;
  readonly clientsKnown: boolean;
}

/** Statements of a block that are said at most once, with the line that says them first. */
export type FirstLines = Map<string, number>;

/** Calls `visit` with each statement of the block, the report standing on its line. */
export function eachStatement(document: PawlDocument, block: BlockRange, report: Reporter, visit: (statement: Statement, line: number) => void): void {
  for (let i = block.start; i <= block.end; i++) {
    const line = document.lines[i];
    if (line?.statement === undefined) continue;
    report.line = i;
    report.text = line.text;
    visit(line.statement, i);
  }
}

/** False, with a diagnostic, where `what` was said on an earlier line. */
export function isFirst(report: Reporter, firsts: FirstLines, what: string, span: Span, way: string): boolean {
  const first = firsts.get(what);
  if (first === undefined) {
    firsts.set(what, report.line);
    return true;
  }
  const related = [{ place: { line: first, start: 0, end: 0 }, message: `${what} is said here first` }];
  report.error(span, 'statement', `${what} was said on line ${first + 1} already; ${way}.`, { related });
  return false;
}

interface Collected {
  nodes: string[];
  clients: string[];
  resources: Map<string, ResourceModel>;
  memberCount: number | undefined;
  labels: Map<string, Label>;
  kinds: Map<string, string>;
  operations: number;
  nodesLine: number | undefined;
}

function declare(report: Reporter, names: Collected, word: Word, kind: string): boolean {
  const before = names.kinds.get(word.text);
  if (before !== undefined) {
    const message = before === kind ? `There is a ${kind} \`${word.text}\` already` : `\`${word.text}\` is the name of a ${before} already`;
    report.error(word, 'name', `${message}; pick another name.`);
    return false;
  }
  names.kinds.set(word.text, kind);
  return true;
}

function collectNodes(report: Reporter, names: Collected, statement: Extract<Statement, { kind: 'nodes' }>): void {
  names.nodesLine = report.line;
  if (statement.count !== undefined) {
    const count = checkedCount(report, statement.count, 'The number of nodes', 1, MAX_NODES) ?? 0;
    for (let i = 1; i <= count; i++) {
      names.nodes.push(`n${i}`);
      names.kinds.set(`n${i}`, 'node');
    }
  }
  for (const word of statement.names) if (declare(report, names, word, 'node')) names.nodes.push(word.text);
  if (statement.spare.length > 0) names.memberCount = names.nodes.length;
  for (const word of statement.spare) if (declare(report, names, word, 'node')) names.nodes.push(word.text);
  const extra = [...statement.names, ...statement.spare][MAX_NODES];
  if (extra !== undefined) report.error(extra, 'quantity', `A block can have at most ${MAX_NODES} nodes.`);
}

function collectClients(report: Reporter, names: Collected, statement: Extract<Statement, { kind: 'clients' }>): void {
  for (const word of statement.names) if (declare(report, names, word, 'client')) names.clients.push(word.text);
  const extra = statement.names[MAX_CLIENTS];
  if (extra !== undefined) report.error(extra, 'quantity', `A block can have at most ${MAX_CLIENTS} clients.`);
}

/** First pass: declarations, duplicates among them, and what is missing. */
export function collectNames(document: PawlDocument, block: BlockRange, report: Reporter): BlockNames {
  const names: Collected = { nodes: [], clients: [], resources: new Map(), memberCount: undefined, labels: new Map(), kinds: new Map(), operations: 0, nodesLine: undefined };
  const firsts: FirstLines = new Map();
  eachStatement(document, block, report, (statement) => {
    if (statement.kind === 'nodes') {
      if (isFirst(report, firsts, '`nodes`', firstWordSpan(report.text), 'name all nodes there')) collectNodes(report, names, statement);
    } else if (statement.kind === 'clients') {
      if (isFirst(report, firsts, '`clients`', firstWordSpan(report.text), 'name all clients there')) collectClients(report, names, statement);
    }
  });
  eachStatement(document, block, report, (statement, line) => {
    if (statement.kind === 'resource' && declare(report, names, statement.name, 'resource')) names.resources.set(statement.name.text, { fenced: statement.fenced, line });
  });
  eachStatement(document, block, report, (statement, line) => {
    if (statement.kind !== 'operation') return;
    const operation = names.operations++;
    const { label } = statement;
    if (statement.action.kind === 'members') takeAdministrator(names, statement.client.text);
    if (label !== undefined && declare(report, names, label, 'label')) names.labels.set(label.text, { operation, place: { line, start: label.start, end: label.end } });
  });
  const broken = brokenLines(document, block);
  const nodesLegible = names.nodes.length > 0 && broken.nodes.length === 0;
  takeBroken(names, broken);
  const processes = new Map([...names.nodes, ...names.clients, ...names.resources.keys()].map((name, id) => [name, id] as const));
  return {
    nodes: names.nodes, clients: names.clients, resources: names.resources, memberCount: names.memberCount, labels: names.labels, brokenNames: broken.names, processes,
    nodesLine: names.nodesLine, nodesKnown: nodesLegible, clientsKnown: broken.clients.length === 0,
  };
}

/** Who asks for changes of membership is a client without being declared. */
function takeAdministrator(names: Collected, name: string): void {
  if (names.kinds.has(name)) return;
  names.kinds.set(name, 'client');
  names.clients.push(name);
}

/** What lines with syntax errors seem to declare: by the words after a header's keyword, right or nearly so. */
export interface BrokenLines {
  /** The lines' first words and the names after them; empty where there is no such line. */
  readonly nodes: readonly string[];
  readonly clients: readonly string[];
  readonly protocol: readonly string[];
  /** Every word of those lines, and of all other unreadable ones. */
  readonly names: ReadonlySet<string>;
}

export function brokenLines(document: PawlDocument, block: BlockRange): BrokenLines {
  const found = { nodes: [] as string[], clients: [] as string[], protocol: [] as string[], names: new Set<string>() };
  for (let i = block.start; i <= block.end; i++) {
    const line = document.lines[i];
    const problem = line?.problems[0];
    if (line === undefined || problem === undefined || i === block.start) continue;
    const words = line.text.slice(0, commentStart(line.text)).match(/[A-Za-z][\w.-]*/g) ?? [];
    for (const word of words) found.names.add(word);
    const first = line.text.slice(problem.start, problem.end) === words[0] ? problem.suggestion ?? words[0] : words[0];
    if (first === 'nodes' || first === 'clients' || first === 'protocol') found[first].push(...words);
  }
  return found;
}

/** Takes the names of unreadable headers all the same: whoever uses them is right. */
function takeBroken(names: Collected, broken: BrokenLines): void {
  const take = (words: readonly string[], into: string[], most: number): void => {
    for (const word of words.slice(1)) {
      if (names.kinds.has(word) || into.length >= most) continue;
      names.kinds.set(word, 'name');
      into.push(word);
    }
  };
  take(broken.nodes, names.nodes, MAX_NODES);
  take(broken.clients, names.clients, MAX_CLIENTS);
}

function firstWordSpan(text: string): Span {
  const start = text.length - text.trimStart().length;
  const length = /^\S*/.exec(text.slice(start))![0].length;
  return { start, end: start + length };
}
