/** What fits at the cursor, and nothing else: the language says what may stand there, the block says which names exist. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange, Expected, Role } from '../language/syntax.ts';
import type { KnobSpec, ProtocolSpec } from '../model/catalogue.ts';
import type { Place } from '../model/diagnostic.ts';
import { PATHS, RESOURCES } from '../language/cursor.ts';
import { expectedAt } from '../language/tokens.ts';
import { CATALOGUE, VIOLATIONS, knobSpec, presetSpec, protocolOf, protocolSpec, runningSpec } from './catalogued.ts';
import { inOrder } from './completionOrder.ts';
import { code, escape, paragraphs, withExample } from './markdown.ts';
import { blockAt, keysOf, scopeOf } from './scope.ts';
import type { Position, Scope } from './scope.ts';
import { SNIPPETS } from './snippets.ts';
import { knobValue } from './words.ts';

export type CompletionKind =
  | 'keyword' | 'node' | 'client' | 'label' | 'message' | 'protocol' | 'preset' | 'knob' | 'value' | 'violation' | 'key' | 'snippet';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One short line beside the label. */
  readonly detail: string;
  /** Markdown. */
  readonly documentation: string;
  readonly insert: string;
  /** `insert` has `${1:…}` stops. */
  readonly snippet: boolean;
  /** What `insert` replaces. */
  readonly place: Place;
  /** Smaller comes first. */
  readonly rank: number;
}

type Item = Omit<Completion, 'place' | 'insert' | 'snippet'> & { readonly insert?: string; readonly snippet?: boolean };

export function completion(document: PawlDocument, position: Position): Completion[] {
  const line = document.lines[position.line];
  if (line === undefined || insideCommentOrString(line.text, position.column)) return [];
  const place = wordBefore(line.text, position);
  const block = blockAt(document, position.line);
  const expected = expectedAt(document, position.line, place.start);
  const context: Context = { document, line: position.line, block, scope: block && scopeOf(document, block), spec: block && protocolOf(document, block) };
  const isFirst = block?.kind === 'scenario' && line.text.slice(0, place.start).trim() === '';
  const items = isFirst ? statements(context, expected) : expected.flatMap((each) => itemsFor(context, each));
  const offered = new Map<string, Completion>();
  for (const item of items) {
    const key = `${item.kind === 'snippet'} ${item.label}`;
    if (!offered.has(key)) offered.set(key, { ...item, insert: item.insert ?? item.label, snippet: item.snippet ?? false, place });
  }
  return inOrder([...offered.values()], line.text.slice(0, place.start), context.scope).sort((a, b) => a.rank - b.rank);
}

const LATER = 'not in this version';

interface Context {
  readonly document: PawlDocument;
  readonly line: number;
  readonly block: BlockRange | undefined;
  readonly scope: Scope | undefined;
  readonly spec: ProtocolSpec | undefined;
}

/**
 * What begins a statement of a scenario. Operations always say when, so a client or a label does not, although the parser
 * would read on. Header lines that are there already come last, and so do nodes (only lies begin with one).
 */
function statements(context: Context, expected: readonly Expected[]): Item[] {
  const { document, block } = context;
  const there = new Set<string>();
  for (let line = block?.start ?? 0; line <= (block?.end ?? -1); line++) {
    const first = /^\s*([a-z]+)/.exec(document.lines[line]?.text ?? '')?.[1];
    if (first !== undefined && line !== context.line && ONCE.has(first)) there.add(first);
  }
  return expected.filter((each) => each.kind === 'word' || (each.role !== 'client' && !each.role.startsWith('label')))
    .flatMap((each) => itemsFor(context, each))
    .map((item) => {
      if (item.kind === 'node' || there.has(item.label)) return { ...item, rank: 40 };
      return there.has('nodes') && AFTER_HEADER.has(item.label) ? { ...item, rank: 5 } : item;
    });
}

/** What follows the header, most of the time. */
const AFTER_HEADER: ReadonlySet<string> = new Set(['at', 'when', 'every', 'expect']);
/** Lines of the header that a block has once; also while they are half typed. */
const ONCE: ReadonlySet<string> = new Set(['protocol', 'nodes', 'clients', 'network', 'shards', 'timeouts', 'seed', 'run', 'stable']);

function itemsFor(context: Context, expected: Expected): Item[] {
  if (expected.kind === 'word') return wordItems(expected.text, expected.role, expected.about);
  switch (expected.role) {
    case 'node': return names(context, 'node');
    case 'client': return expected.owner === RESOURCES ? resources(context) : names(context, 'client');
    case 'label': return names(context, 'label');
    case 'message': return messages(context.spec);
    case 'protocol': return protocols();
    case 'preset': return presets((expected.owner === undefined ? undefined : runningSpec(expected.owner)) ?? context.spec, expected.owner);
    case 'knob': return knobs(context);
    case 'knob-value': return knobValues(context.spec, expected.owner);
    case 'violation': return violations();
    case 'key': return keys(context, expected.owner === PATHS);
    case 'wildcard': return [{ label: '*', kind: 'keyword', detail: 'any', documentation: 'Any node, or any message.', rank: 30 }];
    default: return [];
  }
}

/** A fixed word, and at the top level the whole block it begins. */
function wordItems(text: string, role: Role, about: string): Item[] {
  if (!/^[A-Za-z]/.test(text) && text !== '*') return [];
  const word: Item = { label: text, kind: kindOf(role), detail: withoutExample(about), documentation: withExample(about, text), rank: 10 };
  const whole = SNIPPETS.filter((snippet) => snippet.opens === text).map(({ label, about: detail, body }): Item => (
    { label, kind: 'snippet', detail, documentation: escape(detail), insert: body, snippet: true, rank: 5 }));
  return [...whole, word];
}

