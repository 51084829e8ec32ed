/**
 * Trust in the protocols: each survives its weather, in all its safe variants, and its nodes agree on every slot; with any one
 * guard taken away the same weather breaks it. What comes of it stands in docs/trust.md (`npm run goldens` rewrites it).
 *
 * `PAWL_SCHEDULES=3000 npm run test:unit -- test/protocols/trust` weathers so many of each kind, and leaves the page alone.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EVENT } from '../../server/src/engine/events.ts';
import { agreementOf } from './agreement.ts';
import { runOf } from './scenarios.ts';
import { TRUSTED, type Trusted } from './trusted.ts';
import { titleOf, trustPage, type Outcome } from './trustPage.ts';
import { harmIn, type Knobs, type Weather } from './weather.ts';

const asked = Number(process.env['PAWL_SCHEDULES'] ?? 0);
/** Schedules of each weather: of the protocol itself, of each safe variant; and in which a missing guard must be caught. */
const SCHEDULES = asked || 80, VARIANT_SCHEDULES = asked === 0 ? 12 : Math.ceil(asked / 4), AT_MOST = 4000;

/** The page is only told what was found; whatever is wrong has failed a test before. */
const outcomes = new Map<Trusted, Outcome>(TRUSTED.map((trusted) => [trusted, { schedules: 0, slots: 0, asked: 0, answered: 0, caughtAfter: [] }]));

/** One schedule: nothing is found, and the nodes agree. */
function survive(trusted: Trusted, weather: Weather, knobs: Knobs, seed: number): void {
  const { under, base = {} } = trusted, outcome = outcomes.get(trusted)!;
  const scenario = weather.schedule(under, { ...base, ...knobs }, seed), run = runOf(scenario);
  const { shared, broken } = agreementOf(run, weather.liars?.(scenario) ?? []);
  expect([...harmIn(weather, scenario, run), ...broken], `replay: ${weather.name} ${JSON.stringify(under)} ${JSON.stringify({ ...base, ...knobs })} seed ${seed}`).toEqual([]);
  outcome.schedules++;
  outcome.slots += shared;
  for (let i = 0; i < run.log.length; i++) {
    if (run.log.kind(i) === EVENT.invoke) outcome.asked++;
    if (run.log.kind(i) === EVENT.ok || run.log.kind(i) === EVENT.fail) outcome.answered++;
  }
}

/** How many schedules it took, all weathers in turn, until the violation was found. */
function caughtAfter({ under, base = {} }: Trusted, weathers: readonly Weather[], knobs: Knobs, code: string): number {
  for (let schedules = 0; schedules < AT_MOST; schedules++) {
    const weather = weathers[schedules % weathers.length]!, scenario = weather.schedule(under, { ...base, ...knobs }, 1 + Math.floor(schedules / weathers.length));
    if (harmIn(weather, scenario, runOf(scenario)).includes(code)) return schedules + 1;
  }
  return Infinity;
}

describe.each(TRUSTED.map((trusted) => [titleOf(trusted), trusted] as const))('%s', (_title, trusted) => {
  const outcome = outcomes.get(trusted)!;

  test.each(trusted.weathers)('survives: $name', (weather) => {
    for (const knobs of [{}, ...trusted.safe]) {
      const schedules = Object.keys(knobs).length > 0 ? VARIANT_SCHEDULES : asked || (trusted.schedules ?? SCHEDULES);
      for (let seed = 1; seed <= schedules; seed++) survive(trusted, weather, knobs, seed);
    }
  });

  test('is not idle: its nodes have something to agree on, and its clients are answered', () => {
    expect(outcome.slots).toBeGreaterThan(outcome.schedules / 2);
    expect(outcome.answered / outcome.asked).toBeGreaterThan(0.2);
  });

  test.each(trusted.guards.map(([guard, knobs, code, weather]) => ({ guard, knobs, code, weather })))('without $guard it is caught', ({ knobs, code, weather }) => {
    const schedules = caughtAfter(trusted, weather === undefined ? trusted.weathers : [weather], knobs, code);
    outcome.caughtAfter.push(schedules);
    expect(schedules, `${code} within ${AT_MOST} schedules`).toBeLessThanOrEqual(AT_MOST);
  });
});

test.skipIf(asked > 0)('docs/trust.md tells it', async () => {
  await expect(trustPage(TRUSTED, outcomes)).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/trust.md'));
});
