/** The header of a block: protocol, network, timers, seed, end. (Names are collected before, in blockNames.ts.) */
import type { NumberWord, ScenarioStatement } from '../language/syntax.ts';
import type { Catalogue } from './catalogue.ts';
import type { NameLookup } from './nameLookup.ts';
import type { Reporter } from './reporter.ts';
import { ANY } from './scenario.ts';
import type { LinkDelay, NetworkModel, ProcessId, ShardModel } from './scenario.ts';
import { isFirst, type FirstLines } from './blockNames.ts';
import { chooseProtocol, type ProtocolChoice } from './lowerProtocol.ts';
import { checkedCount, checkedPercent, checkedTime, durationText, MAX_SEED } from './quantities.ts';
import { wordFrom } from './sourceText.ts';

export interface Header {
  protocol: ProtocolChoice | undefined;
  protocolSaid: boolean;
  nodesSaid: boolean;
  delays: LinkDelay[];
  loss: number;
  duplicates: number;
  order: NetworkModel['order'];
  networkLine: number | undefined;
  shards: ShardModel[];
  timeouts: Map<ProcessId, number>;
  seed: number;
  runToUs: number | undefined;
  stable: { readonly fromUs: number; readonly line: number } | undefined;
  shardsLine: number | undefined;
}

export function emptyHeader(): Header {
  return {
    protocol: undefined, protocolSaid: false, nodesSaid: false, delays: [], loss: 0, duplicates: 0, order: undefined, networkLine: undefined,
    shards: [], timeouts: new Map(), seed: 1, runToUs: undefined, stable: undefined, shardsLine: undefined,
  };
}

export interface HeaderScope {
  readonly report: Reporter;
  readonly names: NameLookup;
  readonly catalogue: Catalogue;
  readonly firsts: FirstLines;
  readonly header: Header;
  /** A trace: nothing runs, so a protocol of a later version can be named. */
  readonly recorded: boolean;
}

/** Takes in one statement of the header; other statements are left alone. */
export function lowerHeader(scope: HeaderScope, statement: ScenarioStatement): void {
  const { report, header, firsts } = scope;
  const once = (what: string, way: string): boolean => isFirst(report, firsts, `\`${what}\``, wordFrom(report.line, report.text, 0), way);
  switch (statement.kind) {
    case 'protocol': {
      header.protocolSaid = true;
      if (once('protocol', 'a block runs one protocol')) header.protocol = chooseProtocol(report, scope.catalogue, statement, scope.recorded, scope.names.names.memberCount ?? scope.names.names.nodes.length);
      break;
    }
    case 'nodes': {
      header.nodesSaid = true;
      break;
    }
    case 'network-delay': {
      lowerDelay(scope, statement);
      break;
    }
    case 'network-loss':
    case 'network-duplicates': {
      lowerShare(scope, statement.kind, statement.percent);
      break;
    }
    case 'network-order': {
      if (once('network unordered` or `network fifo', 'keep one of the two')) header.order = statement.order;
      header.networkLine ??= report.line;
      break;
    }
    case 'shards': {
      if (once('shards', 'name all parts there')) lowerShards(scope, statement);
      break;
    }
    case 'timeouts': {
      lowerTimeouts(scope, statement);
      break;
    }
    case 'seed': {
      const seed = checkedCount(report, statement.seed, 'A seed', 0, MAX_SEED);
      if (once('seed', 'keep one of the two') && seed !== undefined) header.seed = seed;
      break;
    }
    case 'run': {
      const us = checkedTime(report, statement.to, { what: 'A run', minUs: 1 });
      if (once('run to', 'keep one of the two') && us !== undefined) header.runToUs = us;
      break;
    }
    case 'stable': {
      const fromUs = checkedTime(report, statement.from, { what: 'A time' });
      if (once('stable from', 'keep one of the two') && fromUs !== undefined) header.stable = { fromUs, line: report.line };
      break;
    }
    default:
  }
}

function lowerDelay({ report, names, header, firsts }: HeaderScope, statement: Extract<ScenarioStatement, { kind: 'network-delay' }>): void {
  const end = (word: typeof statement.from): ProcessId | undefined => (word === undefined || word.text === '*' ? ANY : names.process(word));
  const from = end(statement.from);
  const to = end(statement.to);
  const minUs = checkedTime(report, statement.min, { what: 'A delay' });
  const maxUs = statement.max === undefined ? minUs : checkedTime(report, statement.max, { what: 'A delay' });
  const link = statement.from === undefined ? 'network delay' : `network ${statement.from.text} -> ${statement.to?.text ?? '*'} delay`;
  if (!isFirst(report, firsts, `\`${link}\``, wordFrom(report.line, report.text, 0), 'keep one of the two')) return;
  header.networkLine ??= report.line;
  if (from === undefined || to === undefined || minUs === undefined || maxUs === undefined) return;
  if (minUs > maxUs) {
    report.error(statement.max!, 'quantity', `The longest delay must not be shorter than the shortest; write \`${durationText(maxUs)}..${durationText(minUs)}\`.`);
    return;
  }
  header.delays.push({ from, to, minUs, maxUs });
}

function lowerShare({ report, header, firsts }: HeaderScope, kind: 'network-loss' | 'network-duplicates', percent: NumberWord): void {
  const word = kind === 'network-loss' ? 'loss' : 'duplicates';
  const share = checkedPercent(report, percent, kind === 'network-loss' ? 'Loss' : 'The share of duplicates');
  header.networkLine ??= report.line;
  const first = isFirst(report, firsts, `\`network ${word}\``, wordFrom(report.line, report.text, 0), 'keep one of the two');
  if (first && share !== undefined) header[word] = share;
}

function lowerTimeouts({ report, names, header }: HeaderScope, statement: Extract<ScenarioStatement, { kind: 'timeouts' }>): void {
  for (const { node, time } of statement.entries) {
    const id = names.node(node);
    const us = checkedTime(report, time, { what: 'A timeout', minUs: 1 });
    if (id === undefined) continue;
    if (header.timeouts.has(id)) report.error(node, 'statement', `The timeout of \`${node.text}\` is set already; keep one of the two.`);
    else if (us !== undefined) header.timeouts.set(id, us);
  }
}

/** Whether the protocol has several leaders is asked when the whole header is known (`checkShards`). */
function lowerShards({ report, names, header }: HeaderScope, { shards }: Extract<ScenarioStatement, { kind: 'shards' }>): void {
  header.shardsLine = report.line;
  const placed = new Set<string>();
  for (const { keys, leader } of shards) {
    const id = names.node(leader);
    for (const key of keys) {
      if (placed.has(key.text)) report.error(key, 'statement', `\`${key.text}\` has its place already; name each key once.`);
      placed.add(key.text);
    }
    if (id !== undefined) header.shards.push({ keys: keys.map(({ text }) => text), leader: id });
  }
}

/** Shards of a protocol that has one leader for all keys. */
export function checkShards(report: Reporter, header: Header, textOf: (line: number) => string): void {
  const spec = header.protocol?.spec;
  if (header.shardsLine === undefined || spec === undefined || !spec.available || spec.shards === true) return;
  report.line = header.shardsLine;
  report.text = textOf(header.shardsLine);
  report.error(wordFrom(report.line, report.text, 0), 'statement', `\`${spec.name}\` keeps all keys in one log; leave \`shards\` away, or run \`primary-backup\`.`);
}
