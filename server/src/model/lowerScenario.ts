/** A scenario block as the engine runs it: every name resolved, every quantity within reason. */
import type { PawlDocument } from '../language/document.ts';
import type { Action, BlockRange, Quantity, ScenarioStatement } from '../language/syntax.ts';
import { moveOf } from './actions.ts';
import type { Catalogue, ProtocolSpec } from './catalogue.ts';
import type { ActionModel, ExpectationModel, KeyAction, OperationModel, Scenario, ScriptStep } from './scenario.ts';
import { brokenLines, collectNames, eachStatement, type FirstLines } from './blockNames.ts';
import { expectationOf, reportContradictions, type ExpectationScope } from './lowerExpectations.ts';
import { checkStable, faultsOf, saysWhen } from './lowerFaults.ts';
import { checkShards, emptyHeader, lowerHeader, type Header } from './lowerHeader.ts';
import { nodeOrAny, triggerOf, type Scope } from './lowerEvents.ts';
import { headerSpan, type Lowered } from './lowered.ts';
import { sessionActionOf } from './lowerSessions.ts';
import { membersAction, reportCountedMembers, reportNoMembership } from './lowerMembers.ts';
import { NameLookup } from './nameLookup.ts';
import { Reporter } from './reporter.ts';
import { MOST_REPETITIONS, writeOut } from './repetitions.ts';
import { checkedCount, checkedTime, DEFAULT_RUN_US, durationText } from './quantities.ts';
import { setKnob } from './lowerProtocol.ts';
import { statementPlace, wordFrom } from './sourceText.ts';

/** What the statements after the header add up to. */
interface Body {
  readonly operations: OperationModel[];
  readonly script: ScriptStep[];
  readonly expectations: ExpectationModel[];
}

export function lowerScenario(document: PawlDocument, block: BlockRange, catalogue: Catalogue): Lowered<Scenario> {
  const report = new Reporter();
  const names = collectNames(document, block, report);
  const lookup = new NameLookup(report, names);
  const header = lowerHead(document, block, catalogue, report, lookup);
  checkShards(report, header, (line) => document.lines[line]?.text ?? '');
  reportMissing(document, block, report, header, names.nodes.length > 0);
  reportNoMembership(document, block, report, header.protocol?.spec, catalogue);
  if (header.protocol !== undefined) reportCountedMembers(document, block, report, header.protocol);
  const { actions, keys } = whatIsAsked(document, block, report);
  const scope: ExpectationScope = { report, names: lookup, words: wordsOf(header, catalogue), protocol: header.protocol?.spec.name ?? '', transfers: header.protocol?.spec.transfers === true, actions, keys };
  const body: Body = { operations: [], script: [], expectations: [] };
  let operation = 0;
  eachStatement(document, block, report, (statement) => {
    if (statement.kind === 'operation') lowerOperation({ ...scope, catalogue }, statement, operation++, body, header);
    if (statement.kind === 'fault') lowerFault(scope, statement, body, header);
    if (statement.kind === 'stable') warnIfLate(scope, statement.from, header);
  });
  lowerExpectations(document, block, scope, body, header.stable?.fromUs);
  const endless = writeOut(body, header.runToUs ?? DEFAULT_RUN_US);
  if (endless !== undefined) {
    report.line = endless;
    report.error(statementPlace(endless, document.lines[endless]!.text), 'quantity', `This is asked more than ${MOST_REPETITIONS} times; make the period longer, or say \`to\` when it ends.`);
  }
  if (header.stable !== undefined) {
    const { fromUs, line } = header.stable;
    body.script.push({ kind: 'fault', trigger: { kind: 'at', timeUs: fromUs }, fault: { kind: 'stable' }, line });
  }
  if (report.pointless || header.protocol === undefined) return { value: undefined, diagnostics: report.sorted() };
  const { spec, knobs, line } = header.protocol;
  const value: Scenario = {
    name: block.name, line: block.start, endLine: block.end, protocol: spec.name, protocolLine: line, knobs, nodes: names.nodes, memberCount: names.memberCount,
    clients: [...names.clients, ...names.resources.keys()], resources: new Map([...names.resources].map(([name, resource]) => [names.processes.get(name)!, resource])),
    network: { delays: header.delays, loss: header.loss, duplicates: header.duplicates, order: header.order, line: header.networkLine },
    ...(header.shards.length > 1 ? { shards: header.shards } : {}), timeouts: header.timeouts, seed: header.seed, runToUs: header.runToUs,
    stableUs: header.stable?.fromUs, ...body,
  };
  return { value, diagnostics: report.sorted() };
}

