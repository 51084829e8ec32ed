/**
 * Operations over several shards (protocols.md A12). The leader of the first of them, its home, carries it out:
 *
 * - `unsafe`: each shard does its part by itself, whenever its turn comes.
 * - `2pc`: each part is an entry that locks its keys, shard after shard in one fixed order, so that no two operations wait for
 *   each other; then the outcome is an entry of the home's log, and once it is there, told to the client and to the others, as entries
 *   that unlock. Requests for a locked key wait. What was prepared follows from the logs alone, and every node that leads the home
 *   comes to the same outcome: a new leader of it goes on with what it finds prepared and not told everywhere (Gray and Lamport
 *   2006 replicate the coordinator's state for the same reason). A part is a request with a session of its own, so asking
 *   again is harmless.
 *
 * What blocks: as long as nobody can lead the home shard, the others cannot know the outcome, and keep their keys locked.
 */
import type { Request } from '../../engine/protocol.ts';
import { answerText, foundIn, partsOf as actionsOf } from '../../model/actions.ts';
import type { ActionModel, Transaction, TransactionStage } from '../../model/scenario.ts';
import { entryText, requestKey } from '../keyValue.ts';
import type { Coordinated } from './shards.ts';
import type { Sharding } from './sharding.ts';
import { partsOf, RETRY_US } from './state.ts';

/** A part's session: that of the client, one for preparing, one for what was decided. Sessions are processes, of which there are few. */
const SESSIONS = { part: 0, prepare: 0x4000, decide: 0x8000 } as const;
const CLIENT_SESSIONS = 0x4000;

/** The whole that a part belongs to. */
const wholeKey = ({ session, sequence }: Request): number => requestKey({ session: session % CLIENT_SESSIONS, sequence });

// --- The coordinator ------------------------------------------------------------------------------------------------

/** A client asks for something that spans several shards. */
export function onTransaction(sharding: Sharding, request: Request, shards: readonly number[]): void {
  const { context, plan } = sharding, home = shards[0]!;
  if (plan.multiKey === 'forbid') return context.reply(request, 'failed', '');
  if (!sharding.leads(home)) return sharding.submit(home, request);
  if (sharding.state.transactions.has(requestKey(request))) return context.discard('it is at work on this request already');
  begin(sharding, request, shards);
}

function begin(sharding: Sharding, request: Request, shards: readonly number[]): void {
  const phase = sharding.plan.multiKey === '2pc' ? 'prepare' : 'parts';
  setTransaction(sharding, { request, shards, phase, commit: true, answers: shards.map(() => undefined), told: [], failed: false });
  sharding.context.setTimer('transaction', RETRY_US, requestKey(request));
  ask(sharding, requestKey(request));
}

function setTransaction({ state }: Sharding, transaction: Coordinated): void {
  state.transactions = state.transactions.set(requestKey(transaction.request), transaction);
}

/** Asks for whatever is wanting next; also when nothing has come for a while. */
function ask(sharding: Sharding, key: number): void {
  const transaction = sharding.state.transactions.get(key);
  if (transaction === undefined) return;
  const { shards, phase, answers, commit, told } = transaction, decision = commit ? 'commit' : 'abort';
  const missing = shards.filter((_, at) => answers[at] === undefined);
  if (phase === 'parts') for (const shard of missing) askFor(sharding, transaction, shard, undefined);
  if (phase === 'prepare') askFor(sharding, transaction, missing[0]!, 'prepare');
  if (phase === 'decide') askFor(sharding, transaction, shards[0]!, decision);
  if (phase === 'tell') for (const shard of shards) if (!told.includes(shard)) askFor(sharding, transaction, shard, decision);
}

function askFor(sharding: Sharding, { request }: Coordinated, shard: number, step: TransactionStage['step'] | undefined): void {
  const { context, plan } = sharding, { client, session, sequence, op } = request, whole = request.action as Transaction;
  const action: ActionModel = {
    kind: 'do', actions: plan.partsIn(whole, shard), ...(step === undefined ? {} : { stage: { step, client, session, sequence, whole } }),
  };
  const sessions = step === undefined ? SESSIONS.part : step === 'prepare' ? SESSIONS.prepare : SESSIONS.decide;
  const part: Request = { client: context.self, session: session + sessions, sequence, op, action };
  const leader = sharding.leaderOf(shard);
  if (leader === context.self) sharding.submit(shard, part);
  else if (leader !== undefined) context.send(leader, { type: 'part', epoch: -1, slot: -1, op, content: entryText(action), shard, request: part });
}

export function onTransactionTimer(sharding: Sharding, key: number): void {
  if (!sharding.state.transactions.has(key)) return;
  sharding.context.setTimer('transaction', RETRY_US, key);
  ask(sharding, key);
}

/** A shard has done a part, or could not. */
export function onPartDone(sharding: Sharding, shard: number, part: Request, outcome: 'ok' | 'failed', value: string): void {
  const transaction = sharding.state.transactions.get(wholeKey(part)), at = transaction?.shards.indexOf(shard) ?? -1;
  if (transaction === undefined) return sharding.context.discard('the operation is over');
  const step = stageOf(part.action)?.step;
  const answers = transaction.answers.with(at, value);
  if (step === undefined) return onPart(sharding, { ...transaction, answers, failed: transaction.failed || outcome === 'failed' });
  if (step === 'prepare') {
    if (transaction.phase !== 'prepare' || transaction.answers[at] !== undefined) return;
    const next = { ...transaction, answers: outcome === 'ok' ? answers : transaction.answers };
    const phase = outcome === 'failed' || answers.every((answer) => answer !== undefined) ? 'decide' : 'prepare';
    setTransaction(sharding, { ...next, phase, commit: outcome === 'ok' });
  } else {
    if (transaction.phase === 'prepare') return;
    const told = [...new Set([...transaction.told, shard])];
    if (transaction.phase === 'decide') answer(sharding, transaction, transaction.commit);
    // Where a shard was not prepared there is nothing to undo.
    const concerned = transaction.shards.filter((_, index) => transaction.answers[index] !== undefined);
    if (concerned.every((each) => told.includes(each))) return end(sharding, transaction);
    setTransaction(sharding, { ...transaction, phase: 'tell', told: [...told, ...transaction.shards.filter((each) => !concerned.includes(each))] });
  }
  ask(sharding, wholeKey(part));
}

