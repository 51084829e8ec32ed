/** A storm over sessions: clients that change and look at znodes, take a lock and use a resource under it, while servers and clients fail. */
import type { FaultModel, ProcessId, Scenario } from '../../server/src/model/scenario.ts';
import type { MultiStep, SessionCall } from '../../server/src/model/sessions.ts';
import { pathOf } from '../../server/src/model/sessions.ts';
import { at, scenarioOf, type ScriptEntry } from './scenarios.ts';
import { randomOf } from './storm.ts';
import type { Weather } from './weather.ts';

const N = 3, CLIENTS = 3, RESOURCE = N + CLIENTS, UNTIL_MS = 3000;

/** Every third storm is about everything, about one znode, and about the lock. */
function callOf(random: (bound: number) => number, index: number, seed: number): SessionCall {
  if (seed % 3 === 1 && index === 0) return { kind: 'create', path: '/a', value: 'first', ephemeral: false, sequential: false };
  if (seed % 3 === 1) return random(2) === 0 ? { kind: 'set', path: '/a', value: String(index), version: -1 } : { kind: 'get', path: '/a', watching: random(2) === 0 };
  if (seed % 3 === 2) return random(2) === 0 ? { kind: 'use', resource: 'R', process: RESOURCE, withToken: true } : { kind: random(3) > 0 ? 'lock' : 'unlock', path: '/lock' };
  const path = ['/a', '/b', '/a/c'][random(3)]!, watching = random(2) === 0;
  switch (random(17)) {
    case 0: case 1: return { kind: 'create', path, value: String(index), ephemeral: random(3) === 0, sequential: false };
    case 2: return { kind: 'create', path: '/b/s-', value: '', ephemeral: true, sequential: true };
    case 3: case 4: return { kind: 'set', path, value: String(index), version: random(3) - 1 };
    case 5: return { kind: 'remove', path, version: -1 };
    case 6: case 7: return { kind: 'get', path, watching };
    case 8: return { kind: random(2) === 0 ? 'list' : 'check', path, watching };
    case 9: return { kind: random(4) > 0 ? 'sync' : 'close' };
    case 10: case 11: return { kind: 'lock', path: '/lock' };
    case 12: return { kind: 'unlock', path: '/lock' };
    case 13: case 14: case 15: return { kind: 'multi', steps: Array.from({ length: 2 + random(3) }, () => stepOf(random, index)) };
    default: return { kind: 'use', resource: 'R', process: RESOURCE, withToken: true };
  }
}

export function stepOf(random: (bound: number) => number, index: number): MultiStep {
  const path = ['/a', '/b', '/a/c'][random(3)]!, version = random(4) - 1;
  switch (random(5)) {
    case 0: return { kind: 'create', path, value: String(index), ephemeral: random(3) === 0, sequential: false };
    case 1: return { kind: 'remove', path, version: -1 };
    case 2: return { kind: 'check', path, version };
    default: return { kind: 'set', path, value: String(index), version: -1 };
  }
}

function faultOf(random: (bound: number) => number): readonly [FaultModel, FaultModel?] {
  const node = random(N), client = N + random(CLIENTS), any: ProcessId = random(N + CLIENTS), other = (any + 1 + random(N + CLIENTS - 1)) % (N + CLIENTS);
  switch (random(8)) {
    case 0: case 1: return [{ kind: 'crash', node, losing: undefined, point: undefined }, { kind: 'restart', node }];
    case 2: return [{ kind: 'pause', node, durationUs: 1000 * (50 + random(600)) }];
    case 3: case 4: return [{ kind: 'pause', node: client, durationUs: 1000 * (100 + random(900)) }];
    case 5: {
      const groups: [ProcessId[], ProcessId[]] = [[], []];
      for (let process = 0; process < N + CLIENTS; process++) groups[random(2)]!.push(process);
      return [{ kind: 'partition', groups }, { kind: 'heal' }];
    }
    case 6: return [{ kind: 'slow', from: any, to: other, byUs: 1000 * random(300) }, { kind: 'heal' }];
    default: return [{ kind: 'drop', messages: { from: any, to: other, message: undefined, nth: 1 + random(12) } }];
  }
}

/** Up to 24 calls of three clients and up to six faults. */
export function sessionStormOf(knobs: Readonly<Record<string, string>>, seed: number, fenced = true): Scenario {
  const random = randomOf(seed), entries: ScriptEntry[] = [];
  for (let index = 0, calls = 12 + random(12); index < calls; index++) {
    const call = callOf(random, index, seed);
    const target = (seed % 3 === 1 || random(3) === 0) && call.kind !== 'use' ? random(N) : undefined;
    entries.push({ trigger: at(index === 0 ? 0 : random(UNTIL_MS)), operation: { client: N + random(CLIENTS), action: { kind: 'session', key: pathOf(call), call }, target, ...(random(5) === 0 ? { withinUs: 300_000 } : {}) } });
  }
  for (let index = random(6); index >= 0; index--) {
    const [fault, end] = faultOf(random), from = random(UNTIL_MS);
    entries.push({ trigger: at(from), fault });
    if (end !== undefined) entries.push({ trigger: at(from + 20 + random(900)), fault: end });
  }
  const late = 1000 * (100 + random(150)), behind = seed % 3 === 1 ? [{ from: 0, to: 1 + random(2), minUs: late, maxUs: late }] : [];
  const delay = { from: -1, to: -1, minUs: 1000 * (1 + random(5)), maxUs: 1000 * (8 + random(25)) };
  return scenarioOf({ protocol: 'zab' }, knobs, ['A', 'B', 'C'], ['c1', 'c2', 'c3', 'R'], entries, {
    seed, runToUs: 5_000_000, resources: new Map([[RESOURCE, { fenced, line: 0 }]]),
    network: { delays: [delay, ...behind], loss: random(6) === 0 ? 0.02 : 0, duplicates: 0, order: undefined, line: undefined },
  });
}

export const SESSIONS: Weather = { name: 'sessions', schedule: (_under, knobs, seed) => sessionStormOf(knobs, seed) };
/** The resource takes whoever comes, with whatever token. */
export const UNFENCED: Weather = { name: 'a resource that takes anyone', schedule: (_under, knobs, seed) => sessionStormOf(knobs, seed, false) };
