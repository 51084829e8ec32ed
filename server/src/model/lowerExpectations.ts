/** Expectations: what they are about, and whether two of them cannot both hold. */
import type { Action, Expectation, Quantity, Word } from '../language/syntax.ts';
import type { ExpectationModel, ProcessId } from './scenario.ts';
import type { Place } from './diagnostic.ts';
import type { Scope } from './lowerEvents.ts';
import { differentNodes } from './lowerMembers.ts';
import { checkedCount, checkedTime } from './quantities.ts';
import { commentStart, statementPlace } from './sourceText.ts';
import { listed } from './suggest.ts';
import { VIOLATIONS, violationNamed } from './violations.ts';

/** An expectation without its line and text, the way its own reading gives it. */
type Content = ExpectationModel extends infer E ? E extends ExpectationModel ? Omit<E, 'line' | 'text'> : never : never;

/** What an expectation may name besides nodes and labels. */
export interface ExpectationScope extends Scope {
  /** By operation: what it asks. */
  readonly actions: readonly Action[];
  /** Keys that some operation names. */
  readonly keys: ReadonlySet<string>;
}

/** The source text of an expectation without `expect` and comment. */
export function expectationText(text: string): string {
  return text.slice(0, commentStart(text)).trim().replace(/^expect\b\s*/, '');
}

/** One expectation, or undefined where a diagnostic was given. */
export function expectationOf(scope: ExpectationScope, expectation: Expectation): ExpectationModel | undefined {
  const content = contentOf(scope, expectation);
  if (content === undefined) return undefined;
  return { line: scope.report.line, text: expectationText(scope.report.text), ...content } as ExpectationModel;
}

function contentOf(scope: ExpectationScope, expectation: Expectation): Content | undefined {
  switch (expectation.kind) {
    case 'no-violations': return { kind: 'no-violations' };
    case 'violation': return violation(scope, expectation);
    case 'leads': return leads(scope, expectation);
    case 'no-leader':
    case 'progress': {
      const by = deadline(scope, expectation.by);
      return by === 'wrong' ? undefined : { kind: expectation.kind, byUs: by };
    }
    case 'outcome': {
      const operation = scope.names.operation(expectation.op);
      const by = deadline(scope, expectation.by);
      return operation === undefined || by === 'wrong' ? undefined : { kind: 'outcome', operation, outcome: expectation.outcome, byUs: by };
    }
    case 'value': return value(scope, expectation);
    case 'members': {
      const nodes = differentNodes(scope, expectation.nodes), by = deadline(scope, expectation.by);
      return nodes === undefined || by === 'wrong' ? undefined : { kind: 'members', nodes: [...nodes].sort((a, b) => a - b), byUs: by };
    }
  }
}

function deadline(scope: Scope, by: Quantity | undefined): number | undefined | 'wrong' {
  return by === undefined ? undefined : checkedTime(scope.report, by, { what: 'A time' }) ?? 'wrong';
}

function leads(scope: Scope, expectation: Extract<Expectation, { kind: 'leads' }>): Content | undefined {
  const node = scope.names.node(expectation.node);
  const epoch = expectation.epoch === undefined ? undefined : checkedCount(scope.report, expectation.epoch, 'An epoch', 0);
  const by = deadline(scope, expectation.by);
  if (node === undefined || by === 'wrong' || (expectation.epoch !== undefined && epoch === undefined)) return undefined;
  return { kind: 'leads', node, epoch, byUs: by };
}

function violation(scope: ExpectationScope, expectation: Extract<Expectation, { kind: 'violation' }>): Content | undefined {
  const { code, negated } = expectation;
  const known = violationNamed(code.text);
  if (known === undefined) {
    const codes = VIOLATIONS.map((each) => each.code);
    scope.report.name(code, `There is no violation \`${code.text}\``, codes, `there are ${listed(codes, 30)}.`);
    return undefined;
  }
  const about = subjects(scope, expectation.on);
  const by = deadline(scope, expectation.by);
  if (!known.available) {
    scope.report.notYet(code, `Checking for \`${code.text}\``, !negated);
    return undefined;
  }
  return about === undefined || by === 'wrong' ? undefined : { kind: 'violation', negated, code: code.text, ...about, byUs: by };
}

/** What a violation is expected on: nodes, or one operation. */
function subjects(scope: ExpectationScope, words: readonly Word[]): { nodes: ProcessId[]; operation: number | undefined } | undefined {
  const { labels, brokenNames, processes, nodes, clients } = scope.names.names;
  const found: { nodes: ProcessId[]; operation: number | undefined } = { nodes: [], operation: undefined };
  for (const word of words) {
    const label = labels.get(word.text);
    if (label === undefined && brokenNames.has(word.text)) return undefined;
    if (label === undefined && !processes.has(word.text) && scope.names.names.nodesKnown) {
      scope.report.name(word, `There is no node and no label \`${word.text}\``, [...nodes, ...labels.keys()], `there are ${listed([...nodes, ...labels.keys()])}.`);
      return undefined;
    }
    if (label === undefined && clients.includes(word.text)) {
      const client = `\`${word.text}\` is a client`;
      scope.report.error(word, 'name', `${client}; a violation is on nodes or on one operation: ${listed([...nodes, ...labels.keys()])}.`);
      return undefined;
    }
    const mixed = label === undefined ? found.operation !== undefined : found.nodes.length > 0 || found.operation !== undefined;
    if (mixed) {
      scope.report.error(word, 'statement', 'A violation is on nodes or on one operation, not both; write a second `expect`.');
      return undefined;
    }
    if (label !== undefined) {
      found.operation = label.operation;
    } else {
      const node = scope.names.node(word);
      if (node === undefined) return undefined;
      found.nodes.push(node);
    }
  }
  return found;
}

