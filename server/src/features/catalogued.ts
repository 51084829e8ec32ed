/** Looking up what a block's protocol offers: knobs, presets, message words. */
import type { PawlDocument } from '../language/document.ts';
import type { BlockRange } from '../language/syntax.ts';
import type { KnobSpec, MessageSpec, PresetSpec, ProtocolSpec, ViolationSpec } from '../model/catalogue.ts';
import { CATALOGUE } from '../protocols/registry.ts';
import { VIOLATIONS } from '../model/violations.ts';

export function protocolSpec(name: string): ProtocolSpec | undefined {
  return CATALOGUE.protocols.find((spec) => spec.name === name);
}

/** The protocol that a name runs: an alias (`2pc`) stands for another protocol and a preset. */
export function runningSpec(name: string): ProtocolSpec | undefined {
  const spec = protocolSpec(name);
  return spec?.alias === undefined ? spec : protocolSpec(spec.alias.protocol) ?? spec;
}

/** The protocol that `block` names, if it names a known one; also while the line that names it is half typed. */
export function protocolOf(document: PawlDocument, block: BlockRange): ProtocolSpec | undefined {
  for (let line = block.start; line <= block.end; line++) {
    const { statement, text = '' } = document.lines[line] ?? {};
    const name = statement?.kind === 'protocol' ? statement.name.text : statement === undefined ? PROTOCOL_LINE.exec(text)?.[1] : undefined;
    if (name !== undefined) return runningSpec(name);
  }
  return undefined;
}

const PROTOCOL_LINE = /^\s*protocol\s+([A-Za-z0-9-]+)/;

export function knobSpec(spec: ProtocolSpec | undefined, name: string): KnobSpec | undefined {
  return spec?.knobs.find((knob) => knob.name === name);
}

export function presetSpec(spec: ProtocolSpec | undefined, name: string): PresetSpec | undefined {
  return spec?.presets.find((preset) => preset.name === name);
}

/** A message word, of the protocol or between clients and nodes. */
export function messageSpec(spec: ProtocolSpec | undefined, word: string): MessageSpec | undefined {
  return spec?.messages.find((message) => message.word === word) ?? CATALOGUE.clientMessages.find((message) => message.word === word);
}

export function violationSpec(code: string): ViolationSpec | undefined {
  return VIOLATIONS.find((violation) => violation.code === code);
}

export { CATALOGUE, VIOLATIONS };
