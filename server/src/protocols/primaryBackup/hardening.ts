/**
 * Checks against messages that are damaged, forged, or lies (protocols.md A14). Each is a knob, and each finds out by
 * comparing digests that nodes compute from what they hold themselves.
 *
 * - `checksum`: a digest over the message travels with it; one that was damaged is ignored.
 * - `authentication`: so does a signature of whoever sends it. It is a digest with the signer's key; that nobody computes one
 *   with another's key stands for what real signatures guarantee.
 * - `hash-chain`: a proposal carries a digest of the log before its slot, and so does its answer. Logs that differ show at the
 *   next message, which may be too late.
 * - `echo`: nodes tell each other what they were told, and apply nothing before enough say the same (Bracha 1987, the echo of
 *   reliable broadcast). `quorum` is ⌈(n+f+1)/2⌉ with f = ⌊(n−1)/3⌋: any two such sets share an honest node.
 * - `stop-on-evidence`: a node that holds evidence of a lie stops for good, crashes included.
 *
 * A leader shows the votes that made it one. A node that stands for election, or says what it has promised, shows nothing: that
 * can depose a leader and make nobody one.
 */
import { hashData } from '../../engine/hash.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { sizeOf } from '../quorums.ts';
import { commitAt, tryDecide } from './replication.ts';
import { digestOf, epochsOn, RETRY_US, sendToEach, setEntry, type Config, type Disk, type Entry, type Log, type Of, type PbMessage, type SignedVote, type Step } from './state.ts';

/** Of n nodes f may lie, and any two sets of this size share one that does not. */
export function echoQuorumOf(n: number): number {
  const f = Math.floor((n - 1) / 3);
  return Math.ceil((n + f + 1) / 2);
}

// --- Digests --------------------------------------------------------------------------------------------------------

/** Of all entries before a slot, following each one's `previous`; undefined where one of them is missing. */
export function digestBefore(log: Log, previous: number): number | undefined {
  const digests: number[] = [];
  for (let slot = previous; slot > 0;) {
    const entry = log.get(slot);
    if (entry === undefined || entry.previous >= slot) return undefined;
    digests.push(digestOf(entry));
    slot = entry.previous;
  }
  return hashData(digests);
}

/** The digest that a proposal of this entry, or an answer to one, carries. */
export const chainOf = (step: Step, entry: Entry): number | undefined => (step.config.hashChain ? digestBefore(step.state.disk.log, entry.previous) : undefined);

// --- Checksums and signatures ---------------------------------------------------------------------------------------

const signatureOf = (signer: ProcessId, digest: number): number => hashData(['the key of', signer, digest]);
const proofOf = (signer: ProcessId, epoch: number, slot: number, digest: number): number => signatureOf(signer, hashData(['proposes', epoch, slot, digest]));

/** Over every field but those that seal it. */
function bodyDigest(message: PbMessage): number {
  return hashData({ ...message, checksum: undefined, signature: undefined });
}

/** The last thing that a sender does to a message, be it true or not. A proposal is signed besides, so that it can be shown to others. */
export function sealed(config: Config, message: PbMessage, signer: ProcessId): PbMessage {
  if (!config.checksum && !config.authentication) return message;
  const proven = config.authentication && message.type === 'propose'
    ? { ...message, proof: proofOf(signer, message.epoch, message.slot, digestOf(message.entry)) } : message;
  const digest = bodyDigest(proven);
  return { ...proven, ...(config.checksum ? { checksum: digest } : {}), ...(config.authentication ? { signature: signatureOf(signer, digest) } : {}) };
}

/** A vote that can be shown to others. */
export const signedVote = (step: Step, candidate: ProcessId, epoch: number): SignedVote => ({ voter: step.context.self, vote: voteOf(step.context.self, candidate, epoch) });

const voteOf = (voter: ProcessId, candidate: ProcessId, epoch: number): number => signatureOf(voter, hashData(['votes for', candidate, epoch]));

