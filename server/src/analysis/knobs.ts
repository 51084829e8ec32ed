/** Which knob permits a violation, where it stands in the document, and the edit that sets it to a safe value. */
import type { Line } from '../language/document.ts';
import type { KnobSetting, Word } from '../language/syntax.ts';
import type { KnobSpec, ProtocolSpec } from '../model/catalogue.ts';
import type { Diagnostic, Place, QuickFix, TextEdit } from '../model/diagnostic.ts';
import type { KnobValue, Scenario } from '../model/scenario.ts';
import { durationOf } from '../model/quantities.ts';
import { listed } from '../model/suggest.ts';
import { statementPlace } from './places.ts';

export interface PermittingKnob {
  readonly knob: KnobSpec;
  readonly setting: KnobValue;
  /** The value that a quick fix sets. */
  readonly safe: string;
}

/** The knobs whose present value permits a violation, in the catalogue's order: those written in the document first. */
export function permittingKnobs(spec: ProtocolSpec, scenario: Scenario, code: string): readonly PermittingKnob[] {
  const apart = spec.apart?.(scenario);
  const found = spec.knobs.flatMap((knob) => {
    const setting = scenario.knobs.get(knob.name);
    if (setting === undefined || !(knob.permits ?? []).includes(code) || knob.safe.some((value) => isSetTo(knob, setting, value))) return [];
    // A number of nodes is to blame only where it does not fit the others.
    if (apart !== undefined && knob.range?.most === 'nodes' && /^\d/.test(setting.value) && !apart.includes(knob.name)) return [];
    const safe = knob.safe.find((value) => knob.type === 'duration' || knob.values.some((option) => option.value === value && option.available));
    return safe === undefined ? [] : [{ knob, setting, safe }];
  });
  for (const relation of spec.relations ?? []) {
    const safe = relation.code === code ? relation.breach(scenario, true)?.safe : undefined;
    const permitting = safe === undefined ? undefined : settingOf(spec, scenario, relation.knob, safe);
    if (permitting !== undefined) found.push(permitting);
  }
  return [...found.filter(({ setting }) => setting.written), ...found.filter(({ setting }) => !setting.written)];
}

function settingOf(spec: ProtocolSpec, scenario: Scenario, name: string, safe: string): PermittingKnob | undefined {
  const knob = spec.knobs.find((each) => each.name === name), setting = scenario.knobs.get(name);
  return knob === undefined || setting === undefined ? undefined : { knob, setting, safe };
}

/**
 * Knobs whose values do not fit together: said at the last one that is written, where the run does not show what comes of it.
 * A block that expects that violation means it.
 */
export function relationDiagnostics(spec: ProtocolSpec, scenario: Scenario, lines: readonly Line[]): readonly Diagnostic[] {
  return (spec.relations ?? []).flatMap((relation) => {
    const breach = relation.breach(scenario, false);
    if (breach === undefined) return [];
    const written = relation.knobs.map((name) => scenario.knobs.get(name)!).filter((setting) => setting.written).map((setting) => setting.line);
    const permitting = breach.safe === undefined ? undefined : settingOf(spec, scenario, relation.knob, breach.safe);
    const fixes = permitting === undefined ? [] : [fixOf(spec, scenario, lines, permitting, true)];
    const expected = scenario.expectations.some((each) => each.kind === 'violation' && !each.negated && each.code === relation.code);
    return [{
      place: statementPlace(lines, written.length === 0 ? scenario.protocolLine : Math.max(...written)), severity: expected ? 'information' as const : 'warning' as const,
      code: relation.code, message: breach.message, related: [], fixes,
    }];
  });
}

/** Whether a knob has this value, as a document writes it. */
function isSetTo(knob: KnobSpec, setting: KnobValue, value: string): boolean {
  return setting.value === (knob.type === 'duration' ? String(durationOf(value)) : value);
}

/** One fix that sets all of them: for a violation that no single knob keeps away. */
export function allKnobsFix(spec: ProtocolSpec, scenario: Scenario, lines: readonly Line[], code: string): QuickFix | undefined {
  const permitting = permittingKnobs(spec, scenario, code);
  if (permitting.length < 2) return undefined;
  const written = permitting.filter(({ setting }) => setting.written);
  const missing = permitting.filter(({ setting }) => !setting.written).map(({ knob, safe }) => `${knob.name} ${safe}`);
  const inserts = missing.length === 0 ? [] : [insertKnobs(lines, scenario.protocolLine, missing)];
  const edits = [...written.map((each) => knobEdit(spec, scenario, lines, each)), ...inserts];
  return { title: `Set ${listed(permitting.map(({ knob }) => knob.name))} to safe values`, edits, preferred: true };
}

