/** A history block: models by key, and operations whose times and outcomes make sense. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, HistoryConsistency, HistoryModel, HistoryPart, HistoryStatement } from '../language/syntax.ts';
import type { Catalogue } from './catalogue.ts';
import type { History, HistoryOperation, HistoryStep } from './history.ts';
import { eachStatement, type FirstLines, isFirst } from './blockNames.ts';
import type { Lowered } from './lowered.ts';
import { Reporter } from './reporter.ts';
import { commentStart, statementPlace, wordFrom, wordNamed } from './sourceText.ts';
import { listed, nearest } from './suggest.ts';

/** What can be asked of each model, as `HistoryOperation.kind` says it. */
export const HISTORY_ACTIONS: Readonly<Record<HistoryModel, readonly string[]>> = {
  register: ['write', 'read', 'cas', 'add', 'append', 'delete'],
  list: ['append', 'read', 'write', 'delete'],
  set: ['add', 'remove', 'contains', 'read'],
  queue: ['enqueue', 'dequeue'],
  mutex: ['acquire', 'release'],
  counter: ['add', 'read'],
  stack: ['enqueue', 'dequeue'],
  text: ['write', 'read', 'append', 'delete'],
};

/** What transactions may be about. */
const TOGETHER: ReadonlySet<HistoryModel> = new Set(['register', 'list']);

/** Actions whose outcome is a value. */
const ANSWERED_BY_VALUE: ReadonlySet<string> = new Set(['read', 'dequeue', 'contains']);

/** Other words for the same thing. */
const SAME_AS: Readonly<Record<string, string>> = { lock: 'acquire', unlock: 'release', push: 'enqueue', pop: 'dequeue' };

/** `writes` -> `write`: what an action is, however it is said. */
export function actionKind(word: string): string {
  const known = new Set(Object.values(HISTORY_ACTIONS).flat());
  const forms = [word, word.replace(/s$/, ''), word.replace(/es$/, '')];
  for (const form of forms) {
    if (known.has(form)) return form;
    const same = SAME_AS[form];
    if (same !== undefined) return same;
  }
  return word;
}

type Operation = Extract<HistoryStatement, { kind: 'history-operation' }>;

export function lowerHistory(document: PawlDocument, block: BlockRange, _catalogue: Catalogue): Lowered<History> {
  const report = new Reporter();
  const models = modelsOf(document, block, report), consistency = consistencyOf(document, block, report);
  const operations: HistoryOperation[] = [];
  eachStatement(document, block, report, (statement) => {
    if (statement.kind !== 'history-operation') return;
    const operation = operationOf(report, models, statement);
    if (operation !== undefined) operations.push(operation);
  });
  const value: History = { name: block.name, line: block.start, endLine: block.end, models, ...(consistency === undefined ? {} : { consistency }), operations };
  return { value: report.pointless ? undefined : value, diagnostics: report.sorted() };
}

function modelsOf(document: PawlDocument, block: BlockRange, report: Reporter): ReadonlyMap<string, HistoryModel> {
  const models = new Map<string, HistoryModel>();
  const firsts: FirstLines = new Map();
  eachStatement(document, block, report, (statement) => {
    if (statement.kind !== 'model') return;
    const key = statement.key ?? '';
    const what = key === '' ? '`model`' : `the model of \`${key}\``;
    if (isFirst(report, firsts, what, statementPlace(report.line, report.text), 'a key has one model')) models.set(key, statement.model);
  });
  return models;
}

function consistencyOf(document: PawlDocument, block: BlockRange, report: Reporter): HistoryConsistency | undefined {
  let consistency: HistoryConsistency | undefined;
  const firsts: FirstLines = new Map();
  eachStatement(document, block, report, (statement) => {
    if (statement.kind !== 'consistency') return;
    if (isFirst(report, firsts, '`consistency`', statementPlace(report.line, report.text), 'a history is asked for one')) consistency = statement.consistency;
  });
  return consistency;
}

function operationOf(report: Reporter, models: ReadonlyMap<string, HistoryModel>, statement: Operation): HistoryOperation | undefined {
  if (statement.parts !== undefined) return transactionOf(report, models, statement, statement.parts);
  const kind = actionKind(statement.action);
  if (!timesMakeSense(report, statement) || !modelAllows(report, models, statement, kind) || !outcomeMakesSense(report, statement, kind)) return undefined;
  const { client, start, end, key, argument, argument2, outcome, result } = statement;
  return { client, start, end, key, kind, argument, argument2, outcome, result: result === 'ok' ? '' : result, line: report.line };
}