/** Whether the sender of a leader's message has shown that it leads that epoch. The first node leads the first by decree. */
export function passesElection(step: Step, from: ProcessId, { epoch, votes }: PbMessage): boolean {
  const { config, context, state } = step, { proven } = state;
  if (!config.authentication || !config.detector || config.succession === 'sorted-live' || epoch < proven.epoch) return true;
  if (epoch === proven.epoch && from === proven.leader) return true;
  const voters = new Set((votes ?? []).filter(({ voter, vote }) => vote === voteOf(voter, from, epoch)).map(({ voter }) => voter));
  // What its candidate could hear nobody else knows: any vote will do.
  if (voters.size < Math.max(1, sizeOf(config.votes, config.nodeCount))) {
    context.discard(`its sender has not shown that it leads {${epoch}}`);
    return false;
  }
  state.proven = { epoch, leader: from };
  return true;
}

/** Whether a message is as its sender sent it, and from whom it says. false: ignored aloud. */
export function passesSeal(step: Step, from: ProcessId, message: PbMessage): boolean {
  const { config, context } = step;
  if (!config.checksum && !config.authentication) return true;
  const digest = bodyDigest(message);
  if (config.checksum && message.checksum !== digest) {
    context.discard('its checksum does not match: it was damaged on its way');
    return false;
  }
  if (config.authentication && message.signature !== signatureOf(from, digest)) {
    context.discard('its signature is not that of its sender');
    return false;
  }
  return true;
}

// --- Evidence -------------------------------------------------------------------------------------------------------

/** Something cannot be true: the message is ignored, and where the knob says so the node does nothing any more. */
export function onEvidence(step: Step, reason: string): void {
  const { config, context, state } = step;
  context.discard(reason);
  if (!config.stopOnEvidence) return;
  if (state.role === 'leader') context.emit('stepsDown', { epoch: state.epoch, detail: reason });
  state.role = 'follower';
  state.leader = undefined;
  state.disk = { ...state.disk, stopped: reason };
  for (const timer of ['suspect', 'heartbeat']) context.clearTimer(timer);
  if (config.persist !== 'none') context.persist(state.disk.promised, -1, -1, '');
}

/** With checksums: what a disk holds before the first entry that is damaged. What came after may be lost, and the node may have voted for it. */
export function readable(config: Config, disk: Disk): Disk {
  if (!config.checksum) return disk;
  for (const [slot, entry] of disk.log) {
    if (entry.checksum === digestOf(entry)) continue;
    const log = disk.log.before(slot);
    if (config.forgetsDamage) return { ...disk, log };
    const unreadable = Math.min(slot, disk.unreadable ?? slot);
    // Nobody replaces the leader of a two-phase commit, nor tells a participant what it held.
    return config.detector ? { ...disk, log, unreadable } : { ...disk, log, unreadable, stopped: `slot ${slot} on its disk is unreadable` };
  }
  return disk;
}

/** Compares the digest of the log before a slot with the own one. false: they differ, and that is evidence. */
export function passesChain(step: Step, entry: Entry, slot: number, theirs: number | undefined): boolean {
  const own = chainOf(step, entry);
  if (own === undefined || theirs === undefined || own === theirs) return true;
  onEvidence(step, `evidence: the logs before slot ${slot} differ`);
  return false;
}

// --- Echoes ---------------------------------------------------------------------------------------------------------

/** What a node says that it holds for a slot. */
export interface Echo {
  readonly epoch: number;
  readonly digest: number;
}

/** Who told this node of the entry that it holds for a slot, and what shows it. */
export interface Told {
  readonly by: ProcessId;
  readonly proof: number | undefined;
}

const NOT_TOLD: Told = { by: -1, proof: undefined };
const echoKey = (step: Step, slot: number, node: ProcessId): number => slot * step.config.nodeCount + node;

/** Notes what `from` says that it holds, in a proposal, an answer or an echo. false: this node was told something else by the same leader. */
export function hearEcho(step: Step, from: ProcessId, slot: number, { epoch, digest }: Echo, told = NOT_TOLD): boolean {
  const { config, state } = step;
  if (config.echoes === 0) return true;
  const key = echoKey(step, slot, from), before = state.echoes.get(key);
  if (before === undefined || before.epoch <= epoch) state.echoes = state.echoes.set(key, { epoch, digest });
  const own = state.disk.log.get(slot);
  if (own === undefined || own.epoch !== epoch || digestOf(own) === digest) return true;
  const shown = told.proof !== undefined && told.by === state.told.get(slot)?.by && told.proof === proofOf(told.by, epoch, slot, digest);
  onEvidence(step, shown ? `evidence: the leader of {${epoch}} has signed two entries for slot ${slot}` : `evidence: it was told something else about slot ${slot}`);
  return false;
}

