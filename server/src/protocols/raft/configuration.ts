/** Configurations in the log: who the servers are, and which of several a server goes by (§6; thesis 4.1). */
import type { ProcessId } from '../../model/scenario.ts';
import { dropLease } from './leases.ts';
import type { Config, Log, RaftState, Step } from './state.ts';

export type Members = readonly ProcessId[];

export interface Configuration {
  readonly members: Members;
  /** C_old,new: `members` are the old ones, these the new ones, and decisions need the majorities of both. */
  readonly next: Members | undefined;
}

export interface LoggedConfiguration {
  /** Of its entry; 0 for what the server began with. */
  readonly index: number;
  readonly configuration: Configuration;
}

export const setsOf = ({ members, next }: Configuration): readonly Members[] => (next === undefined ? [members] : [members, next]);

export const everybody = (configuration: Configuration): Members => [...new Set(setsOf(configuration).flat())].sort((a, b) => a - b);

/** `S1 S2 S3`, `S1 S2 S3 | S1 S2 S4`. */
export function configurationText({ names }: Config, configuration: Configuration): string {
  return setsOf(configuration).map((set) => set.map((server) => names[server]!).join(' ')).join(' | ');
}

/** "A server always uses the latest configuration in its log, regardless of whether the entry is committed" (§6). */
export function inUse({ useConfiguration }: Config, { configurations, commitIndex }: RaftState): Configuration {
  const newest = configurations.at(-1)!;
  return (useConfiguration === 'appended' ? newest : configurations.findLast(({ index }) => index <= commitIndex) ?? configurations[0]!).configuration;
}

/** Does something to the log or the commit index, and says so where the server goes by another configuration afterwards. */
export function adopting(step: Step, act: () => void): void {
  const { config, context, state } = step, before = inUse(config, state);
  act();
  const now = inUse(config, state);
  if (now === before) return;
  dropLease(step);
  const { length } = setsOf(now).at(-1)!;
  context.emit('config', {
    epoch: state.disk.currentTerm, slot: config.commitQuorum(length), text: configurationText(config, now), a: length, b: config.votes(length),
  });
}

/** The configurations of snapshot and log, after either has been replaced. */
export function readAllConfigurations({ config, state }: Step): void {
  const { log, snapshot } = state.disk, base = snapshot.configuration ?? { index: 0, configuration: { members: config.membersAtStart, next: undefined } };
  state.configurations = [base, ...loggedFrom(log, base.index + 1)];
}

function loggedFrom(log: Log, index: number): readonly LoggedConfiguration[] {
  return [...log.after(index - 1)].flatMap(([at, { configuration }]) => (configuration === undefined ? [] : [{ index: at, configuration }]));
}

/** The configurations of the log again, from `index` on: entries there are new, or gone. */
export function readConfigurations(step: Step, index: number): void {
  const { state } = step, kept = state.configurations.filter((each) => each.index < index);
  const added = loggedFrom(state.disk.log, index);
  if (added.length > 0 || kept.length < state.configurations.length) state.configurations = [...kept, ...added];
}
