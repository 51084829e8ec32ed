/** What was done to links, clocks and disks, as spans of time: a partition lasts until it is healed. */
import type { BlockResult } from '../analysis/analysis.ts';
import { EVENT } from '../engine/events.ts';
import type { EventLog } from '../engine/events.ts';
import { ANY } from '../model/scenario.ts';
import type { FaultModel } from '../model/scenario.ts';
import type { TimelineFault } from './timeline.ts';

type Draft = { -readonly [Field in keyof TimelineFault]: TimelineFault[Field] } & { readonly fault: FaultModel | undefined };

export function faultsOf(block: BlockResult, log: EventLog, length: number, endUs: number, names: readonly string[]): TimelineFault[] {
  const { scenario } = block;
  const faultAt = new Map<number, FaultModel>();
  // Lines within the block: it may have moved since it ran.
  for (const step of scenario?.script ?? []) if (step.kind === 'fault') faultAt.set(step.line - scenario!.line, step.fault);
  const drafts: Draft[] = [];
  for (let i = 0; i < length; i++) {
    const kind = log.kind(i);
    if (kind !== EVENT.links && kind !== EVENT.clock && kind !== EVENT.disk) continue;
    const fault = faultAt.get(log.line(i) - block.line), timeUs = log.timeUs(i), text = log.text(i);
    if (kind === EVENT.links && ends(drafts, fault, text, timeUs)) continue;
    const lasts = kind === EVENT.links;
    drafts.push({ text, fromUs: timeUs, toUs: lasts ? Math.max(endUs, timeUs) : timeUs, open: lasts, groups: groupsOf(fault, text, names),
      line: log.line(i), fault });
  }
  return drafts.map(({ fault: _fault, ...span }) => span);
}

/** Ends the spans that a heal ends; true if it was one. A heal of one link ends the cuts of that link alone. */
function ends(drafts: readonly Draft[], fault: FaultModel | undefined, text: string, timeUs: number): boolean {
  const healsLink = fault?.kind === 'heal-link';
  if (!healsLink && fault?.kind !== 'heal' && !/^(heal|stable)\b/.test(text)) return false;
  for (const draft of drafts) {
    if (!draft.open || (healsLink && !isCutOf(draft.fault, fault.from, fault.to))) continue;
    draft.toUs = timeUs;
    draft.open = false;
  }
  return true;
}

function isCutOf(fault: FaultModel | undefined, from: number, to: number): boolean {
  if (fault?.kind !== 'cut' && fault?.kind !== 'slow') return false;
  const isOne = (one: number, other: number): boolean => one === ANY || other === ANY || one === other;
  return (isOne(fault.from, from) && isOne(fault.to, to)) || (isOne(fault.from, to) && isOne(fault.to, from));
}

function groupsOf(fault: FaultModel | undefined, text: string, names: readonly string[]): readonly (readonly number[])[] {
  if (fault?.kind === 'partition') return fault.groups;
  if (fault?.kind === 'isolate' && fault.node !== ANY) return [[fault.node], names.map((_name, index) => index).filter((index) => index !== fault.node)];
  const groups = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]!.trim().split(/[\s,]+/).map((name) => names.indexOf(name)));
  return groups.length > 1 && groups.flat().every((index) => index >= 0) ? groups : [];
}