/** The fields of a proposal's answer that say what this node now holds. */
export const heldAt = (step: Step, slot: number): { readonly digest: number } | undefined =>
  (step.config.echoes > 0 ? { digest: digestOf(step.state.disk.log.get(slot)!) } : undefined);

/** A proposal was accepted: the others are told what it said. Its leader hears it from the answer. */
export function echo(step: Step, from: ProcessId, { slot, proof }: Of<'propose'>): void {
  if (step.config.echoes === 0) return;
  step.state.told = step.state.told.set(slot, { by: from, proof });
  tell(step, others(step).filter((node) => node !== from), slot, false);
}

const others = (step: Step): readonly ProcessId[] => Array.from({ length: step.config.nodeCount }, (_, node) => node).filter((node) => node !== step.context.self);

/** `ask`: it wants to hear what they hold. */
function tell(step: Step, nodes: readonly ProcessId[], slot: number, ask: boolean): void {
  const entry = step.state.disk.log.get(slot)!, { epoch, op, content } = entry, { by, proof } = step.state.told.get(slot) ?? NOT_TOLD;
  sendToEach(step, nodes, { type: 'echo', epoch, slot, op, content, digest: digestOf(entry), by, proof, ask });
}

export function onEcho(step: Step, from: ProcessId, message: Of<'echo'>): void {
  const { slot, ask } = message;
  if (!hearEcho(step, from, slot, message, message)) return;
  if (ask && step.state.disk.log.has(slot)) tell(step, [from], slot, false);
  commitAwaited(step, slot);
  if (step.state.role === 'leader') tryDecide(step, slot);
}

/** Who has not said the same about a slot as this node holds. */
function silent(step: Step, slot: number): readonly ProcessId[] {
  const digest = digestOf(step.state.disk.log.get(slot)!);
  return others(step).filter((node) => step.state.echoes.get(echoKey(step, slot, node))?.digest !== digest);
}

export const isEchoed = (step: Step, slot: number): boolean => step.config.echoes === 0 || step.config.nodeCount - silent(step, slot).length >= step.config.echoes;

/** The slot is decided, as this node has heard; where echoes count it waits for them. `entry`: what it would commit. false: it waits. */
export function commitWhenEchoed(step: Step, slot: number, entry: Entry, epoch: number): boolean {
  const { context, state } = step;
  if (step.config.echoes > 0) {
    setEntry(step, slot, { ...entry, status: 'accepted' });
    if (!isEchoed(step, slot)) {
      state.awaited = state.awaited.set(slot, epoch);
      tell(step, silent(step, slot), slot, true);
      if (step.config.retry) context.setTimer('echo', RETRY_US, slot);
      return false;
    }
  }
  commitAt(step, slot, { ...entry, status: 'committed' }, epoch);
  return true;
}

/** Another echo has come: what waited for it may be committed now. */
function commitAwaited(step: Step, slot: number): void {
  const { state } = step, entry = state.disk.log.get(slot), epoch = awaitedSince(step, slot);
  if (epoch === undefined || entry === undefined || !isEchoed(step, slot)) return;
  state.awaited = state.awaited.delete(slot);
  step.context.clearTimer('echo', slot);
  commitAt(step, slot, { ...entry, status: 'committed' }, epoch);
}

/** The epoch in which a slot was said to be decided. What an older leader said than the node obeys by now, the next one says again. */
function awaitedSince(step: Step, slot: number): number | undefined {
  const { config, state } = step, epoch = state.awaited.get(slot);
  if (epoch === undefined || !epochsOn(config) || epoch >= state.disk.promised) return epoch;
  state.awaited = state.awaited.delete(slot);
  return undefined;
}

export function onEchoTimer(step: Step, slot: number): void {
  if (awaitedSince(step, slot) === undefined || !step.state.disk.log.has(slot)) return;
  tell(step, silent(step, slot), slot, true);
  step.context.setTimer('echo', RETRY_US, slot);
}
