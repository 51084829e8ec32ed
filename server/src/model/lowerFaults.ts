/** Faults: each statement gives one fault, or one per node where it names `*`. */
import type { CrashPoint, Fault, HoldEnd, InFlight, ScenarioStatement, When, Word } from '../language/syntax.ts';
import { ANY } from './scenario.ts';
import type { FaultModel, HoldEndModel, InFlightModel, ProcessId, Trigger } from './scenario.ts';
import { checkedCount, checkedTime, durationText, MAX_TIME_US } from './quantities.ts';
import { isAny, eventMatch, messageMatch, processOrAny, type Scope } from './lowerEvents.ts';
import { wordFrom } from './sourceText.ts';

type OfKind<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
type Crash = Extract<FaultModel, { kind: 'crash' }>;

/** Faults that make sense without saying when: they hold from the start. */
const FROM_THE_START: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>([
  'partition', 'isolate', 'cut', 'slow', 'drop', 'swap', 'hold', 'duplicate', 'corrupt', 'clock-runs', 'disk-slow', 'disk-lies', 'lies',
]);

/** False, with a diagnostic, for a fault that must say when it happens and does not. */
export function saysWhen(scope: Scope, when: When, fault: Fault): boolean {
  if (when.kind !== 'always' || FROM_THE_START.has(fault.kind)) return true;
  const verb = wordFrom(scope.report.line, scope.report.text, 0);
  const text = scope.report.text.slice(verb.start, verb.end);
  scope.report.error(verb, 'statement', `Say when this happens, as in \`at 100ms ${text} …\` or \`when B leads ${text} …\`.`);
  return false;
}

/** Faults that take something back, and what is no fault at all: they may come when the network is stable already. */
const REPAIRS: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>(['heal', 'restart', 'resume', 'release', 'transfer']);

/** Says so where a fault begins, or would last, after `stable from`. */
export function checkStable({ report }: Scope, { when, fault }: Extract<ScenarioStatement, { kind: 'fault' }>, stableUs: number): void {
  if (REPAIRS.has(fault.kind) && !(fault.kind === 'restart' && fault.blank)) return;
  const from = durationText(stableUs);
  const time = when.kind === 'at' ? when.time : when.kind === 'every' ? when.to ?? when.from ?? when.period : undefined;
  const endless = when.kind === 'every' && when.to === undefined;
  if (time !== undefined && (endless || time.us > stableUs)) {
    const way = endless ? `say \`to ${from}\`` : 'say an earlier time';
    report.error(time, 'quantity', `Nothing goes wrong after \`stable from ${from}\`; ${way}, or make it stable later.`);
    return;
  }
  const startUs = when.kind === 'at' ? when.time.us : 0;
  if (fault.kind === 'hold' && fault.until.kind === 'time' && fault.until.time.us > stableUs) {
    report.warning(fault.until.time, 'quantity', `It is let go at ${from}, where the network is stable.`);
  }
  if ((fault.kind === 'pause' || fault.kind === 'suspend') && fault.duration !== undefined && startUs <= stableUs && startUs + fault.duration.us > stableUs) {
    report.warning(fault.duration, 'quantity', `It goes on at ${from}, where everything is stable.`);
  }
}

/** The faults of one statement; empty where a diagnostic was given. */
export function faultsOf(scope: Scope, fault: Fault, trigger: Trigger): readonly FaultModel[] {
  switch (fault.kind) {
    case 'partition': return one(partition(scope, fault));
    case 'heal': return one(heal(scope, fault));
    case 'cut': {
      const ends = link(scope, fault.from, fault.to);
      return ends === undefined ? [] : [{ kind: 'cut', ...ends, both: fault.both, ...onItsWay(fault) }];
    }
    case 'slow': {
      const ends = link(scope, fault.from, fault.to);
      const byUs = checkedTime(scope.report, fault.by, { what: 'A delay' });
      return ends === undefined || byUs === undefined ? [] : [{ kind: 'slow', ...ends, byUs }];
    }
    case 'drop':
    case 'duplicate':
    case 'replay':
    case 'corrupt':
    case 'release': {
      const messages = messageMatch(scope, fault.messages);
      return messages === undefined ? [] : [{ kind: fault.kind, messages }];
    }
    case 'swap': return one(swap(scope, fault));
    case 'hold': {
      const messages = messageMatch(scope, fault.messages);
      const until = holdEnd(scope, fault.until, trigger);
      return messages === undefined || until === undefined ? [] : [{ kind: 'hold', messages, until }];
    }
    case 'lies': return one(lies(scope, fault));
    case 'transfer': return transfer(scope, fault);
    default: return nodeFaults(scope, fault);
  }
}

function one(fault: FaultModel | undefined): readonly FaultModel[] {
  return fault === undefined ? [] : [fault];
}

type NodeFault = Exclude<Fault, OfKind<'partition' | 'heal' | 'cut' | 'slow' | 'drop' | 'duplicate' | 'replay' | 'corrupt' | 'release' | 'swap' | 'hold' | 'lies' | 'transfer'>>;

