import type { ExpectationModel } from '../model/scenario.ts';
import type { Evidence, Judgement } from './expectations.ts';
import { stillToCome } from './expectViolations.ts';
import { leadersAt, reignsOf, type Reign } from './reigns.ts';
import { listed } from '../model/suggest.ts';
import { formatTime } from './words.ts';

type Leads = Extract<ExpectationModel, { kind: 'leads' }>;
type NoLeader = Extract<ExpectationModel, { kind: 'no-leader' }>;

/** Met when the node began to lead (that epoch) at any moment of the run, or by the deadline. */
export function judgeLeads(evidence: Evidence, expectation: Leads): Judgement {
  const reigns = reignsOf(evidence.execution);
  const own = reigns.filter((reign) => reign.node === expectation.node);
  const ofEpoch = own.filter((reign) => expectation.epoch === undefined || reign.epoch === expectation.epoch);
  const deadline = expectation.byUs ?? Infinity;
  if (ofEpoch.some((reign) => reign.fromUs <= deadline)) return { met: true, message: '', open: false };
  return { met: false, message: leadsInstead(evidence, expectation, own, ofEpoch, reigns), open: stillToCome(evidence, expectation.byUs) };
}

function leadsInstead(evidence: Evidence, expectation: Leads, own: readonly Reign[], ofEpoch: readonly Reign[],
  reigns: readonly Reign[]): string {
  const { names } = evidence.execution;
  const node = names[expectation.node] ?? '?';
  const late = ofEpoch[0];
  if (late !== undefined) return `${node} led only from ${formatTime(late.fromUs)} on${epochOf(late)}`;
  if (own.length > 0) {
    const led = own.map((reign) => `epoch ${reign.epoch} from ${formatTime(reign.fromUs)}`);
    return `${node} never led epoch ${expectation.epoch ?? ''}; it led ${listed(led)}`;
  }
  const others = reigns.slice(0, 4).map((reign) => `${names[reign.node] ?? '?'} led${epochWords(reign)} ${during(reign)}`);
  return `${node} never led; ${others.length === 0 ? 'nobody did' : listed(others)}${reigns.length > 4 ? ', and so on' : ''}`;
}

function epochOf(reign: Reign): string {
  return reign.epoch < 0 ? '' : `, in epoch ${reign.epoch}`;
}

function epochWords(reign: Reign): string {
  return reign.epoch < 0 ? '' : ` epoch ${reign.epoch}`;
}

function during(reign: Reign): string {
  if (reign.toUs !== Infinity) return `from ${formatTime(reign.fromUs)} to ${formatTime(reign.toUs)}`;
  return reign.fromUs === 0 ? 'for the whole run' : `from ${formatTime(reign.fromUs)} on`;
}

/** Met when nobody leads at the deadline, or at the end. */
export function judgeNoLeader(evidence: Evidence, expectation: NoLeader): Judgement {
  const { execution } = evidence;
  const at = Math.min(expectation.byUs ?? Infinity, execution.endUs);
  const leaders = leadersAt(reignsOf(execution), at);
  const open = stillToCome(evidence, expectation.byUs);
  if (leaders.length === 0) return { met: true, message: '', open };
  const who = leaders.map((reign) => `${execution.names[reign.node] ?? '?'} leads${epochWords(reign)}`);
  return { met: false, message: `${listed(who)} at ${at < execution.endUs ? formatTime(at) : 'the end'}`, open };
}