/** `links work again: all, or heal A <-> B` is told in full beside the list. */
function withoutExample(about: string): string {
  return about.split(': ')[0]!;
}

function kindOf(role: Role): CompletionKind {
  switch (role) {
    case 'message': case 'protocol': case 'preset': case 'knob': case 'violation': case 'key': return role;
    case 'knob-value': case 'value': case 'outcome': return 'value';
    default: return 'keyword';
  }
}

function names({ scope }: Context, role: 'node' | 'client' | 'label'): Item[] {
  return (scope?.declared ?? []).filter((each) => each.role === role)
    .map((each) => ({ label: each.name, kind: role, detail: role === 'label' ? 'operation' : role, documentation: '', rank: 0 }));
}

function resources({ scope }: Context): Item[] {
  return (scope?.declared ?? []).filter((each) => each.fenced !== undefined).map((each) => ({ label: each.name, kind: 'client', detail: 'resource', documentation: '', rank: 0 }));
}

function messages(spec: ProtocolSpec | undefined): Item[] {
  const own = (spec?.messages ?? []).map((each): Item => (
    { label: each.word, kind: 'message', detail: spec!.name, documentation: escape(each.about), rank: 1 }));
  const client = CATALOGUE.clientMessages.map((each): Item => (
    { label: each.word, kind: 'message', detail: 'client', documentation: escape(each.about), rank: 2 }));
  return [...own, ...client];
}

function protocols(): Item[] {
  return CATALOGUE.protocols.map(({ name, about, available }) => (
    { label: name, kind: 'protocol', detail: available ? 'protocol' : LATER, documentation: escape(about), rank: available ? 0 : 20 }));
}

function presets(spec: ProtocolSpec | undefined, owner: string | undefined): Item[] {
  const alias = owner === undefined ? undefined : protocolSpec(owner)?.alias;
  return (alias === undefined ? spec?.presets ?? [] : []).map((preset, index) => (
    { label: preset.name, kind: 'preset', detail: !preset.available ? LATER : preset.name === spec!.defaultPreset ? 'default' : '',
      documentation: paragraphs(escape(preset.about), setting(preset.knobs)), rank: index + (preset.available ? 0 : 100) }));
}

function setting(values: Readonly<Record<string, string>>): string {
  return Object.entries(values).map(([name, value]) => code(`${name} ${value}`)).join(', ');
}

/** Knobs not set yet in this block come first; those of later versions last. Each with the value it has without being set. */
function knobs({ document, block, spec }: Context): Item[] {
  const set = new Set<string>();
  let preset = presetSpec(spec, spec?.defaultPreset ?? '');
  for (let line = block?.start ?? 0; line <= (block?.end ?? -1); line++) {
    const statement = document.lines[line]?.statement;
    if (statement?.kind === 'knob') set.add(statement.name.text);
    if (statement?.kind !== 'protocol') continue;
    statement.knobs.forEach((knob) => set.add(knob.name.text));
    preset = presetSpec(spec, statement.like?.text ?? protocolSpec(statement.name.text)?.alias?.preset ?? '') ?? preset;
  }
  const value = (knob: KnobSpec): string => knobValue(knob, preset?.knobs[knob.name] ?? knob.default);
  return (spec?.knobs ?? []).map((knob) => (
    { label: knob.name, kind: 'knob', detail: !knob.available ? LATER : set.has(knob.name) ? 'set already' : value(knob),
      documentation: knobText(knob), rank: set.has(knob.name) ? 15 : knob.available ? 0 : 20 }));
}

function knobText(knob: KnobSpec): string {
  const values = knob.values.map((each) => code(each.value)).join(', ');
  return paragraphs(escape(knob.about), values === '' ? undefined : `Values: ${values}.`);
}

function knobValues(spec: ProtocolSpec | undefined, owner: string | undefined): Item[] {
  const knob = owner === undefined ? undefined : knobSpec(spec, owner);
  return (knob?.values ?? []).map((value, index) => (
    { label: value.value, kind: 'value', detail: valueDetail(knob!, value), documentation: escape(value.about),
      rank: index + (value.available ? 0 : 100) }));
}

function valueDetail(knob: KnobSpec, value: KnobSpec['values'][number]): string {
  if (!value.available) return LATER;
  const isDefault = value.value === knob.default, isSafe = knob.safe.includes(value.value);
  return isDefault && isSafe ? 'default, protects' : isDefault ? 'default' : isSafe ? 'protects' : '';
}

function violations(): Item[] {
  return VIOLATIONS.map(({ code: label, about, severity, available }) => (
    { label, kind: 'violation', detail: available ? severity : LATER, documentation: escape(about), rank: available ? 1 : 20 }));
}

function keys({ document, block }: Context, paths: boolean): Item[] {
  if (block === undefined) return [];
  return keysOf(document, block).filter((key) => key.startsWith('/') === paths)
    .map((key) => ({ label: key, kind: 'key', detail: paths ? 'path' : 'key', documentation: '', rank: 1 }));
}

/** The part of a name that stands before the cursor. */
function wordBefore(text: string, position: Position): Place {
  const end = Math.min(position.column, text.length);
  const start = end - (/(?:[A-Za-z*]|\/)[A-Za-z0-9_./-]*$/.exec(text.slice(0, end))?.[0].length ?? 0);
  return { line: position.line, start, end };
}

function insideCommentOrString(text: string, column: number): boolean {
  let quoted = false;
  for (let i = 0; i < Math.min(column, text.length); i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text.startsWith('//', i)) return true;
  }
  return quoted;
}