/** Faults of one node; `*` means each of them. */
function nodeFaults(scope: Scope, fault: NodeFault): readonly FaultModel[] {
  const nodes = nodesMeant(scope, fault.node, fault.kind === 'isolate' || fault.kind === 'pause' || fault.kind === 'resume');
  const make = nodeFault(scope, fault);
  return make === undefined ? [] : nodes.map(make);
}

function nodesMeant(scope: Scope, word: Word, clientsToo: boolean): readonly ProcessId[] {
  if (isAny(word)) return scope.names.names.nodes.map((_, id) => id);
  const id = clientsToo ? scope.names.process(word) : scope.names.node(word);
  return id === undefined ? [] : [id];
}

/** What the fault does, without the node it does it to. */
function nodeFault(scope: Scope, fault: NodeFault): ((node: ProcessId) => FaultModel) | undefined {
  const { report } = scope;
  switch (fault.kind) {
    case 'restart': return restart(scope, fault);
    case 'resume': return (node) => ({ kind: 'resume', node, ...firstOnes(fault) });
    case 'isolate': return (node) => ({ kind: 'isolate', node, ...onItsWay(fault) });
    case 'timeout':
    case 'disk-lies':
    case 'disk-corrupts': return (node) => ({ kind: fault.kind, node });
    case 'crash': {
      const point = crashPoint(scope, fault.point);
      const keeping = fault.but === undefined ? undefined : checkedCount(report, fault.but, 'The number of writes that are kept', 1, 1000);
      if (point === 'wrong' || (fault.but !== undefined && keeping === undefined)) return undefined;
      return (node) => ({ kind: 'crash', node, losing: fault.losing, ...(keeping === undefined ? {} : { keeping }), point });
    }
    case 'pause':
    case 'suspend': {
      const durationUs = fault.duration === undefined ? undefined : checkedTime(report, fault.duration, { what: 'A pause', minUs: 1 });
      if (fault.duration !== undefined && durationUs === undefined) return undefined;
      return (node) => ({ kind: 'pause', node, durationUs, ...(fault.kind === 'suspend' ? { suspended: true } : {}), ...firstOnes(fault) });
    }
    case 'clock-runs': {
      const rate = fault.rate.value;
      if (rate >= 0.001 && rate <= 1000) return (node) => ({ kind: 'clock-runs', node, rate });
      report.error(fault.rate, 'quantity', 'A clock can run from 0.001x to 1000x; `pause` stops a node altogether.');
      return undefined;
    }
    case 'clock-jumps': {
      const byUs = checkedTime(report, fault.by, { what: 'A jump', minUs: -MAX_TIME_US });
      return byUs === undefined ? undefined : (node) => ({ kind: 'clock-jumps', node, byUs });
    }
    case 'disk-slow': {
      const byUs = checkedTime(report, fault.by, { what: 'A delay' });
      return byUs === undefined ? undefined : (node) => ({ kind: 'disk-slow', node, byUs });
    }
  }
}

function onItsWay({ inFlight }: { readonly inFlight: InFlight }): { readonly inFlight?: InFlightModel } {
  return inFlight === undefined || inFlight === 'losing' ? {} : { inFlight };
}

function firstOnes({ messagesFirst }: { readonly messagesFirst: boolean }): { readonly messagesFirst?: boolean } { return messagesFirst ? { messagesFirst } : {}; }

function swap(scope: Scope, fault: OfKind<'swap'>): FaultModel | undefined {
  const messages = messageMatch(scope, fault.messages), other = messageMatch(scope, fault.other);
  if (messages === undefined || other === undefined) return undefined;
  const { to, message } = fault.other;
  if (messages.to !== other.to) {
    scope.report.error(to, 'name', `Messages change places on their way to one receiver; name \`${fault.messages.to.text}\` here too.`);
    return undefined;
  }
  if (messages.from === other.from && messages.message === other.message && messages.epoch === other.epoch && messages.slot === other.slot && messages.nth === other.nth) {
    scope.report.error(message, 'statement', `This is the same message twice; say which two, as in \`${message.text} #1 and ${message.text} #2\`.`);
    return undefined;
  }
  return { kind: 'swap', messages, other };
}

function restart(scope: Scope, { node: word, blank, as }: OfKind<'restart'>): ((node: ProcessId) => FaultModel) | undefined {
  const name = as === undefined ? undefined : scope.names.node(as);
  if (as === undefined || name === undefined) return as === undefined ? (node) => ({ kind: 'restart', node, ...(blank ? { blank } : {}) }) : undefined;
  const { memberCount } = scope.names.names;
  if (isAny(word)) scope.report.error(word, 'name', 'A new name is one node’s; name the node that restarts.');
  else if (memberCount === undefined || name < memberCount) scope.report.error(as, 'name', `\`${as.text}\` is a member from the start; the new name is one of a spare node, as in \`nodes A B C, spare D\`.`);
  return (node) => ({ kind: 'restart', node, blank, as: name });
}

