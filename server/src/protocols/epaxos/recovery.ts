/**
 * Figure 3 of the paper, explicit Prepare: a replica that has waited too long for an instance takes it over in a new ballot,
 * learns from a majority what may have been decided, and finishes that.
 */
import type { ProcessId } from '../../model/scenario.ts';
import { ballotAfter } from '../ballots.ts';
import { sendCommit } from './commit.ts';
import { accept, lead, preAccept, roundOf, widen } from './phases.ts';
import {
  about, defaultBallot, fastPeers, hearOf, instanceAt, isOnItsWay, join, NO_OP, ownerOf, persistPromise, sameAttributes, slowQuorum, watch,
  type Instance, type Leading, type Of, type Prepared, type Step,
} from './state.ts';

/** An instance has been open for too long: its owner asks more widely, anybody else takes it over. */
export function onRecoverTimer(step: Step, slot: number): void {
  const leading = step.state.leading.get(slot);
  if (instanceAt(step, slot).status === 'committed') return;
  if (leading === undefined) {
    step.context.emit('timeout');
    recover(step, slot);
  } else if (leading.phase === 'pre-accept' && !leading.widened) widen(step, slot, leading);
}

/** The failure detector fires: whatever this replica does not lead as its owner is taken over. */
export function suspect(step: Step): void {
  const { config, context, state } = step;
  context.emit('timeout');
  const known = new Set([...state.disk.instances.keys(), ...state.heard.keys()]);
  for (const slot of [...known].sort((a, b) => a - b)) {
    if (instanceAt(step, slot).status === 'committed' || state.leading.get(slot)?.ballot === defaultBallot(config, slot)) continue;
    recover(step, slot);
  }
}

/** A ballot above any that it knows for the instance; its own answer is the first. */
function recover(step: Step, slot: number): void {
  const { config, context } = step;
  const instance = instanceAt(step, slot), ballot = ballotAfter(instance.bal, context.self, config.nodeCount);
  const own: Prepared = { ...told(step, instance), from: context.self };
  context.emit('candidate', { epoch: ballot, slot });
  join(step, slot, ballot, context.self);
  persistPromise(step, ballot);
  lead(step, slot, { ...NO_OP, ballot, phase: 'prepare', fast: false, widened: true, prepared: [own], preAccepted: [], accepted: [] });
  decidePrepared(step, slot);
}

/**
 * What a replica says of an instance. The ballot that counts is the one in which it last voted, `vbal`. With a single
 * variable it can only tell the one that it joined last, which may be newer than its vote (Sutra 2020).
 */
function told({ config }: Step, { command, seq, deps, status, bal, vbal }: Instance): Omit<Prepared, 'from'> {
  return { command, seq, deps, status, vbal: config.ballots === 'one' && status !== 'none' ? bal : vbal };
}

/** A newer ballot is joined, and from then on nothing older is obeyed. What is committed needs no ballot: it is told instead. */
export function onPrepare(step: Step, from: ProcessId, message: Of<'prepare'>): void {
  const { context } = step, { slot, epoch } = message;
  hearOf(step, slot);
  const instance = instanceAt(step, slot), { status, bal, vbal } = instance;
  if (status === 'committed') {
    if (!isOnItsWay(step)) sendCommit(step, from, slot);
    return;
  }
  if (epoch < bal) {
    context.discard(`older than ballot ${bal}, which it has joined`);
    return context.send(from, { ...about(step, slot, epoch), type: 'prepare-ok', ...told(step, instance), bal });
  }
  if (epoch === vbal) return context.discard('it has voted in this ballot: the round is over');
  if (epoch > bal) {
    join(step, slot, epoch, from);
    persistPromise(step, epoch);
  }
  watch(step, slot);
  if (isOnItsWay(step)) return;
  const known = status === 'none' ? undefined : instance;
  context.send(from, { ...about(step, slot, epoch, known), type: 'prepare-ok', ...told(step, instance), bal: epoch });
}

export function onPrepareOk(step: Step, from: ProcessId, message: Of<'prepare-ok'>): void {
  const leading = roundOf(step, from, message, 'prepare');
  if (leading === undefined) return;
  const { slot, command, seq, deps, status, vbal } = message;
  const prepared = [...leading.prepared, { from, command, seq, deps, status, vbal }];
  step.state.leading = step.state.leading.set(slot, { ...leading, prepared });
  decidePrepared(step, slot);
}

/** What a majority tells decides how the instance is finished. */
function decidePrepared(step: Step, slot: number): void {
  const { config, state } = step;
  const { prepared, ballot }: Leading = state.leading.get(slot)!;
  if (prepared.length < slowQuorum(config)) return;
  const accepted = newestAccepted(prepared);
  if (accepted !== undefined) return accept(step, slot, ballot, accepted);
  const fast = config.recovery === 'identical' ? maybeFast(step, slot, prepared) : undefined;
  if (fast !== undefined) return accept(step, slot, ballot, fast);
  // Nobody can have committed it. Whoever pre-accepted it knows the command; if nobody has, the instance stays empty.
  const heard = prepared.find(({ status }) => status === 'pre-accepted');
  preAccept(step, slot, ballot, heard?.command, false);
}

/** As in Paxos, what was accepted in the newest ballot is the only thing that can have been chosen. */
function newestAccepted(prepared: readonly Prepared[]): Prepared | undefined {
  const accepted = prepared.filter(({ status }) => status === 'accepted');
  return accepted.reduce<Prepared | undefined>((best, each) => (best === undefined || each.vbal > best.vbal ? each : best), undefined);
}

/**
 * ⌊n/2⌋ identical pre-accepts of the default ballot, none from the owner, may be part of a fast quorum, so their
 * attributes are kept. If the owner answers and has not committed, it has not taken the fast path and never will.
 */
function maybeFast({ config }: Step, slot: number, prepared: readonly Prepared[]): Prepared | undefined {
  const owner = ownerOf(config, slot), peers = fastPeers(config, owner);
  const initial = prepared.filter(({ status, vbal }) => status === 'pre-accepted' && vbal === defaultBallot(config, slot));
  if (initial.some(({ from }) => from === owner)) return undefined;
  const votes = initial.filter(({ from }) => peers.includes(from));
  return votes.find((vote) => votes.filter((other) => sameAttributes(vote, other)).length >= Math.floor(config.nodeCount / 2));
}
