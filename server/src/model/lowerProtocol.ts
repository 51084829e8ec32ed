/** `protocol NAME like PRESET { KNOBS }`: which machine runs, and every knob's value with the line it comes from. */
import type { KnobSetting, Word } from '../language/syntax.ts';
import type { Catalogue, KnobSpec, PresetSpec, ProtocolSpec } from './catalogue.ts';
import type { KnobValue } from './scenario.ts';
import type { Reporter } from './reporter.ts';
import { MAX_TIME_US, durationOf, durationText } from './quantities.ts';
import { listed } from './suggest.ts';

export interface ProtocolChoice {
  /** What runs: aliases are resolved. */
  readonly spec: ProtocolSpec;
  readonly line: number;
  readonly preset: PresetSpec | undefined;
  /** Nothing is to be run. */
  readonly recorded: boolean;
  /** How many nodes the block has; 0 where it does not say. */
  readonly nodeCount: number;
  readonly knobs: Map<string, KnobValue>;
  /** Where each written knob was written, by the knob it sets. */
  readonly written: Map<string, number>;
}

interface ProtocolStatement {
  readonly name: Word;
  readonly like: Word | undefined;
  readonly knobs: readonly KnobSetting[];
}

/**
 * Resolves the statement's own line, inline knobs included. Undefined where the name is unknown (and said so).
 * `recorded`: nothing is to be run, so what is not in this version stops nothing.
 */
export function chooseProtocol(report: Reporter, catalogue: Catalogue, statement: ProtocolStatement, recorded: boolean, nodeCount: number): ProtocolChoice | undefined {
  const named = catalogue.protocols.find((each) => each.name === statement.name.text);
  if (named === undefined) {
    const names = catalogue.protocols.map((each) => each.name);
    report.name(statement.name, `There is no protocol \`${statement.name.text}\``, names, `there are ${listed(names, 16)}.`);
    return undefined;
  }
  const spec = named.alias === undefined ? named : catalogue.protocols.find((each) => each.name === named.alias!.protocol) ?? named;
  const preset = choosePreset(report, spec, statement.like, named.alias?.preset, recorded);
  const choice: ProtocolChoice = { spec, line: report.line, preset, recorded, nodeCount, knobs: new Map(), written: new Map() };
  if (!named.available || !spec.available) {
    report.notYet(statement.name, `The protocol \`${statement.name.text}\``, !recorded, 'so this trace is checked by its events alone.');
    return choice;
  }
  fillIn(choice);
  for (const knob of statement.knobs) setKnob(report, choice, knob);
  return choice;
}

function choosePreset(report: Reporter, spec: ProtocolSpec, like: Word | undefined, aliased: string | undefined, recorded: boolean): PresetSpec | undefined {
  if (like === undefined || !spec.available) return spec.presets.find((each) => each.name === (aliased ?? spec.defaultPreset));
  const preset = spec.presets.find((each) => each.name === like.text);
  if (preset === undefined) {
    const names = spec.presets.map((each) => each.name);
    const way = names.length > 0 ? `there are ${listed(names, 16)}.` : 'it has none, so leave `like` away.';
    report.name(like, `\`${spec.name}\` has no preset \`${like.text}\``, names, way);
  } else if (!preset.available) {
    report.notYet(like, `The preset \`${like.text}\``, !recorded);
  }
  return preset;
}

/** The other spelling's knob and value, if that is one. */
function canonical(spec: ProtocolSpec, knob: string, value: string): { knob: string; value: string } {
  return spec.synonyms.find((each) => each.knob === knob && each.value === value)?.means ?? { knob, value };
}

/** Defaults, then the preset. */
function fillIn(choice: ProtocolChoice): void {
  const { spec, preset, knobs, line } = choice;
  for (const knob of spec.knobs) knobs.set(knob.name, { value: normal(knob, knob.default), line, written: false });
  for (const [name, value] of Object.entries(preset?.knobs ?? {})) {
    const means = canonical(spec, name, value);
    const knob = spec.knobs.find((each) => each.name === means.knob);
    if (knob !== undefined) knobs.set(knob.name, { value: normal(knob, means.value), line, written: false });
  }
}

/** Durations as digits of µs, everything else as it is. */
function normal(knob: KnobSpec, value: string): string {
  const us = knob.type === 'duration' ? durationOf(value) : undefined;
  return us === undefined ? value : String(us);
}

/** Sets one written knob, or says what is wrong with it. */
export function setKnob(report: Reporter, choice: ProtocolChoice, { name, values }: KnobSetting): void {
  const { spec } = choice;
  if (!spec.available) return;
  const value = values[0];
  const means = canonical(spec, name.text, value?.text ?? '');
  const knob = spec.knobs.find((each) => each.name === means.knob);
  const spellings = spec.synonyms.filter((each) => each.knob === name.text);
  if (knob === undefined && spellings.length === 0) {
    const names = [...new Set([...spec.knobs.map((each) => each.name), ...spec.synonyms.map((each) => each.knob)])];
    report.name(name, `\`${spec.name}\` has no knob \`${name.text}\``, names, `there are ${listed(names, 30)}.`);
  } else if (value === undefined) {
    report.error(name, 'statement', `\`${name.text}\` needs a value${knob === undefined ? '' : `: ${choicesOf(spec, knob)}`}.`);
  } else if (knob === undefined) {
    const known = spellings.map((each) => each.value);
    report.name(value, `\`${name.text}\` cannot be \`${value.text}\``, known, `it is ${listed(known)}.`);
  } else if (isSetOnce(report, choice, knob, name)) {
    setValue(report, choice, knob, { name, values }, means.value);
  }
}

