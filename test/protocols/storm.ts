/**
 * A storm: random schedules of everything a protocol claims to survive. Seeded, so that a seed is a whole experiment.
 */
import type { FaultModel, MessageMatch, ProcessId, Scenario } from '../../server/src/model/scenario.ts';
import { protocolNamed } from '../../server/src/protocols/registry.ts';
import { at, scenarioOf, type ScriptEntry, type Under } from './scenarios.ts';

/** A small generator of integers (mulberry32): the storms must be the same on every machine. */
export function randomOf(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

/** What may go wrong in a storm. Byzantine faults and lost disks are beyond what a crash-tolerant protocol claims. */
function faultOf(random: (bound: number) => number, n: number, words: readonly string[]): readonly [FaultModel, (FaultModel | undefined)?] {
  const node = random(n), other = (node + 1 + random(n - 1)) % n;
  const messages: MessageMatch = { from: node, to: other, message: words[random(words.length)]!, nth: 1 + random(4) };
  const point = ([undefined, undefined, { kind: 'before-fsync' }, { kind: 'after-fsync' }, { kind: 'after-sends', count: 1 }] as const)[random(5)];
  switch (random(10)) {
    case 0: case 1: return [{ kind: 'crash', node, losing: undefined, point }, { kind: 'restart', node }];
    case 2: return [{ kind: 'pause', node, durationUs: 1000 * (50 + random(800)) }];
    case 3: case 4: return [{ kind: 'partition', groups: groupsOf(random, n) }, { kind: 'heal' }];
    case 5: return [{ kind: 'cut', from: node, to: other, both: random(2) === 0 }, { kind: 'heal' }];
    case 6: return [{ kind: 'drop', messages }];
    case 7: return [{ kind: 'hold', messages, until: { kind: 'released' } }, { kind: 'release', messages: { ...messages, nth: undefined } }];
    case 8: return [{ kind: 'disk-slow', node, byUs: 1000 * (5 + random(60)) }];
    default: return [{ kind: 'slow', from: node, to: other, byUs: 1000 * random(400) }, { kind: 'heal' }];
  }
}

function groupsOf(random: (bound: number) => number, n: number): readonly (readonly ProcessId[])[] {
  const groups: [ProcessId[], ProcessId[]] = [[], []];
  for (let process = 0; process < n + 2; process++) groups[random(2)]!.push(process);
  return groups;
}

/** One scenario: two or three clients that read and write one or two keys, and up to six faults, most of which end. */
export function stormOf(under: string | Under, knobs: Readonly<Record<string, string>>, seed: number): Scenario {
  const random = randomOf(seed);
  const words = protocolNamed(typeof under === 'string' ? 'primary-backup' : under.protocol)!.spec.messages.filter(({ clients }) => clients === undefined).map((message) => message.word);
  const n = 3 + random(3), entries: ScriptEntry[] = [];
  const nodes = Array.from({ length: n }, (_, index) => `n${index + 1}`);
  const operations = 6 + random(12);
  for (let index = 0; index < operations; index++) {
    const key = random(4) === 0 ? 'j' : 'k', target = random(2) === 0 ? random(n) : undefined;
    const kind = random(5);
    const action = kind < 2 ? { kind: 'read', key } as const : kind < 4 ? { kind: 'write', key, value: String(index + 1) } as const : { kind: 'cas', key, from: 'nil', to: String(index + 1) } as const;
    entries.push({ trigger: at(random(3000)), operation: { client: n + random(2), action, target, ...(random(3) === 0 ? { withinUs: 300_000 } : {}) } });
  }
  const faults = 1 + random(6);
  for (let index = 0; index < faults; index++) {
    const [fault, end] = faultOf(random, n, words), from = random(2500);
    entries.push({ trigger: at(from), fault });
    if (end !== undefined && random(8) > 0) entries.push({ trigger: at(from + 20 + random(1200)), fault: end });
  }
  return scenarioOf(under, knobs, nodes, ['c1', 'c2'], entries, {
    seed, runToUs: 5_000_000,
    network: { delays: [{ from: -1, to: -1, minUs: 1000 * (1 + random(5)), maxUs: 1000 * (8 + random(40)) }], loss: random(4) === 0 ? 0.05 : 0, duplicates: random(4) === 0 ? 0.1 : 0, order: random(4) === 0 ? 'unordered' : undefined, line: undefined },
  });
}
