/** Leader election (§5.2, §5.4.1), and what the thesis adds to it: pre-vote (9.6) and check-quorum (6.2, 4.2.3). */
import { PersistentMap } from '../../engine/persistent.ts';
import type { ProcessId } from '../../model/scenario.ts';
import { countedIn, isQuorum, mayCount, trackServers, voters } from './membership.ts';
import { beginWait, boundUs, dropLease } from './leases.ts';
import { appendNoOp, broadcast } from './replication.ts';
import { about, answer, HEARTBEAT_US, lastIndex, lastTerm, save, type Of, type Step } from './state.ts';

// --- Terms ----------------------------------------------------------------------------------------------------------

/**
 * "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (Figure 2). A term
 * thus only grows, and who led or stood in an older one no longer does.
 */
export function adoptTerm(step: Step, term: number, heardFrom: ProcessId): void {
  const { context, state } = step;
  if (term <= state.disk.currentTerm) return;
  if (state.role === 'leader') stepDown(step, `it heard of term ${term}`);
  state.disk = { ...state.disk, currentTerm: term, votedFor: undefined };
  step.unsaved = true;
  context.emit('promise', { epoch: term, peer: heardFrom });
  state.role = 'follower';
  state.leader = undefined;
  state.votes = [];
}

export function stepDown(step: Step, reason: string): void {
  const { context, state } = step;
  context.emit('stepsDown', { epoch: state.disk.currentTerm, detail: reason });
  state.role = 'follower';
  state.leader = undefined;
  state.waiting = PersistentMap.empty();
  state.reads = PersistentMap.empty();
  state.transferee = undefined;
  dropLease(step);
  context.clearTimer('transfer');
  state.changes = [];
  state.learners = [];
  context.clearTimer('heartbeat');
  context.clearTimer('quorum');
  restartElectionTimer(step);
}

/** An AppendEntries of the current term: its sender leads it. */
export function follow(step: Step, from: ProcessId, term: number): void {
  const { context, state } = step;
  if (state.leader !== from || state.role !== 'follower') context.emit('follows', { epoch: term, peer: from });
  state.role = 'follower';
  state.leader = from;
  state.votes = [];
  state.heardLeaderUs = context.nowUs;
  beginWait(step, false);
  restartElectionTimer(step);
}

export function restartElectionTimer(step: Step): void {
  const { config, context } = step;
  const jitter = config.jitterUs > 0 ? context.random('jitter', config.jitterUs + 1) : 0;
  context.setTimer('election', config.timeoutUs[context.self]! + jitter);
}

// --- Candidates -----------------------------------------------------------------------------------------------------

/** "If election timeout elapses without receiving AppendEntries from current leader or granting vote to candidate". */
export function onElectionTimeout(step: Step): void {
  const { config, context, state } = step;
  if (state.role === 'leader') return;
  if (!mayCount(step, context.self)) return context.discard('it is no member');
  context.emit('timeout');
  if (boundUs(step) > 0) return context.setTimer('election', boundUs(step));
  state.leader = undefined;
  if (config.preVote) askBeforehand(step);
  else stand(step);
}

/** Pre-vote: first find out whether the others would vote, without disturbing anybody's term. */
function askBeforehand(step: Step): void {
  const { context, state } = step;
  state.role = 'pre-candidate';
  state.votes = [context.self];
  restartElectionTimer(step);
  if (isQuorum(step, state.votes, 'votes')) return stand(step);
  const { log, currentTerm } = state.disk;
  save(step);
  for (const node of voters(step)) {
    context.send(node, { ...about(step, lastIndex(log)), type: 'pre-vote', nextTerm: currentTerm + 1, lastLogIndex: lastIndex(log), lastLogTerm: lastTerm(log) });
  }
}

/** "On conversion to candidate: increment currentTerm, vote for self, reset election timer, send RequestVote to all". `wished`: by the leader. */
export function stand(step: Step, wished = false): void {
  const { state } = step;
  raiseTerm(step);
  restartElectionTimer(step);
  const { log } = state.disk;
  for (const node of voters(step)) {
    answer(step, node, { ...about(step, lastIndex(log)), type: 'request-vote', lastLogIndex: lastIndex(log), lastLogTerm: lastTerm(log), wished });
  }
  if (isQuorum(step, state.votes, 'votes')) lead(step);
}

/** The next term, with its own vote in it. */
export function raiseTerm(step: Step): void {
  const { context, state } = step;
  const term = state.disk.currentTerm + 1;
  state.role = 'candidate';
  state.leader = undefined;
  state.disk = { ...state.disk, currentTerm: term, votedFor: context.self };
  step.unsaved = true;
  context.emit('candidate', { epoch: term });
  context.emit('promise', { epoch: term, peer: context.self });
  context.emit('vote', { epoch: term, peer: context.self });
  state.votes = [context.self];
}

export function onVote(step: Step, from: ProcessId, message: Of<'vote'>): void {
  const { context, state } = step;
  if (message.epoch < state.disk.currentTerm) return context.discard(`a vote of term ${message.epoch}`);
  if (state.role !== 'candidate') return context.discard('it does not stand for election');
  if (!message.granted) return context.discard('no vote');
  if (!state.votes.includes(from)) state.votes = [...state.votes, from];
  // Any two quorums share a server, and a server votes once a term: so a term has one leader at most (election safety).
  if (isQuorum(step, state.votes, 'votes')) lead(step);
}

