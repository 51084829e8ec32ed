/** Changes of membership: whom they name, and whether the block's protocol has any. */
import type { PawlDocument } from '../language/document.ts';
import type { Action, BlockRange, Statement, Word } from '../language/syntax.ts';
import type { Catalogue, ProtocolSpec } from './catalogue.ts';
import type { ActionModel, ProcessId } from './scenario.ts';
import { eachStatement } from './blockNames.ts';
import type { Scope } from './lowerEvents.ts';
import type { ProtocolChoice } from './lowerProtocol.ts';
import type { Reporter, Span } from './reporter.ts';
import { wordFrom } from './sourceText.ts';
import { listed } from './suggest.ts';

type Members = Extract<Action, { readonly kind: 'members' }>;

/** What is asked, or undefined where a diagnostic was given. */
export function membersAction(scope: Scope, { change, nodes, by }: Members): ActionModel | undefined {
  const named = differentNodes(scope, by === undefined ? nodes : [...nodes, by]);
  if (named === undefined) return undefined;
  const words = nodes.map((word) => word.text).join(' ');
  const members = (add: readonly ProcessId[], remove: readonly ProcessId[], text: string, to?: readonly ProcessId[]): ActionModel => ({ kind: 'members', add, remove, to, text });
  switch (change) {
    case 'add': return members(named, [], `add ${words}`);
    case 'remove': return members([], named, `remove ${words}`);
    case 'replace': return members(named.slice(1), named.slice(0, 1), `replace ${words} by ${by!.text}`);
    case 'change': return members([], [], `change to ${words}`, [...named].sort((a, b) => a - b));
  }
}

/** Nodes, none of them twice. */
export function differentNodes({ names, report }: Scope, words: readonly Word[]): readonly ProcessId[] | undefined {
  const ids = words.map((word) => names.node(word));
  const twice = words.find((word, at) => ids[at] !== undefined && ids.indexOf(ids[at]) < at);
  if (twice !== undefined) report.error(twice, 'name', `\`${twice.text}\` is named already; name each node once.`);
  const known = ids.filter((id) => id !== undefined);
  return twice !== undefined || known.length < ids.length ? undefined : known;
}

/** Says, where it stands, that the protocol's members are the same for ever. */
export function reportNoMembership(document: PawlDocument, block: BlockRange, report: Reporter, spec: ProtocolSpec | undefined, catalogue: Catalogue): void {
  if (spec === undefined || spec.membership === true) return;
  const others = catalogue.protocols.filter((each) => each.membership === true).map((each) => `\`${each.name}\``);
  const way = others.length === 0 ? '' : `; ${listed(others)} ${others.length === 1 ? 'has' : 'have'}`;
  eachStatement(document, block, report, (statement, line) => {
    const span = placeOfChange(statement, line, report.text);
    if (span !== undefined) report.error(span, 'statement', `\`${spec.name}\` has no membership changes${way}.`);
  });
}

/** Says at each change of membership that it changes what a knob counts: sizes that met may not meet any more. */
export function reportCountedMembers(document: PawlDocument, block: BlockRange, report: Reporter, { spec, knobs }: ProtocolChoice): void {
  const counting = spec.knobs.find(({ name, range }) => range?.most === 'nodes' && /^\d/.test(knobs.get(name)?.value ?? ''));
  if (counting === undefined || spec.membership !== true) return;
  const { name } = counting, way = `write \`${name} majority\`, which goes with the members, or leave them as they are`;
  eachStatement(document, block, report, (statement, line) => {
    const span = statement.kind === 'operation' ? placeOfChange(statement, line, report.text) : undefined;
    if (span !== undefined) report.error(span, 'statement', `\`${name} ${knobs.get(name)!.value}\` counts members, and this changes how many there are; ${way}.`);
  });
}

/** The first spare node, or the verb of a change. */
function placeOfChange(statement: Statement, line: number, text: string): Span | undefined {
  if (statement.kind === 'nodes') return statement.spare[0];
  return statement.kind === 'operation' && statement.action.kind === 'members' ? wordFrom(line, text, statement.client.end) : undefined;
}
