/** How the engine says things: operations, faults and durations as a person would write them. */
import type { ActionModel, FaultModel, MessageMatch } from '../model/scenario.ts';
import { sessionContent } from '../model/sessions.ts';

/** What an operation is about: `k = 1`. */
export function contentOf(action: ActionModel): string {
  switch (action.kind) {
    case 'write': return `${action.key} = ${action.value}`;
    case 'read': case 'delete': return action.key;
    case 'add': return `${action.amount} to ${action.key}`;
    case 'cas': return `${action.key} ${action.from} -> ${action.to}`;
    case 'append': return `${action.value} to ${action.key}`;
    case 'move': return `${action.amount} from ${action.from} to ${action.to}`;
    case 'do': return action.actions.map(operationText).join('; ');
    case 'session': return sessionContent(action.call);
    case 'members': return action.text;
  }
}

/** An operation in full: `write k = 1`. */
export function operationText(action: ActionModel): string { return `${wordOf(action)} ${contentOf(action)}`.trimEnd(); }

/** The word of the message that asks for it: `write`, `create`. */
export function wordOf(action: ActionModel): string {
  if (action.kind === 'session') return action.call.kind;
  return action.kind === 'do' ? action.stage?.step ?? 'do' : action.kind;
}

export function durationText(us: number): string {
  if (us % 1_000_000 === 0 && us !== 0) return `${us / 1_000_000}s`;
  return us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`;
}

type Naming = (process: number) => string;

function matchText(name: Naming, match: MessageMatch): string {
  return `${name(match.from)} -> ${name(match.to)} ${whichText(match)}`;
}

function whichText({ message, epoch, slot, nth }: MessageMatch): string {
  return `${message ?? '*'}${epoch === undefined ? '' : ` ${epochText(epoch, slot)}`}${nth === undefined ? '' : ` #${nth}`}`;
}

function epochText(epoch: number, slot: number | undefined): string { return slot === undefined ? `{${epoch}}` : `{${epoch},${slot}}`; }

function onItsWay({ inFlight }: { readonly inFlight?: 'delivering' | 'holding' | undefined }): string {
  return inFlight === undefined ? '' : ` ${inFlight} what is on its way`;
}

/** What a fault on links, clocks or disks did: `{A B} | {C}`, `A -> B`, `runs 0.5x`. */
export function faultText(name: Naming, fault: FaultModel): string {
  switch (fault.kind) {
    case 'partition': return fault.groups.map((group) => `{${group.map(name).join(' ')}}`).join(' | ') + onItsWay(fault);
    case 'isolate': return `isolate ${name(fault.node)}${onItsWay(fault)}`;
    case 'cut': return `cut ${name(fault.from)} ${fault.both ? '<->' : '->'} ${name(fault.to)}${onItsWay(fault)}`;
    case 'heal-link': return `heal ${name(fault.from)} ${fault.both ? '<->' : '->'} ${name(fault.to)}`;
    case 'heal': case 'stable': return fault.kind;
    case 'slow': return `slow ${name(fault.from)} -> ${name(fault.to)} by ${durationText(fault.byUs)}`;
    case 'clock-runs': return `runs ${fault.rate}x`;
    case 'clock-jumps': return `jumps ${durationText(fault.byUs)}`;
    case 'disk-slow': return `slow ${durationText(fault.byUs)}`;
    case 'disk-lies': return 'lies';
    case 'disk-corrupts': return 'corrupts';
    case 'crash': return crashText(fault);
    case 'drop': case 'duplicate': case 'replay': case 'corrupt': case 'release': case 'hold': return `${fault.kind} ${matchText(name, fault.messages)}`;
    case 'swap': return swapText(name, fault);
    case 'lies': return lieText(name, fault);
    case 'pause': return fault.durationUs === undefined ? '' : `for ${durationText(fault.durationUs)}${fault.messagesFirst === true ? ', messages first' : ''}`;
    case 'transfer': return `transfer ${name(fault.node)} to ${name(fault.to)}`;
    case 'restart': return fault.as !== undefined ? `in place of ${name(fault.node)}` : fault.blank === true ? 'blank' : '';
    case 'resume': return fault.messagesFirst === true ? ', messages first' : '';
    case 'timeout': return '';
  }
}

function swapText(name: Naming, { messages, other }: FaultModel & { kind: 'swap' }): string {
  return `swap ${matchText(name, messages)} and ${messages.from === other.from && messages.to === other.to ? whichText(other) : matchText(name, other)}`;
}

function lieText(name: Naming, { messages, as, key, value, epoch, slot }: FaultModel & { kind: 'lies' }): string {
  const about = key === undefined ? '' : ` ${key} = ${value}`, number = epoch === undefined ? '' : ` ${epochText(epoch, slot)}`;
  return `${name(messages.from)} ${as === undefined ? 'lies' : `forges ${name(as)}`} to ${name(messages.to)}: ${messages.message ?? '*'}${about}${number}`;
}

/** What a crash that says so loses; `keeping`: but for the first of those writes. */
export function unsyncedText(keeping: number | undefined): string { return `losing what was unsynced${keeping === undefined ? '' : ` but the first ${keeping}`}`; }

function crashText(fault: FaultModel & { kind: 'crash' }): string {
  const parts: string[] = [];
  if (fault.losing !== undefined) parts.push(fault.losing === 'disk' ? 'losing its disk' : unsyncedText(fault.keeping));
  if (fault.point?.kind === 'before-fsync') parts.push('before fsync');
  if (fault.point?.kind === 'after-fsync') parts.push('after fsync');
  if (fault.point?.kind === 'after-sends') parts.push(`after ${fault.point.count} sends`);
  return parts.join(' ');
}