/** The header's statements, and `explore`, wherever in the block they stand. */
function lowerHead(document: PawlDocument, block: BlockRange, catalogue: Catalogue, report: Reporter, names: NameLookup): Header {
  const header = emptyHeader();
  const firsts: FirstLines = new Map();
  eachStatement(document, block, report, (statement) => {
    if (statement.kind === 'explore') report.notYet(statement.keyword, 'Exploring every schedule', false, 'so the verdict is unknown.');
    else if (statement.kind === 'knob') { if (header.protocol !== undefined) setKnob(report, header.protocol, statement); }
    else lowerHeader({ report, names, catalogue, firsts, header, recorded: false }, statement as ScenarioStatement);
  });
  return header;
}

function reportMissing(document: PawlDocument, block: BlockRange, report: Reporter, header: Header, hasNodes: boolean): void {
  const broken = brokenLines(document, block);
  report.line = block.start;
  const span = headerSpan(document, block);
  if (!header.protocolSaid && broken.protocol.length === 0) report.error(span, 'statement', 'This scenario says no protocol; add a line such as `protocol primary-backup`.');
  if (!header.nodesSaid && broken.nodes.length === 0) report.error(span, 'statement', 'This scenario has no nodes; add a line such as `nodes A B C`.');
  if (!hasNodes || header.protocol === undefined) report.pointless = true;
}

/** The message words of the block's protocol and of clients; undefined where the protocol's words are not known. */
export function wordsOf(header: Header, catalogue: Catalogue): ReadonlySet<string> | undefined {
  const spec = header.protocol?.spec;
  if (spec === undefined || !spec.available) return undefined;
  return new Set([...spec.messages, ...catalogue.clientMessages].map((each) => each.word));
}

/** By operation what it asks, and every key that is named. */
function whatIsAsked(document: PawlDocument, block: BlockRange, report: Reporter): { actions: Action[]; keys: Set<string> } {
  const actions: Action[] = [];
  const keys = new Set<string>();
  eachStatement(document, block, report, (statement) => {
    if (statement.kind !== 'operation') return;
    actions.push(statement.action);
    for (const key of keysNamed(statement.action)) keys.add(key);
  });
  return { actions, keys };
}

function keysNamed(action: Action): readonly string[] {
  if (action.kind === 'does') return action.actions.flatMap(keysNamed);
  if (action.kind === 'members') return [];
  if (action.kind === 'session') return 'path' in action.call ? [action.call.path.text] : action.call.kind === 'multi' ? action.call.steps.map(({ path }) => path.text) : [];
  return action.kind === 'move' ? [action.from.text, action.to.text] : [action.key.text];
}

function lowerOperation(scope: Scope & { readonly catalogue: Catalogue }, statement: Extract<ScenarioStatement, { kind: 'operation' }>, id: number, body: Body, header: Header): void {
  const { report } = scope;
  const trigger = triggerOf(scope, statement.when);
  if (trigger?.kind === 'always') {
    const place = statementPlace(report.line, report.text);
    report.error(place, 'statement', `Say when this is asked, as in \`at 100ms ${statement.action.kind === 'members' ? 'add D' : 'c1 writes k = 1'}\`.`);
  }
  if (trigger !== undefined) warnIfNever(scope, statement.when, header);
  const client = scope.names.client(statement.client);
  const action = actionOf(scope, statement, header.protocol?.spec);
  const target = statement.target === undefined ? undefined : nodeOrAny(scope, statement.target);
  if (target === -1) report.error(statement.target!, 'name', 'An operation asks one node; leave it away and the client looks for the leader.');
  const withinUs = statement.within === undefined ? undefined : checkedTime(report, statement.within, { what: 'A timeout', minUs: 1 });
  if (trigger === undefined || client === undefined || action === undefined) return;
  const operation: OperationModel = { id, label: statement.label?.text, client, action, target, withinUs, retrying: statement.retrying, line: report.line };
  body.operations.push(operation);
  body.script.push({ kind: 'operation', trigger, operation, line: report.line });
}