function crashPoint({ report }: Scope, point: CrashPoint | undefined): Crash['point'] | 'wrong' {
  if (point === undefined || point.kind !== 'after-sends') return point;
  const count = checkedCount(report, point.count, 'The number of sends', 1, 1000);
  return count === undefined ? 'wrong' : { kind: 'after-sends', count };
}

function link(scope: Scope, fromWord: Word, toWord: Word): { from: ProcessId; to: ProcessId } | undefined {
  const from = processOrAny(scope, fromWord);
  const to = processOrAny(scope, toWord);
  if (from === undefined || to === undefined) return undefined;
  if (from === to && from !== ANY) {
    scope.report.error(toWord, 'name', `\`${toWord.text}\` has no link to itself; name two processes.`);
    return undefined;
  }
  return { from, to };
}

function lies(scope: Scope, fault: OfKind<'lies'>): FaultModel | undefined {
  const { node, to, message, key, value, leader, request } = fault;
  const from = isAny(node) ? ANY : scope.names.node(node);
  const as = fault.as === undefined ? undefined : scope.names.node(fault.as);
  const messages = messageMatch(scope, { from: node, to, message, leader: -1, request: -1, nth: undefined });
  if (from === undefined || messages === undefined || (fault.as !== undefined && as === undefined)) return undefined;
  if (fault.as !== undefined && as === from) {
    scope.report.error(fault.as, 'name', `\`${node.text}\` speaks in its own name anyhow; \`${node.text} lies to ${to.text}: …\` changes what it says.`);
    return undefined;
  }
  if (key === undefined && leader < 0 && as === undefined) {
    scope.report.error(message, 'statement', `Say what it says instead, as in \`${node.text} lies to ${to.text}: ${message.text} k = 9\`.`);
    return undefined;
  }
  const said = (number: number): number | undefined => (number < 0 ? undefined : number);
  return { kind: 'lies', messages, as, key: key?.text, value: value?.text, epoch: said(leader), slot: said(request) };
}

/** `transfer * to B`: whoever leads. */
function transfer(scope: Scope, { node, to }: OfKind<'transfer'>): readonly FaultModel[] {
  const { report, names } = scope;
  const from = nodesMeant(scope, node, false), heir = isAny(to) ? undefined : names.node(to);
  if (isAny(to)) report.error(to, 'name', 'Only one node can take over; name it, as in `transfer A to B`.');
  if (heir === undefined || from.length === 0) return [];
  if (!isAny(node) && from[0] === heir) {
    report.error(to, 'name', `\`${to.text}\` cannot take over from itself; name another node.`);
    return [];
  }
  if (scope.words !== undefined && !scope.transfers) {
    const verb = wordFrom(report.line, report.text, report.text.search(/\btransfer\b/));
    report.error(verb, 'statement', `Leaders of \`${scope.protocol}\` do not hand over to a chosen node; \`timeout ${to.text}\` makes it ask for the leadership.`);
    return [];
  }
  return from.filter((leader) => leader !== heir).map((leader) => ({ kind: 'transfer', node: leader, to: heir }));
}

function heal(scope: Scope, fault: OfKind<'heal'>): FaultModel | undefined {
  if (fault.from === undefined || fault.to === undefined) return { kind: 'heal' };
  const ends = link(scope, fault.from, fault.to);
  return ends === undefined ? undefined : { kind: 'heal-link', ...ends, both: fault.both };
}

function partition(scope: Scope, fault: OfKind<'partition'>): FaultModel | undefined {
  const seen = new Map<number, Word>();
  let fine = true;
  const groups = fault.groups.map((group) => group.flatMap((word) => {
    if (isAny(word)) {
      scope.report.error(word, 'name', 'A partition names its processes one by one, without `*`.');
      fine = false;
      return [];
    }
    const id = scope.names.process(word);
    if (id === undefined) {
      fine = false;
      return [];
    }
    if (seen.has(id)) {
      scope.report.error(word, 'name', `\`${word.text}\` is in this partition already; a process is in one group only.`);
      fine = false;
    }
    seen.set(id, word);
    return [id];
  }));
  return fine ? { kind: 'partition', groups, ...onItsWay(fault) } : undefined;
}

function holdEnd(scope: Scope, until: HoldEnd, trigger: Trigger): HoldEndModel | undefined {
  if (until.kind === 'released') return { kind: 'released' };
  if (until.kind === 'event') {
    const event = eventMatch(scope, until.event);
    return event === undefined ? undefined : { kind: 'event', event };
  }
  const timeUs = checkedTime(scope.report, until.time, { what: 'A time' });
  if (timeUs === undefined) return undefined;
  const fromUs = trigger.kind === 'at' ? trigger.timeUs : trigger.kind === 'every' ? trigger.fromUs : 0;
  if (timeUs > fromUs || (timeUs === fromUs && trigger.kind === 'always')) return { kind: 'time', timeUs };
  scope.report.error(until.time, 'quantity', 'This ends before it begins; `until` takes a time of the run, not a duration.');
  return undefined;
}
