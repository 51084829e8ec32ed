/**
 * Turmoil: a partition every moment, another one as soon as it heals, false suspicions and held messages in between. Unlike a
 * storm it leaves no time to settle, so that whole histories of leaders pile up in the logs.
 */
import type { ProcessId, Scenario } from '../../server/src/model/scenario.ts';
import { protocolNamed } from '../../server/src/protocols/registry.ts';
import { at, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';
import { randomOf } from './storm.ts';

const UNTIL_MS = 2000, WRITES = 24;

/** Three or five nodes (or as many as it is told), which clients can always reach. */
export function turmoilOf(under: Under, knobs: Readonly<Record<string, string>>, seed: number, nodeCount?: number): Scenario {
  const random = randomOf(seed), odd = 3 + 2 * random(2), n = nodeCount ?? odd, entries: ScriptEntry[] = [];
  const nodes = Array.from({ length: n }, (_, node): ProcessId => node);
  const words = protocolNamed(under.protocol)!.spec.messages.map((message) => message.word);
  for (let index = 0; index < WRITES; index++) {
    const operation = { client: n + random(2), action: { kind: 'write', key: 'k', value: String(index + 1) }, target: random(3) > 0 ? random(n) : undefined } as const;
    entries.push({ trigger: at(random(UNTIL_MS)), operation });
  }
  for (let from = random(200); from < UNTIL_MS; from += 50 + random(300)) {
    const left = nodes.filter(() => random(2) === 0), right = nodes.filter((node) => !left.includes(node));
    entries.push({ trigger: at(from), fault: { kind: 'heal' } }, { trigger: at(from), fault: { kind: 'partition', groups: [left, right] } });
    for (const node of [random(n), random(n)]) if (random(2) === 0) entries.push({ trigger: at(from + random(40)), fault: { kind: 'timeout', node } });
    const node = random(n), other = (node + 1 + random(n - 1)) % n;
    const messages = { from: node, to: other, message: words[random(words.length)]!, nth: undefined };
    const timeUs = 1000 * (from + 20 + random(500));
    if (random(2) === 0) entries.push({ trigger: at(from), fault: { kind: 'hold', messages, until: { kind: 'time', timeUs } } });
    if (random(3) > 0) continue;
    entries.push({ trigger: at(from), fault: { kind: 'crash', node, losing: undefined, point: undefined } });
    entries.push({ trigger: at(from + 10 + random(60)), fault: { kind: 'restart', node } });
  }
  return scenarioOf(under, knobs, nodes.map((node) => `n${node + 1}`), ['c1', 'c2'], entries, {
    seed, runToUs: 1000 * (UNTIL_MS + 1000),
    network: { delays: [{ from: -1, to: -1, minUs: 1000, maxUs: 15_000 }], loss: 0, duplicates: 0, order: undefined, line: undefined },
  });
}