export function lead(step: Step): void {
  const { context, state } = step, { votes, members } = countedIn(step, state.votes);
  context.emit('leads', { epoch: state.disk.currentTerm, a: votes, b: members });
  beginTerm(step);
}

/** "Upon election": the volatile state of leaders is made anew, and everybody hears of it. */
export function beginTerm(step: Step): void {
  const { config, context, state } = step;
  const last = lastIndex(state.disk.log);
  state.role = 'leader';
  state.leader = context.self;
  state.votes = [];
  state.nextIndex = PersistentMap.empty();
  state.matchIndex = PersistentMap.empty();
  state.sentIndex = PersistentMap.empty();
  state.learners = [];
  state.changes = [];
  trackServers(step);
  state.waiting = PersistentMap.empty();
  state.reads = PersistentMap.empty();
  state.answered = PersistentMap.empty();
  state.heardFrom = PersistentMap.empty();
  state.firstOfTerm = last + 1;
  state.handedOver = false;
  dropLease(step);
  context.clearTimer('election');
  context.setTimer('heartbeat', HEARTBEAT_US);
  if (config.checkQuorum) context.setTimer('quorum', config.timeoutUs[context.self]!);
  if (config.readNoOp) appendNoOp(step);
  broadcast(step);
}

// --- Voters ---------------------------------------------------------------------------------------------------------

export function onRequestVote(step: Step, from: ProcessId, message: Of<'request-vote'>): void {
  const { context, state } = step;
  const reason = whyNot(step, from, message);
  if (reason !== undefined) {
    context.discard(reason);
    return answer(step, from, { ...about(step, -1, undefined, 'refused'), type: 'vote', granted: false });
  }
  if (state.role !== 'leader') state.role = 'follower';
  if (state.disk.votedFor !== from) {
    state.disk = { ...state.disk, votedFor: from };
    step.unsaved = true;
  }
  context.emit('vote', { epoch: message.epoch, peer: from });
  if (state.role === 'follower') restartElectionTimer(step);
  answer(step, from, { ...about(step, -1, undefined, 'granted'), type: 'vote', granted: true });
}

/** "1. Reply false if term < currentTerm. 2. If votedFor is null or candidateId, and the log is at least as up-to-date, grant vote." */
function whyNot(step: Step, candidate: ProcessId, message: Of<'request-vote'>): string | undefined {
  const { config, context, state } = step;
  const { currentTerm, votedFor } = state.disk;
  if (message.epoch < currentTerm) return `it is in term ${currentTerm}`;
  if (votedFor !== undefined && votedFor !== candidate && config.oneVote) {
    return votedFor === context.self ? `it voted for itself in term ${currentTerm}` : `it has voted for another in term ${currentTerm}`;
  }
  if (config.electionRestriction && !isUpToDate(step, message)) return 'the candidate’s log is less up-to-date than its own';
  return undefined;
}

/**
 * §5.4.1: compare the terms of the last entries, then the lengths. A committed entry is on a quorum; whoever gets the votes
 * of a quorum has a log at least as up-to-date as one of those, and so (§5.4.3) holds every committed entry.
 */
function isUpToDate(step: Step, { lastLogIndex, lastLogTerm }: Of<'request-vote'> | Of<'pre-vote'>): boolean {
  const { log } = step.state.disk;
  return lastLogTerm > lastTerm(log) || (lastLogTerm === lastTerm(log) && lastLogIndex >= lastIndex(log));
}

// --- Pre-vote and check-quorum --------------------------------------------------------------------------------------

/** Whether it leads, or has heard a leader of its term within the shortest election timeout. */
export function hearsLeader(step: Step): boolean {
  const { config, context, state } = step;
  return state.role === 'leader' || context.nowUs - state.heardLeaderUs < config.baselineUs;
}

/** A question about an election that may never be: nothing of this server's state changes. */
export function onPreVote(step: Step, from: ProcessId, message: Of<'pre-vote'>): void {
  const { context, state } = step;
  const reason = message.nextTerm <= state.disk.currentTerm ? `it is in term ${state.disk.currentTerm}`
    : !isUpToDate(step, message) ? 'the candidate’s log is less up-to-date than its own'
    : hearsLeader(step) || boundUs(step) > 0 ? 'it hears a leader' : undefined;
  if (reason !== undefined) context.discard(reason);
  const granted = reason === undefined;
  answer(step, from, { ...about(step, -1, undefined, granted ? 'granted' : 'refused'), type: 'pre-vote-reply', nextTerm: message.nextTerm, granted });
}

export function onPreVoteReply(step: Step, from: ProcessId, message: Of<'pre-vote-reply'>): void {
  const { context, state } = step;
  if (state.role !== 'pre-candidate' || message.nextTerm !== state.disk.currentTerm + 1) return context.discard('it does not ask for that term');
  if (!message.granted) return context.discard('no vote');
  if (!state.votes.includes(from)) state.votes = [...state.votes, from];
  if (isQuorum(step, state.votes, 'votes')) stand(step);
}

/** A leader that a quorum has not answered for an election timeout may have been replaced: it gives up. */
export function onQuorumTimer(step: Step): void {
  const { config, context, state } = step;
  if (state.role !== 'leader') return;
  if (!isQuorum(step, [context.self, ...state.heardFrom.keys()], 'commit')) return stepDown(step, 'it has not heard from a majority for an election timeout');
  state.heardFrom = PersistentMap.empty();
  context.setTimer('quorum', config.timeoutUs[context.self]!);
}