/** `moves` or `does`: over registers, or lists that grow; each read saying what it found where the whole was done. */
function transactionOf(report: Reporter, models: ReadonlyMap<string, HistoryModel>, statement: Operation, parts: readonly HistoryPart[]): HistoryOperation | undefined {
  if (!timesMakeSense(report, statement)) return undefined;
  const { client, start, end, key, argument, argument2, outcome } = statement;
  const other = parts.find((part) => !TOGETHER.has(modelOf(models, part.key)));
  if (other !== undefined) {
    const at = wordNamed(report.text, other.key, report.text.indexOf(statement.action));
    report.error(at, 'statement', `\`${other.key}\` is a ${modelOf(models, other.key)}; an operation over several keys takes registers and lists only.`);
    return undefined;
  }
  const senseless = parts.find((part) => !HISTORY_ACTIONS[modelOf(models, part.key)].includes(actionKind(part.action)));
  if (senseless !== undefined) {
    const model = modelOf(models, senseless.key), after = statement.action === 'moves' ? 0 : report.text.indexOf('{');
    report.error(wordNamed(report.text, statement.action === 'moves' ? 'moves' : senseless.action, after), 'name',
      `\`${senseless.key}\` is a ${model}, and a ${model} has no operation \`${senseless.action}\`; it has ${listed(HISTORY_ACTIONS[model])}.`);
    return undefined;
  }
  const silent = outcome === 'ok' ? parts.find((part) => part.action === 'reads' && part.result === '') : undefined;
  if (silent !== undefined) {
    report.error(wordNamed(report.text, silent.key, report.text.indexOf('{')), 'statement', `Say what came back, as in \`reads ${silent.key} 5\`.`);
    return undefined;
  }
  const steps = parts.map(({ action, ...rest }): HistoryStep => ({ ...rest, kind: actionKind(action) }));
  return { client, start, end, key, kind: statement.action === 'moves' ? 'move' : 'do', argument, argument2, outcome, result: '', parts: steps, line: report.line };
}

function modelOf(models: ReadonlyMap<string, HistoryModel>, key: string): HistoryModel { return models.get(key) ?? models.get('') ?? 'register'; }

function timesMakeSense(report: Reporter, { start, end }: Operation): boolean {
  const times = wordNamed(report.text, end === undefined ? `${start}..` : `${start}..${end}`, 0);
  if (!Number.isFinite(start) || (end !== undefined && !Number.isFinite(end))) {
    report.error(times, 'quantity', 'Times are plain numbers, as in `4..11`.');
    return false;
  }
  if (end === undefined || end >= start) return true;
  report.error(times, 'quantity', `This ends before it begins; write \`${end}..${start}\` or correct one of the two.`);
  return false;
}

function modelAllows(report: Reporter, models: ReadonlyMap<string, HistoryModel>, statement: Operation, kind: string): boolean {
  const model = modelOf(models, statement.key);
  const allowed = HISTORY_ACTIONS[model];
  if (allowed.includes(kind)) return true;
  const near = nearest(kind, allowed);
  const of = (Object.keys(HISTORY_ACTIONS) as HistoryModel[]).filter((each) => HISTORY_ACTIONS[each].includes(kind));
  const other = of.length === 0 ? '' : ` It is one of a ${listed(of)}: say so with \`model ${of[0]!}\`.`;
  const end = near === undefined ? `it has ${listed(allowed)}` : `did you mean \`${near}\`?`;
  report.error(wordNamed(report.text, statement.action, 0), 'name', `A ${model} has no operation \`${statement.action}\`; ${end}.${other}`.replace('?.', '?'));
  return false;
}

function outcomeMakesSense(report: Reporter, statement: Operation, kind: string): boolean {
  if (statement.outcome !== 'ok' || !ANSWERED_BY_VALUE.has(kind)) return true;
  if (statement.result !== '' && statement.result !== 'ok') return true;
  const body = report.text.slice(0, commentStart(report.text)).trimEnd();
  const last = wordFrom(report.line, report.text, body.lastIndexOf(' ') + 1);
  report.error(last, 'statement', `Say what came back, as in \`${statement.client} ${statement.start}..${statement.end ?? ''} ${statement.action} ${statement.key} 5\`.`);
  return false;
}
