/** Hovers on what the catalogue explains: protocols, presets, knobs and their values, violation words. */
import type { KnobSpec, ProtocolSpec } from '../model/catalogue.ts';
import type { HoverTarget, HoverText } from './hover.ts';
import { knobSpec, presetSpec, protocolOf, protocolSpec, runningSpec, violationSpec } from './catalogued.ts';
import { bullets, bulletsUpTo, code, escape, paragraphs } from './markdown.ts';
import { protocolPage, violationPage } from './links.ts';
import { witnessLines } from './narrative.ts';
import { knobValue } from './words.ts';

export const LATER = '_Not in this version: it parses and formats, and does not run yet._';

export function catalogueHover(target: HoverTarget): HoverText | undefined {
  const { token } = target;
  switch (token.role) {
    case 'protocol': return protocolHover(token.text);
    case 'preset': return presetHover(protocolFor(target), token.text);
    case 'knob': return knobHover(target, token.text);
    default: return knobValueHover(target);
  }
}

function protocolFor(target: HoverTarget): ProtocolSpec | undefined {
  return (target.token.owner === undefined ? undefined : runningSpec(target.token.owner)) ?? protocolOf(target.document, target.block);
}

function protocolHover(name: string): HoverText | undefined {
  const spec = protocolSpec(name);
  if (spec === undefined) return undefined;
  const runs = spec.alias === undefined ? undefined : `Stands for ${code(`${spec.alias.protocol} like ${spec.alias.preset}`)}.`;
  const presets = spec.presets.filter((preset) => preset.available).map((preset) => code(preset.name));
  const menu = presets.length === 0 ? undefined : `Presets: ${presets.join(', ')}. Without ${code('like')}: ${code(spec.defaultPreset)}.`;
  return {
    markdown: paragraphs(`**protocol** ${code(name)}`, escape(spec.about), runs, menu, spec.available ? undefined : LATER),
    page: protocolPage(name),
  };
}

function presetHover(spec: ProtocolSpec | undefined, name: string): HoverText | undefined {
  const preset = presetSpec(spec, name);
  if (spec === undefined || preset === undefined) return undefined;
  const knobs = Object.entries(preset.knobs).map(([knob, value]) => code(`${knob} ${value}`));
  return {
    markdown: paragraphs(`**preset** ${code(name)} of ${code(spec.name)}`, escape(preset.about),
      knobs.length === 0 ? undefined : `Sets ${knobs.join(', ')}.`, preset.available ? undefined : LATER),
    page: protocolPage(spec.name),
  };
}

function knobHover(target: HoverTarget, name: string): HoverText | undefined {
  const knob = knobSpec(protocolOf(target.document, target.block), name);
  if (knob === undefined) return undefined;
  const later = knob.available ? undefined : LATER;
  return { markdown: paragraphs(`**knob** ${code(name)}`, escape(knob.about), currentValue(target, knob), valueMenu(knob), later) };
}

function currentValue(target: HoverTarget, knob: KnobSpec): string {
  const set = target.result?.scenario?.knobs.get(knob.name);
  const standard = code(knobValue(knob, knob.default));
  if (set === undefined) return `Default: ${standard}.`;
  const where = set.written ? `set on line ${set.line + 1}` : 'as the preset has it';
  return `Here it is ${code(knobValue(knob, set.value))}, ${where}. Default: ${standard}.`;
}

function valueMenu(knob: KnobSpec): string | undefined {
  if (knob.values.length === 0) return undefined;
  return bullets(knob.values.map((value) => {
    const safe = knob.safe.includes(value.value) ? ' (protects)' : '';
    return `${code(value.value)}${safe}: ${escape(value.about)}${value.available ? '' : ' _Not in this version._'}`;
  }));
}

function knobValueHover(target: HoverTarget): HoverText | undefined {
  const { token } = target;
  const knob = token.owner === undefined ? undefined : knobSpec(protocolOf(target.document, target.block), token.owner);
  const value = knob?.values.find((each) => each.value === token.text);
  if (knob === undefined) return undefined;
  if (value === undefined) return knobHover(target, knob.name);
  const title = `${code(`${knob.name} ${value.value}`)}: ${escape(value.about)}`;
  return { markdown: paragraphs(title, value.available ? undefined : LATER, `**knob** ${code(knob.name)}: ${escape(knob.about)}`) };
}

/** A violation word: what it means, and whether this block's run shows it. */
export function violationHover(target: HoverTarget): HoverText | undefined {
  const spec = violationSpec(target.token.text);
  if (spec === undefined) return undefined;
  const weight = spec.severity === 'error' ? '' : ` (${spec.severity})`;
  return {
    markdown: paragraphs(`**violation** ${code(spec.code)}${weight}`, escape(spec.about), foundHere(target),
      spec.available ? undefined : LATER),
    page: violationPage(spec.code),
  };
}

function foundHere({ result, token }: HoverTarget): string | undefined {
  if (result?.execution === undefined) return undefined;
  const { execution } = result;
  for (const violation of result.violations) {
    const finding = [violation.finding, ...violation.folded].find((each) => each.code === token.text);
    if (finding === undefined) continue;
    const where = violation.expected ? '✓ Found in this block, as expected' : '✗ Found in this block';
    return paragraphs(`${where}: ${escape(finding.message)}`, bulletsUpTo(MOST_WITNESSES, witnessLines(execution, finding)));
  }
  return 'Not found in this block.';
}

const MOST_WITNESSES = 6;
