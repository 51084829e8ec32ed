import { membershipAtEnd } from '../checkers/members.ts';
import type { ExpectationModel } from '../model/scenario.ts';
import type { Evidence, Judgement } from './expectations.ts';
import { listed } from '../model/suggest.ts';

type KeyValue = Extract<ExpectationModel, { kind: 'key-value' }>;

/** A key's value at the end, on the nodes named or, if none is, on every node that is up. A key never written is `nil`. */
export function judgeKeyValue(evidence: Evidence, expectation: KeyValue): Judgement {
  const { execution } = evidence;
  const nodes = expectation.nodes.length > 0 ? expectation.nodes : upNodes(evidence);
  if (nodes.length === 0) return { met: false, message: 'no node is up at the end', open: true };
  const valueOn = (node: number): string => execution.finalValues[node]?.get(expectation.key) ?? 'nil';
  if (nodes.every((node) => valueOn(node) === expectation.value)) return { met: true, message: '', open: true };
  const values = [...new Set(nodes.map(valueOn))];
  const holders = (value: string): readonly string[] => nodes.filter((node) => valueOn(node) === value)
    .map((node) => execution.names[node] ?? '?');
  const parts = values.map((value) => `${value} on ${listed(holders(value))}`);
  return { met: false, message: `at the end ${expectation.key} is ${listed(parts)}`, open: true };
}

function upNodes(evidence: Evidence): readonly number[] {
  const { execution } = evidence;
  const members = membershipAtEnd(execution).sets.flat();
  return execution.aliveAtEnd.flatMap((alive, node) => (alive && node < execution.nodeCount && members.includes(node) ? [node] : []));
}