function isSetOnce(report: Reporter, choice: ProtocolChoice, knob: KnobSpec, name: Word): boolean {
  const first = choice.written.get(knob.name);
  if (first === undefined) {
    choice.written.set(knob.name, report.line);
    return true;
  }
  const related = [{ place: { line: first, start: 0, end: 0 }, message: `\`${knob.name}\` is set here first` }];
  report.error(name, 'statement', `\`${knob.name}\` is set on line ${first + 1} already; keep one of the two.`, { related });
  return false;
}

function setValue(report: Reporter, choice: ProtocolChoice, knob: KnobSpec, { name, values }: KnobSetting, meant: string): void {
  const value = values[0]!;
  if (knob.instead !== undefined) {
    report.error(name, 'statement', knob.instead);
    return;
  }
  if (!knob.available) {
    if (normal(knob, meant) !== normal(knob, knob.default)) report.notYet(name, `The knob \`${knob.name}\``, !choice.recorded);
    return;
  }
  const extra = values[1];
  if (extra !== undefined) {
    report.error(extra, 'statement', `\`${knob.name}\` takes one value; leave \`${extra.text}\` away.`);
    return;
  }
  const checked = checkedValue(report, choice, knob, value, meant);
  if (checked !== undefined) choice.knobs.set(knob.name, { value: checked, line: report.line, written: true });
}

/** The value as it is kept, or undefined with a diagnostic. */
function checkedValue(report: Reporter, { spec, recorded, nodeCount }: ProtocolChoice, knob: KnobSpec, value: Word, meant: string): string | undefined {
  const known = knob.values.find((each) => each.value === meant);
  if (known !== undefined) {
    if (!known.available) report.notYet(value, `\`${knob.name} ${value.text}\``, !recorded);
    return known.value;
  }
  if (knob.type === 'duration') {
    const us = durationOf(meant);
    if (us === 0 && knob.atLeastUs !== undefined) {
      report.error(value, 'quantity', `\`${knob.name}\` must be more than zero, or time would stand still.`);
      return undefined;
    }
    if (us !== undefined && us >= 0 && us <= MAX_TIME_US) return String(us);
    const message = us === undefined ? `\`${knob.name}\` is a duration, as in \`20ms\`${knob.values.map((each) => `, or \`${each.value}\``).join('')}`
      : us < 0 ? `\`${knob.name}\` cannot be negative` : `\`${knob.name}\` can be at most ${durationText(MAX_TIME_US)}`;
    report.error(value, 'quantity', `${message}.`);
    return undefined;
  }
  if (knob.type === 'number' && (knob.values.length < 2 || /^-?\d/.test(meant))) {
    const wrong = wrongNumber(knob, meant, nodeCount);
    if (wrong === undefined) return meant;
    report.error(value, 'quantity', `\`${knob.name}\` ${wrong}.`);
    return undefined;
  }
  const choices = valueWords(spec, knob);
  report.name(value, `\`${knob.name}\` cannot be \`${value.text}\``, choices, `it is one of ${listed(choices)}${knob.type === 'number' ? ', or a number of nodes' : ''}.`);
  return undefined;
}

/** What is wrong with a knob's number, or undefined. */
function wrongNumber({ range, below, default: usual, values }: KnobSpec, text: string, nodeCount: number): string | undefined {
  if (!/^-?\d{1,9}(\.\d+)?$/.test(text)) return `is a number, as in \`${/^\d/.test(usual) ? usual : '2'}\``;
  const number = Number(text);
  if (range === undefined) return number < 0 ? 'cannot be negative' : below !== undefined && number >= below ? `must be less than ${below}` : undefined;
  if (!Number.isInteger(number)) return 'must be a whole number';
  if (number < range.least) return `must be at least ${range.least}`;
  if (range.most !== 'nodes') return number > range.most ? `can be at most ${range.most}` : undefined;
  if (nodeCount === 0 || number <= nodeCount) return undefined;
  const named = values.map((each) => ` or \`${each.value}\``).join('');
  return `counts nodes, and there ${nodeCount === 1 ? 'is 1' : `are ${nodeCount}`}; write \`${nodeCount}\`${named}`;
}

/** The values of a knob in every spelling that is written with the knob's own name. */
function valueWords(spec: ProtocolSpec, knob: KnobSpec): string[] {
  return [...knob.values.map((each) => each.value), ...spec.synonyms.filter((each) => each.knob === knob.name).map((each) => each.value)];
}

function choicesOf(spec: ProtocolSpec, knob: KnobSpec): string {
  if (knob.type === 'duration') return 'a duration, as in `20ms`';
  return knob.type !== 'number' ? listed(valueWords(spec, knob)) : ['a number', ...knob.values.map((each) => `\`${each.value}\``)].join(' or ');
}
