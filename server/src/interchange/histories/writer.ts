/** Operations as a history block says them. */
import type { HistoryModel } from '../../language/syntax.ts';
import { stepsOf, type ImportedCall } from './calls.ts';
import type { Problem, Value } from './events.ts';

/** The key of a history that has one object and no name for it. */
const ONLY_KEY = 'x';

export interface Meaning {
  /** What a read of nil says: the key was not there, or nobody learned what was. */
  readonly nil: 'absent' | 'unknown';
  readonly model: HistoryModel;
}

const NAME = /^[A-Za-z](?:[\w.]|-(?!>))*$/, NUMBER = /^-?\d+(?:\.\d+)?$/, OUTCOME = /^(?:ok|failed|unknown)$/;

/** A value as a document writes it; what a string cannot hold there is written as in an address (`%22` for a quote). */
export function valueText(value: string): string {
  if ((NAME.test(value) && !OUTCOME.test(value) && !value.includes('..')) || NUMBER.test(value)) return value;
  return `"${value.replaceAll(/["%\u0000-\u001f\u007f\u2028\u2029]/g, (char) => encodeURIComponent(char))}"`;
}

export function keyText(key: string | undefined): string {
  const text = valueText(key ?? ONLY_KEY);
  return NUMBER.test(text) ? `"${text}"` : text;
}

class Unwritable extends Error {}

/** One statement, or why there is none. Reads that told nothing are left out: ''. */
export function statementOf(call: ImportedCall, meaning: Meaning): string | Problem {
  try {
    const said = sentence(call, meaning);
    if (said === '') return '';
    const { process, start, end, outcome } = call;
    const ended = outcome === 'fail' ? ' failed' : outcome === 'info' ? '' : said.answer;
    return `p${process} ${start}..${end ?? ''} ${said.asked}${ended}`;
  } catch (error) {
    if (error instanceof Unwritable) return { line: call.line, problem: error.message };
    throw error;
  }
}

interface Sentence {
  readonly asked: string;
  readonly answer: string;
}

function sentence(call: ImportedCall, meaning: Meaning): Sentence | '' {
  if (call.f === 'txn') return transaction(call, meaning);
  const key = keyText(call.key), done = (asked: string): Sentence => ({ asked, answer: ' ok' });
  switch (call.f) {
    case 'read': case 'get': return reading(call, key, meaning);
    case 'write': case 'put': case 'set': return done(`writes ${key} = ${single(call)}`);
    case 'append': return done(`appends ${single(call)} to ${key}`);
    case 'add': return done(`adds ${call.asked === undefined && meaning.model === 'counter' ? '1' : single(call)} to ${key}`);
    case 'delete': return done(`deletes ${key}`);
    case 'remove': return done(`removes ${single(call)} from ${key}`);
    case 'cas': return done(exchange(call, key));
    case 'enqueue': return done(`enqueues ${single(call)} to ${key}`);
    case 'push': return done(`pushes ${single(call)} to ${key}`);
    case 'dequeue': return taken(call, `dequeues ${key}`);
    case 'pop': return taken(call, `pops ${key}`);
    case 'acquire': case 'lock': return done(`acquires ${key}`);
    case 'release': case 'unlock': return done(`releases ${key}`);
    default: throw new Unwritable(`no model has an operation ‘${call.f}’`);
  }
}

function single({ asked, f }: ImportedCall): string {
  if (typeof asked !== 'string') throw new Unwritable(asked === undefined ? `a ${f} without a value` : `a ${f} of several values`);
  return valueText(asked);
}

function exchange({ asked }: ImportedCall, key: string): string {
  const [from, to, more] = typeof asked === 'object' ? asked : [];
  if (typeof to !== 'string' || typeof from === 'object' || more !== undefined) throw new Unwritable('a cas needs two values, [expected new]');
  return `cas ${key} ${from === undefined ? 'nil' : valueText(from)} -> ${valueText(to)}`;
}

function reading({ f, outcome, answered }: ImportedCall, key: string, { nil, model }: Meaning): Sentence | '' {
  // A read that failed, or never came back, says nothing of the object.
  if (outcome !== 'ok' || (answered === undefined && nil === 'unknown' && !(f === 'txn' && model === 'list'))) return '';
  const asked = `reads ${key}`;
  if (model === 'list' || model === 'set') return { asked, answer: ` ${collection(answered, model)}` };
  if (typeof answered === 'object') throw new Unwritable('a read that got several values, of an object that holds one');
  return { asked, answer: ` ${answered === undefined || (answered === '' && model === 'text') ? 'nil' : valueText(answered)}` };
}

/** `[["append", k, v], ["r", k, […]], ["w", k, v]]`, as Elle's workloads have it. What was read is known only of one that was done. */
function transaction(call: ImportedCall, meaning: Meaning): Sentence | '' {
  const done = call.outcome === 'ok';
  const parts = stepsOf(done ? call.answered ?? call.asked : call.asked)?.flatMap(([f, key, value]): readonly string[] => {
    const on = keyText(key);
    switch (f) {
      case 'append': return [`appends ${single({ ...call, f, asked: value })} to ${on}`];
      case 'w': case 'write': return [`writes ${on} = ${single({ ...call, f, asked: value })}`];
      case 'r': case 'read': {
        const said = done ? reading({ ...call, answered: value }, on, meaning) : '';
        return said === '' ? [] : [said.asked + said.answer];
      }
      default: throw new Unwritable(`no transaction has a step ‘${f}’`);
    }
  });
  if (parts === undefined) throw new Unwritable('a txn is a list of steps, [f key value] each');
  return parts.length === 0 ? '' : { asked: `does { ${parts.join('; ')} }`, answer: ' ok' };
}

function collection(value: Value, model: 'list' | 'set'): string {
  const items = (value === undefined ? [] : typeof value === 'string' ? [value] : value).map((item) => {
    if (typeof item !== 'string') throw new Unwritable('a collection that holds something else than values');
    return valueText(item);
  });
  return model === 'list' ? `[${items.join(' ')}]` : `{${items.join(' ')}}`;
}

function taken({ answered, outcome }: ImportedCall, asked: string): Sentence {
  if (typeof answered === 'object') throw new Unwritable('it took several values at once');
  return { asked, answer: outcome === 'ok' ? ` ${answered === undefined ? 'nil' : valueText(answered)}` : '' };
}
