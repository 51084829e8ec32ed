/** What an operation or an entry asks for, from its text: the way back from words.ts. */
import { isTransaction, moveOf, stepsIn } from '../model/actions.ts';
import type { ActionModel } from '../model/scenario.ts';
import { multiStepOf, pathOf, sessionCallOf } from '../model/sessions.ts';

const AMOUNT = /^-?\d+(\.\d+)?$/;

/** From its word and content (`write`, `k = 1`); undefined where the content is not that of such a request. */
export function actionOf(word: string, content: string): ActionModel | undefined {
  switch (word) {
    case 'write': return writeOf(content);
    case 'read': return content === '' ? undefined : { kind: 'read', key: content };
    case 'delete': return content === '' ? undefined : { kind: 'delete', key: content };
    case 'add': return addOf(content);
    case 'append': {
      const parts = /^(.+) to (\S+)$/.exec(content);
      return parts === null ? undefined : { kind: 'append', value: parts[1]!, key: parts[2]! };
    }
    case 'cas': {
      const parts = /^(\S+) (.+) -> (.+)$/.exec(content);
      return parts === null ? undefined : { kind: 'cas', key: parts[1]!, from: parts[2]!, to: parts[3]! };
    }
    case 'move': {
      const parts = /^(\S+) from (\S+) to (\S+)$/.exec(content);
      return parts === null || !AMOUNT.test(parts[1]!) ? undefined : moveOf(Number(parts[1]!), parts[2]!, parts[3]!);
    }
    case 'do': case 'commit': return transactionOf(content);
    // Prepared or aborted, a part of a transaction leaves nothing.
    case 'prepare': case 'abort': return transactionOf(content) === undefined ? undefined : { kind: 'do', actions: [] };
    case 'multi': return multiOf(content);
    // Of whom it names, checkers ask nothing.
    case 'members': return content === '' ? undefined : { kind: 'members', add: [], remove: [], to: undefined, text: content };
    default: {
      const call = sessionCallOf(word, content);
      return call === undefined ? undefined : { kind: 'session', key: pathOf(call), call };
    }
  }
}

/** What each step of a transaction is, by its word and content. */
function eachStep<T>(content: string, of: (word: string, content: string) => T): readonly T[] {
  return stepsIn(content).map((step) => {
    const [word = ''] = step.split(' ', 1);
    return of(word, step.slice(word.length + 1));
  });
}

/** `create /a = 1; remove /b` */
function multiOf(content: string): ActionModel | undefined {
  const steps = eachStep(content, multiStepOf), known = steps.filter((step) => step !== undefined);
  return known.length === 0 || known.length < steps.length ? undefined : { kind: 'session', key: '', call: { kind: 'multi', steps: known } };
}

/** `read x; write y = 2` */
function transactionOf(content: string): ActionModel | undefined {
  const actions = eachStep(content, actionOf);
  const parts = actions.flatMap((action) => (action === undefined || action.kind === 'members' || isTransaction(action) || action.kind === 'session' ? [] : [action]));
  return parts.length === 0 || parts.length < actions.length ? undefined : { kind: 'do', actions: parts };
}

function writeOf(content: string): ActionModel | undefined {
  const parts = /^(\S+) = (.+)$/.exec(content);
  return parts === null ? undefined : { kind: 'write', key: parts[1]!, value: parts[2]! };
}

function addOf(content: string): ActionModel | undefined {
  const parts = /^(\S+) to (\S+)$/.exec(content);
  return parts === null || !AMOUNT.test(parts[1]!) ? undefined : { kind: 'add', amount: Number(parts[1]!), key: parts[2]! };
}

/** What nodes without a leader say of an entry besides: after what it comes. */
const ATTRIBUTES = /, seq \d+(?:, deps [^,]+)?$/;

/** `k = 1` of `k = 1, seq 2, deps A.1`. */
export const entryIn = (content: string): string => content.replace(ATTRIBUTES, '');

/** What an entry of a log does: `k = 1`, or in full `add 5 to k`. */
export function actionOfEntry(content: string): ActionModel | undefined {
  const entry = entryIn(content), space = entry.indexOf(' ');
  return (space < 0 ? undefined : actionOf(entry.slice(0, space), entry.slice(space + 1))) ?? actionOf('write', entry);
}

/** What an operation does where a slot holds it, as the `at`-th of `count`: a log may hold a part of a transaction only, and says which. */
export function carriedOutAs(action: ActionModel, text: string, at: number, count: number): ActionModel {
  if (!isTransaction(action)) return action;
  const pieces = text.split(' | ');
  return actionOfEntry(pieces.length === count ? pieces[at]! : text) ?? action;
}
