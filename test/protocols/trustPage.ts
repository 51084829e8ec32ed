/** docs/trust.md, from what the tests found. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Trusted } from './trusted.ts';
import type { Knobs } from './weather.ts';

export interface Outcome {
  schedules: number;
  /** Slots, over all schedules, that more than one node spoke of. */
  slots: number;
  /** Operations, and those that ended with `ok` or `failed`. */
  asked: number;
  answered: number;
  /** By guard: schedules until it was caught. */
  readonly caughtAfter: number[];
}

const HEAD = `# Why the protocols can be trusted

Every protocol is run in seeded random weather that it claims to survive, and nothing may be found. Then each guard of its paper
is taken away in turn, by the knob that stands for it, and the same weather must find what that costs: a check that never fires
is no check. What is asked in such weather is often not answered; that is counted too, so that nothing is safe by being idle. The numbers here are written by the test that counts them (\`test/protocols/trust.test.ts\`), from the same seeds each
time. \`PAWL_SCHEDULES=3000 npm run test:unit -- test/protocols/trust\` weathers more.

- **storm**: three to five nodes, one or two keys, up to eighteen reads, writes and compare-and-swaps, and up to six of: a crash
  (before or after the disk, or half-way through sending) and mostly a restart, a pause, a partition, a cut link, a slow link, a
  slow disk, a dropped or a held message; in a quarter of the schedules each, losses, duplicates, messages that overtake each other.
- **turmoil**: a new partition as soon as the last has healed, with false suspicions, held messages and crashes in between; three or
  five nodes. **halves**: the same with four.
- **gale**: a storm in a sixth of the time. **snapshots**: turmoil in which followers need one again and again, over a network that
  loses, doubles and reorders. **transfers**: a storm in which leaders hand over eight times. **a liar**: one node of four says
  something else than it should, to some or to all.
- **lease storm**: again and again a leader is cut off with a client that reads from it while the others are made to elect
  another; pauses, clocks that are set, and clocks that run up to a fifth faster or slower. **wild clocks**: the same, up to 70%.
- **shards**: a storm over two keys with a leader each. **transactions over shards**: half of it is about both keys at once.
- **damage**: a storm in which some links damage what they carry. **one lie**: one node of four tells one other something else.
- **changes of members**: six servers that are asked for one change after the other amid turmoil. **sessions**: clients that
  create, set, watch, lock and use a resource under the lock, while servers and clients fail.

*Agreement* is looked at without any checker: what two nodes say they committed, or applied, in the same slot must be the same, in
every run. Besides, every protocol with a key-value store is asked the same by the same clients and must leave the same values
(\`test/protocols/sameService.test.ts\`), and each figure of its paper that shows a run is a run here (\`test/figures.test.ts\`).

| protocol | its paper’s runs | schedules | slots compared | answered | found |
|---|---|---:|---:|---:|---|
`;

const goldens = join(import.meta.dirname, '../goldens/figures');

function figuresOf(protocol: string): string {
  const files = existsSync(goldens) ? readdirSync(goldens).filter((name) => name.startsWith(`${protocol}.`)).sort() : [];
  return files.map((name) => `[${name.slice(protocol.length + 1, -5).replaceAll('-', ' ')}](../test/goldens/figures/${name})`).join(', ');
}

const knobsText = (knobs: Knobs): string => Object.entries(knobs).map(([name, value]) => `\`${name} ${value}\``).join(' ');

/** `primary-backup like leases`, `raft: changes of members`. */
export const titleOf = ({ under: { protocol, like }, what }: Trusted): string => `${protocol}${like === undefined ? '' : ` like ${like}`}${what === undefined ? '' : `: ${what}`}`;

export function trustPage(all: readonly Trusted[], outcomes: ReadonlyMap<Trusted, Outcome>): string {
  const rows = all.map((trusted) => {
    const { under: { protocol }, weathers } = trusted, first = all.find(({ under }) => under.protocol === protocol) === trusted, { schedules, slots, asked, answered } = outcomes.get(trusted)!;
    return `| [${titleOf(trusted)}](protocols/${protocol}.md) | ${first ? figuresOf(protocol) : ''} | ${schedules} (${weathers.map(({ name }) => name).join(', ')}) | ${slots} | ${Math.floor(100 * answered / asked)}% | nothing |`;
  });
  const sections = all.map((trusted) => {
    const { guards, safe, base = {} } = trusted, { caughtAfter } = outcomes.get(trusted)!;
    const always = Object.keys(base).length === 0 ? '' : `With ${knobsText(base)}. `;
    const variants = safe.length === 0 ? always : `${always}It is as safe with ${safe.map(knobsText).join(', ')}.\n\n`;
    const caught = guards.map(([guard, without, code, weather], index) => `| ${guard} | ${knobsText(without) || weather?.name} | [${code}](violations/${code}.md) | ${caughtAfter[index]} |`);
    return `## ${titleOf(trusted)}\n\n${variants}| guard | without it | found | in schedule |\n|---|---|---|---:|\n${caught.join('\n')}\n`;
  });
  return `${HEAD}${rows.join('\n')}\n\n${sections.join('\n')}`;
}