/** `unsafe`: all have to have answered, and that is all there is to it. */
function onPart(sharding: Sharding, transaction: Coordinated): void {
  setTransaction(sharding, transaction);
  if (transaction.answers.some((each) => each === undefined)) return;
  answer(sharding, transaction, !transaction.failed);
  end(sharding, transaction);
}

function end({ context, state }: Sharding, { request }: Coordinated): void {
  state.transactions = state.transactions.delete(requestKey(request));
  context.clearTimer('transaction', requestKey(request));
}

/** What was found in each shard, put together in the order in which it was asked for. */
function answer({ context, plan }: Sharding, { request, shards, answers }: Coordinated, ok: boolean): void {
  if (!ok) return context.reply(request, 'failed', '');
  const found = new Map(shards.map((shard, at) => [shard, [...foundIn({ kind: 'do', actions: plan.partsIn(request.action, shard) }, answers[at])]]));
  const reads = actionsOf(request.action).filter(({ kind }) => kind === 'read');
  context.reply(request, 'ok', answerText(request.action, reads.map((read) => found.get(plan.shardsOf(read)[0]!)!.shift() ?? 'nil')));
}

// --- The shards -----------------------------------------------------------------------------------------------------

const stageOf = (action: ActionModel): TransactionStage | undefined => (action.kind === 'do' ? action.stage : undefined);

/** It begins to lead a shard: what it finds prepared and not told everywhere is its own to finish, or keeps it in doubt. */
export function onLeading(sharding: Sharding, shard: number): void {
  for (const found of prepared(sharding, shard)) {
    const { op, stage } = found;
    const shards = sharding.plan.shardsOf(stage.whole), key = requestKey(stage);
    if (shards[0] !== shard) {
      if (!isDecided(sharding, shard, key)) doubt(sharding, shard, found);
    } else if (!sharding.state.transactions.has(key) && !shards.every((each) => isDecided(sharding, each, key))) {
      begin(sharding, { client: stage.client, session: stage.session, sequence: stage.sequence, op, action: stage.whole }, shards);
    }
  }
}

interface Prepared { readonly slot: number; readonly op: number; readonly stage: TransactionStage }

function stagesOf({ state }: Sharding, shard: number): readonly Prepared[] {
  return [...state.shards[shard]!.disk.log].flatMap(([slot, entry]) => (entry.status === 'aborted' ? [] : partsOf(entry))
    .flatMap(({ action, op }) => { const stage = stageOf(action); return stage === undefined ? [] : [{ slot, op, stage }]; }));
}

const prepared = (sharding: Sharding, shard: number): readonly Prepared[] => stagesOf(sharding, shard).filter(({ stage }) => stage.step === 'prepare');

/** Whether the outcome is in this node's copy of a shard's log. */
const isDecided = (sharding: Sharding, shard: number, key: number): boolean =>
  stagesOf(sharding, shard).some(({ stage }) => stage.step !== 'prepare' && requestKey(stage) === key);

/** A part has been done at a shard that this node leads: between the two phases only the home knows how it will end. */
export function noteStage(sharding: Sharding, shard: number, part: Request, outcome: 'ok' | 'failed'): void {
  const stage = stageOf(part.action);
  if (stage === undefined || sharding.plan.shardsOf(stage.whole)[0] === shard) return;
  if (stage.step !== 'prepare') return settle(sharding, shard, requestKey(stage));
  const found = prepared(sharding, shard).find((each) => requestKey(each.stage) === requestKey(stage));
  if (outcome === 'ok' && found !== undefined && !isDecided(sharding, shard, requestKey(stage))) doubt(sharding, shard, found);
}

/** Somebody else leads the shard, and is in doubt instead. */
export function onStepDown(sharding: Sharding, shard: number): void {
  for (const name of sharding.state.doubts.keys()) {
    const [of = '', key = ''] = name.split(' ');
    if (Number(of) === shard) settle(sharding, shard, Number(key));
  }
}

function doubt(sharding: Sharding, shard: number, { slot, op, stage }: Prepared): void {
  const { context, plan, state } = sharding, name = `${shard} ${requestKey(stage)}`;
  const knows = sharding.leaderOf(plan.shardsOf(stage.whole)[0]!);
  if (state.doubts.has(name) || knows === context.self) return;
  state.doubts = state.doubts.set(name, slot);
  context.emit('doubt', { peer: knows ?? -1, ...inDoubt(sharding, shard, slot), op });
}

function settle(sharding: Sharding, shard: number, key: number): void {
  const { context, state } = sharding, name = `${shard} ${key}`, slot = state.doubts.get(name);
  if (slot === undefined) return;
  state.doubts = state.doubts.delete(name);
  context.emit('settled', inDoubt(sharding, shard, slot));
}

function inDoubt({ state }: Sharding, shard: number, slot: number): { epoch: number; slot: number; text: string; group: number } {
  const { disk, epoch } = state.shards[shard]!;
  return { epoch, slot, text: disk.log.get(slot)?.content ?? '', group: shard + 1 };
}
