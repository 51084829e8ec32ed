/** Weather for protocols whose members change. */
import type { MembersAction, ProcessId, Scenario } from '../../server/src/model/scenario.ts';
import { at, scenarioOf, type ScriptEntry } from './scenarios.ts';
import { randomOf } from './storm.ts';
import type { Weather } from './weather.ts';

const UNTIL_MS = 2500;

/** Three or four members of six servers: changes, partitions, crashes and writes without rest. */
export function membershipStormOf(protocol: string, knobs: Readonly<Record<string, string>>, seed: number): Scenario {
  const random = randomOf(seed), n = 6, memberCount = 3 + random(2), entries: ScriptEntry[] = [];
  const nodes = Array.from({ length: n }, (_, node): ProcessId => node);
  const changeOf = (): MembersAction => {
    const one = random(n), other = random(n), action = { kind: 'members', add: [], remove: [], to: undefined, text: `change ${seed}` } as const;
    switch (random(4)) {
      case 0: return { ...action, add: [one] };
      case 1: return { ...action, remove: [one] };
      case 2: return { ...action, add: [one], remove: one === other ? [] : [other] };
      default: { const to = nodes.filter(() => random(2) === 0); return { ...action, to: to.length === 0 ? [one] : to }; }
    }
  };
  for (let from = 20 + random(100); from < UNTIL_MS; from += 60 + random(250)) {
    entries.push({ trigger: at(from + random(100)), operation: { client: n, action: { kind: 'write', key: 'k', value: String(from) }, target: random(2) === 0 ? random(n) : undefined } });
    if (random(2) === 0) entries.push({ trigger: at(from + random(60)), operation: { client: n + 1, action: changeOf(), target: random(2) === 0 ? random(n) : undefined } });
    const left = nodes.filter(() => random(2) === 0), right = nodes.filter((node) => !left.includes(node));
    entries.push({ trigger: at(from), fault: { kind: 'heal' } });
    if (random(4) > 0) entries.push({ trigger: at(from), fault: { kind: 'partition', groups: [left, right] } });
    if (random(2) === 0) {
      // Whoever is elected is asked for a change at once.
      const node = random(memberCount), then = from + random(50);
      entries.push({ trigger: at(then), fault: { kind: 'timeout', node } }, { trigger: at(then + 10 + random(30)), operation: { client: n + 1, action: changeOf(), target: node } });
    }
    if (random(3) > 0) continue;
    const node = random(n);
    entries.push({ trigger: at(from + random(40)), fault: { kind: 'crash', node, losing: undefined, point: undefined } });
    entries.push({ trigger: at(from + 60 + random(100)), fault: { kind: 'restart', node } });
  }
  entries.push({ trigger: at(UNTIL_MS), fault: { kind: 'heal' } });
  return scenarioOf({ protocol }, knobs, nodes.map((node) => `n${node + 1}`), ['c1', 'admin'], entries, {
    seed, memberCount, runToUs: 1000 * (UNTIL_MS + 800),
    network: { delays: [{ from: -1, to: -1, minUs: 1000, maxUs: 12_000 }], loss: 0, duplicates: 0, order: undefined, line: undefined },
  });
}

export const MEMBERS: Weather = { name: 'changes of members', schedule: ({ protocol }, knobs, seed) => membershipStormOf(protocol, knobs, seed) };
