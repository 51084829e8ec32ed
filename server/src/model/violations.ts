/** The violations that can be expected and found: protocols.md §C by the codes of the language. */
import type { ViolationSpec } from './catalogue.ts';

const spec = (code: string, severity: ViolationSpec['severity'], about: string, available = true): ViolationSpec => ({ code, about, severity, available });

export const VIOLATIONS: readonly ViolationSpec[] = [
  spec('split-brain', 'error', 'Two nodes led at the same time and both acknowledged writes, neither knowing of the other\'s. Each side now believes its own history.'),
  spec('dual-leader', 'hint', 'Two nodes believed at the same time that they lead, in different epochs. That is legal as long as only the newer one can still commit.'),
  spec('epoch-collision', 'error', 'Two nodes became leader of the same epoch, so the epoch no longer says whose orders count.'),
  spec('stale-epoch', 'error', 'A node obeyed a message of an older epoch although it had already promised a newer one.'),
  spec('epoch-regression', 'error', 'A node\'s promise went back to an older epoch, for instance because it was not on disk when the node restarted.'),
  spec('lost-write', 'error', 'A write was acknowledged to its client, and is no longer part of the history that the cluster goes on with.'),
  spec('under-replicated', 'warning', 'A write was acknowledged while too few nodes had it on disk: a failure that the cluster is meant to survive could lose it.'),
  spec('diverged', 'error', 'Two nodes hold different contents for the same slot, or applied the same slots in another order and hold different values.'),
  spec('not-linearizable', 'error', 'No single order of the operations, each taking effect between its start and its end, explains what the clients saw.'),
  spec('stale-read', 'error', 'A read returned an old value although a newer write had been acknowledged before the read began.'),
  spec('lease-overlap', 'error', 'Two leases held at the same true time, or a newer leader committed while an older one still trusted its lease.'),
  spec('duplicate-execution', 'error', 'One operation took effect twice, because a repeated request was not recognized as the same one.'),
  spec('disjoint-quorums', 'error', 'Two quorums that must share a node do not, so that a decision of one is invisible to the other.'),
  spec('equivocation', 'error', 'A node said two different things about the same slot of the same epoch to different nodes.'),
  spec('not-atomic', 'error', 'An operation over several keys was seen half done: something came between its effects on two of them.'),
  spec('unfenced', 'error', 'A resource accepted an older token after a newer one, so a client that lost its lock could still write.'),
  spec('commit-regression', 'error', 'A node\'s commit position went back, or went past the end of its own log.'),
  spec('commit-lag', 'warning', 'A node that is up and connected has not learned of a commit for too long.'),
  spec('no-progress', 'warning', 'An operation was never answered. Where it is proved that it never can be, the message says so; otherwise it says how long was waited.'),
  spec('blocked', 'error', 'A node voted for something and cannot learn how it ended: whoever could tell is down or cut off for good.'),
];

const byCode: ReadonlyMap<string, ViolationSpec> = new Map(VIOLATIONS.map((each) => [each.code, each]));

export function violationNamed(code: string): ViolationSpec | undefined {
  return byCode.get(code);
}