function actionOf(scope: Scope & { readonly catalogue: Catalogue }, statement: Extract<ScenarioStatement, { kind: 'operation' }>, spec: ProtocolSpec | undefined): ActionModel | undefined {
  const { action, client } = statement;
  if (action.kind === 'session') return sessionActionOf(scope, action, client, scope.catalogue);
  if (action.kind === 'members') return membersAction(scope, action);
  if (action.kind !== 'move' && action.kind !== 'does') return keyActionOf(scope, action);
  if (spec?.singleKeys === true) {
    const verb = wordFrom(scope.report.line, scope.report.text, client.end);
    scope.report.error(verb, 'statement', `\`${spec.name}\` decides each key by itself, so nothing spans several keys; ask for one key at a time, or run a protocol with a log, such as \`raft\`.`);
    return undefined;
  }
  if (action.kind === 'move') return moveBetween(scope, action);
  const parts = action.actions.map((part) => (isKeyAction(part) ? keyActionOf(scope, part) : undefined)).filter((part) => part !== undefined);
  return parts.length < action.actions.length ? undefined : { kind: 'do', actions: parts };
}

type OnKey = Exclude<Action, { kind: 'move' | 'does' | 'session' | 'members' }>;

const isKeyAction = (action: Action): action is OnKey => action.kind !== 'move' && action.kind !== 'does' && action.kind !== 'session' && action.kind !== 'members';

function keyActionOf(scope: Scope, action: OnKey): KeyAction | undefined {
  switch (action.kind) {
    case 'write': return { kind: 'write', key: action.key.text, value: action.value.text };
    case 'read': return { kind: 'read', key: action.key.text };
    case 'delete': return { kind: 'delete', key: action.key.text };
    case 'append': return { kind: 'append', key: action.key.text, value: action.value.text };
    case 'cas': return { kind: 'cas', key: action.key.text, from: action.from.text, to: action.to.text };
    case 'add': {
      const amount = checkedCount(scope.report, action.amount, 'The amount', -1_000_000_000);
      return amount === undefined ? undefined : { kind: 'add', key: action.key.text, amount };
    }
  }
}

function moveBetween(scope: Scope, { amount, from, to }: Extract<Action, { kind: 'move' }>): ActionModel | undefined {
  const count = checkedCount(scope.report, amount, 'The amount', -1_000_000_000);
  if (from.text === to.text) {
    scope.report.error(to, 'statement', `This moves from \`${from.text}\` to itself; name two keys.`);
    return undefined;
  }
  return count === undefined ? undefined : moveOf(count, from.text, to.text);
}

function lowerFault(scope: Scope, statement: Extract<ScenarioStatement, { kind: 'fault' }>, body: Body, header: Header): void {
  const trigger = triggerOf(scope, statement.when);
  if (!saysWhen(scope, statement.when, statement.fault)) return;
  if (trigger !== undefined) warnIfNever(scope, statement.when, header);
  if (header.stable !== undefined) checkStable(scope, statement, header.stable.fromUs);
  for (const fault of faultsOf(scope, statement.fault, trigger ?? { kind: 'always' })) {
    if (trigger !== undefined) body.script.push({ kind: 'fault', trigger, fault, line: scope.report.line });
  }
}

/** A step that comes only after the run is over. */
function warnIfNever(scope: Scope, when: Extract<ScenarioStatement, { kind: 'fault' }>['when'], header: Header): void {
  const time = when.kind === 'at' ? when.time : when.kind === 'every' ? when.from : undefined;
  if (time !== undefined) warnIfLate(scope, time, header);
}

function warnIfLate(scope: Scope, time: Quantity, header: Header): void {
  const endUs = header.runToUs ?? DEFAULT_RUN_US;
  if (time.us <= endUs) return;
  const end = durationText(endUs);
  const message = header.runToUs === undefined ? `A run ends at ${end} unless it says otherwise` : `The run ends at ${end}`;
  const later = durationText(Math.ceil(time.us / 1_000_000 + 1) * 1_000_000);
  scope.report.warning(time, 'quantity', `${message}, so this never happens; say \`run to ${later}\` to see it.`);
}

function lowerExpectations(document: PawlDocument, block: BlockRange, scope: ExpectationScope, body: Body, stableUs: number | undefined): void {
  eachStatement(document, block, scope.report, (statement) => {
    if (statement.kind !== 'expect') return;
    const expectation = expectationOf(scope, statement.expectation);
    const by = statement.expectation.kind === 'progress' ? statement.expectation.by : undefined;
    if (by !== undefined && stableUs !== undefined && by.us <= stableUs) {
      scope.report.warning(by, 'quantity', `Progress is owed from ${durationText(stableUs)} on, where the network is stable; say a later time.`);
    }
    if (expectation !== undefined) body.expectations.push(expectation);
  });
  reportContradictions(scope, body.expectations, (line) => document.lines[line]?.text ?? '');
}
