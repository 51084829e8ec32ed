import { membershipAtEnd, Memberships } from '../checkers/members.ts';
import type { ExpectationModel } from '../model/scenario.ts';
import type { Evidence, Judgement } from './expectations.ts';
import { stillToCome } from './expectViolations.ts';
import { formatTime } from './words.ts';

/** Met when, at the deadline or at the end, the node that began to lead last counts just these as members. */
export function judgeMembers(evidence: Evidence, expectation: Extract<ExpectationModel, { kind: 'members' }>): Judgement {
  const { execution } = evidence, { log, names } = execution, { byUs } = expectation;
  const later = byUs === undefined ? -1 : Array.from({ length: log.length }, (_, i) => i).findIndex((i) => log.timeUs(i) > byUs);
  const { sets } = later < 0 ? membershipAtEnd(execution) : new Memberships(execution).upTo(later - 1).inForce;
  const wordsOf = (nodes: readonly number[]): string => nodes.map((node) => names[node] ?? '?').join(' ');
  const open = stillToCome(evidence, byUs);
  if (sets.length === 1 && wordsOf([...sets[0]!].sort((a, b) => a - b)) === wordsOf(expectation.nodes)) return { met: true, message: '', open };
  const when = later < 0 ? 'the end' : formatTime(byUs!);
  return { met: false, message: `the members at ${when} are ${sets.map(wordsOf).join(' and, as long as the change lasts, ')}`, open };
}