/** One fix a knob, the first preferred. */
export function knobFixes(spec: ProtocolSpec, scenario: Scenario, lines: readonly Line[], code: string): readonly QuickFix[] {
  return permittingKnobs(spec, scenario, code).slice(0, 3).map((permitting, index) => fixOf(spec, scenario, lines, permitting, index === 0));
}

function fixOf(spec: ProtocolSpec, scenario: Scenario, lines: readonly Line[], permitting: PermittingKnob, preferred: boolean): QuickFix {
  return { title: `Set ${permitting.knob.name} to ${permitting.safe}`, edits: [knobEdit(spec, scenario, lines, permitting)], preferred };
}

function knobEdit(spec: ProtocolSpec, scenario: Scenario, lines: readonly Line[], { knob, setting, safe }: PermittingKnob): TextEdit {
  const written = setting.written ? writtenKnob(spec, lines, setting.line, knob.name) : undefined;
  if (written !== undefined) return replaceKnob(spec, setting.line, written, knob.name, safe);
  return insertKnobs(lines, scenario.protocolLine, [`${knob.name} ${safe}`]);
}

/** The setting of a knob on a line: a line of its own, or one of several after `protocol`. Synonyms count. */
function writtenKnob(spec: ProtocolSpec, lines: readonly Line[], line: number, name: string): KnobSetting | undefined {
  const statement = lines[line]?.statement;
  const settings = statement?.kind === 'protocol' ? statement.knobs : statement?.kind === 'knob' ? [statement] : [];
  return settings.find((setting) => setting.name.text === name)
    ?? settings.find((setting) => spec.synonyms.some(({ knob, value, means }) => knob === setting.name.text && value === setting.values[0]?.text && means.knob === name));
}

function replaceKnob(spec: ProtocolSpec, line: number, written: KnobSetting, name: string, safe: string): TextEdit {
  const end = lastWord(written).end;
  const synonym = spec.synonyms.find(({ knob, means }) => knob === written.name.text && means.knob === name && means.value === safe);
  const value = written.values[0];
  const text = written.name.text === name ? safe : synonym?.value;
  if (value !== undefined && text !== undefined) return { kind: 'replace', place: { line, start: value.start, end }, text };
  return { kind: 'replace', place: { line, start: written.name.start, end }, text: `${name} ${safe}` };
}

function lastWord(setting: KnobSetting): Word {
  return setting.values[setting.values.length - 1] ?? setting.name;
}

/** Into the braces after `protocol` if there are any: on their first line if they close there, else on a line of its own. */
function insertKnobs(lines: readonly Line[], protocolLine: number, knobs: readonly string[]): TextEdit {
  const whole = lines[protocolLine]?.text ?? '';
  const place = statementPlace(lines, protocolLine);
  const statement = whole.slice(place.start, place.end);
  const open = statement.indexOf('{');
  const close = statement.lastIndexOf('}');
  const text = knobs.join(' ');
  if (open < 0) return replaceAt(protocolLine, place.end, ` { ${text} }`);
  if (close < 0) {
    const indent = indentOfKnobs(lines, protocolLine, place);
    return { kind: 'insert-line', line: protocolLine + 1, text: knobs.map((knob) => `${indent}${knob}`).join('\n') };
  }
  return closedInsert(protocolLine, place.start + open, place.start + close, whole, text);
}

function closedInsert(line: number, open: number, close: number, whole: string, text: string): TextEdit {
  const inner = whole.slice(open + 1, close).trim();
  const edit: Place = { line, start: open + 1, end: close };
  return { kind: 'replace', place: edit, text: inner === '' ? ` ${text} ` : ` ${inner} ${text} ` };
}

function replaceAt(line: number, column: number, text: string): TextEdit {
  return { kind: 'replace', place: { line, start: column, end: column }, text };
}

function indentOfKnobs(lines: readonly Line[], protocolLine: number, place: Place): string {
  const next = lines[protocolLine + 1];
  const own = (lines[protocolLine]?.text ?? '').slice(0, place.start);
  return next?.statement?.kind === 'knob' ? next.text.slice(0, next.text.length - next.text.trimStart().length) : `${own}  `;
}