/** `r1 = 5` is about an operation's answer, `k = 1 on A B` about a key's value at the end. */
function value(scope: ExpectationScope, expectation: Extract<Expectation, { kind: 'value' }>): Content | undefined {
  const { subject, on } = expectation;
  const { labels, nodes, brokenNames } = scope.names.names;
  const label = labels.get(subject.text);
  if (expectation.key !== undefined && on.length > 0) {
    scope.report.error(on[0]!, 'statement', 'What an operation read is the same wherever it is; leave `on` away.');
    return undefined;
  }
  if (on.length > 0) {
    const ids = on.map((word) => scope.names.node(word));
    const known = ids.filter((id) => id !== undefined);
    return known.length < ids.length ? undefined : { kind: 'key-value', key: subject.text, value: expectation.value.text, nodes: known };
  }
  if (label === undefined && scope.keys.has(subject.text)) {
    return { kind: 'key-value', key: subject.text, value: expectation.value.text, nodes: scope.names.names.memberCount === undefined ? nodes.map((_, id) => id) : [] };
  }
  if (label === undefined && !brokenNames.has(subject.text)) {
    const known = [...labels.keys(), ...scope.keys];
    scope.report.name(subject, `\`${subject.text}\` is neither a label nor a key here`, known, 'for a key at the end, write as in `k = 1 on A B`.');
    return undefined;
  }
  const operation = scope.names.operation(subject);
  if (operation === undefined) return undefined;
  const { key, value: { text } } = expectation;
  return readsKey(scope, operation, subject, key) ? { kind: 'read-value', operation, key: key?.text, value: text } : undefined;
}

/** What gets no value back. */
const SILENT: ReadonlySet<string> = new Set(['write', 'delete', 'move', 'set', 'remove', 'sync', 'close', 'unlock', 'use']);

/** Whether an operation gets a value back, and of a transaction which. */
function readsKey(scope: ExpectationScope, operation: number, subject: Word, key: Word | undefined): boolean {
  const asked = scope.actions[operation];
  if (asked === undefined) return true;
  const name = `\`${subject.text}\``;
  const verb = asked.kind === 'session' ? asked.call.kind : asked.kind;
  if (SILENT.has(verb) || asked.kind === 'members') {
    scope.report.error(subject, 'statement', `${name} ${asked.kind === 'members' ? 'changes the members' : `${verb}s`} and gets no value back; say \`${subject.text} acked\`.`);
    return false;
  }
  if (asked.kind === 'session') {
    if (key !== undefined) scope.report.error(key, 'statement', `${name} has one answer; say \`${subject.text} = …\`.`);
    return key === undefined;
  }
  const reads = asked.kind === 'does' ? asked.actions.flatMap((part) => (part.kind === 'read' ? [part.key.text] : [])) : asked.kind === 'move' ? [] : [asked.key.text];
  if (key !== undefined && !reads.includes(key.text)) {
    scope.report.name(key, `${name} does not read \`${key.text}\``, reads, reads.length === 0 ? `say \`${subject.text} acked\`.` : `it reads ${listed(reads)}.`);
    return false;
  }
  if (key !== undefined || asked.kind !== 'does' || reads.length === 1) return true;
  const way = reads.length === 0 ? `say \`${subject.text} acked\`` : `say which is meant, as in \`${subject.text} ${reads[0]!} = …\``;
  scope.report.error(subject, 'statement', `${name} reads ${reads.length === 0 ? 'nothing' : listed(reads)}; ${way}.`);
  return false;
}

/** Says where two expectations can never both hold; the run then tells which of the two was wrong. */
export function reportContradictions(scope: Scope, expectations: readonly ExpectationModel[], textOf: (line: number) => string): void {
  const earlier: ExpectationModel[] = [];
  for (const expectation of expectations) {
    const against = earlier.find((each) => contradicts(each, expectation) || contradicts(expectation, each));
    earlier.push(expectation);
    if (against === undefined) continue;
    const related = [{ place: placeOf(against.line, textOf), message: `\`${against.text}\` is expected here` }];
    scope.report.warningAt(placeOf(expectation.line, textOf), 'statement', `This cannot hold together with \`${against.text}\` on line ${against.line + 1}; keep one of the two.`, { related });
  }
}

function placeOf(line: number, textOf: (line: number) => string): Place {
  return statementPlace(line, textOf(line));
}

function contradicts(a: ExpectationModel, b: ExpectationModel): boolean {
  if (a.kind === 'no-violations' && b.kind === 'violation') return !b.negated && violationNamed(b.code)?.severity === 'error';
  if (a.kind === 'violation' && b.kind === 'violation') {
    return a.negated && !b.negated && a.code === b.code && isWithin(b, a);
  }
  if (a.kind === 'outcome' && b.kind === 'outcome' && a.operation === b.operation && a.outcome !== b.outcome) {
    return a.byUs === b.byUs || (a.outcome !== 'unanswered' && b.outcome !== 'unanswered');
  }
  return a.kind === 'read-value' && b.kind === 'read-value' && a.operation === b.operation && a.key === b.key && a.value !== b.value;
}

/** Whether what `some` expects is part of what `none` rules out. */
function isWithin(some: Extract<ExpectationModel, { kind: 'violation' }>, none: Extract<ExpectationModel, { kind: 'violation' }>): boolean {
  if (none.byUs !== undefined && (some.byUs === undefined || some.byUs > none.byUs)) return false;
  if (none.operation !== undefined) return some.operation === none.operation;
  return none.nodes.length === 0 || none.nodes.every((node) => some.nodes.includes(node));
}
